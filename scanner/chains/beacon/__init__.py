"""Consensus layers: validators' balances from a beacon node (`node.py`)."""
