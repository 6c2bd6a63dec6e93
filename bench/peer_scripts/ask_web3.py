"""web3.py as its users read many balances: ways "gather", "batch" (batch_requests) and "multicall" (Multicall3)."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

from web3 import AsyncHTTPProvider, AsyncWeb3

from bench.peer_scripts.job import (
    BALANCE_OF,
    GET_ETH_BALANCE,
    IN_FLIGHT,
    MULTICALL3,
    PER_MULTICALL,
    Job,
    Read,
    padded,
    run,
)

PER_BATCH = 100
AGGREGATE3: list[Any] = [
    {
        "name": "aggregate3",
        "type": "function",
        "stateMutability": "payable",
        "inputs": [
            {
                "name": "calls",
                "type": "tuple[]",
                "components": [
                    {"name": "target", "type": "address"},
                    {"name": "allowFailure", "type": "bool"},
                    {"name": "callData", "type": "bytes"},
                ],
            }
        ],
        "outputs": [
            {
                "name": "returnData",
                "type": "tuple[]",
                "components": [{"name": "success", "type": "bool"}, {"name": "returnData", "type": "bytes"}],
            }
        ],
    }
]


async def reader(job: Job) -> tuple[Read, Read | None]:
    web3: Any = AsyncWeb3(AsyncHTTPProvider(job.url))
    accounts = [web3.to_checksum_address(account) for account in job.accounts]
    token = None if job.token is None else web3.to_checksum_address(job.token)
    contract = web3.eth.contract(web3.to_checksum_address(MULTICALL3), abi=AGGREGATE3)

    def ask(account: str) -> Any:
        if token is None:
            return web3.eth.get_balance(account, job.height)
        return web3.eth.call({"to": token, "data": BALANCE_OF + padded(account)}, job.height)

    async def gather() -> list[int]:
        return [_amount(answer) for answer in await asyncio.gather(*map(ask, accounts))]

    async def batch() -> list[int]:
        found: list[int] = []
        for start in range(0, len(accounts), PER_BATCH):
            async with web3.batch_requests() as requests:
                for account in accounts[start : start + PER_BATCH]:
                    requests.add(ask(account))
                found += [_amount(answer) for answer in await requests.async_execute()]
        return found

    async def multicall() -> list[int]:
        limit = asyncio.Semaphore(IN_FLIGHT)
        to = token or contract.address
        selector = GET_ETH_BALANCE if token is None else BALANCE_OF

        async def part(some: list[str]) -> list[int]:
            calls = [(to, True, selector + padded(account)) for account in some]
            async with limit:
                answers = await contract.functions.aggregate3(calls).call(block_identifier=job.height)
            if not all(succeeded and len(data) == 32 for succeeded, data in answers):
                raise SystemExit("a call of a multicall failed")
            return [int.from_bytes(data) for _, data in answers]

        starts = range(0, len(accounts), PER_MULTICALL)
        parts = await asyncio.gather(*(part(accounts[start : start + PER_MULTICALL]) for start in starts))
        return [amount for each in parts for amount in each]

    async def close() -> list[int]:
        await web3.provider.disconnect()
        return []

    return {"gather": gather, "batch": batch, "multicall": multicall}[job.way], close


def _amount(answer: int | bytes) -> int:
    return answer if isinstance(answer, int) else int.from_bytes(answer)


if __name__ == "__main__":
    run(f"{version('web3')}", "number", reader)
