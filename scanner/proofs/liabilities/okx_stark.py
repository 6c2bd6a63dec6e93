"""OKX's zk-STARK v1 (April 2023 to August 2024): sums over batches and a trunk, and customers' inclusion files.

All files are verified in full, by the published rules and by stricter ones, and labelled for what they are: **the sums
are not proven**. Forged files pass the published verifier, and some of them every check there can be:

A. The leaves of customers stand at rows of the trace, which no query ever looks at: true balances can be shown to
   customers beside sums over others. Caught here as soon as enough inclusion files are given: the accounts shown of a
   batch may not come to more than the batch.
B. The places that the low-degree test looks at are known after its first step, so that any sums can be proven.
C. The factors of the linear combination do not depend on the trace.
D. Only the main coins are constrained. Caught here where the inclusion files of a batch are all given.

So nothing of this format ever ranks above INCLUDED, and coins that are not constrained remain STATED. Figures are in
the file's own whole numbers; the format adds coins up, so they are in one unit of value unless the exchange says
otherwise (option `decimals`, none by default).

The known sets were made with OKX's own prover; none of the exchange's production is at hand.

Source: okx/proof-of-reserves, zk_STARK/ (2023 to 2024).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from scanner.proofs.liabilities.interface import (
    MOST_FILES,
    File,
    Inclusion,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    TooLarge,
)
from scanner.proofs.liabilities.okx_stark_files import (
    MOST_PROOF_BYTES,
    configuration,
    inclusion,
    sum_proof,
    sums,
)
from scanner.proofs.liabilities.okx_stark_inclusion import IncludedAccount, check_account
from scanner.proofs.liabilities.reading import MOST_USER_BYTES, whole
from scanner.proofs.liabilities.remarks import (
    FILE_NAMES,
    FILE_ROOT,
    LISTED_NAMES,
    NO_CUSTOMER,
    STARK_FORGEABLE,
    STARK_FREE_COINS,
)
from scanner.proofs.liabilities.stark_sums import StarkConfiguration, Sums, check_sum_proof
from scanner.proofs.liabilities.units import ANY, Decimals, check_stated, compare, decimals_remarks, read_decimals

TRUNK_UTS: Final = 32
BATCH_UTS: Final = {"a": 16, "b": 32}  # by the first letter of the batch's folder
MOST_ACCOUNTS: Final = 4095  # of one batch
IGNORED: Final = frozenset({"mtree.json", "mtree_entries_data.json"})
"""The prover's own: the published rules never read them."""


@dataclass(slots=True)
class _Files:
    """Which file is which, by the places where OKX puts them."""

    configuration: File | None = None
    proofs: dict[str, File] = field(default_factory=dict)  # by the batch's folder; "" is the trunk
    sums: dict[str, File] = field(default_factory=dict)
    inclusions: list[File] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """One proof that was checked: a batch, or the trunk."""

    name: str
    root: bytes
    uts: int
    accounts: int  # that there is room for
    sums: Sums


@dataclass(frozen=True, slots=True)
class _Book:
    configuration: StarkConfiguration
    trunk: CheckedProof
    batches: dict[bytes, CheckedProof]  # by root


class OkxStark:
    """The scheme `okx-stark-v1`."""

    def judge(self, published: Published) -> ShownTotals:
        """See the module. Files: config.json, batches/*/ and trunk/ with sum_proof.json and sum_values.json each, and
        any number of *inclusion_proof.json."""
        return _judge(published, ())[0]

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """A customer's inclusion file, against the trunk's root, and against the sums where they are given."""
        check_stated(published, "decimals")
        decimals = read_decimals(published.options, Decimals(0, choices=ANY))
        totals: dict[str, Fraction] = {}
        if published.files:
            shown, (account,) = _judge(published, (user_file,))
            totals = {coin: total.amount for coin, total in shown.totals.items()}
        else:
            account = check_account(inclusion(whole(user_file), user_file.name), user_file.name)
        root = account.trunk_root.hex()
        if published.root is not None and published.root.lower() != root:
            raise OtherRoot(published.root[:100], root)
        known = bool(published.files) or published.root is not None
        return Inclusion(
            root=root,
            account=account.account.hex(),
            amounts={coin.upper(): decimals.amount(coin, value) for coin, value in account.sums.coins.items()},
            shows=Shows.INCLUDED,
            published=known,
            remarks=(
                STARK_FORGEABLE,
                *([] if published.files else [FILE_NAMES]),
                *([] if known else [FILE_ROOT]),
            ),
            totals=totals,
        )


