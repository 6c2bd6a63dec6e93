"""The history: every envelope that was ever added, and what follows from all of them together.

    log.py        START READING HERE: envelopes in, append-only, verified or marked as not; entries out
    stored.py     entries as they are read: of envelopes and kept keys, and what does not fit
    keys.py       the public keys that are kept, and signatures checked with them
    entry.py      what one envelope says, as columns: derived, and made anew from the envelope at any time
    several.py    statements of several moments: series, and claims together, kept and read in the same way
    accounts.py   which accounts each claim declared, and what changed between claims; spans.py is its arithmetic
    declarers.py  which exchanges' claims declare some accounts
    series.py     the entries of one exchange over time: which count, streaks, shortfalls
    cadence.py    which periods have no report, or had it late
    summary.py    all of that as JSON values: what `scanner log --json` prints and `scanner site` draws
    databases/    SQLite and PostgreSQL, one file each, spoken to in the same statements

The bytes of the envelopes are the truth here, with the keys that signed them; rows beside them are believed for nothing
that can be checked. Nothing here signs, scans
or draws, and no clock is read: moments are arguments.
"""
