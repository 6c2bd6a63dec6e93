"""Attestations whose balances are proven: what holds, and that nothing can be called proven which the block denies.

A change is tried twice where both make sense: as a stranger makes it, who cannot sign, and as a dishonest signer makes
it, whose key is accepted and who writes everything else consistently.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from scanner.attesting import named
from scanner.attesting.verify import verify
from scanner.chains.evm.slots import layouts
from scanner.chains.names import parse_chain
from scanner.core.evidence import Balance, Basis, Outcome, Snapshot
from scanner.core.ids import AssetId
from scanner.core.sampling import Draw, Sample, draw
from scanner.errors import AttestationInvalid
from scanner.proofs.witness import Witness, dump
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, holding_order
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support.attestations.attested import (
    ALICE,
    BOB,
    CAROL,
    ETH,
    ETHEREUM,
    SCANNED_AT,
    SNAPSHOTS,
    TIMED_OUT,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
)
from tests.support.attestations.attested_proofs import (
    COINS,
    LAYOUT,
    OTHERS,
    PROVING,
    STATE,
    TOKENS,
    attest_proven,
    held_and_proven,
    proven,
    records,
    witness_of,
)
from tests.support.simulated.built_state import BuiltState
from tests.support.tables import each_of

SEAL = Seal(b"secret")
TRUE = attest_proven()
FINDING = ("predicate", "finding")


def refused(attested: Attested, step: int, policy: Policy | None = None) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        attested.verify(policy)
    assert caught.value.step == step, caught.value
    return str(caught.value)


def swap(attested: Attested, old: bytes, new: bytes) -> list[bytes]:
    text = b"".join(attested.lines)
    assert text.count(old) == 1
    return text.replace(old, new).splitlines(keepends=True)


def put(value: Any, *path: str | int) -> Callable[[dict[str, Any]], None]:
    """A change of a statement: this value at this path."""

    def change(statement: dict[str, Any]) -> None:
        place: Any = statement
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


# --- what is true holds


def test_a_true_attestation_holds_and_says_what_is_proven() -> None:
    verified = TRUE.verify()
    assert verified.verdict is Verdict.COVERED
    proven_of = {reserve.unit: reserve.by_basis[Basis.PROVEN] for reserve in verified.finding.reserves}
    held = {reserve.unit: reserve.held for reserve in verified.finding.reserves}
    assert proven_of == held | {"BTC": Fraction(0)}
    assert verified.finding.proving == PROVING
    assert verified.predicate["run"]["witness"] == TRUE.statement["predicate"]["run"]["witness"] is not None


def test_what_differs_only_in_who_said_so_gives_the_same_proving_part() -> None:
    others = held_and_proven(usdt_alice=proven(TOKENS[ALICE], "gamma"), usdt_bob=proven(0))
    theirs = attest_proven(others).statement["predicate"]["finding"]
    assert theirs == TRUE.statement["predicate"]["finding"]


def test_a_balance_that_could_not_be_read_beside_proven_ones_is_a_gap_that_needs_no_reason() -> None:
    verified = attest_proven(held_and_proven(usdt_carol=TIMED_OUT)).verify()
    assert [row.account for row in verified.finding.gaps] == [CAROL]


@pytest.mark.parametrize(
    "more", [[b"x" * 40], STATE.account_proof(b"\x20" * 20)[-1:], [BuiltState(ETHEREUM, {}).header]]
)
def test_records_that_no_proof_needs_are_refused(more: list[bytes]) -> None:
    spoilt = TRUE.with_witness(b"".join(dump(Witness([*records(), *more]))), sign=True)
    assert "1 of the witness's records are needed by no balance" in refused(spoilt, 8)


def test_a_witness_is_refused_where_nothing_is_proven() -> None:
    nothing = dict.fromkeys(held_and_proven(), TIMED_OUT)
    for witness in (Witness(), Witness(records()), Witness(records()[:1])):
        assert "a witness is named, and nothing is said to be proven" in refused(
            attest(nothing, witness=witness, signers=(SEAL,)), 8
        )


def test_a_proven_balance_is_refused_where_the_statement_says_that_none_was_to_be() -> None:
    none: dict[str, Any] = {"size": 0, "nonce": None, "blocks": [], "draws": {}}
    changed = put(none, *FINDING, "proving", "sample")
    refused(TRUE.with_statement(changed, sign=False), 2)
    assert "says that none was to be" in refused(TRUE.with_statement(changed, sign=True), 8)


# --- the witness


def test_without_the_witness_nothing_is_taken_for_proven() -> None:
    told = refused(replace(TRUE, witness=None), 5)
    assert "is named and was not given; a scan writes it as witness.bin beside the attestation" in told


def test_another_witness_than_the_one_named_is_refused() -> None:
    other = b"".join(dump(Witness(records()[:-1])))
    assert "the witness is sha256:" in refused(replace(TRUE, witness=other), 5)


@each_of("missing", range(len(records())))
def test_a_witness_without_any_one_of_its_records_is_refused_signed_again_or_not(missing: int) -> None:
    rest = records()
    del rest[missing]
    witness = b"".join(dump(Witness(rest)))
    refused(TRUE.with_witness(witness, sign=False), 5)
    assert "its proof does not hold: INCOMPLETE" in refused(TRUE.with_witness(witness, sign=True), 8)


@each_of("record", range(len(records())))
@each_of("place", [0, 0.3, 0.6, 1])
def test_a_witness_with_any_one_byte_of_a_record_changed_is_refused_signed_again_or_not(
    record: int, place: float
) -> None:
    spoiled = [bytearray(each) for each in records()]
    spoiled[record][int(place * (len(spoiled[record]) - 1))] ^= 1
    witness = b"".join(dump(Witness(map(bytes, spoiled))))
    refused(TRUE.with_witness(witness, sign=False), 5)
    assert "its proof does not hold: INCOMPLETE" in refused(TRUE.with_witness(witness, sign=True), 8)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda witness: witness[:-1],
        lambda witness: witness + b"\0",
        lambda witness: witness.replace(b"witness\x01", b"witness\x02"),
        lambda witness: witness[:16] + bytes(8) + witness[24:],  # no records follow, it says
        lambda witness: witness[:24] + b"\xff" * 4 + witness[28:],
    ],
)
def test_a_file_that_is_no_witness_is_refused_signed_again_or_not(spoil: Callable[[bytes], bytes]) -> None:
    spoiled = spoil(TRUE.witness or b"")
    assert spoiled != TRUE.witness
    refused(TRUE.with_witness(spoiled, sign=False), 5)
    refused(TRUE.with_witness(spoiled, sign=True), 5)


def test_no_record_is_kept_of_a_witness_that_was_not_named() -> None:
    class Once(io.BytesIO):
        """A file that notes where it is read from the start again."""

        starts = 0

        def seek(self, offset: int, whence: int = 0, /) -> int:
            self.starts += offset == 0
            return super().seek(offset, whence)

    changed = TRUE.with_witness(b"".join(dump(Witness([*records(), b"more"]))), sign=False)
    file = Once(changed.witness or b"")
    with pytest.raises(AttestationInvalid, match="step 5"):
        verify(changed.envelope, changed.claim, changed.keys, io.BytesIO(changed.evidence), witness=file)
    assert file.starts == 1  # it was hashed, and not loaded


def test_a_subject_list_without_the_witness_is_refused() -> None:
    def drop(statement: dict[str, Any]) -> None:
        del statement["subject"][2]

    refused(TRUE.with_statement(drop, sign=False), 2)
    assert "statement.subject" in refused(TRUE.with_statement(drop, sign=True), 3)

    def deny(statement: dict[str, Any]) -> None:
        del statement["subject"][2]
        statement["predicate"]["run"]["witness"] = None

    refused(TRUE.with_statement(deny, sign=False), 2)
    assert "INCOMPLETE: the header" in refused(TRUE.with_statement(deny, sign=True), 8)


def test_a_subject_that_names_another_witness_than_the_run_is_refused() -> None:
    changed = put("00" * 32, "subject", 2, "digest", "sha256")
    refused(TRUE.with_statement(changed, sign=False), 2)
    refused(TRUE.with_statement(changed, sign=True), 3)


# --- amounts, accounts and assets


LIES: dict[str, dict[str, Outcome]] = {
    "ether raised": {"eth_alice": proven(10**24)},
    "ether raised by one": {"eth_alice": proven(COINS[ALICE] + 1)},
    "ether lowered": {"eth_bob": proven(COINS[BOB] - 1)},
    "ether taken for nothing": {"eth_alice": proven(0)},
    "ether of another account": {"eth_alice": proven(COINS[BOB])},
    "a token balance raised": {"usdt_alice": proven(TOKENS[ALICE] + 1, "alpha", "beta")},
    "a token balance where there is none": {"usdt_bob": proven(1, "alpha", "beta")},
    "a token balance of another account": {"usdt_carol": proven(TOKENS[ALICE], "alpha", "beta")},
    "a token balance taken for nothing": {"usdt_carol": proven(0, "alpha")},
    "an amount that all who answered confirm": {"eth_alice": proven(2, "alpha", "beta", "gamma")},
    "the amount of the storage words length": {"usdt_alice": proven(TOKENS[ALICE] + 2**255, "alpha")},
}


@each_of("lie", LIES.values(), ids=LIES)
def test_an_amount_that_the_block_does_not_hold_is_never_proven(lie: dict[str, Outcome]) -> None:
    attested = attest_proven(held_and_proven(**lie))
    assert "its proof shows" in refused(attested, 8)
    refused(TRUE.with_evidence(attested.evidence, sign=False), 5)


def test_bitcoin_is_never_proven() -> None:
    assert "has no state proofs" in refused(attest_proven(held_and_proven(btc=proven(60_00000000, "alpha"))), 8)


def test_an_account_that_the_witness_does_not_reach_is_not_proven() -> None:
    """The claim has one account more, of which the signer says the truth without its proof."""
    stranger = b"\x20" * 20
    holdings = sorted(
        (*a_claim().holdings, Holding(ETH.id, stranger)), key=lambda each: holding_order(each.asset, each.account)
    )
    claim = a_claim(holdings=tuple(holdings))
    outcomes = held_and_proven() | {(ETH.id, stranger): proven(OTHERS[stranger])}
    assert "INCOMPLETE" in refused(attest_proven(outcomes, claim=claim, witness=Witness(records())), 8)
    with_proof = Witness([*records(), *STATE.account_proof(stranger)])
    assert attest_proven(outcomes, claim=claim, witness=with_proof).verify().verdict is Verdict.COVERED


def test_a_token_without_a_contract_is_not_proven_to_be_empty() -> None:
    """Every slot of an account without code reads as zero: that is no balance."""
    empty = BuiltState(ETHEREUM, COINS | OTHERS)
    outcomes = held_and_proven(**dict.fromkeys(("usdt_alice", "usdt_bob", "usdt_carol"), proven(0, "alpha")))
    witness = Witness([*records(empty)])
    attested = attest_proven(outcomes, snapshot=empty.snapshot, witness=witness)
    assert "NO_CODE" in refused(attested, 8)


# --- layouts


@each_of("name", [layout.name for layout in layouts() if layout.name != LAYOUT.name][:70:6])
def test_another_layout_than_the_tokens_is_refused(name: str) -> None:
    refused(attest_proven(proving=Proving({USDT.id: name})), 8)


@pytest.mark.parametrize(
    "name", ["", "Solidity mapping at slot 3", "solidity mapping at slot 2", "anything", "contract code"]
)
def test_a_layout_that_is_not_the_tokens_is_refused(name: str) -> None:
    told = refused(attest_proven(proving=Proving({USDT.id: name})), 8)
    assert f"the storage layout {name!r} is not that of {USDT.id}" in told
    assert "which keeps balances by 'Solidity mapping at slot 2'" in told


def test_a_layout_left_out_is_refused() -> None:
    assert "the storage layout" in refused(attest_proven(proving=Proving({})), 8)
    changed = put({}, *FINDING, "proving", "layouts")
    refused(TRUE.with_statement(changed, sign=False), 2)
    refused(TRUE.with_statement(changed, sign=True), 8)


@pytest.mark.parametrize(
    ("asset", "name"),
    [
        (str(ETH.id), LAYOUT.name),
        (f"{ETHEREUM}/erc20:0x{'77' * 20}", "contract code"),
        ("eip155:137/slip44:966", LAYOUT.name),
    ],
)
def test_a_layout_of_an_asset_that_no_proof_rests_on_is_refused(asset: str, name: str) -> None:
    changed = put({str(USDT.id): LAYOUT.name, asset: name}, *FINDING, "proving", "layouts")
    refused(TRUE.with_statement(changed, sign=False), 2)
    assert "finding.proving.layouts" in refused(TRUE.with_statement(changed, sign=True), 9)


def test_a_token_balance_that_nobody_read_from_the_contract_is_not_proven() -> None:
    for outcome in (proven(TOKENS[CAROL]), proven(TOKENS[CAROL], beta=5)):
        assert "no operator read it from the token's contract" in refused(
            attest_proven(held_and_proven(usdt_carol=outcome)), 8
        )
    attest_proven(held_and_proven(usdt_carol=proven(TOKENS[CAROL], "gamma"))).verify()


# --- the block


@pytest.mark.parametrize(
    "changes",
    [
        {"height": STATE.height + 1},
        {"height": STATE.height - 1},
        {"time": STATE.time - timedelta(seconds=1)},
        {"parent": "0x" + "1d" * 32},
    ],
)
def test_a_height_parent_or_time_that_is_not_the_headers_is_refused(changes: dict[str, Any]) -> None:
    """Without proofs these three are the signer's word; with them the block's hash vouches for all."""
    attested = attest_proven(snapshot=replace(STATE.snapshot, **changes))
    assert "another height, parent or time" in refused(attested, 8)


def other_block(**changes: Any) -> BuiltState:
    return BuiltState(
        ETHEREUM, COINS | OTHERS | changes.pop("coins", {}), {USDT.id.contract: {LAYOUT.key(ALICE): 1}}, **changes
    )


@pytest.mark.parametrize("other", [other_block(), other_block(height=1), other_block(coins={ALICE: 10**24})])
def test_the_header_of_another_block_proves_nothing(other: BuiltState) -> None:
    """Its own witness shows the amounts well, but not at the block that is named."""
    witness = Witness([other.header, *records()[1:], *records(other)[1:]])
    assert "the header of" in refused(attest_proven(witness=witness), 8)
    true_elsewhere = held_and_proven(eth_alice=proven(10**24))
    refused(attest_proven(true_elsewhere, witness=witness), 8)


def test_a_header_that_commits_to_an_earlier_state_proves_nothing() -> None:
    earlier = other_block(settled=STATE.height - 1)
    attested = attest_proven(snapshot=earlier.snapshot, witness=Witness(records(earlier)))
    assert "commits to the state after an earlier block" in refused(attested, 8)


def test_amounts_of_another_block_are_refused_at_this_one_though_both_are_in_the_witness() -> None:
    other = other_block(coins={ALICE: 10**24}, height=STATE.height - 1)
    witness = Witness([*records(), *records(other)])
    attested = attest_proven(held_and_proven(eth_alice=proven(10**24)), witness=witness)
    assert "its proof shows 1 atoms" in refused(attested, 8)


def test_rows_of_another_block_than_the_snapshot_are_refused() -> None:
    other = other_block()
    lines = b"".join(TRUE.lines).replace(STATE.snapshot.hash.encode(), other.snapshot.hash.encode())
    refused(TRUE.with_lines(lines.splitlines(keepends=True), sign=True), 7)


# --- what is called proven, and what is not


QUORUM_BOB = agreed(0, "alpha", "beta")


def test_a_quorum_that_is_called_proven_without_a_proof_is_refused() -> None:
    """A whole scan without proofs, made to look proven."""
    weak = attest({place: agreed(10**20) for place in held_and_proven()}, signers=(Seal(b"secret"),))
    lines = b"".join(weak.lines).replace(b"QUORUM", b"PROVEN").splitlines(keepends=True)
    refused(weak.with_lines(lines, sign=False), 5)
    refused(weak.with_lines(lines, sign=True), 8)
    reason = Proving(PROVING.layouts, {USDT.id: WithoutProof.of([Cause.NO_STATE])})
    one = attest_proven(held_and_proven(usdt_bob=QUORUM_BOB), proving=reason, witness=Witness(records()))
    lines = swap(one, b",0,,QUORUM,alpha+beta,", b",7,,PROVEN,alpha+beta,")
    assert "its proof shows 0 atoms" in refused(one.with_lines(lines, sign=True), 8)


def test_the_totals_by_basis_cannot_be_made_to_look_better() -> None:
    for path, value in [
        (("reserves", 0, "proven"), "103.12345678"),
        (("reserves", 0, "quorum"), "0"),
        (("reserves", 1, "dissents"), 0),
        (("reserves", 1, "proven"), "7.730000000000000002"),
    ]:
        changed = put(value, *FINDING, *path)
        refused(TRUE.with_statement(changed, sign=False), 2)
        refused(TRUE.with_statement(changed, sign=True), 9)


def test_a_balance_that_was_to_be_proven_and_is_not_needs_a_reason() -> None:
    weak = held_and_proven(usdt_bob=QUORUM_BOB)
    assert "was to be proven, is not, and no reason is given" in refused(attest_proven(weak), 8)
    reason = Proving(PROVING.layouts, {USDT.id: WithoutProof.of([Cause.NO_STATE])})
    assert "counts without a proof" in refused(attest_proven(weak, proving=reason), 8)
    assert with_tokens_unproven().verify().finding.proving == Proving({}, {USDT.id: WithoutProof.of([Cause.NO_STATE])})
    both = held_and_proven(usdt_bob=QUORUM_BOB, eth_alice=agreed(COINS[ALICE]))
    of_the_other = Proving(PROVING.layouts, {ETH.id: WithoutProof.of([Cause.NO_STATE])})
    assert "no reason is given" in refused(attest_proven(both, proving=of_the_other), 8)


def test_a_reason_for_what_was_proven_or_cannot_be_is_refused() -> None:
    for asset in (USDT.id, a_claim().holdings[0].asset):
        changed = put({str(asset): ["UNDETERMINED"]}, *FINDING, "proving", "unproven")
        refused(TRUE.with_statement(changed, sign=False), 2)
        assert "finding.proving.unproven" in refused(TRUE.with_statement(changed, sign=True), 9)


# --- a sample

AMOUNTS = {USDT.id: (TOKENS[ALICE], 0, TOKENS[CAROL]), ETH.id: (COINS[ALICE], COINS[BOB])}
NAMES = {USDT.id: ("usdt_alice", "usdt_bob", "usdt_carol"), ETH.id: ("eth_alice", "eth_bob")}
NONCE = "a nonce that was secret"


def what_is_drawn(size: int, nonce: str = NONCE) -> tuple[set[str], dict[AssetId, Draw]]:
    """The rows that a sample of so many draws for each asset takes, and how."""
    seed, rows, draws = Sample(size, nonce).seed(a_claim().digest, ETHEREUM), set[str](), {}
    for asset, amounts in AMOUNTS.items():
        drawn, draws[asset] = draw(amounts, size, seed, asset)
        rows |= {NAMES[asset][at] for at in drawn}
    return rows, draws


def a_sample(size: int, *, weak: Collection[str] = (), also: Collection[str] = (), **proving: Any) -> Attested:
    """An attestation of which only a drawn sample is proven, without `weak` and with `also`."""
    rows, draws = what_is_drawn(size)
    outcomes = {
        name: (proven if name in (rows | set(also)) - set(weak) else agreed)(amount, "alpha", "beta")
        for asset, amounts in AMOUNTS.items()
        for name, amount in zip(NAMES[asset], amounts, strict=True)
    }
    stated: dict[str, Any] = {"layouts": PROVING.layouts, "sample": Sample(size, NONCE), "draws": draws} | proving
    needed = {name for name, outcome in outcomes.items() if outcome.basis is Basis.PROVEN}
    return attest_proven(held_and_proven(**outcomes), proving=Proving(**stated), witness=witness_of(needed))


@pytest.mark.parametrize("size", range(1, 6))
def test_a_drawn_sample_that_is_proven_holds(size: int) -> None:
    verified = a_sample(size).verify()
    assert verified.finding.proving.sample == Sample(size, NONCE)
    assert b"".join(a_sample(size).lines).count(b",PROVEN,") == len(what_is_drawn(size)[0])


@pytest.mark.parametrize("size", range(1, 6))
def test_a_sample_that_leaves_out_a_holding_which_was_drawn_is_refused(size: int) -> None:
    for name in what_is_drawn(size)[0]:
        assert "was to be proven, is not" in refused(a_sample(size, weak=[name]), 8)


def test_of_an_asset_that_is_proven_in_part_no_other_balance_counts_whatever_reason_is_given() -> None:
    reasons = {ETH.id: WithoutProof.of([Cause.NO_STATE]), USDT.id: WithoutProof.of([Cause.NO_STATE])}
    for name in what_is_drawn(5)[0]:
        assert "counts without a proof" in refused(a_sample(5, weak=[name], unproven=reasons), 8)
    a_sample(5, weak=[*NAMES[USDT.id], *NAMES[ETH.id]], unproven=reasons).verify()


def test_a_balance_that_is_proven_though_it_was_not_drawn_is_refused() -> None:
    """Else a signer could prove what is true beside what was drawn, and call it a share."""
    for size in (1, 2):
        for name in {*NAMES[USDT.id], *NAMES[ETH.id]} - what_is_drawn(size)[0]:
            assert "the sample does not draw it" in refused(a_sample(size, also=[name]), 8)


def test_another_seed_or_another_draw_is_refused() -> None:
    _, draws = what_is_drawn(1)
    assert "not the one that is stated" in refused(a_sample(1, draws={**draws, ETH.id: Draw(1, 1, 1)}), 8)
    assert "not the one that is stated" in refused(a_sample(1, draws={}), 8)


@each_of(
    ("change", "told"),
    [
        ({"height": STATE.snapshot.height}, "not later than what was read"),
        ({"time": SCANNED_AT + timedelta(minutes=5, seconds=1)}, "later than the scan"),
        ({"time": STATE.snapshot.time - timedelta(seconds=1)}, "not later than what was read"),
        ({"hash": "chosen"}, "is no block hash there"),
        ({"hash": "0x" + "7A" * 32}, "is no block hash there"),
        ({"parent": "none"}, "is no block hash there"),
        ({"parent": "0x" + "66" * 32}, "has another parent than block"),
        ({"hash": STATE.snapshot.hash, "parent": "0x" + "66" * 32}, "is stated at two heights"),
        ({"parent": "0x" + "77" * 32, "height": STATE.snapshot.height + 9}, "as its own parent"),
        ({"chain": parse_chain("eip155:10")}, "where nothing can be drawn"),
    ],
)
def test_a_seed_of_a_block_that_cannot_have_been_taken_is_refused(change: dict[str, Any], told: str) -> None:
    height, parent = STATE.snapshot.height + 1, STATE.snapshot.hash
    block = replace(STATE.snapshot, height=height, hash="0x" + "77" * 32, parent=parent)
    block = replace(block, **change)
    assert told in refused(a_sample(1, sample=Sample(1, NONCE, {block.chain: block})), 8)


def test_a_sample_said_to_be_larger_than_it_was_is_refused() -> None:
    for claimed_size in (2, 5, 1000):
        changed = put(claimed_size, *FINDING, "proving", "sample", "size")
        refused(a_sample(1).with_statement(changed, sign=False), 2)
        refused(a_sample(1).with_statement(changed, sign=True), 8)
    refused(a_sample(1).with_statement(put(None, *FINDING, "proving", "sample"), sign=True), 8)


# --- dissent


def test_an_operator_in_both_lists_cannot_be_written() -> None:
    lines = swap(TRUE, b",PROVEN,beta,delta=3+gamma=", b",PROVEN,beta+delta,delta=3+gamma=")
    refused(TRUE.with_lines(lines, sign=False), 5)
    assert "named twice" in refused(TRUE.with_lines(lines, sign=True), 6)


@pytest.mark.parametrize(
    ("new", "step"),
    [
        (b"PROVEN,beta,delta=4+gamma=", 9),  # edited
        (b"PROVEN,beta,gamma=", 9),  # removed
        (b"PROVEN,beta,delta=%d+gamma=" % COINS[BOB], 6),  # equal to the amount
        (b"PROVEN,beta,omega=3+gamma=", 6),  # out of order
        (b"PROVEN,beta,delta=3+epsilon=3+gamma=", 8),  # added: somebody whom the run did not ask
        (b"PROVEN,omega,delta=3+gamma=", 8),
        (b"PROVEN,,delta=3+gamma=", 8),  # everybody says otherwise
    ],
)
def test_dissent_beside_a_proven_balance_cannot_be_edited(new: bytes, step: int) -> None:
    lines = swap(TRUE, b"PROVEN,beta,delta=3+gamma=", new)
    refused(TRUE.with_lines(lines, sign=False), 5)
    refused(TRUE.with_lines(lines, sign=True), step)


def test_dissent_cannot_be_put_beside_a_balance_on_which_all_agreed() -> None:
    for old, new, step in [
        (b"PROVEN,alpha+beta,,", b"PROVEN,alpha+beta,gamma=5,", 9),
        (b"1,,PROVEN,,,", b"1,,PROVEN,,gamma=5,", 8),
        (b"QUORUM,alpha+beta,,,6000000000", b"QUORUM,alpha+beta,gamma=5,,6000000000", 8),
    ]:
        lines = swap(TRUE, old, new)
        refused(TRUE.with_lines(lines, sign=False), 5)
        refused(TRUE.with_lines(lines, sign=True), step)


def test_dissent_cannot_be_added_or_taken_out_of_the_finding() -> None:
    dissents = TRUE.statement["predicate"]["finding"]["dissents"]
    for changed in ([], [*dissents, dissents[0]], [dissents[0] | {"said": {"alpha": "3"}}]):
        change = put(changed, *FINDING, "dissents")
        refused(TRUE.with_statement(change, sign=False), 2)
        refused(TRUE.with_statement(change, sign=True), 9)


def test_a_proven_token_balance_outvotes_no_quorum_and_a_proven_native_one_does() -> None:
    operators = dict.fromkeys(a_claim().chains, ("alpha", "beta", "delta", "gamma", "psi", "rho"))
    others = {"btc": agreed(60_00000000, "psi", "rho"), "btc_other": agreed(43_12345678, "psi", "rho")}
    for holding, outcome, holds in [
        ("usdt_alice", proven(TOKENS[ALICE], "alpha", beta=7, gamma=7), False),
        ("usdt_alice", proven(TOKENS[ALICE], "alpha", "delta", beta=7, gamma=7), False),
        ("usdt_alice", proven(TOKENS[ALICE], "alpha", beta=7, gamma=8), True),
        ("eth_alice", proven(COINS[ALICE], "alpha", beta=7, gamma=7), True),
    ]:
        attested = attest_proven(held_and_proven(**others | {holding: outcome}), operators=operators)
        if holds:
            assert attested.verify().verdict is Verdict.COVERED
        else:
            assert "as many operators as make a quorum said otherwise" in refused(attested, 8)


def test_dissent_against_nothing_is_written_too() -> None:
    operators = dict.fromkeys(a_claim().chains, ("alpha", "beta", "delta", "gamma", "rho"))
    others = {"btc": agreed(60_00000000, "alpha", "rho"), "btc_other": agreed(43_12345678, "alpha", "rho")}
    outcomes = held_and_proven(usdt_bob=proven(0, "alpha", beta=5), **others)
    assert attest_proven(outcomes, operators=operators).verify().finding.reserves[2].dissents == 1


DISPUTED = Balance(60_00000000, Basis.QUORUM, ("alpha", "beta"), (("gamma", 0),))
RECORD = Policy(dissent=Dissent.RECORD)


def test_a_disputed_quorum_holds_only_where_the_policy_records_dissent() -> None:
    assert attest_proven(held_and_proven(btc=DISPUTED), policy=RECORD).verify().finding.reserves[0].dissents == 1
    assert "which the policy does not pass over" in refused(attest_proven(held_and_proven(btc=DISPUTED)), 8)


@pytest.mark.parametrize(
    "balance",
    [
        Balance(60_00000000, Basis.QUORUM, ("alpha", "beta"), (("delta", 7), ("gamma", 7))),  # a second quorum
        Balance(60_00000000, Basis.QUORUM, ("alpha",), (("gamma", 7),)),  # no quorum at all
        Balance(60_00000000, Basis.OWN, ("alpha",), (("gamma", 7),)),  # an own node outvotes nobody
        Balance(60_00000000, Basis.OWN, ("alpha", "beta"), (("gamma", 7),)),
        Balance(60_00000000, Basis.QUORUM, ("alpha", "beta"), (("omega", 7),)),  # a dissenter whom nobody asked
    ],
)
def test_dissent_that_the_rule_does_not_pass_over_is_refused_under_any_policy(balance: Balance) -> None:
    operators = dict.fromkeys(a_claim().chains, ("alpha", "beta", "delta", "gamma"))
    for policy in (RECORD, Policy()):
        refused(attest_proven(held_and_proven(btc=balance), policy=policy, operators=operators), 8)


def test_two_dissenters_who_differ_make_no_quorum_against_one_that_does() -> None:
    balance = Balance(60_00000000, Basis.QUORUM, ("alpha", "beta"), (("delta", 7), ("gamma", 8)))
    operators = dict.fromkeys(a_claim().chains, ("alpha", "beta", "delta", "gamma"))
    verified = attest_proven(held_and_proven(btc=balance), policy=RECORD, operators=operators).verify()
    assert verified.finding.dissents[0].outcome == balance


def test_a_policy_that_records_dissent_cannot_be_called_one_that_does_not() -> None:
    attested = attest_proven(held_and_proven(btc=DISPUTED), policy=RECORD)
    changed = put("gap", *FINDING, "policy", "dissent")
    refused(attested.with_statement(changed, sign=False), 2)
    refused(attested.with_statement(changed, sign=True), 8)


# --- what a policy requires


STRICT = Policy(require={"ETH": Basis.PROVEN, "USDT": Basis.PROVEN})


@pytest.mark.parametrize(
    ("require", "told"),
    [
        ({}, "ETH requires OWN, demanded PROVEN; USDT requires OWN, demanded PROVEN"),
        ({"ETH": Basis.PROVEN}, "USDT requires OWN, demanded PROVEN"),
        ({"ETH": Basis.PROVEN, "USDT": Basis.QUORUM}, "USDT requires QUORUM, demanded PROVEN"),
        ({"ETH": Basis.OWN, "USDT": Basis.PROVEN}, "ETH requires OWN, demanded PROVEN"),
        ({"BTC": Basis.QUORUM, "USDT": Basis.PROVEN}, "ETH requires OWN, demanded PROVEN"),
    ],
)
def test_requirements_laxer_than_demanded_are_refused(require: dict[str, Basis], told: str) -> None:
    """Though every balance at hand would satisfy them: the verdict was not made under them."""
    attested = attest_proven(policy=Policy(require=require))
    assert attested.verify().verdict is Verdict.COVERED
    assert told in refused(attested, 10, STRICT)


@pytest.mark.parametrize(
    "require",
    [
        {"ETH": Basis.PROVEN, "USDT": Basis.PROVEN},
        {"ETH": Basis.PROVEN, "USDT": Basis.PROVEN, "BTC": Basis.QUORUM},
        {"ETH": Basis.PROVEN, "USDT": Basis.PROVEN, "XRP": Basis.PROVEN},
    ],
)
def test_requirements_at_least_as_strict_as_demanded_hold(require: dict[str, Basis]) -> None:
    assert attest_proven(policy=Policy(require=require)).verify(STRICT).verdict is Verdict.COVERED


def test_recording_dissent_is_laxer_than_making_gaps_of_it() -> None:
    lax = attest_proven(policy=RECORD)
    assert lax.verify(RECORD).policy == RECORD
    assert "dissent record, demanded gap" in refused(lax, 10, Policy())
    assert attest_proven().verify(RECORD).verdict is Verdict.COVERED


def with_tokens_unproven(policy: Policy | None = None) -> Attested:
    return attest_proven(
        held_and_proven(
            usdt_alice=agreed(TOKENS[ALICE]),
            usdt_bob=agreed(0),
            usdt_carol=agreed(TOKENS[CAROL]),
            eth_bob=proven(COINS[BOB], "alpha", "beta"),
        ),
        proving=Proving({}, {USDT.id: WithoutProof.of([Cause.NO_STATE])}),
        witness=witness_of(NAMES[ETH.id]),
        policy=policy,
    )


WEAK = with_tokens_unproven(STRICT)


def test_a_balance_on_too_weak_a_basis_is_a_gap_and_cannot_be_made_to_count() -> None:
    """The evidence holds the balance, the finding counts nothing for it."""
    verified = WEAK.verify()
    reserve = verified.finding.reserves[2]
    assert (reserve.gaps, reserve.verdict) == (3, Verdict.UNKNOWN)
    assert reserve.held == 0
    finding = with_tokens_unproven().statement["predicate"]["finding"]
    assert finding["reserves"][2]["verdict"] == "COVERED"

    def as_if_it_counted(statement: dict[str, Any]) -> None:
        policy = statement["predicate"]["finding"]["policy"]
        statement["predicate"]["finding"] = finding | {"policy": policy}

    refused(WEAK.with_statement(as_if_it_counted, sign=False), 2)
    refused(WEAK.with_statement(as_if_it_counted, sign=True), 9)


def test_dropping_the_requirement_to_evade_it_is_found_by_whoever_demands_it() -> None:
    evaded = with_tokens_unproven()
    assert evaded.verify().verdict is Verdict.COVERED
    assert "USDT requires OWN, demanded PROVEN" in refused(evaded, 10, STRICT)


def test_a_gap_for_weakness_cannot_be_hidden_or_called_something_else() -> None:
    changes: list[tuple[Any, tuple[str | int, ...]]] = [
        ({}, ("gapCounts",)),
        ({"UNREACHABLE": 1}, ("gapCounts",)),
        ([], ("gaps",)),
        ("UNREACHABLE", ("gaps", 0, "why")),
        ("OWN, where the policy requires PROVEN", ("gaps", 0, "detail")),
    ]
    for value, path in changes:
        changed = put(value, *FINDING, *path)
        refused(WEAK.with_statement(changed, sign=False), 2)
        refused(WEAK.with_statement(changed, sign=True), 9)


def test_the_dissent_on_a_balance_that_does_not_count_stands_in_its_gap() -> None:
    policy = replace(RECORD, require={"BTC": Basis.PROVEN})
    (gap, _) = attest_proven(held_and_proven(btc=DISPUTED), policy=policy).statement["predicate"]["finding"]["gaps"]
    assert gap["detail"] == "QUORUM, where the policy requires PROVEN; gamma says 0"


# --- what cannot be shown


def test_the_block_itself_is_the_signers_word() -> None:
    """Said in docs/predicate.md: a signer who invents a block proves what he likes in it, at a hash no chain knows."""
    invented = other_block(coins={ALICE: 10**30})
    outcomes = held_and_proven(
        eth_alice=proven(10**30),
        usdt_alice=proven(1, "alpha"),
        usdt_bob=proven(0, "alpha"),
        usdt_carol=proven(0, "alpha"),
    )
    attested = attest_proven(outcomes, snapshot=invented.snapshot, witness=Witness(records(invented)))
    assert attested.verify().finding.snapshots[ETHEREUM, None].hash == invented.snapshot.hash != STATE.snapshot.hash


def test_proofs_are_walked_at_each_chains_own_block() -> None:
    """The same state on another chain has another block, and its witness does not do for this one."""
    elsewhere: Snapshot = replace(STATE.snapshot, chain=replace(ETHEREUM, reference="137"))
    assert "of eip155:137, where the claim has nothing read" in refused(
        attest(held_and_proven(), snapshots=(*SNAPSHOTS[:1], elsewhere, STATE.snapshot), witness=Witness(records())), 7
    )


def test_a_seeds_block_that_is_seconds_ahead_of_the_scanners_clock_holds() -> None:
    """Chains whose blocks are final at once have such blocks, and no two clocks agree."""
    ahead = replace(
        STATE.snapshot, height=STATE.snapshot.height + 9, hash="0x" + "77" * 32, time=SCANNED_AT + timedelta(seconds=9)
    )
    assert a_sample(1, sample=Sample(1, NONCE, {ahead.chain: ahead})).verify().run.scanned_at == SCANNED_AT


def test_a_large_witness_stays_in_its_file_and_is_refused_and_believed_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "_IN_MEMORY", 0)
    TRUE.verify()
    with pytest.raises(AttestationInvalid, match="step 5"):
        TRUE.with_witness((TRUE.witness or b"")[:-1], sign=True).verify()
    with pytest.raises(AttestationInvalid, match="step 8"):
        TRUE.with_witness(b"".join(dump(Witness([b"nothing of it"]))), sign=True).verify()
