"""The scheme `okx-plonky2`: OKX's Merkle sum tree of September 2024 and later, proven with plonky2.

Customers' proofs are verified against the root that stands among the global proof's public inputs. **The global proof
itself is not verified**: no file of it is public, so that a verifier could not be tried on a true one. Its root and its
total are read, and are STATED. What it would prove is one net figure, in a unit of value: leaves hold the sums of a
customer's equity and debt over all tokens, and no single token's.

Files: the global proof (sum_proof_data.json) and customers' proofs, known by what is in them. Options, where there
is no global proof: `batch_size` and `branches`, the tree's shape (1024 and 64 in production). Option `decimals`: of the
total, none by default.

The sample is of the repository's unit test. Source: okx/proof-of-reserves-v2, crates/zk-por-core/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from scanner.proofs.liabilities.interface import (
    MOST_FILES,
    File,
    Inclusion,
    Misstated,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    Shown,
    Shows,
    TooLarge,
    Total,
)
from scanner.proofs.liabilities.poseidon_goldilocks import (
    PRIME,
    Digest,
    hash_elements,
    read_digest,
    write_digest,
)
from scanner.proofs.liabilities.reading import Fields, json_value, whole
from scanner.proofs.liabilities.remarks import FILE_ROOT, NET_VALUE, NO_CUSTOMER, NO_VERIFIER
from scanner.proofs.liabilities.units import Decimals, check_stated, compare, read_decimals

MOST_GLOBAL_BYTES: Final = 64 << 20
MOST_TOKENS: Final = 4096
MOST_LEVELS: Final = 8  # of recursion: 64**8 batches
MOST_BRANCHES: Final = 256
AMOUNT_BITS: Final = 62
TOTAL: Final = "TOTAL"
"""How the one figure is called that the format has."""
_ID_CUTS: Final = (0, 14, 28, 42, 56, 64)  # of an id's 64 hex digits: each piece is one element
_AMOUNT: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class _Tree:
    """A tree's shape."""

    batch_size: int = 1024
    branches: int = 64
    tokens: int | None = None
    published: bool = False  # as the global proof has it; else as the claim has it, or as it is in production

    def other(self, found: str) -> Refuted | NotUnderstood:
        """What to raise for a customer's path of another shape, which contradicts only what was published."""
        if self.published:
            return Refuted(found)
        return NotUnderstood(f"{found}, as the options batch_size and branches say, or are without one")


@dataclass(frozen=True, slots=True)
class _Global:
    """What the global proof states."""

    tree: _Tree
    equity: int
    debt: int
    root: Digest


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of recursion on a customer's path."""

    left: tuple[Digest, ...]
    right: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class _Customer:
    """A customer's proof."""

    account: str
    equity: tuple[int, ...]
    debt: tuple[int, ...]
    index: int
    siblings: tuple[Digest, ...]
    levels: tuple[_Level, ...]


class OkxPlonky2:
    """See the module."""

    def judge(self, published: Published) -> Shown:
        """See `Scheme`."""
        shown, _ = _judge(published, None)
        return shown

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The published root is enough."""
        customer = _customer(user_file)
        shown, known = _judge(published, (customer, user_file.name))
        decimals = read_decimals(published.options, Decimals(0))
        return Inclusion(
            root=shown.root,
            account=customer.account,
            amounts={TOTAL: decimals.amount(TOTAL, sum(customer.equity) - sum(customer.debt))},
            shows=Shows.INCLUDED,
            published=known,
            remarks=(NET_VALUE, *([] if known else [FILE_ROOT])),
            totals={symbol: total.amount for symbol, total in shown.totals.items()},
        )


def _judge(published: Published, asked: tuple[_Customer, str] | None) -> tuple[Shown, bool]:
    """What all files show, and whether their root comes from elsewhere than customers' files."""
    check_stated(published, "batch_size", "branches", "decimals")
    decimals = read_decimals(published.options, Decimals(0))
    proof, users = _by_kind(published.files)
    tree = proof.tree if proof else _shape(published)
    root = write_digest(proof.root).hex() if proof else published.root and published.root.lower()
    known = root is not None
    leaves: dict[int, Digest] = {}
    equity = debt = 0
    for customer, name in [*users, *([asked] if asked else [])]:
        leaf, found = _lead_to_root(customer, tree, name)
        if root is not None and found != root:
            raise OtherRoot(root[:100], found)
        root = found
        if customer.index in leaves:
            if leaves[customer.index] != leaf:
                raise Refuted(f"{name}: another file shows another record in the same place")
            continue
        leaves[customer.index] = leaf
        equity, debt = equity + sum(customer.equity), debt + sum(customer.debt)
    if root is None:
        raise NotUnderstood("there is neither a global proof nor a customer's")
    totals: dict[str, Total] = {}
    if proof:
        if equity > proof.equity or debt > proof.debt:
            raise Refuted("the customers shown have or owe more than the global proof's totals")
        word = Shows.INCLUDED if leaves else Shows.STATED
        totals[TOTAL] = Total(decimals.amount(TOTAL, proof.equity - proof.debt), word)
    compare(published, root, totals)
    remarks = (
        NET_VALUE,
        *([NO_VERIFIER] if proof else []),
        *([] if leaves else [NO_CUSTOMER]),
        *([] if known else [FILE_ROOT]),
    )
    return Shown(root, totals, len(leaves), remarks), known


