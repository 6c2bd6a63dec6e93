"""What is known of chains and assets beforehand, as data with its sources; nothing here judges, reads or fetches.

    assets.py            assets that are known, and what each counts towards
    bitcoin_chains.py    Bitcoin-like chains, a row each
    keyless_accounts.py  accounts without a key: burn addresses, deposit contracts, bridges' escrows
    natives.py           chains' own coins: their SLIP-44 numbers and decimals
    shown_again.py       tokens that show another asset's balances a second time

Findings follow from these tables, so they are part of the attestation format, and each finding names its `REVISION`.
Who changes a table that findings follow from goes to the next revision, and keeps what the earlier ones said.
"""

from typing import Final

REVISION: Final = 1
"""The tables as they are now. Revisions count from 1."""


def known_revision(revision: int) -> int:
    """The same. Raises ValueError for one that is not known here."""
    if not 1 <= revision <= REVISION:
        raise ValueError(f"made by revision {revision} of the tables; this version knows them up to {REVISION}")
    return revision
