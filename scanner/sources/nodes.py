"""The instrument's file (`config/nodes.yaml`) to an Instrument.

The file may hold keys and passwords, so its mistakes name line and key and quote nothing of it. Two nodes that could be
one voice under two names are refused: a quorum is only worth what its voices are apart. Not here: connecting, and what
a node says of itself (`scanner.chains`). The file's form is described for its writers in docs/claim.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.core.paths import AnyPath
from scanner.sources.cursor import Cursor
from scanner.sources.node_chain import node_chain
from scanner.sources.node_url import NodeUrl, UrlError, parse_url, unfillable
from scanner.sources.policy import MAX_BYTES, read_policy
from scanner.sources.proxy_url import parse_proxy
from scanner.sources.yaml_document import Notes, parse, read_bytes
from scanner.weighing.instrument import Instrument, SharedHost
from scanner.weighing.policy import Policy

MAX_PROOFS: Final = 10**9
MAX_IN_FLIGHT: Final = 1000  # requests
LONGEST_TIMEOUT: Final = 3600  # seconds
LONGEST_URL: Final = 4000  # characters

T = TypeVar("T")

_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{22,200}", re.ASCII)
_OPERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def load_instrument(path: AnyPath, environ: Mapping[str, str]) -> Instrument:
    """The nodes and the policy in the file at `path`. Raises InputError with all mistakes; none quotes a URL.

    `environ` holds the values for `${NAME}`.
    """
    path = Path(path)
    root = _root(path)
    fields = root.fields(("nodes",), ("patience", "policy", "prove", "proxy", "sample_nonce"))
    policy = read_policy(fields["policy"]) if "policy" in fields else Policy()
    reader = _Reader(environ, fields["proxy"])
    for entry in fields["nodes"].items():
        reader.take(entry)
    prove = _prove(fields["prove"]) if "prove" in fields else None
    nonce = _nonce(fields["sample_nonce"]) if "sample_nonce" in fields else None
    patience = fields["patience"].whole(0, LONGEST_TIMEOUT) if "patience" in fields else None
    shared = sorted(reader.shared, key=lambda each: (each.chain, each.operators))
    instrument = Instrument(policy or Policy(), tuple(reader.nodes), prove, nonce, shared=tuple(shared))
    if patience is not None:
        instrument = replace(instrument, patience=patience)
    for crowd in instrument.crowds():
        fields["nodes"].refuse(crowd)
    if root.notes or policy is None:
        raise root.notes.error()
    return instrument


def unreachable_quorums(instrument: Instrument, chains: Iterable[Chain]) -> dict[Chain, str]:
    """By chain on which no balance could be believed: that too few operators are configured for it."""
    problems = {}
    for chain in sorted(set(chains)):
        nodes = instrument.for_chain(chain)
        operators = sorted({node.operator for node in nodes})
        if not operators:
            problems[chain] = "no node is configured"
        elif len(operators) < instrument.policy.quorum and not any(node.own for node in nodes):
            problems[chain] = (
                f"{len(operators)} of the {instrument.policy.quorum} operators that the quorum demands"
                f" ({', '.join(operators)}), and no node of your own"
            )
    return problems


def _root(path: Path) -> Cursor:
    notes = Notes(str(path), secretive=True)
    return Cursor(parse(read_bytes(path, MAX_BYTES), notes), "file", notes)


def _prove(place: Cursor) -> int | None:
    """`all` (None), `none` (0) or a number of holdings of each asset."""
    if place.is_number:
        return place.whole(0, MAX_PROOFS)
    text = place.text()
    if text not in (None, "all", "none"):
        place.refuse("expected all, none, or a whole number of holdings, without quotes")
    return 0 if text == "none" else None


def _nonce(place: Cursor) -> str | None:
    """A text that cannot be guessed from its SHA-256: of 22 characters or more, as 128 bits take in base64."""
    text = place.text()
    if text is not None and not _NONCE.fullmatch(text):
        place.refuse("expected 22 to 200 letters, digits and . _ ~ + / = -, such as openssl rand -hex 32 gives")
        return None
    return text


class _Reader:
    """Goes through the nodes and remembers who runs which, so that no voice is counted twice."""

    def __init__(self, environ: Mapping[str, str], proxy: Cursor) -> None:
        """`proxy`: through which nodes are asked that name no other, and are not on this machine."""
        self.nodes: list[NodeSettings] = []
        self._environ = environ
        self._proxy = self._parsed(proxy, parse_proxy) or ""
        self._operators: dict[
            str, tuple[str, bool, int]
        ] = {}  # by lower-case name: the name, whether own, and the line
        self._urls: dict[tuple[tuple[str, int], str, str], int] = {}  # lines
        self._hosts: dict[tuple[Chain, str], list[_Voice]] = {}
        self.shared: set[SharedHost] = set()

    def take(self, entry: Cursor) -> None:
        fields = entry.fields(("url", "operator"), ("chain", "own", "separate", "max_in_flight", "timeout", "proxy"))
        url = self._parsed(fields["url"], parse_url)
        proxy = self._parsed(fields["proxy"], parse_proxy) if fields["proxy"].present else None
        operator = self._operator(fields["operator"], fields["own"])
        chain = node_chain(fields["chain"], url)
        limits = {
            "max_in_flight": fields["max_in_flight"].whole(1, MAX_IN_FLIGHT),
            "timeout": fields["timeout"].whole(1, LONGEST_TIMEOUT),
        }
        if url is None or operator is None or chain is None:
            return
        separate = fields["separate"].flag() is True
        self._refuse_second_voice(fields["url"], url, chain, _Voice(operator, fields["url"].line, separate))
        self.nodes.append(
            NodeSettings(
                kind=url.kind,
                url=url.url,
                operator=operator,
                chain=chain,
                own=self._operators[operator.lower()][1],
                user=url.user,
                password=url.password,
                line=fields["url"].line,
                proxy=("" if url.loopback else self._proxy) if proxy is None else proxy,
                **{name: limit for name, limit in limits.items() if limit is not None},
            )
        )

    def _parsed(self, place: Cursor, parse: Callable[[str, Mapping[str, str]], T]) -> T | None:
        """A URL, with the environment filled in."""
        template = place.text(LONGEST_URL)
        if template is None:
            return None
        problems = unfillable(template, self._environ)
        for problem in problems:
            place.refuse(problem)
        if problems:
            return None
        try:
            return parse(template, self._environ)
        except UrlError as error:
            place.refuse(str(error))
            return None

    def _operator(self, place: Cursor, own_place: Cursor) -> str | None:
        """The operator's name, which must be spelled alike, and be own or not, at all their nodes."""
        own = own_place.flag() is True
        operator = place.text()
        if operator is None:
            return None
        if not _OPERATOR.fullmatch(operator):
            place.refuse("expected letters, digits and . _ -, at most 64")
            return None
        spelled, was_own, line = self._operators.setdefault(operator.lower(), (operator, own, place.line))
        if spelled != operator:
            place.refuse(f"{operator} is spelled {spelled} at line {line}")
        elif was_own != own:
            place.refuse(f"{operator} is {'own' if was_own else 'not own'} at line {line}, and otherwise here")
        return operator

    def _refuse_second_voice(self, place: Cursor, url: NodeUrl, chain: Chain, voice: _Voice) -> None:
        """Who has a host answers at all its ports and paths."""
        endpoint = (url.server, url.path, url.query)
        if endpoint in self._urls:
            place.refuse(f"is the URL of the node at line {self._urls[endpoint]}")
            return
        self._urls[endpoint] = place.line
        host, _ = url.server
        if host in ("localhost", "127.0.0.1") or url.loopback:
            return  # tunnels to different operators may well end on this machine
        voices = self._hosts.setdefault((chain, host), [])
        for other in voices:
            if other.operator == voice.operator:
                continue
            if not (voice.separate or other.separate):
                place.refuse(
                    f"is on the same server as the node at line {other.line}, whose operator is {other.operator}:"
                    " one voice, not two; if they are independent all the same, say so with separate: true"
                )
                break
            first, second = sorted((voice.operator, other.operator))
            self.shared.add(SharedHost(chain, (first, second)))
        voices.append(voice)


@dataclass(frozen=True, slots=True)
class _Voice:
    """A node as one host has it. `separate`: its operator is said to be independent of the others there."""

    operator: str
    line: int
    separate: bool
