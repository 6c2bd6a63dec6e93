"""The owners or keys that signed, held against those that the chain names.

Three rules are known: a Safe's owners and threshold; keys that count for some weight each, and the weight that it
takes; and one owner or key, such as `owner()` of a contract. That a contract obeys its owners as these say,
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
    if owners.weights:
        weight = sum(each for key, each in zip(owners.safe, owners.weights, strict=True) if key in signers)
        return f"keys of weight {weight} signed, it asks for {owners.threshold}" if weight < owners.threshold else ""
    if owners.safe:
        signed = len(signers & set(owners.safe))
        if signed < owners.threshold:
            return f"{signed} of the Safe's owners signed, it asks for {owners.threshold}"
        return ""
    if owners.owner is None:
        return "no owners are named, or there is no contract"
    if owners.owner not in signers:
        return f"the owner, or the one key, is 0x{owners.owner.hex()}, which did not sign"
    return ""
