"""What Binance's and Gate's zkmerkle releases show: customers' proofs, the chain of batches, and the batches' proofs.

Files, told apart by what is in them: the table of batches (proof.csv), the verifier's configuration with the totals,
verifying keys (*.vk), and customers' proofs. Options: `layout`, a release by name; `decimals`; `owed`, which is "net"
(what customers have less what they owe, as these exchanges count) or "equity"; `vk_sha256`, the keys that are known:
SHA-256 of each file, with commas between them.

The totals are proven only where every batch's proof holds by a key that is known, and then under one assumption: the
exchange made the keys itself, and destroyed the secrets of their making.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.gnark_groth16 import MOST_KEY_BYTES, Key, read_key
from scanner.proofs.liabilities.interface import (
    MOST_FILES,
    File,
    Inclusion,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    Shown,
    Shows,
    Total,
)
from scanner.proofs.liabilities.reading import whole
from scanner.proofs.liabilities.remarks import (
    FILE_ROOT,
    LISTED_NAMES,
    MADE_UP_DEBTORS,
    NO_CUSTOMER,
    NO_KEY,
    SETUP,
    UNKNOWN_KEY,
    UNRELEASED,
)
from scanner.proofs.liabilities.units import Decimals, compare, only_options, read_decimals
from scanner.proofs.liabilities.zkmerkle import DEBT, EQUITY, Layout, Record, find_layout, leaf
from scanner.proofs.liabilities.zkmerkle_chain import Chain, check_batches, check_chain
from scanner.proofs.liabilities.zkmerkle_files import (
    MOST_CONFIGURATION_BYTES,
    Asset,
    Configuration,
    UserNames,
    configuration,
    record,
)
from scanner.proofs.liabilities.zkmerkle_table import batches

_OPTIONS: Final = ("layout", "decimals", "owed", "vk_sha256")


@dataclass(slots=True)
class _Files:
    table: File | None = None
    configuration: File | None = None
    keys: list[File] = field(default_factory=list)
    users: list[File] = field(default_factory=list)


@dataclass(slots=True)
class _Customers:
    """What was shown of accounts: each leaf by its place, and what they have and owe together, by asset."""

    leaves: dict[int, int] = field(default_factory=dict)
    sums: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, customer: Record, layout: Layout, name: str) -> None:
        found = leaf(customer, layout)
        if customer.index in self.leaves:
            if self.leaves[customer.index] != found:
                raise Refuted(f"{name}: another file shows another record in the same place")
            return
        self.leaves[customer.index] = found
        for holding in customer.holdings:
            equity, debt = self.sums.get(holding.index, (0, 0))
            self.sums[holding.index] = (equity + holding.amounts[EQUITY], debt + holding.amounts[DEBT])


@dataclass(frozen=True, slots=True)
class _Book:
    """The chain that was checked, if there is one."""

    chain: Chain | None
    assets: Mapping[int, Asset]
    layout: Layout | None
    shows: Shows
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZkMerkle:
    """One exchange's scheme."""

    layouts: tuple[Layout, ...]  # the newest first
    names: UserNames
    decimals: Decimals

    def judge(self, published: Published) -> Shown:
        """See the module."""
        shown, _ = self._judge(published, None)
        return shown

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """A customer's proof, against the root that was published, or that the chain of batches comes to."""
        decimals = self._options(published)
        customer = record(whole(user_file), user_file.name, self.names)
        assets: Mapping[int, Asset] = {}
        totals: Mapping[str, Fraction] = {}
        shows, root = Shows.INCLUDED, published.root
        if published.files:
            shown, book = self._judge(published, (customer, user_file.name))
            shows, assets, root = max(book.shows, shows, key=lambda each: each.strength), book.assets, shown.root
            totals = {symbol: total.amount for symbol, total in shown.totals.items()}
        layout = find_layout(customer, self._layouts(published), root)
        amounts = {}
        for holding in customer.holdings:
            owed = holding.amounts[EQUITY] - (holding.amounts[DEBT] if _is_net(published) else 0)
            if asset := assets.get(holding.index):
                amounts[asset.symbol.upper()] = decimals.amount(asset.symbol, owed)
            else:  # the file names no coin, so nobody knows how many digits stand after the point
                amounts[f"asset {holding.index}, in its smallest unit"] = Fraction(owed)
        return Inclusion(
            root=customer.root,
            account=f"{customer.account:064x}",
            amounts=amounts,
            shows=shows,
            published=root is not None,
            remarks=(*([] if layout.released else [UNRELEASED]), *([] if root is not None else [FILE_ROOT])),
            totals=totals,
        )

    def _options(self, published: Published) -> Decimals:
        only_options(published, *_OPTIONS)
        if published.options.get("owed", "net") not in {"net", "equity"}:
            raise NotUnderstood("option owed: expected net or equity")
        return read_decimals(published.options, self.decimals)

    def _layouts(self, published: Published) -> Sequence[Layout]:
        wanted = published.options.get("layout")
        found = [each for each in self.layouts if wanted in {None, each.name}]
        if not found:
            known = ", ".join(each.name for each in self.layouts)
            raise NotUnderstood(f"option layout: {str(wanted)[:40]!a} is none of {known}")
        return found

    def _judge(self, published: Published, asked: tuple[Record, str] | None) -> tuple[Shown, _Book]:
        decimals = self._options(published)
        files = _told_apart(published.files)
        book = self._check_book(published, files)
        root = book.chain.root if book.chain else published.root
        layouts = [book.layout] if book.layout else self._layouts(published)
        customers = _Customers()
        for customer, name in self._customers(files.users, asked):
            try:
                layout = find_layout(customer, layouts, root)
            except OtherRoot:
                raise
            except Refuted as error:
                raise Refuted(f"{name}: {error}") from None
            layouts, root = [layout], customer.root
            _check_values(customer, book.assets, name)
            customers.add(customer, layout, name)
        if root is None:
            raise NotUnderstood("there is neither a table of batches with its configuration nor a customer's proof")
        _check_sums(customers, book.assets)
        shows = max(book.shows, Shows.INCLUDED if customers.leaves else Shows.STATED, key=lambda each: each.strength)
        remarks = [*book.remarks]
        if not customers.leaves:
            remarks.append(NO_CUSTOMER)
        elif book.chain is None and published.root is None:
            remarks.append(FILE_ROOT)
        if not layouts[0].released:
            remarks.append(UNRELEASED)
        totals = _totals(book.assets.values(), decimals, shows, net=_is_net(published))
        compare(published, root, totals)
        entries = len(customers.leaves)
        if book.shows is Shows.TOTAL_PROVEN and book.chain:
            entries = book.chain.accounts or book.chain.batches
        return Shown(root, totals, entries, tuple(remarks)), book

    def _customers(self, files: Sequence[File], asked: tuple[Record, str] | None) -> Iterator[tuple[Record, str]]:
        for file in files:
            yield record(whole(file), file.name, self.names), file.name
        if asked is not None:
            yield asked

    def _check_book(self, published: Published, files: _Files) -> _Book:
        if files.table is None or files.configuration is None:
            if files.table or files.configuration or files.keys:
                raise NotUnderstood("of the table of batches and the verifier's configuration one is missing")
            return _Book(None, {}, None, Shows.STATED, ())
        settings = configuration(whole(files.configuration, MOST_CONFIGURATION_BYTES), files.configuration.name)
        keys, remarks = _keys(files.keys, settings, published.options.get("vk_sha256"))
        links = check_batches(batches(files.table), keys, published.each)
        refuted: Refuted | None = None
        strange: NotUnderstood | None = None
        for layout in self._layouts(published):
            try:
                chain = check_chain(links, settings.assets, layout)
            except NotUnderstood as error:
                strange = error
            except Refuted as error:
                refuted = refuted or error
            else:
                shows = Shows.STATED if remarks else Shows.TOTAL_PROVEN
                remarks += [LISTED_NAMES, *([MADE_UP_DEBTORS] if _is_net(published) else [])]
                assets = {each.index: each for each in settings.assets}
                return _Book(chain, assets, layout, shows, tuple(remarks))
        raise refuted or strange or NotUnderstood("no layout is known")


