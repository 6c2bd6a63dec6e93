"""What people look at. Everything here makes text of a predicate (docs/predicate.md); it judges and adds nothing.

A predicate may come out of a file that somebody sent, so no text of it goes to a terminal before it was made plain.
"""
