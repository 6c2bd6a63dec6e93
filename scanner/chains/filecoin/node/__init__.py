"""Nodes of Filecoin over JSON-RPC: FIL at any tipset whose state they keep, with proofs (`node`)."""
