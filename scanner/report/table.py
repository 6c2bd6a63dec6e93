"""A predicate as a table for the terminal, with what it rests on and what it does not show.

A scan that has just ended and an attestation out of a file look the same: the one input is the predicate. Figures are
cut, never rounded up. Nothing here computes a sum, a ratio or a verdict, and nothing here writes to a terminal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal

SHOWN_GAPS: Final = 5

_MARGIN = "  "
_BETWEEN = ("   ", "  ")  # two columns; the narrower where the wider does not fit
_NOTHING = "-"
_UNPUBLISHED = "not published"
_WIDEST = 110  # columns that prose is set in, however wide the terminal
_LONGEST = 72  # characters of a text from outside

_STYLES: Final = {"COVERED": "32", "SHORT": "1;31", "UNKNOWN": "33", "heading": "2", "title": "1"}  # ECMA-48, SGR

_OVERALL: Final = {
    "COVERED": "every unit is covered",
    "SHORT": "at least one unit is not covered, on complete evidence",
    "UNKNOWN": "no unit is shown to be short, and not all are shown to be covered",
}

_CAVEAT: Final = (
    "This is no audit, and no opinion on solvency. It compares what accounts held at one block of each chain with what"
    " the exchange states that it owes. It does not show that every liability was stated, that the exchange controls"
    " these accounts, or that what they held is not borrowed, pledged, or gone a block later. Figures are rounded down."
)


def render(predicate: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text of a predicate that has the shape `attesting.statement` gives it. Lines end in a line feed.

    Where the table does not fit into `width` columns, each unit becomes a paragraph.
    """
    finding, run = predicate["finding"], predicate["run"]
    paint = _Paint(colour)
    sections = [
        [paint("title", f"{_plain(finding['exchange'])}, as of {_moment(finding['asOf'])}")],
        list(_reserves(finding["reserves"], width, paint)),
        [f"{_MARGIN}{paint.verdict(finding['verdict'])}: {_OVERALL[finding['verdict']]}"],
        list(_gaps(finding, width, paint)),
        list(_blocks(finding, run, paint)),
        list(_circumstances(finding, run, paint)),
        [line for note in _notes(finding, run) for line in _wrapped(note, width, "- ")],
        _wrapped(_CAVEAT, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


class _Paint:
    """Colours text, or leaves it as it is. Text is brought to its width before it is painted."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour else text

    def verdict(self, cell: str) -> str:
        """A verdict, with blanks around it or without."""
        return self(cell.strip(), cell)


def _reserves(reserves: Sequence[Mapping[str, Any]], width: int, paint: _Paint) -> Iterator[str]:
    columns = {
        "unit": _left([_plain(reserve["unit"]) for reserve in reserves], "unit"),
        "held": _right(_at_the_point([_amount(reserve["held"]) for reserve in reserves]), "held"),
        "owed": _right(
            _at_the_point([_amount(reserve["owed"]) if reserve["owed"] else _UNPUBLISHED for reserve in reserves]),
            "owed",
        ),
        "ratio": _right([_percent(reserve["ratio"]) for reserve in reserves], "ratio"),
        "stated": _left([_stated(reserve) for reserve in reserves], "stated"),
        "verdict": _left([reserve["verdict"] for reserve in reserves], "verdict"),
        "basis": _left([_basis(reserve) for reserve in reserves], "basis"),
        "gaps": _left([_missing(reserve) for reserve in reserves], "gaps"),
    }
    heading, *rows = zip(*columns.values(), strict=True)
    for between in _BETWEEN:
        if len(_MARGIN + between.join(heading)) <= width:
            yield _MARGIN + paint("heading", between.join(heading).rstrip())
            for row in rows:
                cells = [
                    paint.verdict(cell) if name == "verdict" else cell for name, cell in zip(columns, row, strict=True)
                ]
                yield (_MARGIN + between.join(cells)).rstrip()
            return
    for number, row in enumerate(rows):
        if number:
            yield ""
        named = dict(zip(columns, (cell.strip() for cell in row), strict=True))
        yield f"{_MARGIN}{named.pop('unit')}  {paint.verdict(named.pop('verdict'))}"
        for name, cell in named.items():
            yield f"{_MARGIN * 2}{paint('heading', name.ljust(8))}{cell}"


def _gaps(finding: Mapping[str, Any], width: int, paint: _Paint) -> Iterator[str]:
    counts: Mapping[str, int] = finding["gapCounts"]
    if not counts:
        return
    total = sum(counts.values())
    reasons = ", ".join(f"{count:,} {why}" for why, count in sorted(counts.items(), key=lambda pair: -pair[1]))
    yield _MARGIN + paint("heading", f"not established: {total:,} of {_holdings(finding):,} holdings ({reasons})")
    yield from _wrapped("Nothing is counted for them, so what is held, and its ratio, may be higher than shown.", width)
    for gap in finding["gaps"][:SHOWN_GAPS]:
        yield f"{_MARGIN}{_plain(gap['account'])} of {_plain(gap['asset'])}"
        yield from _wrapped(": ".join(filter(None, (gap["why"], _plain(gap["detail"], 500)))), width, _MARGIN)
    if total > SHOWN_GAPS:
        yield f"{_MARGIN}and {total - min(SHOWN_GAPS, len(finding['gaps'])):,} more, all of them in the evidence"


def _blocks(finding: Mapping[str, Any], run: Mapping[str, Any], paint: _Paint) -> Iterator[str]:
    yield _MARGIN + paint("heading", "read at")
    pinned = {snapshot["chain"]: snapshot for snapshot in finding["snapshots"]}
    for chain in sorted(pinned.keys() | run["operators"].keys()):
        asked = ", ".join(map(_plain, run["operators"].get(chain, ()))) or "nobody"
        snapshot = pinned.get(chain)
        if snapshot is None:
            yield f"{_MARGIN}{_plain(chain)}  no block"
        else:
            yield f"{_MARGIN}{_plain(chain)}  block {snapshot['height']:,} of {_moment(snapshot['time'])}"
            yield f"{_MARGIN * 2}{_plain(snapshot['hash'])}"
        yield f"{_MARGIN * 2}asked: {asked}"


def _circumstances(finding: Mapping[str, Any], run: Mapping[str, Any], paint: _Paint) -> Iterator[str]:
    quorum, threshold = finding["policy"]["quorum"], parse_decimal(finding["policy"]["threshold"])
    voices = "1 operator has to answer" if quorum == 1 else f"{quorum} operators have to agree"
    for name, text in {
        "policy": f"{voices}; covered is a ratio of {exact(threshold * 100)}% or more",
        "scanned": f"{_moment(run['scannedAt'])} by reserve-scanner {_plain(run['scanner'])}",
        "claim": finding["claim"],
        "evidence": run["evidence"],
    }.items():
        yield f"{_MARGIN}{paint('heading', name.ljust(10))}{text}"


def _notes(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    if not finding["complete"]:
        yield (
            "The claim lists only a part of what the exchange declares: it can show that a unit is covered, and never"
            " that one is short."
        )
    for reserve in finding["reserves"]:
        if reserve["custody"] != "0":
            yield (
                f"{_amount(reserve['custody'])} {_plain(reserve['unit'])} are said to be held by third parties, without"
                " addresses. They are not counted as held."
            )
    if any(reserve["own"] != "0" for reserve in finding["reserves"]):
        yield "own: fewer operators answered than the policy demands, one of them the auditor's own node."
    for note in run["notes"]:
        yield _plain(note, 500)


def _holdings(finding: Mapping[str, Any]) -> int:
    return sum(reserve["holdings"] for reserve in finding["reserves"])


def _stated(reserve: Mapping[str, Any]) -> str:
    if reserve["statedRatio"] is None:
        return _NOTHING
    agrees = {True: " agrees", False: " differs", None: ""}[reserve["statedAgrees"]]
    return f"{reserve['statedRatio']}{agrees}"


def _basis(reserve: Mapping[str, Any]) -> str:
    return " + ".join(basis for basis in ("proven", "quorum", "own") if reserve[basis] != "0") or _NOTHING


def _missing(reserve: Mapping[str, Any]) -> str:
    return f"{reserve['gaps']:,} of {reserve['holdings']:,}" if reserve["gaps"] else _NOTHING


def _amount(text: str) -> str:
    """An exact amount with separators, cut to as many decimals as matter at its size."""
    whole, _, decimals = text.partition(".")
    places = 4 if len(whole) <= 3 else 2 if len(whole) <= 6 else 0
    cut = decimals[:places].rstrip("0")
    if whole == "0" and decimals and not cut:
        return "<0.0001"
    return f"{int(whole):,}" + (f".{cut}" if cut else "")


def _percent(ratio: str | None) -> str:
    """ "1.030840" as "103.08%": two decimals, cut."""
    if ratio is None:
        return _NOTHING
    whole, _, decimals = ratio.partition(".")
    return f"{int(whole + decimals[:2]):,}.{decimals[2:4]}%"


def _moment(time: str) -> str:
    return f"{time[:10]} {time[11:].removesuffix('Z').removesuffix(':00')} UTC"


def _plain(text: str, longest: int = _LONGEST) -> str:
    """Text from outside: one line, without anything that a terminal would obey, and no longer than it has to be."""
    shown = "".join(character if character.isprintable() else "?" for character in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def _at_the_point(amounts: Sequence[str]) -> list[str]:
    """Amounts padded so that their decimal points stand below each other when they are set to the right."""
    tails = [len(amount.partition(".")[2]) + ("." in amount) for amount in amounts]
    longest = max(tails, default=0)
    return [
        amount + " " * (longest - tail) if amount != _UNPUBLISHED else amount
        for amount, tail in zip(amounts, tails, strict=True)
    ]


def _left(cells: Sequence[str], heading: str) -> list[str]:
    widest = max(map(len, [heading, *cells]))
    return [cell.ljust(widest) for cell in [heading, *cells]]


def _right(cells: Sequence[str], heading: str) -> list[str]:
    widest = max(map(len, [heading, *cells]))
    return [cell.rjust(widest) for cell in [heading, *cells]]


def _wrapped(text: str, width: int, bullet: str = "") -> list[str]:
    indents = (_MARGIN + bullet, _MARGIN + " " * len(bullet))
    return textwrap.wrap(text, min(width, _WIDEST), initial_indent=indents[0], subsequent_indent=indents[1])
