"""Control by movement: which amount an account is instructed to move, and whether it did, as the chain shows.

The amount follows from the challenge, so that who did not choose it could not prepare a transaction before; and the
block of the transaction has to be made after that, and by the deadline. A block may be dated ahead of the time it is
made at: on chains where that is so its time has to be later by as much.

Nothing here walks a proof (`chains.movement`), and nothing here asks a chain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from scanner.chains.accounts import account_text
from scanner.chains.movement import Instruction, Movement, MovementProver
from scanner.chains.registry import family
from scanner.core.control import MovedIn
from scanner.core.ids import Chain
from scanner.proofs.control import MOVEMENT, NotShown, NotVerifiable, Shown, Unbound, Verdict
from scanner.weighing.claim import Claim, MovementWindow
from scanner.weighing.holdings import Holding, Ownership

MODULUS: Final = 10**6
"""Amounts differ by less than this many atoms."""


def prover_of(chain: Chain) -> MovementProver | None:
    """What shows movements on the chain; None where nothing known does."""
    return family(chain).movements(chain)


def amount_to_move(exchange: str, challenge: str, chain: Chain, account: bytes) -> int | None:
    """The atoms that an account is instructed to move; None on a chain where no movement can be shown.

    `exchange` is its name as the claim has it, so that a movement made for one exchange is none of another's.
    """
    prover = prover_of(chain)
    if prover is None:
        return None
    named = "\n".join(("reserve-scanner movement", exchange, str(chain), account_text(chain, account), challenge))
    return prover.least + int.from_bytes(sha256(named.encode()).digest()) % MODULUS


def first_block_time(window: MovementWindow, chain: Chain) -> datetime:
    """From when on a block's time shows that it was made after the challenge was issued."""
    ahead = family(chain).dated_ahead
    return window.issued + min(ahead, datetime.max.replace(tzinfo=UTC) - window.issued)


def named_movement(chain: Chain, published: Ownership) -> Verdict:
    """What a transaction that is named shows as long as the chain was not asked."""
    if prover_of(chain) is None:
        return NotVerifiable(f"on {chain} no movement can be shown")
    return Unbound(published.scheme, (), "did the account move what it was instructed to?", replayable=False)


def instruction(claim: Claim, holding: Holding) -> Instruction | None:
    """What the account of a holding was instructed to move, and where it is said to have done so; None where it was not
    instructed, or names no transaction."""
    published = holding.ownership
    if published is None or published.moved is None or claim.challenge is None or claim.movements is None:
        return None
    atoms = amount_to_move(claim.exchange, claim.challenge, holding.asset.chain, holding.account)
    return None if atoms is None else Instruction(holding.asset, holding.account, atoms, published.moved.hash)


def walked(claim: Claim, holding: Holding, moved: MovedIn, record: bytes) -> tuple[Movement, Verdict]:
    """What a record shows of the transaction that the holding's account names. Raises ValueError where there was no
    instruction, and ProofError, which is one, for a record that does not lead to that transaction."""
    asked, prover, window = instruction(claim, holding), prover_of(holding.asset.chain), claim.movements
    if asked is None or prover is None or window is None:
        raise ValueError("the account was not instructed to move anything, or names no transaction")
    if holding.ownership is None or holding.ownership.moved is None or moved.height != holding.ownership.moved.height:
        raise ValueError(f"the claim names another block than {moved.height}")
    found = prover.walk(asked, moved, record)
    fault = found.fault or _untimely(found, window)
    return found, NotShown(fault) if fault else Shown(MOVEMENT, ())


def _untimely(found: Movement, window: MovementWindow) -> str:
    time, chain = found.block.time, found.block.chain
    if time < first_block_time(window, chain):
        ahead = family(chain).dated_ahead
        allowed = f", and may be dated {ahead // timedelta(minutes=1)} minutes ahead" if ahead else ""
        return f"its block is of {_utc(time)}{allowed}; the challenge was issued at {_utc(window.issued)}"
    if time > window.deadline:
        return f"its block is of {_utc(time)}, after the deadline, {_utc(window.deadline)}"
    return ""


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
