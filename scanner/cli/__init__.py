"""The command line: the only part that prints, reads argv, or exits.

`arguments.py` says what can be typed, `misspelt.py` what is said of what cannot, and `commands.py` does it.
`importing.py` writes claims for published files; `diagnosis.py`, `examination.py` and `row_account.py` tell what was
found in a claim, its files and its nodes; `onchain.py` sees to the form for contracts; `schemas.py` and `completion.py`
print what other programs need of this one; `progress.py` shows how a run goes on; `files.py` writes results whole or
not at all; `terminal.py` knows what stdout is. No judgement is made here: an exit code follows from a verdict or from
the error raised.
"""
