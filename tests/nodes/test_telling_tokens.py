"""A token on a real node that tells a reader of balances from other callers is never believed on anybody's word."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

import pytest

import scanner
from localnet.anvil import Anvil
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.names import parse_asset
from scanner.core.evidence import Gap
from scanner.core.lower_bound import Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import Why
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import EXCHANGE
from tests.support.real.real_nodes import or_skip
from tests.support.simulated.evm_worlds import CHAIN, MULTICALL, opened, read
from tests.support.simulated.telling_tokens import CONDITIONS, FALSE, honest, only_of, token_code

ACCOUNTS = tuple(bytes([7]) * 19 + bytes([number]) for number in range(1, 81))
TRUE, ALONE = "nothing", "one account, by a caller with code"
LYING = [*CONDITIONS, ALONE]
CODES = {
    TRUE: token_code(bytes([0x60, 0x00])),
    ALONE: token_code(only_of(ACCOUNTS[40], CONDITIONS["a caller with code"])),
    **{name: token_code(condition) for name, condition in CONDITIONS.items()},
}
TOKENS = {name: parse_asset(f"{CHAIN}/erc20:0x{0xB000 + number:040x}") for number, name in enumerate(CODES)}


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with or_skip(lambda: Anvil.start(int(CHAIN.reference))) as anvil:
        anvil.mine(50)
        anvil.place(MULTICALL, "Multicall")
        for name, asset in TOKENS.items():
            anvil.rpc("anvil_setCode", "0x" + asset.contract.hex(), "0x" + CODES[name].hex())
        anvil.mine(20)
        yield anvil


def found(anvil: Anvil, name: str, *kinds: StrategyKind, accounts: tuple[bytes, ...] = ACCOUNTS) -> list[Word | Gap]:
    async def run() -> list[Word | Gap]:
        async with opened(anvil.url, kinds or tuple(StrategyKind)) as asked:
            return await read(asked, await asked.block_at(60), TOKENS[name], accounts)

    return asyncio.run(run())


def told_apart(outcome: Word | Gap) -> bool:
    return isinstance(outcome, Gap) and outcome.why is Why.CALLER_DEPENDENT


@pytest.mark.parametrize("name", CONDITIONS)
def test_no_balance_of_such_a_token_is_the_node_s_word(node: Anvil, name: str) -> None:
    assert all(map(told_apart, found(node, name)))


def test_both_amounts_are_told(node: Anvil) -> None:
    outcomes = found(node, "no origin", accounts=ACCOUNTS[:1])
    assert isinstance(outcomes[0], Gap)
    assert f"{honest(ACCOUNTS[0]) + FALSE} to one caller and {honest(ACCOUNTS[0])} to another" in outcomes[0].detail


@pytest.mark.parametrize("kind", StrategyKind, ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize("name", LYING)
def test_in_whichever_way_it_is_asked_what_it_tells_the_reader_counts_nowhere(
    node: Anvil, name: str, kind: StrategyKind
) -> None:
    for account, outcome in zip(ACCOUNTS, found(node, name, kind), strict=True):
        if kind in (StrategyKind.BATCH, StrategyKind.SINGLE) and name == "a caller that is the origin":
            continue  # so calls everybody who asks a node without code of his own: docs/predicate.md says so
        assert told_apart(outcome) or outcome == honest(account)


@pytest.mark.parametrize("kind", StrategyKind, ids=lambda kind: kind.name.lower())
def test_a_token_that_tells_nobody_apart_is_read_as_before(node: Anvil, kind: StrategyKind) -> None:
    assert found(node, TRUE, kind) == [honest(account) for account in ACCOUNTS]


def test_one_account_that_is_lied_about_is_a_gap_alone_where_all_were_read_in_two_ways(node: Anvil) -> None:
    for account, outcome in zip(
        ACCOUNTS, found(node, ALONE, StrategyKind.OVERRIDE, StrategyKind.INIT_CODE), strict=True
    ):
        assert told_apart(outcome) if account == ACCOUNTS[40] else outcome == honest(account)


def test_where_the_sample_shows_it_nothing_of_the_token_is_believed(node: Anvil) -> None:
    """What one account is said to hold is more than all others together, so that it is drawn for certain."""
    assert all(map(told_apart, found(node, ALONE, StrategyKind.OVERRIDE)))


@pytest.mark.parametrize("name", LYING)
def test_two_operators_who_serve_it_are_no_quorum_for_it(node: Anvil, name: str) -> None:
    asset = TOKENS[name]
    held = sum(map(honest, ACCOUNTS))
    claim = Claim(
        exchange="X",
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        assets={asset: Asset("TOK", asset, "TOK", 6)},
        liabilities={"TOK": Liability("TOK", Fraction(held + FALSE // 2, 10**6))},
        holdings=Holdings.of([Holding(asset, account) for account in ACCOUNTS]),
        digest="00" * 32,
        snapshots={CHAIN: 60},
    )
    nodes = tuple(NodeSettings("evm", node.url, operator, CHAIN) for operator in ("alpha", "beta"))
    scan = asyncio.run(scanner.scan(claim, Instrument(Policy(contracts=frozenset([asset])), nodes)))
    (reserve,) = scan.finding.reserves
    assert reserve.verdict is Verdict.UNKNOWN
    gaps = {row.account for row in scan.rows if isinstance(row.outcome, Gap) and told_apart(row.outcome)}
    assert gaps == ({ACCOUNTS[40]} if name == ALONE else set(ACCOUNTS))
    made = scanner.attest(scan, [EXCHANGE])
    shown = scanner.verify(made.document, claim, [EXCHANGE.public], io.BytesIO(made.evidence))
    assert shown.finding == scan.finding
