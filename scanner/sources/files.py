"""The files a claim refers to: each checked against its sha256, its rows made into holdings, and all of them reported.

A file is the one that the claim means, or nothing of it is read. Its rows are counted beside what the claim lists by
hand, each holding once. Not here: how a layout is read (`published`), and what its rows become (`file_rows`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scanner.errors import InputError
from scanner.sources.assets import Assets
from scanner.sources.counting import CountedHoldings
from scanner.sources.file_rows import FileRows
from scanner.sources.holdings import FileReference
from scanner.sources.line_ends import explained
from scanner.sources.published import (
    Label,
    PublishedFile,
    read_published,
)
from scanner.sources.published.archive import fingerprint
from scanner.sources.published.labels import labels_of
from scanner.sources.published.rows import LISTED
from scanner.sources.read_file import ReadFile

MAX_ROWS: Final = 10_000_000  # accepted ones of all files together, which are kept in memory; Binance has 4.2 million


class FilesReader:
    """Reads the files of one claim, in the order in which the claim refers to them."""

    def __init__(self, folder: Path, assets: Assets, counted: CountedHoldings, listed: int = LISTED) -> None:
        """`listed`: so many refused rows of all files together are kept with their places, and of each at least LISTED,
        if it has so many."""
        self.files: list[ReadFile] = []
        self.all_read = True
        self._folder = folder
        self._assets = assets
        self._counted = counted
        self._to_list = listed
        self._rows = 0
        self._taken = 0
        by_hand = {label: asset for label, asset in assets.by_label.items() if asset is not None}
        self._labels: list[Label] = [*labels_of(by_hand), *assets.labels]

    def take(self, reference: FileReference) -> None:
        """Reads one file. What is wrong with the file as a whole is noted as a mistake of the claim."""
        place = reference.place
        try:
            published = self._open(reference)
        except InputError as error:
            for mistake in error.mistakes:
                place.refuse(str(mistake))
            published = None
        if published is None:
            self.all_read = False
            return
        self._rows += published.account.accepted
        if self._rows > MAX_ROWS:
            place.refuse(f"the claim's files have more than {MAX_ROWS} rows")
            self.all_read = False
            return
        self._taken += 1
        try:
            reading = FileRows(reference, self._taken, published, self._assets, self._counted)
            account = reading.account()
        except InputError as error:  # the file was changed while it was read
            place.refuse(str(error))
            self.all_read = False
            return
        self._to_list -= len(account.listed) + len(account.unread_cells)
        self.files.append(
            ReadFile(
                name=reference.name,
                sha256=reference.sha256,
                layouts=tuple(dict.fromkeys(part.layout for part in published.parts)),
                days=tuple(sorted({part.day for part in published.parts if part.day is not None})),
                account=account,
                not_understood=published.not_understood,
                stated=published.stated,
                misfits=published.misfits,
                flaws=published.flaws,
                texts_passed_over=len(published.passed_over),
                assets=reading.assets,
                heights=reading.heights(),
                vague=reading.vague,
            )
        )

    def _open(self, reference: FileReference) -> PublishedFile | None:
        """The file, if it is the one that is meant; what another one holds is not looked at. Raises InputError."""
        path = self._folder / reference.name
        try:
            regular = path.is_file()
        except OSError:  # a folder that may not be looked into, or a name too long for any
            regular = False
        if not regular:
            reference.place.refuse(f"{reference.name} is no file in the claim's folder")
            return None
        found = fingerprint(path).sha256
        if found == reference.sha256:
            most = max(LISTED, self._to_list)
            published = read_published(
                path,
                reference.layout,
                self._labels,
                gather=True,
                most_listed=most,
                revision=self._assets.revision,
            )
            found = published.sha256
            if found == reference.sha256:
                return published
        changed = explained(path, reference.sha256, found)
        reference.place.refuse(f"{reference.name} has the sha256 {found}, not {reference.sha256}{changed}")
        return None