def _lead_to_root(customer: _Customer, tree: _Tree, name: str) -> tuple[Digest, str]:
    """The leaf, and the root in hex that it leads to. Raises Refuted for a path that is not one of the tree."""
    if tree.tokens not in {None, len(customer.equity)}:
        raise Refuted(f"{name}: amounts of {len(customer.equity)} tokens in a tree of {tree.tokens}")
    equity, debt = sum(customer.equity), sum(customer.debt)
    if max(equity, debt) >> AMOUNT_BITS or debt > equity:
        raise Refuted(f"{name}: the customer owes more than the customer has, or more than the format has room for")
    pieces = [int(customer.account[start:end], 16) for start, end in pairwise(_ID_CUTS)]
    leaf = node = hash_elements([*pieces, equity, debt])
    if 1 << len(customer.siblings) != tree.batch_size:
        raise tree.other(f"{name}: {len(customer.siblings)} siblings in batches of {tree.batch_size}")
    index = customer.index
    for sibling in customer.siblings:
        node = hash_elements([*sibling, *node] if index & 1 else [*node, *sibling])
        index >>= 1
    for number, level in enumerate(customer.levels):
        index, digit = divmod(index, tree.branches)
        if len(level.left) != digit or len(level.left) + len(level.right) != tree.branches - 1:
            raise tree.other(f"{name}: level {number} of recursion has not the children that its place asks for")
        node = hash_elements([each for digest in (*level.left, node, *level.right) for each in digest])
    if index:
        raise Refuted(f"{name}: place {customer.index} is not in a tree of {len(customer.levels)} levels of recursion")
    return leaf, write_digest(node).hex()


def _shape(published: Published) -> _Tree:
    values: dict[str, int] = {}
    for option, usual, most in (("batch_size", 1024, 1 << 20), ("branches", 64, MOST_BRANCHES)):
        text = published.options.get(option, str(usual))
        if not text.isascii() or not text.isdigit() or len(text) > 7 or not 2 <= int(text) <= most:
            raise Misstated(f"options.{option}", f"expected a number from 2 to {most}, not {text[:40]!a}")
        values[option] = int(text)
    return _Tree(values["batch_size"], values["branches"])


def _by_kind(files: Sequence[File]) -> tuple[_Global | None, list[tuple[_Customer, str]]]:
    if len(files) > MOST_FILES:
        raise TooLarge("the proof", f"{len(files):,} files", MOST_FILES)
    proof: _Global | None = None
    users: list[tuple[_Customer, str]] = []
    for file in files:
        fields = Fields(json_value(whole(file, MOST_GLOBAL_BYTES), file.name), file.name)
        if "account" in fields:
            users.append((_customer_of(fields), file.name))
        elif proof is not None:
            raise NotUnderstood(f"{file.name}: there is another global proof")
        else:
            proof = _global(fields)
    return proof, users


def _global(fields: Fields) -> _Global:
    """The statement of the global proof. The proof itself is not read."""
    fields.only("general", "root_vd_digest", "circuits_info", "proof")
    general = fields.object("general")
    general.setting("round_num", 0, 10**12)
    tree = _Tree(
        general.setting("batch_size", 2, 1 << 20),
        general.setting("recursion_branchout_num", 2, MOST_BRANCHES),
        general.setting("token_num", 1, MOST_TOKENS),
        published=True,
    )
    proof = fields.object("proof")
    where = f"{proof.where}.public_inputs"
    inputs = [_element(each, where) for each in proof.values("public_inputs", 6)]
    if len(inputs) != 6:
        raise NotUnderstood(f"{where}: expected equity, debt and the four elements of a root")
    equity, debt, one, two, three, four = inputs
    if max(equity, debt) >> AMOUNT_BITS or debt > equity:
        raise Refuted(f"{where}: customers owe more than they have, or more than the format has room for")
    return _Global(tree, equity, debt, (one, two, three, four))


def _element(value: Any, where: str) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,19}", value, re.ASCII) or int(value) >= PRIME:
        raise NotUnderstood(f"{where}: {str(value)[:40]!a} is no element of the field")
    return int(value)


def _customer(file: File) -> _Customer:
    return _customer_of(Fields(json_value(whole(file), file.name), file.name))


def _customer_of(fields: Fields) -> _Customer:
    fields.only("account", "index", "sum_tree_siblings", "recursive_tree_siblings")
    account = fields.object("account")
    account.only("id", "equity", "debt")
    equity, debt = _amounts(account, "equity"), _amounts(account, "debt")
    if len(equity) != len(debt):
        raise Refuted(f"{account.where}: {len(equity)} amounts of equity and {len(debt)} of debt")
    levels = []
    for level in fields.objects("recursive_tree_siblings", MOST_LEVELS):
        level.only("left_hashes", "right_hashes")
        levels.append(_Level(_digests(level, "left_hashes"), _digests(level, "right_hashes")))
    return _Customer(
        account=account.text("id", "[0-9a-f]{64}"),
        equity=equity,
        debt=debt,
        index=fields.number("index", 0, (1 << 64) - 1),
        siblings=_digests(fields, "sum_tree_siblings"),
        levels=tuple(levels),
    )


def _amounts(fields: Fields, key: str) -> tuple[int, ...]:
    values = fields.values(key, MOST_TOKENS)
    if not all(isinstance(each, str) and _AMOUNT.fullmatch(each) for each in values):
        raise NotUnderstood(f"{fields.where}.{key}: expected whole numbers of up to 19 digits")
    return tuple(map(int, values))


def _digests(fields: Fields, key: str) -> tuple[Digest, ...]:
    made: list[Digest] = []
    for value in fields.values(key, MOST_BRANCHES):
        written = isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)
        digest = read_digest(bytes.fromhex(value)) if written else None
        if digest is None:
            raise NotUnderstood(f"{fields.where}.{key}: {str(value)[:80]!a} is no digest in its one spelling")
        made.append(digest)
    return tuple(made)


SCHEME: Final = OkxPlonky2()
