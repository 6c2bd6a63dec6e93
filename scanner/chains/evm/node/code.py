"""A few dozen bytes of EVM code of ours that read many balances in one call, and the way to their answers.

The code is never deployed: it runs inside one `eth_call` at a past block, either set as the code of an unused address
(state override; the accounts are the call's data), or as the init code of a contract that is never created (no `to`;
the accounts stand behind the code). What comes back shows where it was computed:

    CHAINID | NUMBER | BLOCKHASH(NUMBER - 1) | one 32-byte balance per account, in order

The token loop reverts with the position of the first account whose balance the token did not give: a call that failed,
or answered fewer than 32 bytes, as a call to an address without code does. No failure can read as zero.

Pure: nothing here asks a node, and nothing here judges a header. Instructions after Istanbul (such as PUSH0) are not
used, so the code also runs at old blocks and on slow-moving chains.

On Arbitrum, whose NUMBER and BLOCKHASH are of other blocks than its own, ArbSys tells both instead.

Sources: the Yellow Paper's appendix H; EIP-170, EIP-214, EIP-1344, EIP-3860; nitro's precompiles/ArbSys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scanner.chains.evm.balance_call import ADDRESS, BALANCE_OF, WORD
from scanner.core.columns import Accounts
from scanner.core.keccak import keccak256

HEADER = 3 * WORD  # bytes before the first balance

DECIMALS = keccak256(b"decimals()")[:4]

ARBSYS = bytes.fromhex("0000000000000000000000000000000000000064")
ARB_BLOCK_NUMBER = keccak256(b"arbBlockNumber()")[:4]
ARB_BLOCK_HASH = keccak256(b"arbBlockHash(uint256)")[:4]

CODE_LIMIT = 24_576  # EIP-170: bytes that init code may return
INIT_CODE_LIMIT = 49_152  # EIP-3860

_OPCODES = {
    "ADD": 0x01,
    "SUB": 0x03,
    "GT": 0x11,
    "ISZERO": 0x15,
    "AND": 0x16,
    "SHL": 0x1B,
    "SHR": 0x1C,
    "KECCAK256": 0x20,
    "BALANCE": 0x31,
    "CALLDATALOAD": 0x35,
    "CALLDATASIZE": 0x36,
    "CALLDATACOPY": 0x37,
    "CODESIZE": 0x38,
    "CODECOPY": 0x39,
    "RETURNDATASIZE": 0x3D,
    "BLOCKHASH": 0x40,
    "NUMBER": 0x43,
    "CHAINID": 0x46,
    "POP": 0x50,
    "MLOAD": 0x51,
    "MSTORE": 0x52,
    "SLOAD": 0x54,
    "JUMP": 0x56,
    "JUMPI": 0x57,
    "GAS": 0x5A,
    "DUP1": 0x80,
    "DUP2": 0x81,
    "DUP3": 0x82,
    "DUP4": 0x83,
    "SWAP1": 0x90,
    "RETURN": 0xF3,
    "STATICCALL": 0xFA,
    "REVERT": 0xFD,
}
_PUSH1 = 0x60
_JUMPDEST = 0x5B


def assemble(source: str) -> bytes:
    """EVM code from text: one instruction a word, `;` begins a comment.

    `20` and `0x0c` push a number in as few bytes as hold it, `name:` marks a place to jump to and `@name` pushes it, in
    two bytes always, so that places are known before they are used; `@end` is the code's length. Raises ValueError.
    """
    words = [word for line in source.splitlines() for word in line.partition(";")[0].split()]
    places: dict[str, int] = {}
    length = 0
    for word in words:
        if word.endswith(":"):
            if word[:-1] in places or word == "end:":
                raise ValueError(f"{word} stands twice")
            places[word[:-1]] = length
        length += len(_instruction(word, None))
    places["end"] = length
    return b"".join(_instruction(word, places) for word in words)


def _instruction(word: str, places: dict[str, int] | None) -> bytes:
    """The bytes of one instruction. Without `places` only their number is right."""
    if word.endswith(":"):
        return bytes([_JUMPDEST])
    if word.startswith("@"):
        if places is not None and word[1:] not in places:
            raise ValueError(f"{word} is no place")
        place = 0 if places is None else places[word[1:]]
        return bytes([_PUSH1 + 1]) + place.to_bytes(2)
    if word[0].isdigit():
        number = bytes.fromhex(word[2:]) if word.startswith("0x") else _shortest(int(word))
        if not 1 <= len(number) <= WORD:
            raise ValueError(f"{word} does not fit a word")
        return bytes([_PUSH1 - 1 + len(number)]) + number
    if word not in _OPCODES:
        raise ValueError(f"{word} is no instruction")
    return bytes([_OPCODES[word]])


def _shortest(number: int) -> bytes:
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8))


# Memory: 0x00-0x3f scratch, from 0x40 the answer. Stack at the loop's head: [next word of the answer, next account].
_PROGRAM = """
    CHAINID             0x40 MSTORE     ; answer[0] = the chain's id
    {block}
    {prepare}
    0xa0                                ; where the next balance goes
    {first}                             ; where the next account is read
loop:
    DUP1 {SIZE} GT ISZERO @done JUMPI   ; until nothing is left to read
    20 DUP2 {account} {COPY}            ; the account, right-aligned in its word of scratch
    {balance}
    20 ADD SWAP1                        ; the next account is 20 bytes further
    32 ADD SWAP1                        ; the next balance is 32 bytes further
    @loop JUMP
