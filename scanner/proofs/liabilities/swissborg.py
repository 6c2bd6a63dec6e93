"""SwissBorg: one tree a currency, whose roots one commitment binds; each hash covers the amounts of both its sides.

A currency of which a customer's path is shown is SUM-BOUND, the others are STATED. A commitment is known by its digest
alone: three audits carry the same id.

Customers' files of the first audit, of 7 December 2022, have a leaf's hash in the field `nonce`. SwissBorg's tool makes
the nonce from the customer's audit credential, and never looks at the field. Such a leaf is INCLUDED, with a remark;
with the credential in the file, as a field `credential` that the customer adds, every leaf is opened.

Source: SwissBorg/proof-of-liabilities at 7ad8737, and its test data.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from scanner.core.shows import weakest
from scanner.proofs.liabilities.decimals import amount, stripped
from scanner.proofs.liabilities.interface import (
    File,
    Inclusion,
    NeedsFiles,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    Total,
)
from scanner.proofs.liabilities.paths import DEEPEST_TREE, PathStep, SeenNodes, TreeNode, climb, sha256_hex
from scanner.proofs.liabilities.reading import JsonFields, json_value, whole
from scanner.proofs.liabilities.remarks import UNOPENED
from scanner.proofs.liabilities.units import check_stated, compare

_DIGEST: Final = "[0-9a-f]{64}"
_WORD: Final = "[0-9A-Za-z_.:-]{1,100}"
_MOST_PARTITIONS: Final = 10_000
_MOST_PATHS: Final = 10_000
_SUM: Final = "liability"
"""The one amount of a node: what is owed in its partition's currency."""


@dataclass(frozen=True, slots=True)
class _Audit:
    id: str
    root: str
    partitions: Mapping[str, tuple[str, TreeNode]]  # by id: its currency as it is written, and its tree's root


class SwissBorg:
    """See `Scheme`. The published files are one file of audit roots, and any number of customers' files."""

    def judge(self, published: Published) -> ShownTotals:
        """See `Scheme`."""
        check_stated(published)
        audit, users = _read(published.files, published.root)
        checked = _Paths(audit)
        for fields in users:
            checked.add(fields)
        totals = {
            currency.upper(): Total(root.amounts[_SUM], checked.shows.get(currency.upper(), Shows.STATED))
            for currency, root in audit.partitions.values()
        }
        compare(published, audit.root, totals)
        return ShownTotals(audit.root, totals, len(users), checked.remarks)

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The published roots are needed: the commitment alone leads to no tree."""
        check_stated(published)
        audit, _ = _read(published.files, published.root)
        fields = _fields(user_file)
        checked = _Paths(audit)
        account = checked.add(fields)
        totals = {currency.upper(): root.amounts[_SUM] for currency, root in audit.partitions.values()}
        return Inclusion(
            audit.root,
            account,
            checked.amounts,
            weakest(checked.shows.values()),
            published=True,
            leaves=checked.leaves,
            remarks=checked.remarks,
            totals=totals,
        )


class _Paths:
    """The paths of customers in the trees of one audit."""

    def __init__(self, audit: _Audit) -> None:
        self._audit = audit
        self._seen: dict[str, SeenNodes] = {}
        self.amounts: dict[str, Fraction] = {}  # by currency in upper case
        self.shows: dict[str, Shows] = {}  # likewise: the best that any leaf shows
        self.leaves = 0
        self.remarks: tuple[str, ...] = ()

    def add(self, fields: JsonFields) -> str:
        """Checks all paths of a customer's file, and returns the customer's id."""
        audit = self._audit
        if (named := fields.text("audit_id", _WORD)) != audit.id:
            raise OtherRoot(audit.root, f"of the audit {named}")
        account = fields.text("user_id", _WORD)
        entries = fields.objects("liabilities", _MOST_PATHS)
        if not entries:
            raise Refuted(f"{fields.where}: no record of the customer")
        for entry in entries:
            partition = entry.text("audit_partition_id", _WORD)
            if partition not in audit.partitions:
                raise Refuted(f"{entry.where}: the audit has no partition {partition}")
            written, root = audit.partitions[partition]
            currency = written.upper()
            nodes, shows = self._climb(fields, entry, account, written, root)
            if nodes[-1].amounts != root.amounts:
                raise Refuted(f"{entry.where}: the path's amounts do not come to the partition's")
            self._seen.setdefault(partition, SeenNodes()).add(entry.where, nodes[0], nodes)
            self.shows[currency] = max(shows, self.shows.get(currency, shows), key=lambda each: each.strength)
            self.amounts[currency] = self.amounts.get(currency, Fraction(0)) + nodes[0].amounts[_SUM]
            self.leaves += 1
        return account

    def _climb(
        self, fields: JsonFields, entry: JsonFields, account: str, currency: str, root: TreeNode
    ) -> tuple[Sequence[TreeNode], Shows]:
        """All nodes from a leaf to its partition's root, and what its being there shows. Raises OtherRoot."""
        proof = entry.object("proof")
        witnesses = proof.objects("witnesses", DEEPEST_TREE)
        own, nonce = _liability(entry), proof.text("nonce", _WORD)
        index = proof.number("leaf_index", 0, 2 ** len(witnesses) - 1)
        steps = [PathStep(_node(each), bool(index >> level & 1)) for level, each in enumerate(witnesses)]
        if "credential" in fields:
            nonce = _derived(fields.text("credential", _WORD), self._audit.id, currency, index)
        opened = sha256_hex(f"leaf,{nonce},{account},{stripped(own)}")
        nodes = climb(TreeNode(opened, {_SUM: own}), steps, _parent)
        if nodes[-1].digest == root.digest:
            return nodes, Shows.SUM_BOUND
        if "credential" not in fields and re.fullmatch(_DIGEST, nonce, re.ASCII):
            unopened = climb(TreeNode(nonce, {_SUM: own}), steps, _parent)
            if unopened[-1].digest == root.digest:
                self.remarks = (UNOPENED,)
                return unopened, Shows.INCLUDED
        raise OtherRoot(root.digest, nodes[-1].digest)


