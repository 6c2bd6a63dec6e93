"""From which account, with how much gas, and at what price a contract is called: all that it sees of a call beside its
data.

A contract can answer `balanceOf` differently by who asks: by CALLER and ORIGIN, the code at either, GAS, GASPRICE and
BASEFEE (which nodes show as 0 where a call names no price). `PLAIN` is how balances are read: from no account, for
nothing, with all the gas that the node allows. `contexts` gives others, drawn at random, to read the same again
(`evm.second_reading`). Pure. Not in here: the questions themselves (`evm.ladder`).

Sources: the Yellow Paper, 9.4; Geth's documentation of eth_call and its state override set, and its NoBaseFee.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import shake_256
from typing import Final

from scanner.chains.evm.balance_call import ADDRESS, READER
from scanner.chains.evm.node.values import hex_data

_LEAST_GAS: Final = 2_000_000  # many times what a balance costs, and what no block of any chain is too small for
_MORE_GAS: Final = 1_000_000
_LEAST_PRICE: Final = 2**50  # wei: over a million gwei, above any base fee that was seen
_FUNDS: Final = 2**160  # wei: what the price may cost, whatever gas the node counts


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a call shows of itself. What is None is left to the node."""

    sender: bytes | None = None  # 20 bytes: ORIGIN, and CALLER where no code of ours stands between
    price: int | None = None  # wei for a unit of gas
    gas: int | None = None  # for one balanceOf: of the call itself, or of each that code of ours makes
    reader: bytes = READER  # 20 bytes: where code of ours is put by override
    sender_has_code: bool = False  # by override

    def fields(self, *, gas: bool = False) -> dict[str, str]:
        """What stands in eth_call's first parameter beside `to` and `data`. `gas`: the call's own is limited too."""
        named = {} if self.sender is None else {"from": hex_data(self.sender)}
        if self.price is not None:
            named["gasPrice"] = hex(self.price)
        if gas and self.gas is not None:
            named["gas"] = hex(self.gas)
        return named

    def overrides(self) -> dict[str, Mapping[str, str]]:
        """What stands in its third parameter, so that the sender can pay, or is what it is to be."""
        of_sender = {} if self.price is None else {"balance": hex(_FUNDS)}
        if self.sender_has_code:
            of_sender["code"] = "0x00"  # STOP
        return {hex_data(self.sender): of_sender} if self.sender is not None and of_sender else {}


PLAIN: Final = CallContext()


def contexts(seed: bytes, *, sender_has_code: bool = False) -> tuple[CallContext, ...]:
    """Contexts that differ from `PLAIN` in as much as a node takes, the most first; all follow from the seed.

    No one has a key of the sender, and on the chain no code stands there or where the reader is put: both are hashes.
    """
    drawn = shake_256(b"call context\n" + seed).digest(2 * ADDRESS + 16)
    sender, reader = drawn[:ADDRESS], drawn[ADDRESS : 2 * ADDRESS]
    more_gas, more_price = int.from_bytes(drawn[-16:-8]), int.from_bytes(drawn[-8:])
    gas = _LEAST_GAS + more_gas % _MORE_GAS
    price = _LEAST_PRICE + more_price % _LEAST_PRICE
    return (
        CallContext(sender, price, gas, reader, sender_has_code),
        CallContext(sender, None, gas, reader, sender_has_code),
        CallContext(sender, None, None, reader, sender_has_code),
    )
