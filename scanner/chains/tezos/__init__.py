"""Tezos: what is known of this family of chains."""
