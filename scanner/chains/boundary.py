"""The boundary between nodes and a run: whatever a node makes a backend do, comes out as that node's failure.

Backends read what strangers write, and raise NodeError for what they cannot use. Where one of them raises something
else, that is a bug of this program, met in one node's answer: it costs this node's word, never the run. It becomes
`MALFORMED` with the kind of exception and the place, and is told as a bug; its text is not, since it may quote what the
node sent. Cancelling passes, and so do errors of our own inputs (a cluster that is lost, say). A reason that no node
can have, given by a worker or by a backend of somebody else's, is MALFORMED too: it would speak for the claim, for
other operators or for the policy.

Not in here: what a node's failure amounts to (`weighing.quorum`), and which other node is asked (`scanning.failover`).
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, Final, cast

from scanner.chains.interface import Node
from scanner.core.evidence import Batch, Gap, Reading
from scanner.errors import OF_A_NODE, NodeError, ScannerError, Why

_PACKAGE: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Bug:
    """A fault of this program that a node's answer has met."""

    kind: str  # of the exception
    place: str  # where it was raised, or where this package called what raised it: a file, a line and a function

    def __str__(self) -> str:
        return f"{self.kind} at {self.place}"


Tell = Callable[[Bug], object]


class UnexpectedAnswer(NodeError):
    """A node's answer that this program does not know how to refuse. `bug` is what it met there."""

    def __init__(self, bug: Bug) -> None:
        super().__init__(Why.MALFORMED, f"the answer met a bug of this program: {bug}")
        self.bug = bug


def guarded(node: Node, tell: Tell) -> Node:
    """`node`, with all that it can do (`chains.interface`), behind the boundary. `tell` is told of each bug.

    Its methods raise what `Node` and its kin say: NodeError, errors of our inputs, and CancelledError.
    """
    kind = type(node)
    names = [name for name in (*dir(kind), *getattr(node, "__dict__", ())) if not name.startswith("_")]
    asked = frozenset(name for name in names if iscoroutinefunction(getattr(node, name)))
    return _guard_of(kind.__name__, frozenset(names), asked)(node, tell)


class _Guard:
    """What all guards have: the node, and whom to tell. What the node can do, `_guard_of` adds."""

    def __init__(self, node: Node, tell: Tell) -> None:
        self._node = node
        self._tell = tell


@cache
def _guard_of(kind: str, names: frozenset[str], asked: frozenset[str]) -> Callable[[Node, Tell], Node]:
    """A class with these `names`, so that a guard is told apart by what its node can do; `asked` are its questions."""
    members: dict[str, object] = {"__doc__": f"{kind} behind the boundary."}
    members |= {name: _method(name) if name in asked else _shown(name) for name in names}
    return cast("Callable[[Node, Tell], Node]", type(f"Guarded{kind}", (_Guard,), members))


def _method(name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The node's method of this name, which raises only what it may."""

    async def method(self: _Guard, *arguments: Any) -> Any:
        try:
            return _with_reasons_of_a_node(await getattr(self._node, name)(*arguments))
        except Exception as error:  # noqa: BLE001 - which is what a boundary is for
            failure = _failure(error)
            if isinstance(failure, UnexpectedAnswer):
                self._tell(failure.bug)
            if name in _VALUES and isinstance(failure, NodeError):
                return _VALUES[name](Gap(failure.why, failure.detail), *arguments)
            raise failure from None

    return method


def _shown(name: str) -> property:
    return property(lambda self: getattr(self._node, name))


def _missing(gap: Gap, batch: Batch) -> Reading:
    return Reading.missing(len(batch.accounts), gap)


def _gaps(gap: Gap, batch: Batch) -> list[bytes | Gap]:
    return [gap] * len(batch.accounts)


_VALUES: Final[dict[str, Callable[..., object]]] = {
    "read": _missing,
    "withdrawal_addresses": _gaps,
    "decimals": lambda gap, *_: gap,
    "close": lambda *_: None,
}
"""What the methods that never raise NodeError return instead."""


def _failure(error: Exception) -> Exception:
    """What `error` is to whoever asked the node: an error of ours, from within groups too, or an UnexpectedAnswer."""
    if isinstance(error, NodeError):
        return error if error.why in OF_A_NODE else NodeError(Why.MALFORMED, _no_reason(error.why))
    if isinstance(error, ScannerError):
        return error
    if isinstance(error, ExceptionGroup):
        failures = [_failure(each) for each in error.exceptions]
        return _first(failures, lambda each: not isinstance(each, NodeError)) or (
            _first(failures, lambda each: isinstance(each, UnexpectedAnswer)) or failures[0]
        )
    return UnexpectedAnswer(Bug(type(error).__name__, _place(error)))


def _with_reasons_of_a_node(value: object) -> object:
    """What a node answered, in which each gap has a reason that a node can have."""
    if isinstance(value, Gap):
        return _of_a_node(value)
    if isinstance(value, Reading) and not all(gap.why in OF_A_NODE for gap in value.gaps.values()):
        return Reading(value.column, {at: _of_a_node(gap) for at, gap in value.gaps.items()})
    if isinstance(value, list):
        return [_of_a_node(each) if isinstance(each, Gap) else each for each in value]
    return value


def _of_a_node(gap: Gap) -> Gap:
    return gap if gap.why in OF_A_NODE else Gap(Why.MALFORMED, _no_reason(gap.why))


def _no_reason(why: Why) -> str:
    return f"{why} is no reason that a node can have"


def _first(failures: list[Exception], which: Callable[[Exception], bool]) -> Exception | None:
    return next(filter(which, failures), None)


def _place(error: BaseException) -> str:
    """The innermost frame of this package, else the innermost of all."""
    place = "an unknown place"
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        with contextlib.suppress(ValueError):
            place = f"{path.relative_to(_PACKAGE).as_posix()}:{frame.lineno} in {frame.name}"
    return place