def _judge(published: Published, extra: Sequence[File]) -> tuple[ShownTotals, list[IncludedAccount]]:
    check_stated(published, "decimals")
    decimals = read_decimals(published.options, Decimals(0, choices=ANY))
    files = _by_kind(published.files)
    book = _check_sums(published, files)
    shown, asked = _check_accounts(book, [*files.inclusions, *extra], len(extra))
    settings = book.configuration
    totals = {}
    for number, coin in enumerate(settings.coins):
        better = shown > 0 and number < settings.main
        word = Shows.INCLUDED if better else Shows.STATED
        totals[coin.upper()] = decimals.total(coin, book.trunk.sums.coins[coin], word)
    remarks = (
        STARK_FORGEABLE,
        LISTED_NAMES,
        *([STARK_FREE_COINS] if settings.main < len(settings.coins) else []),
        *([] if shown else [NO_CUSTOMER]),
        *decimals_remarks(published.options),
    )
    root = book.trunk.root.hex()
    compare(published, root, totals)
    return ShownTotals(root, totals, shown, remarks), asked


def _by_kind(published: Sequence[File]) -> _Files:
    if len(published) > MOST_FILES:
        raise TooLarge("the proof", f"{len(published):,} files", MOST_FILES)
    files = _Files()
    for file in published:
        folders, _, name = file.name.rpartition("/")
        batch = re.search(r"(?:^|/)batches/([ab][0-9]{1,6})$", folders)
        trunk = re.search(r"(?:^|/)trunk$", folders)
        kind = {"sum_proof.json": files.proofs, "sum_values.json": files.sums}.get(name)
        if kind is not None and (batch or trunk):
            folder = batch[1] if batch else ""
            if folder in kind:
                raise NotUnderstood(f"{file.name}: there is another {name} of the same batch")
            kind[folder] = file
        elif name == "config.json" and files.configuration is None:
            files.configuration = file
        elif name.endswith("inclusion_proof.json"):
            files.inclusions.append(file)
        elif name not in IGNORED:
            raise NotUnderstood(f"{file.name}: no file of a zk-STARK v1, or one too many")
    return files


def _check_sums(published: Published, files: _Files) -> _Book:
    if files.configuration is None or "" not in files.proofs:
        raise NotUnderstood("config.json or trunk/sum_proof.json is not among the files")
    if odd := sorted(set(files.proofs) ^ set(files.sums)):
        raise NotUnderstood(f"{odd[0] or 'trunk'}: of sum_proof.json and sum_values.json one is missing")
    settings = configuration(whole(files.configuration), files.configuration.name)
    trees = list(published.each(_check_tree, _texts(files, settings)))
    trunk = next(tree for tree in trees if not tree.name)
    batches = {tree.root: tree for tree in trees if tree.name}
    if not batches:
        raise NotUnderstood("there is no batch among the files")
    if len(batches) != len(trees) - 1:
        raise Refuted("two batches have one root")
    if len(batches) > trunk.accounts or trunk.accounts + 1 != _padded(len(batches)):
        raise Refuted(f"the trunk has room for {trunk.accounts} batches, and {len(batches)} are given")
    if odd_batch := next((tree for tree in batches.values() if tree.sums.total >= 4 ** (TRUNK_UTS - 2)), None):
        raise Refuted(f"batch {odd_batch.name}: its total_value is more than the trunk has room for")
    for coin in settings.coins:
        if sum(tree.sums.coins[coin] for tree in batches.values()) != trunk.sums.coins[coin]:
            raise Refuted(f"the batches' sums of {coin} do not add up to the trunk's")
    return _Book(settings, trunk, batches)


