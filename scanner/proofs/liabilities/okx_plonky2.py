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

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

from scanner.proofs.liabilities.interface import (
    MOST_FILES,
    File,
    Inclusion,
    Misstated,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    TooLarge,
    Total,
)
from scanner.proofs.liabilities.okx_plonky2_files import (
    AMOUNT_BITS,
    MOST_BRANCHES,
    Customer,
    GlobalProof,
    TreeShape,
    customer_file,
    global_proof,
    read_customer,
)
from scanner.proofs.liabilities.poseidon_goldilocks import Digest, hash_elements, write_digest
from scanner.proofs.liabilities.reading import JsonFields, json_value, whole
from scanner.proofs.liabilities.remarks import FILE_ROOT, NET_VALUE, NO_CUSTOMER, NO_VERIFIER
from scanner.proofs.liabilities.units import ANY, Decimals, check_stated, compare, decimals_remarks, read_decimals

MOST_GLOBAL_BYTES: Final = 64 << 20
TOTAL: Final = "TOTAL"
"""How the one figure is called that the format has."""
_ID_CUTS: Final = (0, 14, 28, 42, 56, 64)  # of an id's 64 hex digits: each piece is one element


@dataclass(frozen=True, slots=True)
class _Record:
    """What a customer's proof comes to: little, since there may be many of them."""

    name: str
    index: int
    leaf: Digest
    root: str
    equity: int
    debt: int


class OkxPlonky2:
    """See the module."""

    def judge(self, published: Published) -> ShownTotals:
        """See `Scheme`."""
        shown, _ = _judge(published)
        return shown

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The published root is enough."""
        customer = customer_file(user_file)
        shown, known = _judge(published, user_file)
        decimals = read_decimals(published.options, Decimals(0, choices=ANY))
        return Inclusion(
            root=shown.root,
            account=customer.account,
            amounts={TOTAL: decimals.amount(TOTAL, sum(customer.equity) - sum(customer.debt))},
            shows=Shows.INCLUDED,
            published=known,
            remarks=(NET_VALUE, *([] if known else [FILE_ROOT])),
            totals={symbol: total.amount for symbol, total in shown.totals.items()},
        )


def _judge(published: Published, *asked: File) -> tuple[ShownTotals, bool]:
    """What all files show, and whether their root comes from elsewhere than customers' files."""
    check_stated(published, "batch_size", "branches", "decimals")
    decimals = read_decimals(published.options, Decimals(0, choices=ANY))
    proof, users = _by_kind(published.files)
    tree = proof.tree if proof else _shape(published)
    root = write_digest(proof.root).hex() if proof else published.root and published.root.lower()
    known = root is not None
    leaves: dict[int, Digest] = {}
    equity = debt = 0
    texts = ((whole(file), file.name) for file in (*users, *asked))
    for record in published.each(partial(_record, tree), texts):
        if root is not None and record.root != root:
            raise OtherRoot(root[:100], record.root)
        root = record.root
        if record.index in leaves:
            if leaves[record.index] != record.leaf:
                raise Refuted(f"{record.name}: another file shows another record in the same place")
            continue
        leaves[record.index] = record.leaf
        equity, debt = equity + record.equity, debt + record.debt
    if root is None:
        raise NotUnderstood("there is neither a global proof nor a customer's")
    totals: dict[str, Total] = {}
    if proof:
        if equity > proof.equity or debt > proof.debt:
            raise Refuted("the customers shown have or owe more than the global proof's totals")
        word = Shows.INCLUDED if leaves else Shows.STATED
        totals[TOTAL] = decimals.total(TOTAL, proof.equity - proof.debt, word)
    compare(published, root, totals)
    remarks = (
        NET_VALUE,
        *([NO_VERIFIER] if proof else []),
        *([] if leaves else [NO_CUSTOMER]),
        *([] if known else [FILE_ROOT]),
        *decimals_remarks(published.options),
    )
    return ShownTotals(root, totals, len(leaves), remarks), known


def _record(tree: TreeShape, given: tuple[bytes, str]) -> _Record:
    """What a customer's file, its text and name, shows in a tree of that shape."""
    text, name = given
    customer = read_customer(JsonFields(json_value(text, name), name))
    leaf, root = _lead_to_root(customer, tree, name)
    return _Record(name, customer.index, leaf, root, sum(customer.equity), sum(customer.debt))


def _lead_to_root(customer: Customer, tree: TreeShape, name: str) -> tuple[Digest, str]:
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


def _shape(published: Published) -> TreeShape:
    values: dict[str, int] = {}
    for option, usual, most in (("batch_size", 1024, 1 << 20), ("branches", 64, MOST_BRANCHES)):
        text = published.options.get(option, str(usual))
        if not text.isascii() or not text.isdigit() or len(text) > 7 or not 2 <= int(text) <= most:
            raise Misstated(f"options.{option}", f"expected a number from 2 to {most}, not {text[:40]!a}")
        values[option] = int(text)
    return TreeShape(values["batch_size"], values["branches"])


def _by_kind(files: Sequence[File]) -> tuple[GlobalProof | None, list[File]]:
    """The global proof, and the files that are customers'."""
    if len(files) > MOST_FILES:
        raise TooLarge("the proof", f"{len(files):,} files", MOST_FILES)
    proof: GlobalProof | None = None
    users: list[File] = []
    for file in files:
        fields = JsonFields(json_value(whole(file, MOST_GLOBAL_BYTES), file.name), file.name)
        if "account" in fields:
            users.append(file)
        elif proof is not None:
            raise NotUnderstood(f"{file.name}: there is another global proof")
        else:
            proof = global_proof(fields)
    return proof, users


SCHEME: Final = OkxPlonky2()
