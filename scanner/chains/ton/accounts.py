"""Accounts of TON: the workchain as one signed byte, and 32 bytes.

Raw (`0:<64 hex digits>`), or 36 bytes in base64 of either alphabet: bounceable (`EQ...`) or not (`UQ...`), which is
said to wallets and is no part of the account. Written as the latter, URL-safe. A form marked for test networks is
refused on the main network.

Source: TEP-2.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from scanner.chains.account_forms import AccountForms, AddressError, refused, require_length
from scanner.core.ids import Chain

_MAIN: Final = "-239"
_BOUNCEABLE, _NON_BOUNCEABLE, _TEST_ONLY = 0x11, 0x51, 0x80
_RAW = re.compile(r"(0|-1):([0-9a-fA-F]{64})")
_FRIENDLY = re.compile(r"[-_+/0-9A-Za-z]{48}")
_WHAT: Final = "a TON address"


def account_key(chain: Chain, text: str) -> bytes:
    """Workchain (00 or ff) and 32 bytes. Raises AddressError."""
    raw = _RAW.fullmatch(text)
    if raw:
        return int(raw[1]).to_bytes(1, signed=True) + bytes.fromhex(raw[2])
    if not _FRIENDLY.fullmatch(text):
        raise refused(text, _WHAT, "48 characters of base64, or a workchain and 64 hex digits")
    data = base64.b64decode(text.translate(_FROM_URL_SAFE))
    if data[0] & ~_TEST_ONLY not in (_BOUNCEABLE, _NON_BOUNCEABLE) or data[1] not in (0x00, 0xFF):
        raise refused(text, _WHAT, "one of the basic workchain or the masterchain")
    if binascii.crc_hqx(data[:34], 0) != int.from_bytes(data[34:]):
        raise refused(text, _WHAT, "its checksum to be right")
    if data[0] & _TEST_ONLY and chain.reference == _MAIN:
        raise refused(text, _WHAT, "one of the main network; this is marked for test networks only")
    return data[1:34]


def account_text(_chain: Chain, key: bytes) -> str:
    """The form that is not bounceable. Raises AddressError for bytes that are no account."""
    if require_length(key, 33, "a TON account, with its workchain,")[0] not in (0x00, 0xFF):
        raise AddressError(f"the workchain {key[0]} of a TON account is not known")
    data = bytes([_NON_BOUNCEABLE]) + key
    return base64.urlsafe_b64encode(data + binascii.crc_hqx(data, 0).to_bytes(2)).decode()


_FROM_URL_SAFE: Final = str.maketrans("-_", "+/")

FORMS: Final = AccountForms("tvm", account_key, account_text)
