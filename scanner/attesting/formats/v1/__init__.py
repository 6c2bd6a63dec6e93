"""Version 1 of the predicate, field by field in docs/predicate.md.

Released with 1.0.0, and never changed since: a further version is a folder beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scanner.attesting.digests import hex_of
from scanner.attesting.formats.interface import Format, Stated
from scanner.attesting.formats.v1.finding import write_finding
from scanner.attesting.formats.v1.proving import read_proving
from scanner.attesting.formats.v1.reading import read_passes, read_policy, read_snapshots
from scanner.attesting.formats.v1.run import read_run, write_run
from scanner.attesting.formats.v1.shape import SHAPE
from scanner.attesting.times import read_time
from scanner.chains.facts_revision import known_revision

# A name that no one else can come to own, as an https URL's domain can be; the fragment is for its readers (RFC 8141).
TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-attestation/v1"


def _read(predicate: Mapping[str, Any]) -> Stated:
    finding = predicate["finding"]
    return Stated(
        claim=hex_of(finding["claim"]),
        as_of=read_time(finding["asOf"]),
        policy=read_policy(finding),
        snapshots=read_snapshots(finding),
        passes=read_passes(finding),
        proving=read_proving(finding),
        tables=known_revision(finding["tablesRevision"]),
        run=read_run(predicate["run"]),
    )


def _as_it_is(predicate: Mapping[str, Any]) -> Mapping[str, Any]:
    return predicate  # this is the newest version


V1: Final = Format(1, TYPE, SHAPE, write_finding, write_run, _read, _as_it_is)
