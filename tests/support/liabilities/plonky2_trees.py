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
