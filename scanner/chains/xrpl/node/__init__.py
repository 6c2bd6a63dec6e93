"""Servers of the XRP Ledger (rippled, Clio) over JSON-RPC: XRP at any ledger they keep. `node` is the way in."""
