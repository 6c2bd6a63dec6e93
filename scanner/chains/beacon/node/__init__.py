"""Beacon nodes: validators' balances over the Beacon API. `node` is the way in."""
