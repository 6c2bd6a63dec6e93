"""On which chains balances can be proven against a block's hash, and blocks to be ancestors of others; and how much
such a proof takes on trust."""

from __future__ import annotations

from scanner.chains.ancestry import AncestryProver, FinalityProver
from scanner.chains.checkpoints import Checkpoint, CheckpointProver
from scanner.chains.facts_revision import REVISION
from scanner.chains.family import MerkleRoot
from scanner.chains.registry import FAMILIES, family
from scanner.chains.state_proofs import StateProofs
from scanner.core.ids import AssetId, Chain


def state_proofs(chain: Chain) -> StateProofs | None:
    """The prover of the chain's family; None where it has none."""
    return family(chain).state_proofs


def has_proofs(chain: Chain) -> bool:
    """Whether balances on such a chain can be proven against its blocks."""
    return state_proofs(chain) is not None


def may_be_proven(chain: Chain) -> bool:
    """Whether there is a kind of node that may hand out what the family's prover walks."""
    return has_proofs(chain) and any(backend.proofs for backend in family(chain).backends.values())


def ancestry(chain: Chain) -> AncestryProver | None:
    """What shows that a block of the chain is an ancestor of another; None where nothing known does."""
    return family(chain).ancestry(chain)


def consensus(chain: Chain) -> tuple[Chain, FinalityProver] | None:
    """The chain that decides what is final on `chain`, and what shows it; None where nothing known does."""
    for known in FAMILIES.values():
        if known.finality is not None and (found := known.finality.consensus_of(chain)) is not None:
            return found, known.finality
    return None


def checkpoints(chain: Chain) -> tuple[CheckpointProver | None, tuple[Checkpoint, ...]]:
    """The blocks of the chain that this release knows, the oldest first, and what shows others to stand on them."""
    prover = family(chain).checkpoints
    return prover, () if prover is None else prover.checkpoints(chain)


def merkle_root(chain: Chain) -> MerkleRoot | None:
    """What reads from a block's header what OpenTimestamps leads to; None on a chain to whose blocks it does not."""
    return family(chain).merkle_root(chain)


def hint(asset: AssetId, revision: int = REVISION) -> str | None:
    """Where the asset's balances are kept (`StateProofs.hint`); None on a chain without proofs."""
    prover = state_proofs(asset.chain)
    return None if prover is None else prover.hint(asset, revision)


def is_certain(asset: AssetId) -> bool:
    """Whether a proof of the asset's balances assumes nothing of a contract: the state itself names them."""
    return hint(asset) is None
