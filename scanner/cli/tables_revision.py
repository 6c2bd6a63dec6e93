"""What is said to a reader about the revision of the tables that a statement follows from. It holds by its own for
ever; who made it chose that one, and rows that were wrong may have been ended since (docs/adr/0048).

Not in here: which revision it is (`attesting.stated_revision`, `attesting.revision_of_points`).
"""

from __future__ import annotations


def lines(revision: int) -> list[str]:
    """One where this release has a later revision, and none where it has not."""
    from scanner.chains import facts_revision

    newest = facts_revision.REVISION
    if revision >= newest:
        return []
    since = "what was added or ended since has no part in it; a new scan goes by all of it"
    return [f"tables     made by revision {revision} of the tables, and this release has {newest}: {since}"]
