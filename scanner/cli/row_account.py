"""What became of a file's rows, as lines for people and as JSON for machines: read = accepted + refused.

`scanner import` and `scanner check` tell of files in these words. No row is counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.chains.backends import unread_because
from scanner.core.amounts import exact
from scanner.core.ids import Chain
from scanner.report.cells import NOTHING, Paint, at_the_point, grid, left, right
from scanner.sources.published import AcceptedTotal, Kind, Listed, RefusedRow, RowPlace, UnreadKind
from scanner.sources.read_file import ReadFile
from scanner.weighing.claim import Claim

_SHOWN_ROWS: Final = 3  # refused ones, for each reason
_SHOWN_NOTES: Final = 5
_SHOWN_REASONS: Final = 50
_UNREAD: Final = {
    UnreadKind.AMOUNT: "{} amounts could not be read, and count as not stated:",
    UnreadKind.HEIGHT: "{} heights could not be read, and count as not stated:",
    UnreadKind.TEXT: "{} lines hold bytes that are no UTF-8:",
}
_KINDS: Final = {Kind.PLAIN: "", Kind.STAKING: "validators", Kind.CUSTODY: "in custody"}


def lines(file: ReadFile, width: int, paint: Paint) -> Iterator[str]:
    """One file: the count, the refused rows by reason with the first of them, totals by label and network."""
    account = file.account
    refused = account.read - account.accepted
    yield paint("title", visible(file.name))
    yield f"  sha256:{file.sha256}, read as {' and '.join(file.layouts)}"
    yield f"  rows: {account.read:,} read = {account.accepted:,} accepted + {refused:,} refused"
    for reason, count in account.refused.items():
        yield f"    {count:,} {reason}"
        rows = [row for row in account.listed if row.reason is reason][:_SHOWN_ROWS]
        yield from (f"      {row.place}: {visible(row.detail)}" for row in rows)
        if len(rows) < count:
            yield f"      and {count - len(rows):,} more"
    for what, count in account.unread.items():
        yield f"  {_UNREAD[what].format(f'{count:,}')}"
        cells = [cell for cell in account.unread_cells if cell.what is what][:_SHOWN_ROWS]
        yield from (f"      {cell.place}: {visible(cell.detail)}" for cell in cells)
        if len(cells) < count:
            yield f"      and {count - len(cells):,} more"
    yield from _table(file, width, paint)
    yield from (f"  {note}" for note in file.not_understood[:_SHOWN_NOTES])
    if len(file.not_understood) > _SHOWN_NOTES:
        yield f"  and {len(file.not_understood) - _SHOWN_NOTES:,} more that were not understood"


def as_json(file: ReadFile) -> dict[str, Any]:
    """The same. Amounts are decimal strings in whole coins."""
    account = file.account
    return {
        "file": visible(file.name),
        "sha256": file.sha256,
        "layouts": list(file.layouts),
        "read": account.read,
        "accepted": account.accepted,
        "refused": {str(reason): count for reason, count in account.refused.items()},
        "refusedRows": [_refused(row) for row in account.listed],
        "unread": {str(what): count for what, count in account.unread.items()},
        "unreadCells": [
            {**_place(cell.place), "what": str(cell.what), "detail": visible(cell.detail)}
            for cell in account.unread_cells
        ],
        "totals": [
            {
                "label": visible(listed.label),
                "network": visible(listed.network),
                "asset": _asset(file, (listed, kind)),
                "unit": file.assets[listed, kind].backs if (listed, kind) in file.assets else None,
                "mapped": listed not in file.vague,
                "kind": str(kind),
                "rows": total.rows,
                "unstated": total.unstated,
                "claimed": exact(total.claimed),
            }
            for (listed, kind), total in account.totals.items()
        ],
        "notUnderstood": list(file.not_understood),
    }


def incomplete(losses: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Why a claim is not complete, though it says so itself."""
    for name, reasons in losses.items():
        yield f"{visible(name)}: no unit can be SHORT, since not all that the file declares is in the claim:"
        yield from (f"  {reason}" for reason in reasons[:_SHOWN_REASONS])
        if len(reasons) > _SHOWN_REASONS:
            yield f"  and {len(reasons) - _SHOWN_REASONS:,} more"


def unserved(claim: Claim) -> dict[Chain, int]:
    """Chains of which no kind of node can be asked, with the number of holdings that are gaps for it."""
    counts = Counter[Chain]()
    for asset, count in claim.holdings.counts().items():
        counts[asset.chain] += count
    return {chain: count for chain, count in sorted(counts.items()) if unread_because(chain) is not None}


def visible(text: str) -> str:
    """Text of a file as it may be printed: as it is, or escaped where it holds what no terminal should be given."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]


def _refused(row: RefusedRow) -> dict[str, Any]:
    return {
        **_place(row.place),
        "reason": str(row.reason),
        "detail": visible(row.detail),
    }


def _place(place: RowPlace) -> dict[str, Any]:
    return {"text": visible(place.member), "line": place.line}


def _asset(file: ReadFile, key: tuple[Listed, Kind]) -> str | None:
    asset = file.assets.get(key)
    return None if asset is None else str(asset.id)


def _unit(file: ReadFile, key: tuple[Listed, Kind]) -> str:
    """What the rows back, with a question mark where nothing says it and their label is taken for the unit's name."""
    return f"{file.assets[key].backs}{'?' if key[0] in file.vague else ''}"


def _table(file: ReadFile, width: int, paint: Paint) -> Iterator[str]:
    """Totals by label, network and kind, in columns."""
    totals = [(listed, kind, total) for (listed, kind), total in file.account.totals.items() if total.rows]
    if not totals:
        return
    names = [(visible(listed.label) or NOTHING, visible(listed.network) or NOTHING) for listed, _, _ in totals]
    amounts = [NOTHING if total.rows == total.unstated else exact(total.claimed) for _, _, total in totals]
    columns = {
        "label": left([label for label, _ in names], "label"),
        "network": left([network for _, network in names], "network"),
        "backs": left([_unit(file, (listed, kind)) for listed, kind, _ in totals], "backs"),
        "rows": right([f"{total.rows:,}" for _, _, total in totals], "rows"),
        "claimed": right(at_the_point(amounts), "claimed"),
    }
    remarks = [_remark(kind, total) for _, kind, total in totals]
    if any(remarks):
        columns["remark"] = left(remarks, "remark")
    yield from grid(columns, width, paint)


def _remark(kind: Kind, total: AcceptedTotal) -> str:
    return ", ".join(filter(None, (_KINDS[kind], f"{total.unstated:,} without amount" if total.unstated else "")))
