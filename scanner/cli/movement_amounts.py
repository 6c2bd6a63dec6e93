"""Which amount each account has to move to show who controls it, as `scanner check --movements` lists them.

For who examines an exchange: the accounts to ask for are theirs to choose. Nothing is asked or judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from scanner.chains.accounts import account_text
from scanner.chains.names import name_of
from scanner.chains.registry import family
from scanner.core.amounts import exact
from scanner.core.ids import Chain
from scanner.errors import InputError
from scanner.report.cells import MARGIN, Paint, wrapped
from scanner.weighing.claim import Claim
from scanner.weighing.control.movements import amount_to_move, first_block_time


@dataclass(frozen=True, slots=True)
class ToMove:
    """What one account has to move, in a block dated from `after` to `by`."""

    chain: Chain
    account: str
    atoms: int
    after: datetime
    by: datetime

    @property
    def coins(self) -> str:
        """The same in whole coins of the chain."""
        coin = family(self.chain).coin(self.chain)
        return "" if coin is None else exact(Fraction(self.atoms, 10**coin.decimals))


def to_move(claim: Claim) -> Iterator[ToMove]:
    """By chain and account, each once; none on a chain where no movement can be shown. Raises InputError for a claim
    that sets no challenge, or does not say when accounts have to move."""
    challenge, window = claim.challenge, claim.movements
    if challenge is None or window is None:
        raise InputError.at("--movements", "the claim has no movements, which say from when to when an amount is moved")
    for chain in claim.chains:
        accounts = {account for held in claim.holdings.parts if held.asset.chain == chain for account in held.accounts}
        for account in sorted(accounts):
            atoms = amount_to_move(claim.exchange, challenge, chain, account)
            if atoms is None:
                break  # on no account of this chain
            after = first_block_time(window, chain)
            yield ToMove(chain, account_text(chain, account), atoms, after, window.deadline)


def lines(amounts: Iterable[ToMove], width: int, paint: Paint) -> Iterator[str]:
    """For people."""
    chain: Chain | None = None
    for each in amounts:
        if each.chain != chain:
            chain = each.chain
            yield ""
            yield paint("title", f"what accounts have to move on {name_of(chain) or chain} ({chain})")
            yield from wrapped(
                f"in a block dated from {_utc(each.after)} to {_utc(each.by)}, to another account", width
            )
        yield f"{MARGIN}{each.account}  {each.atoms:,} atoms, {each.coins} coins"


def as_json(amounts: Iterable[ToMove]) -> list[dict[str, Any]]:
    """For machines."""
    return [
        {
            "chain": str(each.chain),
            "account": each.account,
            "atoms": str(each.atoms),
            "coins": each.coins,
            "after": _utc(each.after),
            "by": _utc(each.by),
        }
        for each in amounts
    ]


def _utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
