"""How servers are asked: HTTP, JSON-RPC, pace, bounds on answers, what no message may hold. No chain is known here."""
