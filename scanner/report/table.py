"""A predicate as a table for the terminal, with what it rests on and what it does not show.

A scan that has just ended and an attestation out of a file look the same: the one input is the predicate. Figures are
cut, never rounded up. Nothing here computes a ratio or a verdict, or anything else but the shares of each basis and a
few counts; and nothing here writes to a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.report.cells import (
    MARGIN,
    NOTHING,
    UNPUBLISHED,
    amount,
    at_the_point,
    left,
    moment,
    percent,
    plain,
    right,
    wrapped,
)

SHOWN: Final = 5  # gaps, and dissents

_BETWEEN = ("   ", "  ")  # two columns; the narrower where the wider does not fit

_BASES: Final = ("proven", "quorum", "own")  # strongest first

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
        [paint("title", f"{plain(finding['exchange'])}, as of {moment(finding['asOf'])}")],
        list(_reserves(finding["reserves"], width, paint)),
        [f"{MARGIN}{paint.verdict(finding['verdict'])}: {_OVERALL[finding['verdict']]}"],
        list(_gaps(finding, width, paint)),
        list(_dissents(finding, width, paint)),
        list(_unproven(finding, width, paint)),
        list(_blocks(finding, run, paint)),
        list(_circumstances(finding, run, paint)),
        [line for note in _notes(finding, run) for line in wrapped(note, width, "- ")],
        wrapped(_CAVEAT, width),
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
        "unit": left([plain(reserve["unit"]) for reserve in reserves], "unit"),
        "held": right(at_the_point([amount(reserve["held"]) for reserve in reserves]), "held"),
        "owed": right(
            at_the_point([amount(reserve["owed"]) if reserve["owed"] else UNPUBLISHED for reserve in reserves]),
            "owed",
        ),
        "ratio": right([percent(reserve["ratio"]) for reserve in reserves], "ratio"),
        "stated": left([_stated(reserve) for reserve in reserves], "stated"),
        "verdict": left([reserve["verdict"] for reserve in reserves], "verdict"),
        "basis": left([_basis(reserve) for reserve in reserves], "basis"),
        "gaps": left([_missing(reserve) for reserve in reserves], "gaps"),
    }
    heading, *rows = zip(*columns.values(), strict=True)
    for between in _BETWEEN:
        if len(MARGIN + between.join(heading)) <= width:
            yield MARGIN + paint("heading", between.join(heading).rstrip())
            for row in rows:
                cells = [
                    paint.verdict(cell) if name == "verdict" else cell for name, cell in zip(columns, row, strict=True)
                ]
                yield (MARGIN + between.join(cells)).rstrip()
            return
    for number, row in enumerate(rows):
        if number:
            yield ""
        named = dict(zip(columns, (cell.strip() for cell in row), strict=True))
        yield f"{MARGIN}{named.pop('unit')}  {paint.verdict(named.pop('verdict'))}"
        for name, cell in named.items():
            yield f"{MARGIN * 2}{paint('heading', name.ljust(8))}{cell}"


def _gaps(finding: Mapping[str, Any], width: int, paint: _Paint) -> Iterator[str]:
    counts: Mapping[str, int] = finding["gapCounts"]
    if not counts:
        return
    total = sum(counts.values())
    reasons = ", ".join(f"{count:,} {why}" for why, count in sorted(counts.items(), key=lambda pair: -pair[1]))
    yield MARGIN + paint("heading", f"not established: {total:,} of {_holdings(finding):,} holdings ({reasons})")
    yield from wrapped("Nothing is counted for them, so what is held, and its ratio, may be higher than shown.", width)
    if "WEAK_BASIS" in counts:
        yield from wrapped(
            "WEAK_BASIS: it was read, but on a weaker basis than the policy requires to count it.", width
        )
    for gap in finding["gaps"][:SHOWN]:
        yield f"{MARGIN}{plain(gap['account'])} of {plain(gap['asset'])}"
        yield from wrapped(": ".join(filter(None, (gap["why"], plain(gap["detail"], 500)))), width, MARGIN)
    yield from _rest(total, finding["gaps"])


def _dissents(finding: Mapping[str, Any], width: int, paint: _Paint) -> Iterator[str]:
    counts = {reserve["unit"]: reserve["dissents"] for reserve in finding["reserves"] if reserve["dissents"]}
    if not counts:
        return
    total = sum(counts.values())
    units = ", ".join(f"{count:,} {plain(unit)}" for unit, count in counts.items())
    yield MARGIN + paint("heading", f"disputed: {total:,} of {_holdings(finding):,} holdings ({units})")
    yield from wrapped(
        "An operator said otherwise, and was outvoted by a proof or, as the policy has it, a quorum.", width
    )
    for dissent in finding["dissents"][:SHOWN]:
        yield f"{MARGIN}{plain(dissent['account'])} of {plain(dissent['asset'])}"
        said = ", ".join(f"{plain(operator)} says {plain(atoms, 78)}" for operator, atoms in dissent["said"].items())
        yield from wrapped(f"{plain(dissent['atoms'], 78)} atoms are believed; {said}", width, MARGIN)
    yield from _rest(total, finding["dissents"])


def _rest(total: int, listed: Sequence[object]) -> Iterator[str]:
    shown = min(SHOWN, len(listed))
    if total > shown:
        yield f"{MARGIN}and {total - shown:,} more, all of them in the evidence"


def _unproven(finding: Mapping[str, Any], width: int, paint: _Paint) -> Iterator[str]:
    """What might have been proven and was not."""
    if not any(snapshot["chain"].startswith("eip155:") for snapshot in finding["snapshots"]):
        return
    reasons, sample = finding["proving"]["unproven"], finding["proving"]["sample"]
    if not reasons and sample is None:
        return
    yield MARGIN + paint("heading", "not proven")
    if sample == 0:
        yield from wrapped("No balance was to be proven, on any chain.", width)
    elif sample is not None:
        yield from wrapped(
            f"Of each chain with state proofs, {sample:,} holdings were to be proven, drawn by the block's hash.", width
        )
    for asset, why in reasons.items():
        yield f"{MARGIN}{plain(asset)}"
        yield from wrapped(plain(why, 500), width, MARGIN)


def _blocks(finding: Mapping[str, Any], run: Mapping[str, Any], paint: _Paint) -> Iterator[str]:
    yield MARGIN + paint("heading", "read at")
    pinned = {snapshot["chain"]: snapshot for snapshot in finding["snapshots"]}
    for chain in sorted(pinned.keys() | run["operators"].keys()):
        asked = ", ".join(map(plain, run["operators"].get(chain, ()))) or "nobody"
        snapshot = pinned.get(chain)
        if snapshot is None:
            yield f"{MARGIN}{plain(chain)}  no block"
        else:
            yield f"{MARGIN}{plain(chain)}  block {snapshot['height']:,} of {moment(snapshot['time'])}"
            yield f"{MARGIN * 2}{plain(snapshot['hash'])}"
        yield f"{MARGIN * 2}asked: {asked}"


def _circumstances(finding: Mapping[str, Any], run: Mapping[str, Any], paint: _Paint) -> Iterator[str]:
    policy = finding["policy"]
    quorum, threshold = policy["quorum"], parse_decimal(policy["threshold"])
    voices = "1 operator has to answer" if quorum == 1 else f"{quorum} operators have to agree"
    dissent = {"gap": "and none to disagree", "record": "and who disagrees is outvoted"}[policy["dissent"]]
    for name, text in {
        "policy": f"{voices}, {dissent}; covered is a ratio of {exact(threshold * 100)}% or more",
        "required": "; ".join(f"{plain(unit)} {_at_least(basis)}" for unit, basis in policy["require"].items()),
        "scanned": f"{moment(run['scannedAt'])} by reserve-scanner {plain(run['scanner'])}",
        "claim": finding["claim"],
        "evidence": run["evidence"],
        "witness": run["witness"],
    }.items():
        if text:
            yield f"{MARGIN}{paint('heading', name.ljust(10))}{text}"


def _at_least(basis: str) -> str:
    """The bases on which a balance counts: "QUORUM" as "proven or quorum"."""
    return " or ".join(_BASES[: _BASES.index(basis.lower()) + 1])


def _notes(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    if not finding["complete"]:
        yield (
            "The claim lists only a part of what the exchange declares: it can show that a unit is covered, and never"
            " that one is short."
        )
    for reserve in finding["reserves"]:
        if reserve["custody"] != "0":
            yield (
                f"{amount(reserve['custody'])} {plain(reserve['unit'])} are said to be held by third parties, without"
                " addresses. They are not counted as held."
            )
    if any(reserve["proven"] != "0" for reserve in finding["reserves"]):
        yield (
            "proven: shown by the block's state root, whoever said so. What it rests on is that the block is the"
            " chain's, and for tokens that the contract keeps balances where the finding says."
        )
    if any(reserve["own"] != "0" for reserve in finding["reserves"]):
        yield "own: fewer operators answered than the policy demands, one of them the auditor's own node."
    for note in run["notes"]:
        yield plain(note, 500)


def _holdings(finding: Mapping[str, Any]) -> int:
    return sum(reserve["holdings"] for reserve in finding["reserves"])


def _stated(reserve: Mapping[str, Any]) -> str:
    if reserve["statedRatio"] is None:
        return NOTHING
    agrees = {True: " agrees", False: " differs", None: ""}[reserve["statedAgrees"]]
    return f"{reserve['statedRatio']}{agrees}"


def _basis(reserve: Mapping[str, Any]) -> str:
    """On what the held amount is believed, and to which parts where there are several."""
    parts = {basis: parse_decimal(reserve[basis]) for basis in _BASES if reserve[basis] != "0"}
    if len(parts) < 2:
        return "".join(parts) or NOTHING
    held = sum(parts.values())
    return ", ".join(f"{basis} {part * 100 // held or '<1'}%" for basis, part in parts.items())


def _missing(reserve: Mapping[str, Any]) -> str:
    return f"{reserve['gaps']:,} of {reserve['holdings']:,}" if reserve["gaps"] else NOTHING
