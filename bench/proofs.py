"""How fast balances are proven, and how large a witness is, in a state of the size of Ethereum's.

    python -m bench.proofs [accounts ...]         1,000, 10,000 and 100,000 by default

The state is made up: of some 300 million accounts only the paths to the claimed ones are built, with random hashes in
the place of everyone else, as many and as deep as chance would put them there. With `pip install trie`, py-trie checks
the same proofs in the same run: the last columns are the ratios. Times are the best of three.
"""

from __future__ import annotations

import io
import math
import random
import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

from scanner.chains.evm import rlp
from scanner.chains.evm.account_proof import native_balance
from scanner.chains.evm.trie import EMPTY_ROOT
from scanner.core.keccak import EMPTY_KECCAK, keccak256
from scanner.proofs.witness import Witness, dump, load

STATE = 300_000_000
COMPARED = 2_000  # proofs given to py-trie


class SparseState:
    """A state trie of STATE accounts, of which those claimed are real."""

    def __init__(self, claimed: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self.addresses = [self._random.randbytes(20) for _ in range(claimed)]
        self.balances = [self._random.randrange(10**21) for _ in range(claimed)]
        self.witness = Witness()
        values = {
            keccak256(address).hex(): rlp.encode([b"", rlp.encode_int(balance), EMPTY_ROOT, EMPTY_KECCAK])
            for address, balance in zip(self.addresses, self.balances, strict=True)
        }
        self.root = self.witness.add(self._node(values, 0))

    @classmethod
    def around(cls, address: bytes, account: bytes, seed: int) -> SparseState:
        """A state of that size of which this one account, in RLP, is real."""
        state = cls.__new__(cls)
        state._random = random.Random(seed)
        state.witness = Witness()
        state.root = state.witness.add(state._node({keccak256(address).hex(): account}, 0))
        return state

    def _node(self, values: dict[str, bytes], depth: int) -> bytes:
        """The node under which these accounts lie, and whoever else chance puts there."""
        if len(values) == 1 and self._random.random() < math.exp(-self._others(depth)):
            (key, value) = next(iter(values.items()))
            rest = key[depth:]
            prefix = bytes.fromhex(("3" if len(rest) % 2 else "20") + rest)
            return rlp.encode([prefix, value])
        below: dict[str, dict[str, bytes]] = {}
        for key, value in values.items():
            below.setdefault(key[depth], {})[key] = value
        present = 1 - math.exp(-self._others(depth + 1))
        children: list[rlp.Item] = []
        for digit in "0123456789abcdef":
            if digit in below:
                children.append(self.witness.add(self._node(below[digit], depth + 1)))
            else:
                children.append(self._random.randbytes(32) if self._random.random() < present else b"")
        if sum(child != b"" for child in children) < 2:
            children[children.index(b"")] = self._random.randbytes(32)
        return rlp.encode([*children, b""])

    @staticmethod
    def _others(depth: int) -> float:
        return float(STATE / 16**depth)


def best_of_three(work: Callable[[], object]) -> float:
    """Seconds."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def proofs_of(state: SparseState, count: int) -> list[list[bytes]]:
    """What eth_getProof would answer for the first accounts: each with all nodes of its path."""
    proofs = []
    for address in state.addresses[:count]:
        reached: set[bytes] = set()
        native_balance(state.root, address, state.witness, reached=reached)
        proofs.append([state.witness.get(digest) or b"" for digest in reached])
    return proofs


def check_each(state: SparseState, proofs: list[list[bytes]]) -> None:
    for address, balance, proof in zip(state.addresses, state.balances, proofs, strict=False):
        if native_balance(state.root, address, Witness(proof)) != balance:
            raise SystemExit("a balance was proven wrong")


def check_all(state: SparseState, witness: Witness) -> None:
    for address, balance in zip(state.addresses, state.balances, strict=True):
        if native_balance(state.root, address, witness) != balance:
            raise SystemExit("a balance was proven wrong")


def py_trie(state: SparseState, proofs: list[list[bytes]]) -> Callable[[], None] | None:
    """The same check by py-trie, if it is installed."""
    try:
        import rlp as their_rlp  # type: ignore[import-untyped]
        from trie import HexaryTrie  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    decode: Any = their_rlp.decode

    def check() -> None:
        for address, balance, proof in zip(state.addresses, state.balances, proofs, strict=False):
            value = HexaryTrie.get_from_proof(state.root, keccak256(address), [decode(node) for node in proof])
            if int.from_bytes(decode(value)[1], "big") != balance:
                raise SystemExit("a balance was proven wrong")

    return check


def main() -> None:
    counts = [int(argument.replace(",", "")) for argument in sys.argv[1:]] or [1_000, 10_000, 100_000]
    print(
        f"{'accounts':>9} {'nodes':>9} {'bytes/acct':>10} {'zlib':>6} {'alone':>8} "
        f"{'load/s':>9} {'check/s':>9} {'both/s':>9} {'single/s':>9} {'py-trie/s':>9} {'ratio':>6}"
    )
    for count in counts:
        state = SparseState(count)
        pieces = list(dump(state.witness))
        data = b"".join(pieces)
        packed = sum(len(zlib.compress(data[at : at + (1 << 20)], 6)) for at in range(0, len(data), 1 << 20))
        loading = best_of_three(lambda data=data: load(io.BytesIO(data)))  # type: ignore[misc]
        checking = best_of_three(lambda state=state: check_all(state, state.witness))  # type: ignore[misc]
        proofs = proofs_of(state, min(count, COMPARED))
        alone = sum(len(node) for proof in proofs for node in proof) / len(proofs)
        single = best_of_three(lambda state=state, proofs=proofs: check_each(state, proofs)) / len(proofs)  # type: ignore[misc]
        theirs = py_trie(state, proofs)
        other = best_of_three(theirs) / len(proofs) if theirs else math.nan
        print(
            f"{count:>9,} {len(state.witness):>9,} {len(data) / count:>10,.0f} {packed / len(data):>6.2f} "
            f"{alone:>8,.0f} "
            f"{count / loading:>9,.0f} {count / checking:>9,.0f} {count / (loading + checking):>9,.0f} "
            f"{1 / single:>9,.0f} {1 / other:>9,.0f} {other / single:>6.1f}"
        )


if __name__ == "__main__":
    main()
