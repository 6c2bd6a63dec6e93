"""What an attestation says of who controls the accounts, judged again from the proofs that were published for them.

Nothing is taken on trust but what the chain said: which owners a contract names, which account a validator pays out to,
at the row's block, and in which block an account moved what it was instructed to. Like a balance on the basis of a
quorum, that is the signers' word.
"""

from __future__ import annotations

from scanner.attesting.counted import Fault
from scanner.attesting.moved import MovedAccounts
from scanner.core.control import MovedIn
from scanner.core.evidence_part import EvidencePart
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.validators import WithdrawalAccounts, is_validator_chain


class Controlled:
    """The word that belongs to each row. `controls` are the claim's, as its proofs show them without the chain; `moved`
    shows the movements of accounts."""

    def __init__(self, claim: Claim, controls: Controls, moved: MovedAccounts) -> None:
        if len(controls.words) != len(claim.holdings):
            raise ValueError(f"{len(controls.words)} words of control for {len(claim.holdings)} holdings")
        self._controls = controls
        self._moved = moved
        self._payees = (
            WithdrawalAccounts(claim.holdings, claim.challenge, claim.revision)
            if any(map(is_validator_chain, claim.chains))
            else None
        )

    def fault(self, start: int, part: EvidencePart) -> Fault | None:
        """The first row of whose account something else is stated than is so; None if there is none. `start` is the
        place of the part's first row."""
        words = self._controls.words[start : start + len(part)]
        by_payee = self._payees is not None and is_validator_chain(part.asset.chain)
        if not by_payee and not part.owners and words.distinct == part.controls.distinct and len(words.distinct) == 1:
            return None
        for at, (stated, shown) in enumerate(zip(part.controls, words, strict=True)):
            owners, control = part.owners.get(at), shown
            if isinstance(owners, MovedIn):
                if start + at not in self._controls.moving:
                    return at, "a movement is stated where none was asked for"
                try:
                    control = self._moved.control(start + at, owners)
                except ValueError as error:
                    return at, str(error)
                owners = None
            if owners is not None and not part.block:
                return at, "owners are named where no block was read"
            if self._payees is not None and by_payee:
                control = self._payees.control(part.asset.chain, owners)
            elif owners is not None and start + at not in self._controls.waiting:
                return at, "owners are named where no contract was to be asked"
            elif owners is not None:
                control = self._controls.where_named(start + at, owners)
            if stated is not control:
                return at, f"control is stated as {stated}, and is {control}"
        return None
