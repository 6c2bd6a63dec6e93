"""What people look at. Everything here makes text of a predicate (docs/predicate.md); it judges and adds nothing.

A predicate may come out of a file from others, so no text of it goes to a terminal before it was made plain.
"""
