"""A published file as a whole: its texts recognised, all rows accounted for, then streamed.

`read_published` is the way in, and says how it is used. The file is read twice: once to account for every row and to
find those that repeat another, once to give them out, so that what is given out is final. No more than a few megabytes
of it are held at a time.
"""

from __future__ import annotations

import difflib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from scanner.chains.facts_revision import REVISION
from scanner.core.ids import AssetId
from scanner.errors import InputError
from scanner.sources.published import document, table, table_rows
from scanner.sources.published.archive import Archive, Fingerprint, fingerprint, open_archive, shown
from scanner.sources.published.gathered import Gathered
from scanner.sources.published.labels import Label, LabelTable
from scanner.sources.published.layout import Layout
from scanner.sources.published.layouts import AUTO, is_layout, layout_names, layouts_of
from scanner.sources.published.lines import read_blocks
from scanner.sources.published.meanings import Meanings, Numbers
from scanner.sources.published.recognise import recognise
from scanner.sources.published.recurring import AccountHashes, show_recurring
from scanner.sources.published.repeats import Repeat, Repeats, Seen
from scanner.sources.published.row import Kind, Listed, PublishedRow
from scanner.sources.published.row_sums import RowSums, in_atoms, merged
from scanner.sources.published.rows import LISTED, AcceptedTotal, RefusedRow, RowAccount, RowPlace, RowRefusal, RowTally
from scanner.sources.published.stated import Scope, StatedFigure, Sum, misfits
from scanner.sources.published.stretches import Row, Stretch
from scanner.weighing.claim import Asset, Misfit

_NONE: Final = 1 << 64  # no row's number


