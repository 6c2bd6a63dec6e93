"""Balances of a real node proven: coins, and tokens of every make, with the witness walked again by a verifier."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

import scanner
from localnet import contracts
from localnet.anvil import Anvil
from localnet.block import Block
from localnet.contracts import TokenKind
from scanner.attesting.evidence_csv import encode
from scanner.attesting.verify import Verified
from scanner.chains.evm.slots import erc7201
from scanner.chains.evm.state_parts import BY_CODE
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance, Basis
from scanner.core.keccak import keccak256
from scanner.core.node_settings import NodeSettings
from scanner.errors import AttestationInvalid
from scanner.scanning.run import Scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings, holding_order
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Cause, WithoutProof
from tests.support.attestations.attested import EXCHANGE, Attested
from tests.support.simulated.token_code import proxy

EVM = parse_chain("eip155:1")
ETH = parse_asset("eip155:1/slip44:60")
OPENZEPPELIN = "openzeppelin.storage.ERC20"
UPGRADEABLE = TokenKind("NamespacedToken", root=int.from_bytes(erc7201(OPENZEPPELIN)))

# By label: where it stands, and its make.
TOKENS: dict[str, tuple[str, TokenKind]] = {
    "PLAIN": ("0x" + "c1" * 20, contracts.PLAIN),
    "VYPER": ("0x" + "c2" * 20, contracts.SLOT_FIRST),
    "UPGRADEABLE": ("0x" + "c3" * 20, UPGRADEABLE),
    "PROXIED": ("0x" + "c4" * 20, contracts.PLAIN),
    "PROXIED_VYPER": ("0x" + "c5" * 20, contracts.SLOT_FIRST),
    "REBASING": ("0x" + "c6" * 20, contracts.REBASING),
    "OTHERWISE_NAMESPACED": ("0x" + "c7" * 20, contracts.NAMESPACED),
    "UNSHOWN": ("0x" + "c8" * 20, contracts.PLAIN),
}
PROVEN = {"ETH", *TOKENS} - {"UNSHOWN"}


VOUCHED = frozenset(parse_asset(f"{EVM}/erc20:{contract}") for contract, _ in TOKENS.values())


@dataclass(frozen=True)
class World:
    """Two operators' nodes of one chain, a block in its past, and what was planted there in atoms."""

    nodes: tuple[Anvil, Anvil]
    block: Block
    planted: Mapping[str, Mapping[str, int]]  # by label and account

    def claim(self, accounts: int | None = None) -> Claim:
        """All that was planted, or the first accounts of it."""
        ids = {"ETH": ETH} | {label: parse_asset(f"{EVM}/erc20:{TOKENS[label][0]}") for label in TOKENS}
        holdings = [
            Holding(ids[label], bytes.fromhex(account[2:]))
            for label, balances in self.planted.items()
            for account in list(balances)[:accounts]
        ]
        return Claim(
            exchange="X",
            as_of=datetime.fromtimestamp(self.block.time, UTC),
            assets={ids[label]: Asset(label, ids[label], label, 18) for label in self.planted},
            liabilities={label: Liability(label, Fraction(1, 10**18)) for label in self.planted},
            holdings=Holdings.of(sorted(holdings, key=lambda each: holding_order(each.asset, each.account))),
            digest="00" * 32,
            snapshots={EVM: self.block.height},
        )

    def scan(self, claim: Claim | None = None, *, prove: int | None = None, policy: Policy | None = None) -> Scan:
        settings = [
            NodeSettings("evm", node.url, operator, EVM)
            for node, operator in zip(self.nodes, ("alpha", "beta"), strict=True)
        ]
        instrument = Instrument(policy or Policy(contracts=VOUCHED), tuple(settings), prove)
        return asyncio.run(scanner.scan(claim or self.claim(), instrument))


