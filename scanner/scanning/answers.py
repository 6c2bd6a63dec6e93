"""What a worker of a cluster answers, as bytes: MessagePack of the types that `chains.interface` says, and no other.

The one who answers is a stranger. An answer is decoded into the type that the asked method has, and then held against
the question (`remote_questions`): no text that a terminal obeys, no more bytes than such an answer can have, no reason
that no node can have. What does not fit is a fault of the worker (`WorkerFault`), and never an exception of another
kind. That the values are true is shown by nothing here: proofs and quorums are for that.

Both sides are here, since they have to agree. Nothing here asks, and nothing here knows of Dask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Final

import msgspec

from scanner.chains.interface import ObservedLimits
from scanner.core.evidence import Gap, Reading
from scanner.core.msgpack_nesting import nests_deeper
from scanner.errors import OF_A_NODE, Why
from scanner.scanning.remote_questions import LEAVE, METHODS, OPEN, Awaited

PENDING: Final = b""  # in place of an answer: it is being worked on

_LONGEST_TEXT: Final = 4096  # characters of any text but a gap's detail, which has its own bound
_DEEPEST: Final = 12


class WorkerFault(Exception):
    """A worker that did not answer, or whose answer is none. The text is one line of printable ASCII."""

    def __init__(self, why: Why, what: str, *, lasting: bool = True) -> None:
        self.why = why
        self.what = what
        self.lasting = lasting  # whether nothing more is to be asked of it in this run
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class NodeLimits:
    """What a node was found to take, and in which ways it can be asked (`chains.interface.ReportsLimits`)."""

    ways: tuple[str, ...]
    learnt: ObservedLimits


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: a value, or why there is none."""

    value: Any = None
    error: tuple[Why, str] | None = None  # the node's failure
    fault: str | None = None  # a bug at the worker: the kind of exception, and where it was raised
    opened: bool = True  # False: the node could not be opened there, or that worker runs other code
    limits: NodeLimits | None = None  # where they were asked for


@dataclass(frozen=True, slots=True)
class _Wire:
    """An answer as it travels; its value is decoded by what was asked."""

    of: str  # the question's name, which the answer to another one does not have
    value: msgspec.Raw
    error: tuple[Why, str] | None
    fault: str | None
    opened: bool
    limits: NodeLimits | None


def encode(asked: str, answer: Answer) -> bytes:
    """The worker's side. Raises TypeError, ValueError or OverflowError for a value that has no such form."""
    wire = _Wire(
        asked,
        msgspec.Raw(msgspec.msgpack.encode(answer.value)),
        answer.error,
        answer.fault,
        answer.opened,
        answer.limits,
    )
    return msgspec.msgpack.encode(wire)


def decode(asked: Awaited, data: bytes) -> Answer:
    """The asking side. Raises WorkerFault."""
    try:
        _require(not nests_deeper(data, _DEEPEST), "nested too deep")
        wire = msgspec.msgpack.decode(data, type=_Wire)
        _require(wire.of == asked.name, "the answer to another question")
        if wire.fault is not None:
            fault = Gap(Why.UNREACHABLE, wire.fault).detail
            what = f"a worker failed to ask for {asked.method}: {fault}"
            raise WorkerFault(Why.UNREACHABLE, what, lasting=False)
        if wire.error is not None:
            why, detail = wire.error
            _require(why in OF_A_NODE, "a reason that no node can have")
            return Answer(error=(why, Gap(why, detail).detail), opened=wire.opened)
        _require((wire.limits is not None) == asked.limits, "limits that were not asked for, or none that were")
        value = _value(asked, wire.value)
        _require(all(map(_is_a_nodes, _gaps(value))), "a gap that no node can give")
        _require(all(map(_harmless, _texts([value, wire.limits], _DEEPEST))), "text that is not to be shown")
        return Answer(value, opened=wire.opened, limits=wire.limits)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, OverflowError):
        raise WorkerFault(Why.MALFORMED, f"a worker's answer is none to {asked.method}") from None


def _value(asked: Awaited, data: msgspec.Raw) -> Any:
    """What the asked method may give. Raises ValueError; msgspec's errors for another type."""
    if asked.method in (OPEN, LEAVE):
        return msgspec.msgpack.decode(data, type=None)
    method = METHODS[asked.method]
    value = msgspec.msgpack.decode(data, type=method.returns)
    method.check(asked, value)
    return value


def _gaps(value: object) -> Iterable[Gap]:
    """The gaps in what a node's method gives."""
    if isinstance(value, tuple):
        return [gap for each in value for gap in _gaps(each)]
    if isinstance(value, Reading):
        return value.gaps.values()
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Gap)]


def _is_a_nodes(gap: Gap) -> bool:
    """Whether a node can give such a gap: for a reason of its own, and without a word of other operators or proofs."""
    return gap.why in OF_A_NODE and not gap.said and gap.shown is None


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


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