def _derived(credential: str, audit: str, currency: str, index: int) -> str:
    """The nonce of a leaf: each key is the hex text of the one before."""
    key = credential
    for context in (
        f"SB PoL - Audit nonce derivation,{audit}",
        f"SB PoL - Currency Merkle tree nonce derivation,{currency}",
        f"SB PoL - Leaf nonce derivation,{index}",
    ):
        key = hmac.digest(key.encode(), context.encode(), "sha256").hex()
    return key


def _parent(left: TreeNode, right: TreeNode, _level: int) -> TreeNode:
    sums = left.amounts[_SUM], right.amounts[_SUM]
    text = f"inner,{stripped(sums[0])},{stripped(sums[1])},{left.digest},{right.digest}"
    return TreeNode(sha256_hex(text), {_SUM: sum(sums, Fraction(0))})


def _read(files: Sequence[File], root: str | None) -> tuple[_Audit, list[JsonFields]]:
    """The audit's roots, and the customers' files. Raises OtherRoot if they are not those of the published root."""
    texts = [_fields(file) for file in files]
    audits = [fields for fields in texts if "audit" in fields]
    if not files:
        raise NeedsFiles("the commitment alone leads to no tree: the file of the audit's roots is needed")
    if len(audits) != 1:
        raise NotUnderstood(f"{len(audits)} files of audit roots; expected one")
    audit = _audit(audits[0].object("audit"))
    if root is not None and audit.root != root:
        raise OtherRoot(root, audit.root)
    return audit, [fields for fields in texts if "audit" not in fields]


def _fields(file: File) -> JsonFields:
    return JsonFields(json_value(whole(file), file.name), file.name)


def _audit(fields: JsonFields) -> _Audit:
    partitions: dict[str, tuple[str, TreeNode]] = {}
    committed: list[tuple[str, str]] = []
    for entry in fields.objects("partitions", _MOST_PARTITIONS):
        name, currency = entry.text("id", _WORD), entry.text("currency", "[0-9A-Za-z]{1,40}")
        root = _node(entry.object("commitment"))
        if name in partitions or currency.upper() in dict(committed):
            raise Refuted(f"{entry.where}: the partition {name} or its currency {currency} stands twice")
        partitions[name] = (currency, root)
        committed.append((currency.upper(), f",{name},{stripped(root.amounts[_SUM])},{root.digest}"))
    if not partitions:
        raise Refuted(f"{fields.where}: no partitions")
    stated = fields.object("commitment").text("digest", _DIGEST)
    digest = sha256_hex("SB PoL - Audit commitment hash" + "".join(text for _, text in sorted(committed)))
    if digest != stated:
        raise Refuted(f"{fields.where}: the commitment is {digest}, and the file states {stated}")
    return _Audit(fields.text("id", _WORD), digest, partitions)


def _node(fields: JsonFields) -> TreeNode:
    return TreeNode(fields.text("digest", _DIGEST), {_SUM: _liability(fields)})


def _liability(fields: JsonFields) -> Fraction:
    return amount(fields.text("liability"), f"{fields.where}.liability")


SCHEME: Final = SwissBorg()
