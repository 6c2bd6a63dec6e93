"""Chains: what is known of each family of them, in a folder a family, and how its nodes are asked.

`registry.py` has a line for each family; `family.py` says what one is, `interface.py` what every node is. The other
modules here put what families know to use: `names`, `accounts`, `keyless`, `control` ... A folder's `node` is what
speaks to nodes, imported when one is opened; all else in it is pure, so that files and attestations are read by it too.
"""
