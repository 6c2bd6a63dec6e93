from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.sampling import Draw, Sample
from scanner.errors import Why
from scanner.report.lists import SHOWN
from scanner.report.notebook import units_table
from scanner.report.table import render
from scanner.weighing.claim import ClaimedFile, Custody, Liability, Misfit
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support.attestations.attested import (
    BOB,
    BTC,
    ETH,
    ETHEREUM,
    OTHER_SCRIPT,
    SCRIPT,
    SNAPSHOTS,
    TIMED_OUT,
    USDT,
    a_claim,
    agreed,
    attest,
    held,
    stated,
)
from tests.support.strength import examples
from tests.support.tables import each_of

CLAIM = a_claim(
    liabilities={
        "BTC": Liability("BTC", Fraction(139_199), stated("103%")),
        "ETH": Liability("ETH", Fraction(1_476_215), stated("104%")),
        "USDC": Liability("USDC", None, stated("104%")),
        "USDT": Liability("USDT", Fraction(5_244_268_687), stated("102%")),
    }
)
HELD = held(
    btc=agreed(143_492_12345678),
    btc_other=agreed(5),
    eth_alice=agreed(1_521_000 * 10**18),
    eth_bob=agreed(7 * 10**17),
    usdt_alice=agreed(5_349_154_060_000_000),
    usdt_carol=TIMED_OUT,
)


def predicate(**finding: Any) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(attest(HELD, claim=CLAIM).statement["predicate"])
    made["finding"].update(finding)
    return made


def table_of(text: str) -> list[list[str]]:
    return [re.split(r" {2,}", line.strip()) for line in text.split("\n\n")[1].splitlines()]


def test_the_table_is_this() -> None:
    assert render(predicate()).split("\n  read at\n")[0] == (
        """\
Example Exchange, as of 2023-11-22 16:00 UTC

  unit               held            owed      ratio   stated             verdict   basis    gaps
  BTC          143,492.12         139,199    103.08%   103% agrees        COVERED   quorum   -
  ETH        1,521,000          1,476,215    103.03%   104% contradicts   COVERED   quorum   -
  USDC               0         not stated          -   104%               UNKNOWN   -        -
  USDT   5,349,154,060      5,244,268,687   ≥101.99%   102%               COVERED   quorum   1 of 3

  UNKNOWN: no unit is shown to be short, and not all are shown to be covered
  USDC: the claim does not say what is owed

  Owed as stated by the exchange, without a published proof: BTC, ETH, USDT.

  BTC 103.08% (103.08% with custody): 5.25 BTC are said to be held by third parties, without
  addresses. They are not counted as held.

  not established: 1 of 7 holdings (1 UNREACHABLE)
  Nothing is counted for them, so what is held, and its ratio, may be higher than shown.
  0x0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c of eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7
    UNREACHABLE: 1 of 2 operators answered (alpha); beta: UNREACHABLE, timed out

  what is claimed, and how much of it was read
  asset        holdings   claimed   read    difference   differing
  BTC            2 of 2        60     60   +143,432.12           1
  USDT-ERC20     2 of 3         -      -             -           -
  ETH            2 of 2         7      7         -6.3            1

  largest differences
  bc1pqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqsyjer9e of bip122:000000000019d6689c085ae165831e93/slip44:0
    6000000000 atoms are claimed, 14349212345678 found
  0x0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b of eip155:1/slip44:60
    7000000000000000000 atoms are claimed, 700000000000000000 found

  not proven
  No balance was to be proven, on any chain.
"""
    )


