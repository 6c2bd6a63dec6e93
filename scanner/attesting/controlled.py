"""What an attestation says of who controls the accounts, judged again from the proofs that were published for them.

Nothing is taken on trust but what the chain said: whom a contract names as its owners, and whom a validator pays out
to, at the row's block. Like a balance on the basis of a quorum, that is the signers' word.
"""

from __future__ import annotations

from scanner.core.evidence import EvidenceRow
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.validators import WithdrawalAccounts, is_validator_chain


class Controlled:
    """The word that belongs to each row. `controls` are the claim's, as its proofs show them without the chain."""

    def __init__(self, claim: Claim, controls: Controls) -> None:
        if len(controls.words) != len(claim.holdings):
            raise ValueError(f"{len(controls.words)} words of control for {len(claim.holdings)} holdings")
        self._controls = controls
        self._payees = (
            WithdrawalAccounts(claim.holdings, claim.challenge) if any(map(is_validator_chain, claim.chains)) else None
        )

    def fault(self, position: int, row: EvidenceRow) -> str | None:
        """Why what is stated of the account's control is not so; None if it is. `position` is the row's."""
        if row.owners is not None and not row.block:
            return "owners are named where no block was read"
        if self._payees is not None and is_validator_chain(row.asset.chain):
            control = self._payees.control(row.asset.chain, row.owners)
        elif row.owners is None:
            control = self._controls.words[position]
        elif position not in self._controls.waiting:
            return "owners are named where no contract was to be asked"
        else:
            control = self._controls.where_named(position, row.owners)
        return None if row.control is control else f"control is stated as {row.control}, and is {control}"
