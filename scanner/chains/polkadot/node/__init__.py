"""Nodes of Substrate chains over JSON-RPC: the coin at any block whose state they keep, with proofs (`node`)."""
