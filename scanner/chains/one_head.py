"""All accounts of a question read at one head, of a chain whose node answers for its head alone and names it apart.

What was read counts only if the head is one and the same block before and after. Not in here: what a head is, whether
it may still be replaced, and how an account is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from scanner.core.evidence import Gap, Reading
from scanner.core.lower_bound import Word
from scanner.errors import NodeError, Why

H = TypeVar("H")

_ATTEMPTS: Final = 6  # at all accounts, while the head moves on


async def read_at_one_head(
    head: Callable[[], Awaitable[H]],
    name_of: Callable[[H], str],
    read: Callable[[H], Awaitable[Iterable[Word | Gap]]],
    moved: str,
) -> tuple[H, Reading]:
    """The head at which all of `read` holds, and what that is. Raises NodeError WRONG_BLOCK, with `moved` as its words,
    where the head was another one after each attempt; and what `head` and `read` raise."""
    before = await head()
    for _ in range(_ATTEMPTS):
        outcomes = await read(before)
        after = await head()
        if name_of(after) == name_of(before):
            return before, Reading.of(outcomes)
        before = after
    raise NodeError(Why.WRONG_BLOCK, moved)
