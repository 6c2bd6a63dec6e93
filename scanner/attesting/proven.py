"""The balances that an attestation calls proven, walked again from the pinned blocks' hashes down through its witness.

Nothing is taken on trust but two things that the statement says openly: that a block is the chain's (the quorum's or
the auditor's word), and that a token keeps its balances where its stated storage layout says (docs/predicate.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import BinaryIO

from scanner.core.evidence import Proving, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.proofs.flaws import ProofError
from scanner.proofs.slots import Layout, layouts
from scanner.proofs.state import ProvenState, header_in
from scanner.proofs.witness import Witness, load


def read_witness(file: BinaryIO | None, sha256: str | None) -> Witness:
    """The witness, if the file is the one that the statement names by digest. Raises ValueError."""
    if sha256 is None:
        return Witness()
    if file is None:
        raise ValueError(f"balances are said to be proven; the witness, sha256:{sha256}, is needed to check them")
    file.seek(0)
    source = _Hashed(file)
    witness = load(source)
    if source.digest() != sha256:
        raise ValueError(f"the witness is sha256:{source.digest()}, not sha256:{sha256} as is stated")
    return witness


class Proofs:
    """What the witness shows of each holding. Raises ValueError for a storage layout that is not known."""

    def __init__(self, witness: Witness, snapshots: Mapping[Chain, Snapshot], proving: Proving) -> None:
        known = {layout.name: layout for layout in layouts()}
        strange = sorted(set(proving.layouts.values()) - known.keys())
        if strange:
            raise ValueError(f"the storage layout {strange[0][:80]!a} is not known")
        self._layouts: Mapping[AssetId, Layout] = {asset: known[name] for asset, name in proving.layouts.items()}
        self._witness = witness
        self._snapshots = snapshots
        self._states: dict[Chain, ProvenState] = {}

    def atoms(self, asset: AssetId, account: bytes) -> int:
        """The balance that is shown. Raises ProofError (a ValueError) where none is."""
        state = self._states.get(asset.chain)
        if state is None:
            header = header_in(self._witness, self._snapshots[asset.chain])
            state = self._states[asset.chain] = ProvenState(asset.chain, header, self._witness)
        return state.balance(asset, account, self._layouts.get(asset))

    def fault(self, asset: AssetId, account: bytes, atoms: int) -> str | None:
        """Why a balance is not proven; None if it is."""
        if asset.chain.namespace != "eip155":
            return f"said to be proven, and {asset.chain} has no state proofs"
        try:
            shown = self.atoms(asset, account)
        except ProofError as error:
            return f"said to be proven, and its proof does not hold: {error}"
        return None if shown == atoms else f"said to be proven, and its proof shows {shown} atoms, not {atoms}"


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def digest(self) -> str:
        return self._digest.hexdigest()
