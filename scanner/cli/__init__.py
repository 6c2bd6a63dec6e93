"""The command line: the only part that prints, reads argv, or exits.

`arguments.py` says what can be typed, and `commands.py` does it; `inputs.py` reads what is worked on. `scanning.py`
scans claims as one job, each by `claim_scan.py` unless its attestation stands (`standing.py`); `reports.py` and
`metrics_server.py` leave what machines read of it, and `webhooks.py` tells of changes. `importing.py` writes claims for
published files, `examination.py` and `row_account.py` tell what was found in a claim and its files, `progress.py` shows
how a run goes on, `files.py` writes results whole or not at all. No judgement is made here: an exit code follows from a
verdict or from the error raised.
"""
