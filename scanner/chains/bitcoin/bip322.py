"""Control of Bitcoin accounts by BIP-322: a virtual transaction that spends from the account is signed.

There is no script interpreter here. Understood are single keys and m-of-n in P2PKH, P2WPKH, P2SH, P2WSH and
P2SH-wrapped segwit, and Taproot's key path; whatever else a script may ask for (time locks, Taproot scripts) is
"inconclusive" in the BIP's words, and NotUnderstood in ours. So is a proof of funds, which needs the unspent outputs.

Source: BIP-322, with the prefixes `smp`, `ful` and `pof` of its version 2; BIP-16, BIP-141, BIP-341 for the spending.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from scanner.chains.bitcoin import signed_message as bitcoin
from scanner.chains.bitcoin.accounts import witness_program
from scanner.chains.bitcoin.output_scripts import hash160, p2pkh_hash, p2sh_hash
from scanner.chains.bitcoin.scripts import committed_script, has_segwit, is_key, key_policy, pushes
from scanner.chains.bitcoin.transaction import (
    SIGHASH_ALL,
    ToSign,
    legacy_digest,
    parse_to_sign,
    parse_witness,
    segwit_v0_digest,
    taproot_digest,
    to_spend_prevout,
)
from scanner.proofs.control import NotUnderstood, Proof, Refuted, Signers
from scanner.proofs.curves import compress_secp256k1, verify_ecdsa_secp256k1, verify_schnorr_secp256k1
from scanner.proofs.published_text import base64_bytes, only_signature


def bip322(proof: Proof) -> Signers:
    """The simple form (a witness), the full form (a transaction), and for P2PKH the legacy form; base64."""
    text = only_signature(proof)
    prefix = text[:3] if text[:3] in ("smp", "ful", "pof") else ""
    data = base64_bytes(text.removeprefix(prefix), "the signature")
    if prefix == "pof":
        raise NotUnderstood("a proof of funds can only be judged with the set of unspent outputs")
    if not prefix and len(data) == 65 and p2pkh_hash(proof.account) is not None:
        return bitcoin.bip137(proof)
    prevout = to_spend_prevout(proof.message.encode(), proof.account)
    # Where neither is marked: as a witness, four bytes of a transaction's version would be a stack that ends at once.
    if prefix == "ful" or (not prefix and data[:4] in (b"\0\0\0\0", b"\2\0\0\0")):
        to_sign = _full(data, prevout)
    else:
        witness = parse_witness(data)
        to_sign = ToSign(prevout, witness, _implied_script_sig(proof.account, witness))
    if not has_segwit(proof.chain) and (to_sign.witness or witness_program(proof.account) is not None):
        raise NotUnderstood("this chain has no segregated witness: anyone can spend from a witness program there")
    return Signers(_spend(proof.account, to_sign))


def _full(data: bytes, prevout: bytes) -> ToSign:
    to_sign, inputs = parse_to_sign(data)
    if to_sign.prevout != prevout:
        raise Refuted("the signature is for another message or another account")
    if inputs != 1:
        raise NotUnderstood("a proof of funds can only be judged with the set of unspent outputs")
    if to_sign.version not in (0, 2):
        raise NotUnderstood(f"transaction version {to_sign.version}, expected 0 or 2")
    return to_sign


def _implied_script_sig(script_pubkey: bytes, witness: Sequence[bytes]) -> bytes:
    """The script signature that a simple signature leaves out: the push of the witness program inside P2SH."""
    if witness and p2sh_hash(script_pubkey) is not None:
        for program in (b"\x00\x14" + hash160(witness[-1]), b"\x00\x20" + sha256(witness[-1]).digest()):
            if p2sh_hash(script_pubkey) == hash160(program):
                return bytes([len(program)]) + program
    return b""


def _spend(script_pubkey: bytes, to_sign: ToSign) -> tuple[bytes, ...]:
    """The keys that signed, if `to_sign` satisfies `script_pubkey`. Raises Refuted or NotUnderstood."""
    if witness_program(script_pubkey) is not None:
        if to_sign.script_sig:
            raise Refuted("a script signature where only a witness may stand")
        return _spend_witness(script_pubkey, to_sign)
    if p2sh_hash(script_pubkey) is not None and to_sign.witness:
        redeem = to_sign.script_sig[1:]
        if to_sign.script_sig[:1] != bytes([len(redeem) % 256]) or hash160(redeem) != p2sh_hash(script_pubkey):
            raise Refuted("the script signature is not the push of the script that the address commits to")
        return _spend_witness(redeem, to_sign)
    if to_sign.witness:
        raise Refuted("a witness where only a script signature may stand")
    stack = pushes(to_sign.script_sig)
    if (key_hash := p2pkh_hash(script_pubkey)) is not None:
        return _key_hash(key_hash, stack, legacy_digest(to_sign, script_pubkey), lengths=(33, 65))
    script = script_pubkey
    if p2sh_hash(script_pubkey) is not None:
        if not stack:
            raise Refuted("the redeem script is not given")
        script = committed_script(script_pubkey, stack.pop())
    return _policy(script, stack, legacy_digest(to_sign, script))


def _spend_witness(program_script: bytes, to_sign: ToSign) -> tuple[bytes, ...]:
    version, program = witness_program(program_script) or (-1, b"")
    stack = list(to_sign.witness)
    if version == 1 and len(program) == 32 and not to_sign.script_sig:
        return _taproot(program_script, program, to_sign)
    if version != 0:
        raise NotUnderstood("nothing is known of this kind of output")
    if len(program) == 20:
        script_code = b"\x76\xa9\x14" + program + b"\x88\xac"
        return _key_hash(program, stack, segwit_v0_digest(to_sign, script_code), lengths=(33,))
    if not stack:
        raise Refuted("the witness script is not given")
    script = committed_script(program_script, stack.pop())
    return _policy(script, stack, segwit_v0_digest(to_sign, script))


def _key_hash(key_hash: bytes, stack: Sequence[bytes], digest: bytes, *, lengths: tuple[int, ...]) -> tuple[bytes, ...]:
    if len(stack) != 2:
        raise Refuted(f"{len(stack)} items for an account of one key, expected a signature and a public key")
    signature, key = stack
    if not is_key(key) or len(key) not in lengths or hash160(key) != key_hash:
        raise Refuted("the public key is not this account's")
    if not _signed(key, digest, signature):
        raise Refuted("the signature is not by this account's key")
    return (_compressed(key),)


def _policy(script: bytes, stack: Sequence[bytes], digest: bytes) -> tuple[bytes, ...]:
    policy = key_policy(script)
    # OP_CHECKMULTISIG takes one item more than it uses, which must be empty (BIP-147).
    if policy.multisig and (not stack or stack[0] != b""):
        raise Refuted("the item below the signatures is not empty")
    signatures = list(stack[1:] if policy.multisig else stack)
    if len(signatures) != policy.required:
        raise Refuted(f"{len(signatures)} signatures, the script asks for {policy.required}")
    signers = []
    for key in policy.keys:  # signatures stand in the order of their keys
        if signatures and _signed(key, digest, signatures[0]):
            signatures.pop(0)
            signers.append(_compressed(key))
    if signatures:
        raise Refuted("a signature is by none of the script's keys that are left, in their order")
    if len(set(signers)) != len(signers):
        raise Refuted("two signatures are by the same key")
    return tuple(signers)


def _taproot(script_pubkey: bytes, output_key: bytes, to_sign: ToSign) -> tuple[bytes, ...]:
    if len(to_sign.witness) != 1:
        raise NotUnderstood("only Taproot's key path is understood, without an annex")
    signature = to_sign.witness[0]
    hash_type = signature[64] if len(signature) == 65 else 0
    if len(signature) not in (64, 65) or (len(signature) == 65 and hash_type != SIGHASH_ALL):
        raise Refuted("a Taproot signature has 64 bytes, or 65 with SIGHASH_ALL")
    if not verify_schnorr_secp256k1(output_key, taproot_digest(to_sign, script_pubkey, hash_type), signature[:64]):
        raise Refuted("the signature is not by this account's key")
    return (output_key,)


def _signed(key: bytes, digest: bytes, signature: bytes) -> bool:
    return signature[-1:] == bytes([SIGHASH_ALL]) and verify_ecdsa_secp256k1(key, digest, signature[:-1])


def _compressed(key: bytes) -> bytes:
    return key if len(key) == 33 else compress_secp256k1(key)
