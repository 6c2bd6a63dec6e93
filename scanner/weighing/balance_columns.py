"""The balances of one asset, kept to be compared with those of others. Not in here: comparing them (`aliases`)."""

from __future__ import annotations

from hashlib import sha256
from operator import le

from scanner.core.columns import Accounts, Words, ascending
from scanner.core.outcomes import Outcomes


class BalanceColumn:
    """The balances above zero and the gaps of one asset. A lower bound of zero is a gap."""

    __slots__ = ("_accounts", "_amounts", "_in_order", "_last", "bounds")

    def __init__(self) -> None:
        self._accounts = Accounts()
        self._amounts = Words()
        self.bounds: set[bytes] = set()  # accounts of which the amount is a lower bound
        self._in_order = True
        self._last = b""

    def add(self, accounts: Accounts, outcomes: Outcomes) -> None:
        amounts = list(outcomes.amounts)
        for at in outcomes.bound_positions():
            amounts[at] = amounts[at] or None
            self.bounds.add(accounts[at])
        for at in outcomes.gap_positions():
            amounts[at] = None
        if 0 in amounts:
            kept = [at for at, atoms in enumerate(amounts) if atoms != 0]
            accounts, amounts = accounts.take(kept), [amounts[at] for at in kept]
        ordered = [self._last, *accounts]
        self._in_order &= all(map(le, ordered, ordered[1:]))
        self._last = ordered[-1]
        self._accounts.join(accounts)
        self._amounts.join(Words.of(amounts))

    def __len__(self) -> int:
        return len(self._accounts)

    def digest(self) -> bytes:
        """32 bytes that a column of other balances does not have; one of the same ones mostly has them too."""
        accounts, amounts = self.in_order()
        width, packed = amounts.dump()
        bounds = b"".join(sha256(each).digest() for each in sorted(self.bounds))
        return sha256(b"%d/%d/" % (width, len(packed)) + accounts.digest() + packed + bounds).digest()

    def in_order(self) -> tuple[Accounts, Words]:
        """By account, as evidence has them anyway."""
        if self._in_order:
            return self._accounts, self._amounts
        order = ascending(self._accounts)
        return self._accounts.take(order), self._amounts.take(order)
