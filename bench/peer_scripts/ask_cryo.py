"""cryo (Rust), through its Python package: its datasets balances and erc20_balances, collected into a data frame."""

from __future__ import annotations

from importlib.metadata import version

import cryo  # type: ignore[import-not-found, unused-ignore]

from bench.peer_scripts.job import Job, Read, run


async def reader(job: Job) -> tuple[Read, Read | None]:
    where = {"blocks": [str(job.height)], "rpc": job.url, "address": job.accounts, "hex": True, "no_verbose": True}
    if job.token is not None:
        where |= {"contract": [job.token]}
    dataset = "balances" if job.token is None else "erc20_balances"

    async def read() -> list[int]:
        frame = await cryo.async_collect(dataset, **where)
        held = dict(zip(frame["address"], frame["balance_string"], strict=True))
        return [int(held[account]) for account in job.accounts]

    return read, None


if __name__ == "__main__":
    run(version("cryo"), "number", reader)