def _texts(files: _Files, settings: StarkConfiguration) -> Iterator[tuple[str, str, bytes, bytes, StarkConfiguration]]:
    for folder, proof in files.proofs.items():
        beside = files.sums[folder]
        yield folder, proof.name, whole(proof, MOST_PROOF_BYTES), whole(beside), settings


def _check_tree(given: tuple[str, str, bytes, bytes, StarkConfiguration]) -> CheckedProof:
    folder, name, proof_text, sums_text, settings = given
    proof = sum_proof(proof_text, name)
    beside = sums(sums_text, f"{name.removesuffix('sum_proof.json')}sum_values.json", settings.coins)
    uts = BATCH_UTS[folder[0]] if folder else TRUNK_UTS
    accounts = proof.steps // uts - 1
    if folder and accounts > MOST_ACCOUNTS:
        raise TooLarge(name, f"a batch of {accounts:,} accounts", MOST_ACCOUNTS)
    check_sum_proof(proof, uts, settings, beside, name)
    return CheckedProof(folder, proof.root, uts, accounts, beside)


def _padded(batches: int) -> int:
    """How many accounts a trace has room for, the first one among them, which belongs to no account."""
    return 1 << max(batches, 1).bit_length()


@dataclass(slots=True)
class _Batch:
    """What was shown of one batch so far: each account's leaf by its place, and what they hold together."""

    leaves: dict[int, bytes] = field(default_factory=dict)
    total: int = 0
    coins: dict[str, int] = field(default_factory=dict)

    def add(self, account: IncludedAccount, name: str) -> None:
        if account.index in self.leaves:
            if self.leaves[account.index] != account.leaf:
                raise Refuted(f"{name}: another file shows another record in the same place of its batch")
            return
        self.leaves[account.index] = account.leaf
        self.total += account.sums.total
        self.coins = {coin: self.coins.get(coin, 0) + value for coin, value in account.sums.coins.items()}


def _check_accounts(book: _Book, files: Iterable[File], asked_for: int) -> tuple[int, list[IncludedAccount]]:
    """How many accounts were shown, and those of the last so many files."""
    seen: dict[bytes, _Batch] = {}
    last: list[IncludedAccount] = []
    for file in files:
        account = check_account(inclusion(whole(file, MOST_USER_BYTES), file.name), file.name, book.configuration)
        _belongs(account, book, file.name)
        seen.setdefault(account.batch_root, _Batch()).add(account, file.name)
        last = [*last, account][-asked_for:] if asked_for else []
    for root, shown in seen.items():
        _compare_with_batch(book.batches[root], shown)
    return sum(len(shown.leaves) for shown in seen.values()), last


def _belongs(account: IncludedAccount, book: _Book, name: str) -> None:
    """The file brings its own roots, sizes and sums: all of them have to be those of the proofs."""
    if account.trunk_root != book.trunk.root:
        raise OtherRoot(book.trunk.root.hex(), account.trunk_root.hex())
    batch = book.batches.get(account.batch_root)
    if batch is None:
        raise Refuted(f"{name}: its batch is none of those that are given")
    if (account.uts, account.accounts) != (batch.uts, batch.accounts) or account.batches != book.trunk.accounts:
        raise Refuted(f"{name}: its paths have another length than the trees of the proofs")
    if account.batch_sums != batch.sums:
        raise Refuted(f"{name}: it states other sums for its batch than the batch's own file")


def _compare_with_batch(batch: CheckedProof, shown: _Batch) -> None:
    if shown.total > batch.sums.total:
        raise Refuted(
            f"batch {batch.name}: the accounts shown come to {shown.total}, more than the batch's {batch.sums.total}"
        )
    if len(shown.leaves) < batch.accounts:
        return
    if odd := next((coin for coin, value in shown.coins.items() if value != batch.sums.coins[coin]), None):
        raise Refuted(f"batch {batch.name}: all its accounts are given, and do not add up to its sum of {odd}")


SCHEME: Final = OkxStark()
