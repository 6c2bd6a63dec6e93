"""Which keys a Bitcoin script asks for, read from the script itself: m of n, behind whatever the address commits to.

Knows public key, public key hash, m-of-n and their P2SH, P2WSH and P2SH-P2WSH wrappings; any other script is
`NotUnderstood`. No signature and no message is known here.

Sources: BIP-11, BIP-16, BIP-141.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from scanner.chains.bitcoin.accounts import witness_program
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.output_scripts import hash160, p2sh_hash
from scanner.core.ids import Chain
from scanner.proofs.control import NotUnderstood, Refuted

_CHECKSIG, _CHECKMULTISIG = 0xAC, 0xAE
_OP_PUSHDATA1, _OP_PUSHDATA2 = 0x4C, 0x4D
_OP_1, _OP_16 = 0x51, 0x60


@dataclass(frozen=True, slots=True)
class KeyPolicy:
    """`required` of `keys` (as they stand in the script, 33 or 65 bytes each) must sign."""

    required: int
    keys: tuple[bytes, ...]
    multisig: bool  # by OP_CHECKMULTISIG


def key_policy(script: bytes) -> KeyPolicy:
    """The keys of a bare public key or m-of-n script. Raises NotUnderstood for any other."""
    if script and script[-1] == _CHECKSIG:
        keys = _pushed_keys(script[:-1])
        if len(keys) == 1:
            return KeyPolicy(1, keys, multisig=False)
    if len(script) >= 3 and script[-1] == _CHECKMULTISIG:
        keys = _pushed_keys(script[1:-2])
        required, total = script[0] - _OP_1 + 1, script[-2] - _OP_1 + 1
        # OP_0 (0x00) would make `required` negative: a script that asks for no signature shows no control.
        if 1 <= required <= total <= _OP_16 - _OP_1 + 1 and total == len(keys):
            return KeyPolicy(required, keys, multisig=True)
    raise NotUnderstood("the script is neither a public key nor m-of-n public keys")


def committed_script(script_pubkey: bytes, script: bytes, *, wrapped: bool = False) -> bytes:
    """`script`, if `script_pubkey` pays to its hash: P2SH, P2WSH or, where `wrapped`, P2WSH in P2SH. Raises Refuted."""
    digest = hashlib.sha256(script).digest()
    if p2sh_hash(script_pubkey) == hash160(script):
        if len(script) > 520:
            raise Refuted("a redeem script of more than 520 bytes can never be spent (BIP-16)")
        return script
    if wrapped and p2sh_hash(script_pubkey) == hash160(b"\x00\x20" + digest):
        return script
    if witness_program(script_pubkey) == (0, digest):
        return script
    raise Refuted("the given script is not the one the address commits to")


def has_segwit(chain: Chain) -> bool:
    """Whether that chain knows segregated witness. Where it does not, anyone can spend from a witness program."""
    known = BITCOIN_CHAINS.get(chain.reference)
    return known is not None and known.hrp is not None


def is_key(data: bytes) -> bool:
    """Whether `data` has the form of a public key, 33 bytes or 65; that it lies on the curve is not checked."""
    return (len(data), data[:1]) in ((33, b"\x02"), (33, b"\x03"), (65, b"\x04"))


def pushes(script: bytes) -> list[bytes]:
    """What a script that only pushes leaves on the stack, each push written in the shortest way. Raises Refuted."""
    stack = []
    position = 0
    while position < len(script):
        opcode = script[position]
        position += 1
        size = {_OP_PUSHDATA1: 1, _OP_PUSHDATA2: 2}.get(opcode, 0)
        length = int.from_bytes(script[position : position + size], "little") if size else opcode
        item = script[position + size : position + size + length]
        shortest = (0, 0x4C, 0x100)[size]
        if opcode > _OP_PUSHDATA2 or length < shortest or len(item) != length:
            raise Refuted("the script signature does not consist of pushes in the shortest form")
        stack.append(item)
        position += size + length
    return stack


def _pushed_keys(body: bytes) -> tuple[bytes, ...]:
    try:
        keys = pushes(body)
    except Refuted:
        keys = []
    if not all(map(is_key, keys)):
        return ()
    return tuple(keys)
