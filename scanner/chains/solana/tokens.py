"""Tokens of Solana: what stands in the bytes of mints and of token accounts, and where an owner's account mostly lies.

Two programs keep tokens alike: SPL Token, and Token-2022, which puts extensions behind the same fields. A mint has the
supply and the decimals; a token account has one mint, one owner and one amount. An owner may have any number of token
accounts of a mint; the one whose address follows from owner and mint is called the associated one.

Pure. Every function raises ValueError for bytes that are not what they should be. Not in here: how they are asked for.

Sources: solana-program/token and token-2022, `state.rs` and `extension/mod.rs`; associated-token-account,
`get_associated_token_address`; Solana's documentation on program derived addresses; RFC 8032, section 5.1.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from scanner.core import base58

TOKEN: Final = base58.decode("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022: Final = base58.decode("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
PROGRAMS: Final = frozenset({TOKEN, TOKEN_2022})
_ASSOCIATED: Final = base58.decode("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")

AMOUNT_AT: Final = 64  # of a token account: where its amount begins
AMOUNT: Final = 8  # bytes, little-endian
_MINT_SIZE: Final = 82
_ACCOUNT_SIZE: Final = 165
_KIND_AT: Final = 165  # of what has extensions: its kind, and the extensions behind
_MINT_KIND: Final = 1
_ACCOUNT_KIND: Final = 2

_RESCALED: Final = {10: "bears interest", 25: "is scaled"}
"""Extensions of a mint by which one coin is not so many units, by number: InterestBearingConfig, ScaledUiAmount."""


@dataclass(frozen=True, slots=True)
class Mint:
    """What a mint says of its token."""

    program: bytes
    decimals: int
    rescaled: str | None = None  # in which way an amount is not the number of coins it is shown as


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """A token account. Frozen or delegated, its amount is its owner's; what transfers withheld in it is not in it."""

    mint: bytes
    owner: bytes
    amount: int


def mint_of(program: bytes, data: bytes) -> Mint:
    """A mint from the first of its bytes: the fields, and as many of its extensions as are there."""
    _require(program in PROGRAMS, "it is of no token program")
    _require(len(data) == _MINT_SIZE or _has_extensions(program, data, _MINT_KIND), "it is no mint")
    _require(data[45] == 1, "it is no mint that was made")
    rescaled = next((_RESCALED[kind] for kind in _extensions(data) if kind in _RESCALED), None)
    return Mint(program, data[44], rescaled)


def token_account_of(program: bytes, data: bytes) -> TokenAccount:
    """A token account from the first of its bytes."""
    _require(program in PROGRAMS, "it is of no token program")
    _require(
        len(data) == _ACCOUNT_SIZE or _has_extensions(program, data, _ACCOUNT_KIND),
        "it is no token account",
    )
    _require(data[108] in (1, 2), "it is no token account that was made")  # 2: frozen
    amount = int.from_bytes(data[AMOUNT_AT : AMOUNT_AT + AMOUNT], "little")
    return TokenAccount(data[:32], data[32:64], amount)


@lru_cache(65_536)
def associated(owner: bytes, mint: bytes, program: bytes) -> bytes:
    """The address of the owner's associated token account: the first that no key can have."""
    for bump in range(255, -1, -1):
        seeds = owner + program + mint + bytes([bump]) + _ASSOCIATED + b"ProgramDerivedAddress"
        address = sha256(seeds).digest()
        if not is_point(address):
            return address
    raise ValueError("there is none")  # one in 2**256


def is_point(text: bytes) -> bool:
    """Whether 32 bytes are a point of Ed25519, as each public key is."""
    y = int.from_bytes(text, "little") & ((1 << 255) - 1)
    if y >= _P:
        y -= _P  # as the runtime's decompression takes it
    square = (y * y - 1) * (_D * y * y + 1) % _P  # a square if, and only if, the quotient of the two is one: x squared
    return square == 0 or pow(square, (_P - 1) // 2, _P) == 1


_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P


def _has_extensions(program: bytes, data: bytes, kind: int) -> bool:
    return program == TOKEN_2022 and len(data) > _KIND_AT and data[_KIND_AT] == kind


def _extensions(data: bytes) -> Iterator[int]:
    """The numbers of the extensions, in their order: each has two bytes of a number, two of a length, and so many."""
    at = _KIND_AT + 1
    while at + 4 <= len(data):
        number = int.from_bytes(data[at : at + 2], "little")
        if number == 0:
            return
        yield number
        at += 4 + int.from_bytes(data[at + 2 : at + 4], "little")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
