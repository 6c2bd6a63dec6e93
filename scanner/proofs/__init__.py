"""Bytes in, verdict out: what state proofs, signatures over addresses and liability trees show. Pure.

No node is asked here, no file opened, no clock read. Everything that comes in is hostile until checked.
"""
