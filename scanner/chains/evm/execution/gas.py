"""How much an execution may take: gas, counted by the dearest price that any instruction ever had on any fork.

So what stays below `BUDGET` runs out of gas at no node (the least that one is asked to give is twice as much, see
`node.call_context`), and what a call uses says from above what it would use. Exact gas is not needed, since nothing may
follow from it. It bounds time and memory of the execution, too.

Sources: the Yellow Paper, appendix G; EIP-2929 (the first access to an account or a slot); EIP-150 (what a call
hands on); EIP-1153.
"""

from __future__ import annotations

from typing import Final

from scanner.proofs.flaws import Flaw, ProofError

BUDGET: Final = 1_000_000
"""Of one balance. Most take 3,000 to 60,000."""

STEP: Final = 10  # an instruction that only computes; the dearest of them, JUMPI, has cost 10
EXPONENTIATION: Final = 10 + 32 * 50
HASH: Final = 40
SLOT: Final = 2_100
ACCOUNT: Final = 2_600
OTHER_BLOCKS: Final = 20  # BLOCKHASH, beside its step
TRANSIENT: Final = 100  # TLOAD
SHA256: Final = 60
IDENTITY: Final = 15
HANDED_ON: Final = 2
"""How many times the gas that a call within takes it has to be given, where a contract says how much that is. Each call
keeps a 64th from the calls that it makes (EIP-150): of 16 within each other the last is left (63/64)**16, or 0.78."""

_A_WORD: Final = 6  # of what is hashed, copied or loaded
_LARGEST_MEMORY: Final = 1 << 20  # bytes; what costs more than all of the budget


class Meter:
    """Of one execution, with all calls within."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = BUDGET

    def take(self, gas: int) -> None:
        """Raises ProofError TOO_LARGE where nothing is left."""
        self.left -= gas
        if self.left < 0:
            raise ProofError(Flaw.TOO_LARGE, f"the contract's answer takes more than {BUDGET} gas")

    def take_for(self, size: int, times: int = 1) -> None:
        """For so many bytes that are hashed, copied or loaded. Raises ProofError TOO_LARGE."""
        self.take((size + 31) // 32 * _A_WORD * times)

    def grow(self, memory: bytearray, end: int) -> None:
        """Make `memory` reach to `end`, in whole words. Raises ProofError TOO_LARGE."""
        if end > _LARGEST_MEMORY:
            self.take(BUDGET + 1)
        words, had = (end + 31) // 32, len(memory) // 32
        self.take(_of_memory(words) - _of_memory(had))
        memory.extend(bytes(32 * (words - had)))


def _of_memory(words: int) -> int:
    return 3 * words + words * words // 512
