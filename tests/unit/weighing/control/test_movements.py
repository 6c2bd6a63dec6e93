"""Which amount an account is instructed to move, when, and what its transaction then shows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from scanner.chains.names import parse_chain
from scanner.core.control import Control
from scanner.core.evidence import Gap
from scanner.core.ids import Chain
from scanner.errors import Why
from scanner.proofs.control import NamedTransaction, NotShown, Shown
from scanner.proofs.flaws import ProofError
from scanner.weighing.claim import Claim, MovementWindow
from scanner.weighing.control.awaited import may_be_answered
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.movements import amount_to_move, first_block_time, instruction, walked
from scanner.weighing.control.recognise import judged
from scanner.weighing.holdings import Holding, Ownership
from tests.support import proof_signing as sign
from tests.support.attestations.attested import AS_OF, a_claim
from tests.support.simulated.moved_evm import ETHER, HEIGHT, MOVER, TIME, MovedBlock, Sent
from tests.support.tables import each_of

CHALLENGE: Final = "challenge 2023-11"
MADE: Final = datetime.fromtimestamp(TIME, UTC)
WINDOW: Final = MovementWindow(AS_OF, AS_OF + timedelta(days=3))


def atoms(
    challenge: str = CHALLENGE, chain: Chain = sign.ETHEREUM, account: bytes = MOVER, exchange: str = "Example Exchange"
) -> int:
    found = amount_to_move(exchange, challenge, chain, account)
    assert found is not None
    return found


SENT: Final = Sent(value=atoms())
BLOCK: Final = MovedBlock((SENT,))
RECORD: Final = BLOCK.record()
NAMED: Final = Ownership("movement", "", (), moved=NamedTransaction(SENT.hash, HEIGHT))
HELD: Final = Holding(ETHER, MOVER, ownership=NAMED)


def claim(window: MovementWindow | None = WINDOW, held: Holding = HELD, challenge: str | None = CHALLENGE) -> Claim:
    return a_claim(holdings=[held], challenge=challenge, movements=window)


def test_the_amount_follows_from_exchange_chain_account_and_challenge_as_it_is_described() -> None:
    text = f"reserve-scanner movement\nExample Exchange\neip155:1\n0x{MOVER.hex()}\n{CHALLENGE}"
    assert atoms() == 1 + int(hashlib.sha256(text.encode()).hexdigest(), 16) % 1_000_000


def test_another_challenge_chain_account_or_exchange_has_another_amount() -> None:
    others = {atoms(f"{CHALLENGE} {number}") for number in range(20)}
    others |= {atoms(chain=parse_chain(f"eip155:{number}")) for number in range(2, 22)}
    others |= {atoms(account=sign.evm_address(number)) for number in range(10, 30)}
    others |= {atoms(exchange=f"Exchange {number}") for number in range(20)}
    assert len(others | {atoms()}) > 58
    assert all(1 <= each <= 1_000_000 for each in others)


def test_where_no_movement_can_be_shown_there_is_no_amount() -> None:
    assert amount_to_move("Example Exchange", CHALLENGE, sign.SOLANA, bytes(32)) is None


def test_a_transaction_after_the_challenge_and_by_the_deadline_shows_control() -> None:
    found, verdict = walked(claim(), HELD, BLOCK.moved(RECORD), RECORD)
    assert verdict == Shown("movement", ())
    assert found.block.time == MADE


@each_of(
    ("issued", "deadline", "why"),
    [
        (MADE + timedelta(seconds=1), MADE + timedelta(days=1), "the challenge was issued at 2023-11-24T04:26:41Z"),
        (MADE - timedelta(days=1), MADE - timedelta(seconds=1), "after the deadline, 2023-11-24T04:26:39Z"),
        (MADE, MADE + timedelta(seconds=1), ""),
        (MADE - timedelta(seconds=1), MADE, ""),
    ],
)
def test_its_blocks_time_decides_to_the_second(issued: datetime, deadline: datetime, why: str) -> None:
    _, verdict = walked(claim(MovementWindow(issued, deadline)), HELD, BLOCK.moved(RECORD), RECORD)
    assert isinstance(verdict, NotShown if why else Shown)
    assert why in getattr(verdict, "reason", "")


def test_where_blocks_may_be_dated_ahead_they_have_to_be_later_by_as_much() -> None:
    assert first_block_time(WINDOW, sign.BITCOIN) == AS_OF + timedelta(hours=2)
    assert first_block_time(WINDOW, sign.ETHEREUM) == AS_OF
    last = datetime.max.replace(tzinfo=UTC)
    assert first_block_time(MovementWindow(last, last), sign.BITCOIN) == last


def test_another_challenge_asks_for_another_amount() -> None:
    other = claim(challenge="another")
    _, verdict = walked(other, HELD, BLOCK.moved(RECORD), RECORD)
    assert isinstance(verdict, NotShown)
    assert "exactly" in verdict.reason


def test_a_block_at_another_height_than_the_claims_shows_nothing() -> None:
    held = replace(HELD, ownership=replace(NAMED, moved=NamedTransaction(SENT.hash, HEIGHT + 1)))
    with pytest.raises(ValueError, match="another block"):
        walked(claim(held=held), held, BLOCK.moved(RECORD), RECORD)


def test_a_record_that_leads_elsewhere_shows_nothing() -> None:
    held = replace(HELD, ownership=replace(NAMED, moved=NamedTransaction("0x" + "11" * 32, HEIGHT)))
    with pytest.raises(ProofError, match="another than the claim's"):
        walked(claim(held=held), held, BLOCK.moved(RECORD), RECORD)


@each_of("of", [claim(None), claim(challenge=None)])
def test_without_a_challenge_or_its_times_no_one_was_instructed(of: Claim) -> None:
    assert instruction(of, HELD) is None
    with pytest.raises(ValueError, match="not instructed"):
        walked(of, HELD, BLOCK.moved(RECORD), RECORD)


def test_a_holding_without_a_transaction_was_not_instructed_either() -> None:
    assert instruction(claim(), replace(HELD, ownership=None)) is None
    assert instruction(claim(), replace(HELD, ownership=Ownership("eip191", "m", ("0x",)))) is None


def test_until_the_chain_was_asked_it_cannot_be_judged() -> None:
    controls = judged(claim())
    assert (list(controls.words), controls.moving) == ([Control.UNVERIFIABLE], frozenset({0}))
    assert not controls.waiting
    assert may_be_answered(sign.ETHEREUM, MOVER, NAMED, None)
    assert not may_be_answered(sign.ETHEREUM, MOVER, NAMED, BLOCK.moved(RECORD))


def test_what_is_shown_is_the_word_and_what_could_not_be_had_leaves_it() -> None:
    controls = judged(claim())

    def word(*answer: Shown | NotShown | Gap) -> tuple[Control, str]:
        found = controls.with_movements(dict(enumerate(answer)))
        return found.words[0], found.reasons.get(0, "")

    assert word(Shown("movement", ())) == (Control.SHOWN, "")
    assert word(NotShown("it failed")) == (Control.UNSHOWN, "it failed")
    assert word(Gap(Why.NOT_FINAL, "later"))[0] is Control.UNVERIFIABLE
    assert word()[0] is Control.UNVERIFIABLE
    assert isinstance(controls, Controls)


def test_on_a_chain_where_no_movement_can_be_shown_it_cannot_be_judged_for_good() -> None:
    held = Holding(replace(ETHER, chain=sign.SOLANA, reference="501"), bytes(31) + b"\x07", ownership=NAMED)
    controls = judged(claim(held=held))
    assert (list(controls.words), controls.moving) == ([Control.UNVERIFIABLE], frozenset())
    assert not may_be_answered(sign.SOLANA, held.account, NAMED, None)
