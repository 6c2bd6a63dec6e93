"""What Binance's and Gate's zkmerkle releases show: customers' proofs, the chain of batches, and the batches' proofs.

Files, known by what is in them: the table of batches (proof.csv), the verifier's configuration with the totals,
verifying keys (*.vk), and customers' proofs. Options: `layout`, a release by name; `decimals`; `owed`, which is "net"
(what customers have less what they owe, as these exchanges count) or "equity"; `vk_sha256`, the keys that are known:
SHA-256 of each file, with commas between them.

What the files for everybody show is `zkmerkle_book`'s part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Final

from scanner.proofs.liabilities.interface import (
    Each,
    File,
    Inclusion,
    Misstated,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
)
from scanner.proofs.liabilities.reading import whole
from scanner.proofs.liabilities.remarks import (
    FILE_ROOT,
    NO_CUSTOMER,
    UNRELEASED,
)
from scanner.proofs.liabilities.units import Decimals, check_stated, compare, decimals_remarks, read_decimals
from scanner.proofs.liabilities.zkmerkle import DEBT, EQUITY, CircuitLayout, CustomerRecord, find_layout, leaf
from scanner.proofs.liabilities.zkmerkle_book import Book, by_kind, check_book, totals_of
from scanner.proofs.liabilities.zkmerkle_files import (
    AssetTotals,
    UserNames,
    record,
)

DIGITS: Final = (2, 8)
"""What these exchanges count in: hundredths of cheap coins, and hundred millionths of all others."""
_OPTIONS: Final = ("layout", "decimals", "owed", "vk_sha256")


@dataclass(frozen=True, slots=True)
class _Found:
    """A customer's record that leads to its root by a layout."""

    name: str  # of the file
    record: CustomerRecord  # without its path
    layout: CircuitLayout
    leaf: int


@dataclass(slots=True)
class _Customers:
    """What was shown of accounts: each leaf by its place, and what they have and owe together, by asset."""

    leaves: dict[int, int] = field(default_factory=dict)
    sums: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, found: _Found) -> None:
        customer = found.record
        if customer.index in self.leaves:
            if self.leaves[customer.index] != found.leaf:
                raise Refuted(f"{found.name}: another file shows another record in the same place")
            return
        self.leaves[customer.index] = found.leaf
        for holding in customer.holdings:
            equity, debt = self.sums.get(holding.index, (0, 0))
            self.sums[holding.index] = (equity + holding.amounts[EQUITY], debt + holding.amounts[DEBT])


