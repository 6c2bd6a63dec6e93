"""Accounts of a chain of which no form is known: the text itself, its unusual characters percent-encoded as CAIP-10
wants it. No checksum is looked at, and two spellings of one account are two accounts: nothing can be asked of such a
chain either, so that neither counts.

Source: CAIP-10 (the characters of an account); RFC 3986 (percent-encoding).
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused
from scanner.core.ids import Chain

LONGEST: Final = 128

_VISIBLE = re.compile(r"[!-~]+")
_USUAL = re.compile(r"[-._a-zA-Z0-9]+")  # CAIP-10 lacks the underscore, which many accounts have
_PIECE = re.compile(r"%[0-9a-fA-F]{2}|.")


def encoded(text: str) -> str:
    """`text` in the form of CAIP-10; what stands percent-encoded in it is taken as that. Raises AddressError."""
    if len(text) > 3 * LONGEST:  # of which every three may stand for one
        raise refused(text, "an account", f"at most {LONGEST} characters")
    if _USUAL.fullmatch(text):
        written = text
    elif _VISIBLE.fullmatch(text):
        written = _PIECE.sub(_encode, text)
    else:
        raise refused(text, "an account", "visible ASCII characters")
    if len(written) > LONGEST:
        raise refused(text, "an account", f"at most {LONGEST} characters")
    return written


def account_key(_chain: Chain | None, text: str) -> bytes:
    """The text's bytes, percent-encoded. Raises AddressError."""
    return encoded(text).encode()


def account_text(_chain: Chain | None, key: bytes) -> str:
    """The text. Raises AddressError for bytes that are no key of this form."""
    try:
        text = key.decode("ascii")
    except UnicodeDecodeError:
        raise AddressError(f"{key.hex()} is not an account: expected ASCII text") from None
    if encoded(text) != text:
        raise refused(text, "an account", "unusual characters percent-encoded, and no others")
    return text


def _encode(piece: re.Match[str]) -> str:
    code = int(piece[0][1:], 16) if len(piece[0]) == 3 else ord(piece[0])
    return chr(code) if _USUAL.fullmatch(chr(code)) else f"%{code:02X}"


def _nothing_is_known(_chain: Chain) -> bool:
    return False


FORMS: Final = AccountForms("", account_key, account_text, knows=_nothing_is_known)
