"""What Binance's and Gate's zkmerkle releases publish for everybody: the table of batches, the totals, the keys.

The totals are proven only where every batch's proof holds by a key that is known, and then under one assumption: the
exchange made the keys itself, and destroyed the secrets of their making.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scanner.proofs.liabilities.gnark_groth16 import MOST_KEY_BYTES, VerifyingKey, read_key
from scanner.proofs.liabilities.interface import (
    MOST_FILES,
    File,
    Misstated,
    NotUnderstood,
    Published,
    Refuted,
    Shows,
    TooLarge,
    Total,
)
from scanner.proofs.liabilities.reading import whole
from scanner.proofs.liabilities.remarks import KEYS, LISTED_NAMES, MADE_UP_DEBTORS, NO_KEY, SETUP, UNKNOWN_KEY
from scanner.proofs.liabilities.units import Decimals
from scanner.proofs.liabilities.zkmerkle import CircuitLayout
from scanner.proofs.liabilities.zkmerkle_chain import BatchChain, check_batches, check_chain
from scanner.proofs.liabilities.zkmerkle_files import (
    MOST_CONFIGURATION_BYTES,
    AssetTotals,
    Configuration,
    configuration,
)
from scanner.proofs.liabilities.zkmerkle_table import batches


@dataclass(slots=True)
class Files:
    """The published files by what they are."""

    table: File | None = None
    configuration: File | None = None
    keys: list[File] = field(default_factory=list)
    users: list[File] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Book:
    """The chain that was checked, if there is one, and the totals that it ends with."""

    chain: BatchChain | None
    assets: Mapping[int, AssetTotals]
    layout: CircuitLayout | None
    shows: Shows
    remarks: tuple[str, ...]


def by_kind(published: Sequence[File]) -> Files:
    """The files, known by what is in them."""
    if len(published) > MOST_FILES:
        raise TooLarge("the proof", f"{len(published):,} files", MOST_FILES)
    files = Files()
    for file in published:
        kind = file.name.rpartition(".")[2].lower()
        if kind == "vk":
            files.keys.append(file)
        elif kind == "csv":
            if files.table is not None:
                raise NotUnderstood(f"{file.name}: there is another table of batches")
            files.table = file
        elif b'"CexAssetsInfo"' in whole(file, MOST_CONFIGURATION_BYTES):
            if files.configuration is not None:
                raise NotUnderstood(f"{file.name}: there is another configuration")
            files.configuration = file
        else:
            files.users.append(file)
    return files


def check_book(published: Published, files: Files, layouts: Sequence[CircuitLayout], *, net: bool) -> Book:
    """What the files for everybody come to: nothing where there are none. Raises Refuted and NotUnderstood."""
    if files.table is None or files.configuration is None:
        if files.table or files.configuration or files.keys:
            raise NotUnderstood("of the table of batches and the verifier's configuration one is missing")
        return Book(None, {}, None, Shows.STATED, ())
    settings = configuration(whole(files.configuration, MOST_CONFIGURATION_BYTES), files.configuration.name)
    keys, remarks = _keys(files.keys, settings, published.options.get("vk_sha256"))
    links = check_batches(batches(files.table), keys, published.each)
    refuted: Refuted | None = None
    strange: NotUnderstood | None = None
    for layout in layouts:
        try:
            chain = check_chain(links, settings.assets, layout)
        except NotUnderstood as error:
            strange = error
        except Refuted as error:
            refuted = refuted or error
        else:
            shows = Shows.STATED if remarks else Shows.TOTAL_PROVEN
            remarks += [LISTED_NAMES, *([MADE_UP_DEBTORS] if net else [])]
            assets = {each.index: each for each in settings.assets}
            return Book(chain, assets, layout, shows, tuple(remarks))
    raise refuted or strange or NotUnderstood("no layout is known")


def _keys(
    files: Sequence[File], settings: Configuration, known: str | None
) -> tuple[dict[int | None, VerifyingKey], list[str]]:
    """The keys by tier, and why what is checked by them proves nothing, if that is so."""
    if not files:
        return {}, [NO_KEY]
    by_name = {file.name.rpartition("/")[2]: read_key(whole(file, MOST_KEY_BYTES), file.name) for file in files}
    if len(by_name) != len(files):
        raise NotUnderstood("two verifying keys have one name")
    if any(key.inputs != 1 for key in by_name.values()):
        raise Refuted("a verifying key is of a circuit with other than one public input")
    tiers = settings.keys or {None: next(iter(by_name))}
    if set(tiers.values()) != set(by_name):
        raise NotUnderstood(
            f"the verifying keys are not those that the configuration names: {', '.join(tiers.values())}"
        )
    digests = set(re.split(r"\s*,\s*", known.strip().lower())) if known else set()
    if not all(re.fullmatch("[0-9a-f]{64}", each) for each in digests):
        raise Misstated("options.vk_sha256", "expected SHA-256 digests in hex, with commas between them")
    if digests and any(key.digest.hex() not in digests for key in by_name.values()):
        raise Refuted("a verifying key is none of those that are known by their SHA-256")
    return {tier: by_name[name] for tier, name in tiers.items()}, [] if digests else [UNKNOWN_KEY]


def totals_of(book: Book, decimals: Decimals, shows: Shows, *, net: bool) -> dict[str, Total]:
    """By symbol in upper case. Raises Refuted for a symbol that is there twice."""
    totals: dict[str, Total] = {}
    for asset in book.assets.values():
        symbol = asset.symbol.upper()
        if symbol == "RESERVED":
            if asset.equity or asset.debt:
                raise Refuted(f"asset {asset.index} is called {asset.symbol} and is not empty")
            continue
        if symbol in totals:
            raise Refuted(f"{symbol} is among the published totals twice")
        owed = asset.equity - (asset.debt if net else 0)
        totals[symbol] = decimals.total(symbol, owed, shows, (KEYS, SETUP) if shows is Shows.TOTAL_PROVEN else ())
    return totals