def test_below_it_stands_what_it_rests_on_and_what_it_does_not_show() -> None:
    text = render(predicate())
    claim, evidence = (predicate()[part][name] for part, name in (("finding", "claim"), ("run", "evidence")))
    text, below = text.split("\n  read at\n")
    assert "not proven\n  No balance was to be proven, on any chain.\n" in text
    assert below == (
        f"""\
  bip122:000000000019d6689c085ae165831e93  block 817,900 of 2023-11-22 15:50 UTC
    {SNAPSHOTS[0].hash}
    asked: alpha, beta, gamma
  eip155:1  block 18,600,000 of 2023-11-22 15:59:59 UTC
    {SNAPSHOTS[1].hash}
    asked: alpha, beta, gamma

  what each unit rests on
  unit   asset                    held   known by
  BTC    BTC                143,492.12   chain
  ETH    ETH              1,521,000      chain
  USDT   USDT-ERC20   5,349,154,060      table
  table: the table of contracts has it as the coin's own on that chain.

  policy    2 operators have to agree, and none to disagree; covered is a ratio of 100% or more
  scanned   2023-11-23 09:30:01 UTC by reserve-scanner 0.1.0
  claim     {claim}
  evidence  {evidence}

  This is no audit, and no opinion on solvency. It compares what accounts held at one block of each
  chain with what the exchange states that it owes. It does not show that every liability was
  stated, that the exchange controls these accounts, or that what they held is not borrowed,
  pledged, or gone a block later. Figures are rounded down.
"""
    )


def test_what_does_not_fit_becomes_paragraphs() -> None:
    text = render(predicate(), width=60)
    assert "\n  USDT  COVERED\n    held    5,349,154,060\n    owed    5,244,268,687\n    ratio   ≥101.99%\n" in text
    assert "\n  USDC  UNKNOWN\n    held    0\n    owed    not stated\n    ratio   -\n    stated  104%\n" in text


@pytest.mark.parametrize("width", [97, 91, 90])
def test_the_table_is_no_wider_than_it_may_be(width: int) -> None:
    assert all(len(line) <= width for line in render(predicate(), width=width).split("\n\n")[1].splitlines())


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(min_value=1, max_value=250))
def test_every_figure_stands_there_at_any_width(width: int) -> None:
    text = render(predicate(), width=width)
    for figure in (
        "143,492.12",
        "139,199",
        "103.08%",
        "103% agrees",
        "104% contradicts",
        "not stated",
        "101.99%",
        "1 of 3",
    ):
        assert figure in text


@each_of(
    ("amount", "shown"),
    [
        ("0", "0"),
        ("1", "1"),
        ("999.99999", "999.9999"),
        ("1000.999", "1,000.99"),
        ("1000.001", "1,000"),
        ("999999.999", "999,999.99"),
        ("1000000.999", "1,000,000"),
        ("0.0001", "0.0001"),
        ("0.00009999", "<0.0001"),  # something is not nothing
        ("1.00001", "1"),
        ("123456789012345678901234567890.1", "123,456,789,012,345,678,901,234,567,890"),
    ],
)
def test_amounts_are_cut_and_never_rounded_up(amount: str, shown: str) -> None:
    made = predicate()
    made["finding"]["reserves"][0]["held"] = amount
    assert table_of(render(made, width=200))[1][1] == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        ("0.999999", "99.99%"),
        ("1.000000", "100.00%"),
        ("0.000000", "0.00%"),
        ("12345.678999", "1,234,567.89%"),
        (None, "-"),
    ],
)
def test_ratios_are_cut_and_never_rounded_up(ratio: str | None, shown: str) -> None:
    made = predicate()
    made["finding"]["reserves"][0]["ratio"] = ratio
    assert table_of(render(made))[1][3] == shown


@pytest.mark.parametrize(("more", "complete"), [({"gaps": 1}, True), ({"atLeast": 1}, True), ({}, False)])
def test_a_ratio_that_may_be_higher_says_so_wherever_it_stands(more: dict[str, int], complete: bool) -> None:
    made = predicate(complete=complete)
    btc = made["finding"]["reserves"][0]
    assert table_of(render(made))[1][3] == ("103.08%" if complete else "≥103.08%")
    btc.update(more)
    text = render(made)
    assert table_of(text)[1][3] == "≥103.08%"
    assert "BTC ≥103.08% (≥103.08% with custody)" in text
    assert "<td>≥103.08%</td>" in units_table(made["finding"])


def test_every_basis_of_a_unit_is_named() -> None:
    mixed = held(btc_other=Balance(1, Basis.OWN, ("alpha",)))
    text = render(attest(mixed).statement["predicate"], width=120)
    assert "  quorum 99%, own <1%  " in text
    assert "- own: fewer operators answered than the policy demands, one of them the auditor's own node." in text
    assert "- own" not in render(predicate())


