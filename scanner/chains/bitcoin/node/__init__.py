"""Nodes of Bitcoin and its kin, at any past block: Bitcoin Core and its forks (`core`), Electrum, Esplora."""
