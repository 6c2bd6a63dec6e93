"""Who controls a validator's stake: who controls the account it pays out to, if the claim declares that account.

A validator's own key signs blocks and moves nothing, so a signature by it is not asked for here. What is shown of the
account is shown of the stake. An account that only a contract's owners control leaves the stake UNVERIFIABLE: what the
contract named is evidence for its own row, and not looked for from here.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanner.chains.facts_revision import REVISION
from scanner.chains.registry import family, takes_withdrawals
from scanner.core.control import ContractOwners, Control
from scanner.core.ids import Chain
from scanner.weighing.control.controls import control
from scanner.weighing.control.recognise import control_of
from scanner.weighing.holdings import Holding


class WithdrawalAccounts:
    """The claim's accounts on chains that validators pay out to."""

    def __init__(self, holdings: Iterable[Holding], challenge: str | None, revision: int = REVISION) -> None:
        self._revision = revision
        self._challenge = challenge
        self._declared: dict[tuple[Chain, bytes], Holding] = {}
        for holding in holdings:
            if takes_withdrawals(holding.asset.chain):
                place = holding.asset.chain, holding.account
                if holding.ownership is not None or place not in self._declared:
                    self._declared[place] = holding

    def control(self, validators: Chain, named: ContractOwners | None) -> Control:
        """Of a stake on the chain `validators`; `named` has the account that it pays out to as its owner, None if none
        is known. The same bytes on another chain are another account: a contract there may have other owners."""
        withdrawals = family(validators).withdrawals
        if withdrawals is None:
            raise ValueError(f"{validators} has no validators")
        if named is None or named.owner is None:
            return Control.UNVERIFIABLE
        declared = self._declared.get((withdrawals.chain(validators), named.owner))
        return Control.UNSHOWN if declared is None else control(control_of(declared, self._challenge, self._revision))


def is_validator_chain(chain: Chain) -> bool:
    """Whether the accounts of a chain are validators."""
    return family(chain).withdrawals is not None
