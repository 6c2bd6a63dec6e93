"""Sets of files of OKX's zk-STARK v1 as an exchange publishes them: one honest, and one for each known way to forge.

`python -m tests.support.liabilities.stark_sets` finds the nonces of their proofs of work and keeps them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities import File
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_prover import Account, Claim, Proof, keep_nonces

COINS = ("BTC", "ETH", "DOGE", "SHIB")
MAIN = 2  # so that the others are not constrained


class Kind(StrEnum):
    """How the set was made."""

    HONEST = "honest"
    HIDDEN = "A: customers are shown other balances than those that were proven"
    UNFOLDED = "B: other sums, and a low-degree test made for the places that it looks at"
    ABSORBED = "C: other sums, and ids that take up whatever the columns do not come to"
    MOVED = "D: the whole sum of one coin that is not constrained is said to be of another one"
    LONG = "E: more rows an account, so that a debt passes for a balance"


@dataclass(frozen=True)
class Made:
    """One set: its files by name, and the sums that they state."""

    files: dict[str, str]
    root: str
    sums: dict[str, int]
    total: int

    def __getitem__(self, name: str) -> str:
        return self.files[name]

    def sum_proofs(self) -> tuple[File, ...]:
        """All but customers' files."""
        return tuple(file(text, name) for name, text in self.files.items() if "inclusion" not in name)

    def inclusions(self) -> tuple[File, ...]:
        """Customers' files: three accounts of batch a0, which are all of it, and one of b0, which is all of it."""
        return tuple(file(text, name) for name, text in self.files.items() if "inclusion" in name)

    def with_file(self, name: str, text: str) -> tuple[File, ...]:
        """All files, one of them with another text."""
        return tuple(file(each, called) for called, each in {**self.files, name: text}.items())


def _account(number: int, *coins: int) -> Account:
    return Account(keccak256(b"account %d" % number), coins)


_TRUE = (_account(0, 1000, 200, 30, 10), _account(1, 4000, -500, 60, 0), _account(2, 7000, 800, 90, 20))
_FEWER = tuple(Account(each.identity, tuple(coin // 10 for coin in each.coins)) for each in _TRUE)
_LARGE = (_account(3, 2**40, 5, 7, 0),)
_IN_DEBT = (_account(3, -(2**30), 5, 7, 0),)


_prove = cache(Proof)


@cache
def made(kind: Kind) -> Made:
    """The set of that kind; made once."""
    uts = 128 if kind is Kind.LONG else 32
    second = Claim(_IN_DEBT if kind is Kind.LONG else _LARGE, uts, MAIN)
    first = {
        Kind.HIDDEN: Claim(_FEWER, 16, MAIN, shown=_TRUE),
        Kind.UNFOLDED: Claim(_TRUE, 16, MAIN, stated=(120, 5, 1, 0)),
        Kind.ABSORBED: Claim(_TRUE, 16, MAIN, stated=(120, 5, 1, 0), absorbed=True),
    }.get(kind, Claim(_TRUE, 16, MAIN))
    batches = {"a0": _prove(first), "b0": _prove(second)}
    sums = {name: list(proof.sums) for name, proof in batches.items()}
    if kind is Kind.MOVED:
        sums["a0"][2:] = [0, sum(sums["a0"][2:])]
    trunk = _prove(
        Claim(tuple(Account(proof.tree.root, tuple(sums[name])) for name, proof in batches.items()), 32, MAIN)
    )
    config = {"main_coins_num": MAIN, "coins": list(COINS)}
    files = {"sum_proof_data/config.json": json.dumps(config)}
    parts = {**{f"batches/{name}": proof for name, proof in batches.items()}, "trunk": trunk}
    for place, proof in parts.items():
        stated = sums.get(place.removeprefix("batches/"), list(proof.sums))
        files[f"sum_proof_data/{place}/sum_proof.json"] = json.dumps(proof.written())
        beside = {**dict(zip(COINS, stated, strict=True)), "total_value": sum(stated)}
        files[f"sum_proof_data/{place}/sum_values.json"] = json.dumps(beside)
    for index, (name, proof) in enumerate(batches.items()):
        for number in range(len(proof.claim.accounts)):
            written = {
                "batch_inclusion_proof": {
                    **proof.record(number, COINS, "user_id", "batch_mtree_root"),
                    "user_index": number,
                    "batch_index": index,
                    "uts": proof.claim.uts,
                },
                "trunk_inclusion_proof": trunk.record(index, COINS, "batch_id", "trunk_mtree_root"),
                "config": config,
            }
            files[f"{name}/user_{number}_inclusion_proof.json"] = json.dumps(written)
    return Made(files, trunk.tree.root.hex(), dict(zip(COINS, trunk.sums, strict=True)), sum(trunk.sums))


if __name__ == "__main__":
    for each in Kind:
        made(each)
    keep_nonces()
