"""Bitcoin and its like, at any past block: from a Core node (`core.py`), an Electrum server, or an Esplora server."""