class PublishedFile:
    """A published file whose rows are all accounted for. Iterating gives the accepted ones, as often as wanted."""

    def __init__(
        self, path: Path, layouts: Sequence[Layout], labels: LabelTable, *, named: bool, gather: bool, most_listed: int
    ) -> None:
        self.path, self.most_listed = path, most_listed
        self._labels = labels
        self._seen: Fingerprint = fingerprint(path)
        with open_archive(path, self._seen) as archive:
            self.parts, self.passed_over = recognise(archive, layouts, named=named)
            self.gathered = Gathered() if gather else None  # None, too, where it has not all rows
            self._survey(archive)

    @property
    def sha256(self) -> str:
        """Of the file as it is on the disk, in hex."""
        return self._seen.sha256

    @property
    def assets(self) -> Mapping[AssetId, Asset]:
        """Unit and decimals of the assets that accepted rows are of, as far as a table names them."""
        return {listed.asset: listed.known for listed, _ in self.account.totals if listed.known}

    @property
    def not_understood(self) -> tuple[str, ...]:
        """What the file holds beside its rows and was not read. For people."""
        remarks = [f"{shown(member)} {what}" for member, what in self.passed_over.items()]
        for part in self.parts:
            if isinstance(part.form, table.Table):
                of = f"{shown(part.member)}: " if part.member else ""
                remarks += [f"{of}column {shown(name)} is not read" for name in part.form.columns.others]
                remarks += [f"{of}line {line}, before the header, is not understood" for line in part.form.passed_over]
        return tuple(remarks)

    @property
    def flaws(self) -> tuple[str, ...]:
        """Why the file may not be whole, though its rows could be read. For people."""
        flaws = []
        for part in self.parts:
            if isinstance(part.form, table.Table):
                of = f"{shown(part.member)}: " if part.member else ""
                flaws += [f"{of}line {line}: {why}" for line, why in part.form.unclear.items()]
        return (*flaws, *self._unread_totals)

    def __iter__(self) -> Iterator[PublishedRow]:
        """Raises InputError if the file is no longer what it was."""
        for each in self.in_stretches():
            if isinstance(each, Stretch):
                yield from (row for _, row in each.one_by_one())
            else:
                yield each

    def in_stretches(self) -> Iterator[PublishedRow | Stretch]:
        """The same rows in the same order, most of them in columns. Raises InputError as they do."""
        tally = RowTally()
        dropped, doubted, count = iter(self._dropped), iter(self._doubted), 0
        drop, doubt = next(dropped, _NONE), next(doubted, _NONE)
        with open_archive(self.path, self._seen) as archive:
            for _, rows in self._texts(archive, tally, Numbers(), proofs=True):
                for each in rows:
                    if isinstance(each, Stretch) and count + each.count <= min(drop, doubt):
                        yield each
                        count += each.count
                        continue
                    for _, row in each.one_by_one() if isinstance(each, Stretch) else (each,):
                        if count == drop:
                            drop = next(dropped, _NONE)
                        elif count == doubt:
                            doubt = next(doubted, _NONE)
                            yield row._replace(coefficient=None)
                        else:
                            yield row
                        count += 1
        if (tally.read, count) != (self.account.read, self.account.accepted + len(self._dropped)):
            raise self._changed()

    def _survey(self, archive: Archive) -> None:
        """Reads all rows once: `account`, and what of them is not to be given out."""
        tally, numbers = RowTally(self.most_listed), Numbers()
        sums, counts = RowSums(), [(0, 0)]  # of each text: rows read and accepted so far
        stated, accounts, gathered, count = list[list[StatedFigure]](), AccountHashes(), self.gathered, 0
        for member, rows in self._texts(archive, tally, numbers, proofs=gathered is not None):
            sums.start()
            for each in rows:
                if isinstance(each, Stretch):
                    for group in each.groups:
                        accounts.add_all(group.meaning.asset, group.accounts)
                        sums.add_all(group)
                        if gathered is not None:
                            gathered.add_all(group)
                    count += each.count
                    continue
                meaning, row = each
                if row.account:
                    accounts.add(meaning.asset, row.account)
                sums.add(meaning.label, row)
                if gathered is not None:
                    gathered.add(meaning.label, row)
                count += 1
            counts.append((tally.read, count))
            stated.append([*self.parts[member].form.stated, *tally.stated])
            sums.set_aside(tally.set_aside)
        listeds = list(numbers.labels)
        totals = sums.totals(listeds)
        with Repeats(str(self.path)) as repeats:
            if recurring := accounts.recurring():
                again = self._texts(archive, RowTally(), Numbers(), proofs=False)
                if show_recurring(again, recurring, repeats) != count:
                    raise self._changed()
            self._settle(repeats, listeds, totals, tally)
        if self._dropped or (gathered is not None and not gathered.whole):
            self.gathered = None
        self.account = RowAccount(
            read=tally.read,
            accepted=count - len(self._dropped),
            refused=dict(sorted(tally.refused.items())),
            listed=tuple(tally.listed),
            totals=totals,
            unread=dict(sorted(tally.unread.items())),
            unread_cells=tuple(tally.unread_cells),
        )
        self.stated = sum(map(len, stated))
        self._unread_totals = [
            f"{shown(part.member) + ': ' if part.member else ''}line {each.line}: a total of the rows, {each.unread}"
            for part, of_text in zip(self.parts, stated, strict=True)
            for each in of_text
            if each.unread
        ]
        self.misfits = self._misfits(stated, sums, listeds, counts)
        if not self.account.accepted:
            reasons = ", ".join(f"{number} {reason}" for reason, number in self.account.refused.items())
            raise InputError.at(str(self.path), f"no row is accepted ({reasons or 'there is none'})")

    def _misfits(
        self,
        stated: Sequence[Sequence[StatedFigure]],
        sums: RowSums,
        listeds: Sequence[Listed],
        counts: Sequence[tuple[int, int]],
    ) -> tuple[Misfit, ...]:
        """What the file says of its rows as a whole, and neither those of the text nor all of them come to."""
        if not any(stated):
            return ()
        by_text = sums.by_text(listeds)
        whole = merged(by_text)
        once = merged(  # with every row that repeats another left out
            {listed: Sum(total.rows, total.unstated, total.claimed, in_atoms(total.claimed, listed))}
            for (listed, _), total in self.account.totals.items()
        )
        rough = {listed: Sum(rough=each.rough) for listed, each in whole.items()}
        of_file = Scope(whole, counts[-1]), Scope(merged((once, rough)), (self.account.read, self.account.accepted))
        labels = {each.label for of_text in stated for each in of_text}
        own, known = self._labels.own_assets(labels), self._labels.known(labels)
        found: list[Misfit] = []
        for index, part in enumerate(self.parts):
            of_text, aside = by_text[index], sums.aside(index)
            read, accepted = (late - early for early, late in zip(counts[index], counts[index + 1], strict=True))
            scopes = [Scope(merged((of_text, aside)), ()), Scope(of_text, (read, accepted)), *of_file]
            found += misfits(part.member, stated[index], scopes, own, known)
        return tuple(found)

    def _settle(
        self, repeats: Repeats, listeds: list[Listed], totals: dict[tuple[Listed, Kind], AcceptedTotal], tally: RowTally
    ) -> None:
        """Takes repeated rows out of the account again."""
        dropped, doubted = array("Q"), dict[int, Seen]()
        listed: list[Repeat] = []
        for repeat in repeats.found():
            first, later = repeat.first, repeat.later
            dropped.append(later.ordinal)
            tally.refused[repeat.reason] += 1
            _take(totals[listeds[later.label], later.kind], later.claimed, row=True)
            if repeat.reason is RowRefusal.CONFLICT and first.claimed is not None:
                doubted[first.ordinal] = first
            listed.append(repeat)
            if len(listed) >= 2 * self.most_listed:
                listed = _first(listed, self.most_listed)
        for first in doubted.values():
            _take(totals[listeds[first.label], first.kind], first.claimed, row=False)
        for repeat in _first(listed, self.most_listed):
            earlier = f"stands already at {self._place(repeat.first)}"
            tally.tell(RefusedRow(self._place(repeat.later), repeat.reason, earlier))
        self._dropped = array("Q", sorted(dropped))
        self._doubted = array("Q", sorted(doubted))

    def _changed(self) -> InputError:
        return InputError.at(str(self.path), "has changed while it was read")

    def _place(self, seen: Seen) -> RowPlace:
        return RowPlace(self.parts[seen.member].member, seen.line)

    def _texts(
        self, archive: Archive, tally: RowTally, numbers: Numbers, *, proofs: bool
    ) -> Iterator[tuple[int, Iterable[Row | Stretch]]]:
        """By the number of its part, all rows of a text that are accepted on their own, with what their labels mean.

        The rows of one text are to be taken before the next text is.
        """
        for index, part in enumerate(self.parts):
            tally.member, tally.where = part.member, archive.where(part.member)
            tally.stated.clear()
            tally.set_aside.clear()
            pieces = archive.pieces(part.member)
            if isinstance(part.form, table.Table):
                caip, heights = part.form.layout.caip, part.form.heights
                meanings = Meanings(self._labels, numbers, tally.where, caip=caip, heights=heights)
                blocks = read_blocks(pieces, tally.where)
                yield index, table_rows.read_rows(blocks, part.form, meanings, tally, proofs=proofs)
            else:
                meanings = Meanings(self._labels, numbers, tally.where, heights={})
                yield index, document.read_rows(pieces, part.form, meanings, tally)


