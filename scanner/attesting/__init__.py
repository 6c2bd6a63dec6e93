"""Statements out, and checked: what was found, as bytes that can be signed and that anyone can check again offline.

`verify.py` is where to start reading. Everything here is pure: bytes in, bytes or a verdict out. Only `signers.py` and
`ethereum_keys.py` touch files, those that hold keys; nothing here asks a node, reads a clock, or takes a statement's
word for what can be computed.
"""
