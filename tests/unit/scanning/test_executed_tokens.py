"""Tokens in no table: their own code is executed over proven storage, in the scan and again by the verifier."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import pytest

from scanner.chains.evm import prover
from scanner.chains.evm.slots import StorageLayout
from scanner.chains.evm.state import ProvenState
from scanner.chains.evm.state_parts import BY_CODE
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.ids import AssetId
from scanner.errors import Why
from scanner.scanning import prove
from scanner.scanning.run import Scan, scan
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support.proving_scans import (
    ATOMS,
    HOLDERS,
    LAYOUTS,
    SLOT_2,
    USDT,
    Balances,
    a_chain,
    a_claim,
    a_state,
    held,
    holds,
    two,
    vouching,
)
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.evm_assembler import assemble
from tests.support.simulated.scripted_node import Nodes
from tests.support.simulated.token_code import (
    EIP1967,
    HOLDER,
    RETURN_WORD,
    minimal_proxy,
    proxy,
    token,
    word_of,
)
from tests.support.simulated.trie_builder import keccak256
from tests.support.tables import each_of

CONTRACT = USDT.id.contract
CODE_AT, BEACON = b"\xc0" * 20, b"\xbe" * 20
TOKENS: Balances = {(USDT.id, holder): atoms for holder, atoms in ATOMS.items()}
SLOT_5 = LAYOUTS["Solidity mapping at slot 5"]


def scanned(nodes: Nodes, policy: Policy = Policy(), prove: int | None = None) -> Scan:  # noqa: B008 - immutable
    instrument = Instrument(vouching(policy), tuple(nodes.settings), prove)
    return asyncio.run(scan(a_claim(list(TOKENS)), instrument, connect=nodes.connect))


def of(state: BuiltState, balances: Balances = TOKENS) -> Scan:
    """What two operators who say these balances come to."""
    return scanned(two(a_chain(state, balances), a_chain(state, balances)))


def outcomes(result: Scan) -> list[Basis | Why]:
    return [row.outcome.basis if isinstance(row.outcome, Balance) else row.outcome.why for row in result.rows]


@each_of("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_token_is_proven_wherever_its_code_keeps_balances(layout: StorageLayout) -> None:
    state = a_state(layout)
    result = of(state)
    assert held(result) == TOKENS
    assert set(outcomes(result)) == {Basis.PROVEN}
    assert result.finding.proving == Proving({USDT.id: BY_CODE})
    expected = {state.header, *state.account_proof(CONTRACT), state.codes[CONTRACT]}
    expected |= {node for holder in HOLDERS for node in state.storage_proof(CONTRACT, layout.key(holder))}
    assert set(result.witness) == set(map(keccak256, expected))


def padded(address: bytes) -> int:
    return int.from_bytes(address)


CALL_BEACON = "0xda525716 224 SHL 0 MSTORE 32 0 4 0 0x{beacon} GAS STATICCALL POP 0 MLOAD"  # childImplementation()
PROXIES: Mapping[str, tuple[bytes, Mapping[bytes, Mapping[bytes, int]], Mapping[bytes, bytes]]] = {
    "EIP-1967": (proxy(), {CONTRACT: {EIP1967.to_bytes(32): padded(CODE_AT)}}, {}),
    "EIP-1167": (minimal_proxy(CODE_AT), {}, {}),
    "beacon": (
        proxy(through=CALL_BEACON.format(beacon=BEACON.hex())),
        {BEACON: {bytes(32): padded(CODE_AT)}},
        {BEACON: assemble(f"0 SLOAD {RETURN_WORD}")},
    ),
}


@pytest.mark.parametrize("kind", PROXIES)
def test_a_token_behind_a_proxy_is_proven_with_the_code_of_all_contracts_on_the_way(kind: str) -> None:
    code, words, more = PROXIES[kind]
    state = a_state(words=words, codes={CONTRACT: code, CODE_AT: token(SLOT_5), **more})
    result = of(state, {(USDT.id, holder): 0 for holder in HOLDERS})  # of slot 5, where nothing is kept
    assert set(outcomes(result)) == {Basis.PROVEN}
    state = a_state(words=words, codes={CONTRACT: code, CODE_AT: token(SLOT_2), **more})
    result = of(state)
    assert held(result) == TOKENS
    assert set(outcomes(result)) == {Basis.PROVEN}
    assert {keccak256(each) for each in (code, token(SLOT_2), *more.values())} <= set(result.witness)
    assert holds(result)


def test_a_token_that_computes_its_balances_from_shares_is_proven() -> None:
    index = (7).to_bytes(32)
    code = assemble(f"10 0x07 SLOAD {word_of(SLOT_2)} MUL DIV {RETURN_WORD}")
    state = a_state(words={CONTRACT: {index: 15}}, codes={CONTRACT: code})
    shares: Balances = {(USDT.id, holder): atoms * 15 // 10 for holder, atoms in ATOMS.items()}
    result = of(state, shares)
    assert held(result) == shares
    assert set(outcomes(result)) == {Basis.PROVEN}
    assert holds(result)


def test_a_word_that_the_issuer_planted_in_another_mapping_proves_nothing_though_all_operators_say_it() -> None:
    """The whole quorum and the issuer lie together, about one holder or about all of them."""
    for liars in (HOLDERS[4:5], HOLDERS):
        planted = {
            holder: 10**30 + number if holder in liars else ATOMS[holder] for number, holder in enumerate(HOLDERS)
        }
        state = a_state(words={CONTRACT: {SLOT_5.key(holder): atoms for holder, atoms in planted.items()}})
        result = of(state, {(USDT.id, holder): atoms for holder, atoms in planted.items()})
        for row in result.rows:
            if row.account in liars:
                assert isinstance(row.outcome, Gap)
                assert (row.outcome.why, row.outcome.shown) == (Why.DISAGREEMENT, ATOMS[row.account])
            else:
                assert row.outcome == Balance(ATOMS[row.account], Basis.PROVEN, ("alpha", "beta"))
        assert holds(result)


UNDETERMINED = {
    "the gas": "4000000 GAS GT",
    "the origin": "ORIGIN ISZERO",
    "the price": "GASPRICE",
    "the caller's code": "CALLER EXTCODESIZE",
    "whether the caller is nobody": "CALLER ISZERO",
    "whether the holder asks": f"CALLER {HOLDER} EQ",
    "a bit of the caller": "CALLER 1 AND",
    "another block": "1 NUMBER SUB BLOCKHASH",
    "the fee": "BASEFEE",
    "an account without code": "0 0 0 0 0x1234 GAS STATICCALL",
    "its own writing": "1 1 SSTORE 1",
}


@each_of("what", UNDETERMINED)
def test_a_token_that_answers_by_what_no_proof_shows_stays_with_the_quorum_and_the_reason_is_told(what: str) -> None:
    code = token(SLOT_2, f"{UNDETERMINED[what]} ISZERO @on JUMPI 0 0 REVERT on:")
    result = of(a_state(codes={CONTRACT: code}))
    assert held(result) == TOKENS
    assert set(outcomes(result)) == {Basis.QUORUM}
    assert result.finding.proving == Proving({}, {USDT.id: WithoutProof((Cause.UNDETERMINED,))})
    assert not len(result.witness)
    assert holds(result)


def test_a_token_that_refuses_its_answer_is_not_proven_whatever_operators_say() -> None:
    result = of(a_state(codes={CONTRACT: assemble("0 0 REVERT")}))
    assert set(outcomes(result)) == {Basis.QUORUM}
    assert result.finding.proving.unproven == {USDT.id: WithoutProof((Cause.NO_BALANCE,))}


def test_a_holder_whom_the_contract_refuses_is_a_gap_where_others_are_proven() -> None:
    lied = HOLDERS[4]
    code = token(SLOT_2, f"0x{lied.hex()} {HOLDER} EQ ISZERO @on JUMPI 0 0 REVERT on:")
    result = of(a_state(codes={CONTRACT: code}))
    by_holder = dict(zip(HOLDERS, outcomes(result), strict=True))
    assert by_holder.pop(lied) is Why.UNPROVEN
    assert set(by_holder.values()) == {Basis.PROVEN}
    assert holds(result)


def test_a_loop_without_an_end_is_no_balance() -> None:
    result = of(a_state(codes={CONTRACT: assemble("on: @on JUMP")}))
    assert result.finding.proving.unproven == {USDT.id: WithoutProof((Cause.TOO_LARGE,))}


def test_a_proxy_that_asks_who_its_administrator_is_is_proven() -> None:
    """As OpenZeppelin's TransparentUpgradeableProxy does: whom it does not know gets the token's answer."""
    administrator = 0xB53127684A568B3173AE13B9F8A6016E243E63B6E8EE1178D6A717850B5D6103.to_bytes(32)
    asks = f"0x{administrator.hex()} SLOAD CALLER 0x{'ff' * 20} AND EQ ISZERO @on JUMPI 0 0 REVERT on:"
    words = {CONTRACT: {EIP1967.to_bytes(32): padded(CODE_AT), administrator: padded(b"\xad" * 20)}}
    state = a_state(words=words, codes={CONTRACT: proxy(first=asks), CODE_AT: token(SLOT_2)})
    result = of(state)
    assert held(result) == TOKENS
    assert set(outcomes(result)) == {Basis.PROVEN}


def test_one_reading_beside_the_contracts_own_word_is_enough_and_none_is_not() -> None:
    unread: Balances = {place: Gap(Why.REFUSED) for place in TOKENS}
    result = scanned(two(a_chain(a_state(), TOKENS), a_chain(a_state(), unread)))
    assert set(outcomes(result)) == {Basis.PROVEN}
    result = scanned(two(a_chain(a_state(), unread), a_chain(a_state(), unread)))
    assert set(outcomes(result)) == {Why.REFUSED}
    assert holds(result)


def test_a_node_that_sends_other_code_proves_nothing() -> None:
    """It says of the token that it has the code of one that doubles balances; the account's hash says otherwise."""
    state = a_state()
    false = a_chain(state, {place: 2 * atoms for place, atoms in TOKENS.items() if isinstance(atoms, int)})
    doubling = assemble(f"2 {word_of(SLOT_2)} MUL {RETURN_WORD}")
    false.spoil_nodes = lambda nodes: [doubling if node == state.codes[CONTRACT] else node for node in nodes]
    result = scanned(two(false, false))
    assert set(outcomes(result)) == {Basis.QUORUM}
    assert result.finding.proving.unproven == {USDT.id: WithoutProof((Cause.INCOMPLETE,))}
    result = scanned(two(false, a_chain(state, TOKENS)))
    assert held(result) == TOKENS
    assert set(outcomes(result)) == {Basis.PROVEN}


def test_code_that_takes_long_for_each_holder_keeps_nothing_else_waiting_and_is_refused_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prove, "_AT_A_STRETCH", 1)
    executions: Counter[bytes] = Counter()
    turns = 0

    class Counting(ProvenState):
        def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:
            executions[account] += 1
            return super().balance(asset, account, hint)

    monkeypatch.setattr(prover, "ProvenState", Counting)

    async def beside() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += bool(executions)

    async def both() -> Scan:
        other = asyncio.create_task(beside())
        try:
            state = a_state(codes={CONTRACT: assemble("on: @on JUMP")})
            nodes = two(a_chain(state, TOKENS), a_chain(state, TOKENS))
            instrument = Instrument(vouching(Policy()), tuple(nodes.settings), None)
            return await scan(a_claim(list(TOKENS)), instrument, connect=nodes.connect)
        finally:
            other.cancel()

    result = asyncio.run(both())
    assert result.finding.proving.unproven == {USDT.id: WithoutProof.of([Cause.TOO_LARGE])}
    assert set(outcomes(result)) == {Basis.QUORUM}
    most = max(executions.values())
    assert most <= 2, executions  # before its code was there, and with it
    assert turns >= len(HOLDERS)
