"""The instrument's file (`config/nodes.yaml`) to an Instrument, and a policy's file to a Policy.

The file may hold keys and passwords, so its mistakes name line and key and quote nothing of it. Two nodes that could be
one voice under two names are refused: a quorum is only worth what its voices are apart. Not here: connecting, and what
a node says of itself (`scanner.chains`). The file's form is described for its writers in docs/claim.md.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from scanner.core.control import Control
from scanner.core.evidence import MAX_OPERATORS, Basis
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.core.paths import AnyPath
from scanner.core.shows import Shows
from scanner.sources.cursor import Cursor
from scanner.sources.node_chain import node_chain
from scanner.sources.node_url import NodeUrl, UrlError, parse_url, unfillable
from scanner.sources.proxy_url import parse_proxy
from scanner.sources.vouched import read_contracts, read_distinct
from scanner.sources.yaml_document import Notes, parse, read_bytes
from scanner.weighing.instrument import Instrument, SharedHost
from scanner.weighing.moments import LONGEST_SKEW
from scanner.weighing.policy import Dissent, Policy

MAX_BYTES: Final = 2**20
MAX_QUORUM: Final = MAX_OPERATORS  # more can never agree
MAX_PROOFS: Final = 10**9
MAX_IN_FLIGHT: Final = 1000  # requests
LONGEST_TIMEOUT: Final = 3600  # seconds
LONGEST_URL: Final = 4000  # characters

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_POLICY: Final = frozenset(each.name for each in dataclasses.fields(Policy))  # the file's keys have the same names
_REQUIRABLE: Final = (Control.SHOWN, Control.REPLAYABLE)  # what may be demanded of an account's control
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,10}) ?(s|m|min|h|d)", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{22,200}", re.ASCII)
_OPERATOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def load_instrument(path: AnyPath, environ: Mapping[str, str]) -> Instrument:
    """The nodes and the policy in the file at `path`. Raises InputError with all mistakes; none quotes a URL.

    `environ` holds the values for `${NAME}`.
    """
    path = Path(path)
    root = _root(path)
    fields = root.fields(("nodes",), ("patience", "policy", "prove", "proxy", "sample_nonce"))
    policy = _policy(fields["policy"], required=()) if "policy" in fields else Policy()
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


def load_policy(path: AnyPath) -> Policy:
    """The policy in the file at `path`, as in the instrument's, quorum and threshold said. Raises InputError."""
    path = Path(path)
    root = _root(path)
    policy = _policy(root.fields(("policy",))["policy"], required=("quorum", "threshold"))
    if root.notes or policy is None:
        raise root.notes.error()
    return policy


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


def _policy(place: Cursor, required: tuple[str, ...]) -> Policy | None:
    fields = place.fields(required, sorted(_POLICY - set(required)))
    quorum = fields["quorum"].whole(1, MAX_QUORUM) if "quorum" in fields else Policy().quorum
    threshold = fields["threshold"].decimal() if "threshold" in fields else Policy().threshold
    dissent = _one_of(fields["dissent"], Dissent) if "dissent" in fields else Policy().dissent
    require = _by_unit(fields["require"], Basis) if "require" in fields else Policy().require
    owed = fields["require_liabilities"]
    liabilities = _by_unit(owed, Shows) if owed.present else Policy().require_liabilities
    max_skew = _duration(fields["max_skew"]) if "max_skew" in fields else Policy().max_skew
    if quorum is None or threshold is None or dissent is None or max_skew is None:
        return None
    if threshold <= 0:
        fields["threshold"].refuse("must be above 0, or anything would be covered")
        return None
    ownership = _one_of(fields["require_ownership"], _REQUIRABLE) if "require_ownership" in fields else None
    contracts = read_contracts(fields["contracts"]) if "contracts" in fields else Policy().contracts
    distinct = read_distinct(fields["distinct"]) if "distinct" in fields else Policy().distinct
    return Policy(quorum, threshold, dissent, require, ownership, contracts, distinct, liabilities, max_skew)


def _duration(place: Cursor) -> timedelta | None:
    """A number with its unit, such as `90min`; without one it counts seconds."""
    if place.is_number:
        seconds = place.whole(0, LONGEST_SKEW)
        return None if seconds is None else timedelta(seconds=seconds)
    text = place.text()
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    seconds = None if match is None else int(match[1]) * _SECONDS[match[2]]
    if seconds is None or seconds > LONGEST_SKEW:
        place.refuse(f"expected a time such as 2h, 90min or 45s, at most {LONGEST_SKEW} seconds")
        return None
    return timedelta(seconds=seconds)


def _by_unit(place: Cursor, words: type[E]) -> dict[str, E]:
    """The weakest word that will do, unit by unit."""
    required = {}
    for unit, word in place.entries():
        name, value = unit.text(), _one_of(word, words)
        if name is not None and value is not None:
            required[name] = value
    return required


def _prove(place: Cursor) -> int | None:
    """`all` (None), `none` (0) or a number of holdings of each asset."""
    if place.is_number:
        return place.whole(0, MAX_PROOFS)
    text = place.text()
    if text not in (None, "all", "none"):
        place.refuse("expected all, none, or a whole number of holdings, without quotes")
    return 0 if text == "none" else None


def _nonce(place: Cursor) -> str | None:
    """A text that nobody can guess from its SHA-256: of 22 characters or more, as 128 bits take in base64."""
    text = place.text()
    if text is not None and not _NONCE.fullmatch(text):
        place.refuse("expected 22 to 200 letters, digits and . _ ~ + / = -, such as openssl rand -hex 32 gives")
        return None
    return text


def _one_of(place: Cursor, choices: Iterable[E]) -> E | None:
    """A choice by its name, in lower case."""
    text = place.text()
    if text is None:
        return None
    for choice in choices:
        if text == choice.value.lower():
            return choice
    place.refuse(f"expected one of {', '.join(choice.value.lower() for choice in choices)}")
    return None


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
                proxy=self._through(fields["proxy"], url),
                **{name: limit for name, limit in limits.items() if limit is not None},
            )
        )

    def _through(self, place: Cursor, url: NodeUrl) -> str:
        if place.present:
            return self._parsed(place, parse_proxy) or ""
        return "" if url.loopback else self._proxy

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
        """The operator's name, which must be spelled alike, and be own or not, at all his nodes."""
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
        """Whoever has a host answers at all its ports and paths."""
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
