"""Several exchanges at one moment: what stands beside each other, and what is said so that it does not mislead."""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import html5lib
import pytest

from scanner.core.evidence import Outcome
from scanner.core.ids import AssetId
from scanner.history.log import HistoryLog, append, keep_unverified, open_history
from scanner.history.score.summary import score_summary
from scanner.history.summary import summary
from scanner.report.site import shell
from scanner.report.site.compare import compare_index, compare_page
from scanner.report.site.nearest import Comparison, comparisons
from scanner.report.site.shell import Site
from scanner.weighing.claim import Liability
from scanner.weighing.holdings import Holding
from tests.support.attestations.attested import ALICE, ETH, TIMED_OUT, Attested, a_claim, agreed, attest, blocks_by
from tests.support.history_behaviour import DECEMBER, SEAL, a_report

LATER = DECEMBER + timedelta(days=3, hours=5)


def of_ether_alone(exchange: str) -> Attested:
    """One whose claim speaks of no other coin."""
    claim = a_claim(
        exchange=exchange,
        as_of=DECEMBER,
        digest=hashlib.sha256(exchange.encode()).hexdigest(),
        assets={ETH.id: ETH},
        liabilities={"ETH": Liability("ETH", Fraction(1))},
        holdings=(Holding(ETH.id, ALICE),),
        custody=(),
        snapshots={},
    )
    outcomes: dict[tuple[AssetId, bytes], Outcome] = {(ETH.id, ALICE): agreed(10**18)}
    blocks = [block for block in blocks_by(DECEMBER) if block.chain in claim.chains]
    return attest(outcomes, claim=claim, signers=(SEAL,), scanned_at=LATER, snapshots=blocks)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryLog]:
    """Of one moment, of another one near it, with a shortfall and with a gap; one far away, one not verified."""
    with open_history(str(tmp_path_factory.mktemp("compare") / "history.sqlite"), create=True) as opened:

        def add(attested: Attested) -> None:
            evidence = io.BytesIO(attested.evidence)
            append(opened, attested.envelope, attested.claim, attested.keys, evidence, at=LATER)

        add(a_report(exchange="Zebra"))
        add(a_report(LATER, exchange="Apple <b>", eth_bob=agreed(1)))
        add(a_report(exchange="Mango", eth_bob=TIMED_OUT))
        add(of_ether_alone("Little"))
        add(a_report(DECEMBER - timedelta(days=40), exchange="Far"))
        keep_unverified(opened, a_report(exchange="Unverified").envelope, at=LATER)
        yield opened


@pytest.fixture(scope="module")
def site(history: HistoryLog) -> Site:
    listed = summary(history)
    return Site("Reserves", listed, scores=score_summary(history, auditors=[SEAL], listed=listed))


@pytest.fixture(scope="module")
def at_december(site: Site) -> Comparison:
    return next(each for each in comparisons(site.summary) if each.moment == DECEMBER)


def text(page: bytes) -> str:
    """Of a page, parsed strictly as a browser would; labels of cards are those of columns again."""
    body = html5lib.HTMLParser(strict=True).parse(page.decode()).find("{http://www.w3.org/1999/xhtml}body")
    return " ".join(" ".join(body.itertext()).split())


@pytest.fixture(scope="module")
def told(site: Site, at_december: Comparison) -> str:
    return text(compare_page(site, at_december, None, None))


def test_exchanges_stand_in_the_order_of_their_names_whatever_their_figures(told: str) -> None:
    for heading in (
        "The report of each exchange that is nearest",
        "ETH, in whole coins",
        "The criteria of each report",
    ):
        table = told.partition(heading)[2]
        order = ("Apple <b>", "Little", "Mango", "Zebra")
        places = [table.index(name) for name in order]
        assert places == sorted(places), heading
    assert "The exchanges stand in the order of their names." in told


def test_how_far_each_report_lies_from_the_moment_and_from_the_others_is_said(told: str) -> None:
    assert "4 exchanges have a verified report at most 16 d away from this moment: they lie up to 3 d 5 h" in told
    assert "These reports are not of one moment." in told
    assert "3 d 5 h later" in told
    assert told.count("the moment itself") == 3


def test_a_unit_has_verdict_amounts_ratio_and_what_the_amount_owed_rests_on(told: str) -> None:
    eth = told.partition("ETH, in whole coins")[2].partition("USDT, in whole coins")[0]
    apple, little, mango, zebra = (eth.partition(name)[2] for name in ("Apple <b>", "Little", "Mango", "Zebra"))
    assert "✗ SHORT" in apple.partition("Little")[0]
    assert "? UNKNOWN" in mango.partition("Zebra")[0]
    assert "1 of 2" in mango  # accounts not read
    assert "✓ COVERED" in zebra
    assert "103.06%" in zebra
    assert "STATED : the total is the exchange's word." in eth.replace("STATED:", "STATED :")
    assert little


def test_a_unit_that_a_report_leaves_out_is_said_to_be_left_out(told: str) -> None:
    btc = told.partition("BTC, in whole coins")[2].partition("ETH, in whole coins")[0]
    assert "not in its report" in btc.partition("Little")[2].partition("Mango")[0]


