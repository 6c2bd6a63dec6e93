"""The series as a signed statement, and checked: `verify.py` (START HERE), `statement.py`, and a folder for each
version.

What is signed names the statement of each sampled moment by digest, and that one its evidence: a series is the
findings of one claim at moments that follow from a schedule, and what they come to. Pure, as all of `attesting`.
"""
