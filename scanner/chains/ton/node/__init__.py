"""Servers of TON over HTTP (toncenter's version 2): TON at any masterchain block they keep. `node` is the way in."""
