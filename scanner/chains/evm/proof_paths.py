"""Which accounts and storage slots a question for proofs is about: what eth_getProof is asked for."""

from __future__ import annotations

from scanner.chains.evm.slots import LAYOUTS
from scanner.chains.evm.state import slot_name
from scanner.chains.interface import ProofQuestion

ProofPath = tuple[bytes, tuple[bytes, ...]]
"""An account (20 bytes), and the 32-byte slots of its storage that are asked for beside the account itself."""


def proof_paths(question: ProofQuestion) -> list[ProofPath]:
    """Of a coin the accounts themselves; of a token its contract, and the slots where each layout keeps a balance."""
    asset = question.asset
    if asset.native:
        return [(account, ()) for account in question.accounts]
    layouts = [LAYOUTS[hint] for hint in question.hints]
    slots = (slot_name(asset.chain, layout.key(account)) for account in question.accounts for layout in layouts)
    return [(asset.contract, tuple(dict.fromkeys(slots)))]
