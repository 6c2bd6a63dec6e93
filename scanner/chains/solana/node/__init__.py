"""Solana nodes over JSON-RPC: SOL and tokens as they are at the newest finalized slot. `node` is the way in."""
