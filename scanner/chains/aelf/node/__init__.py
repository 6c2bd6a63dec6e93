"""Nodes of aelf over their Web API: balances as they are now. `node` is the way in."""
