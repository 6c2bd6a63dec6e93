"""`scanner import`: a claim that refers to a published file by its sha256, and the account of the file's rows.

What is owed stands in no such file: it comes from what was published of it (`import_owed`), or is left for the user to
fill in. No row is copied. What is written is read as
every claim is before it is put in place, so that it loads, and tells of the file as `scanner check` will.
"""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from scanner.cli import alphabets, import_amounts, import_owed, moment_points, row_account
from scanner.cli.check_result import CheckResult
from scanner.cli.files import written_together
from scanner.cli.import_facts import Facts, facts
from scanner.cli.targets import is_stream, target
from scanner.core.amounts import exact
from scanner.errors import InputError, Mistake
from scanner.report.cells import Paint
from scanner.sources.addresses import ReadClaim, read_claim
from scanner.sources.assets import unknown_asset
from scanner.sources.published import AcceptedTotal, Kind, Listed, PublishedFile, RowAccount, read_published
from scanner.weighing.claim import Claim

_SHOWN_LABELS: Final = 1000  # in the written claim
_ANY_MOMENT: Final = datetime(2009, 1, 3, tzinfo=UTC)
_LONGEST_LABEL: Final = 40  # as a claim's `labels` take it

_HEAD: Final = """\
# Written by `scanner import`. The rows stay in the file, which must go wherever this claim goes.
version: 1
exchange: {exchange}
as_of: {as_of}{remark}
{report}\
# If the exchange states how much of all that it owes to customers, by value, this claim speaks of, say it here:
#share_of_all_owed: 16.5%
# What is owed, unit by unit: an amount in whole coins, in quotes. null means that it was not published, and gives the
# verdict UNKNOWN. A unit that you leave out is not judged.
liabilities:
"""


def write_claim(arguments: Namespace) -> ReadClaim:
    """Writes the claim; what it says, and the account of its file. Raises InputError, and then writes nothing."""
    path, out = arguments.file, arguments.out
    _refuse_overwriting(path, out, force=arguments.force)
    name = _name_beside(path, out)
    published = read_published(path, arguments.layout)
    proofs = import_owed.named_files(arguments)
    for each in [*proofs, *([arguments.liabilities] if arguments.liabilities else [])]:
        _refuse_overwriting(each, out, force=arguments.force)
    mistakes: list[Mistake] = []
    said = facts(arguments, published, mistakes)
    units, vague = _units(published)
    stated = import_amounts.stated(arguments, units, vague, mistakes)
    if said is None or mistakes:
        raise InputError(mistakes)
    proof = import_owed.judged(arguments, [_name_beside(each, out) for each in proofs])
    owed = [*import_amounts.source(arguments), *import_owed.lines(units or vague, proof, stated)]
    data = _text(published, name, owed, said, layout=arguments.layout).encode()
    read = read_claim(out, data)
    _refuse_overwriting(path, out, force=arguments.force)  # reading may have taken a while
    with written_together(out.parent) as create:
        create(out.name).write(data)
    return read


def provisional_claim(path: Path, layout: str) -> Claim:
    """What would be the claim of a published file, of whichever exchange and moment. Raises InputError."""
    published = read_published(path, layout)
    beside = path.parent / "claim.yaml"  # which need not be there: files stand in a claim by their names from it
    units, vague = _units(published)
    owed = list(import_owed.lines(units or vague, None, {}))
    text = _text(published, _name_beside(path, beside), owed, Facts("X", _ANY_MOMENT), layout=layout)
    return read_claim(beside, text.encode()).claim


def lines(out: Path, read: ReadClaim, width: int, paint: Paint) -> Iterator[str]:
    """What was written, and the account of the file's rows, for people."""
    for file in read.files:
        yield from row_account.lines(file, width, paint)
    for chain, count in row_account.unserved(read.claim).items():
        gaps = "one holding is a gap" if count == 1 else f"{count:,} holdings are gaps"
        yield f"{chain}: no kind of node can be asked, so its {gaps}, UNSUPPORTED"
    yield from row_account.incomplete(read.losses)
    for point in _noted(read):
        yield f"{point.about}: {point.what}"
    for proof in read.proofs:
        yield from import_owed.described(proof, read.claim.liabilities)
    units = ", ".join(unit for unit, liability in read.claim.liabilities.items() if liability.owed is None)
    yield f"wrote {row_account.visible(str(out))}" + (f"; fill in what is owed of {units}" if units else "")


def as_json(out: Path, read: ReadClaim) -> dict[str, Any]:
    """The same for machines."""
    return {
        "wrote": row_account.visible(str(out)),
        "claim": f"sha256:{read.claim.digest}",
        "exchange": read.claim.exchange,
        "asOf": read.claim.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "units": list(read.claim.liabilities),
        "complete": read.claim.complete,
        "incomplete": read.losses,
        "holdings": len(read.claim.holdings),
        "noBackend": {str(chain): count for chain, count in row_account.unserved(read.claim).items()},
        "files": [row_account.as_json(file) for file in read.files],
        "notes": [f"{point.about}: {point.what}" for point in _noted(read)],
    }


