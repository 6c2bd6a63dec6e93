"""Several claims at one moment as a signed statement, and checked: `verify.py` (START HERE), `statement.py`, and a
folder for each version. Pure, as all of `attesting`.
"""
