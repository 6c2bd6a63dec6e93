"""Entries of a history, as its database gives them."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.history.entry import Entry, EnvelopeSummary, Line, Verification

VERIFIED = (Verification("2024-12-01T00:00:00Z", ("ab" * 32,)),)


def a_line(held: str = "103", owed: str | None = "100", unit: str = "BTC", gaps: int = 0, **changes: object) -> Line:
    values: dict[str, object] = {
        "verdict": "COVERED",
        "ratio": "1.030000",
        "stated": None,
        "holdings": 3,
        "custody": "0",
        "ratio_with_custody": None,
    }
    return Line(unit=unit, held=held, owed=owed, gaps=gaps, **(values | changes))  # type: ignore[arg-type]


def an_entry(
    number: int,
    month: int = 1,
    lines: Sequence[Line] = (a_line(),),
    claim: str | None = None,
    *,
    verified: bool = True,
    verdict: str = "COVERED",
    complete: bool = True,
) -> Entry:
    said = EnvelopeSummary(
        exchange="X",
        as_of=f"2024-{month:02}-28T00:00:00Z",
        owed_as_of=f"2024-{month:02}-28T00:00:00Z",
        scanned_at=f"2024-{month:02}-28T12:00:00Z",
        claim=claim or f"claim of {month}",
        subject=claim or f"subject of {month}",
        finding=str(number),
        verdict=verdict,
        complete=complete,
        threshold="1",
        gaps=sum(line.gaps for line in lines),
        lines=tuple(lines),
    )
    return Entry(number, f"{number:064x}", "2024-12-01T00:00:00Z", said, VERIFIED if verified else ())
