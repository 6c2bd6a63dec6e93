"""What each request to a node took and how it ended, reported to who counts them. Nothing here is written down.

A request is one exchange with the node, however many calls it holds; one that is tried again is reported again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from scanner.errors import NodeError

T = TypeVar("T")

Observe = Callable[[float, str], None]
"""Called for a request when it has ended: seconds, and OK, CANCELLED, or the name of the `Why` for which it failed."""

OK: Final = "OK"
CANCELLED: Final = "CANCELLED"


def unobserved(seconds: float, outcome: str) -> None:
    """For requests that are not counted."""


def outcome_of(error: BaseException) -> str:
    """The outcome of a request that ended in this error, or in one that wraps it as its `error`."""
    cause = getattr(error, "error", error)
    return cause.why.value if isinstance(cause, NodeError) else CANCELLED


async def observed(attempt: Callable[[], Awaitable[T]], observe: Observe, clock: Callable[[], float]) -> T:
    """What `attempt` brings or raises; `observe` is called with it. `clock` gives seconds."""
    began, outcome = clock(), OK
    try:
        return await attempt()
    except BaseException as error:
        outcome = outcome_of(error)
        raise
    finally:
        observe(clock() - began, outcome)
