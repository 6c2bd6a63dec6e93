"""Nodes in: one file a backend, all of one shape (`interface.py`), registered in `BACKENDS`.

A new backend is a new file and one line here; docs/adding-a-chain.md walks through it.
"""
