"""The table of procedures: what was done, on how many of how many, what came of it, and how many exceptions it has.

Counts and figures come out of what was computed again from the evidence; nothing is judged here. Whether a procedure
suffices for a reader's purpose no program can say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.attesting.verify import Verified
from scanner.core.control import Control
from scanner.errors import CLAIM_ONLY
from scanner.report.cells import moment
from scanner.report.findings.examined import Examined
from scanner.report.findings.exceptions import Procedure
from scanner.report.findings.of_rows import RowCounts
from scanner.report.findings.text import DONE, NOT_GIVEN
from scanner.sources.addresses import ReadClaim


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """One procedure."""

    procedure: Procedure
    on: str  # how many of how many
    result: str
    exceptions: int

    @property
    def done(self) -> str:
        """What it is."""
        return DONE[self.procedure]


def carried_out(examined: Examined, rows: RowCounts, exceptions: Mapping[Procedure, int]) -> tuple[CarriedOut, ...]:
    """All procedures in the order of their numbers. `exceptions`: how many each has."""
    texts = {
        Procedure.FILES: _files(examined.read),
        Procedure.TOTALS: _totals(examined.read),
        Procedure.ACCOUNTS: _accounts(examined.finding, rows),
        Procedure.BLOCKS: _blocks(examined.verified),
        Procedure.BALANCES: _balances(examined.finding, rows),
        Procedure.PROOFS: _proofs(examined.finding, rows),
        Procedure.CONTROL: _control(examined.finding, rows),
        Procedure.AMOUNTS: _amounts(rows),
        Procedure.CUSTODY: _custody(examined.verified),
        Procedure.OWED: _owed(examined.finding),
        Procedure.RATIO: _ratio(examined.finding),
        Procedure.EARLIER: _earlier(examined.over_time.history),
        Procedure.SERIES: _series(examined.over_time.series),
        Procedure.FLOWS: _flows(examined.over_time.flows),
        Procedure.TOGETHER: _together(examined.over_time.together),
        Procedure.SIGNATURES: _signatures(examined.verified),
    }
    return tuple(CarriedOut(each, *texts[each], exceptions.get(each, 0)) for each in Procedure)


def _files(read: ReadClaim) -> tuple[str, str]:
    if not read.files:
        return "0 of 0 files", "The claim names no published file; its rows stand in the claim itself."
    rows = sum(file.account.read for file in read.files)
    accepted = sum(file.account.accepted for file in read.files)
    refused = Counter[str]()
    for file in read.files:
        refused.update({str(reason): count for reason, count in file.account.refused.items()})
    result = f"{rows:,} rows read, {accepted:,} accepted, {refused.total():,} refused{_listed(refused)}."
    return f"{len(read.files):,} of {len(read.files):,} files", result


def _totals(read: ReadClaim) -> tuple[str, str]:
    stated = sum(file.stated for file in read.files)
    misfits = [misfit for file in read.files for misfit in file.misfits]
    open_ones = sum(misfit.found is None for misfit in misfits)
    if not stated:
        return "0 of 0 totals", "No file states a total, or a number of rows."
    return (
        f"{stated - open_ones:,} of {stated:,} totals",
        f"{stated - len(misfits):,} are what the rows come to, {len(misfits):,} are not.",
    )


def _accounts(finding: Mapping[str, Any], rows: RowCounts) -> tuple[str, str]:
    unfit = {why.value: count for why, count in sorted(rows.whys.items()) if why in CLAIM_ONLY}
    result = f"{finding['accounts']['count']:,} accounts are declared. Holdings that can count for nothing: "
    return _of(rows.rows, rows.rows, "holdings"), f"{result}{sum(unfit.values()):,}{_listed(unfit)}."


def _blocks(verified: Verified) -> tuple[str, str]:
    claim, pinned = verified.finding.claim, verified.finding.snapshots
    places = {*claim.by_place(), *claim.compared_elsewhere()}
    compared = len(claim.compared_elsewhere())
    twice = len(verified.finding.passes)
    result = "Each is listed below with its hash, its time and the operators that were asked."
    return (
        _of(sum(place in pinned for place in places), len(places), "blocks"),
        f"{result} Blocks read for comparison only: {compared:,}. Chains read in two passes: {twice:,}.",
    )


def _balances(finding: Mapping[str, Any], rows: RowCounts) -> tuple[str, str]:
    bases = {basis.value: count for basis, count in sorted(rows.bases.items())}
    quorum = finding["policy"]["quorum"]
    reasons = {why.value: count for why, count in sorted(rows.whys.items())}
    result = (
        f"{rows.bases.total():,} balances were established{_listed(bases)}. As they count under the policy,"
        f" {rows.whys.total():,} holdings are gaps{_listed(reasons)}. Where nothing is proven,"
        f" {quorum:,} independent operators had to agree."
    )
    return _of(rows.bases.total(), rows.rows, "holdings"), result


def _proofs(finding: Mapping[str, Any], rows: RowCounts) -> tuple[str, str]:
    proven = sum(count for basis, count in rows.bases.items() if basis.value == "PROVEN")
    layouts = Counter(finding["proving"]["layouts"].values())
    assumed = f" Layouts of storage that were assumed, by number of contracts{_listed(layouts)}." if layouts else ""
    sample = finding["proving"]["sample"]
    size = None if sample is None else sample["size"]
    drawn = f" A sample was to be proven: up to {size:,} balances of each asset." if size else ""
    drawn = " No balance was to be proven." if size == 0 else drawn
    walked = f"{proven:,} balances follow from their block's hash by proofs that were walked again."
    return _of(proven, rows.rows, "holdings"), f"{walked}{assumed}{drawn}"


def _control(finding: Mapping[str, Any], rows: RowCounts) -> tuple[str, str]:
    published = rows.rows - rows.controls[Control.ABSENT]
    words = {word.value: rows.controls[word] for word in Control}
    message = "an own message was set" if finding["challenge"] else "no own message was set"
    return _of(published, rows.rows, "holdings"), f"By what is shown{_listed(words)}; {message} for this engagement."


def _amounts(rows: RowCounts) -> tuple[str, str]:
    same = rows.compared - rows.differing
    result = f"{same:,} are as claimed, within the way they are written; {rows.differing:,} are not."
    return _of(rows.compared, rows.stated, "stated amounts"), result


def _custody(verified: Verified) -> tuple[str, str]:
    count = len(verified.finding.claim.custody)
    result = "Nothing was read of these; they are listed as exceptions, and not counted as held."
    return _of(0, count, "amounts"), result if count else "The claim names no amount that third parties hold."


def _owed(finding: Mapping[str, Any]) -> tuple[str, str]:
    bases = [reserve["owedBasis"] for reserve in finding["reserves"]]
    judged = sum(basis is not None and basis["scheme"] is not None for basis in bases)
    words = Counter("not published" if basis is None else basis["shows"] for basis in bases)
    result = f"What is shown of the amounts owed, by number of units{_listed(words)}."
    return _of(judged, len(bases), "units"), result


def _ratio(finding: Mapping[str, Any]) -> tuple[str, str]:
    reserves = finding["reserves"]
    verdicts = Counter(reserve["verdict"] for reserve in reserves)
    printed = [reserve for reserve in reserves if reserve["statedRatio"] is not None]
    agree = Counter(reserve["statedAgrees"] for reserve in printed)
    compared = f"Of {len(printed):,} printed ratios {agree[True]:,} are roundings of what follows, {agree[False]:,} are"
    return (
        _of(len(reserves) - verdicts["UNKNOWN"], len(reserves), "units"),
        f"By verdict{_listed(verdicts)}. {compared} not, and {agree[None]:,} cannot be compared.",
    )


def _earlier(history: Mapping[str, Any] | None) -> tuple[str, str]:
    if history is None:
        return "not carried out", NOT_GIVEN["history"]
    streaks = "; ".join(f"{unit['unit']}: {_streak(unit['streak'])}" for unit in history["units"])
    reports = f"{history['reports']:,} reports from {moment(history['first'])} to {moment(history['last'])}"
    cadence = history["cadence"]
    kept = (
        "no cadence was given, so that none is called missing or late"
        if cadence is None
        else f"{len(cadence['missing']):,} missing and {len(cadence['late']):,} late, expected {cadence['every']}"
    )
    return (
        _of(len(history["attestations"]) - history["unverified"], len(history["attestations"]), "attestations"),
        f"{reports}; {kept}. Reports in a row at or above 100%, up to the newest: {streaks or 'of no unit'}.",
    )


def _streak(streak: Mapping[str, Any] | None) -> str:
    return "none" if streak is None else f"{streak['reports']:,}, from {streak['first']} to {streak['last']}"


def _series(series: Mapping[str, Any] | None) -> tuple[str, str]:
    if series is None:
        return "not carried out", NOT_GIVEN["series"]
    stretches = series["series"]["stretches"]
    drawn = sum(stretch["moment"] is not None for stretch in stretches)
    windows = series["series"]["sustained"]
    shows = Counter(each["shows"] for each in windows)
    result = f"{len(series['series']['points']):,} moments were read. By unit and window{_listed(shows)}."
    return _of(drawn, len(stretches), "stretches"), f"{result} What was held between sampled blocks is not known."


def _flows(flows: Mapping[str, Any] | None) -> tuple[str, str]:
    if flows is None:
        return "not carried out", NOT_GIVEN["flows"]
    assets = flows["flows"]["assets"]
    shows = Counter(each["shows"] for each in assets)
    trips = sum(each["roundTrips"] for each in assets)
    result = (
        f"By asset{_listed(shows)}; {trips:,} round trips. What moves without a log is not seen, and no transfer says"
    )
    return _of(shows["COMPLETE"], len(assets), "assets"), f"{result} why it was made, or whose the other account is."


def _together(together: Mapping[str, Any] | None) -> tuple[str, str]:
    if together is None:
        return "not carried out", NOT_GIVEN["together"]
    joint = together["together"]
    units = Counter(unit["verdict"] for unit in joint["units"])
    names = " and ".join(claim["exchange"] for claim in joint["claims"])
    count = len(joint["points"])
    return _of(count, count, "moments"), f"The claims of {names}, jointly, by number of units{_listed(units)}."


def _signatures(verified: Verified) -> tuple[str, str]:
    signed, unchecked = len(verified.keyids), len(verified.unchecked)
    result = (
        "Each key that was asked for signed the statement; claim, evidence and witness are the files that it names; the"
        " finding computed again from them is the one that was signed, byte for byte."
    )
    return _of(signed, signed + unchecked, "signatures"), result


def _of(some: int, all_of_them: int, what: str) -> str:
    return f"{some:,} of {all_of_them:,} {what}"


def _listed(counts: Mapping[str, int]) -> str:
    """ " (a: 1, b: 2)"; nothing where there is none."""
    parts = _parts(counts.items())
    joined = ", ".join(parts)
    return f" ({joined})" if joined else ""


def _parts(counts: Iterable[tuple[str, int]]) -> Iterator[str]:
    return (f"{name}: {count:,}" for name, count in sorted(counts) if count)
