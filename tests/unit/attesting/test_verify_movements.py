"""What an attestation says of accounts that moved what they were instructed to, spoiled at every point."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from scanner.core.control import ContractOwners, Control, MovedIn
from scanner.core.keccak import keccak256
from scanner.errors import AttestationInvalid
from scanner.proofs.control import NamedTransaction
from scanner.proofs.witness import Witness, dump, load
from scanner.weighing.claim import Claim, MovementWindow
from scanner.weighing.control.movements import amount_to_move
from scanner.weighing.holdings import Holding, Ownership
from tests.support import proof_signing as sign
from tests.support.attestations.attested import AS_OF, SNAPSHOTS, Attested, Seal, a_claim, agreed, attest
from tests.support.simulated.moved_evm import ETHER, HEIGHT, MOVER, TIME, MovedBlock, Sent
from tests.support.tables import each_of

CHALLENGE: Final = "challenge 2023-11"
ATOMS: Final = amount_to_move("Example Exchange", CHALLENGE, sign.ETHEREUM, MOVER) or 0
SENT: Final = Sent(value=ATOMS)
BLOCK: Final = MovedBlock((Sent(key=5), SENT, Sent(key=6)))
RECORD: Final = BLOCK.record(1)
MOVED: Final = BLOCK.moved(RECORD)
SCANNED_AT: Final = datetime.fromtimestamp(TIME, UTC) + timedelta(hours=1)


def claim(named: NamedTransaction | None = None, **changes: Any) -> Claim:
    moved = Ownership("movement", "", (), moved=named or NamedTransaction(SENT.hash, HEIGHT))
    window = MovementWindow(AS_OF, AS_OF + timedelta(days=3))
    return a_claim(
        **{
            "holdings": [Holding(ETHER, MOVER, ownership=moved)],
            "challenge": CHALLENGE,
            "movements": window,
            "custody": (),
            "snapshots": {},
            **changes,
        }
    )


def attested(
    word: Control = Control.SHOWN,
    moved: MovedIn | ContractOwners | None = MOVED,
    records: tuple[bytes, ...] = (RECORD,),
    of: Claim | None = None,
    **more: Any,
) -> Attested:
    of = of or claim()
    at = ETHER, MOVER
    return attest(
        {at: agreed(7)},
        claim=of,
        controls={at: word},
        owners={} if moved is None else {at: moved},
        witness=Witness(records) if records else None,
        snapshots=[each for each in SNAPSHOTS if each.chain == ETHER.chain],
        signers=(Seal(b"secret"),),
        **{"scanned_at": SCANNED_AT, **more},
    )


def refused(spoilt: Attested, step: int = 8) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        spoilt.verify()
    assert caught.value.step == step, caught.value
    return str(caught.value)


def test_a_movement_that_is_walked_again_holds() -> None:
    found = attested().verify().finding
    shown = {word for reserve in found.reserves for word, amount in reserve.by_control.items() if amount}
    assert shown == {Control.SHOWN}
    assert [reserve.by_movement for reserve in found.reserves if reserve.held] == [
        reserve.held for reserve in found.reserves if reserve.held
    ]


@each_of("word", [word for word in Control if word is not Control.SHOWN])
def test_another_word_is_refused(word: Control) -> None:
    assert f"control is stated as {word}, and is SHOWN" in refused(attested(word))


def test_where_nothing_could_be_had_it_cannot_be_judged() -> None:
    attested(Control.UNVERIFIABLE, None, ()).verify()
    assert "and is UNVERIFIABLE" in refused(attested(Control.SHOWN, None, ()))


def test_one_that_was_not_asked_for_is_unshown_however_it_is_told() -> None:
    other = replace(SENT, value=ATOMS + 1)
    block = MovedBlock((other,))
    record = block.record()
    of = claim(NamedTransaction(other.hash, HEIGHT))
    verified = attested(Control.UNSHOWN, block.moved(record), (record,), of).verify()
    assert {reserve.by_movement for reserve in verified.finding.reserves} == {0}
    assert "and is UNSHOWN" in refused(attested(Control.SHOWN, block.moved(record), (record,), of))


LIES: Final[dict[str, tuple[MovedIn | ContractOwners, tuple[bytes, ...], str]]] = {
    "no record": (MOVED, (), "no such record"),
    "another record": (MOVED, (BLOCK.record(0),), "no such record"),
    "the record of another transaction": (
        BLOCK.moved(BLOCK.record(0)),
        (BLOCK.record(0),),
        "another than the claim's",
    ),
    "another block": (replace(MOVED, block="0x" + "11" * 32), (RECORD,), "hash is not"),
    "another height": (replace(MOVED, height=HEIGHT + 1), (RECORD,), "another block"),
    "owners": (ContractOwners(owner=MOVER), (RECORD,), "no contract was to be asked"),
    "a record too many": (MOVED, (RECORD, b"spare"), "needed by no balance"),
}


@each_of(("moved", "records", "why"), LIES.values(), ids=LIES)
def test_what_does_not_lead_to_the_transaction_is_refused(
    moved: MovedIn | ContractOwners, records: tuple[bytes, ...], why: str
) -> None:
    assert why in refused(attested(Control.SHOWN, moved, records))


def test_a_record_with_any_byte_changed_is_refused_whether_it_is_named_or_not() -> None:
    for at in range(0, len(RECORD), 41):
        spoilt = bytearray(RECORD)
        spoilt[at] ^= 1
        named = replace(MOVED, record=keccak256(bytes(spoilt)))
        refused(attested(moved=named, records=(bytes(spoilt),)))
        refused(attested().with_witness(b"".join(dump(Witness([bytes(spoilt)]))), sign=True))


def test_the_witness_of_an_attestation_is_the_record_and_nothing_else() -> None:
    assert set(load(io.BytesIO(attested().witness or b""))) == {keccak256(RECORD)}


def test_a_movement_of_an_account_that_names_none_is_refused() -> None:
    for ownership in (None, Ownership("eip191", CHALLENGE, sign.eip191(1).signatures)):
        of = claim(holdings=[Holding(ETHER, MOVER, ownership=ownership)])
        assert "none was asked for" in refused(attested(of=of))


def test_a_movement_of_a_claim_that_instructed_no_one_is_refused() -> None:
    assert "not instructed" in refused(attested(of=claim(movements=None)))
    assert "not instructed" in refused(attested(of=claim(challenge=None)))


def test_a_block_that_is_dated_after_the_scan_is_refused() -> None:
    early = datetime.fromtimestamp(TIME, UTC) - timedelta(minutes=6)
    assert "dated after the scan" in refused(attested(scanned_at=early))


def test_a_block_that_contradicts_another_of_its_chain_is_refused() -> None:
    block = MovedBlock((SENT,), height=18_600_001, parent=b"\x55" * 32)
    record = block.record()
    of = claim(NamedTransaction(SENT.hash, 18_600_001))
    assert "has another parent than block 18600000" in refused(
        attested(Control.SHOWN, block.moved(record), (record,), of)
    )
    fitting = replace(block, parent=b"\x1f" * 32)
    record = fitting.record()
    attested(Control.SHOWN, fitting.moved(record), (record,), of).verify()
