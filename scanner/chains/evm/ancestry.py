"""Ancestors on EVM chains: by the hashes that a chain keeps of its own blocks, and by each header's parent.

Since Prague a contract holds the hashes of the last 8,191 blocks in the state itself (EIP-2935), so that one proof of
a word of storage leads from a block to any of these: a month of Ethereum is 27 such links. The account has to have the
code of that contract, which takes a hash from no one but the chain: others could make up ancestors there.

Blocks from before that fork, since April 2023, are reached by the consensus layer, where its shapes are known: since
March 2024 a header names a beacon block (EIP-4788), whose state leads to all before it (`beacon.past`). Others are
reached by parents alone. Not in here: what a header is (`header`), and the walk through
tries (`account_proof`).

Sources: EIP-2935 (address, code, window, `BLOCKHASH_SERVE_WINDOW`, what is kept after which block);
EIP-4788 (`parent_beacon_block_root`).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.ancestry import Link, Stride, Way
from scanner.chains.beacon.past import PastBlocks
from scanner.chains.beacon.sync_committee import NETWORKS
from scanner.chains.evm.account_proof import account_at, storage_word
from scanner.chains.evm.header import ExecutionHeader, header_from_rlp
from scanner.chains.evm.slot_names import slot_name
from scanner.chains.evm.state import check_said
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

HISTORY: Final = bytes.fromhex("0000f90827f1c53a10cb7a02335b175320002935")
"""The account that keeps hashes of past blocks."""

WINDOW: Final = 8191
"""How many: after block n has run, those of n - 8191 to n - 1, that of block m in slot m mod 8191."""

_CODE_HASH: Final = bytes.fromhex("6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d")


def history_slot(chain: Chain, height: int) -> bytes:
    """The 32-byte slot of `HISTORY` that holds the hash of the block at this height, as proofs are asked for it."""
    return slot_name(chain, (height % WINDOW).to_bytes(32))


class EvmAncestry:
    """`chains.ancestry.AncestryProver` and, over a witness, `Ancestry`."""

    strides = (Stride(WINDOW, 10_000), Stride(1, 20_000))  # a parent's header takes some 600 bytes

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> _Ancestry:  # noqa: ARG002 - none is done
        """Over headers, trie nodes and branches of the beacon chain's states."""
        return _Ancestry(chain, witness)


class _Ancestry:
    def __init__(self, chain: Chain, witness: Witness) -> None:
        self._chain = chain
        self._witness = witness
        network = NETWORKS.get(chain.reference)
        self._past = None if network is None else PastBlocks(network, witness)

    def check(self, snapshot: Snapshot) -> None:
        check_said(self._header(snapshot.hash), snapshot)

    def link(self, newer: str, older: str) -> Link:
        above, below = self._header(newer), self._header(older)
        blocks = above.number - below.number
        if above.parent_hash == below.hash:
            if blocks != 1:
                raise ProofError(Flaw.MALFORMED, f"block {above.number} names block {below.number} as its parent")
            return Link(1, Way.PARENTS, None)
        if blocks >= 1 and self._is_in_past(above, below):
            return Link(blocks, Way.SUMMARIES, None)
        if not 1 <= blocks <= WINDOW:
            raise ProofError(
                Flaw.MALFORMED,
                f"block {above.number} keeps the hashes of {WINDOW} blocks, not of block {below.number}",
            )
        self._check_kept(above, below)
        return Link(blocks, Way.HISTORY, None)

    def _is_in_past(self, above: ExecutionHeader, below: ExecutionHeader) -> bool:
        """Whether a block lies in the past of the beacon block that the other names, where a record says so. Raises
        ProofError for one that does not hold."""
        root = above.beacon_parent
        if self._past is None or root is None or not self._past.has(root, below.hash):
            return False
        if above.shows_amsterdam:  # whose consensus layer has other states and bodies
            raise ProofError(Flaw.UNDETERMINED, f"the beacon chain's shapes at block {above.number} are not known here")
        self._past.check(root, below.hash, below.timestamp)
        return True

    def _check_kept(self, above: ExecutionHeader, below: ExecutionHeader) -> None:
        """That the state after a block holds the hash of the other. Raises ProofError."""
        if above.settles_earlier:
            raise ProofError(Flaw.EARLIER_STATE, f"block {above.number} commits to the state after an earlier block")
        account = account_at(above.state_root, HISTORY, self._witness)
        if account is None or account.code_hash != _CODE_HASH:
            raise ProofError(Flaw.NO_CODE, f"the state after block {above.number} has no contract that keeps hashes")
        kept = storage_word(account.storage_root, history_slot(self._chain, below.number), self._witness)
        if kept.to_bytes(32) != below.hash:
            raise ProofError(
                Flaw.HEADER_MISMATCH, f"the state after block {above.number} holds another hash of block {below.number}"
            )

    def _header(self, text: str) -> ExecutionHeader:
        digest = bytes.fromhex(text.removeprefix("0x"))
        encoded = self._witness.get(digest)
        if encoded is None:
            raise ProofError(Flaw.INCOMPLETE, f"there is no header of the block {text}")
        return header_from_rlp(encoded, digest)
