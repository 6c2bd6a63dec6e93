"""Nodes of EOS (Vaulta) and its kin over nodeos' chain API: balances as they are now. `node` is the way in."""