def _noted(read: ReadClaim) -> Iterator[CheckResult]:
    yield from alphabets.points(read.claim.exchange)
    yield from moment_points.of_dates(read)
    yield from moment_points.of_heights(read)


def _refuse_overwriting(path: Path, out: Path, *, force: bool) -> None:
    if not os.path.lexists(out):
        return
    if out.is_dir():
        raise InputError.at(str(out), "is a folder; name the file to write with --out")
    if not force:
        raise InputError.at(str(out), "is there already; --force overwrites it")
    if path.exists() and out.exists() and out.samefile(path):
        raise InputError.at(str(out), "is the file to import; name another")
    if is_stream(out):
        raise InputError.at(str(out), "is no file; name one, since a claim lies beside its files")
    target(out)


def _name_beside(path: Path, out: Path) -> str:
    """The file's name from the claim's folder, since a claim names no file elsewhere."""
    absolute, folder = (Path(os.path.abspath(each)) for each in (path, out.parent))  # noqa: PTH100 - resolve() follows links
    if not absolute.is_relative_to(folder):
        raise InputError.at(str(path), f"is not in the folder of {out} or below; a claim and its files go together")
    name = absolute.relative_to(folder).as_posix()
    if not name.isprintable() or name != name.strip() or len(name) > 200:
        raise InputError.at(ascii(str(path)), "its name cannot stand in a claim; rename it")
    return name


def _units(published: PublishedFile) -> tuple[set[str], set[str]]:
    """What the file's assets back; and what those would be units of whose labels no table knows."""
    units = {asset.backs for asset in published.assets.values()}
    if any(kind is Kind.STAKING for _, kind in published.account.totals):
        units.add("ETH")
    return units, {unknown_asset(listed).backs for listed in _vague(published.account)}


def _text(published: PublishedFile, name: str, owed: Sequence[str], said: Facts, *, layout: str) -> str:
    """The claim, of these `owed` entries."""
    remark = f"  # {said.remark}" if said.remark else ""
    as_of = said.as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
    head = _HEAD.format(exchange=_quoted(said.exchange), as_of=as_of, remark=remark, report=_report(said))
    reference = f"{{file: {_quoted(name)}, layout: {layout}, sha256: {_quoted(published.sha256)}}}"
    blanks = _blanks(_vague(published.account))
    return head + "\n".join([*owed, "holdings:", f"  - {reference}", *blanks]) + "\n"


def _report(said: Facts) -> str:
    return f"report: {{url: {_quoted(said.report_url)}}}  # where the claim was taken from\n" if said.report_url else ""


def _vague(account: RowAccount) -> dict[Listed, AcceptedTotal]:
    """The labels that no table knows, each once however it is capitalised, and what their rows come to."""
    totals: dict[tuple[str, str], tuple[Listed, AcceptedTotal]] = {}
    for (listed, kind), total in account.totals.items():
        if listed.known is None and kind is not Kind.STAKING:
            spelled = listed.label.upper(), listed.network.upper()
            first, so_far = totals.setdefault(spelled, (listed, AcceptedTotal()))
            added = AcceptedTotal(
                so_far.rows + total.rows, so_far.unstated + total.unstated, so_far.claimed + total.claimed
            )
            totals[spelled] = first, added
    return dict(totals.values())


def _blanks(vague: Mapping[Listed, AcceptedTotal]) -> Iterator[str]:
    """What the user may fill in of these labels, as comments. They may be any text, so they are escaped."""
    if not vague:
        return
    yield "# What these labels mean is not known. Their rows are gaps that may back any unit, so none can be SHORT."
    yield "# If you know, fill in id (CAIP-19), backs (the unit) and decimals, and take the # away, labels: first."
    yield "#labels:"
    for listed, total in islice(vague.items(), _SHOWN_LABELS):
        # A label that is a CAIP name is found by its id, and a missing one by its chain: any name will do there.
        label = json.dumps((listed.label or f"coin of {listed.network}")[-_LONGEST_LABEL:])
        network = f"network: {json.dumps(listed.network)}, " if listed.network else ""
        asset = str(listed.asset) if listed.mapped else ""
        blanks = f'{{label: {label}, {network}id: "{asset}", backs: "", decimals: 0}}'
        yield f"#  - {blanks}  # {total.rows} rows, {exact(total.claimed)} claimed"
    if len(vague) > _SHOWN_LABELS:
        yield f"# and {len(vague) - _SHOWN_LABELS} more"


def _quoted(text: str) -> str:
    """Printable text as YAML in double quotes: JSON's strings are that."""
    return json.dumps(text, ensure_ascii=False)
