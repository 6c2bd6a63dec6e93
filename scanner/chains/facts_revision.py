"""What is known of chains and assets beforehand, as data with its sources; nothing here judges, reads or fetches.

    assets.py            assets that are known, and what each counts towards
    bitcoin_chains.py    Bitcoin-like chains, a row each
    keyless_accounts.py  accounts without a key: burn addresses, deposit contracts, bridges' escrows
    natives.py           chains' own coins: their SLIP-44 numbers and decimals
    shown_again.py       tokens that show another asset's balances a second time

    networks, labels, signature forms, storage layouts    in the families, and in `known_assets`

Findings follow from these tables, so they are part of the attestation format, and each finding names its `REVISION`.
Who changes a table that findings follow from goes to the next revision: a new row begins with it (`since`), one that
was wrong ends before it (`until`), and none is changed or taken away, so that what was signed by an earlier revision
still follows from it (docs/adr/0048-one-revision-of-all-tables.md).
"""

from typing import Final, Protocol

REVISION: Final = 1
"""The tables as they are now. Revisions count from 1."""


class Row(Protocol):
    """A row of a table that findings follow from."""

    @property
    def since(self) -> int:
        """The first revision that has it."""

    @property
    def until(self) -> int | None:
        """The last one that has it; None where it is not withdrawn."""


def stands(row: Row, revision: int) -> bool:
    """Whether the row is in that revision."""
    return row.since <= revision and (row.until is None or revision <= row.until)


def known_revision(revision: int) -> int:
    """The same. Raises ValueError for one that is not known here."""
    if not 1 <= revision <= REVISION:
        raise ValueError(f"made by revision {revision} of the tables; this version knows them up to {REVISION}")
    return revision
