"""Contract accounts: the owners who signed, held against the owners that the chain names.

Two rules are known: a Safe's owners and threshold, and one `owner()`. That the contract obeys its owners as these say,
and that no module, guard or upgrade lets others move what it holds, stands in its code, which is not judged here.

Sources: Safe's OwnerManager (getOwners, getThreshold); ERC-173 (owner).
"""

from __future__ import annotations

from scanner.core.control import ContractOwners
from scanner.proofs.control import NotShown, Replayable, Shown, Unbound, Verdict


def with_owners(verdict: Unbound, owners: ContractOwners) -> Verdict:
    """What the signatures show, given the owners that the contract named at the snapshot."""
    missing = _missing(frozenset(verdict.signers), owners)
    if missing:
        return NotShown(missing)
    return (Replayable if verdict.replayable else Shown)(verdict.scheme, verdict.signers)


def _missing(signers: frozenset[bytes], owners: ContractOwners) -> str:
    """What is missing for control to be shown; empty if nothing."""
    if owners.safe:
        signed = len(signers & set(owners.safe))
        if signed < owners.threshold:
            return f"{signed} of the Safe's owners signed, it asks for {owners.threshold}"
        return ""
    if owners.owner is None:
        return "the contract names no owners, or there is no contract"
    if owners.owner not in signers:
        return f"the contract's owner is 0x{owners.owner.hex()}, who did not sign"
    return ""
