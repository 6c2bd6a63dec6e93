"""How the stand-ins for Safe keep their owners in storage (localnet's `SafeLike`)."""

from __future__ import annotations

from tests.support import proof_signing as sign

# keccak256 of slot 0, where Solidity keeps the first entry of the array in that slot
FIRST_ENTRY = int.from_bytes(sign.keccak(bytes(32)))
