"""A backend opened on a simulated server: how the suites of tests/contract begin, whatever the family.

Not here: the servers, which know their protocol, and what is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeVar

import pytest

from scanner.errors import NodeError, Why


class Backend(Protocol):
    """What a node is here."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


S = TypeVar("S")
N = TypeVar("N", bound=Backend)
T = TypeVar("T")


async def at_once(_seconds: float) -> None:
    """For the pauses between attempts."""


@asynccontextmanager
async def opened_on(
    serving: AbstractAsyncContextManager[S], backend: Callable[[S], N], **attributes: Any
) -> AsyncIterator[tuple[S, N]]:
    """The server with these attributes, and the backend opened on it."""
    async with serving as server:
        for name, value in attributes.items():
            setattr(server, name, value)
        node = backend(server)
        try:
            await node.open()
            yield server, node
        finally:
            await node.close()


def asked(opened: AbstractAsyncContextManager[tuple[S, N]], question: Callable[[S, N], Awaitable[T]]) -> T:
    """What comes of one question."""

    async def ask() -> T:
        async with opened as (server, node):
            return await question(server, node)

    return asyncio.run(ask())


async def why_of(question: Awaitable[Any]) -> Why:
    """The reason for which a node gives no answer."""
    with pytest.raises(NodeError) as caught:
        await question
    return caught.value.why