def test_gaps_are_counted_by_reason_and_the_first_are_shown() -> None:
    outcomes = dict.fromkeys(held(), TIMED_OUT) | dict.fromkeys(list(held())[:2], Gap(Why.NO_QUORUM))
    text = render(attest(outcomes).statement["predicate"])
    assert "not established: 7 of 7 holdings (5 UNREACHABLE, 2 NO_QUORUM)" in text
    assert text.count("    UNREACHABLE: ") + text.count("    NO_QUORUM\n") == SHOWN
    assert "  and 2 more, all of them in the evidence\n" in text


def test_gaps_of_a_unit_that_is_not_owed_are_counted_among_all_holdings() -> None:
    claim = a_claim()
    claim = replace(claim, liabilities={"BTC": claim.liabilities["BTC"]})
    text = render(attest(dict.fromkeys(held(), TIMED_OUT), claim=claim).statement["predicate"])
    assert "not established: 7 of 7 holdings (7 UNREACHABLE)" in text


def test_a_chain_without_a_block_is_told() -> None:
    outcomes = held(btc=TIMED_OUT, btc_other=TIMED_OUT)
    lost = attest(outcomes, snapshots=SNAPSHOTS[1:]).statement["predicate"]
    assert "  bip122:000000000019d6689c085ae165831e93  no block\n    asked: alpha, beta, gamma\n" in render(lost)
    nobody = attest(
        outcomes,
        snapshots=SNAPSHOTS[1:],
        operators=dict.fromkeys(CLAIM.chains, ()) | {ETHEREUM: ("alpha", "beta", "gamma")},
    )
    assert "no block\n    asked: no operator\n" in render(nobody.statement["predicate"])


def test_a_claim_of_a_part_says_so() -> None:
    part = attest(claim=a_claim(complete=False)).statement["predicate"]
    assert "- The claim lists only a part of what the exchange declares" in render(part)
    assert "only a part" not in render(predicate())


def test_the_policy_is_told_in_words() -> None:
    lax = attest(policy=Policy(1, Fraction("1.025"))).statement["predicate"]
    assert (
        "  policy    1 operator has to answer, and none to disagree; covered is a ratio of 102.5% or more\n"
        in render(lax)
    )
    assert "required" not in render(lax)
    strict = Policy(3, dissent=Dissent.RECORD, require={"USDT": Basis.PROVEN, "BTC": Basis.QUORUM, "ETH": Basis.OWN})
    assert (
        "  policy    3 operators have to agree, and one that disagrees is outvoted; covered is a ratio of"
        " 100% or more\n"
        "  required  BTC proven or quorum; ETH proven or quorum or own; USDT proven\n"
    ) in render(attest(policy=strict).statement["predicate"], width=120)


def test_the_shares_of_each_basis_are_told_and_cut() -> None:
    made = predicate()
    for parts, shown in [
        (("90", "10", "0"), "proven 90%, quorum 10%"),
        (("0.000000000000000001", "0", "99"), "proven <1%, own 99%"),
        (("1", "1", "1"), "proven 33%, quorum 33%, own 33%"),
        (("0", "12.5", "0"), "quorum"),
        (("7", "0", "0"), "proven"),
    ]:
        made["finding"]["reserves"][0].update(zip(("proven", "quorum", "own"), parts, strict=True))
        assert table_of(render(made, width=200))[1][6] == shown


def test_what_proofs_rest_on_is_said_where_something_is_proven() -> None:
    made = predicate()
    assert "- proven:" not in render(made)
    made["finding"]["reserves"][0]["proven"] = "1"
    assert "- proven: shown by the block's own hashes, whichever node reported it." in render(made)
    made["run"]["witness"] = "sha256:" + "ab" * 32
    assert f"  witness   sha256:{'ab' * 32}\n" in render(made)
    assert "witness" not in render(predicate())


DISPUTED = {
    "usdt_alice": Balance(1_020_000_000_000, Basis.QUORUM, ("alpha", "beta"), (("gamma", 7),)),
    "usdt_bob": Balance(5, Basis.PROVEN, ("alpha",), (("beta", 6), ("gamma", 0))),
    "btc": Balance(100, Basis.QUORUM, ("alpha", "beta"), (("gamma", 2**255),)),
}


