"""What the second exchange held before and after its last generated report: a series, signed as real ones are, on
evidence that no node gave. Everything is in it that a series can have: a coin of which a part came for the report and
went again, one that was not read at two moments, one that was there all the while, and a stretch without a moment.

No node and no clock is asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from demo import earlier
from demo.earlier import NOTE, OPERATORS, SECOND, Month
from scanner.attesting.envelope import Signer
from scanner.attesting.points import MomentsRun, point_folder, write_point
from scanner.attesting.series.attestation import signed_series
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.core.sampling import Sample
from scanner.proofs.witness import Witness
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh
from scanner.weighing.schedule import Schedule, moments, seed_chain
from scanner.weighing.series import Point, Series

_EVERY: Final = timedelta(days=1)
_STRETCHES: Final = (-10, 8)  # of which a week on each side is a window
_UNDRAWN: Final = -9  # the stretch of which no operator agreed on the last block: before the window
_CAME: Final = 637  # of ETH, in hundredths of a percent of what is owed: for the report, and gone after it
_STAYED: Final = timedelta(days=2)  # before the report and after it
_OUTAGE: Final = timedelta(days=5)  # before the report: until then Bitcoin could not be read
_FIRST: Final = datetime(2015, 1, 1, tzinfo=UTC)  # of block 0 of each chain
_SPACING: Final = {"bip122": 600, "eip155": 12}  # seconds


def write(target: Path, month: Month, signer: Signer) -> None:
    """The series around a month's report, whose claim lies in the folder, with the moments' files beside it."""
    claim = load_claim(target / "claim.yaml")
    schedule = Schedule(claim.as_of, _EVERY, *_STRETCHES)
    chain = seed_chain(claim)
    if month.exchange != SECOND or chain is None:
        raise ValueError("a series is generated of the second exchange alone")
    blocks = {number: _block(chain, schedule.end_of(number)) for number in schedule.numbers if number != _UNDRAWN}
    scanned_at = schedule.end + timedelta(days=1)
    points = [_point(target, claim, month, moment, scanned_at) for moment in moments(schedule, blocks)]
    series = Series(claim, schedule, blocks, tuple(points))
    name, document, _ = signed_series(series, MomentsRun(scanned_at, "demo"), [signer])
    (target / name).write_bytes(document)


def _point(target: Path, claim: Claim, month: Month, moment: datetime, scanned_at: datetime) -> Point:
    moved = claim.sampled_at(moment)
    came = _CAME if abs(moment - claim.as_of) <= _STAYED else 0
    then = replace(month, ratios={**month.ratios, "ETH": month.ratios["ETH"] - _CAME + came})
    pinned = {moved.place_of(holding): _block(moved.place_of(holding)[0], moment) for holding in moved.holdings}
    if moment < claim.as_of - _OUTAGE:
        pinned = {place: block for place, block in pinned.items() if place[0].namespace != "bip122"}
    rows = earlier.rows(moved, then, pinned)
    finding: Finding = weigh(moved, pinned, rows, Policy(), Proving(sample=Sample(0)))
    folder = target / point_folder(moment)
    folder.mkdir(parents=True)
    files: dict[str, BytesIO] = {}
    statement = write_point(
        *(finding, rows, dict.fromkeys(claim.chains, OPERATORS), Witness()),
        create=lambda name: files.setdefault(name, BytesIO()),
        scanned_at=scanned_at,
        scanner="demo",
        notes=[NOTE],
    )
    for name, file in files.items():
        (folder / name).write_bytes(file.getvalue())
    return Point.of(finding, statement)


def _block(chain: Chain, moment: datetime) -> Snapshot:
    """The last block at or before a moment, of a chain that has one at even distances and that no one has."""
    spacing = _SPACING[chain.namespace]
    height = (moment - _FIRST) // timedelta(seconds=spacing)
    time = _FIRST + height * timedelta(seconds=spacing)
    return Snapshot(chain, height, _hash(chain, height), _hash(chain, height - 1), time)


def _hash(chain: Chain, height: int) -> str:
    prefix = "0x" if chain.namespace == "eip155" else ""
    return prefix + hashlib.sha256(f"{chain} {height}".encode()).hexdigest()
