"""Scans that prove balances against a state which the test writes down."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from types import MappingProxyType

import scanner
from scanner.chains.evm.slots import StorageLayout, layouts
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance, Gap, Snapshot
from scanner.core.ids import AssetId
from scanner.scanning.run import Scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings, holding_order
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import Seal
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ProvingChain, ScriptedChain
from tests.support.simulated.token_code import token

EVM = parse_chain("eip155:1")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
USDT = Asset(
    "USDT", parse_asset("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada"), "USDT", 6
)  # not the known one
DAI = Asset("DAI", parse_asset("eip155:1/erc20:0x6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b"), "DAI", 18)
HEIGHT = 50
LAYOUTS = {layout.name: layout for layout in layouts()}
SLOT_2 = LAYOUTS["Solidity mapping at slot 2"]
HOLDERS = [bytes([number]) * 20 for number in range(1, 9)]
COINS = {holder: 10**18 + number for number, holder in enumerate(HOLDERS[:6])}  # the last two are not in the state
ATOMS = {holder: number * 1_000_000 for number, holder in enumerate(HOLDERS)}  # the first has no slot
Balances = dict[tuple[AssetId, bytes], int | Gap]


def a_state(
    layout: StorageLayout = SLOT_2,
    atoms: Mapping[bytes, int] = ATOMS,
    *,
    codes: Mapping[bytes, bytes] = MappingProxyType({}),
    words: Mapping[bytes, Mapping[bytes, int]] = MappingProxyType({}),
) -> BuiltState:
    """Coins, and a token whose balances lie as `layout` says, and whose code reads them there. `codes` and `words` are
    other code, that of the token too, and what storage keeps besides, by contract."""
    others = {bytes([number]) * 20: number for number in range(100, 140)}
    slots = {layout.key(holder): held for holder, held in (others | dict(atoms)).items()}
    return BuiltState(
        EVM,
        COINS | others,
        {**words, USDT.id.contract: slots | dict(words.get(USDT.id.contract, {}))},
        height=HEIGHT,
        time=GENESIS_TIME + timedelta(minutes=HEIGHT),
        codes={USDT.id.contract: token(layout), **codes},
    )


STATE = a_state()
TRUTH: Balances = {
    **{(ETH.id, holder): COINS.get(holder, 0) for holder in HOLDERS},
    **{(USDT.id, holder): atoms for holder, atoms in ATOMS.items()},
}
DECIMALS = {asset.id: asset.decimals for asset in (USDT, DAI)}  # as their contracts say


def a_chain(state: BuiltState = STATE, balances: Balances | None = None) -> ProvingChain:
    told = dict(TRUTH if balances is None else balances)
    return ProvingChain(EVM, state=state, balances=told, decimals=dict(DECIMALS))


class PlainTwin(ScriptedChain):
    """The same chain, of a node that knows no proofs."""

    def block(self, height: int) -> Snapshot:
        return a_chain().block(height)


def two(*scripts: ScriptedChain) -> Nodes:
    """Nodes of operators alpha, beta, ..., all true where none are given."""
    nodes = Nodes()
    for operator, script in zip(("alpha", "beta", "gamma", "delta"), scripts or (a_chain(), a_chain()), strict=False):
        nodes.add(script, operator)
    return nodes


def a_claim(holdings: Sequence[tuple[AssetId, bytes]]) -> Claim:
    assets = {asset.id: asset for asset in (ETH, USDT, DAI)}
    ordered = sorted(holdings, key=lambda each: holding_order(*each))
    return Claim(
        exchange="X",
        as_of=GENESIS_TIME + timedelta(minutes=HEIGHT),
        assets=assets,
        liabilities={asset.backs: Liability(asset.backs, Fraction(1)) for asset in assets.values()},
        holdings=Holdings.of(Holding(asset, account) for asset, account in ordered),
        digest="00" * 32,
        snapshots={EVM: HEIGHT},
    )


def vouching(policy: Policy) -> Policy:
    """The policy, under which this file's tokens count."""
    return replace(policy, contracts=frozenset({USDT.id, DAI.id}))


def holds(result: Scan) -> bool:
    """Whether the attestation of a scan holds before somebody who only has the claim."""
    made = scanner.attest(result, [Seal(b"x")])
    witness = None if made.witness is None else io.BytesIO(made.witness)
    verified = scanner.verify(
        made.document, result.finding.claim, [Seal(b"x")], io.BytesIO(made.evidence), witness=witness
    )
    return verified.finding == result.finding


def held(result: Scan) -> Balances:
    return {(row.asset, row.account): row.outcome.atoms for row in result.rows if isinstance(row.outcome, Balance)}


EVERY = sorted(TRUTH, key=lambda place: holding_order(*place))
