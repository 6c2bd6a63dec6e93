"""Control of Bitcoin-like accounts by signed messages, from each of which a public key is recovered.

`bip137` is the wallets' "signmessage" and its extension to segwit; several such signatures beside a redeem or witness
script show an m-of-n account. `okx-utxo-hex` is the same with OKX's own digest and signatures in hex. In both, every
recovered key is bound to the scriptPubKey; high s is accepted, as Bitcoin Core's verifymessage does.

Sources: BIP-137, Bitcoin Core `util/message.cpp`, the message prefix of each coin's own node; OKX's published verifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from scanner.chains.bitcoin.accounts import witness_program
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.output_scripts import hash160, p2pkh_hash, p2sh_hash
from scanner.chains.bitcoin.scripts import committed_script, has_segwit, is_key, key_policy
from scanner.core.keccak import keccak256
from scanner.proofs.control import NotUnderstood, Proof, Refuted, Signers
from scanner.proofs.curves import compress_secp256k1, recover_secp256k1
from scanner.proofs.published_text import base64_bytes, hex_bytes, varstr

_OKX: Final = b"OKX Signed Message:\n"

P2PKH_UNCOMPRESSED, COMPRESSED, P2SH_P2WPKH, P2WPKH = range(4)


@dataclass(frozen=True, slots=True)
class _Recovered:
    key: bytes  # 65 bytes
    kind: int | None  # what the signature's header says of the address; None where it has no such header


def bip137(proof: Proof) -> Signers:
    """sha256d(varstr(magic) + varstr(message)); base64 of 65 bytes, header first."""
    known = BITCOIN_CHAINS.get(proof.chain.reference)
    magic = known.magic if known else None
    if magic is None:
        raise NotUnderstood(f"the message prefix of {proof.chain} is not known")
    digest = sha256(sha256(varstr(magic) + varstr(proof.message.encode())).digest()).digest()
    recovered = []
    for number, text in enumerate(proof.signatures, 1):
        what = f"signature {number}"
        signature = base64_bytes(text, what)
        if len(signature) != 65:
            raise Refuted(f"{what} has {len(signature)} bytes, expected 65")
        if not 27 <= signature[0] <= 42:
            raise Refuted(f"{what}: header {signature[0]}, expected 27 to 42")
        kind, recovery = divmod(signature[0] - 27, 4)
        recovered.append(_Recovered(_recover(digest, signature[1:], recovery, what), kind))
    return _bind(proof, recovered)


def okx_utxo_hex(proof: Proof) -> Signers:
    """keccak256(varstr("OKX Signed Message:\\n") + varstr(message)); hex of 65 bytes r, s, v."""
    digest = keccak256(varstr(_OKX) + varstr(proof.message.encode()))
    recovered = []
    for number, text in enumerate(proof.signatures, 1):
        what = f"signature {number}"
        signature = hex_bytes(text, what, (65,))
        header = signature[64]
        if header > 3 and not 27 <= header <= 34:
            raise Refuted(f"{what}: v is {header}, expected 27 to 34")
        recovery = header if header <= 3 else (header - 27) % 4
        recovered.append(_Recovered(_recover(digest, signature[:64], recovery, what), None))
    return _bind(proof, recovered)


def _recover(digest: bytes, signature: bytes, recovery: int, what: str) -> bytes:
    key = recover_secp256k1(digest, signature, recovery)
    if key is None:
        raise Refuted(f"{what} is no signature by any key")
    return key


def _bind(proof: Proof, recovered: list[_Recovered]) -> Signers:
    if not recovered:
        raise Refuted("no signature is given")
    given = hex_bytes(proof.public_key, "the public key or script") if proof.public_key else b""
    single_key = not given or is_key(given)
    segwit, witness = has_segwit(proof.chain), witness_program(proof.account)
    if witness is not None and not segwit:
        raise NotUnderstood("this chain has no segregated witness: anyone can spend from a witness program there")
    if witness is not None and witness[0] != 0:
        raise NotUnderstood("no public key can be recovered for Taproot and later; BIP-322 can show control of Taproot")
    if single_key and (hashed := _key_hash_forms(proof.account, segwit=segwit)):
        return _bind_one(recovered, given, hashed)
    # A script without a hash (bare public key, bare m-of-n) is its own policy.
    commits = p2sh_hash(proof.account) is not None or witness is not None
    if commits and not given:
        raise Refuted("the redeem or witness script is not given")
    if not commits and given not in (b"", proof.account):
        raise Refuted("the given script is not the account's own")
    script = committed_script(proof.account, given, wrapped=segwit) if commits else proof.account
    return _bind_policy(recovered, script)


def _key_hash_forms(account: bytes, *, segwit: bool) -> dict[int, bytes]:
    """What the key must hash to, by the kind of address that the signature's header names."""
    if (digest := p2pkh_hash(account)) is not None:
        return {P2PKH_UNCOMPRESSED: digest, COMPRESSED: digest}
    witness = witness_program(account)
    if witness is not None and len(witness[1]) == 20:
        # Electrum and Trezor once signed for segwit addresses with the header of a compressed P2PKH.
        return {COMPRESSED: witness[1], P2WPKH: witness[1]}
    if segwit and (digest := p2sh_hash(account)) is not None:
        return {COMPRESSED: digest, P2SH_P2WPKH: digest}
    return {}


def _bind_one(recovered: list[_Recovered], given: bytes, forms: dict[int, bytes]) -> Signers:
    if len(recovered) != 1:
        raise Refuted(f"{len(recovered)} signatures for an account of one key")
    signer = recovered[0]
    compressed = compress_secp256k1(signer.key)
    if given and given not in (signer.key, compressed):
        raise Refuted("the signature is not by the given public key")
    kinds = forms if signer.kind is None else {signer.kind} & forms.keys()
    if not kinds:
        raise Refuted("the signature's header is for another kind of address")
    for kind in kinds:
        form = signer.key if kind == P2PKH_UNCOMPRESSED else compressed
        hashed = hash160(form)
        if P2SH_P2WPKH in forms:
            hashed = hash160(b"\x00\x14" + hashed)
        if hashed == forms[kind]:
            return Signers((compressed,))
    raise Refuted("the signature is not by this account's key")


def _bind_policy(recovered: list[_Recovered], script: bytes) -> Signers:
    policy = key_policy(script)
    signers = []
    for number, signer in enumerate(recovered, 1):
        compressed = compress_secp256k1(signer.key)
        forms = {P2PKH_UNCOMPRESSED: (signer.key,), COMPRESSED: (compressed,), None: (signer.key, compressed)}
        if not set(forms.get(signer.kind, ())) & set(policy.keys):
            raise Refuted(f"signature {number} is by a key that is not in the script")
        signers.append(compressed)
    if len(set(signers)) != len(signers):
        raise Refuted("two signatures are by the same key")
    if len(signers) < policy.required:
        raise Refuted(f"{len(signers)} keys signed, the script asks for {policy.required}")
    return Signers(tuple(signers))
