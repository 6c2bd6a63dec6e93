"""EVM nodes over JSON-RPC: balances in five ways (`ladder`), tokens' twice, proofs, owners. `node` is the way in."""
