"""Checks whether a crypto exchange holds what it owes."""