@pytest.fixture(scope="module")
def world(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    rng = random.Random(7)
    accounts = [f"0x{rng.randbytes(20).hex()}" for _ in range(60)]
    planted = {
        "ETH": {account: rng.choice([0, 1, rng.randrange(10**24)]) for account in accounts},
        **{
            label: {account: rng.choice([0, rng.randrange(1, 10**24)]) for account in accounts[:30]} for label in TOKENS
        },
    }
    with Anvil.start() as anvil:
        anvil.set_balances(planted["ETH"])
        for label, (address, kind) in TOKENS.items():
            plant(anvil, label, address, kind, planted[label])
        planted["REBASING"] = {account: shares * 3 // 2 for account, shares in planted["REBASING"].items()}
        block = anvil.seal()
        anvil.set_balances(dict.fromkeys(accounts, 5))  # what the block's successors hold is something else
        for address, _ in TOKENS.values():
            anvil.mint(address, dict.fromkeys(accounts, 6))
        anvil.mine(3)
        state = tmp_path_factory.mktemp("prove") / "state.json"
        anvil.dump_state(state)
        with Anvil.load_state(state) as twin:
            yield World((anvil, twin), block, planted)


def plant(anvil: Anvil, label: str, address: str, kind: TokenKind, balances: Mapping[str, int]) -> None:
    anvil.deploy_token(address, 18, label, kind)
    if kind is UPGRADEABLE:
        ours, theirs = (keccak256(name.encode()).hex() for name in ("localnet.token", OPENZEPPELIN))
        code = contracts.runtime_code(kind.contract)
        assert code.count(ours) == 1
        anvil.rpc("anvil_setCode", address, code.replace(ours, theirs))
    if label.startswith("PROXIED") or label == "UNSHOWN":
        anvil.put_behind_proxy(address, "0x" + "ee" * 19 + address[-2:])
    if label == "UNSHOWN":
        anvil.rpc("anvil_setCode", address, f"0x{proxy(first='GASLIMIT @on JUMPI 0 0 REVERT on:').hex()}")
    if kind is contracts.REBASING:
        anvil.set_storage(address, {contracts.REBASING_INDEX_SLOT: 15 * 10**17})
    # A zero that is written down stays in anvil's tries, where Ethereum's hold none, and no proof is taken from it.
    anvil.mint(address, {account: atoms for account, atoms in balances.items() if atoms})


def verified(result: Scan, claim: Claim, policy: Policy | None = None) -> tuple[Verified, bytes]:
    """What a verifier makes of the scan's attestation, and the witness that he was given."""
    made = scanner.attest(result, [EXCHANGE])
    assert made.witness is not None
    shown = scanner.verify(
        made.document,
        claim,
        [EXCHANGE.public],
        io.BytesIO(made.evidence),
        witness=io.BytesIO(made.witness),
        policy=policy,
    )
    return shown, made.witness


def bases(result: Scan, claim: Claim) -> dict[str, set[Basis]]:
    found: dict[str, set[Basis]] = {}
    for row in result.rows:
        assert isinstance(row.outcome, Balance), row
        found.setdefault(claim.assets[row.asset].label, set()).add(row.outcome.basis)
    return found


def test_coins_and_tokens_of_every_known_make_are_proven_and_the_others_told(world: World) -> None:
    claim = world.claim()
    result = world.scan(claim)
    labels = {asset.id: asset.label for asset in claim.assets.values()}
    found: dict[str, dict[str, int]] = {}
    for row in result.rows:
        assert isinstance(row.outcome, Balance), row
        found.setdefault(labels[row.asset], {})[f"0x{row.account.hex()}"] = row.outcome.atoms
    assert found == world.planted
    assert bases(result, claim) == {
        label: {Basis.PROVEN if label in PROVEN else Basis.QUORUM} for label in world.planted
    }
    proving = result.finding.proving
    assert {labels[asset]: layout for asset, layout in proving.layouts.items()} == dict.fromkeys(
        PROVEN - {"ETH"}, BY_CODE
    )
    assert {labels[asset]: why for asset, why in proving.unproven.items()} == {
        "UNSHOWN": WithoutProof((Cause.UNDETERMINED,))
    }


def test_a_verifier_walks_every_proof_again_offline(world: World) -> None:
    claim = world.claim()
    policy = Policy(require=dict.fromkeys(PROVEN, Basis.PROVEN), contracts=VOUCHED)
    result = world.scan(claim, policy=policy)
    shown, witness = verified(result, claim, policy)
    assert shown.finding == result.finding
    verdicts = {reserve.unit: reserve.verdict for reserve in shown.finding.reserves}
    assert verdicts == dict.fromkeys(world.planted, Verdict.COVERED)
    assert shown.run.witness == hashlib.sha256(witness).hexdigest()


def test_what_is_not_proven_does_not_count_where_a_proof_is_required(world: World) -> None:
    claim = world.claim()
    require = {"UNSHOWN": Basis.PROVEN, "PLAIN": Basis.PROVEN}
    result = world.scan(claim, policy=Policy(require=require, contracts=VOUCHED))
    verdicts = {reserve.unit: reserve.verdict for reserve in result.finding.reserves}
    assert (verdicts["UNSHOWN"], verdicts["PLAIN"]) == (Verdict.UNKNOWN, Verdict.COVERED)
    verified(result, claim)


def test_a_raised_balance_with_a_real_nodes_witness_is_refused(world: World) -> None:
    claim = world.claim()
    result = world.scan(claim)
    rows = list(result.rows)
    position = next(n for n, row in enumerate(rows) if isinstance(row.outcome, Balance) and row.asset == ETH)
    row = rows[position]
    assert isinstance(row.outcome, Balance)
    rows[position] = replace(row, outcome=replace(row.outcome, atoms=row.outcome.atoms + 1))
    with pytest.raises(ValueError, match="its proof shows"):  # nothing is signed that does not hold
        scanner.attest(replace(result, rows=rows), [EXCHANGE])
    made = scanner.attest(result, [EXCHANGE])
    true = Attested(claim, made.document, made.evidence, (EXCHANGE.public,), (EXCHANGE,), made.witness)
    with pytest.raises(AttestationInvalid, match=r"step 8: .* its proof shows"):
        true.with_lines(list(encode(rows)), sign=True).verify()


def test_of_a_sample_those_drawn_are_proven_and_no_others(world: World) -> None:
    claim = world.claim()
    result = world.scan(claim, prove=5)
    (snapshot,) = result.finding.snapshots.values()
    sample = result.finding.proving.sample
    assert sample is not None
    assert (sample.size, list(sample.blocks)) == (5, [snapshot.chain])
    for part in claim.holdings.parts:
        rows = [row for row in result.rows if row.asset == part.asset]
        proven = [row for row in rows if isinstance(row.outcome, Balance) and row.outcome.basis is Basis.PROVEN]
        provable = claim.assets[part.asset].label in PROVEN
        assert 0 < len(proven) <= 5 if provable else not proven
        assert all(isinstance(row.outcome, Balance) and row.outcome.atoms for row in proven)
    verified(result, claim)


def test_two_auditors_with_different_nodes_state_the_same_proofs(world: World) -> None:
    claim = world.claim()
    ours, theirs = world.scan(claim), replace(world, nodes=(world.nodes[1], world.nodes[0])).scan(claim)
    assert ours.finding == theirs.finding
    assert set(ours.witness) == set(theirs.witness)


def test_a_thousand_accounts_take_a_hundred_or_two_hundred_bytes_of_witness_each(node_programs: None) -> None:
    """In a state that holds little else. In one of Ethereum's size there are more nodes a path: bench/proofs.py."""
    accounts = {f"0xaa{number.to_bytes(19).hex()}": 10**18 + number for number in range(1, 1001)}
    address, kind = TOKENS["PLAIN"]
    with Anvil.start() as anvil:
        anvil.set_balances(accounts)
        plant(anvil, "PLAIN", address, kind, accounts)
        block = anvil.seal()
        for label in ("ETH", "PLAIN"):
            one = World((anvil, anvil), block, {label: accounts})
            claim = one.claim()
            result = one.scan(claim)
            assert bases(result, claim) == {label: {Basis.PROVEN}}
            _, witness = verified(result, claim)
            print(f"{label}: {len(witness) / 1000} bytes an account, {len(result.witness)} records")
            assert 50_000 < len(witness) < 200_000
