"""Output descriptors of a single public key: `pk(<key>)`, `pkh(<key>)`, `wpkh(<key>)`, `sh(wpkh(<key>))`.

A public key alone is no account: four scripts and more pay to one key, so a bare one is refused, and the message names
the spellings that work. The same is done with what stands for many accounts (extended keys) or needs more than is known
here (`tr`, `multi`, key origins). A checksum behind `#` is looked at where there is one, as in BIP-380.

Sources: BIP-380, BIP-381, BIP-382; SEC 1 (public keys); the curve's parameters in SEC 2.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.bitcoin.output_scripts import hash160, pubkey_to_hash, script_to_hash, witness_to_program

_KEY = re.compile(r"0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128}")
_CALL = re.compile(r"(pk|pkh|wpkh|sh|wsh|tr|combo|multi|sortedmulti|addr)\(")
_FORM = re.compile(r"(pk|pkh|wpkh|sh\(wpkh)\(([0-9a-fA-F]+)\)(\)?)")
_EXTENDED = re.compile(r"[xyzYZtuvUV](?:pub|prv)[1-9A-HJ-NP-Za-km-z]{20,}")
_PRIME: Final = 2**256 - 2**32 - 977
_INPUT: Final = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
_OUTPUT: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)
_EXPECTED: Final = "expected an address, pk(<key>), pkh(<key>), wpkh(<key>), sh(wpkh(<key>)) or raw(<script>)"


def is_meant(text: str) -> bool:
    """Whether `text` is a descriptor or a public key, rightly written or not, and no address."""
    return any(form.match(text) for form in (_CALL, _EXTENDED)) or _KEY.fullmatch(text) is not None


def script_of(text: str, *, segwit: bool) -> bytes:
    """The script of a descriptor; `segwit` says whether the chain knows witness programs. Raises ValueError."""
    if _KEY.fullmatch(text):
        raise ValueError(f"a public key alone, to which several scripts pay; {_EXPECTED}")
    if _EXTENDED.match(text):
        raise ValueError(f"an extended key, which stands for many accounts; {_EXPECTED}")
    body, mark, checksum = text.partition("#")
    if mark and checksum != _checksum(body):
        raise ValueError("the checksum behind # is wrong")
    match = _FORM.fullmatch(body)
    if match is None or bool(match[3]) != match[1].startswith("sh"):
        raise ValueError(f"a descriptor that is not read here; {_EXPECTED}")
    key = _public_key(match[2])
    if match[1] == "pk":
        return bytes([len(key)]) + key + b"\xac"
    if match[1] == "pkh":
        return pubkey_to_hash(hash160(key))
    if not segwit:
        raise ValueError("this chain knows no witness programs")
    if len(key) != 33:
        raise ValueError("a witness program pays to compressed keys only, 33 bytes")
    script = witness_to_program(0, hash160(key))
    return script if match[1] == "wpkh" else script_to_hash(hash160(script))


def _public_key(digits: str) -> bytes:
    """A point of secp256k1: no one could spend what is paid to another number. Raises ValueError."""
    if not _KEY.fullmatch(digits):
        raise ValueError("its key has not the form of a public key, 02 or 03 and 64 hex digits, or 04 and 128")
    key = bytes.fromhex(digits)
    x, y = int.from_bytes(key[1:33]), int.from_bytes(key[33:])
    square = (pow(x, 3, _PRIME) + 7) % _PRIME
    on_curve = y * y % _PRIME == square if len(key) == 65 else pow(square, _PRIME >> 1, _PRIME) == 1
    if max(x, y) >= _PRIME or not on_curve:
        raise ValueError("its key is no point of the curve")
    return key


def _checksum(body: str) -> str:
    """BIP-380's eight characters. Raises ValueError for a character that no descriptor has."""
    state, group, count = 1, 0, 0
    for character in body:
        position = _INPUT.find(character)
        if position < 0:
            raise ValueError(f"character {character!a} stands in no descriptor")
        state = _polymod(state, position & 31)
        group, count = group * 3 + (position >> 5), count + 1
        if count == 3:
            state, group, count = _polymod(state, group), 0, 0
    if count:
        state = _polymod(state, group)
    for _ in range(8):
        state = _polymod(state, 0)
    state ^= 1
    return "".join(_OUTPUT[state >> 5 * (7 - place) & 31] for place in range(8))


def _polymod(state: int, value: int) -> int:
    top = state >> 35
    state = (state & 0x7FFFFFFFF) << 5 ^ value
    for bit, constant in enumerate(_GENERATOR):
        if top >> bit & 1:
            state ^= constant
    return state
