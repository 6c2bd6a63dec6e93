"""Flows as a signed statement, and checked: `verify.py` (START HERE), `statement.py`, `transfers_csv.py`, which is the
evidence, and a folder for each version. Pure, as all of `attesting`.
"""
