"""What a worker of a cluster answers, as bytes: MessagePack of the types that `chains.interface` says, and no other.

Whoever answers is a stranger. An answer is decoded into the type that the asked method has, and then held against the
question: as many outcomes as accounts, the chain and the height that were asked for, no text that a terminal obeys, no
more bytes than such an answer can have. What does not fit is a fault of the worker (`WorkerFault`), and never an
exception of another kind. That the values are true is shown by nothing here: proofs and quorums are for that.

Both sides are here, since they have to agree. Nothing here asks, and nothing here knows of Dask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final, get_type_hints

import msgspec

from scanner.chains import interface
from scanner.chains.interface import Node
from scanner.chains.registry import family
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.msgpack_nesting import nests_deeper
from scanner.core.node_settings import NodeSettings
from scanner.errors import OF_A_NODE, Why

OPEN, LEAVE = "open", "leave"  # questions that are none to the node: have it open; this run needs it no longer
PENDING: Final = b""  # in place of an answer: it is being worked on

_WORD: Final = 32
_BLOCK: Final = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
_LONGEST_TEXT: Final = 4096  # characters of any text but a gap's detail, which has its own bound
_DEEPEST: Final = 12
_OVERHEAD: Final = 1024 * 1024  # bytes that any answer may have
_OF_AN_ACCOUNT: Final = 1024  # an amount, or a gap with its reason
_OF_A_PROOF: Final = 128 * 1024  # trie nodes of one path: a hundred times what the deepest tries have
_SHORT, _A_BATCH, _AN_ACCOUNT = 60, 180, 0.02  # seconds beyond what the node's own timeouts explain


class WorkerFault(Exception):
    """A worker that did not answer, or whose answer is none. The text is one line of printable ASCII."""

    def __init__(self, why: Why, what: str, *, lasting: bool = True) -> None:
        self.why = why
        self.what = what
        self.lasting = lasting  # whether nothing more is to be asked of it in this run
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: a value, or why there is none."""

    value: Any = None
    error: tuple[Why, str] | None = None  # the node's failure
    fault: str | None = None  # a bug at the worker: the kind of exception, and where it was raised
    opened: bool = True  # False: the node could not be opened there, or that worker runs other code
    properties: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wire:
    """An answer as it travels; values and properties are decoded by what was asked."""

    of: str  # the question's name, which the answer to another one does not have
    value: msgspec.Raw
    error: tuple[Why, str] | None
    fault: str | None
    opened: bool
    properties: tuple[msgspec.Raw, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer has to fit."""

    name: str  # of this one question
    settings: NodeSettings
    method: str
    arguments: tuple[Any, ...] = ()
    mirrored: tuple[str, ...] = ()

    @property
    def most(self) -> int:
        """Bytes that an answer may have."""
        return _OVERHEAD + self._accounts * _OF_AN_ACCOUNT + self._paths * _OF_A_PROOF

    @property
    def patience(self) -> float:
        """Seconds after which an answer is not waited for, though the worker says that it is at it."""
        timeout = self.settings.timeout
        if self._accounts or self._paths:
            return _A_BATCH + 10 * timeout + self._accounts * _AN_ACCOUNT
        return _SHORT + 3 * timeout

    @property
    def _accounts(self) -> int:
        return sum(len(each.accounts) for each in self.arguments if isinstance(each, Batch))

    @property
    def _paths(self) -> int:
        questions = self.arguments[-1] if self.method == "proof_records" else ()
        return sum(1 + len(each.accounts) * max(1, len(each.hints)) for each in questions)


def encode(asked: str, answer: Answer) -> bytes:
    """The worker's side. Raises TypeError, ValueError or OverflowError for a value that has no such form."""
    wire = _Wire(
        asked,
        msgspec.Raw(msgspec.msgpack.encode(answer.value)),
        answer.error,
        answer.fault,
        answer.opened,
        tuple(msgspec.Raw(msgspec.msgpack.encode(each)) for each in answer.properties),
    )
    return msgspec.msgpack.encode(wire)


def decode(asked: Asked, data: bytes) -> Answer:
    """The asking side. Raises WorkerFault."""
    try:
        _require(not nests_deeper(data, _DEEPEST), "nested too deep")
        wire = msgspec.msgpack.decode(data, type=_Wire)
        _require(wire.of == asked.name, "the answer to another question")
        if wire.fault is not None:
            told = Gap(Why.UNREACHABLE, wire.fault).detail
            what = f"a worker failed to ask for {asked.method}: {told}"
            raise WorkerFault(Why.UNREACHABLE, what, lasting=False)
        if wire.error is not None:
            why, detail = wire.error
            _require(why in OF_A_NODE, "a reason that no node can have")
            return Answer(error=(why, Gap(why, detail).detail), opened=wire.opened)
        value = msgspec.msgpack.decode(wire.value, type=_returned(asked.method))
        _CHECKS.get(asked.method, _nothing_more)(asked, value)
        _require(all(gap.why in OF_A_NODE for gap in _gaps(value)), "a reason that no node can have")
        properties = [
            msgspec.msgpack.decode(raw, type=_returned(name))
            for name, raw in zip(asked.mirrored, wire.properties, strict=True)
        ]
        _require(all(map(_harmless, _texts([value, properties], _DEEPEST))), "text that is not to be shown")
        return Answer(value, opened=wire.opened, properties=tuple(properties))
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, OverflowError):
        raise WorkerFault(Why.MALFORMED, f"a worker's answer is none to {asked.method}") from None


