"""Servers of TON at any masterchain block they keep: over HTTP (toncenter's version 2, `node`), and lite servers, which
prove what they say (`lite_node`)."""
