"""Files in: the claim, the instrument, and what exchanges publish, read into the values of `scanner.core`.

Files are hostile until checked: nothing here trusts one, and nothing here asks a node.
"""
