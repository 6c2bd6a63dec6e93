"""The history: every envelope that was ever added, and what follows from all of them together.

    log.py        START READING HERE: envelopes in, append-only, verified or marked as not; entries out
    entry.py      what one envelope says, as columns: derived, and made anew from the envelope at any time
    accounts.py   which accounts each claim declared, and what changed between claims; spans.py is its arithmetic
    series.py     the entries of one exchange over time: which count, streaks, shortfalls
    cadence.py    which periods have no report, or had it late
    summary.py    all of that as JSON values: what `scanner log --json` prints and `scanner site` draws
    databases/    SQLite and PostgreSQL, one file each, spoken to in the same statements

The bytes of the envelopes are the truth here, with the record of who checked them and when. Nothing here signs, scans
or draws, and no clock is read: moments are arguments.
"""
