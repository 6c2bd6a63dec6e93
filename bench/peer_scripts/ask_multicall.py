"""multicall.py (banteg), as many calls at once as it chooses itself; its own batches exceed anvil's 2 MB a request."""

from __future__ import annotations

from importlib.metadata import version

from multicall import Call, Multicall  # type: ignore[import-not-found, unused-ignore]
from multicall.multicall import batcher  # type: ignore[import-not-found, unused-ignore]
from web3 import HTTPProvider, Web3

from bench.peer_scripts.job import MULTICALL3, PER_MULTICALL, Job, Read, run


async def reader(job: Job) -> tuple[Read, Read | None]:
    web3 = Web3(HTTPProvider(job.url))
    batcher.step = PER_MULTICALL
    target = MULTICALL3 if job.token is None else job.token
    signature = "getEthBalance(address)(uint256)" if job.token is None else "balanceOf(address)(uint256)"

    async def read() -> list[int]:
        calls = [Call(target, [signature, account], [(account, None)]) for account in job.accounts]
        found = await Multicall(calls, block_id=job.height, _w3=web3)
        return [found[account] for account in job.accounts]

    return read, None


if __name__ == "__main__":
    run(f"{version('multicall')} on web3 {version('web3')}", "number", reader)
