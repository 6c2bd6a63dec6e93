"""The published files of a claim as the predicate has them. Field by field: docs/predicate.md."""

from __future__ import annotations

from typing import Any

from scanner.attesting.digests import sha256_text
from scanner.core.amounts import exact
from scanner.weighing.claim import MISFITS_LISTED, ClaimedFile, Misfit


def write_file(file: ClaimedFile) -> dict[str, Any]:
    """One file, with what its rows name and what it says of them as a whole."""
    return {
        "name": file.name,
        "digest": sha256_text(file.sha256),
        "layout": file.layout,
        "read": file.read,
        "accepted": file.accepted,
        "refused": dict(file.refused),
        "heights": {
            str(chain): {"count": named.count, "lowest": named.lowest, "highest": named.highest}
            for chain, named in file.heights.items()
        },
        "stated": file.stated,
        "misfitCount": len(file.misfits),
        "misfits": [_misfit(misfit) for misfit in file.misfits[:MISFITS_LISTED]],
        "whole": file.whole,
    }


def _misfit(misfit: Misfit) -> dict[str, Any]:
    return {
        "text": misfit.text,
        "line": misfit.line,
        "label": misfit.label,
        "stated": exact(misfit.stated),
        "found": None if misfit.found is None else exact(misfit.found),
    }
