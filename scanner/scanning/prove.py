"""Balances proven while they are read: proofs fetched batch by batch, checked as they come, kept as one witness.

A proof hangs from the pinned block's hash: the header hashes to it, the header names the state root, trie nodes lead
from there to the account or to the token's storage. Where a token keeps its balances is not written down anywhere, so
its layout is found by trial on balances that were read, and confirmed on several before it is used (`proofs.slots`); a
token that none fits goes without proofs, and the finding says so.

Nothing here judges: `core.quorum` is told what was proven. Nodes that cannot prove cost time, never a balance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from heapq import nlargest, nsmallest

from scanner.chains.interface import ProofQuestion, ProvingNode
from scanner.core.claim import Holding
from scanner.core.evidence import Batch, Gap, Proving, Snapshot
from scanner.core.ids import AssetId
from scanner.core.quorum import Vote
from scanner.errors import NodeError
from scanner.proofs.flaws import ProofError
from scanner.proofs.slots import CONFIRMING_HOLDERS, Layout, confirm, layouts
from scanner.proofs.state import ProvenState, header_of
from scanner.proofs.witness import Witness
from scanner.scanning.panel import Panel

_OBSERVED = 2 * CONFIRMING_HOLDERS  # holders that a layout is tried on

NO_PROOFS = "no node gave proofs that hold"
NO_LAYOUT = "no known storage layout gives the balances that were read"
TOO_FEW = f"fewer than {CONFIRMING_HOLDERS} different balances above zero, too few to confirm a storage layout"


class Prover:
    """Proves balances of one chain at one snapshot."""

    def __init__(self, panel: Panel, snapshot: Snapshot, chosen: frozenset[tuple[AssetId, bytes]] | None) -> None:
        """`chosen` are the holdings to prove; None stands for all."""
        self._nodes = [node for nodes in panel.nodes.values() for node in nodes if isinstance(node, ProvingNode)]
        self._snapshot = snapshot
        self._chosen = chosen
        self._gathered = Witness()
        self._reached: set[bytes] = set()
        self._state: ProvenState | None = None
        self._trial: ProvenState | None = None  # the same, but what it walks through is not kept
        self._layouts: dict[AssetId, Layout] = {}
        self._unproven: dict[AssetId, str] = {}

    async def open(self) -> None:
        """Find a header that hashes to the pinned hash. Without one nothing can be proven here."""
        for node in self._nodes:
            try:
                header = header_of(self._snapshot, await node.header_fields(self._snapshot))
            except (NodeError, ProofError):
                continue
            self._reached.add(self._gathered.add(header.encoded))
            self._state = ProvenState(self._snapshot.chain, header, self._gathered, self._reached)
            self._trial = ProvenState(self._snapshot.chain, header, self._gathered)
            return

    async def prove(self, batch: Batch, votes: Sequence[Vote]) -> dict[int, int]:
        """The atoms that proofs show, by position in the batch; positions without a proof are left out."""
        wanted = [
            position
            for position, account in enumerate(batch.accounts)
            if self._chosen is None or (batch.asset, account) in self._chosen
        ]
        if not wanted or not self._nodes:
            return {}
        if self._state is None or self._trial is None:
            self._unproven[batch.asset] = NO_PROOFS
            return {}
        layout = None if batch.asset.native else await self._layout_of(batch, votes, self._trial)
        if layout is None and not batch.asset.native:
            return {}
        proven: dict[int, int] = {}
        for node in self._nodes:
            left = [position for position in wanted if position not in proven]
            if not left:
                break
            await self._gather(node, _questions(batch, left, layout, self._state))
            proven |= self._walked(batch, left, layout, self._state)
        if not proven:
            self._unproven[batch.asset] = NO_PROOFS
        return proven

    @property
    def witness(self) -> Witness:
        """Exactly the records that proofs rest on, whatever else nodes have sent."""
        kept = Witness()
        kept.adopt(self._gathered, self._reached)
        return kept

    @property
    def proving(self) -> Proving:
        """What the proofs rest on, and why assets went without."""
        names = {asset: layout.name for asset, layout in self._layouts.items()}
        return Proving(names, {asset: why for asset, why in self._unproven.items() if asset not in names})

    async def _layout_of(self, batch: Batch, votes: Sequence[Vote], state: ProvenState) -> Layout | None:
        """The token's layout: known from an earlier batch, or found on the largest balances of this one."""
        if batch.asset in self._layouts:
            return self._layouts[batch.asset]
        observed = _observations(batch, votes)
        if len(observed) < CONFIRMING_HOLDERS:
            self._unproven[batch.asset] = TOO_FEW
            return None
        candidates = list(layouts())
        contract = batch.asset.contract
        for number, (holder, _) in enumerate(observed, start=1):
            slots = {state.slot_name(layout.key(holder)): None for layout in candidates}
            for node in self._nodes:
                await self._gather(node, [(contract, tuple(slots))])
            candidates = [layout for layout in candidates if _fits(layout, contract, observed[:number], state)]
        for layout in candidates:
            words = [(state.word(contract, layout.key(holder)), atoms) for holder, atoms in observed]
            if confirm(layout, words):
                self._layouts[batch.asset] = layout
                return layout
        self._unproven[batch.asset] = NO_LAYOUT
        return None

    async def _gather(self, node: ProvingNode, questions: Sequence[ProofQuestion]) -> None:
        try:
            for record in await node.proof_nodes(self._snapshot, questions):
                self._gathered.add(record)
        except (NodeError, ProofError):
            return

    def _walked(
        self, batch: Batch, positions: Iterable[int], layout: Layout | None, state: ProvenState
    ) -> dict[int, int]:
        shown = {}
        for position in positions:
            try:
                shown[position] = state.balance(batch.asset, batch.accounts[position], layout)
            except ProofError:
                continue
        return shown


def sample(holdings: Sequence[Holding], snapshot: Snapshot, size: int) -> frozenset[tuple[AssetId, bytes]]:
    """`size` holdings that nobody could choose: those that hash lowest together with the snapshot's hash."""

    def lot(holding: Holding) -> bytes:
        return sha256(f"{snapshot.hash} {holding.asset} ".encode() + holding.account).digest()

    return frozenset((holding.asset, holding.account) for holding in nsmallest(size, holdings, key=lot))


def _questions(
    batch: Batch, positions: Sequence[int], layout: Layout | None, state: ProvenState
) -> list[ProofQuestion]:
    accounts = [batch.accounts[position] for position in positions]
    if layout is None:
        return [(account, ()) for account in accounts]
    return [(batch.asset.contract, tuple(state.slot_name(layout.key(account)) for account in accounts))]


def _observations(batch: Batch, votes: Sequence[Vote]) -> list[tuple[bytes, int]]:
    """Holders with the largest balances on which all who answered agree, no two alike."""
    by_atoms: dict[int, bytes] = {}
    for position, account in enumerate(batch.accounts):
        said = {atoms for atoms in (vote.reading[position] for vote in votes) if not isinstance(atoms, Gap)}
        if len(said) == 1 and (atoms := said.pop()) > 0:
            by_atoms.setdefault(atoms, account)
    return [(by_atoms[atoms], atoms) for atoms in nlargest(_OBSERVED, by_atoms)]


def _fits(layout: Layout, contract: bytes, observed: Iterable[tuple[bytes, int]], state: ProvenState) -> bool:
    try:
        return all(layout.balance(state.word(contract, layout.key(holder))) == atoms for holder, atoms in observed)
    except ProofError:
        return False
