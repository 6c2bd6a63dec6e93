"""Reports of factual findings on golden attestations, made in memory; and those kept in tests/vectors/findings.

`python -m tests.support.golden_attestations` writes these anew with the attestations they are on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.rows_again import holdings_again
from scanner.attesting.statement import EVIDENCE
from scanner.report.findings.document import ExceptionCounts
from scanner.report.findings.examined import Examined
from scanner.report.findings.exceptions import ReportedException
from scanner.report.findings.forms import write_report
from scanner.report.findings.of_claim import of_claim
from scanner.report.findings.of_rows import of_rows
from scanner.report.findings.over_time import OverTime, of_over_time
from scanner.sources.addresses import read_claim
from scanner.sources.engagement import Engagement, load_engagement
from scanner.weighing.counted_rows import counted_rows
from scanner.weighing.matched import Matched
from tests.support.golden_attestations import CLAIM, FOLDER
from tests.support.golden_folders import verified
from tests.support.places import VECTORS

KEPT: Final = VECTORS / "findings" / "v1"
ENGAGEMENT: Final = VECTORS / "findings" / "engagement.yaml"
READ_BY_PEOPLE: Final = ("files", "md"), ("gaps", "html")  # those kept besides the CSV, which is kept of each


def examined(name: str, **changes: Any) -> Examined:
    """The golden attestation of that name, verified."""
    folder = FOLDER / "v1" / name
    values: dict[str, Any] = {
        "read": read_claim(folder / CLAIM, (folder / CLAIM).read_bytes()),
        "verified": verified(folder),
        "engagement": Engagement(),
        "over_time": OverTime(),
        "digests": {ATTESTATION: "ab" * 32},
    }
    return Examined(**(values | changes))


def rows(name: str, of: Examined) -> Iterator[Matched]:
    """The rows of its evidence."""
    evidence = BytesIO((FOLDER / "v1" / name / EVIDENCE).read_bytes())
    return holdings_again(evidence, of.verified.run, of.verified.finding.claim)


def exceptions(name: str, **changes: Any) -> list[ReportedException]:
    """All that a report on it lists."""
    of = examined(name, **changes)
    counted = counted_rows(of.verified.finding, rows(name, of))
    return [*of_claim(of.read, of.verified), *of_over_time(of.over_time), *of_rows(counted)]


def written(form: str, name: str, **changes: Any) -> tuple[bytes, ExceptionCounts]:
    """A report's bytes, and what was counted for it."""
    of, file = examined(name, **changes), BytesIO()
    heard = write_report(form, file, of, rows(name, of))
    return file.getvalue(), heard


def kept() -> dict[Path, bytes]:
    """What is kept, as it is made now, by its path."""
    engagement = load_engagement(ENGAGEMENT)
    names = sorted(folder.name for folder in (FOLDER / "v1").iterdir())
    forms = [*((name, "csv") for name in names), *READ_BY_PEOPLE]
    return {KEPT / f"{name}.{form}": written(form, name, engagement=engagement)[0] for name, form in forms}


def write_all() -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    for path, data in kept().items():
        path.write_bytes(data)