@dataclass(frozen=True, slots=True)
class ZkMerkle:
    """One exchange's scheme."""

    layouts: tuple[CircuitLayout, ...]  # the newest first
    names: UserNames
    decimals: Decimals

    def judge(self, published: Published) -> ShownTotals:
        """See the module."""
        shown, _ = self._judge(published, None)
        return shown

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """A customer's proof, against the root that was published, or that the chain of batches comes to."""
        decimals = self._options(published)
        customer = record(whole(user_file), user_file.name, self.names)
        assets: Mapping[int, AssetTotals] = {}
        totals: Mapping[str, Fraction] = {}
        shows, root, known = Shows.INCLUDED, published.root, published.root is not None
        if published.files:
            shown, book = self._judge(published, (customer, user_file.name))
            shows, assets, root = max(book.shows, shows, key=lambda each: each.strength), book.assets, shown.root
            known = known or book.chain is not None
            totals = {symbol: total.amount for symbol, total in shown.totals.items()}
        layout = find_layout(customer, self._layouts(published), root)
        amounts = {}
        for holding in customer.holdings:
            owed = holding.amounts[EQUITY] - (holding.amounts[DEBT] if _is_net(published) else 0)
            if asset := assets.get(holding.index):
                amounts[asset.symbol.upper()] = decimals.amount(asset.symbol, owed)
            else:  # the file names no coin, so how many digits stand after the point is not known
                amounts[f"asset {holding.index}, in its smallest unit"] = Fraction(owed)
        return Inclusion(
            root=customer.root,
            account=f"{customer.account:064x}",
            amounts=amounts,
            shows=shows,
            published=known,
            remarks=(*([] if layout.released else [UNRELEASED]), *([] if known else [FILE_ROOT])),
            totals=totals,
        )

    def _options(self, published: Published) -> Decimals:
        check_stated(published, *_OPTIONS)
        if published.options.get("owed", "net") not in {"net", "equity"}:
            raise Misstated("options.owed", f"expected net or equity, not {published.options['owed'][:40]!a}")
        return read_decimals(published.options, self.decimals)

    def _layouts(self, published: Published) -> Sequence[CircuitLayout]:
        wanted = published.options.get("layout")
        found = [each for each in self.layouts if wanted in {None, each.name}]
        if not found:
            known = ", ".join(each.name for each in self.layouts)
            raise Misstated("options.layout", f"{str(wanted)[:40]!a} is none of {known}")
        return found

    def _judge(self, published: Published, asked: tuple[CustomerRecord, str] | None) -> tuple[ShownTotals, Book]:
        decimals = self._options(published)
        files = by_kind(published.files)
        book = check_book(published, files, self._layouts(published), net=_is_net(published))
        root = book.chain.root if book.chain else published.root
        layouts = [book.layout] if book.layout else self._layouts(published)
        customers = _Customers()
        for found in self._customers(published.each, files.users, asked, layouts, root):
            layouts, root = [found.layout], found.record.root
            _check_values(found.record, book.assets, found.name)
            customers.add(found)
        if root is None:
            raise NotUnderstood("there is neither a table of batches with its configuration nor a customer's proof")
        _check_sums(customers, book.assets)
        shows = max(book.shows, Shows.INCLUDED if customers.leaves else Shows.STATED, key=lambda each: each.strength)
        remarks = [*book.remarks, *decimals_remarks(published.options)]
        if not customers.leaves:
            remarks.append(NO_CUSTOMER)
        elif book.chain is None and published.root is None:
            remarks.append(FILE_ROOT)
        if not layouts[0].released:
            remarks.append(UNRELEASED)
        totals = totals_of(book, decimals, shows, net=_is_net(published))
        compare(published, root, totals)
        entries: int | None = len(customers.leaves)
        if book.shows is Shows.TOTAL_PROVEN and book.chain:
            entries = book.chain.accounts
        return ShownTotals(root, totals, entries, tuple(remarks)), book

    def _customers(
        self,
        each: Each,
        files: Sequence[File],
        asked: tuple[CustomerRecord, str] | None,
        layouts: Sequence[CircuitLayout],
        root: str | None,
    ) -> Iterator[_Found]:
        """All records, each led to one root by one layout: the first one settles what is open of both."""
        texts = ((whole(file), file.name) for file in files)
        for first in map(partial(_read, self.names, layouts, root), islice(texts, 1)):
            yield first
            layouts, root = [first.layout], first.record.root
        yield from each(partial(_read, self.names, layouts, root), texts)
        if asked is not None:
            yield _found(*asked, layouts, root)


def _read(names: UserNames, layouts: Sequence[CircuitLayout], root: str | None, given: tuple[bytes, str]) -> _Found:
    text, name = given
    return _found(record(text, name, names), name, layouts, root)


def _found(customer: CustomerRecord, name: str, layouts: Sequence[CircuitLayout], root: str | None) -> _Found:
    try:
        layout = find_layout(customer, layouts, root)
    except OtherRoot:
        raise
    except Refuted as error:
        raise Refuted(f"{name}: {error}") from None
    return _Found(name, replace(customer, path=()), layout, leaf(customer, layout))


def _is_net(published: Published) -> bool:
    return published.options.get("owed", "net") == "net"


def _check_values(customer: CustomerRecord, assets: Mapping[int, AssetTotals], name: str) -> None:
    """What a customer has and owes in all, at the published prices."""
    if not assets:
        return
    if any(holding.index not in assets for holding in customer.holdings):
        raise Refuted(f"{name}: an asset that is not among the published totals")
    for place, stated in ((EQUITY, customer.equity), (DEBT, customer.debt)):
        value = sum(holding.amounts[place] * assets[holding.index].price for holding in customer.holdings)
        if value != stated:
            raise Refuted(f"{name}: at the published prices the customer's amounts come to {value}, not to {stated}")


def _check_sums(customers: _Customers, assets: Mapping[int, AssetTotals]) -> None:
    for index, (equity, debt) in customers.sums.items():
        asset = assets.get(index)
        if asset is not None and (equity > asset.equity or debt > asset.debt):
            raise Refuted(f"the customers shown have or owe more {asset.symbol} than the published totals")