def test_dissent_is_counted_by_unit_and_the_first_are_shown() -> None:
    text = render(attest(held(**DISPUTED), policy=Policy(dissent=Dissent.RECORD)).statement["predicate"], width=200)
    assert "disputed: 3 of 7 holdings (1 BTC, 2 USDT)\n" in text
    assert f"100 atoms are believed; gamma says {2**255}" in " ".join(text.split())
    assert (
        "  0x0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b of eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7\n"
        "    5 atoms are believed; beta says 6, gamma says 0\n"
    ) in text
    assert "disputed" not in render(predicate())
    all_disputed = dict.fromkeys(held(), Balance(5, Basis.QUORUM, ("alpha", "beta"), (("gamma", 7),)))
    text = render(attest(all_disputed, policy=Policy(dissent=Dissent.RECORD)).statement["predicate"])
    assert text.count("5 atoms are believed; gamma says 7\n") == SHOWN
    assert "  and 2 more, all of them in the evidence\n" in text


def test_a_balance_on_too_weak_a_basis_is_said_to_have_been_read() -> None:
    text = render(attest(policy=Policy(require={"ETH": Basis.PROVEN})).statement["predicate"])
    assert "not established: 2 of 7 holdings (2 WEAK_BASIS)\n" in text
    assert "WEAK_BASIS: it was read, but on a weaker basis than the policy requires to count it.\n" in text
    assert "    WEAK_BASIS: QUORUM, where the policy requires PROVEN\n" in text
    assert "WEAK_BASIS" not in render(predicate())


@pytest.mark.parametrize(
    ("proving", "told"),
    [
        (
            Proving({}, {USDT.id: WithoutProof.of([Cause.UNDETERMINED])}),
            f"  not proven\n  {USDT.id}\n"
            "    UNDETERMINED, the token's code, executed, answers by what no proof shows\n",
        ),
        (
            Proving(
                {},
                {
                    USDT.id: WithoutProof.of([Cause.NO_BALANCE]),
                    ETH.id: WithoutProof.of([Cause.UNSUPPORTED, Cause.NO_STATE]),
                },
                Sample(1_000),
                {ETH.id: Draw(1, 99, 500)},
            ),
            "  not proven\n"
            "  Up to 1,000 balances of each asset were drawn, larger ones likelier; the seed: the claim's digest.\n"
            "  Of the BTC that is held, nothing is proven; a single false balance worth 5% of it would go\n"
            "  unnoticed in 100.00% of such samples.\n"
            "  Of the ETH that is held, nothing is proven; a single false balance worth 5% of it would go\n"
            "  unnoticed in 100.00% of such samples.\n"
            "  Of the USDT that is held, nothing is proven; a single false balance worth 5% of it would go\n"
            "  unnoticed in 100.00% of such samples.\n"
            f"  {USDT.id}\n"
            "    NO_BALANCE, the token's code, executed, answers with no balance\n"
            f"  {ETH.id}\n"
            "    NO_STATE, a node keeps no state for proofs of a block so old, or its plan excludes it;\n"
            "    UNSUPPORTED, a node does not serve proofs\n",
        ),
        (Proving({}, {}, sample=Sample(0)), "  not proven\n  No balance was to be proven, on any chain.\n"),
    ],
)
def test_which_assets_went_unproven_is_told_with_the_reason(proving: Proving, told: str) -> None:
    assert f"\n\n{told}\n" in render(attest(proving=proving).statement["predicate"])


def test_nothing_is_said_of_proofs_where_all_was_proven_or_no_chain_has_them() -> None:
    assert "not proven" not in render(attest(proving=Proving()).statement["predicate"])
    without = attest(dict.fromkeys(held(), TIMED_OUT), snapshots=SNAPSHOTS[:1]).statement["predicate"]
    assert "not proven" not in render(without)


def test_notes_of_the_run_are_shown() -> None:
    made = predicate()
    made["run"]["notes"] = ["The Bitcoin node was restarted."]
    assert "  - The Bitcoin node was restarted.\n" in render(made)


