"""The exceptions that are of no single row of the evidence: of files, chains, assets, units and the claim as a whole.

They come out of the claim as it was read and of the predicate as it was computed again. Nothing is judged here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.attesting.verify import Verified
from scanner.core.amounts import exact, parse_decimal, parse_percent
from scanner.proofs.liabilities.remarks import REMARKS
from scanner.report.findings.exceptions import ExceptionClass, Procedure, ReportedException
from scanner.report.wording import WITHHELD, contradictions, not_covered, not_established, without_proof
from scanner.sources.addresses import ReadClaim
from scanner.sources.read_file import ReadFile, misfit_in_words
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding

_STATEMENT: Final = "statement"


def of_claim(read: ReadClaim, verified: Verified) -> Iterator[ReportedException]:
    """All of them, procedure by procedure. `verified` is what was computed again from the evidence, `read` is the
    claim's file with what became of the files it names."""
    finding, stated = verified.finding, verified.predicate["finding"]
    for number, file in enumerate(read.files, 1):
        yield from _of_rows(number, file)
        yield from _of_file(number, file, read.claim)
    yield from _of_completeness(read, stated)
    yield from _of_blocks(finding)
    yield from _of_proofs(stated)
    yield from _of_custody(finding.claim)
    for number, reserve in enumerate(stated["reserves"], 1):
        yield from _of_reserve(number, reserve, complete=stated["complete"])
    for number, keyid in enumerate(verified.unchecked, 1):
        what = f"made by a key that was not asked for, so that nothing is known of it: {keyid or 'it names no key'}"
        subject = "the statement"
        yield ReportedException(
            ExceptionClass.SIGNATURE, str(number), Procedure.SIGNATURES, subject, what, "attestation"
        )


def _of_rows(number: int, file: ReadFile) -> Iterator[ReportedException]:
    """Every refused row and unread cell; those for which the reader kept no place together, by reason."""
    account = file.account
    subject = f"file {number}: {file.name}"
    for at, row in enumerate(account.listed, 1):
        what = f"{row.reason}: {row.detail}" if row.detail else str(row.reason)
        yield _of_files(ExceptionClass.REFUSED_ROW, f"{number}-{at}", subject, what, f"{file.name}, {row.place}")
    listed = Counter(row.reason for row in account.listed)
    for reason, count in sorted(account.refused.items()):
        if more := count - listed[reason]:
            what = f"{reason}: {more:,} more rows, beyond the first {len(account.listed):,} that are listed one by one"
            yield _of_files(ExceptionClass.REFUSED_ROW, f"{number}-more-{reason}", subject, what, file.name)
    for at, cell in enumerate(account.unread_cells, 1):
        what = f"{cell.what}: {cell.detail}"
        yield _of_files(ExceptionClass.UNREAD_CELL, f"{number}-{at}", subject, what, f"{file.name}, {cell.place}")
    kept = Counter(cell.what for cell in account.unread_cells)
    for kind, count in sorted(account.unread.items()):
        if more := count - kept[kind]:
            what = f"{kind}: {more:,} more cells, beyond the first {len(account.unread_cells):,} that are listed"
            yield _of_files(ExceptionClass.UNREAD_CELL, f"{number}-more-{kind}", subject, what, file.name)


def _of_file(number: int, file: ReadFile, claim: Claim) -> Iterator[ReportedException]:
    subject = f"file {number}: {file.name}"
    if losses := file.losses(claim.liabilities):
        what = f"not all that the file declares is in the claim: {'; '.join(losses)}"
        yield _of_files(ExceptionClass.FILE, str(number), subject, what, file.name)
    for at, what in enumerate(file.not_understood, 1):
        yield _of_files(ExceptionClass.FILE, f"{number}-{at}", subject, what, file.name)
    for at, misfit in enumerate(file.misfits, 1):
        yield ReportedException(
            of=ExceptionClass.TOTAL,
            key=f"{number}-{at}",
            procedure=Procedure.TOTALS,
            subject=subject,
            what=misfit_in_words(misfit),
            place=f"{file.name}, line {misfit.line}",
            stated=exact(misfit.stated),
            found="" if misfit.found is None else exact(misfit.found),
        )


def _of_files(of: ExceptionClass, key: str, subject: str, what: str, place: str) -> ReportedException:
    return ReportedException(of, key, Procedure.FILES, subject, what, place)


