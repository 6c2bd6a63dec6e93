"""What `balanceOf` answers at a block, by the token's own code over proven state. START READING HERE.

The code is asked as an account asks that the contract does not know. So an answer that is found here is the one that
every node gives to all who ask, but for accounts that the contract itself names, such as a proxy's administrator. An
answer that hangs on anything else of the asking is none.

Sources: EIP-20 (balanceOf); the contract ABI (a word is returned in 32 bytes; what follows them is passed over).
"""

from __future__ import annotations

from collections.abc import Collection

from scanner.chains.evm.balance_call import READER, balance_of
from scanner.chains.evm.execution.contracts import Contracts
from scanner.chains.evm.execution.frame import FrameReverted, Halted
from scanner.chains.evm.execution.machine import Machine
from scanner.chains.evm.execution.rules import Rules
from scanner.chains.evm.execution.undetermined import Caller
from scanner.proofs.flaws import Flaw, ProofError

_WORD = 32
_NO_SENDER = 0  # the sender that a node takes where none is named


def balance_by_code(
    contracts: Contracts, rules: Rules, token: bytes, holder: bytes, readers: Collection[bytes] = ()
) -> int:
    """The holder's balance in atoms. `token`, `holder`: 20 bytes; `readers`: contracts that balances are read through.

    Raises ProofError: INCOMPLETE where something is asked of the state that is not shown, UNDETERMINED, TOO_LARGE,
    NO_CODE, and NO_BALANCE where it is shown that the contract answers with no balance.
    """
    if contracts.code(token) is None:
        raise ProofError(Flaw.NO_CODE, f"there is no contract at 0x{token.hex()}")
    usual = {_NO_SENDER, *(int.from_bytes(each, "big") for each in (READER, token, holder, *readers))}
    try:
        answer = Machine(contracts, rules).call(int.from_bytes(token, "big"), Caller(usual), balance_of(holder))
    except (FrameReverted, Halted):
        raise ProofError(Flaw.NO_BALANCE, f"0x{token.hex()} refuses to say the balance of 0x{holder.hex()}") from None
    if len(answer) < _WORD:
        raise ProofError(Flaw.NO_BALANCE, f"0x{token.hex()} answers with {len(answer)} bytes, which are no balance")
    return int.from_bytes(answer[:_WORD], "big")