@pytest.mark.parametrize(("verdict", "code"), [("COVERED", "32"), ("SHORT", "1;31"), ("UNKNOWN", "33")])
def test_each_verdict_has_its_colour_and_colour_changes_nothing_else(verdict: str, code: str) -> None:
    made = predicate(verdict=verdict)
    for reserve in made["finding"]["reserves"]:
        reserve["verdict"] = verdict
    painted = render(made, colour=True)
    assert painted.count(f"\x1b[{code}m{verdict}") == 5
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render(made)


def test_no_text_from_outside_speaks_to_the_terminal() -> None:
    hostile = "\x1b[2J\x1b]0;owned\x07\r\n\u202eknil\x9b31m"
    made = json.loads(json.dumps(predicate()))
    made["finding"]["exchange"] = hostile
    made["finding"]["gaps"][0].update(asset=hostile, detail=hostile)
    made["finding"]["reserves"][0]["unit"] = hostile
    made["finding"]["snapshots"][0]["hash"] = hostile
    made["finding"]["proving"]["unproven"] = {hostile: [hostile]}
    made["finding"]["policy"]["require"] = {hostile: "PROVEN"}
    made["finding"]["reserves"][0]["dissents"] = 1
    made["finding"]["dissents"] = [{"account": hostile, "asset": hostile, "atoms": hostile, "said": {hostile: hostile}}]
    made["run"].update(scanner=hostile, notes=[hostile])
    made["finding"]["challenge"] = hostile
    made["finding"]["reserves"][0]["control"] = {"UNSHOWN": "1"}
    made["finding"]["coverage"][0]["label"] = hostile
    made["finding"]["differences"][0] = dict.fromkeys(("account", "asset", "claimed", "found"), hostile)
    made["finding"]["files"] = [
        {
            "name": hostile,
            "layout": hostile,
            "digest": hostile,
            "read": 2,
            "accepted": 1,
            "refused": {hostile: 1},
            "stated": 1,
            "misfitCount": 1,
            "misfits": [{"text": hostile, "line": 2, "label": hostile, "stated": "2", "found": "1"}],
            "whole": False,
            "heights": {hostile: {"count": 2, "lowest": 1, "highest": 2}},
        }
    ]
    for width in (60, 120):
        text = render(made, width=width)
        assert all(character.isprintable() or character == "\n" for character in text)


def test_a_long_name_does_not_push_the_figures_away() -> None:
    made = predicate(exchange="x" * 2000)
    assert render(made).splitlines()[0] == "x" * 69 + "..., as of 2023-11-22 16:00 UTC"


def test_a_threshold_below_all_stands_in_the_first_lines() -> None:
    lax = attest(policy=Policy(1, Fraction("0.95"))).statement["predicate"]
    assert render(lax).splitlines()[1] == (
        "  The policy calls a coin covered from a ratio of 95% on, which is less than all that is owed."
    )
    for threshold in ("1", "1.02"):
        strict = attest(policy=Policy(1, Fraction(threshold))).statement["predicate"]
        assert "less than all" not in render(strict)


def test_a_claim_that_declares_nothing_at_all_is_short_and_says_that_nothing_was_read() -> None:
    text = render(attest({}, claim=a_claim(holdings=[]), operators={}, snapshots=[]).statement["predicate"])
    assert "SHORT: at least one unit is not covered" in text
    assert "\n  nothing was read, since no account is declared\n" in text
    assert "read at" not in text


def test_a_unit_against_which_nothing_was_declared_says_so() -> None:
    undeclared = a_claim(liabilities={**CLAIM.liabilities, "USDC": Liability("USDC", Fraction(5000))})
    text = render(attest(HELD, claim=undeclared).statement["predicate"])
    below = text.partition("  SHORT: at least one unit is not covered, on complete evidence\n")[2]
    assert below.startswith("  USDC: no account is declared for the 5,000 owed\n")


def test_a_finding_without_reserves_is_shown() -> None:
    empty = predicate(reserves=[], verdict="UNKNOWN", gaps=[], gapCounts={}, snapshots=[])
    assert "UNKNOWN: no unit" in render(empty)


# --- control, coverage, differences, files


