"""EVM chains: facts, accounts, signatures and state proofs, all pure; `node` reads balances from a node."""
