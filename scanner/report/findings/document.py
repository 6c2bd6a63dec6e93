"""The report as a whole: its parts in the order in which they stand, whatever the form.

    1 title, engagement     5 sampling risk
    2 subject               6 what was not done
    3 procedures            7 how to check it again, and who signs
    4 exceptions

The same files give the same report: no clock is asked, and the only times in it are those that were signed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from scanner.chains.names import name_of, parse_chain
from scanner.report.cells import NOTHING, UNPUBLISHED, moment
from scanner.report.findings import text
from scanner.report.findings.examined import Examined
from scanner.report.findings.exceptions import ExceptionClass, Procedure, ReportedException
from scanner.report.findings.of_rows import RowCounts
from scanner.report.findings.parts import (
    BulletList,
    CommandLine,
    FactList,
    Paragraph,
    ReportSection,
    SectionPart,
    TextTable,
)
from scanner.report.findings.procedures import carried_out
from scanner.report.wording import low_threshold, not_established, owed_earlier
from scanner.report.workers import single_voices
from scanner.weighing.moments import duration

MOST_LISTED: Final = 1000
"""Exceptions of one class that are listed one by one where people read them. All of them stand in the tables."""

COLUMNS: Final = ("id", "class", "procedure", "subject", "account", "stated", "found", "what", "place", "answer")


@dataclass(slots=True)
class ExceptionCounts:
    """The exceptions while they go by: how many there are of each, and the first of each class."""

    classes: Counter[ExceptionClass] = field(default_factory=Counter)
    procedures: Counter[Procedure] = field(default_factory=Counter)
    first: dict[ExceptionClass, list[ReportedException]] = field(default_factory=dict)

    def listen(self, exceptions: Iterable[ReportedException]) -> Iterator[ReportedException]:
        """The same exceptions, counted as they go by."""
        for each in exceptions:
            self.classes[each.of] += 1
            self.procedures[each.procedure] += 1
            kept = self.first.setdefault(each.of, [])
            if len(kept) < MOST_LISTED:
                kept.append(each)
            yield each


def row_of(each: ReportedException) -> tuple[str, ...]:
    """An exception under COLUMNS; the answer is for the exchange to write."""
    place = each.id, str(each.of), str(int(each.procedure)), each.subject, each.account
    return (*place, each.stated, each.found, each.what, each.place, "")


def report(examined: Examined, rows: RowCounts, heard: ExceptionCounts) -> tuple[ReportSection, ...]:
    """All sections, once every row and every exception has gone by."""
    return (
        ReportSection(text.TITLE, tuple(_engagement(examined))),
        ReportSection("Subject", tuple(_subject(examined))),
        ReportSection("Procedures and what they found", tuple(_procedures(examined, rows, heard))),
        ReportSection("Exceptions", tuple(_exceptions(heard))),
        ReportSection("What may have gone unnoticed", tuple(_risk(examined.finding["reserves"]))),
        ReportSection("What was not done", (BulletList(text.NOT_DONE),)),
        ReportSection("How to check it again", tuple(_again(examined))),
        ReportSection("Signature", tuple(_signature(examined))),
    )


def _engagement(examined: Examined) -> Iterator[SectionPart]:
    finding, engagement = examined.finding, examined.engagement
    yield FactList(
        (
            ("Exchange", finding["exchange"]),
            ("As of", moment(finding["asOf"])),
            *((name, engagement.texts.get(key, "")) for key, name in text.ENGAGEMENT.items()),
        )
    )
    yield from map(Paragraph, text.NATURE)


def _window(window: Mapping[str, str] | None) -> str:
    return "no" if window is None else f"from {window['issued']} to {window['deadline']}"


def _subject(examined: Examined) -> Iterator[SectionPart]:
    finding, claim = examined.finding, examined.verified.finding.claim
    publication = claim.report
    published = ", ".join(filter(None, (publication.title, publication.published, publication.url)))
    yield FactList(
        (
            ("What the claim was taken from", published or "the claim does not say"),
            ("SHA-256 of that publication", publication.sha256 or "the claim does not say"),
            ("Claim", finding["claim"]),
            ("All declared accounts are in it", "yes, as it says" if finding["complete"] else "no"),
            ("Share of all owed that it speaks of, by value", finding["shareOfAllOwed"] or "the claim does not say"),
            ("Declared accounts", f"{finding['accounts']['count']:,}"),
            ("Digest of the accounts", finding["accounts"]["digest"]),
            ("Message set for this engagement", finding["challenge"] or "none was set"),
            ("Accounts were asked to move an amount", _window(finding["movements"])),
        )
    )
    for sentence in filter(None, (owed_earlier(finding), low_threshold(finding))):
        yield Paragraph(sentence)
    if finding["files"]:
        yield TextTable(
            "Published files that the claim names",
            ("number", "name", "layout", "digest"),
            tuple(
                (str(number), file["name"], file["layout"], file["digest"])
                for number, file in enumerate(finding["files"], 1)
            ),
            codes=frozenset({1, 3}),
        )
    left_out = examined.engagement.left_out
    yield Paragraph("Left out of the scope, as who asked for the procedures says:" if left_out else "Left out:")
    yield BulletList(left_out) if left_out else FactList((("Entities, platforms, money, custody", ""),))
    notes = tuple(f"Note by the signers: {note}" for note in examined.run["notes"])
    voices = tuple(single_voices(finding, examined.run))
    if notes or voices:
        yield BulletList((*notes, *voices))


def _procedures(examined: Examined, rows: RowCounts, heard: ExceptionCounts) -> Iterator[SectionPart]:
    yield TextTable(
        "Procedures",
        ("number", "procedure", "on how many", "result", "exceptions"),
        tuple(
            (str(int(each.procedure)), each.done, each.on, each.result, f"{each.exceptions:,}")
            for each in carried_out(examined, rows, heard.procedures)
        ),
        frozenset({4}),
    )
    finding = examined.finding
    yield TextTable(
        "What was found of each unit, in whole coins",
        ("unit", "held", "owed", "ratio", "printed", "verdict", "proven", "by quorum", "own node", "gaps"),
        tuple(map(_unit, finding["reserves"])),
        frozenset({1, 2, 3, 4, 6, 7, 8, 9}),
    )
    yield TextTable(
        "Blocks at which was read",
        ("chain", "height", "time", "from the moment", "hash", "operators asked"),
        tuple(_block(each, finding, examined.run) for each in finding["snapshots"]),
        frozenset({1}),
        frozenset({4}),
    )


def _unit(reserve: Mapping[str, Any]) -> tuple[str, ...]:
    unknown = not_established(reserve)
    shown = UNPUBLISHED if reserve["owed"] is None else reserve["owed"]
    ratio = NOTHING if reserve["ratio"] is None or reserve["withheld"] or unknown else reserve["ratio"]
    figures = [NOTHING if unknown else reserve[key] for key in ("proven", "quorum", "own")]
    held = NOTHING if unknown else reserve["held"]
    gaps = f"{reserve['gaps']:,} of {reserve['holdings']:,}"
    return (reserve["unit"], held, shown, ratio, reserve["statedRatio"] or NOTHING, reserve["verdict"], *figures, gaps)


def _block(block: Mapping[str, Any], finding: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[str, ...]:
    chain = block["chain"]
    distance = datetime.fromisoformat(block["time"]) - datetime.fromisoformat(finding["asOf"])
    where = f"{duration(distance)} {'before' if distance < timedelta(0) else 'after'}" if distance else "at it"
    purpose = "" if block["weighed"] else ", for comparison only"
    operators = ", ".join(run["operators"].get(chain, ())) or NOTHING
    name = name_of(parse_chain(chain))
    titled = f"{name} ({chain})" if name else chain
    return titled, f"{block['height']:,}", moment(block["time"]), f"{where}{purpose}", block["hash"], operators


def _exceptions(heard: ExceptionCounts) -> Iterator[SectionPart]:
    if not heard.classes:
        yield Paragraph(text.EMPTY)
        return
    yield TextTable(
        "Exceptions by class",
        ("class", "what it is", "exceptions"),
        tuple((str(of), text.CLASSES[of], f"{heard.classes[of]:,}") for of in ExceptionClass if heard.classes[of]),
        frozenset({2}),
    )
    for of in ExceptionClass:
        if count := heard.classes[of]:
            if count > MOST_LISTED:
                yield Paragraph(f"{of}: {text.too_many(count)}")
            else:
                yield exceptions_table(of, heard.first[of])


def exceptions_table(of: ExceptionClass, exceptions: Sequence[ReportedException]) -> TextTable:
    """The exceptions of one class, one by one."""
    rows = (row_of(each) for each in exceptions)
    headings = ("id", "procedure", "subject", "account", "stated", "found", "what", "place", text.ANSWER)
    return TextTable(
        f"{of}: {text.CLASSES[of]}",
        headings,
        tuple((row[0], *row[2:]) for row in rows),
        frozenset({4, 5}),
        frozenset({2, 3}),
    )


def _risk(reserves: Sequence[Mapping[str, Any]]) -> Iterator[SectionPart]:
    known = [reserve for reserve in reserves if reserve["missed"]]
    if not known:
        yield Paragraph(text.NO_RISK)
        return
    sizes = sorted(known[0]["missed"], key=lambda size: int(size.removesuffix("%")))
    yield Paragraph(text.RISK)
    yield TextTable(
        "Part of such samples in which a false balance of this size goes unnoticed",
        ("unit", "proven of what is held", *(f"a balance worth {size}" for size in sizes)),
        tuple(
            (reserve["unit"], reserve["provenShare"] or NOTHING, *(reserve["missed"][size] for size in sizes))
            for reserve in known
        ),
        frozenset(range(1, 2 + len(sizes))),
    )


def _again(examined: Examined) -> Iterator[SectionPart]:
    run = examined.run
    yield Paragraph(text.AGAIN)
    yield CommandLine("scanner verify attestation.dsse.json --claim claim.yaml --key signer.pub")
    yield CommandLine(
        "scanner report attestation.dsse.json --claim claim.yaml --key signer.pub --format csv --out findings.csv"
    )
    yield Paragraph(text.REFUSES)
    named = {
        "claim.yaml": examined.finding["claim"].partition(":")[2],
        "evidence.csv.gz": run["evidence"].partition(":")[2],
        "witness.bin": (run["witness"] or "").partition(":")[2],
        "engagement.yaml": examined.engagement.sha256,
        **examined.digests,
    }
    yield FactList(tuple((f"SHA-256 of {name}", digest) for name, digest in named.items() if digest))


def _signature(examined: Examined) -> Iterator[SectionPart]:
    run = examined.run
    yield FactList(
        (
            ("Attested", moment(run["scannedAt"])),
            ("By reserve-scanner, version", run["scanner"]),
            *((f"Signed by key {number}", keyid) for number, keyid in enumerate(examined.verified.keyids, 1)),
            *((name, examined.engagement.texts.get(key, "")) for key, name in text.SIGNED_BY.items()),
            ("Date", ""),
            ("Signature", ""),
        )
    )
