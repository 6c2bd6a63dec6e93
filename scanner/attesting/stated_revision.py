"""By which revision of the tables an attestation was made: the one by which its claim is to be read, before anything is
verified.

Labels and networks of a claim's files and the forms of its signatures stand in tables that grow. What an attestation
says follows from them as they were when it was made. Nothing here judges, or believes anything.
"""

from __future__ import annotations

from scanner.attesting.envelope import read_envelope
from scanner.attesting.statement import read_statement
from scanner.chains.facts_revision import REVISION


def stated_revision(envelope: bytes) -> int:
    """The revision that the statement in a DSSE envelope names: for `load_claim`. The newest one where none is named,
    as in what is no statement, or one of several moments: whether it holds is found out by who verifies it."""
    try:
        return read_statement(read_envelope(envelope).payload).stated.tables
    except ValueError:
        return REVISION
