"""A report written in one of its forms, row by row: exceptions go by and are counted, and what rests on the counts is
written once the last has gone by.

Not in here: what stands in a report (`document`), how a form looks (a module each).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import BinaryIO, Final

from scanner.errors import ScannerError
from scanner.report.findings import comma_separated, markdown, page, workbook
from scanner.report.findings.document import ExceptionCounts, report
from scanner.report.findings.examined import Examined
from scanner.report.findings.exceptions import ReportedException
from scanner.report.findings.of_claim import of_claim
from scanner.report.findings.of_rows import RowCounts, of_rows
from scanner.report.findings.over_time import of_over_time
from scanner.report.findings.parts import ReportSection
from scanner.weighing.counted_rows import counted_rows
from scanner.weighing.finding import Finding
from scanner.weighing.matched import Matched

Sections = Callable[[], Sequence[ReportSection]]


def _markdown(file: BinaryIO, exceptions: Iterable[ReportedException], sections: Sections, _: Examined) -> None:
    _let_by(exceptions)
    markdown.write(file, sections())


def _html(file: BinaryIO, exceptions: Iterable[ReportedException], sections: Sections, _: Examined) -> None:
    _let_by(exceptions)
    page.write(file, sections())


def _csv(file: BinaryIO, exceptions: Iterable[ReportedException], _: Sections, __: Examined) -> None:
    comma_separated.write(file, exceptions)


def _xlsx(file: BinaryIO, exceptions: Iterable[ReportedException], sections: Sections, examined: Examined) -> None:
    workbook.write(file, exceptions, sections, examined.verified.run.scanned_at)


FORMS: Final = MappingProxyType({"md": _markdown, "html": _html, "csv": _csv, "xlsx": _xlsx})
"""By the name that the command line has for it."""


def write_report(form: str, file: BinaryIO, examined: Examined, rows: Iterable[Matched]) -> ExceptionCounts:
    """The whole report into `file`; what it has. `rows` are those of the evidence, beside their holdings, and are read
    once. Raises ScannerError where what is listed is not what the finding counts, and whatever reading rows raises."""
    finding = examined.verified.finding
    counts, heard = RowCounts(), ExceptionCounts()
    of_evidence = of_rows(counts.listen(counted_rows(finding, rows)))
    exceptions = heard.listen(
        chain(of_claim(examined.read, examined.verified), of_over_time(examined.over_time), of_evidence)
    )
    FORMS[form](file, exceptions, partial(report, examined, counts, heard), examined)
    _check(counts, finding)
    return heard


def _check(counts: RowCounts, finding: Finding) -> None:
    """That each gap, dissent and difference that the finding counts was listed."""
    listed = {
        "gaps": (dict(counts.whys), dict(finding.gap_counts)),
        "differences": (counts.differing, sum(each.disagreeing for each in finding.coverage)),
        "dissents": (
            {reserve.unit: counts.dissents[reserve.unit] for reserve in finding.reserves},
            {reserve.unit: reserve.dissents for reserve in finding.reserves},
        ),
    }
    wrong = [
        f"{name}: {found} are listed, and {counted} are counted"
        for name, (found, counted) in listed.items()
        if found != counted
    ]
    if wrong:
        raise ScannerError(f"this is a bug, please report it; no report was written: {'; '.join(wrong)}")


def _let_by(exceptions: Iterable[ReportedException]) -> None:
    for _ in exceptions:
        pass
