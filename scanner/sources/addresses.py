"""The claim's file (`config/addresses.yaml`) to a Claim: every name checked, every mistake reported, with its line.

`load_claim` is the way in. The file's form is described for its writers in docs/claim.md. What things are called is
read by `assets`, holdings by `holdings` and `files`; everything else is read here. Nothing here asks a node: that an
asset's contract exists, or that its decimals are as the claim says, is for `scanner check` to find out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from scanner.chains.facts_revision import REVISION
from scanner.chains.names import parse_chain
from scanner.core.ids import Chain, IdError
from scanner.core.paths import AnyPath
from scanner.sources import claim_shape
from scanner.sources.assets import read_assets, read_labels, read_name
from scanner.sources.claim_shape import HIGHEST, LONGEST_CHALLENGE, VERSION
from scanner.sources.counting import CountedHoldings
from scanner.sources.cursor import Cursor, Fields
from scanner.sources.files import FilesReader
from scanner.sources.holdings import SHA256, read_holdings
from scanner.sources.liabilities import JudgedProof, read_liabilities
from scanner.sources.line_ends import other_digests
from scanner.sources.published.rows import LISTED
from scanner.sources.read_file import ReadFile
from scanner.sources.stated_liabilities import read_percent
from scanner.sources.yaml_document import Notes, parse, read_bytes
from scanner.weighing.claim import (
    MOST_LISTED,
    Claim,
    Custody,
    MovementWindow,
    PublishedReport,
    StatedRatio,
    has_room,
)
from scanner.weighing.holdings import Holding

_URL = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
_BY_HAND: Final = "the claim itself"  # what accounts of rows call it


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A claim, and everything that is to be reported of the files it refers to."""

    claim: Claim
    files: tuple[ReadFile, ...] = ()
    proofs: tuple[JudgedProof, ...] = ()  # of what is owed

    @property
    def losses(self) -> dict[str, list[str]]:
        """By file: why what it declares is not all in the claim, which then is not complete."""
        losses = {file.name: file.losses(self.claim.liabilities) for file in self.files}
        return {name: reasons for name, reasons in losses.items() if reasons}


def load_claim(path: AnyPath, *, revision: int = REVISION) -> Claim:
    """The claim in the file at `path`, with its labels and networks as a revision of the tables has them: that of the
    statement which judges it (`stated_revision`), where there is one. Raises InputError with all mistakes that could be
    found in it."""
    path = Path(path)
    return read_claim(path, read_bytes(path), revision=revision).claim


def read_report(path: Path, data: bytes) -> PublishedReport:
    """Of a claim only where it was taken from. Raises InputError with all mistakes in that part of it."""
    notes = Notes(str(path))
    fields = Cursor(parse(data, notes), "claim", notes).fields(*claim_shape.CLAIM.keys)
    report = _report(fields["report"])
    if notes:
        raise notes.error()
    return report


def read_claim(
    path: Path,
    data: bytes,
    *,
    to_come: Callable[[datetime], str | None] | None = None,
    listed: int = LISTED,
    revision: int = REVISION,
) -> ReadClaim:
    """The claim that `data` holds, which stands at `path` or is to stand there. Raises InputError as `load_claim`.

    `to_come` says why a moment cannot be judged yet, if it cannot; without it any moment will do. `listed`: so many
    refused rows of its files are kept with their places, and of each file LISTED at least. `revision`: of the tables.
    """
    notes = Notes(str(path))
    root = Cursor(parse(data, notes), "claim", notes)
    if not root.is_mapping:
        root.refuse("expected a mapping; of a file as an exchange published it, scanner import makes a claim")
        raise notes.error()
    fields = root.fields(*claim_shape.CLAIM.keys)
    version = fields["version"].whole(0, 10**9)
    if version is not None and version != VERSION:
        fields["version"].refuse(f"expected {VERSION}, not {version}; this scanner knows no other form of a claim")
        raise notes.error()

    assets = read_assets(fields["assets"], revision)
    read_labels(fields["labels"], assets)
    exchange, as_of = fields["exchange"].text(), fields["as_of"].moment()
    if as_of is not None and to_come is not None and (why := to_come(as_of)):
        fields["as_of"].refuse(why)
    challenge = fields["challenge"].text(LONGEST_CHALLENGE)
    complete = fields["complete"].flag()
    of_all_owed = _of_all_owed(fields["share_of_all_owed"])
    report = _report(fields["report"])
    declared = read_holdings(fields["holdings"], assets.by_label)
    movements = _movements(fields, root, declared.holdings.values())
    if "assets" not in fields and not declared.files and declared.all_read:
        root.refuse("assets missing")
        assets.all_read = False

    counted = CountedHoldings(challenge)
    for holding in declared.holdings.values():
        counted.of(holding.asset).append(_BY_HAND, holding)
    files = FilesReader(path.parent, assets, counted, listed)
    for reference in declared.files:
        files.take(reference)
    assets.all_read &= declared.all_read and files.all_read

    owed = read_liabilities(fields["liabilities"], path.parent, assets.backed)
    liabilities = owed.by_unit
    assets.refuse_idle(liabilities)
    snapshots = _snapshots(fields["snapshots"], assets.chains)
    in_files = counted.custody()
    custody = _custody(fields["custody"], liabilities, in_files)
    if notes or exchange is None or as_of is None:
        raise notes.error()
    digest = hashlib.sha256(data).hexdigest()
    claim = Claim(
        exchange=exchange,
        as_of=as_of,
        assets=assets.by_id,
        liabilities={liability.unit: liability for liability in liabilities.values() if liability},
        holdings=counted.holdings(),
        digest=digest,
        snapshots=snapshots,
        custody=(*custody, *in_files.values()),
        report=report,
        complete=complete is not False,
        share_of_all_owed=of_all_owed,
        files=tuple(file.claimed(liabilities) for file in files.files),
        challenge=challenge,
        movements=movements,
        heights=counted.heights(),
        other_line_ends=other_digests([data], digest),
        revision=revision,
    )
    counts = {
        "blocks": len(claim.by_place()) + len(claim.compared_elsewhere()),
        "assets": len(claim.assets),
        "liabilities": len(claim.liabilities),
    }
    for what, count in counts.items():
        if count > MOST_LISTED:
            root.refuse(f"names {count:,} {what}, and a statement has room for {MOST_LISTED:,}")
    if not has_room(blocks=counts["blocks"], assets=counts["assets"], units=counts["liabilities"]):
        sizes = ", ".join(f"{count:,} {what}" for what, count in counts.items())
        root.refuse(f"names {sizes}: more than a statement has room for together")
    if notes:
        raise notes.error()
    read = ReadClaim(claim, tuple(files.files), tuple(owed.proofs))
    return replace(read, claim=replace(claim, complete=False)) if read.losses else read


