"""The journal of a run in its folder, open, under keys of the user's own (`journal_keys`)."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.cli.journal_keys import journal_keys
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer
    from scanner.scanning.journal import Journal


@contextmanager
def open_journal(path: Path, signers: Sequence[Ed25519Signer]) -> Iterator[Journal]:
    """The journal at `path`; it goes with the run where no key for it can be kept. Raises InputError."""
    import scanner

    kept = journal_keys(signers, os.environ)
    with scanner.Journal(path, kept or [secrets.token_bytes(32)]) as journal:
        if kept:
            try:
                yield journal
            except InputError:
                if journal.new and not journal.settled:  # nothing to go on from, so nothing is left behind
                    journal.drop()
                raise
            return
        print(
            "scanner: its journal's key can be kept nowhere (XDG_STATE_HOME, HOME): the next run will not go on from"
            " this one",
            file=sys.stderr,
        )
        try:
            yield journal
        finally:
            journal.drop()
