"""What checks a customer's own file in the browser: a script for each format, and those that several of them share.

Not here: whether a published proof holds, which is `proofs.liabilities`.
"""
