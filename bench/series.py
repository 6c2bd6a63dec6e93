"""What a series takes beside as many scans: 30 moments of 20,000 accounts, read from a local anvil.

    python -m bench.series [ACCOUNTS]

A scan of the same claim opens its nodes, searches for its block and reads; a series opens once, and searches for a
block in each stretch too. Wall time, so that only the ratio means anything; what is written down and verified of each
is not in it, and is given by itself.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Final

from localnet.anvil import Anvil
from scanner.attesting.points import MomentsRun, PointFiles, point_folder
from scanner.attesting.series.attestation import signed_series
from scanner.attesting.series.verify import judge_series
from scanner.chains.names import parse_asset, parse_chain
from scanner.cli.points_folder import Staged
from scanner.core.node_settings import NodeSettings
from scanner.scanning.run import Scan, scan
from scanner.scanning.series import read_series
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import Schedule

CHAIN: Final = parse_chain("eip155:1")
ETH: Final = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
GENESIS: Final = datetime(2025, 1, 1, tzinfo=UTC)
BLOCK: Final = 12  # seconds
SIDE: Final = 15  # stretches of a minute before the moment, and as many after it
SCANS: Final = 5  # that are timed


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 20_000
    rng = random.Random(17)
    accounts = sorted(rng.randbytes(20) for _ in range(count))
    with Anvil.start(args=["--timestamp", str(int(GENESIS.timestamp()))]) as anvil:
        anvil.set_balances({f"0x{account.hex()}": rng.randrange(1, 10**18) for account in accounts})
        anvil.rpc("anvil_mine", hex(2 * SIDE * 60 // BLOCK + 40), hex(BLOCK))
        claim = Claim(
            exchange="X",
            as_of=GENESIS + timedelta(minutes=SIDE + 2),
            assets={ETH.id: ETH},
            liabilities={"ETH": Liability("ETH", Fraction(1))},
            holdings=Holdings.of(Holding(ETH.id, account) for account in accounts),
            digest="ab" * 32,
        )
        settings = (NodeSettings("evm", anvil.url, "alpha", CHAIN),)
        instrument = Instrument(Policy(quorum=1), settings, 0)
        began = time.perf_counter()
        for number in range(SCANS):
            found = asyncio.run(scan(claim.sampled_at(claim.as_of + timedelta(minutes=number - 2)), instrument))
            assert not found.gaps
        each = (time.perf_counter() - began) / SCANS
        schedule = Schedule.around(claim.as_of, timedelta(minutes=SIDE), timedelta(minutes=1))
        with tempfile.TemporaryDirectory() as folder, Staged(Path(folder), ("series.json",)) as staged:
            _series(claim, instrument, schedule, staged, each)


def _series(claim: Claim, instrument: Instrument, schedule: Schedule, staged: Staged, each: float) -> None:
    written = 0.0

    def keep(found: Scan) -> str:
        nonlocal written
        began = time.perf_counter()
        digest = staged.keep(found)
        written += time.perf_counter() - began
        return digest

    began = time.perf_counter()
    series = asyncio.run(read_series(claim, instrument, schedule, keep))
    took = time.perf_counter() - began - written
    moments = len(series.points)
    _, _, statement = signed_series(series, MomentsRun(datetime.now(UTC), "bench"), [])
    began = time.perf_counter()
    judge_series(statement, claim, staged.opened)
    verified = time.perf_counter() - began
    size = sum(_size(staged, point_folder(point.at)) for point in series.points)
    rows = moments * len(claim.holdings)
    print(f"a scan                   {each:8.2f} s, {len(claim.holdings):,} balances")
    times = f"{took / (moments * each):.2f} times {moments} scans"
    print(f"a series of {moments} moments   {took:8.2f} s, {rows:,} balances: {times}")
    print(f"written down             {written:8.2f} s, {size / 1e6:.1f} MB, {size / rows:.1f} bytes a balance")
    print(f"verified                 {verified:8.2f} s, {rows / verified:,.0f} balances a second")


def _size(staged: Staged, point: str) -> int:
    with staged.opened(point) as files:
        assert isinstance(files, PointFiles)
        evidence = BytesIO(files.evidence.read())
        return len(files.statement) + len(evidence.getvalue())


if __name__ == "__main__":
    main()
