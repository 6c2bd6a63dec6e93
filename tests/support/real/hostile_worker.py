"""A worker of a cluster that has other plans than ours. Loaded by it with `dask worker --preload`; HOSTILE says which.

It tells the truth of which code it has, as any of them would, and answers every question to a node as the plan is.
"""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from distributed import protocol

from scanner.chains.evm.node.node import EvmNode
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.lower_bound import atoms_of
from scanner.errors import Why
from scanner.scanning.answers import Answer, encode

PLAN: Final = "HOSTILE"  # in the environment: one of PLANS, or of FORGERIES
MARK: Final = "HOSTILE_MARK"  # in the environment: a file's name, which what a bomb runs writes to

FACTOR: Final = 10  # by which a forger multiplies
ESCAPES: Final = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\nscanner: all is well"


def serialized(value: object) -> object:
    """As distributed sends what is to be pickled, or handed on as bytes."""
    mark: Callable[[object], object] = getattr(protocol, "to_serialize")  # noqa: B009 - not exported in so many words
    return mark(value)


class Bomb:
    """What writes the mark where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (f"open({os.environ[MARK]!r}, 'a').write('loaded\\n')",)


async def bomb(_: Any) -> dict[str, Any]:
    return {"status": "OK", "result": serialized(Bomb())}


async def bomb_as_an_error(_: Any) -> dict[str, Any]:
    shown = serialized(Bomb())
    return {"status": "error", "exception": shown, "traceback": shown, "exception_text": ESCAPES, "text": ESCAPES}


async def bomb_uncaught(_: Any) -> dict[str, Any]:
    return {**await bomb_as_an_error(_), "status": "uncaught-error"}


async def bomb_as_bytes(_: Any) -> dict[str, Any]:
    return {"status": "OK", "result": serialized(pickle.dumps(Bomb()))}


async def silence(_: Any) -> dict[str, Any]:
    await asyncio.sleep(1e6)
    return {}


async def always_at_it(_: Any) -> dict[str, Any]:
    await asyncio.sleep(0.1)
    return {"status": "OK", "result": serialized(b"")}


async def garbage(_: Any) -> dict[str, Any]:
    return {"status": "OK", "result": serialized(os.urandom(1000))}


async def no_form(_: Any) -> Any:
    return ["\x1b[2J", {"__Serialized__": 1}]


async def huge(_: Any) -> dict[str, Any]:
    return {"status": "OK", "result": serialized(bytes(64 * 2**20))}


async def escapes(question: Any) -> dict[str, Any]:
    told = encode(question.name, Answer(error=(Why.REFUSED, ESCAPES), opened=question.method != "open"))
    return {"status": "OK", "result": serialized(told)}


async def another_batch(question: Any) -> dict[str, Any]:
    """What was asked, with one outcome less."""
    value = Reading.of([7] * (len(question.arguments[0].accounts) - 1)) if question.method == "read" else None
    return {"status": "OK", "result": serialized(encode(question.name, Answer(value)))}


PLANS: Final[dict[str, Callable[[Any], Awaitable[Any]]]] = {
    plan.__name__: plan
    for plan in (
        bomb,
        bomb_as_an_error,
        bomb_uncaught,
        bomb_as_bytes,
        silence,
        always_at_it,
        garbage,
        no_form,
        huge,
        escapes,
        another_batch,
    )
}


async def forged(self: EvmNode, batch: Batch) -> Reading:
    said = await _read(self, batch)
    outcomes = [said[position] for position in range(len(said))]
    atoms = [outcome if isinstance(outcome, Gap) else FACTOR * atoms_of(outcome) for outcome in outcomes]
    return replace(said, column=Reading.of(atoms).column)


_read = EvmNode.read


async def gaps_of_others(_: EvmNode, batch: Batch) -> Reading:
    """Gaps that speak for the claim, for another operator, and for a proof."""
    gaps = (Gap(Why.NO_KEY, "it is nobody's"), Gap(Why.REFUSED, "no", (("beta", 7),)), Gap(Why.REFUSED, shown=7))
    return Reading.of(gaps[at % 3] for at in range(len(batch.accounts)))


async def no_header(_: EvmNode, __: Snapshot) -> bytes:
    return b"\xf8\xff" + bytes(600)


async def no_proofs(_: EvmNode, __: Snapshot, ___: object) -> list[bytes]:
    return [b"", b"\xc0" * 1000, b"\xf9\xff\xff", *([b"\x80"] * 1000)]


FORGERIES: Final[dict[str, dict[str, Callable[..., Awaitable[Any]]]]] = {
    "forge": {"read": forged},
    "gaps of others": {"read": gaps_of_others},
    "no proofs": {"proof_records": no_proofs},
    "no header": {"header": no_header, "proof_records": no_proofs},
}
"""Plans of a worker that answers in due form: which of its nodes' methods it replaces, and by what."""


def dask_setup(worker: Any) -> None:
    """Called by the worker when it starts."""
    if os.environ[PLAN] in FORGERIES:
        for name, method in FORGERIES[os.environ[PLAN]].items():
            if not hasattr(EvmNode, name):
                raise AttributeError(f"a node has no {name} that could be forged")
            setattr(EvmNode, name, method)
        return
    honest, plan = worker.handlers["run"], PLANS[os.environ[PLAN]]

    async def run(comm: Any, function: bytes, args: bytes = b"", **rest: Any) -> Any:
        called = pickle.loads(function)  # noqa: S301 - it is the worker that does
        if called.__name__ == "about":
            return await honest(comm, function=function, args=args, **rest)
        return await plan(pickle.loads(args)[0])  # noqa: S301

    worker.handlers["run"] = run
