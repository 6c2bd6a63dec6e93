"""Bitcoin and its kin: facts (a row a chain), accounts, signatures and headers, all pure; `node` reads balances."""
