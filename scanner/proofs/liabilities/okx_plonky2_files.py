"""The files of OKX's plonky2 trees, read into values: the global proof's statement, and customers' proofs.

Spelling, lengths and ranges are checked here; whether anything of it leads anywhere is not (`okx_plonky2`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from scanner.proofs.liabilities.interface import File, NotUnderstood, Refuted
from scanner.proofs.liabilities.poseidon_goldilocks import PRIME, Digest, read_digest
from scanner.proofs.liabilities.reading import JsonFields, json_value, whole

MOST_TOKENS: Final = 4096
MOST_LEVELS: Final = 8  # of recursion: 64**8 batches
MOST_BRANCHES: Final = 256
AMOUNT_BITS: Final = 62
_AMOUNT: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class TreeShape:
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
class GlobalProof:
    """What the global proof states."""

    tree: TreeShape
    equity: int
    debt: int
    root: Digest


@dataclass(frozen=True, slots=True)
class Level:
    """One level of recursion on a customer's path."""

    left: tuple[Digest, ...]
    right: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's proof."""

    account: str
    equity: tuple[int, ...]
    debt: tuple[int, ...]
    index: int
    siblings: tuple[Digest, ...]
    levels: tuple[Level, ...]


def global_proof(fields: JsonFields) -> GlobalProof:
    """The statement of the global proof. The proof itself is not read."""
    fields.only("general", "root_vd_digest", "circuits_info", "proof")
    general = fields.object("general")
    general.setting("round_num", 0, 10**12)
    tree = TreeShape(
        general.setting("batch_size", 2, 1 << 20),
        general.setting("recursion_branchout_num", 2, MOST_BRANCHES),
        general.setting("token_num", 1, MOST_TOKENS),
        published=True,
    )
    proof = fields.object("proof")
    where = f"{proof.where}.public_inputs"
    inputs = [_element(each, where) for each in proof.values("public_inputs", MOST_BRANCHES)]
    if len(inputs) != 6:
        raise NotUnderstood(f"{where}: expected equity, debt and the four elements of a root")
    equity, debt, one, two, three, four = inputs
    if max(equity, debt) >> AMOUNT_BITS or debt > equity:
        raise Refuted(f"{where}: customers owe more than they have, or more than the format has room for")
    return GlobalProof(tree, equity, debt, (one, two, three, four))


def _element(value: Any, where: str) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,19}", value, re.ASCII) or int(value) >= PRIME:
        raise NotUnderstood(f"{where}: {str(value)[:40]!a} is no element of the field")
    return int(value)


def customer_file(file: File) -> Customer:
    """A customer's proof from its file. Raises Refuted and NotUnderstood."""
    return read_customer(JsonFields(json_value(whole(file), file.name), file.name))


def read_customer(fields: JsonFields) -> Customer:
    """A customer's proof. Raises Refuted and NotUnderstood."""
    fields.only("account", "index", "sum_tree_siblings", "recursive_tree_siblings")
    account = fields.object("account")
    account.only("id", "equity", "debt")
    equity, debt = _amounts(account, "equity"), _amounts(account, "debt")
    if len(equity) != len(debt):
        raise Refuted(f"{account.where}: {len(equity)} amounts of equity and {len(debt)} of debt")
    levels = []
    for level in fields.objects("recursive_tree_siblings", MOST_LEVELS):
        level.only("left_hashes", "right_hashes")
        levels.append(Level(_digests(level, "left_hashes"), _digests(level, "right_hashes")))
    return Customer(
        account=account.text("id", "[0-9a-f]{64}"),
        equity=equity,
        debt=debt,
        index=fields.number("index", 0, (1 << 64) - 1),
        siblings=_digests(fields, "sum_tree_siblings"),
        levels=tuple(levels),
    )


def _amounts(fields: JsonFields, key: str) -> tuple[int, ...]:
    values = fields.values(key, MOST_TOKENS)
    if not all(isinstance(each, str) and _AMOUNT.fullmatch(each) for each in values):
        raise NotUnderstood(f"{fields.where}.{key}: expected whole numbers of up to 19 digits")
    return tuple(map(int, values))


def _digests(fields: JsonFields, key: str) -> tuple[Digest, ...]:
    made: list[Digest] = []
    for value in fields.values(key, MOST_BRANCHES):
        written = isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)
        digest = read_digest(bytes.fromhex(value)) if written else None
        if digest is None:
            raise NotUnderstood(f"{fields.where}.{key}: {str(value)[:80]!a} is no digest in its one spelling")
        made.append(digest)
    return tuple(made)
