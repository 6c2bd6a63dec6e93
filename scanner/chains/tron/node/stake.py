"""TRX of an account with what it has staked, read by code of ours in the call that names its block. Pure.

Tron's machine has contracts of its own that tell what accounts have staked. The code asks them beside the liquid
balance, so that all parts are of one block, and packs the sums into the account's word of the answer:

    votes | unstaking | staked | liquid        64 bits each

What counts is liquid, staked and unstaking:

- staked for bandwidth and for energy, in both ways that Tron has had: what an account may use, without what others
  delegated to it, and with what it delegated to others, which stays its own;
- staked for votes alone (TRON_POWER), in the newer way;
- unstaking: what waits to be withdrawn, whether or not the wait is over.

Rewards that were not claimed are not the account's yet, and do not count.

One part no contract tells: what was staked for votes alone in the older way, which only a network could have whose
votes came from nothing else. So the sum is held against the account's votes, one for each whole TRX that is staked (no
less could be staked). Where they fit, the balance is exact; elsewhere it is a lower bound.

Source: tronprotocol/java-tron, `PrecompiledContracts`, `FreezeV2Util`, `AccountCapsule` (getAllFrozenBalanceFor...,
getTronPower), `Tron.proto`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.evm.node.code import init_code_with
from scanner.clients.fields import malformed
from scanner.core.lower_bound import AtLeast

SUN: Final = 10**6  # of a TRX, and so of a vote

TOTAL_VOTE_COUNT: Final = 0x100000A
UNFREEZABLE_BALANCE: Final = 0x100000D
EXPIRE_UNFREEZE_BALANCE: Final = 0x100000E
TOTAL_RESOURCE: Final = 0x1000013
TOTAL_DELEGATED: Final = 0x1000014
TOTAL_ACQUIRED: Final = 0x1000015

_BITS: Final = 64
_STAKED, _UNSTAKING, _VOTES = _BITS, 2 * _BITS, 3 * _BITS
_FOR_BANDWIDTH, _FOR_ENERGY, _FOR_VOTES = 0, 1, 2
_END_OF_TIME: Final = 2**63 - 1
_ACCOUNT: Final = 32  # bytes of a question about an account alone
_ACCOUNT_AND_KIND: Final = 64

# Scratch: the account at 0x00, the second word of the question at 0x20. Stack: [the account's word, next account, sum].
_ASKED = """
    32 DUP4 {size} 0x00 {contract} GAS STATICCALL
    31 RETURNDATASIZE GT AND ISZERO @failed JUMPI   ; a contract that is not there succeeds, and gives nothing
    DUP3 MLOAD {shift} SHL {combined}
"""
_FAILED = """
failed:
    POP POP                             ; [where the sum would have gone]
    0xa0 SWAP1 SUB 5 SHR                ; its position
    0x00 MSTORE 32 0x00 REVERT
"""


def _asked(contract: int, shift: int, *, size: int = _ACCOUNT_AND_KIND, less: bool = False) -> str:
    combined = "SWAP1 SUB" if less else "ADD"
    return _ASKED.format(size=size, contract=f"0x{contract:08x}", shift=shift, combined=combined)


def _sum() -> str:
    parts = ["0x00 MLOAD BALANCE"]
    for kind in (_FOR_BANDWIDTH, _FOR_ENERGY):
        parts += [
            f"{kind} 0x20 MSTORE",
            _asked(TOTAL_RESOURCE, _STAKED),
            _asked(TOTAL_DELEGATED, _STAKED),
            _asked(TOTAL_ACQUIRED, _STAKED, less=True),
        ]
    parts += [f"{_FOR_VOTES} 0x20 MSTORE", _asked(UNFREEZABLE_BALANCE, _STAKED)]
    parts += [f"{_END_OF_TIME} 0x20 MSTORE", _asked(EXPIRE_UNFREEZE_BALANCE, _UNSTAKING)]
    parts += [_asked(TOTAL_VOTE_COUNT, _VOTES, size=_ACCOUNT), "DUP3 MSTORE"]
    return "\n".join(parts)


CODE: Final = init_code_with(_sum(), _FAILED)
"""Init code that reads the accounts behind it. Where a part is missing it gives up, with the account's position."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an account has of TRX, in sun, and its votes."""

    liquid: int
    staked: int
    unstaking: int
    votes: int

    @property
    def balance(self) -> int | AtLeast:
        """What counts, exactly where the votes show that nothing else is staked."""
        counted = self.liquid + self.staked + self.unstaking
        return counted if self.votes == self.staked // SUN else AtLeast(counted)


def parts_of(word: int) -> Parts:
    """The parts in an account's word. Raises NodeError MALFORMED for amounts that Tron's 63 bits do not hold."""
    liquid, staked, unstaking, votes = (word >> shift & (1 << _BITS) - 1 for shift in (0, _STAKED, _UNSTAKING, _VOTES))
    if max(liquid, staked, unstaking, votes) > _END_OF_TIME:
        raise malformed("an amount of TRX that no account can have")
    return Parts(liquid, staked, unstaking, votes)
