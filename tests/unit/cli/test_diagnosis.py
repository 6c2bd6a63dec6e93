"""What `scanner check` says: what is wrong, why it matters, what to do, and how bad it is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.chains.names import parse_asset
from scanner.cli import commands, diagnosis, examination
from scanner.cli.check_result import CheckResult, Grade
from scanner.core.evidence import Basis, Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import CLAIM_ONLY, FINDING_ONLY, Why
from scanner.report.cells import Paint
from scanner.scanning.examine import Examination
from scanner.scanning.node_group import FailedNode
from scanner.sources.addresses import ReadClaim
from scanner.sources.nodes import unreachable_quorums
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, holding_order
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, Operator
from tests.support.attestations import small as small_attestation
from tests.support.attestations.attested import BITCOIN, ETH, ETHEREUM, SNAPSHOTS, USDT, a_claim

CHAINS = {snapshot.chain: snapshot for snapshot in SNAPSHOTS}


def an_instrument(*operators: str, own: bool = False) -> Instrument:
    nodes = [
        NodeSettings("evm" if chain == ETHEREUM else "bitcoind", "http://127.0.0.1:1", operator, chain, own)
        for chain in (BITCOIN, ETHEREUM)
        for operator in operators
    ]
    return Instrument(Policy(), tuple(nodes))


TWO = an_instrument("alpha", "beta")


def examined(
    operators: tuple[str, ...] = ("alpha", "beta"), failures: dict[str, Gap] | None = None, gap: Gap | None = None
) -> list[Examination]:
    """Both chains of the claim, ready; the EVM chain with these operators, failures and gap."""
    ready = [
        Examination(chain, 3, ("alpha", "beta"), (), Agreement(snapshot, Basis.QUORUM, ("alpha", "beta")))
        for chain, snapshot in CHAINS.items()
    ]
    agreed = Agreement(CHAINS[ETHEREUM], Basis.QUORUM, operators)
    failed = [FailedNode(Operator(name), why, 7) for name, why in (failures or {}).items()]
    return [ready[0], replace(ready[1], operators=operators, failures=failed, pinned=gap or agreed)]


def points(
    claim: Claim | None = None, instrument: Instrument = TWO, chains: list[Examination] | None = None
) -> list[CheckResult]:
    claim = claim or a_claim()
    lacking = unreachable_quorums(instrument, claim.chains)
    return list(diagnosis.points(ReadClaim(claim), instrument, lacking, examined() if chains is None else chains))


def worse(found: list[CheckResult], grade: Grade) -> CheckResult:
    """The one point of that grade; each says why it matters and what to do."""
    (point,) = (each for each in found if each.grade is grade)
    assert point.matters
    return point


def test_nothing_is_to_be_done_where_all_is_well() -> None:
    found = points()
    assert {point.grade for point in found} == {Grade.OK}
    assert [point.about for point in found] == [
        "claim",
        "claim",
        *["how balances are read"] * 2,
        str(BITCOIN),
        str(ETHEREUM),
    ]
    assert "as alpha, beta say" in found[-1].what
    assert not any(point.matters or point.todo for point in found)


def test_a_liability_that_was_not_published_is_noted() -> None:
    claim = a_claim(liabilities=dict(a_claim().liabilities) | {"ETH": Liability("ETH", None)})
    noted = worse(points(claim), Grade.NOTE)
    assert "not stated: ETH" in noted.what
    assert "UNKNOWN" in noted.matters
    assert "liabilities" in noted.todo


def test_a_claim_without_accounts_says_so() -> None:
    assert "no holdings" in [point.what for point in points(a_claim(holdings=()))]


def test_a_unit_without_an_account_and_one_without_a_liability_are_noted() -> None:
    claim = a_claim()
    fewer = a_claim(holdings=[each for each in claim.holdings if each.asset.chain == ETHEREUM])
    noted = worse(points(fewer), Grade.NOTE)
    assert noted.what == "owed, and no account listed for it: BTC"
    assert noted.matters.endswith("SHORT, unless what third parties are said to hold reaches what is owed.")
    alone = [point for point in points(replace(fewer, custody=())) if point.what == noted.what]
    assert alone[0].matters.endswith("such a unit is SHORT.")
    contradicted = dict(fewer.liabilities) | {"BTC": Liability("BTC", Fraction(5), contradicted="it says 6")}
    unsure = [point for point in points(replace(fewer, liabilities=contradicted)) if point.what == noted.what]
    assert unsure[0].matters == "UNKNOWN, since what is owed is contradicted or not shown: BTC."
    both = a_claim(liabilities=contradicted, holdings=[], custody=())
    mixed = next(point for point in points(both) if point.what.startswith("owed, and no account listed"))
    assert "ETH, USDT would be SHORT. UNKNOWN, since" in mixed.matters
    part = [point for point in points(replace(fewer, complete=False)) if point.what == noted.what]
    assert "UNKNOWN" in part[0].matters
    nothing_owed = dict(fewer.liabilities) | {"BTC": Liability("BTC", Fraction(0))}
    assert noted not in points(replace(fewer, liabilities=nothing_owed))
    liabilities = {unit: owed for unit, owed in claim.liabilities.items() if unit != "USDT"}
    assert worse(points(replace(claim, liabilities=liabilities)), Grade.NOTE).what.endswith("stated: USDT")


def test_a_claim_of_a_part_is_noted() -> None:
    assert "never SHORT" in worse(points(a_claim(complete=False)), Grade.NOTE).matters


def test_too_few_operators_stop_everything() -> None:
    found = points(instrument=an_instrument("alpha"), chains=[])
    stops = [point for point in found if point.grade is Grade.STOP]
    assert [point.about for point in stops] == [str(BITCOIN), str(ETHEREUM)]
    assert all("1 of the 2 operators" in point.what and "own: true" in point.todo for point in stops)


DEAD = Gap(Why.UNREACHABLE, "cannot connect: connection refused")


def test_a_node_that_fails_where_others_suffice_is_a_note_that_says_so() -> None:
    found = worse(
        points(instrument=an_instrument("alpha", "beta", "gamma"), chains=examined(failures={"gamma": DEAD})),
        Grade.NOTE,
    )
    assert found.what == (
        "a node of gamma (line 7 of the nodes' file) cannot be used: UNREACHABLE, cannot connect: connection refused"
    )
    assert found.matters == "The others suffice for the quorum."
    assert "url" in found.todo


def test_a_second_node_of_an_operator_who_answers_is_told_apart() -> None:
    assert "that operator answers" in worse(points(chains=examined(failures={"beta": DEAD})), Grade.NOTE).matters


def test_a_chain_without_a_block_says_how_many_holdings_that_concerns() -> None:
    gap = Gap(Why.NOT_FINAL, "too few final blocks")
    found = worse(points(chains=examined(gap=gap)), Grade.GAP)
    assert "no block to read at: NOT_FINAL" in found.what
    assert found.matters == "Without one, its 3 holdings would be gaps."
    assert found.todo.startswith("Wait")


def test_where_no_node_answers_the_nodes_are_what_is_to_be_mended() -> None:
    chains = examined((), {"alpha": DEAD, "beta": DEAD}, Gap(Why.UNREACHABLE, "0 of 2 operators answered"))
    gaps = [point for point in points(chains=chains) if point.grade is Grade.GAP]
    assert len(gaps) == 3
    assert gaps[-1].todo.startswith("Fix the nodes above")


def test_a_node_is_told_of_once_however_many_heights_are_read() -> None:
    chains = examined(failures={"gamma": DEAD})
    assert sum("gamma" in point.what for point in points(chains=[*chains, chains[1]])) == 1


def test_an_own_node_that_is_believed_alone_is_noted() -> None:
    chains = examined(("alpha",))
    noted = worse(points(instrument=an_instrument("alpha", own=True), chains=chains), Grade.NOTE)
    assert "1 of the 2 operators" in noted.what
    assert "OWN" in noted.matters


def test_a_contract_that_only_the_claim_vouches_for_is_noted_with_what_to_add() -> None:
    unknown = Asset("SECOND", parse_asset("eip155:1/erc20:0x" + "77" * 20), "USDT", 6)
    assets = {**a_claim().assets, unknown.id: unknown}
    held = [*a_claim().holdings, Holding(unknown.id, b"\x01" * 20, 2_500_000)]
    claim = a_claim(assets=assets, holdings=sorted(held, key=lambda each: holding_order(each.asset, each.account)))
    noted = next(point for point in points(claim) if "0x7777" in point.what)
    assert noted.grade is Grade.NOTE
    assert f'contracts: ["{unknown.id}"]' in noted.todo
    assert "UNKNOWN_CONTRACT" in noted.matters
    listed = points(claim)[0].what
    assert "3 of USDT-ERC20 (known by table), 1 of SECOND (known by claim alone, 2.5 claimed) towards USDT" in listed
    vouching = replace(an_instrument("alpha", "beta"), policy=Policy(contracts=frozenset({unknown.id})))
    assert not any("0x7777" in point.what for point in points(claim, instrument=vouching))
    assert "SECOND (known by auditor" in points(claim, instrument=vouching)[0].what


def test_a_password_is_advised_only_where_the_node_asks_for_one() -> None:
    for why, advised in ((Why.REFUSED, False), (Why.UNAUTHORIZED, True)):
        refused = Gap(why, "the oracle does not speak of this (code -32000)")
        found = worse(points(chains=examined(failures={"gamma": refused})), Grade.NOTE)
        assert "the oracle does not speak of this" in found.what
        assert ("password" in found.todo) == advised


def test_every_reason_for_which_a_node_can_fail_has_a_remedy() -> None:
    """Those that are said of single balances only are left out."""
    single = {
        *(
            Why.NO_TOKEN,
            Why.CALLER_DEPENDENT,
            Why.WRONG_DECIMALS,
            Why.UNCONFIRMED_DECIMALS,
            Why.CONTRADICTED,
            Why.UNPROVEN,
        ),
        *FINDING_ONLY,
        *CLAIM_ONLY,
    }
    assert set(diagnosis._REMEDIES) == set(Why) - single


# --- told


def told(found: list[CheckResult], *, width: int = 100, asked: bool = True, colour: bool = False) -> str:
    paint = Paint(colour)
    return "\n".join(examination.lines(ReadClaim(a_claim()), found, asked=asked, width=width, paint=paint))


BAD = points(a_claim(complete=False), chains=examined((), {"alpha": DEAD, "beta": DEAD}, DEAD))


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in told(BAD, width=width).splitlines():
        assert len(line) <= width or "sha256" in line or " " not in line.strip()


def test_grade_reason_and_remedy_stand_below_each_other() -> None:
    lines = told(BAD).splitlines()
    at = next(number for number, line in enumerate(lines) if "a node of alpha" in line)
    assert lines[at].startswith("  gap   a node of alpha (line 7 of the nodes' file) cannot be used: UNREACHABLE")
    assert lines[at + 2].startswith("        That is one voice less")  # the reason takes two lines
    assert lines[at + 3].startswith("        -> See that the node runs")


@pytest.mark.parametrize(
    ("found", "asked", "conclusion"),
    [
        (points(), True, "Ready:"),
        (points(), False, "The files are in order. No node was asked."),
        (BAD, True, "A scan would go on without what is marked gap"),
        (points(instrument=an_instrument("alpha"), chains=[]), True, "A scan would have nothing to believe"),
    ],
)
def test_the_last_line_says_what_it_comes_to(found: list[CheckResult], asked: bool, conclusion: str) -> None:
    assert told(found, asked=asked).splitlines()[-1].startswith(conclusion)


def test_colour_changes_nothing_but_the_colour() -> None:
    painted = told(BAD, colour=True)
    assert "\x1b[33mgap" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == told(BAD)


def test_machines_are_told_the_same_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_attestation.write(tmp_path)
    (tmp_path / "nodes.yaml").write_text(
        'nodes:\n  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}\n'
    )
    named = ["--nodes", str(tmp_path / "nodes.yaml")]
    assert commands.main(["check", str(folder.claim), *named, "--offline", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)["points"]
    assert [point["grade"] for point in found] == ["ok", "ok", "ok", "ok", "stop", "stop"]
    assert set(found[0]) == {"grade", "about", "what", "matters", "todo"}


def test_accounts_that_can_count_for_nothing_are_named_with_the_reason() -> None:
    claim = a_claim()
    holdings = [*claim.holdings, Holding(ETH.id, bytes(20)), Holding(USDT.id, USDT.id.contract)]
    holdings.sort(key=lambda each: holding_order(each.asset, each.account))
    named = [point for point in points(a_claim(holdings=holdings)) if "can count for nothing" in point.what]
    assert [point.grade for point in named] == [Grade.NOTE, Grade.NOTE]
    told = " ".join(point.what for point in named)
    assert "1 holding of ETH that can count for nothing: 0x" + "00" * 20 + " (NO_KEY: the zero address)" in told
    assert "(OWN_CONTRACT: the contract of USDT-ERC20 itself)" in told
    assert not [point for point in points() if "can count for nothing" in point.what]
