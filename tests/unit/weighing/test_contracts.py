"""A contract's coins count only where more than the claim says that they are the unit's own."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest

from docs.generate import tables
from scanner.chains.facts_revision import REVISION
from scanner.chains.known_assets import TABLE, known_asset
from scanner.chains.names import parse_asset
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.errors import FINDING_ONLY, AttestationInvalid, Why
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.contracts import Known, known_as, unknown_contract
from scanner.weighing.finding import Finding, Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support.attestations.attested import agreed, attest, held
from tests.support.tables import each_of

TETHER = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
MADE_UP = parse_asset("eip155:1/erc20:0x" + "77" * 20)
ETHER = parse_asset("eip155:1/slip44:60")


def asset(asset_id: AssetId, backs: str = "USDT", decimals: int = 6) -> Asset:
    return Asset("LABEL", asset_id, backs, decimals)


def finding(held_by: Asset, *outcomes: int | Gap, policy: Policy = Policy(), owed: str = "1") -> Finding:  # noqa: B008
    """What follows where so much is held by one asset, each part at an account of its own."""
    rows = [
        EvidenceRow(
            held_by.id,
            number.to_bytes(20),
            "0xab",
            Balance(outcome, Basis.QUORUM, ("a", "b")) if isinstance(outcome, int) else outcome,
            None,
        )
        for number, outcome in enumerate(outcomes)
    ]
    claim = Claim(
        exchange="X",
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        assets={held_by.id: held_by},
        liabilities={held_by.backs: Liability(held_by.backs, Fraction(owed))},
        holdings=Holdings.of(Holding(row.asset, row.account) for row in rows),
        digest="00" * 32,
    )
    return weigh(claim, {}, rows, policy)


@each_of(
    ("of", "policy", "known"),
    [
        (asset(ETHER, "ETH", 18), Policy(), Known.COIN),
        (asset(TETHER), Policy(), Known.TABLE),
        (asset(TETHER), Policy(contracts=frozenset({TETHER})), Known.TABLE),
        (asset(TETHER, "BTC"), Policy(), None),
        (asset(TETHER, "usdt"), Policy(), None),
        (asset(TETHER, decimals=18), Policy(), None),
        (asset(TETHER, "BTC"), Policy(contracts=frozenset({TETHER})), Known.VOUCHED),
        (asset(MADE_UP), Policy(), None),
        (asset(MADE_UP), Policy(contracts=frozenset({MADE_UP})), Known.VOUCHED),
        (asset(MADE_UP), Policy(contracts=frozenset({TETHER})), None),
        (asset(parse_asset("eip155:137/erc20:" + TETHER.reference)), Policy(), None),  # the same address elsewhere
    ],
)
def test_an_asset_is_known_as_a_coin_by_the_table_or_by_the_auditors_word(
    of: Asset, policy: Policy, known: Known | None
) -> None:
    assert known_as(of, policy) is known
    result = finding(of, 10**18, policy=policy)
    assert result.backing[of.id].known is known
    assert result.verdict is (Verdict.UNKNOWN if known is None else Verdict.COVERED)


def test_the_balances_of_an_unknown_contract_are_gaps_that_say_who_vouches_for_it() -> None:
    result = finding(asset(MADE_UP), 5, 6, Gap(Why.UNREACHABLE))
    (reserve,) = result.reserves
    assert reserve.held == 0
    assert (reserve.gaps, reserve.holdings) == (3, 3)
    assert result.gap_counts == {Why.UNKNOWN_CONTRACT: 2, Why.UNREACHABLE: 1}
    assert result.backing[MADE_UP].held == 0
    assert result.gaps[0].outcome == Gap(Why.UNKNOWN_CONTRACT, "only the claim says that its coins are USDT")


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (asset(MADE_UP), "only the claim says that its coins are USDT"),
        (asset(TETHER, "BTC"), "the table of contracts has it as USDT, not as BTC"),
        (asset(TETHER, decimals=18), "the table of contracts has it with 6 decimals, not 18"),
    ],
)
def test_the_gap_says_why_the_contract_is_not_known(of: Asset, told: str) -> None:
    assert unknown_contract(of).detail.startswith(told)


def test_an_unknown_contract_is_never_why_a_unit_is_short() -> None:
    assert finding(asset(MADE_UP), 1, owed="100").verdict is Verdict.UNKNOWN
    assert finding(asset(TETHER), 1, owed="100").verdict is Verdict.SHORT


def test_vouching_for_more_contracts_is_laxer() -> None:
    vouching, silent = Policy(contracts=frozenset({MADE_UP})), Policy()
    assert vouching.shortfalls(silent) == (f"vouches for {MADE_UP}",)
    assert silent.shortfalls(vouching) == vouching.shortfalls(vouching) == ()


def test_a_reason_that_only_a_finding_has_is_of_the_policy() -> None:
    assert Why.UNKNOWN_CONTRACT in FINDING_ONLY
    assert not {Why.UNREACHABLE, Why.NO_TOKEN, Why.WRONG_DECIMALS, Why.UNCONFIRMED_DECIMALS} & FINDING_ONLY


# --- The table is part of the format.


def test_the_published_table_is_the_one_that_findings_follow_from() -> None:
    rows = list(csv.DictReader(StringIO(tables()["contracts.csv"])))
    assert len(rows) == len(TABLE)
    for row in rows:
        known = known_asset(parse_asset(row["asset"]))
        assert known is not None
        assert (known.unit, str(known.decimals), str(known.since)) == (row["unit"], row["decimals"], row["since"])


def test_an_earlier_revision_does_not_know_what_later_ones_added() -> None:
    assert known_asset(TETHER, REVISION) is not None
    assert known_asset(TETHER, 0) is None
    assert known_as(asset(TETHER), Policy(), 0) is None


def test_a_finding_by_tables_that_are_not_known_here_is_refused() -> None:
    def later(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["tablesRevision"] = REVISION + 1

    with pytest.raises(AttestationInvalid, match=r"step 3: .*revision"):
        attest().with_statement(later, sign=True).verify()


@pytest.mark.parametrize(
    ("key", "value"), [("known", None), ("known", "VOUCHED"), ("known", "COIN"), ("held", "1"), ("held", "0")]
)
def test_what_a_statement_says_of_an_asset_is_computed_again(key: str, value: str | None) -> None:
    def otherwise(statement: dict[str, Any]) -> None:
        (of_token,) = (each for each in statement["predicate"]["finding"]["coverage"] if "erc20" in each["asset"])
        assert of_token[key] != value
        of_token[key] = value

    with pytest.raises(AttestationInvalid, match=rf"step 9: .*{key}"):
        attest().with_statement(otherwise, sign=True).verify()


def test_a_signer_cannot_vouch_afterwards_nor_without_the_verifiers_leave() -> None:
    def vouching(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["policy"]["contracts"] = [str(MADE_UP)]

    changed = attest(held(usdt_bob=agreed(1))).with_statement(vouching, sign=False)
    with pytest.raises(AttestationInvalid, match="step 2"):
        changed.verify()
    vouched = attest(policy=Policy(contracts=frozenset({TETHER, MADE_UP})))
    assert vouched.verify(Policy(contracts=frozenset({TETHER}))).policy.contracts == {TETHER}  # the claim has no other
    with pytest.raises(AttestationInvalid, match=f"step 10: .*vouches for {TETHER}"):
        vouched.verify(Policy())
