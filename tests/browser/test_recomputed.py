"""The page's arithmetic against this package's own: equal on what is true, and no false point passes.

The scripts are called without a page around them, so that there is time for many findings.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, Page

from scanner.attesting.evidence_csv import MAX_LINE_BYTES
from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis
from scanner.core.owed import SYMBOL, OwedBasis
from scanner.core.shows import Shows
from scanner.errors import AttestationInvalid
from scanner.proofs.liabilities.remarks import ASSUMPTIONS, NOT_UNDERSTOOD, TOO_LARGE
from scanner.report.backing import KNOWN_BY
from scanner.report.page.bars import segments
from scanner.report.page.figures import KINDS
from scanner.weighing.claim import Custody, Liability
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.withheld import Withheld
from tests.browser.pages import EXAMPLE
from tests.browser.scripts import EVIDENCE, call
from tests.support.attestations.attested import TIMED_OUT, Attested, Seal, a_claim, agreed, attest, held, stated

OTHERS = ("btc", "btc_other", "eth_alice", "usdt_alice", "usdt_bob", "usdt_carol")
QUICK = Seal(b"nobody looks at it here")
same_tab = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def tab(offline: BrowserContext) -> Iterator[Page]:
    """A tab without a page: the scripts come with each call."""
    tab = offline.new_page()
    yield tab
    tab.close()


def said(attested: Attested) -> dict[str, Any]:
    return {**attested.statement["predicate"], "signatures": []}


# How figures are written.

decimals = st.builds(
    lambda whole, rest: f"{whole}.{rest}".rstrip("0").rstrip(".") if rest else str(whole),
    st.one_of(st.integers(0, 2000), st.integers(0, 10**30)),
    st.text("0123456789", max_size=20),
)
positive = decimals.filter(lambda text: text != "0")
ratios = st.builds(lambda whole, rest: f"{whole}.{rest:06}", st.integers(0, 10**9), st.integers(0, 999_999))
times = st.datetimes().map(lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
counts = st.integers(0, 2**53 - 1)
withheld = st.lists(st.sampled_from([{"why": why} for why in Withheld]), max_size=2)
counted = dict.fromkeys(("holdings", "gaps"), st.integers(0, 3))
weighed = st.fixed_dictionaries(
    {
        "unit": st.text(max_size=30),
        "verdict": st.sampled_from(["COVERED", "SHORT", "UNKNOWN"]),
        "held": st.just("0") | decimals,
        "owed": st.none() | decimals,
        "ratio": st.none() | ratios,
        "custody": st.just("0") | decimals,
        "atLeast": st.integers(0, 2),
        "withheld": withheld,
        **counted,
    }
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "unit": st.text(max_size=30),
    "name": st.text(max_size=100),
    "key": st.text(max_size=100),
    "account": st.text(max_size=150),
    "text": st.text(max_size=520),
    "number": counts | counts.map(str) | st.integers(0, 2**256).map(str),
    "amount": decimals,
    "owed": st.none() | decimals,
    "exact": st.none() | decimals,
    "signed": decimals | positive.map("-{}".format),
    "percent": st.none() | ratios,
    "threshold": positive,
    "moment": times,
    "known": st.sampled_from(list(KNOWN_BY)),
    "answer": st.fixed_dictionaries(
        {"exchange": st.text(max_size=40), "reserves": st.lists(weighed, max_size=9), "complete": st.booleans()}
    ),
    "held": weighed,
    "ratio": weighed,
    "stated": st.fixed_dictionaries(
        {
            "statedRatio": st.none() | st.just("103%"),
            "statedAgrees": st.sampled_from([True, False, None]),
            "withheld": withheld,
        }
    ),
    "basis": st.fixed_dictionaries(dict.fromkeys(("proven", "quorum", "own"), st.just("0") | decimals)),
    "control": st.fixed_dictionaries({"control": st.dictionaries(st.sampled_from(list(Control)), positive)}),
    "rests": st.fixed_dictionaries(
        {
            **dict.fromkeys(("held", "proven", "quorum", "own"), st.just("0") | decimals),
            "owed": st.none() | decimals,
            "owedBasis": st.none()
            | st.fixed_dictionaries(
                {
                    "shows": st.sampled_from(list(Shows)),
                    "scheme": st.none() | st.just("bitmex"),
                    "symbol": st.none() | st.from_regex(SYMBOL, fullmatch=True),
                    "assumes": st.lists(st.sampled_from([*ASSUMPTIONS, "another"]), max_size=2),
                    "remarks": st.lists(st.sampled_from([NOT_UNDERSTOOD, TOO_LARGE, "unseparated"]), max_size=2),
                }
            ),
            "withheld": withheld,
            **counted,
        }
    ),
    "established": st.builds(lambda gaps, read: {"gaps": gaps, "holdings": gaps + read}, *[st.integers(0, 10**6)] * 2),
    "total": st.dictionaries(st.text("AB", min_size=1), st.integers(1, 10**9)),
    "holdings": st.lists(st.fixed_dictionaries({"holdings": st.integers(0, 10**9)})),
}  # fmt: skip


def test_there_are_values_for_each_kind_and_the_scripts_know_the_same_kinds(tab: Page) -> None:
    assert call(tab, "() => Object.keys(KINDS)", None) == list(KINDS) == list(VALUES)


@same_tab
@given(st.lists(st.sampled_from(list(KINDS)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])), min_size=30))
def test_the_scripts_write_every_figure_as_the_page_does(tab: Page, values: list[tuple[str, Any]]) -> None:
    written = call(
        tab, "(values) => values.map(([kind, value]) => KINDS[kind](value))", [list(pair) for pair in values]
    )
    assert written == [KINDS[kind](value) for kind, value in values]


# Sums, ratios, verdicts.

amounts = st.integers(0, 3 * 10**10)


@st.composite
def attestations(draw: st.DrawFn) -> Attested:
    """Of a claim with gaps, custody, stated ratios and terms of every kind."""
    claim = a_claim(
        complete=draw(st.booleans()),
        liabilities={
            "BTC": Liability(
                "BTC", draw(st.none() | amounts.map(lambda atoms: Fraction(atoms, 10**8))), stated("103%")
            ),
            "ETH": Liability("ETH", Fraction(draw(st.integers(0, 9))), draw(st.none() | st.just(stated("100.5%")))),
            "USDT": Liability("USDT", Fraction(1_000_000), stated("102%")),
        },
        custody=draw(st.sampled_from([(), (Custody("BTC", Fraction("5.25"), "A Custodian"),)])),
    )
    outcomes = held(
        btc=draw(amounts.map(agreed) | st.just(TIMED_OUT)),
        btc_other=agreed(draw(amounts)),
        eth_bob=replace(agreed(draw(st.integers(0, 10**19))), basis=Basis.PROVEN),
        usdt_alice=draw(st.just(TIMED_OUT) | st.just(agreed(1_020_000_000_000))),
    )
    policy = Policy(
        threshold=draw(st.sampled_from([Fraction(1), Fraction("1.05"), Fraction("0.9")])),
        require=draw(st.sampled_from([{}, {"ETH": Basis.PROVEN}])),
        require_ownership=draw(st.sampled_from([None, Control.SHOWN, Control.REPLAYABLE])),
    )
    controls = draw(st.dictionaries(st.sampled_from(list(outcomes)), st.sampled_from(list(Control))))
    return attest(outcomes, claim=claim, policy=policy, controls=controls, signers=(QUICK,))


@same_tab
@given(attestations())
def test_what_this_package_finds_is_what_the_page_finds_too(tab: Page, attested: Attested) -> None:
    predicate = said(attested)
    assert call(tab, "faultsOfFinding", predicate["finding"]) == []
    evidence = {"bytes": base64.b64encode(attested.evidence).decode(), "said": predicate}
    assert call(tab, EVIDENCE, evidence) == []
    threshold = predicate["finding"]["policy"]["threshold"]
    drawn = call(
        tab,
        "([reserves, threshold]) => reserves.map((each) => segments(each, threshold).map((part) => part.map(String)))",
        [predicate["finding"]["reserves"], threshold],
    )
    expected = [
        [[str(part) for part in segment] for segment in segments(reserve, threshold)]
        for reserve in predicate["finding"]["reserves"]
    ]
    assert drawn == expected


def in_reserve(number: int, **changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda finding: finding["reserves"][number].update(changes)


FALSE: dict[str, Callable[[dict[str, Any]], object]] = {
    "held": in_reserve(0, held="103.12345679"),
    "held and its basis": in_reserve(0, held="104", quorum="104"),
    "owed": in_reserve(0, owed="101"),
    "nothing owed": in_reserve(0, owed="0"),
    "owed unknown": in_reserve(0, owed=None),
    "ratio": in_reserve(0, ratio="1.031235"),
    "no ratio": in_reserve(0, ratio=None),
    "verdict SHORT": in_reserve(0, verdict="SHORT"),
    "verdict UNKNOWN": in_reserve(0, verdict="UNKNOWN"),
    "stated ratio": in_reserve(0, statedRatio="104%"),
    "no stated ratio": in_reserve(0, statedRatio=None),
    "agrees": in_reserve(0, statedAgrees=False),
    "cannot agree": in_reserve(0, statedAgrees=None),
    "agrees in spite of gaps": in_reserve(2, statedAgrees=True),
    "holdings": in_reserve(0, holdings=3),
    "no holdings": in_reserve(0, holdings=0),
    "a gap more": in_reserve(0, gaps=1),
    "a gap less": in_reserve(2, gaps=0),
    "a dissent more": in_reserve(0, dissents=1),
    "a dissent less": in_reserve(2, dissents=0),
    "proven": in_reserve(0, proven="1"),
    "moved from one basis to another": in_reserve(0, quorum="102.12345678", proven="1"),
    "own": in_reserve(0, own="0.00000001"),
    "control": in_reserve(0, control={"SHOWN": "103"}),
    "no control": in_reserve(0, control={}),
    "control by movement": in_reserve(0, controlByMovement="1"),
    "custody": in_reserve(0, custody="6"),
    "no custody": in_reserve(0, custody="0"),
    "ratio with custody": in_reserve(0, ratioWithCustody="1.083735"),
    "no ratio with custody": in_reserve(0, ratioWithCustody=None),
    "claimed": in_reserve(0, claimed="61"),
    "nothing claimed": in_reserve(0, claimed=None),
    "claimed where nothing is": in_reserve(2, claimed="0"),
    "a unit twice": in_reserve(0, unit="ETH"),
    "another unit": in_reserve(0, unit="LTC"),
    "threshold": lambda finding: finding["policy"].update(threshold="1.04"),
    "complete": lambda finding: finding.update(complete=False),
    "overall SHORT": lambda finding: finding.update(verdict="SHORT"),
    "overall UNKNOWN": lambda finding: finding.update(verdict="UNKNOWN"),
    "gap counts": lambda finding: finding["gapCounts"].update(UNREACHABLE=2),
    "another gap count": lambda finding: finding["gapCounts"].update(REFUSED=1),
    "gaps left out": lambda finding: finding["gaps"].clear(),
    "dissents left out": lambda finding: finding["dissents"].clear(),
    "a reserve left out": lambda finding: finding["reserves"].pop(),
    "holdings of an asset": lambda finding: finding["coverage"][0].update(holdings=3),
    "read of an asset": lambda finding: finding["coverage"][2].update(read=0),
    "claimed of an asset": lambda finding: finding["coverage"][2].update(claimed="8"),
    "unit of an asset": lambda finding: finding["coverage"][0].update(unit="ETH"),
    "a reserve twice": lambda finding: finding["reserves"].append(finding["reserves"][0]),
    "an asset of no unit": lambda finding: finding["coverage"].append(finding["coverage"][0] | {"unit": "LTC"}),
    "more dissents than balances": lambda finding: (
        finding["reserves"][0].update(dissents=3),
        finding["dissents"].extend(finding["dissents"] * 3),
    ),
    "no amount": in_reserve(0, held="-1"),
    "an amount as a number": in_reserve(0, held=103),
    "an amount with needless zeros": in_reserve(0, held="103.123456780"),
}


def test_no_point_of_a_finding_can_be_false_without_being_found(tab: Page) -> None:
    finding = said(EXAMPLE)["finding"]
    passed = [name for name, change in FALSE.items() if not faults_of(tab, finding, change)]
    # What only the evidence can contradict:
    assert passed == ["moved from one basis to another"]


def faults_of(tab: Page, finding: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> list[str]:
    spoiled = copy.deepcopy(finding)
    change(spoiled)
    assert spoiled != finding
    told = call(
        tab,
        """(finding) => {
            try { return faultsOfFinding(finding); } catch (error) {
                if (!(error instanceof Fault)) throw error;
                return [error.message];
            }
        }""",
        spoiled,
    )
    assert isinstance(told, list)
    return told


# The evidence.


def test_true_evidence_is_accepted(tab: Page) -> None:
    assert weigh(tab, EXAMPLE.lines) == []


def replaced(old: str, new: str) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        text = b"".join(lines)
        assert text.count(old.encode()) >= 1, old
        return text.replace(old.encode(), new.encode(), 1).splitlines(keepends=True)

    return change


OWNER = "owner 0x68efd95c028fec3cc688be9bffcb3839e21e4dbc"
ROWS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "another header": replaced("chain,block", "chain,blocks"),
    "no header": lambda lines: lines[1:],
    "nothing": lambda _: [],
    "the header alone": lambda lines: lines[:1],
    "a row left out": lambda lines: lines[:-1],
    "a row twice": lambda lines: [*lines[:3], *lines[2:]],
    "a row twice, another left out": lambda lines: [*lines[:2], lines[1], *lines[3:]],
    "two rows of an EVM asset swapped": lambda lines: [*lines[:-2], lines[-1], lines[-2]],
    "no line feed at the end": lambda lines: [*lines[:-1], lines[-1].rstrip()],
    "something after the last line": lambda lines: [*lines, b"eip155:1"],
    "a blank line": lambda lines: [*lines, b"\n"],
    "a long line": lambda lines: [*lines[:-1], lines[-1].rstrip() + b"x" * MAX_LINE_BYTES + b"\n"],
    "no text": lambda lines: [*lines[:-1], lines[-1].rstrip() + b"\xff\n"],
    "a column too few": replaced(",,,SHOWN", ",SHOWN"),
    "an atom more": replaced(",6000000000,,QUORUM", ",6000000001,,QUORUM"),
    "an atom moved": lambda lines: replaced(",4312345678,,QUORUM", ",4312345677,,QUORUM")(
        replaced(",6000000000,,QUORUM", ",6000000001,,QUORUM")(lines)
    ),
    "atoms with a zero in front": replaced(",6000000000,,QUORUM", ",06000000000,,QUORUM"),
    "atoms below zero": replaced(",6000000000,,QUORUM", ",-6000000000,,QUORUM"),
    "atoms as a fraction": replaced(",6000000000,,QUORUM", ",6000000000.0,,QUORUM"),
    "no atoms": replaced(",6000000000,,QUORUM", ",,,QUORUM"),
    "a lower bound": replaced(",6000000000,,QUORUM", ",6000000000,AT_LEAST,QUORUM"),
    "an unknown bound": replaced(",6000000000,,QUORUM", ",6000000000,AT_MOST,QUORUM"),
    "another basis": replaced(",6000000000,,QUORUM", ",6000000000,,PROVEN"),
    "an unknown basis": replaced(",6000000000,,QUORUM", ",6000000000,,HEARSAY"),
    "an operator too few": replaced("QUORUM,alpha+beta", "QUORUM,alpha"),
    "an operator twice": replaced("QUORUM,alpha+beta", "QUORUM,alpha+alpha"),
    "a stranger among the operators": replaced("QUORUM,alpha+beta", "QUORUM,alpha+omega"),
    "own with a quorum": replaced("QUORUM,alpha+beta", "OWN,alpha+beta"),
    "no dissent": replaced("gamma=7", ""),
    "another dissent": replaced("gamma=7", "gamma=8"),
    "a dissent more": replaced("alpha+beta,,,6000000000", "alpha+beta,gamma=1,,6000000000"),
    "claimed": replaced("alpha+beta,,,6000000000", "alpha+beta,,,6000000001"),
    "nothing claimed": replaced("alpha+beta,,,6000000000", "alpha+beta,,,"),
    "control": replaced(",SHOWN,", ",REPLAYABLE,"),
    "an unknown control": replaced(",SHOWN,", ",OWNED,"),
    "another reason": replaced("DISAGREEMENT,", "REFUSED,"),
    "a balance in place of a gap": replaced(
        ",,,,,alpha=0+beta=0,,,,,UNVERIFIABLE,,,CONTRADICTED,"
        '"alpha says 0; beta says 0; proofs contradict alpha, beta"',
        ",0,,QUORUM,alpha+beta,,,,,,UNVERIFIABLE,,,,",
    ),
    "a gap in place of a balance": replaced(
        f",7730000000000000000,,QUORUM,alpha+beta,,,7000000000000000000,,,REPLAYABLE,{OWNER},,,",
        f",,,,,,,7000000000000000000,,,REPLAYABLE,{OWNER},,REFUSED,",
    ),
    "a gap with an amount": replaced(",,,,,alpha=500000", ",5,,,,alpha=500000"),
    "another block": replaced("0xf27b5565", "0xf27b5566"),
    "no block": replaced("0xf27b5565deab505349dc13465f292beae5ab952bbf63b502a7e6c4575f7d2b24", ""),
    "another asset": replaced("/slip44:60", "/slip44:61"),
    "an asset of another chain": replaced("eip155:1,0x", "eip155:2,0x"),
    "another account among the gaps": replaced("0x0c0c", "0x0d0c"),
}


def test_no_row_can_be_changed_without_being_found(tab: Page) -> None:
    true = EXAMPLE.lines
    survivors = []
    for name, change in ROWS.items():
        spoiled = change(list(true))
        assert spoiled != true, name
        if not weigh(tab, spoiled):
            survivors.append(name)
    assert survivors == []


def test_a_row_of_one_chain_names_no_asset_of_another(tab: Page) -> None:
    assert weigh(tab, replaced("eip155:1,0x", "eip155:2,0x")(EXAMPLE.lines)) == [
        "line 4: the asset is of another chain"
    ]


def test_more_rows_than_there_are_holdings_are_not_read_to_their_end(tab: Page) -> None:
    """A gzip file of a few kilobytes may unpack to gigabytes."""
    assert "more than 8 lines" in weigh(tab, [*EXAMPLE.lines, *[b"x\n"] * 5_000_000])[0]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (gzip.compress(b"".join(EXAMPLE.lines)) + b"junk", "no whole gzip file"),
        (gzip.compress(b"".join(EXAMPLE.lines))[:-1], "no whole gzip file"),
        (b"".join(EXAMPLE.lines), "no whole gzip file"),
        (b"", "no whole gzip file"),
    ],
)
def test_what_is_no_whole_gzip_file_is_refused(tab: Page, data: bytes, fault: str) -> None:
    argument = {"bytes": base64.b64encode(data).decode(), "said": said(EXAMPLE)}
    assert fault in call(tab, EVIDENCE, argument)[0]


def test_evidence_is_weighed_under_the_policy_that_was_signed(tab: Page) -> None:
    """The same rows count otherwise under another policy, and then they are not what was found."""
    laxer = json.loads(json.dumps(said(EXAMPLE)))
    laxer["finding"]["policy"].update(require={"ETH": "PROVEN"}, dissent=Dissent.RECORD)
    argument = {"bytes": base64.b64encode(EXAMPLE.evidence).decode(), "said": laxer}
    assert any("ETH" in fault for fault in call(tab, EVIDENCE, argument))


operators = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), unique=True).map(sorted).map(tuple)


@st.composite
def doubtful(draw: st.DrawFn) -> tuple[Balance, Policy]:
    """A balance that a policy may let pass or not, and the policy."""
    said_so = draw(operators)
    otherwise = draw(st.dictionaries(st.sampled_from(["beta", "gamma", "delta"]), st.sampled_from([6, 7])))
    dissent = tuple((name, atoms) for name, atoms in sorted(otherwise.items()) if name not in said_so)
    basis = draw(st.sampled_from([Basis.QUORUM, Basis.OWN]))
    policy = Policy(quorum=draw(st.integers(1, 3)), dissent=draw(st.sampled_from(Dissent)))
    return Balance(5, basis, said_so, dissent), policy


def refused_at(attested: Attested) -> int | None:
    """The step at which `scanner verify` refuses an attestation; None if it holds."""
    try:
        attested.verify()
    except AttestationInvalid as refusal:
        return refusal.step
    return None


@same_tab
@example((Balance(5, Basis.OWN, ("alpha",)), Policy()))
@example((Balance(5, Basis.OWN, ("alpha", "beta")), Policy()))
@example((Balance(5, Basis.OWN, ("alpha",), (("gamma", 6),)), Policy()))
@example((Balance(5, Basis.QUORUM, ("alpha", "beta"), (("gamma", 6),)), Policy()))
@example((Balance(5, Basis.QUORUM, ("alpha", "beta"), (("gamma", 6),)), Policy(dissent=Dissent.RECORD)))
@given(doubtful())
def test_a_balance_is_believed_here_where_scanner_verify_believes_it(tab: Page, of: tuple[Balance, Policy]) -> None:
    balance, policy = of
    fine = agreed(1, "alpha", "beta", "gamma")
    attested = attest(held(eth_bob=balance, **dict.fromkeys(OTHERS, fine)), policy=policy, signers=(QUICK,))
    argument = {"bytes": base64.b64encode(attested.evidence).decode(), "said": said(attested)}
    assert refused_at(attested) == (8 if call(tab, EVIDENCE, argument) else None)


@pytest.mark.parametrize(
    ("balance", "believed"),
    [
        (Balance(5, Basis.PROVEN, ()), True),
        (Balance(5, Basis.PROVEN, ("alpha",), (("beta", 6),)), True),
        (Balance(5, Basis.PROVEN, ("alpha",), (("beta", 6), ("gamma", 6))), True),  # a coin's proof outvotes a quorum
        (Balance(5, Basis.PROVEN, (), (("beta", 6),)), False),
        (Balance(5, Basis.PROVEN, ("omega",)), False),
    ],
)
def test_of_a_proven_balance_what_can_be_seen_without_the_proof_is_looked_at(
    tab: Page, balance: Balance, believed: bool
) -> None:
    attested = attest(held(eth_bob=balance, **dict.fromkeys(OTHERS, TIMED_OUT)), signers=(QUICK,))
    argument = {"bytes": base64.b64encode(attested.evidence).decode(), "said": said(attested)}
    assert (call(tab, EVIDENCE, argument) == []) == believed


def test_a_token_that_a_quorum_contradicts_is_not_believed_though_proven(tab: Page) -> None:
    contradicted = Balance(5, Basis.PROVEN, ("alpha",), (("beta", 6), ("gamma", 6)))
    others = {name for name in (*OTHERS, "eth_bob") if name != "usdt_bob"}
    attested = attest(held(usdt_bob=contradicted, **dict.fromkeys(others, TIMED_OUT)), signers=(QUICK,))
    argument = {"bytes": base64.b64encode(attested.evidence).decode(), "said": said(attested)}
    assert "a quorum said otherwise" in call(tab, EVIDENCE, argument)[0]


NAMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a difference": lambda finding: finding["differences"][0].update(found="7730000000000000001"),
    "a dissent": lambda finding: finding["dissents"][0].update(atoms="7730000000000000001"),
    "what a dissent says": lambda finding: finding["dissents"][0]["said"].update(alpha="4"),
    "a gap": lambda finding: finding["gaps"][0].update(why="REFUSED"),
    "the gaps' reasons": lambda finding: finding.update(gapCounts={"REFUSED": 1}),
    "a gap's account": lambda finding: finding["gaps"][0].update(account="0x" + "0d" * 20),
    "a block": lambda finding: finding["snapshots"][0].update(hash="00" * 32),
    "the quorum": lambda finding: finding["policy"].update(quorum=3),
    "decimals": lambda finding: finding["coverage"][0].update(decimals=9),
    "a requirement": lambda finding: finding["policy"].update(requireOwnership="SHOWN"),
}


def test_nothing_that_a_finding_names_can_differ_from_the_rows(tab: Page) -> None:
    survivors = []
    for name, change in NAMED.items():
        spoiled = json.loads(json.dumps(said(EXAMPLE)))
        change(spoiled["finding"])
        argument = {"bytes": base64.b64encode(EXAMPLE.evidence).decode(), "said": spoiled}
        if not call(tab, EVIDENCE, argument):
            survivors.append(name)
    assert survivors == []


def weigh(tab: Page, lines: list[bytes]) -> list[str]:
    argument = {"bytes": base64.b64encode(gzip.compress(b"".join(lines))).decode(), "said": said(EXAMPLE)}
    told = call(tab, EVIDENCE, argument)
    assert isinstance(told, list)
    return told


# Between reports.


@pytest.mark.parametrize("eth", [7_730_000_000_000_000_000, 1])
def test_what_was_owed_earlier_is_weighed_as_this_package_does_and_never_short(tab: Page, eth: int) -> None:
    claim = a_claim()
    watched = attest(held(eth_bob=agreed(eth)), claim=claim.at(claim.as_of + timedelta(days=9)), signers=(QUICK,))
    finding = said(watched)["finding"]
    assert "SHORT" not in {reserve["verdict"] for reserve in finding["reserves"]}
    assert call(tab, "faultsOfFinding", finding) == []
    accused = copy.deepcopy(finding)
    for reserve in accused["reserves"]:
        reserve["verdict"] = "SHORT"
    accused["verdict"] = "SHORT"
    assert call(tab, "faultsOfFinding", accused)


@pytest.mark.parametrize(
    "change",
    [
        {"total": "4"},
        {"total": None},
        {"scheme": None, "total": None, "root": None, "entries": None},
    ],
)
def test_what_is_said_to_be_shown_of_an_amount_has_to_be_of_that_amount(tab: Page, change: dict[str, Any]) -> None:
    basis = OwedBasis(Shows.TOTAL_PROVEN, "bitmex", total=Fraction(5), root="ab" * 32, entries=8, assumes=("complete",))
    owed = {
        "ETH": Liability("ETH", Fraction(5), basis=basis),
        **{unit: Liability(unit, None) for unit in ("BTC", "USDT")},
    }
    finding = said(attest(claim=replace(a_claim(), liabilities=owed), signers=(QUICK,)))["finding"]
    assert call(tab, "faultsOfFinding", finding) == []
    for reserve in finding["reserves"]:
        if reserve["unit"] == "ETH":
            reserve["owedBasis"] |= change
    assert any("ETH: the amount owed is" in fault for fault in call(tab, "faultsOfFinding", finding))
    for reserve in finding["reserves"]:
        if reserve["unit"] == "ETH":
            reserve["owedBasis"] |= {"shows": "STATED"}
    assert call(tab, "faultsOfFinding", finding) == []
