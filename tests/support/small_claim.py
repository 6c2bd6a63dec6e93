"""A small claim and its instrument, as their files have them."""

from __future__ import annotations

CLAIM = """\
version: 1
exchange: X
as_of: 2026-01-01T00:00:00Z
assets:
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
liabilities: {ETH: "1"}
holdings:
  - {asset: ETH, account: "0x0000000000000000000000000000000000000001"}
"""
NODES = """\
policy: {quorum: 2, threshold: "1"}
nodes:
  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}
  - {url: "evm+http://127.0.0.1:10", chain: "eip155:1", operator: b}
"""
