"""A job's outcome as JUnit XML: the one form in which every CI server shows results.

A claim is a test suite. Its test cases are its units, and three checks: that claim and settings could be used, that
the scan ran to its end, and that the evidence is complete. SHORT is a failure; UNKNOWN, and whatever kept a claim from
being judged, is an error. A claim without either ended with exit code 0, and one with exit code 0 has neither.

Sources: the schema of Jenkins' xUnit plugin (junit-10.xsd) and GitLab's documentation of unit test reports, of which
only what both read is used; XML 1.0, 2.2, for the characters that a document may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scanner.errors import InputError, ScannerError
from scanner.report.accepted import passed_over
from scanner.report.outcome import Job, Outcome
from scanner.report.wording import has_ratio, low_threshold, not_covered, not_established

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case. `kind`: failure or error, None where it passed."""

    name: str
    kind: str | None = None
    type: str = ""
    message: str = ""
    detail: str = ""


def junit(job: Job) -> bytes:
    """The document, UTF-8, with an XML declaration."""
    root = Element("testsuites", name="reserve-scanner", time=_seconds(job.ended - job.began))
    totals = [_suite(root, outcome) for outcome in job.outcomes]
    if job.errors:
        case = _Case("the job", "error", "error", job.errors[0], "\n".join(job.errors))
        totals.append(_add_suite(root, "scanner scan", job.began, job.ended, [case]))
    for name, total in zip(("tests", "failures", "errors"), zip(*totals, strict=True), strict=False):
        root.set(name, str(sum(total)))
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(root: Element, outcome: Outcome) -> tuple[int, int, int]:
    return _add_suite(root, outcome.name, outcome.began, outcome.ended, list(_cases(outcome)))


def _add_suite(root: Element, name: str, began: datetime, ended: datetime, cases: list[_Case]) -> tuple[int, int, int]:
    """How many cases, failures and errors."""
    failures, errors = (sum(case.kind == kind for case in cases) for kind in ("failure", "error"))
    counts = len(cases), failures, errors
    suite = SubElement(
        root,
        "testsuite",
        name=_text(name),
        tests=str(counts[0]),
        failures=str(counts[1]),
        errors=str(counts[2]),
        time=_seconds(ended - began),
        timestamp=began.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
    )
    for case in cases:
        element = SubElement(suite, "testcase", name=_text(case.name), classname=_text(f"reserves.{name}"), time="0")
        if case.kind is not None:
            result = SubElement(element, case.kind, type=case.type, message=_text(case.message))
            result.text = _text(case.detail)
        elif case.detail:
            SubElement(element, "system-out").text = _text(case.detail)
    return counts


def _cases(outcome: Outcome) -> Iterator[_Case]:
    errors = "\n".join(outcome.errors)
    first = outcome.errors[0] if outcome.errors else ""
    wrong = outcome.exit_code == InputError.exit_code
    yield _Case("claim and settings", *(("error", "input", first, errors) if wrong else ()))
    broken = outcome.exit_code in (_INTERRUPTED, ScannerError.exit_code)
    kind = "interrupted" if outcome.exit_code == _INTERRUPTED else "bug"
    yield _Case("the scan ran to its end", *(("error", kind, first, errors) if broken else ()))
    if outcome.predicate is not None:
        finding = outcome.predicate["finding"]
        yield _evidence(finding)
        for reserve in finding["reserves"]:
            yield _unit(reserve, finding)


def _evidence(finding: Mapping[str, Any]) -> _Case:
    """Gaps under which every unit is covered all the same, or accepted, are shown, and are no error: they count as
    nothing held."""
    counts: Mapping[str, int] = finding["gapCounts"]
    name = "evidence"
    if not counts:
        return _Case(name)
    total = f"not established: {sum(counts.values())} holdings"
    reasons = ", ".join(f"{why} {count}" for why, count in counts.items())
    gaps = [f"{gap['asset']} {gap['account']}: {gap['why']} {gap['detail']}" for gap in finding["gaps"]]
    detail = "\n".join([reasons, *gaps])
    over = passed_over(finding)
    if all(each["verdict"] == "COVERED" for each in finding["reserves"] if each["unit"] not in over):
        return _Case(name, detail=f"{total}\n{detail}")
    return _Case(name, "error", "gaps", f"{total} ({reasons})", detail)


def _unit(reserve: Mapping[str, Any], finding: Mapping[str, Any]) -> _Case:
    accepted = reserve["unit"] in passed_over(finding)
    kind = None if accepted else {"COVERED": None, "SHORT": "failure", "UNKNOWN": "error"}[reserve["verdict"]]
    owed = "not stated" if reserve["owed"] is None else reserve["owed"]
    held = "not established" if not_established(reserve) else reserve["held"]
    ratio = reserve["ratio"] if has_ratio(reserve) else "none"
    figures = f"held {held}, owed {owed}, ratio {ratio}, gaps {reserve['gaps']}"
    reason = not_covered(reserve, complete=finding["complete"])
    if reason is not None and reserve["verdict"] == "UNKNOWN":
        reason = f"no verdict: {reason}"
    accepting = "accepted by the policy" if accepted else None
    withheld = (f"{each['why']}: {each['detail']}" for each in reserve["withheld"])
    remarks = "; ".join(filter(None, (reason, *withheld, accepting, low_threshold(finding))))
    message = f"{reserve['verdict']}: {figures}" + (f"; {remarks}" if remarks else "")
    return _Case(reserve["unit"], kind, reserve["verdict"], message, "\n".join(filter(None, (figures, remarks))))


def _seconds(time: timedelta) -> str:
    """As the schema writes them: up to three digits before the point, or groups of three."""
    milliseconds = max(0, round(time / timedelta(milliseconds=1)))
    return f"{milliseconds // 1000:,}.{milliseconds % 1000:03}"


def _text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