def controlled(**words: Control) -> str:
    """The table of a claim in which BTC is held by a script and by another."""
    places = {"btc": (BTC.id, SCRIPT), "btc_other": (BTC.id, OTHER_SCRIPT), "eth": (ETH.id, BOB)}
    controls = {places[name]: word for name, word in words.items()}
    return render(attest(controls=controls).statement["predicate"])


def test_how_much_of_each_unit_is_under_shown_control_is_told() -> None:
    text = controlled(btc=Control.SHOWN, btc_other=Control.REPLAYABLE, eth=Control.SHOWN)
    assert (
        "  control of what is held\n"
        "  unit   shown   replayable   not shown\n"
        "  BTC      58%          41%           -\n"
        "  ETH      99%            -         <1%\n"
        "  USDT       -            -        100%\n"
        "  shown: the accounts' keys signed this engagement's message, or "
    ) in text
    assert "does not hold.\n" not in text


@pytest.mark.parametrize("word", [Control.UNSHOWN, Control.UNVERIFIABLE])
def test_what_does_not_hold_or_cannot_be_judged_is_not_shown(word: Control) -> None:
    text = controlled(btc=word, btc_other=Control.SHOWN)
    assert "  BTC      41%            -         58%\n" in text
    told = "  60 BTC stand on accounts whose published proof does not hold.\n" in text
    assert told is (word is Control.UNSHOWN)


def test_nothing_is_said_of_control_where_nothing_was_published() -> None:
    assert "control of what" not in controlled()


def test_what_a_policy_demands_of_control_is_told_with_the_challenge() -> None:
    claim = a_claim(challenge="challenge 2023-11-22")
    for required, told in [(Control.SHOWN, "shown"), (Control.REPLAYABLE, "shown or replayable")]:
        text = render(attest(claim=claim, policy=Policy(require_ownership=required)).statement["predicate"])
        assert f"  control   {told}, or it is a gap\n  challenge challenge 2023-11-22\n" in text
        assert "not established: 7 of 7 holdings (7 NO_CONTROL)\n" in text
        assert "NO_CONTROL: it was read, but less is shown of who controls the account than" in text
    assert "NO_CONTROL" not in render(predicate())
    assert "challenge" not in render(predicate())


def test_what_rests_on_a_movement_is_told_with_the_time_that_accounts_had() -> None:
    made = predicate()
    made["finding"]["movements"] = {"issued": "2023-11-23T02:00:00Z", "deadline": "2023-11-24T02:00:00Z"}
    made["finding"]["reserves"][0] |= {"control": {"SHOWN": "5"}, "controlByMovement": "3"}
    text = render(made)
    assert "movements asked for from 2023-11-23 02:00" in text
    assert "3 BTC are shown by accounts that moved an amount, and signed nothing." in text
    assert "signed nothing" not in render(predicate())


def test_the_ratio_with_custody_stands_beside_the_one_without() -> None:
    """OKX, ether, May 2026: what it owes is covered only with what custodians are said to hold."""
    claim = a_claim(
        liabilities={"ETH": Liability("ETH", Fraction(10_000), stated("102%"))},
        custody=(Custody("ETH", Fraction(426), "A Custodian"),),
    )
    made = attest(held(eth_alice=agreed(0), eth_bob=agreed(9_819 * 10**18)), claim=claim).statement["predicate"]
    text = render(made)
    assert "98.19%   102% agrees   UNKNOWN" in text
    assert "  ETH 98.19% (102.45% with custody): 426 ETH are said to be held by third parties, without" in text


def test_nothing_is_said_of_coverage_where_no_amount_is_claimed() -> None:
    claim = a_claim(holdings=tuple(replace(holding, claimed=None) for holding in a_claim().holdings))
    text = render(attest(claim=claim).statement["predicate"])
    assert "claimed" not in text
    assert "differences" not in text


def test_what_is_claimed_and_was_not_read_is_not_verified() -> None:
    claim = a_claim(holdings=tuple(replace(each, claimed=1_500_000) for each in a_claim().holdings))
    text = render(attest(held(usdt_carol=TIMED_OUT, usdt_bob=agreed(1_500_000)), claim=claim).statement["predicate"])
    row = next(line for line in text.splitlines() if "USDT-ERC20" in line)
    assert re.split(r" {2,}", row.strip()) == ["USDT-ERC20", "2 of 3", "4.5", "3", "+1,019,998", "1"]