def test_what_is_not_compared_is_named_with_the_reason(told: str) -> None:
    others = told.partition("Not compared")[2]
    assert f"Far: its nearest verified report is of {DECEMBER - timedelta(days=40):%Y-%m-%d} , 40 d earlier." in others
    assert "Unverified: this history has no verified report of it." in others


def test_accounts_that_two_of_them_declare_are_said_once(told: str) -> None:
    assert told.count("stand in claims of both Apple <b> and Zebra, of whatever day: what they hold cannot be") == 1


def test_the_criteria_of_each_score_stand_there_and_their_sum_does_not(told: str) -> None:
    shown = told.partition("How much was shown of each")[2]
    for title in ("1 assets verified by cryptography", "6 auditors' signatures", "Blocks apart"):
        assert title in shown
    assert "NOT SHOWN" in shown
    assert " of 6" not in told


def test_a_score_of_another_finding_on_the_claim_is_not_set_beside_the_report(
    site: Site, at_december: Comparison
) -> None:
    def shown(exchanges: int) -> str:
        scores = copy.deepcopy(site.scores or {})
        for exchange in scores["exchanges"][:exchanges]:
            for score in exchange["scores"]:
                score["attestations"] = ["ab" * 32]
        page = text(compare_page(replace(site, scores=scores), at_december, None, None))
        return page.partition("How much was shown of each")[2]

    said = "the score of its claim is of another finding than its report here."
    assert shown(0).count(said) == 0
    assert shown(len((site.scores or {})["exchanges"])).count(said) == len(at_december.near)
    assert "Blocks apart" not in shown(len((site.scores or {})["exchanges"]))


def test_without_scores_nothing_is_said_of_how_much_was_shown(site: Site, at_december: Comparison) -> None:
    assert "How much was shown" not in text(compare_page(Site("Reserves", site.summary), at_december, None, None))


def test_amounts_owed_that_rest_on_different_evidence_are_said_to_give_ratios_of_different_kinds(
    site: Site, at_december: Comparison
) -> None:
    *_, zebra = at_december.near
    _, reserve = zebra.lines["ETH"]
    basis = dict(reserve["owedBasis"])
    try:
        reserve["owedBasis"]["shows"] = "TOTAL-PROVEN"
        page = text(compare_page(site, at_december, None, None))
    finally:
        reserve["owedBasis"].update(basis)
    assert "What is owed rests on different evidence, so these ratios are not of one kind. STATED: " in page
    assert "TOTAL-PROVEN: the total is the sum of all records that were published." in page


def a_statement(claims: list[str], exchanges: list[str]) -> dict[str, Any]:
    """Of claims together, as a summary has it."""
    points = [{"at": "2023-12-28T00:00:00Z"}, {"at": "2023-12-31T05:00:00Z"}]
    return {
        "statement": "ab" * 32,
        "of": "together",
        "claims": claims,
        "exchanges": exchanges,
        "together": {"units": [{"unit": "ETH", "verdict": "SHORT"}], "points": points},
    }


def test_what_is_stated_of_their_claims_together_stands_at_the_coin_and_of_other_claims_nothing_does(
    site: Site, at_december: Comparison
) -> None:
    named = [report for report in at_december.near if report.exchange in ("Mango", "Zebra")]
    claims = [each["claim"] for report in named for each in report.attestations]
    of_both = a_statement(claims, ["Mango", "Zebra"])
    joint = Site("Reserves", {**site.summary, "several": [of_both]})
    page = text(compare_page(joint, at_december, None, None))
    eth = page.partition("ETH, in whole coins")[2].partition("USDT, in whole coins")[0]
    assert "ETH, jointly ✗ SHORT : at every moment all of them together held less than they owe together" in eth
    assert "Weighed together : Mango and Zebra. The claims are of different days" in page
    other = Site("Reserves", {**site.summary, "several": [{**of_both, "claims": [claims[0], "sha256:" + "00" * 32]}]})
    for without in (other, site):
        page = text(compare_page(without, at_december, None, None))
        assert "jointly" not in page
        assert "None of these claims were weighed together in this history" in page


def test_verdicts_by_different_policies_are_said_to_be_so(site: Site, at_december: Comparison, told: str) -> None:
    assert "different policies" not in told
    (attestation,) = at_december.near[-1].attestations
    laxer = {**attestation, "threshold": "0.955"}
    near = (*at_december.near[:-1], replace(at_december.near[-1], attestations=(laxer,)))
    page = text(compare_page(site, replace(at_december, near=near), None, None))
    assert "The least ratio that is COVERED: 100% of Apple <b>, 100% of Little, 100% of Mango, 95.5% of Zebra." in page


def test_all_moments_are_listed_the_latest_first_and_lead_to_each_other(site: Site) -> None:
    found = comparisons(site.summary)
    page = compare_index(site, found).decode()
    links = [page.index(shell.compare_file(each.as_of)) for each in found]
    assert links == sorted(links, reverse=True)
    assert [datetime.fromisoformat(each.as_of) for each in found] == [DECEMBER, LATER]
    first = compare_page(site, found[0], None, found[1]).decode()
    assert f'Later: <a href="../{shell.compare_file(found[1].as_of)}">' in first
    assert "Earlier: " not in first
