"""A predicate as a table for the terminal, with what it rests on and what it does not show.

A scan that has just ended and an attestation out of a file look the same: the one input is the predicate. Figures are
cut, never rounded up. Nothing here computes a ratio or a verdict, or anything else but the shares of each basis and a
few counts; and nothing here writes to a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanner.chains.proving import has_proofs
from scanner.core.amounts import exact, parse_decimal
from scanner.core.ids import Chain
from scanner.errors import CLAIM_ONLY, FINDING_ONLY
from scanner.report import below
from scanner.report.backing import backing, layouts
from scanner.report.cells import MARGIN, Paint, moment, plain, wrapped
from scanner.report.claimed import coverage, differences, files
from scanner.report.lists import SHOWN, rest
from scanner.report.owed import owed
from scanner.report.reserves import BASES, control, custody, reserves, withheld
from scanner.report.wording import (
    OVERALL,
    REASONS,
    contradictions,
    low_threshold,
    not_covered,
    owed_earlier,
    remarks,
    samples,
    without_proof,
)
from scanner.report.workers import brought, single_voices

_EXPLAINED: Final = FINDING_ONLY | CLAIM_ONLY  # reasons that no node gave
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
    paint = Paint(colour)
    sections = [
        [
            paint("title", f"{plain(finding['exchange'])}, as of {moment(finding['asOf'])}"),
            *(wrapped(sentence, width) if (sentence := owed_earlier(finding)) else ()),
            *(line for each in below.sentences(finding) for line in wrapped(each, width)),
            *(wrapped(sentence, width) if (sentence := low_threshold(finding)) else ()),
        ],
        list(reserves(finding["reserves"], width, paint, complete=finding["complete"])),
        [
            f"{MARGIN}{paint.verdict(finding['verdict'])}: {OVERALL[finding['verdict']]}",
            *_reasons(finding, width),
        ],
        list(withheld(finding["reserves"], width)),
        list(owed(finding["reserves"], width)),
        list(custody(finding["reserves"], width, complete=finding["complete"])),
        list(control(finding["reserves"], width, paint)),
        [line for sentence in contradictions(finding) for line in wrapped(plain(sentence, 2000), width)],
        list(_gaps(finding, width, paint)),
        list(_bounds(finding, width, paint)),
        list(_dissents(finding, width, paint)),
        list(coverage(finding["coverage"], width, paint)),
        list(differences(finding, width, paint)),
        list(files(finding["files"], width, paint)),
        list(_unproven(finding, width, paint)),
        list(_blocks(finding, run, width, paint)),
        list(backing(finding["coverage"], width, paint)),
        list(layouts(finding, width, paint)),
        list(_circumstances(finding, run, width, paint)),
        [line for note in _notes(finding, run) for line in wrapped(note, width, "- ")],
        wrapped(_CAVEAT, width),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _reasons(finding: Mapping[str, Any], width: int) -> Iterator[str]:
    """Why units are not covered, where the table's figures alone do not say."""
    for reserve in finding["reserves"]:
        reason = not_covered(reserve, complete=finding["complete"])
        if reason is not None:
            yield from wrapped(f"{plain(reserve['unit'])}: {reason}", width)