def _is_net(published: Published) -> bool:
    return published.options.get("owed", "net") == "net"


def _told_apart(published: Sequence[File]) -> _Files:
    if len(published) > MOST_FILES:
        raise Refuted(f"{len(published):,} files, of which there can be {MOST_FILES:,}")
    files = _Files()
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


def _keys(files: Sequence[File], settings: Configuration, known: str | None) -> tuple[dict[int | None, Key], list[str]]:
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
        raise NotUnderstood("option vk_sha256: expected SHA-256 digests in hex, with commas between them")
    if digests and any(key.digest.hex() not in digests for key in by_name.values()):
        raise Refuted("a verifying key is none of those that are known by their SHA-256")
    return {tier: by_name[name] for tier, name in tiers.items()}, [] if digests else [UNKNOWN_KEY]


def _check_values(customer: Record, assets: Mapping[int, Asset], name: str) -> None:
    """What a customer has and owes in all, at the published prices."""
    if not assets:
        return
    if any(holding.index not in assets for holding in customer.holdings):
        raise Refuted(f"{name}: an asset that is not among the published totals")
    for place, stated in ((EQUITY, customer.equity), (DEBT, customer.debt)):
        value = sum(holding.amounts[place] * assets[holding.index].price for holding in customer.holdings)
        if value != stated:
            raise Refuted(f"{name}: at the published prices the customer's amounts come to {value}, not to {stated}")


def _check_sums(customers: _Customers, assets: Mapping[int, Asset]) -> None:
    for index, (equity, debt) in customers.sums.items():
        asset = assets.get(index)
        if asset is not None and (equity > asset.equity or debt > asset.debt):
            raise Refuted(f"the customers shown have or owe more {asset.symbol} than the published totals")


def _totals(assets: Iterable[Asset], decimals: Decimals, shows: Shows, *, net: bool) -> dict[str, Total]:
    totals: dict[str, Total] = {}
    for asset in assets:
        symbol = asset.symbol.upper()
        if symbol == "RESERVED":
            if asset.equity or asset.debt:
                raise Refuted(f"asset {asset.index} is called {asset.symbol} and is not empty")
            continue
        if symbol in totals:
            raise Refuted(f"{symbol} stands twice among the published totals")
        owed = asset.equity - (asset.debt if net else 0)
        totals[symbol] = Total(decimals.amount(symbol, owed), shows, (SETUP,) if shows is Shows.TOTAL_PROVEN else ())
    return totals
