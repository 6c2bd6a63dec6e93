"""Balances proven after they were read: proofs fetched piece by piece, checked as they come, kept as one witness.

A proof hangs from the pinned block's hash: the header hashes to it, the header names the state root, trie nodes lead
from there to the account or to the token's storage. Where a token keeps its balances says `layout_search.py`.

Nothing here judges: `weighing.proven` is told what was proven. Nodes that cannot prove cost time, never a balance. What
a journal has of an earlier run are headers and trie nodes, which are walked like a node's answer and trusted no more.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Final

from scanner.chains.evm.header import ExecutionHeader
from scanner.chains.evm.slots import Layout
from scanner.chains.evm.state import ProvenState, header_in, header_of
from scanner.chains.interface import ProofQuestion, ProvingNode
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.errors import NodeError
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from scanner.scanning.journal import Journal
from scanner.scanning.layout_search import Holder, find_layout
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pool import in_order
from scanner.weighing.proving import Unproven

_PIECE: Final = 2_500  # accounts whose proofs are fetched, walked and written to the journal together
_PIECES_AT_ONCE: Final = 4


class Prover:
    """Proves balances of one chain at one snapshot."""

    def __init__(self, panel: NodeGroup, snapshot: Snapshot, journal: Journal | None) -> None:
        self._nodes = [node for nodes in panel.nodes.values() for node in nodes if isinstance(node, ProvingNode)]
        self.snapshot = snapshot
        self._journal = journal
        self._gathered = Witness()
        self._kept: set[bytes] = set()  # what the journal has
        self._going_on = False  # some of it is of an earlier run
        self._walked: set[bytes] = set()  # the nodes that the walk under way has reached
        self._reached: set[bytes] = set()  # the nodes that balances rest on, the header among them
        self._of_header = b""  # its hash
        self._state: ProvenState | None = None

    async def open(self) -> None:
        """Find a header that hashes to the pinned hash. Without one nothing can be proven here. Raises InputError."""
        for record in [] if self._journal is None else self._journal.proofs(self.snapshot):
            self._kept.add(self._gathered.add(record))
            self._going_on = True
        header = await self._header()
        if header is not None:
            self._of_header = self._gathered.add(header.encoded)
            self._state = ProvenState(self.snapshot.chain, header, self._gathered, self._walked)
            self._keep({self._of_header})

    async def layout(self, asset: AssetId, holders: Sequence[Holder]) -> Layout | Unproven | None:
        """A token's layout, or why its balances go without proofs; None for an asset that needs none."""
        if asset.native:
            return None
        if self._state is None:
            return Unproven.NO_PROOFS
        found = await find_layout(asset, holders, lambda holder, of: self._words(asset.contract, holder, of))
        self._keep(self._walked)
        self._walked.clear()
        return found

    async def proven(
        self, asset: AssetId, accounts: Sequence[bytes], layout: Layout | None
    ) -> AsyncIterator[tuple[int, int]]:
        """What proofs show of these accounts: position and atoms of each that is proven. Raises InputError."""
        if self._state is None:
            return
        state = self._state

        async def prove(start: int) -> list[tuple[int, int]]:
            shown = await self._piece(state, asset, accounts[start : start + _PIECE], layout)
            return [(start + position, atoms) for position, atoms in sorted(shown.items())]

        async for piece in in_order(range(0, len(accounts), _PIECE), prove, _PIECES_AT_ONCE):
            for each in piece:
                yield each

    @property
    def witness(self) -> Witness:
        """Exactly the records that proofs rest on, whatever else nodes have sent; empty where nothing was proven."""
        kept = Witness()
        kept.adopt(self._gathered, self._reached)
        return kept

    async def _header(self) -> ExecutionHeader | None:
        try:
            return header_in(self._gathered, self.snapshot)
        except ProofError:
            pass
        for node in self._nodes:
            try:
                return header_of(self.snapshot, await node.header_fields(self.snapshot))
            except (NodeError, ProofError):
                continue
        return None

    async def _piece(
        self, state: ProvenState, asset: AssetId, accounts: Sequence[bytes], layout: Layout | None
    ) -> dict[int, int]:
        shown: dict[int, int] = {}
        reached: set[bytes] = set()
        for node in [None, *self._nodes] if self._going_on else self._nodes:
            left = [position for position in range(len(accounts)) if position not in shown]
            if not left:
                break
            if node is not None:
                await self._gather(node, _questions(asset, [accounts[position] for position in left], layout, state))
            shown |= _walked(state, asset, accounts, left, layout)
            reached |= self._walked
            self._walked.clear()
        if shown:
            self._keep(reached)
            self._reached |= {self._of_header, *reached}
        return shown

    async def _words(self, contract: bytes, holder: bytes, candidates: Collection[Layout]) -> Mapping[Layout, int]:
        """The storage words that are shown where these layouts would keep the holder's balance."""
        shown: dict[Layout, int] = {}
        state = self._state
        for node in [None, *self._nodes] if self._going_on else self._nodes:
            if state is None or len(shown) == len(candidates):
                break
            slots = dict.fromkeys(state.slot_name(layout.key(holder)) for layout in candidates if layout not in shown)
            if node is not None:
                await self._gather(node, [(contract, tuple(slots))])
            for layout in (each for each in candidates if each not in shown):
                with contextlib.suppress(ProofError):
                    shown[layout] = state.word(contract, layout.key(holder))
        return shown

    async def _gather(self, node: ProvingNode, questions: Sequence[ProofQuestion]) -> None:
        try:
            for record in await node.proof_nodes(self.snapshot, questions):
                self._gathered.add(record)
        except (NodeError, ProofError):
            return

    def _keep(self, hashes: Iterable[bytes]) -> None:
        """Write down what an earlier run has not. Raises InputError."""
        new = set(hashes) - self._kept
        if self._journal is not None and new:
            self._kept |= new
            self._journal.keep_proofs(self.snapshot, [self._gathered.get(each) or b"" for each in sorted(new)])


def _questions(
    asset: AssetId, accounts: Sequence[bytes], layout: Layout | None, state: ProvenState
) -> list[ProofQuestion]:
    if layout is None:
        return [(account, ()) for account in accounts]
    return [(asset.contract, tuple(state.slot_name(layout.key(account)) for account in accounts))]


def _walked(
    state: ProvenState, asset: AssetId, accounts: Sequence[bytes], positions: Iterable[int], layout: Layout | None
) -> dict[int, int]:
    shown = {}
    for position in positions:
        with contextlib.suppress(ProofError):
            shown[position] = state.balance(asset, accounts[position], layout)
    return shown
