"""EVM chains: balances in five ways (`ladder.py`), state proofs, contracts' owners. `node.py` is the way in."""
