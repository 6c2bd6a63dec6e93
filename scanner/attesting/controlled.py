"""What an attestation says of who controls the accounts, judged again from the proofs that were published for them.

Nothing is taken on trust but what the chain said: whom a contract names as its owners, and whom a validator pays out
to, at the row's block. Like a balance on the basis of a quorum, that is the signers' word.
"""

from __future__ import annotations

from scanner.core.claim import Claim
from scanner.core.columns import Coded
from scanner.core.control import Control
from scanner.core.evidence import EvidenceRow
from scanner.core.holdings import Holding
from scanner.proofs.ownership.controls import Controls
from scanner.proofs.ownership.recognise import control_of
from scanner.proofs.ownership.validators import Payees, stakes


class Controlled:
    """The word that belongs to each row."""

    def __init__(self, claim: Claim) -> None:
        self._challenge = claim.challenge
        self._payees = Payees(claim.holdings, claim.challenge) if any(map(stakes, claim.chains)) else None

    def fault(self, holding: Holding, row: EvidenceRow) -> str | None:
        """Why what is stated of the account's control is not so; None if it is."""
        if row.owners is not None and not row.block:
            return "owners are named where no block was read"
        if holding.ownership is None and row.owners is None and self._payees is None:
            control = Control.ABSENT
        elif self._payees is not None and stakes(row.asset.chain):
            control = self._payees.control(row.asset.chain, row.owners)
        else:
            controls = Controls.of([holding], Coded([control_of(holding, self._challenge)]))
            if row.owners is not None:
                if not controls.waiting:
                    return "owners are named where no contract was to be asked"
                controls = controls.with_owners({0: row.owners})
            control = controls.words[0]
        return None if row.control is control else f"control is stated as {row.control}, and is {control}"