def read_published(
    path: Path,
    layout: str = AUTO,
    extra_labels: Iterable[Label] = (),
    *,
    gather: bool = False,
    most_listed: int = LISTED,
    revision: int = REVISION,
) -> PublishedFile:
    """The published file at `path`: CSV or YAML, plain, in gzip, or in a ZIP that may hold several.

    `layout` is one of `layout_names`: `auto` for that which fits. `extra_labels` come before the table of `labels`,
    which is that of a `revision` of the tables.
    With `gather`, rows are kept as columns where that is possible (`Published.gathered`). `most_listed` refused rows
    are kept with their places.

        for row in read_published(Path("okx_por.zip")):
            ...                       # PublishedRow, in the file's order

    Raises InputError for a file that cannot be read, that no layout fits, or of which no row is accepted.
    """
    if not is_layout(layout):
        names = layout_names()
        near = difflib.get_close_matches(layout[:64], names, n=1)
        meant = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(names)}"
        raise InputError.at(str(path), f"no layout is called {layout!a}{meant}")
    how = {"named": layout != AUTO, "gather": gather}
    return PublishedFile(path, layouts_of(layout), LabelTable(extra_labels, revision), most_listed=most_listed, **how)


def _first(repeats: list[Repeat], most: int) -> list[Repeat]:
    """Those that stand first in the file, as many as are listed."""
    return sorted(repeats, key=lambda repeat: repeat.later.ordinal)[:most]


def _take(total: AcceptedTotal, claimed: Fraction | None, *, row: bool) -> None:
    """Takes an amount out of a total; with `row`, the row itself too, else it stays as one without an amount."""
    total.claimed -= claimed or 0
    if row:
        total.rows -= 1
        total.unstated -= claimed is None
    else:
        total.unstated += 1