done:
    POP                                 ; [end of the answer]
    0x40 DUP2 SUB 0x40 RETURN           ; the answer, from 0x40 to its end
{failure}
"""

_BLOCK = """
    NUMBER              0x60 MSTORE     ; answer[1] = the block's number
    1 NUMBER SUB BLOCKHASH              ; the hash of block NUMBER - 1 ...
                        0x80 MSTORE     ; answer[2] = ... is the block's parent hash
"""
_BLOCK_BY_ARBSYS = f"""
    0x{ARB_BLOCK_NUMBER.hex()} 0xe0 SHL 0x00 MSTORE
    32 0x60 4 0x00 0x{ARBSYS[-1:].hex()} GAS STATICCALL POP     ; answer[1]; if it fails, a zero that fits no block
    0x{ARB_BLOCK_HASH.hex()} 0xe0 SHL 0x00 MSTORE
    1 0x60 MLOAD SUB 0x04 MSTORE
    32 0x80 36 0x00 0x{ARBSYS[-1:].hex()} GAS STATICCALL POP    ; answer[2], likewise
    0 0x00 MSTORE                       ; the accounts' words need their leading zeros
"""

_OWN_BALANCE = """
    0x00 MLOAD BALANCE                  ; 0 for an account that is not there, which is the truth
    DUP3 MSTORE                         ; into the answer
"""

_PREPARE_CALL = "0x{selector} 0xe0 SHL 0x00 MSTORE"
_CALL_BALANCE = """
    32 DUP3                             ; the answer's word goes straight into our answer
    36 0x00                             ; the call's data: selector and account
    0x{token} {gas} STATICCALL            ; may not change anything (EIP-214)
    31 RETURNDATASIZE GT AND            ; it succeeded, and gave at least 32 bytes
    ISZERO @failed JUMPI
"""
_CALL_FAILED = """
failed:
    POP                                 ; [where the balance would have gone]
    0xa0 SWAP1 SUB 5 SHR                ; its position: the distance to the first balance, by 32
    0x00 MSTORE 32 0x00 REVERT
"""


@dataclass(frozen=True, slots=True)
class _Input:
    """Where a program finds its accounts."""

    size: str
    copy: str
    first: str


_FROM_CALLDATA = _Input("CALLDATASIZE", "CALLDATACOPY", "0")
_FROM_CODE = _Input("CODESIZE", "CODECOPY", "@end")


@dataclass(frozen=True, slots=True)
class _Output:
    """How a program finds an account's balance."""

    prepare: str
    account: str  # where in scratch memory the account's 20 bytes go
    balance: str
    failure: str


def _of_token(token: bytes | None, gas: int | None) -> _Output:
    # BALANCE wants the account in one word; balanceOf wants it behind 4 bytes of selector and 12 of zeros.
    if token is None:
        return _Output("", "12", _OWN_BALANCE, "")
    called = _CALL_BALANCE.format(token=token.hex(), gas="GAS" if gas is None else str(gas))
    return _Output(_PREPARE_CALL.format(selector=BALANCE_OF.hex()), "16", called, _CALL_FAILED)


def _program(source: _Input, output: _Output, *, arbsys: bool = False) -> bytes:
    return assemble(
        _PROGRAM.format(
            SIZE=source.size,
            COPY=source.copy,
            first=source.first,
            block=_BLOCK_BY_ARBSYS if arbsys else _BLOCK,
            prepare=output.prepare,
            account=output.account,
            balance=output.balance,
            failure=output.failure,
        )
    )


def override_code(token: bytes | None, *, gas: int | None = None, arbsys: bool = False) -> bytes:
    """Code for `READER` that reads the accounts in its call data: native balances, or those of the 20-byte `token`.

    `gas`: what each balanceOf gets at most; None for all that is left.
    """
    return _program(_FROM_CALLDATA, _of_token(token, gas), arbsys=arbsys)


def init_code(token: bytes | None, *, gas: int | None = None, arbsys: bool = False) -> bytes:
    """Init code that reads the accounts appended to it. It answers with contract code, so `CODE_LIMIT` bounds it."""
    return _program(_FROM_CODE, _of_token(token, gas), arbsys=arbsys)


def init_code_with(balance: str, failure: str) -> bytes:
    """Init code like that for native balances, with other instructions in the place of BALANCE: they find the account
    in the word at 0x00, the stack as it is at the loop's head, and leave it so, with the account's word of the answer
    written. What `failure` begins with is where they may jump to."""
    return _program(_FROM_CODE, _Output("", "12", balance, failure))


def most_for_init_code(code: bytes) -> int:
    """How many accounts `init_code` can read at once."""
    return min((CODE_LIMIT - HEADER) // WORD, (INIT_CODE_LIMIT - len(code)) // ADDRESS)


def are_addresses(accounts: Sequence[bytes]) -> bool:
    """Whether each account has 20 bytes."""
    if isinstance(accounts, Accounts):
        return accounts.width == ADDRESS
    return not set(map(len, accounts)) - {ADDRESS}


def packed(accounts: Sequence[bytes]) -> bytes:
    """20-byte accounts in a row. Raises ValueError for an account of another length."""
    if not are_addresses(accounts):
        raise ValueError("an account of an EVM chain has 20 bytes")
    return accounts.packed() if isinstance(accounts, Accounts) else b"".join(accounts)
