"""Small trees of OKX's plonky2 format: thirty-two customers, two levels of recursion."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from scanner.proofs.liabilities import File
from scanner.proofs.liabilities.poseidon_goldilocks import Digest, hash_elements, write_digest
from tests.support.liabilities.published_files import file

BATCH, BRANCHES, LEVELS = 2, 4, 2
OPTIONS = {"batch_size": str(BATCH), "branches": str(BRANCHES)}
CUSTOMERS = BATCH * BRANCHES**LEVELS


def account(number: int) -> dict[str, Any]:
    """One customer, of three tokens."""
    return {
        "id": hashlib.sha256(b"%d" % number).hexdigest(),
        "equity": [str(10 * number), "5", str(2**40)],
        "debt": ["1", str(number), "0"],
    }


def _leaf(number: int) -> Digest:
    given = account(number)
    pieces = [int(given["id"][start : start + 14], 16) for start in range(0, 64, 14)]
    return hash_elements([*pieces, sum(map(int, given["equity"])), sum(map(int, given["debt"]))])


@cache
def levels() -> list[list[Digest]]:
    """All nodes, the leaves first."""
    made = [[_leaf(number) for number in range(CUSTOMERS)]]
    for children in (BATCH, *[BRANCHES] * LEVELS):
        below = made[-1]
        made.append(
            [
                hash_elements([each for digest in below[start : start + children] for each in digest])
                for start in range(0, len(below), children)
            ]
        )
    return made


def root() -> str:
    """The root, as files write it."""
    return write_digest(levels()[-1][0]).hex()


def totals() -> tuple[int, int]:
    """Equity and debt of all."""
    everyone = [account(number) for number in range(CUSTOMERS)]
    equity, debt = (sum(sum(map(int, each[key])) for each in everyone) for key in ("equity", "debt"))
    return equity, debt


def global_proof(**general: int) -> dict[str, Any]:
    """A global proof's file; what stands for the proof is none."""
    return {
        "general": {
            "round_num": 7,
            "recursion_branchout_num": BRANCHES,
            "batch_size": BATCH,
            "token_num": 3,
            **general,
        },
        "root_vd_digest": "00" * 32,
        "proof": {"proof": {"wires_cap": []}, "public_inputs": [*totals(), *levels()[-1][0]]},
    }


def global_file(value: dict[str, Any] | None = None) -> File:
    """The same as a file."""
    return file(json.dumps(value or global_proof()), "sum_proof_data.json")


def customer(number: int) -> dict[str, Any]:
    """A customer's proof."""
    nodes = levels()
    hexed = [[write_digest(digest).hex() for digest in level] for level in nodes]
    place, above = number // BATCH, []
    for level in range(1, 1 + LEVELS):
        first = place - place % BRANCHES
        above.append(
            {
                "left_hashes": hexed[level][first:place],
                "right_hashes": hexed[level][place + 1 : first + BRANCHES],
            }
        )
        place //= BRANCHES
    return {
        "account": account(number),
        "index": number,
        "sum_tree_siblings": [hexed[0][number ^ 1]],
        "recursive_tree_siblings": above,
    }


def customer_file(number: int) -> File:
    """The same as a file."""
    return file(json.dumps(customer(number)), f"user_{number}.json")


def production_customer(number: int) -> tuple[dict[str, Any], str]:
    """A customer's proof in a tree of production's shape, two levels of recursion high, and its root. What stands
    beside the path is made up: no tree of so many was ever built."""

    def beside(place: str) -> Digest:
        one, two, three, four = hash_elements([int.from_bytes(hashlib.sha256(place.encode()).digest()[:7])])
        return one, two, three, four

    node, place = _leaf(number), number
    siblings, above = [], []
    for level in range(10):
        siblings.append(other := beside(f"sibling {level}"))
        node = hash_elements([*other, *node] if place & 1 else [*node, *other])
        place >>= 1
    for level in range(LEVELS):
        place, digit = divmod(place, 64)
        children = [beside(f"child {level} {each}") for each in range(64)]
        left, right = children[:digit], children[digit + 1 :]
        hexed = [[write_digest(each).hex() for each in side] for side in (left, right)]
        above.append({"left_hashes": hexed[0], "right_hashes": hexed[1]})
        node = hash_elements([each for digest in (*left, node, *right) for each in digest])
    written = {
        "account": account(number),
        "index": number,
        "sum_tree_siblings": [write_digest(each).hex() for each in siblings],
        "recursive_tree_siblings": above,
    }
    return written, write_digest(node).hex()