def test_the_five_largest_differences_are_shown_and_the_rest_counted() -> None:
    claim = a_claim(holdings=tuple(replace(holding, claimed=9) for holding in a_claim().holdings))
    text = render(attest(claim=claim).statement["predicate"])
    _, _, below = text.partition("  largest differences\n")
    listed = below.partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed if "atoms are claimed" in line] == ["9"] * SHOWN
    assert listed[-1] == "  and 2 more, all of them in the evidence"
    assert "    9 atoms are claimed, 1020000000000 found" in listed[:2]  # a million, of six decimals


def test_every_file_is_told_with_its_rows() -> None:
    claim = a_claim(
        files=(
            ClaimedFile("okx_por.csv", "ef" * 32, "okx", 1_000_000, 999_997, {"BAD_ADDRESS": 1, "SHORT_ROW": 2}),
            ClaimedFile("more.csv", "ab" * 32, "okx", 5, 5, {}),
            ClaimedFile(
                "cut.zip",
                "cd" * 32,
                "okx",
                5,
                5,
                {},
                stated=9,
                misfits=(
                    Misfit("a.csv", 2, "ETH(ALL)", Fraction("6.25"), Fraction(1000)),
                    Misfit("", 3, "USDT", Fraction(600), None),
                    *(Misfit("", line, None, Fraction(17), Fraction(16)) for line in range(4, 9)),
                ),
                whole=False,
            ),
        )
    )
    assert (
        "\n\n  files of the claim\n"
        "  okx_por.csv, as okx\n"
        f"    sha256:{'ef' * 32}\n"
        "    1,000,000 rows read, 999,997 accepted, 3 refused (2 SHORT_ROW, 1 BAD_ADDRESS)\n"
        "  more.csv, as okx\n"
        f"    sha256:{'ab' * 32}\n"
        "    5 rows read, 5 accepted, 0 refused\n"
        "  cut.zip, as okx\n"
        f"    sha256:{'cd' * 32}\n"
        "    5 rows read, 5 accepted, 0 refused\n"
        "    a.csv, line 2 says 6.25 ETH(ALL); its rows come to 1,000\n"
        "    line 3 says 600 USDT; rows of it state no amount\n"
        "    line 4 says 17 rows; its rows come to 16\n"
        "    line 5 says 17 rows; its rows come to 16\n"
        "    line 6 says 17 rows; its rows come to 16\n"
        "    and 2 more of the kind\n"
        "    not whole: not all that the file declares is in the claim, so that no unit can be SHORT\n\n"
    ) in render(attest(claim=claim).statement["predicate"])
    assert "files of" not in render(predicate())


def test_every_block_of_a_chain_is_shown_up_to_five() -> None:
    made = predicate()
    for more, told in ((2, ""), (6, "  and 2 more, all of them in the evidence\n")):
        made["finding"]["snapshots"][1:] = [
            made["finding"]["snapshots"][1] | {"height": 100 + number, "hash": f"0x{number}"}
            for number in range(1 + more)
        ]
        blocks = "".join(
            f"  eip155:1  block {100 + number} of 2023-11-22 15:59:59 UTC\n    0x{number}\n"
            for number in range(min(1 + more, SHOWN))
        )
        assert f"{blocks}{told}    asked: alpha, beta, gamma\n" in render(made)


def test_small_custody_is_not_called_nothing() -> None:
    claim = a_claim(custody=(Custody("BTC", Fraction(1, 10**8), "A Custodian"),))
    assert ": <0.0001 BTC are said to be held" in render(attest(claim=claim).statement["predicate"])


def test_the_share_of_which_a_claim_speaks_is_quoted_as_the_exchanges_word() -> None:
    text = render(attest(held(), claim=a_claim(share_of_all_owed=stated("16.5%"))).statement["predicate"])
    assert re.search(r"speaks of +16\.5% of all that is owed to customers, as the exchange states it", text)
    assert "speaks of" not in render(predicate())