def _of_completeness(read: ReadClaim, finding: Mapping[str, Any]) -> Iterator[ReportedException]:
    if not finding["complete"]:
        lost = ", ".join(read.losses)
        why = f"not all of these files is in it: {lost}" if lost else "so it says itself"
        what = (
            f"the claim lists only a part of what the exchange declares ({why}); it can never show that a unit is short"
        )
        yield ReportedException(ExceptionClass.INCOMPLETE, "1", Procedure.FILES, "the claim", what, "claim")
    share = finding["shareOfAllOwed"]
    if share is None or parse_percent(share)[0] < 1:
        what = (
            "the claim does not say of how much of all that the exchange owes it speaks"
            if share is None
            else "the claim speaks of a part, by value, of all that the exchange owes, as that states it"
        )
        of, stated = ExceptionClass.INCOMPLETE, share or ""
        yield ReportedException(of, "owed", Procedure.OWED, "the claim", what, "claim", stated=stated)


def _of_blocks(finding: Finding) -> Iterator[ReportedException]:
    """Places at which the claim has something to be read, and of which no block was agreed on."""
    places = {**finding.claim.by_place(), **finding.claim.compared_elsewhere()}
    for place, holdings in places.items():
        if place not in finding.snapshots:
            chain, height = place
            at = "the last block at or before the moment" if height is None else f"block {height:,}"
            yield ReportedException(
                ExceptionClass.BLOCK,
                f"{chain}-{'moment' if height is None else height}",
                Procedure.BLOCKS,
                str(chain),
                f"operators did not agree on {at}, at which {len(holdings):,} holdings were to be read",
                _STATEMENT,
            )


def _of_proofs(finding: Mapping[str, Any]) -> Iterator[ReportedException]:
    for number, (asset, why) in enumerate(sorted(finding["proving"]["unproven"].items()), 1):
        what = f"balances of it went without proofs: {without_proof(why)}"
        yield ReportedException(ExceptionClass.UNPROVEN, str(number), Procedure.PROOFS, asset, what, _STATEMENT)
    found = zip(finding["contradicted"], contradictions(finding), strict=True)
    for number, (each, what) in enumerate(found, 1):
        yield ReportedException(
            ExceptionClass.CONTRADICTION, str(number), Procedure.PROOFS, each["on"], what, _STATEMENT
        )


def _of_custody(claim: Claim) -> Iterator[ReportedException]:
    for number, each in enumerate(claim.custody, 1):
        who = each.custodian or "a third party without a name"
        what = f"said to be held by {who}, without an address: nothing was read, and nothing of it counts as held"
        yield ReportedException(
            ExceptionClass.CUSTODY, str(number), Procedure.CUSTODY, each.unit, what, "claim", stated=exact(each.amount)
        )


def _of_reserve(number: int, reserve: Mapping[str, Any], *, complete: bool) -> Iterator[ReportedException]:
    unit, owed = reserve["unit"], reserve["owed"]
    held = "" if not_established(reserve) else reserve["held"]

    def exception(of: ExceptionClass, key: str, procedure: Procedure, what: str, **figures: str) -> ReportedException:
        return ReportedException(of, key, procedure, unit, what, _STATEMENT, **figures)

    basis = reserve["owedBasis"]
    for remark in () if basis is None else basis["remarks"]:
        what = f"{remark}: {REMARKS.get(remark, '')}"
        yield exception(ExceptionClass.OWED, f"{number}-{remark}", Procedure.OWED, what, stated=owed or "")
    for reason in reserve["withheld"]:
        what = f"{reason['why']}: {WITHHELD[reason['why']]}; {reason['detail']}"
        procedure = Procedure.RATIO if reason["why"] == "MOMENTS_APART" else Procedure.OWED
        yield exception(ExceptionClass.WITHHELD, f"{number}-{reason['why']}", procedure, what)
    if reserve["verdict"] == "UNKNOWN":
        why = not_covered(reserve, complete=complete) or "it is not shown that enough is held"
        what = f"it is not shown that the unit is covered, nor that it is short: {why}"
        yield exception(ExceptionClass.NOT_SHOWN, str(number), Procedure.RATIO, what, stated=owed or "", found=held)
    elif reserve["verdict"] == "SHORT" or (owed is not None and parse_decimal(reserve["held"]) < parse_decimal(owed)):
        what = "less is held than is owed, or than the policy requires"
        yield exception(ExceptionClass.SHORTFALL, str(number), Procedure.RATIO, what, stated=owed or "", found=held)
    if reserve["statedAgrees"] is False:
        what = "the printed ratio is no rounding of the one that follows"
        yield exception(
            ExceptionClass.PRINTED_RATIO,
            str(number),
            Procedure.RATIO,
            what,
            stated=reserve["statedRatio"],
            found=reserve["ratio"],
        )
