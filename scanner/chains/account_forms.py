"""What a family of accounts is: a reader of spellings, and a writer of the one spelling. No family is known here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from scanner.core.columns import Accounts
from scanner.core.ids import Chain

LONGEST_SHOWN: Final = 100  # characters of a text that a message quotes


class AddressError(ValueError):
    """The text (or key) is not an account of that chain. The message says what is wrong and what was expected."""


class _Key(Protocol):
    def __call__(self, chain: Chain, text: str, /) -> bytes: ...


class _Text(Protocol):
    def __call__(self, chain: Chain, key: bytes, /) -> str: ...


class _Texts(Protocol):
    def __call__(self, chain: Chain, keys: Accounts, /) -> list[str]: ...


class _Keys(Protocol):
    def __call__(self, chain: Chain, texts: Sequence[str], /) -> Accounts | None: ...


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name of the same ledger, where its accounts have one balance of the coin under both."""

    chain: Chain
    key: Callable[[bytes], bytes | None]  # an account's key here to its key there; None for one that is not there


def _nowhere(_chain: Chain) -> None:
    return None


def _every(_chain: Chain) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class AccountForms:
    """How the accounts of one CAIP-2 namespace are written.

    For every text `t` that `key` reads: `key(text(key(t))) == key(t)`. For every key of the family: `text(key)` is one
    text, and `key(text(key)) == key`. Both raise AddressError for anything else.
    """

    namespace: str
    key: _Key  # any spelling of an account to its key
    text: _Text  # a key to its canonical spelling
    elsewhere: Callable[[Chain], OtherName | None] = _nowhere  # under which other name the ledger goes
    knows: Callable[[Chain], bool] = _every  # False of a chain whose accounts are kept as they are written
    texts: _Texts | None = None  # `text` of many, where that is faster; raises alike
    keys: _Keys | None = None  # `key` of many canonical spellings; None where one of them is, or may be, another text


def shown(text: str) -> str:
    """`text` as it may stand in a message: escaped, because look-alikes are the very thing to be seen, and bounded."""
    return ascii(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "...")


def refused(text: str, what: str, expected: str) -> AddressError:
    """The error for a text that is not `what` ("a Tron address")."""
    return AddressError(f"{shown(text)} is not {what}; expected {expected}")


def require_length(key: bytes, lengths: int | tuple[int, ...], what: str) -> bytes:
    """`key`, if it has one of `lengths` bytes. Raises AddressError."""
    allowed = (lengths,) if isinstance(lengths, int) else lengths
    if len(key) not in allowed:
        raise AddressError(f"{what} has {' or '.join(map(str, allowed))} bytes, not {len(key)}")
    return key
