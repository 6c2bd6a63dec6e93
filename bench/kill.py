"""Scans killed at random moments and started again: nothing asked twice but what was in flight, the same bytes.

    python -m bench.kill [KILLS] [ACCOUNTS]

A scan of coins and of a token over as many accounts (20,000, in 100 batches of 400) is timed; then, KILLS times (50),
one is killed as `kill -9` does, at a moment drawn evenly from that time, and the same command is given again. Of each
it is checked that the finding and the evidence are byte for byte those of the scan that nobody killed, that every
account was asked for, and that no more of them were asked for twice than four batches hold; else it ends with an error.

Beside it stands what a tool without a journal asks again: everything it had read.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from localnet.anvil import Anvil
from tests.support.real.interrupted_runs import AT_ONCE, BATCH, CHAIN, Scans, SeeingProxy

TOKEN = "0x" + "c0" * 20


def main(kills: int = 50, count: int = 20_000) -> None:
    rng = random.Random(50)
    accounts = [f"0x{rng.randbytes(20).hex()}" for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder, Anvil.start(chain_id=int(CHAIN.partition(":")[2])) as anvil:
        anvil.set_balances({account: 10**18 * (number % 7) for number, account in enumerate(accounts)})
        anvil.deploy_token(TOKEN, 0, "TOKEN")
        anvil.mint(TOKEN, {account: number for number, account in enumerate(accounts[:500])})
        scans = Scans(Path(folder), anvil, accounts, anvil.seal().height, TOKEN)
        with SeeingProxy(anvil.port) as proxy:
            scans.write(proxy.url, {"ETH": sum(number % 7 for number in range(count)), "TOKEN": sum(range(500))})
            started = time.monotonic()
            finding = scans.finish("whole")
            whole = time.monotonic() - started
            again, without, died = 0, 0, 0
            for number in range(kills):
                out = f"killed{number}"
                proxy.asked.clear()
                timer = threading.Timer(rng.uniform(0, whole), scans.kill)
                timer.start()
                code = scans.ended(out)
                timer.cancel()
                died += code == -signal.SIGKILL
                read = sum(proxy.asked.values())
                if scans.finish(out) != finding or scans.evidence(out) != scans.evidence("whole"):
                    sys.exit(f"kill {number}: another finding")
                twice = sum(proxy.asked.values()) - len(proxy.asked)
                if code == -signal.SIGKILL and (len(proxy.asked) != 2 * count or twice > AT_ONCE * BATCH):
                    sys.exit(f"kill {number}: {len(proxy.asked):,} accounts asked for, {twice:,} of them twice")
                if code == -signal.SIGKILL:
                    again, without = again + twice, without + read
    ours, others = again / max(died, 1), without / max(died, 1)
    print(f"{died} of {kills} scans of {2 * count:,} balances killed, the others had ended ({whole:.1f} s each):")
    print(f"  {ours:,.0f} balances a scan asked for twice, {others:,.0f} without a journal")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
