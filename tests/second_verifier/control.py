"""Step 8's words of control, as docs/control.md says: from the proof published for an account, and its `owners`.

Written from the documents alone: nothing here imports the package. It knows the schemes of EVM chains, of Bitcoin-like
ones but BIP-322, of Aptos and of the XRP Ledger.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_keys.datatypes import PublicKey, Signature
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.second_verifier.accounts import (
    BITCOIN_LIKE,
    hash160,
    keccak256,
    key_of,
    p2pkh,
    p2sh,
    sha256,
    witness_program,
)
from tests.second_verifier.reading import Row, need, table_in

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_USED: Final = {
    "eip155": ("eip191", "okx-evm", "okx-ecdsa", "bls"),
    "bip122": ("bip137", "okx-utxo-hex", "bip322"),
    "aptos": ("okx-ed25519",),
    "xrpl": ("okx-ecdsa",),
}
_OKX: Final = b"\x14OKX Signed Message:\n"


class DoesNotHoldError(Exception):
    """Of a proof that shows nothing."""


class CannotBeJudgedError(Exception):
    """Of a proof of a kind that no rule is for."""


@dataclass(frozen=True)
class Proof:
    chain: str
    account: bytes
    message: str
    signatures: list[str]
    key: str
    owners: list[str]

    @property
    def data(self) -> bytes:
        return self.message.encode()


def word_of(row: Row, published: Mapping[str, Any] | None, challenge: str | None, revision: int) -> str:
    """The word that follows for a row; Refused for owners that stand where no question was left."""
    word, signers = _shown(row, published, challenge, revision)
    asked = signers is not None and not (row.chain.startswith("eip155:") and len(row.key) != 20)
    asked = asked and not row.chain.startswith("bip122:")
    need(8, not row.owners or (asked and row.block), "owners where nothing was asked")
    if signers is None:
        return word
    return _by_owners(word, {signer.hex() for signer in signers}, row.owners) if asked else "UNVERIFIABLE"


def _by_owners(word: str, signers: set[str], owners: str) -> str:
    kind, *named = owners.split(" ")
    if not owners:
        return "UNVERIFIABLE"
    if kind == "none":
        return "UNSHOWN"
    if kind == "owner":
        return word if named[0][2:] in signers else "UNSHOWN"
    weights = [name[2:].partition("=") for name in named[1:]]
    reached = sum(int(weight or 1) for owner, _, weight in weights if owner in signers)
    return word if reached >= int(named[0]) else "UNSHOWN"


def _shown(
    row: Row, published: Mapping[str, Any] | None, challenge: str | None, revision: int
) -> tuple[str, list[bytes] | None]:
    """Rules 2 to 9: the word; and of a question that is left who signed, with the word that they would earn."""
    signatures = [each for each in published["signatures"] if each] if published else []
    if published is None or not signatures:
        return "ABSENT", None
    space, scheme = row.chain.partition(":")[0], published.get("scheme")
    proof = Proof(
        row.chain, row.key, published.get("message") or "", signatures, published.get("key") or "",
        published.get("owners") or [],
    )  # fmt: skip
    if scheme:
        if scheme not in _USED[space]:
            return "UNVERIFIABLE", None
        schemes = [scheme]
    else:
        schemes = _recognised(space, signatures, revision)
        if not schemes:
            return "UNVERIFIABLE", None
    strange = proof.key.startswith(("{", "["))
    texts = [*signatures, *proof.owners, proof.key]
    longest = max(map(len, texts))
    if len(signatures) > 20 or len(proof.owners) > 20 or longest > 40_000 or len(proof.data) > 10_000:
        return ("UNVERIFIABLE" if strange else "UNSHOWN"), None
    word = "SHOWN" if challenge is not None and proof.message == challenge else "REPLAYABLE"
    left, unjudged = None, False
    for each in schemes:
        try:
            signers = _SCHEMES[each](proof)
        except DoesNotHoldError:
            continue
        except CannotBeJudgedError:
            unjudged = True
            continue
        if signers is None and space in ("aptos", "xrpl"):
            signers = [row.key]
        if signers is None:
            return word, None
        left = left or signers
    if left:
        return word, left
    return ("UNVERIFIABLE" if unjudged or strange else "UNSHOWN"), None


def _recognised(space: str, signatures: list[str], revision: int) -> list[str]:
    if len(signatures) > 20 or max(map(len, signatures)) > 40_000:
        return []
    for form in table_in(revision, "signature_forms.csv"):
        if form["namespace"] == space and all(re.fullmatch(form["pattern"], each) for each in signatures):
            return form["schemes"].split(";")
    return []


# --- what signatures are of


def _hex(text: str) -> bytes:
    digits = text.removeprefix("0x")
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2})*", digits):
        raise DoesNotHoldError
    return bytes.fromhex(digits)


def _sized(data: bytes) -> bytes:
    size = len(data)
    return (bytes([size]) if size < 0xFD else b"\xfd" + size.to_bytes(2, "little")) + data


def _recovered(digest: bytes, rs: bytes, number: int) -> PublicKey:
    if len(rs) != 64 or not 0 <= number <= 3:
        raise DoesNotHoldError
    if number > 1:  # r lies above the field's order, which no honest signature has
        raise DoesNotHoldError
    try:
        return Signature(rs + bytes([number])).recover_public_key_from_msg_hash(digest)
    except Exception:  # noqa: BLE001 - the library raises what it likes
        raise DoesNotHoldError from None


def _of_r_s_v(digest: bytes, text: str, *, low: bool) -> PublicKey:
    data = _hex(text)
    if len(data) != 65 or (low and int.from_bytes(data[32:64]) * 2 > _ORDER):
        raise DoesNotHoldError
    return _recovered(digest, data[:64], data[64] - 27 if data[64] >= 27 else data[64])


def _long(key: PublicKey) -> bytes:
    return b"\x04" + key.to_bytes()


def _address(key: PublicKey) -> bytes:
    return keccak256(key.to_bytes())[12:]


# --- the schemes: None where the account's own key signed, else who did


def _wallet(proof: Proof, digest: bytes) -> list[bytes] | None:
    if not proof.owners:
        if len(proof.account) != 20:
            raise CannotBeJudgedError
        if len(proof.signatures) != 1 or _address(_of_r_s_v(digest, proof.signatures[0], low=True)) != proof.account:
            raise DoesNotHoldError
        return None
    try:
        owners = [key_of(proof.chain, owner) for owner in proof.owners]
    except ValueError:
        raise DoesNotHoldError from None
    if len(owners) != len(proof.signatures) or len(set(owners)) != len(owners):
        raise DoesNotHoldError
    if [_address(_of_r_s_v(digest, each, low=True)) for each in proof.signatures] != owners:
        raise DoesNotHoldError
    return None if owners == [proof.account] else owners


def _eip191(proof: Proof) -> list[bytes] | None:
    length = str(len(proof.data)).encode()
    return _wallet(proof, keccak256(b"\x19Ethereum Signed Message:\n" + length + proof.data))


def _okx_evm(proof: Proof) -> list[bytes] | None:
    return _wallet(proof, keccak256(b"\x19Ethereum Signed Message:\n32" + keccak256(proof.data)))


def _okx_ecdsa(proof: Proof) -> None:
    if len(proof.signatures) != 1:
        raise DoesNotHoldError
    evm = proof.chain.startswith("eip155:")
    key = _of_r_s_v(keccak256(_OKX + _sized(proof.data)), proof.signatures[0], low=evm)
    if proof.key and _hex(proof.key) not in (key.to_compressed_bytes(), _long(key), key.to_bytes()):
        raise DoesNotHoldError
    if (_address(key) if evm else hash160(key.to_compressed_bytes())) != proof.account:
        raise DoesNotHoldError


def _okx_ed25519(proof: Proof) -> list[bytes] | None:
    """On Aptos."""
    key = _hex(proof.key)
    if len(proof.signatures) != 1 or len(key) != 32:
        raise DoesNotHoldError
    try:
        VerifyKey(key).verify(_OKX + _sized(proof.data), _hex(proof.signatures[0]))
    except (BadSignatureError, ValueError):
        raise DoesNotHoldError from None
    of_key = hashlib.sha3_256(key + b"\0").digest()
    try:
        owners = [key_of(proof.chain, owner) for owner in proof.owners]
    except ValueError:
        raise DoesNotHoldError from None
    if len(owners) > 1:
        raise CannotBeJudgedError
    if of_key != (owners or [proof.account])[0]:
        raise DoesNotHoldError
    return None if of_key == proof.account else [of_key]


def _bip137(proof: Proof) -> None:
    prefix = (BITCOIN_LIKE[proof.chain]["message"] + "\n").encode()
    digest = sha256(sha256(_sized(prefix) + _sized(proof.data)))
    signers: list[tuple[int | None, PublicKey]] = []
    for text in proof.signatures:
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            raise DoesNotHoldError from None
        if base64.b64encode(data).decode() != text or len(data) != 65 or not 27 <= data[0] <= 42:
            raise DoesNotHoldError
        kind, number = divmod(data[0] - 27, 4)
        signers.append((kind, _recovered(digest, data[1:], number)))
    _bound(proof, signers)


def _okx_utxo_hex(proof: Proof) -> None:
    digest = keccak256(_OKX + _sized(proof.data))
    signers: list[tuple[int | None, PublicKey]] = []
    for text in proof.signatures:
        data = _hex(text)
        if len(data) != 65 or not (data[64] <= 3 or 27 <= data[64] <= 34):
            raise DoesNotHoldError
        signers.append((None, _recovered(digest, data[:64], data[64] if data[64] <= 3 else (data[64] - 27) % 4)))
    _bound(proof, signers)


def _bound(proof: Proof, signers: list[tuple[int | None, PublicKey]]) -> None:
    """That those who signed are whom the script asks for."""
    given, account = _hex(proof.key), proof.account
    program, segwit = witness_program(account), bool(BITCOIN_LIKE[proof.chain]["bech32"])
    if program and (program[0] or not segwit):
        raise CannotBeJudgedError
    one_key = not given or (len(given) in (33, 65) and given[0] in (2, 3, 4))
    one_key = one_key and (account == p2pkh(account[3:23]) or bool(program and len(program[1]) == 20))
    if one_key or (not given and segwit and account == p2sh(account[2:22])) or _is_key(given, account, segwit=segwit):
        if len(signers) != 1 or not _is_of(account, *signers[0], segwit=segwit):
            raise DoesNotHoldError
        key = signers[0][1]
        if given and given not in (key.to_compressed_bytes(), _long(key)):
            raise DoesNotHoldError
        return
    _of_script(signers, _script_of(account, given, segwit=segwit))


def _is_key(given: bytes, account: bytes, *, segwit: bool) -> bool:
    return segwit and account == p2sh(account[2:22]) and len(given) in (33, 65) and given[0] in (2, 3, 4)


def _is_of(account: bytes, kind: int | None, key: PublicKey, *, segwit: bool) -> bool:
    short = hash160(key.to_compressed_bytes())
    forms = {p2pkh(hash160(_long(key))): {0}, p2pkh(short): {1}}
    if segwit:
        forms |= {b"\0\x14" + short: {1, 3}, p2sh(hash160(b"\0\x14" + short)): {1, 2}}
    return account in forms and (kind is None or kind in forms[account])


def _script_of(account: bytes, given: bytes, *, segwit: bool) -> bytes:
    """The script that the account commits to."""
    hashed = {p2sh(hash160(given)), *([b"\0\x20" + sha256(given)] if segwit else [])}
    hashed |= {p2sh(hash160(b"\0\x20" + sha256(given)))} if segwit else set()
    if account == p2sh(account[2:22]) or witness_program(account):
        if not given or account not in hashed:
            raise DoesNotHoldError
        return given
    if given not in (b"", account):
        raise DoesNotHoldError
    return account


def _of_script(signers: list[tuple[int | None, PublicKey]], script: bytes) -> None:
    pushes = rb"(?:\x21[\x02\x03].{32}|\x41\x04.{64})"
    if re.fullmatch(pushes + rb"\xac", script, re.DOTALL):
        needed, keys = 1, [script[1:-1]]
    elif re.fullmatch(rb"[\x51-\x60]" + pushes + rb"+[\x51-\x60]\xae", script, re.DOTALL):
        needed, keys = script[0] - 0x50, [push[1:] for push in re.findall(pushes, script[1:-2], re.DOTALL)]
        if len(keys) != script[-2] - 0x50 or needed > len(keys):
            raise CannotBeJudgedError
    else:
        raise CannotBeJudgedError
    seen: set[bytes] = set()
    for kind, key in signers:
        forms = {0: (_long(key),), 1: (key.to_compressed_bytes(),), None: (_long(key), key.to_compressed_bytes())}
        fitting = set(forms.get(kind, ())) & set(keys)
        if not fitting or key.to_bytes() in seen:
            raise DoesNotHoldError
        seen.add(key.to_bytes())
    if len(signers) < needed:
        raise DoesNotHoldError


def _unknown(_: Proof) -> None:
    raise NotImplementedError("a scheme that is not known here")


_SCHEMES: Final[dict[str, Any]] = {
    "eip191": _eip191,
    "okx-evm": _okx_evm,
    "okx-ecdsa": _okx_ecdsa,
    "okx-ed25519": _okx_ed25519,
    "bip137": _bip137,
    "okx-utxo-hex": _okx_utxo_hex,
    "bip322": _unknown,
    "bls": _unknown,
}
