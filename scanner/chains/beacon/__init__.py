"""Consensus layers of EVM chains: validators' keys, headers and withdrawals, all pure; `node` reads balances."""
