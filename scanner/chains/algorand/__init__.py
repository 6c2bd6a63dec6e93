"""Algorand: what is known of this family of chains."""