@cache
def _returned(name: str) -> Any:
    """The type of what the node's method, or property, of this name gives."""
    if name in (OPEN, LEAVE):
        return None
    for kind in (Node, *protocols()):
        member = vars(kind).get(name)
        if member is not None:
            hints = get_type_hints(member.fget if isinstance(member, property) else member)
            return Any if hints["return"] is object else hints["return"]
    raise ValueError(f"nothing is known of {name}")


def protocols() -> Iterator[type]:
    """Whatever `chains.interface` knows a node may be able to do, beyond being one."""
    return (each for each in vars(interface).values() if isinstance(each, type) and Node in each.__mro__[1:])


def _gaps(value: object) -> Iterable[Gap]:
    """The gaps in what a node's method gives."""
    if isinstance(value, Reading):
        return value.gaps.values()
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Gap)]


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _reading(asked: Asked, value: Reading) -> None:
    count = _rows(asked)
    if len(value.column) != _WORD * count or not all(0 <= position < count for position in value.gaps):
        raise ValueError("not an outcome for each account")
    if not all(0 <= position < count and position not in value.gaps for position in value.bounds):
        raise ValueError("a lower bound of no balance")


def _block(asked: Asked, value: Snapshot) -> None:
    (height,) = asked.arguments
    missed = family(asked.settings.chain).may_skip_heights and 0 <= value.height <= height
    if value.chain != asked.settings.chain or not (value.height == height or missed):
        raise ValueError("another block")
    if not (_BLOCK.fullmatch(value.hash) and _BLOCK.fullmatch(value.parent)) or value.time.tzinfo is None:
        raise ValueError("no block's hash or time")


def _height(_: Asked, value: int) -> None:
    if not 0 <= value < 2**53:
        raise ValueError("no height")


def _decimals(_: Asked, value: int | Gap) -> None:
    if not isinstance(value, Gap) and not 0 <= value < 256:
        raise ValueError("no decimals")


def _percent(_: Asked, value: int | None) -> None:
    if value is not None and not 0 <= value <= 100:
        raise ValueError("no percentage")


def _payees(asked: Asked, value: Sequence[bytes | Gap]) -> None:
    if len(value) != _rows(asked) or not all(isinstance(each, Gap) or len(each) == 20 for each in value):
        raise ValueError("not an account for each validator")


def _nothing_more(_: Asked, __: object) -> None:
    """Its type is all there is to check."""


_CHECKS: Final[Mapping[str, Callable[[Asked, Any], None]]] = {
    "read": _reading,
    "block_at": _block,
    "final_height": _height,
    "decimals": _decimals,
    "progress": _percent,
    "withdrawal_addresses": _payees,
}


def _rows(asked: Asked) -> int:
    return len(asked.arguments[0].accounts)


def _harmless(text: str) -> bool:
    return len(text) <= _LONGEST_TEXT and text.isascii() and (text.isprintable() or not text)


def _texts(value: object, depth: int) -> Iterator[str]:
    """All texts in a value. Raises ValueError for one that nests too deep."""
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key, depth - 1)
            yield from _texts(each, depth - 1)
    elif is_dataclass(value) and not isinstance(value, (type, Enum)):
        yield from _texts([getattr(value, each.name) for each in fields(value)], depth - 1)
    elif isinstance(value, Iterable) and not isinstance(value, bytes):
        for each in value:
            yield from _texts(each, depth - 1)