def _gaps(finding: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    counts: Mapping[str, int] = finding["gapCounts"]
    if not counts:
        return
    total = sum(counts.values())
    declared = sum(asset["holdings"] for asset in finding["coverage"])  # of units that are not owed, too, as the gaps
    reasons = ", ".join(f"{count:,} {why}" for why, count in sorted(counts.items(), key=lambda pair: -pair[1]))
    yield MARGIN + paint("heading", f"not established: {total:,} of {declared:,} holdings ({reasons})")
    yield from wrapped("Nothing is counted for them, so what is held, and its ratio, may be higher than shown.", width)
    for why in counts:
        if why in _EXPLAINED:
            yield from wrapped(f"{why}: {REASONS[why]}.", width)
    for gap in finding["gaps"][:SHOWN]:
        yield f"{MARGIN}{plain(gap['account'])} of {plain(gap['asset'])}"
        yield from wrapped(": ".join(filter(None, (gap["why"], plain(gap["detail"], 500)))), width, MARGIN)
    yield from rest(total, finding["gaps"])


def _bounds(finding: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    counts = {reserve["unit"]: reserve["atLeast"] for reserve in finding["reserves"] if reserve["atLeast"]}
    if counts:
        units = ", ".join(f"{count:,} {plain(unit)}" for unit, count in counts.items())
        yield MARGIN + paint("heading", f"lower bounds: {sum(counts.values()):,} holdings ({units})")
        yield from wrapped("Only so much could be read of them: what is held may be more.", width)


def _dissents(finding: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    counts = {reserve["unit"]: reserve["dissents"] for reserve in finding["reserves"] if reserve["dissents"]}
    if not counts:
        return
    total = sum(counts.values())
    units = ", ".join(f"{count:,} {plain(unit)}" for unit, count in counts.items())
    yield MARGIN + paint("heading", f"disputed: {total:,} of {_holdings(finding):,} holdings ({units})")
    yield from wrapped(
        "An operator reported another amount, and was outvoted by a proof or, where the policy allows it, a quorum.",
        width,
    )
    for dissent in finding["dissents"][:SHOWN]:
        yield f"{MARGIN}{plain(dissent['account'])} of {plain(dissent['asset'])}"
        said = ", ".join(f"{plain(operator)} says {plain(atoms, 78)}" for operator, atoms in dissent["said"].items())
        yield from wrapped(f"{plain(dissent['atoms'], 78)} atoms are believed; {said}", width, MARGIN)
    yield from rest(total, finding["dissents"])


def _unproven(finding: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    """What might have been proven and was not."""
    if not any(has_proofs(Chain(*snapshot["chain"].split(":", 1))) for snapshot in finding["snapshots"]):
        return
    reasons, sentences = finding["proving"]["unproven"], list(samples(finding))
    if not reasons and not sentences:
        return
    drawn = (finding["proving"]["sample"] or {"size": 0})["size"]
    yield MARGIN + paint("heading", "proven by a sample" if drawn and not reasons else "not proven")
    for sentence in sentences:
        yield from wrapped(plain(sentence, 500), width)
    for asset, why in reasons.items():
        yield f"{MARGIN}{plain(asset)}"
        yield from wrapped(plain(without_proof(why), 2000), width, MARGIN)


def _blocks(finding: Mapping[str, Any], run: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    if not run["operators"] and not finding["snapshots"]:
        yield f"{MARGIN}nothing was read, since no account is declared"
        return
    yield MARGIN + paint("heading", "read at")
    pinned: dict[str, list[Mapping[str, Any]]] = {chain: [] for chain in run["operators"]}
    for snapshot in finding["snapshots"]:
        pinned.setdefault(snapshot["chain"], []).append(snapshot)
    for chain, snapshots in sorted(pinned.items()):
        asked = ", ".join(map(plain, run["operators"].get(chain, ()))) or "no operator"
        if not snapshots:
            yield f"{MARGIN}{plain(chain)}  no block"
        for snapshot in snapshots[:SHOWN]:
            use = "" if snapshot["weighed"] else ", where amounts are claimed: read to compare them, and not counted"
            yield f"{MARGIN}{plain(chain)}  block {snapshot['height']:,} of {moment(snapshot['time'])}{use}"
            yield f"{MARGIN * 2}{plain(snapshot['hash'])}"
        yield from rest(len(snapshots), snapshots)
        for twice in (each for each in finding["passes"] if each["chain"] == chain):
            yield from wrapped(_read_twice(twice), width, MARGIN)
        yield f"{MARGIN * 2}asked: {asked}"


def _read_twice(twice: Mapping[str, Any]) -> str:
    first, last = twice["earliest"], twice["latest"]
    between = (
        f"block {first['height']:,} of {moment(first['time'])} to block {last['height']:,} of {moment(last['time'])}"
    )
    changed = f"of {twice['balances']:,} balances {twice['moved']:,} changed in between"
    return f"read in two passes, from {between}: {changed}, of which the lower one counts, as a lower bound"


def _circumstances(finding: Mapping[str, Any], run: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    policy = finding["policy"]
    quorum, threshold = policy["quorum"], parse_decimal(policy["threshold"])
    voices = "1 operator has to answer" if quorum == 1 else f"{quorum} operators have to agree"
    ownership, challenge, window = policy["requireOwnership"], finding["challenge"], finding["movements"]
    dissent = {"gap": "and none to disagree", "record": "and one that disagrees is outvoted"}[policy["dissent"]]
    for name, text in {
        "policy": f"{voices}, {dissent}; covered is a ratio of {exact(threshold * 100)}% or more",
        "required": "; ".join(f"{plain(unit)} {_at_least(basis)}" for unit, basis in policy["require"].items()),
        "liabilities": "; ".join(
            f"{plain(unit)} owed at least {word}" for unit, word in policy["requireLiabilities"].items()
        ),
        "accepted": "; ".join(f"{plain(unit)} may be UNKNOWN" for unit in policy["accept"]),
        "control": ownership
        and {"SHOWN": "shown", "REPLAYABLE": "shown or replayable"}[ownership] + ", or it is a gap",
        "vouched": ", ".join(plain(asset, 200) for asset in policy["contracts"]),
        "distinct": ", ".join(" and ".join(plain(asset, 200) for asset in pair) for pair in policy["distinct"]),
        "speaks of": finding["shareOfAllOwed"]
        and f"{finding['shareOfAllOwed']} of all that is owed to customers, as the exchange states it",
        "challenge": challenge and plain(challenge),
        "movements": window and f"asked for from {moment(window['issued'])} to {moment(window['deadline'])}",
        "scanned": f"{moment(run['scannedAt'])} by reserve-scanner {plain(run['scanner'])}{brought(run)}",
        "claim": finding["claim"],
        "evidence": run["evidence"],
        "witness": run["witness"],
    }.items():
        if text:
            # Digests are left whole, so that they can be copied.
            first, *more = wrapped(text, width - 10) if " " in text else [MARGIN + text]
            yield MARGIN + paint("heading", name.ljust(10)) + first.removeprefix(MARGIN)
            yield from (" " * 10 + line for line in more)


def _at_least(basis: str) -> str:
    """The bases on which a balance counts: "QUORUM" as "proven or quorum"."""
    return " or ".join(BASES[: BASES.index(basis.lower()) + 1])


def _notes(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Iterator[str]:
    yield from remarks(finding)
    for text in single_voices(finding, run):
        yield plain(text, 2000)
    for note in run["notes"]:
        yield plain(note, 500)


def _holdings(finding: Mapping[str, Any]) -> int:
    return sum(reserve["holdings"] for reserve in finding["reserves"])
