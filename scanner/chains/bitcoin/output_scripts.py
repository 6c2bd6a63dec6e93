"""The scripts that Bitcoin-like addresses stand for, made of the hashes in them, and taken apart again.

No chain and no text is known here. Sources: BIP-16, BIP-141; CHIP-2022-05 (script hashes of 32 bytes, Bitcoin Cash).
"""

from __future__ import annotations

from hashlib import sha256

from scanner.core.ripemd160 import ripemd160


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256."""
    return ripemd160(sha256(data).digest())


def pubkey_to_hash(digest: bytes) -> bytes:
    """P2PKH."""
    return b"\x76\xa9\x14" + digest + b"\x88\xac"


def script_to_hash(digest: bytes) -> bytes:
    """P2SH of 20 bytes, or of 32."""
    return b"\xa9\x14" + digest + b"\x87" if len(digest) == 20 else b"\xaa\x20" + digest + b"\x87"


def witness_to_program(version: int, program: bytes) -> bytes:
    """A witness program."""
    return bytes([version + 0x50 if version else 0, len(program)]) + program


def p2pkh_hash(script: bytes) -> bytes | None:
    """The key hash of a P2PKH script; None if it is none."""
    matches = len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac"
    return script[3:23] if matches else None


def p2sh_hash(script: bytes) -> bytes | None:
    """The script hash of a P2SH script of 20 bytes; None if it is none."""
    matches = len(script) == 23 and script[:2] == b"\xa9\x14" and script[22] == 0x87
    return script[2:22] if matches else None


def p2sh32_hash(script: bytes) -> bytes | None:
    """The script hash of a P2SH script of 32 bytes, which Bitcoin Cash alone has; None if it is none."""
    matches = len(script) == 35 and script[:2] == b"\xaa\x20" and script[34] == 0x87
    return script[2:34] if matches else None
