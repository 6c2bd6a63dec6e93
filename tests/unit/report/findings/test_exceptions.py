"""Every exception is listed: of rows, of files, of units, of the claim as a whole; each with its figures and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest

from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.lower_bound import AtLeast
from scanner.errors import ScannerError, Why
from scanner.report.findings import document, forms
from scanner.report.findings.document import MOST_LISTED, ExceptionCounts
from scanner.report.findings.exceptions import ExceptionClass, Procedure, ReportedException
from scanner.report.findings.of_claim import of_claim
from scanner.report.findings.of_rows import RowCounts, of_rows
from scanner.report.findings.parts import Paragraph, TextTable
from scanner.report.findings.text import too_many
from scanner.sources.addresses import ReadClaim
from scanner.sources.published import RefusedRow, RowAccount, RowPlace, RowRefusal, UnreadCell, UnreadKind
from scanner.sources.read_file import ReadFile
from scanner.weighing.claim import Misfit
from scanner.weighing.counted_rows import CountedRow
from tests.support.attestations.attested import ALICE, ETH, ETHEREUM, attest, held
from tests.support.findings_reports import examined, exceptions, rows
from tests.support.tables import each_of

ETHER = 10**18


def a_row(outcome: Balance | Gap, counted: Balance | Gap | None = None, **changes: Any) -> CountedRow:
    values = {"claimed": None, "control": Control.SHOWN}
    row = EvidenceRow(ETH.id, ALICE, "0x" + "1f" * 32, outcome, **(values | changes))
    return CountedRow(7, ETH, row, counted or outcome, None, disagrees=False)


def only(row: CountedRow) -> ReportedException:
    (found,) = of_rows([row])
    return found


BELIEVED = Balance(15 * ETHER // 10, Basis.QUORUM, ("alpha", "beta"))


@each_of(
    ("row", "of", "what"),
    [
        (a_row(Gap(Why.UNREACHABLE, "timed out")), ExceptionClass.GAP, "UNREACHABLE: no answer came"),
        (a_row(Gap(Why.DISAGREEMENT, "", (("alpha", 1 * ETHER),), 2 * ETHER)), ExceptionClass.GAP, "a proof shows 2"),
        (a_row(Gap(Why.DISAGREEMENT, "", (("alpha", 1 * ETHER),))), ExceptionClass.GAP, "alpha says 1"),
        (a_row(BELIEVED, Gap(Why.WEAK_BASIS, "own")), ExceptionClass.GAP, "WEAK_BASIS"),
        (a_row(replace(BELIEVED, at_least=True)), ExceptionClass.LOWER_BOUND, "there may be more"),
        (a_row(replace(BELIEVED, dissent=(("gamma", 7),))), ExceptionClass.DISSENT, "gamma says 0.000000000000000007"),
        (
            a_row(replace(BELIEVED, dissent=(("gamma", AtLeast(2 * ETHER)),))),
            ExceptionClass.DISSENT,
            "gamma says at least 2",
        ),
        *(
            (a_row(BELIEVED, control=word), ExceptionClass.CONTROL, f"{word}: ")
            for word in Control
            if word is not Control.SHOWN
        ),
    ],
)
def test_what_is_wrong_with_a_row_is_one_exception(row: CountedRow, of: ExceptionClass, what: str) -> None:
    found = only(row)
    assert found.of is of
    assert what in found.what
    assert (found.id, found.place) == (f"{of}-7", "evidence, line 8")
    assert found.account == "0x" + "0a" * 20


def test_a_row_with_which_nothing_is_wrong_is_none() -> None:
    assert list(of_rows([a_row(BELIEVED)])) == []


def test_a_difference_has_both_amounts_in_whole_coins() -> None:
    row = replace(a_row(BELIEVED, claimed=ETHER, height=5), compared=15 * ETHER // 10, disagrees=True)
    found = only(row)
    assert (found.of, found.stated, found.found) == (ExceptionClass.DIFFERENCE, "1", "1.5")
    assert "at block 5" in found.what


def test_a_row_can_be_several_exceptions() -> None:
    row = a_row(Gap(Why.NO_KEY), control=Control.ABSENT)
    assert [(each.of, each.procedure) for each in of_rows([row])] == [
        (ExceptionClass.GAP, Procedure.ACCOUNTS),
        (ExceptionClass.CONTROL, Procedure.CONTROL),
    ]


# --- Files


def a_file(**changes: Any) -> ReadFile:
    account = RowAccount(read=5, accepted=5, refused={}, listed=(), totals={})
    values: dict[str, Any] = {
        "name": "por.csv",
        "sha256": "ab" * 32,
        "layouts": ("plain",),
        "days": (),
        "account": account,
        "not_understood": (),
        "stated": 0,
        "misfits": (),
        "flaws": (),
        "texts_passed_over": 0,
        "assets": {},
        "heights": {},
        "vague": {},
    }
    return ReadFile(**(values | changes))


def of_file(**changes: Any) -> list[ReportedException]:
    attested = attest(held())
    found = of_claim(ReadClaim(attested.claim, (a_file(**changes),)), attested.verify())
    return [each for each in found if each.procedure in (Procedure.FILES, Procedure.TOTALS)]


def test_each_refused_row_is_an_exception_with_its_line() -> None:
    listed = (
        RefusedRow(RowPlace("", 3), RowRefusal.DUPLICATE, "stands already at line 2"),
        RefusedRow(RowPlace("a.csv", 9), RowRefusal.BAD_ADDRESS, "'x'"),
    )
    refused = {RowRefusal.DUPLICATE: 1, RowRefusal.BAD_ADDRESS: 1}
    found = of_file(account=RowAccount(5, 3, refused, listed, {}))
    rows = [each for each in found if each.of is ExceptionClass.REFUSED_ROW]
    assert [(each.id, each.what, each.place) for each in rows] == [
        ("REFUSED-ROW-1-1", "DUPLICATE: stands already at line 2", "por.csv, line 3"),
        ("REFUSED-ROW-1-2", "BAD_ADDRESS: 'x'", "por.csv, 'a.csv' line 9"),
    ]


def test_rows_beyond_those_of_which_the_place_was_kept_are_one_exception_for_each_reason() -> None:
    listed = (RefusedRow(RowPlace("", 3), RowRefusal.DUPLICATE, ""),)
    refused = {RowRefusal.DUPLICATE: 2_501, RowRefusal.CONFLICT: 7}
    found = of_file(account=RowAccount(5_000, 2_492, refused, listed, {}))
    more = {each.id: each.what for each in found if "more" in each.id}
    assert more == {
        "REFUSED-ROW-1-more-CONFLICT": "CONFLICT: 7 more rows, beyond the first 1 that are listed one by one",
        "REFUSED-ROW-1-more-DUPLICATE": "DUPLICATE: 2,500 more rows, beyond the first 1 that are listed one by one",
    }


def test_each_cell_that_could_not_be_read_is_an_exception() -> None:
    cells = (UnreadCell(RowPlace("", 4), UnreadKind.AMOUNT, "'1,5' may be read in two ways"),)
    account = RowAccount(5, 5, {}, (), {}, {UnreadKind.AMOUNT: 3}, cells)
    found = [(each.id, each.place) for each in of_file(account=account) if each.of is ExceptionClass.UNREAD_CELL]
    assert found == [("UNREAD-CELL-1-1", "por.csv, line 4"), ("UNREAD-CELL-1-more-AMOUNT", "por.csv")]


def test_a_file_that_is_not_whole_and_each_total_that_does_not_fit_are_exceptions() -> None:
    misfits = (Misfit("", 2, "BTC", Fraction(5), Fraction(4)), Misfit("", 3, "ETH", Fraction(1), None))
    found = of_file(flaws=("the archive is cut",), misfits=misfits, not_understood=("a column called x",), stated=2)
    assert [each.id for each in found] == ["FILE-1", "FILE-1-1", "TOTAL-1-1", "TOTAL-1-2"]
    assert "the archive is cut" in found[0].what
    assert [(each.stated, each.found) for each in found[2:]] == [("5", "4"), ("1", "")]


# --- Units, blocks, proofs, custody


def of_predicate(change: Mapping[str, Any], claim: Any = None) -> list[ReportedException]:
    """What is listed of an attestation whose finding is changed so: what `of_claim` reads of it, and does not judge."""
    attested = attest(held())
    shown = attested.verify()
    finding = {**shown.predicate["finding"], **change}
    shown = replace(shown, predicate={**shown.predicate, "finding": finding}, unchecked=("ab" * 32, ""))
    return list(of_claim(ReadClaim(claim or attested.claim), shown))


def a_reserve(**changes: Any) -> dict[str, Any]:
    reserve = attest(held()).statement["predicate"]["finding"]["reserves"][0]
    return {**reserve, **changes}


@each_of(
    ("changes", "of", "stated", "found"),
    [
        ({"verdict": "SHORT", "held": "90"}, ExceptionClass.SHORTFALL, "100", "90"),
        ({"verdict": "COVERED", "held": "99"}, ExceptionClass.SHORTFALL, "100", "99"),  # by a low threshold
        ({"verdict": "UNKNOWN", "held": "99", "gaps": 1}, ExceptionClass.NOT_SHOWN, "100", "99"),
        ({"verdict": "UNKNOWN", "held": "0", "gaps": 2, "holdings": 2}, ExceptionClass.NOT_SHOWN, "100", ""),
        ({"verdict": "UNKNOWN", "owed": None, "owedBasis": None}, ExceptionClass.NOT_SHOWN, "", "103.12345678"),
        ({"statedAgrees": False}, ExceptionClass.PRINTED_RATIO, "103%", "1.031234"),
        (
            {"withheld": [{"why": "OWED_CONTRADICTED", "detail": "the root"}]},
            ExceptionClass.WITHHELD,
            "",
            "",
        ),
    ],
)
def test_what_is_wrong_with_a_unit_is_an_exception(
    changes: dict[str, Any], of: ExceptionClass, stated: str, found: str
) -> None:
    listed = of_predicate({"reserves": [a_reserve(**({"statedAgrees": None} | changes))]})
    (one,) = (each for each in listed if each.procedure in (Procedure.RATIO, Procedure.OWED) and each.subject == "BTC")
    assert (one.of, one.subject, one.stated, one.found) == (of, "BTC", stated, found)


@each_of(("share", "stated"), [(None, [""]), ("16.5%", ["16.5%"]), ("99.99%", ["99.99%"]), ("100%", [])])
def test_a_claim_that_is_not_said_to_speak_of_all_that_is_owed_is_an_exception(
    share: str | None, stated: list[str]
) -> None:
    listed = [each for each in of_predicate({"shareOfAllOwed": share}) if each.id == "INCOMPLETE-owed"]
    assert [each.stated for each in listed] == stated


def test_remarks_on_what_is_owed_are_exceptions() -> None:
    basis = {**a_reserve()["owedBasis"], "remarks": ["no-sums", "negative"]}
    listed = of_predicate({"reserves": [a_reserve(owedBasis=basis)]})
    found = [each.id for each in listed if each.of is ExceptionClass.OWED]
    assert found == ["OWED-1-no-sums", "OWED-1-negative"]


def test_a_part_claim_unproven_assets_contradictions_and_unknown_signatures_are_exceptions() -> None:
    proving = {"layouts": {}, "sample": None, "unproven": {str(ETH.id): ["NO_STATE"]}}
    contradicted = [{"on": str(ETHEREUM), "certain": True, "proofs": 5, "contradicting": 2, "operators": ["beta"]}]
    listed = of_predicate({"complete": False, "proving": proving, "contradicted": contradicted})
    found = Counter(each.of for each in listed)
    assert found[ExceptionClass.INCOMPLETE] == 2  # the accounts, and what is owed
    assert found[ExceptionClass.UNPROVEN] == 1
    assert found[ExceptionClass.CONTRADICTION] == 1
    assert found[ExceptionClass.SIGNATURE] == 2


def test_custody_is_an_exception_since_nothing_of_it_was_read() -> None:
    (found,) = (each for each in of_predicate({}) if each.of is ExceptionClass.CUSTODY)
    assert (found.subject, found.stated) == ("BTC", "5.25")
    assert "A Custodian" in found.what


def test_blocks_that_were_not_agreed_on_are_exceptions() -> None:
    found = [each for each in exceptions("gaps") if each.of is ExceptionClass.BLOCK]
    assert [each.subject for each in found] == ["bip122:000000000019d6689c085ae165831e93"]
    assert "2 holdings" in found[0].what


# --- The whole


def test_a_report_that_lists_not_all_that_its_finding_counts_is_not_written() -> None:
    of = examined("gaps")
    wrong = replace(of.verified.finding, gap_counts={Why.NO_STATE: 1})
    of = replace(of, verified=replace(of.verified, finding=wrong))
    with pytest.raises(ScannerError, match=r"gaps: .* are listed, and .* are counted"):
        forms.write_report("csv", BytesIO(), of, rows("gaps", of))


def test_of_a_class_with_thousands_the_text_has_the_total_and_the_tables_have_all() -> None:
    heard, counts = ExceptionCounts(), RowCounts()
    many = (ReportedException(ExceptionClass.GAP, str(n), Procedure.BALANCES, "s", "w", "p") for n in range(2_000))
    few = [ReportedException(ExceptionClass.DISSENT, "1", Procedure.BALANCES, "s", "w", "p")]
    listed = sum(1 for _ in heard.listen([*many, *few]))
    assert listed == 2_001
    assert len(heard.first[ExceptionClass.GAP]) == MOST_LISTED
    section = document.report(examined("plain"), counts, heard)[3]
    texts = [part.text for part in section.parts if isinstance(part, Paragraph)]
    assert texts == [f"GAP: {too_many(2_000)}"]
    tables = {part.caption: len(part.rows) for part in section.parts if isinstance(part, TextTable)}
    assert list(tables.values()) == [2, 1]


def test_rows_are_counted_as_they_go_by() -> None:
    counts = RowCounts()
    given = [a_row(BELIEVED), a_row(Gap(Why.NO_KEY), control=Control.ABSENT), a_row(BELIEVED, Gap(Why.WEAK_BASIS))]
    assert list(counts.listen(iter(given))) == given
    assert (counts.rows, counts.bases, counts.whys) == (3, {Basis.QUORUM: 2}, {Why.NO_KEY: 1, Why.WEAK_BASIS: 1})
    assert counts.controls == {Control.SHOWN: 2, Control.ABSENT: 1}
