"""Who controls a validator's stake: whoever controls the account it pays out to, if the claim declares that account.

A validator's own key signs blocks and moves nothing, so a signature by it is not asked for here. What is shown of the
account is shown of the stake. An account that only a contract's owners control leaves the stake UNVERIFIABLE: whom the
contract named is evidence for its own row, and not looked for from here.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.control import ContractOwners, Control
from scanner.core.holdings import Holding
from scanner.core.ids import Chain
from scanner.proofs.ownership.controls import control
from scanner.proofs.ownership.recognise import control_of
from scanner.proofs.ownership.withdrawal import execution_chain, is_declared


class Payees:
    """The claim's accounts on chains that validators pay out to."""

    def __init__(self, holdings: Iterable[Holding], challenge: str | None) -> None:
        self._challenge = challenge
        self._declared: dict[tuple[Chain, bytes], Holding] = {}
        for holding in holdings:
            if holding.asset.chain.namespace == "eip155":
                place = holding.asset.chain, holding.account
                if holding.ownership is not None or place not in self._declared:
                    self._declared[place] = holding

    def control(self, beacon: Chain, named: ContractOwners | None) -> Control:
        """Of a validator's stake; `named` has the account that it pays out to as its owner, None if none is known."""
        if named is None or named.owner is None:
            return Control.UNVERIFIABLE
        if not is_declared(beacon, named.owner, self._declared):
            return Control.UNSHOWN
        return control(control_of(self._declared[execution_chain(beacon), named.owner], self._challenge))


def stakes(chain: Chain) -> bool:
    """Whether the accounts of a chain are validators."""
    return chain.namespace == "beacon"