def _of_all_owed(place: Cursor) -> StatedRatio | None:
    """A part of what is owed to customers, which is no more than all of it."""
    share = None if place.null else read_percent(place)
    if share is not None and share.value > 1:
        place.refuse(f"{share.text} is more than all that is owed; expected at most 100%")
    return share


def _movements(claim: Fields, root: Cursor, declared: Iterable[Holding]) -> MovementWindow | None:
    """From when to when accounts were to move what they were instructed to."""
    place = claim["movements"]
    if "movements" not in claim:
        if any(each.ownership is not None and each.ownership.moved is not None for each in declared):
            root.refuse("movements missing: when the challenge was issued, and by when accounts had to move an amount")
        return None
    if "challenge" not in claim:
        place.refuse("challenge missing, from which the amounts follow that accounts are instructed to move")
    fields = place.fields(*claim_shape.WINDOW.keys)
    issued, deadline = fields["issued"].moment(), fields["deadline"].moment()
    if issued is None or deadline is None:
        return None
    if deadline <= issued:
        fields["deadline"].refuse("expected a time after that at which the challenge was issued")
    return MovementWindow(issued, deadline)


def _report(place: Cursor) -> PublishedReport:
    fields = place.fields(*claim_shape.REPORT.keys)
    return PublishedReport(
        title=_unless_null(fields, "title") or "",
        published=("" if fields["published"].null else fields["published"].day()) or "",
        url=_matching(fields, "url", _URL, "a URL that starts with https://"),
        sha256=_matching(fields, "sha256", SHA256, "64 hex digits in lower case"),
    )


def _snapshots(place: Cursor, chains: set[Chain] | None) -> dict[Chain, int]:
    heights: dict[Chain, int] = {}
    named = [str(chain) for chain in chains or ()]
    for key, value in place.entries():
        height = value.whole(0, HIGHEST)
        text = key.text()
        if text is None:
            continue
        try:
            chain = parse_chain(text)
        except IdError as error:
            key.refuse(str(error))
            continue
        if chains is not None and chain not in chains:
            key.refuse(f"no asset is of the chain {chain}{key.nearest(str(chain), named)}")
        if height is not None:
            heights[chain] = height
    return heights


def _custody(place: Cursor, units: Collection[str], in_files: Collection[tuple[str, str]]) -> tuple[Custody, ...]:
    held: dict[tuple[str, str], Custody] = {}
    for item in place.items():
        fields = item.fields(*claim_shape.CUSTODY.keys)
        unit, amount = read_name(fields["unit"]), fields["amount"].decimal()
        custodian = _unless_null(fields, "custodian") or ""
        if unit is not None and unit not in units:
            fields["unit"].refuse(f"{unit} is no liability{item.nearest(unit, units)}")
        if unit is None or amount is None:
            continue
        if (unit, custodian) in held:
            item.refuse(f"{unit} held by {custodian or 'a custodian without a name'} stands twice; give the sum once")
        if (unit, custodian) in in_files:
            item.refuse(f"{unit} held by {custodian!a} stands in a file of this claim; leave it out here")
        held[unit, custodian] = Custody(unit, amount, custodian)
    return tuple(held.values())


def _unless_null(fields: Fields, name: str) -> str | None:
    return None if fields[name].null else fields[name].text()


def _matching(fields: Fields, name: str, pattern: re.Pattern[str], expected: str) -> str:
    text = None if fields[name].null else fields[name].text(2000)
    if text is None:
        return ""
    if not pattern.fullmatch(text):
        fields[name].refuse(f"expected {expected}, not {fields[name].notes.shown(text)}")
    return text
