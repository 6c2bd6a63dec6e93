"""The XRP Ledger: what is known of this family of chains."""
