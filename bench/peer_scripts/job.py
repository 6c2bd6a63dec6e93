"""What each script here is asked to do, and how it answers. Runs in the peers' own environments: standard library only.

    python SCRIPT JOB_FILE ANSWER_FILE

Time and processor time are taken around the reading alone: not the start of the process, imports or the job's parsing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
PER_MULTICALL = 1_000
IN_FLIGHT = 4
BALANCE_OF = "0x70a08231"
GET_ETH_BALANCE = "0x4d2301cc"


@dataclass(frozen=True)
class Job:
    """Accounts are 0x and 40 hex digits; `token` is None for the native asset; `way` is a name the script knows."""

    way: str
    url: str
    height: int
    time: int
    token: str | None
    accounts: list[str]
    rounds: int


Read = Callable[[], Awaitable[list[int]]]


def padded(account: str) -> str:
    """The account as a 32-byte argument, in hex without 0x."""
    return account[2:].lower().rjust(64, "0")


def run(version: str, block: str, reader: Callable[[Job], Awaitable[tuple[Read, Read | None]]]) -> None:
    """Do the job of the command line. `block`: how this tool names the block it reads.

    `reader` returns what reads all balances, and what lets go of connections, if anything has to.
    """

    async def main(job: Job) -> dict[str, object]:
        read, close = await reader(job)
        walls, cpus, balances = [], [], []
        for _ in range(job.rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            balances = await read()
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        if close is not None:
            await close()
        return {
            "version": version,
            "block": block,
            "walls": walls,
            "cpus": cpus,
            "balances": list(map(str, balances)),
        }

    job = Job(**json.loads(Path(sys.argv[1]).read_text()))
    Path(sys.argv[2]).write_text(json.dumps(asyncio.run(main(job))))
