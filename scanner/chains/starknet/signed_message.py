"""Signatures by Starknet keys. An account is a contract there, so the chain must always be asked what key it obeys.

OKX has typed data signed: domain "OKX POR MESSAGE", version 1, chain SN_MAIN; one field `contents`, the message.

Sources: SNIP-12, revision 0; OKX's published verifier for the domain.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from scanner.chains.starknet import curve as stark_curve
from scanner.core.keccak import keccak256
from scanner.proofs.control import NotUnderstood, Proof, Refuted, Signers
from scanner.proofs.published_text import only_signature

_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{1,64})")
_SIGNATURE = re.compile(r"(?:0x)?([0-9a-fA-F]{64})([0-9a-fA-F]{1,64})")
# A felt that is written in digits is a number, not a text.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-fA-F]*")
_SHORT_STRING_BYTES: Final = 31


def okx_stark(proof: Proof) -> Signers:
    """r and s in hex, r with all 64 digits, over the typed data's hash; the public key's x-coordinate in hex."""
    key = _KEY.fullmatch(proof.public_key)
    signature = _SIGNATURE.fullmatch(only_signature(proof))
    if key is None:
        raise Refuted("the public key is not hexadecimal")
    if signature is None:
        raise Refuted("the signature is not r and s in hexadecimal")
    x = int(key[1], 16)
    digest = _message_hash(proof.message, int.from_bytes(proof.account))
    if not stark_curve.verify(x, digest, int(signature[1], 16), int(signature[2], 16)):
        raise Refuted("the signature is not by the given public key")
    return Signers((x.to_bytes(32, "big"),), "does the account's contract obey this key?")


def _message_hash(message: str, account: int) -> int:
    if not message.isascii() or len(message) > _SHORT_STRING_BYTES or _NUMBER.fullmatch(message):
        raise NotUnderstood(f"on Starknet a message is 1 to {_SHORT_STRING_BYTES} ASCII characters, and no number")
    contents = _struct("Message(contents:felt)", _short(message))
    return stark_curve.hash_on_elements([_short("StarkNet Message"), _domain(), account, contents])


@cache
def _domain() -> int:
    fields = "name:felt,version:felt,chainId:felt"
    return _struct(f"StarkNetDomain({fields})", _short("OKX POR MESSAGE"), 1, _short("SN_MAIN"))


def _struct(type_text: str, *members: int) -> int:
    # starknet_keccak: the low 250 bits.
    type_hash = int.from_bytes(keccak256(type_text.encode()), "big") & ((1 << 250) - 1)
    return stark_curve.hash_on_elements([type_hash, *members])


def _short(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")
