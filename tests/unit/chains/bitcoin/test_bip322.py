"""BIP-322: the BIP's vectors, and signatures of our own broken where a lenient reader would not notice."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.accounts import account_key
from scanner.chains.bitcoin import transaction
from scanner.chains.control import verify
from scanner.proofs.control import NotShown, NotVerifiable, Proof, Shown, Verdict
from tests.support import proof_signing as sign
from tests.support.places import VECTORS as _VECTORS
from tests.support.tables import each_of

VECTORS = json.loads((_VECTORS / "bip322.json").read_text())
KEYS = [sign.public(number) for number in (1, 2, 3)]
TWO_OF_THREE = sign.multisig(2, KEYS)
OUTPUT = bytes(8) + b"\x01\x6a"


def judge(proof: Proof) -> Verdict:
    return verify(proof, proof.message or "-")


def bip322(account: bytes, data: bytes, prefix: str = "", message: str = sign.MESSAGE) -> Proof:
    return Proof("bip322", sign.BITCOIN, account, message, (prefix + base64.b64encode(data).decode(),))


# The other side: what a wallet does, for the kinds of output that need no interpreter


def stack(items: Sequence[bytes]) -> bytes:
    return bytes([len(items)]) + b"".join(sign.prefixed(item) for item in items)


def segwit_signature(
    number: int, account: bytes, script_code: bytes, hash_type: int = 1, version: bytes = bytes(4)
) -> bytes:
    spent = sign.bip322_prevout(account)
    preimage = version + sign.sha256d(spent) + sign.sha256d(bytes(4)) + spent + sign.prefixed(script_code) + bytes(12)
    preimage += sign.sha256d(OUTPUT) + bytes(4) + hash_type.to_bytes(4, "little")
    return sign.secret(number).der(sign.sha256d(preimage)) + bytes([hash_type])


def legacy_signature(number: int, account: bytes, script_code: bytes, hash_type: int = 1) -> bytes:
    preimage = bytes(4) + b"\x01" + sign.bip322_prevout(account) + sign.prefixed(script_code) + bytes(4)
    preimage += b"\x01" + OUTPUT + bytes(4) + hash_type.to_bytes(4, "little")
    return sign.secret(number).der(sign.sha256d(preimage)) + bytes([hash_type])


def full(account: bytes, script_sig: bytes = b"", witness: Sequence[bytes] = (), **other: bytes) -> bytes:
    parts = {
        "version": bytes(4),
        "prevout": sign.bip322_prevout(account),
        "sequence": bytes(4),
        "output": b"\x01" + OUTPUT,
    }
    parts |= {"lock_time": bytes(4), "after": b""} | other
    marker, ending = (b"\x00\x01", stack(witness)) if witness else (b"", b"")
    return b"".join((parts["version"], marker, b"\x01", parts["prevout"], push_length(script_sig), parts["sequence"],
                     parts["output"], ending, parts["lock_time"], parts["after"]))  # fmt: skip


def push_length(script: bytes) -> bytes:
    length = len(script)
    return (bytes([length]) if length < 0xFD else b"\xfd" + length.to_bytes(2, "little")) + script


def pushed(*items: bytes) -> bytes:
    return b"".join((b"\x4c" if len(item) > 75 else b"") + sign.prefixed(item) for item in items)


def p2wpkh_simple(number: int = 1, hash_type: int = 1) -> tuple[bytes, list[bytes]]:
    key = sign.public(number)
    account = sign.p2wpkh(key)
    return account, [segwit_signature(number, account, sign.p2pkh(key), hash_type), key]


# The BIP's vectors


@pytest.mark.parametrize(("message", "digest", "txid"), VECTORS["hashes"])
def test_the_hashes_of_the_bip_are_reproduced(message: str, digest: str, txid: str) -> None:
    account = account_key(sign.BITCOIN, "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l")
    assert transaction.tagged_hash(b"BIP0322-signed-message", message.encode()).hex() == digest
    assert transaction.to_spend_prevout(message.encode(), account)[:32][::-1].hex() == txid
    assert transaction.to_spend_prevout(message.encode(), account) == sign.bip322_prevout(account, message)


@each_of(("message", "kind", "address", "signature"), VECTORS["simple"] + VECTORS["full"])
def test_a_signature_of_the_bip_holds_for_its_message_and_address_only(
    message: str, kind: str, address: str, signature: str
) -> None:
    proof = Proof("bip322", sign.BITCOIN, account_key(sign.BITCOIN, address), message, (signature,))
    verdict = judge(proof)
    if "time-lock" in kind:
        assert isinstance(verdict, NotVerifiable)  # the BIP's "inconclusive": there is no script interpreter here
    else:
        assert not isinstance(verdict, NotShown), verdict
    assert isinstance(judge(replace(proof, message=message + "x")), NotShown)
    for _, _, other, _ in VECTORS["simple"] + VECTORS["full"]:
        if other != address:
            assert isinstance(judge(replace(proof, account=account_key(sign.BITCOIN, other))), NotShown)


@pytest.mark.parametrize(("why", "message", "address", "signature"), VECTORS["error"])
def test_an_invalid_signature_of_the_bip_is_refused(why: str, message: str, address: str, signature: str) -> None:
    proof = Proof("bip322", sign.BITCOIN, account_key(sign.BITCOIN, address), message, (signature,))
    assert isinstance(judge(proof), NotShown)


@pytest.mark.parametrize("row", [VECTORS["simple"][index] for index in (2, 5, 8)] + [VECTORS["full"][0]])
def test_every_changed_byte_of_a_signature_is_refused(row: list[str]) -> None:
    message, _, address, signature = row
    proof = Proof("bip322", sign.BITCOIN, account_key(sign.BITCOIN, address), message, (signature,))
    prefix = "smp" if signature.startswith("smp") else ""
    data = base64.b64decode(signature.removeprefix(prefix))
    for index in range(len(data)):
        changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        text = prefix + base64.b64encode(changed).decode()
        assert isinstance(judge(replace(proof, signatures=(text,))), NotShown), index


# Signatures of our own


def test_p2wpkh_alone_and_inside_p2sh_is_shown_in_both_forms() -> None:
    account, witness = p2wpkh_simple()
    in_full = full(account, witness=witness)
    for data, prefix in ((stack(witness), ""), (stack(witness), "smp"), (in_full, ""), (in_full, "ful")):
        assert judge(bip322(account, data, prefix)) == Shown("bip322", (sign.public(1),))
    redeem = sign.p2wpkh(sign.public(1))
    wrapped = sign.p2sh(redeem)
    witness = [segwit_signature(1, wrapped, sign.p2pkh(sign.public(1))), sign.public(1)]
    assert isinstance(judge(bip322(wrapped, stack(witness))), Shown)
    assert isinstance(judge(bip322(wrapped, full(wrapped, pushed(redeem), witness))), Shown)
    for script_sig in (b"", redeem, pushed(redeem, b"\x01"), pushed(sign.p2wpkh(sign.public(2)))):
        assert isinstance(judge(bip322(wrapped, full(wrapped, script_sig, witness))), NotShown)


def test_a_stranger_s_signature_over_the_right_transaction_is_refused() -> None:
    """The stranger signs all that the owner would sign, and shows a key or script of his own."""
    key, strange = sign.public(1), sign.public(2)
    account = sign.p2wpkh(key)
    for script_code in (sign.p2pkh(key), sign.p2pkh(strange)):
        for shown in (key, strange):
            witness = [segwit_signature(2, account, script_code), shown]
            assert isinstance(judge(bip322(account, stack(witness))), NotShown)
    account = sign.p2pkh(key)
    for shown in (key, strange):
        script_sig = pushed(legacy_signature(2, account, account), shown)
        assert isinstance(judge(bip322(account, full(account, script_sig))), NotShown)
    account = sign.p2sh(sign.p2wpkh(key))
    witness = [segwit_signature(2, account, sign.p2pkh(strange)), strange]
    assert isinstance(judge(bip322(account, stack(witness))), NotShown)
    assert isinstance(judge(bip322(account, full(account, pushed(sign.p2wpkh(strange)), witness))), NotShown)
    script = sign.multisig(1, [strange])
    for account in (sign.p2wsh(TWO_OF_THREE), sign.p2sh(sign.p2wsh(TWO_OF_THREE))):
        witness = [b"", segwit_signature(2, account, script), script]
        assert isinstance(judge(bip322(account, stack(witness))), NotShown)
        assert isinstance(judge(bip322(account, full(account, b"", witness))), NotShown)
        assert isinstance(judge(bip322(account, full(account, pushed(sign.p2wsh(script)), witness))), NotShown)
    account = sign.p2sh(TWO_OF_THREE)
    script_sig = pushed(b"", legacy_signature(2, account, script), script)
    assert isinstance(judge(bip322(account, full(account, script_sig))), NotShown)


def test_an_unknown_transaction_version_is_not_verifiable_though_it_is_signed() -> None:
    key = sign.public(1)
    account = sign.p2wpkh(key)
    for number, kind in ((0, Shown), (2, Shown), (1, NotVerifiable), (3, NotVerifiable)):
        version = number.to_bytes(4, "little")
        witness = [segwit_signature(1, account, sign.p2pkh(key), version=version), key]
        assert isinstance(judge(bip322(account, full(account, witness=witness, version=version), "ful")), kind)


def test_segwit_shows_nothing_on_a_chain_that_has_none() -> None:
    account, witness = p2wpkh_simple()
    wrapped = sign.p2sh(sign.p2wpkh(sign.public(1)))
    inside = [segwit_signature(1, wrapped, sign.p2pkh(sign.public(1))), sign.public(1)]
    for chain, kind in ((sign.LITECOIN, Shown), (sign.DOGECOIN, NotVerifiable), (sign.DASH, NotVerifiable)):
        for proof in (bip322(account, stack(witness)), bip322(wrapped, stack(inside))):
            assert isinstance(judge(replace(proof, chain=chain)), kind)


def test_a_redeem_script_must_hash_to_the_address_itself() -> None:
    """Pushed alone, the witness script of a P2SH-wrapped P2WSH output spends nothing."""
    account = sign.p2sh(sign.p2wsh(TWO_OF_THREE))
    signatures = [legacy_signature(number, account, TWO_OF_THREE) for number in (1, 2)]
    script_sig = pushed(b"", *signatures, TWO_OF_THREE)
    assert isinstance(judge(bip322(account, full(account, script_sig))), NotShown)


def test_m_of_n_is_shown_by_m_keys_in_their_order() -> None:
    account = sign.p2wsh(TWO_OF_THREE)
    one, two, three = (segwit_signature(number, account, TWO_OF_THREE) for number in (1, 2, 3))
    for signatures in ([one, two], [one, three], [two, three]):
        assert isinstance(judge(bip322(account, stack([b"", *signatures, TWO_OF_THREE]))), Shown)
    for items in ([b"", one], [b"", one, one], [b"", two, one], [b"\x00", one, two], [one, two], [b"", one, two, three],
                  [b"", one, b""], [b"", b"", b""], []):  # fmt: skip
        assert isinstance(judge(bip322(account, stack([*items, TWO_OF_THREE]))), NotShown)
    assert isinstance(judge(bip322(account, stack([b"", one, two, sign.multisig(1, KEYS)]))), NotShown)


def test_a_key_that_the_script_repeats_is_counted_once() -> None:
    script = sign.multisig(2, [KEYS[0], KEYS[0]])
    account = sign.p2wsh(script)
    signature = segwit_signature(1, account, script)
    assert isinstance(judge(bip322(account, stack([b"", signature, signature, script]))), NotShown)


def test_legacy_outputs_are_shown_in_the_full_form() -> None:
    account = sign.p2pkh(sign.public(1, compressed=False))
    script_sig = pushed(legacy_signature(1, account, account), sign.public(1, compressed=False))
    assert judge(bip322(account, full(account, script_sig))) == Shown("bip322", (sign.public(1),))
    shared = sign.p2sh(TWO_OF_THREE)
    signatures = [legacy_signature(number, shared, TWO_OF_THREE) for number in (1, 3)]
    script_sig = pushed(b"", *signatures, TWO_OF_THREE)
    assert isinstance(judge(bip322(shared, full(shared, script_sig))), Shown)
    for wrong in (b"", b"\x51" + script_sig, script_sig + b"\x51", pushed(b"", *signatures), script_sig[:-1],
                  b"\x4d" + len(script_sig).to_bytes(2, "little") + script_sig):  # fmt: skip
        assert isinstance(judge(bip322(shared, full(shared, wrong))), NotShown)


def test_the_legacy_form_is_for_p2pkh_only() -> None:
    signature = base64.b64decode(sign.bip137().signatures[0])
    assert isinstance(judge(bip322(sign.p2pkh(sign.public(1)), signature)), Shown)
    assert isinstance(judge(bip322(sign.p2wpkh(sign.public(1)), signature)), NotShown)


def test_a_taproot_key_path_is_shown_with_the_default_or_all_hash_type_only() -> None:
    output_key = sign.public(1)[1:]
    account = b"\x51\x20" + output_key
    tag = hashlib.sha256(b"TapSighash").digest()

    def signature(hash_type: int) -> bytes:
        sha = (hashlib.sha256(part).digest() for part in
               (sign.bip322_prevout(account), bytes(8), sign.prefixed(account), bytes(4), OUTPUT))  # fmt: skip
        body = bytes([0, hash_type]) + bytes(8) + b"".join(sha) + bytes(5)
        return sign.secret(1).schnorr(hashlib.sha256(tag + tag + body).digest())

    assert isinstance(judge(bip322(account, stack([signature(0)]))), Shown)
    assert isinstance(judge(bip322(account, stack([signature(1) + b"\x01"]))), Shown)
    for wrong in (signature(0) + b"\x00", signature(0) + b"\x01", signature(2) + b"\x02", signature(1), b"", bytes(64)):
        assert isinstance(judge(bip322(account, stack([wrong]))), NotShown)
    assert isinstance(judge(bip322(account, stack([signature(0), b"\x50annex"]))), NotVerifiable)
    assert isinstance(judge(bip322(b"\x52" + account[1:], stack([signature(0)]))), NotVerifiable)


def test_only_sighash_all_strict_der_and_low_s_are_accepted() -> None:
    account, (signature, key) = p2wpkh_simple()
    for hash_type in (0, 2, 3, 0x81):
        _, other = p2wpkh_simple(hash_type=hash_type)
        assert isinstance(judge(bip322(account, stack(other))), NotShown)
    der = signature[:-1]
    r, s = der[4 : 4 + der[3]], der[6 + der[3] :]
    twin = (sign.ORDER - int.from_bytes(s, "big")).to_bytes(33, "big")

    def encoded(*numbers: bytes) -> bytes:
        body = b"".join(b"\x02" + sign.prefixed(number) for number in numbers)
        return b"\x30" + sign.prefixed(body)

    assert encoded(r, s) == der
    for wrong in (encoded(r, twin), encoded(b"\x00" + r, s), encoded(r, b"\x00" + s), der + b"\x00", der[:-1], b"",
                  b"\x31" + der[1:], encoded(r, s, s), encoded(b"", s), encoded(r, b"\x80" + s)):  # fmt: skip
        assert isinstance(judge(bip322(account, stack([wrong + b"\x01", key]))), NotShown)


def test_p2wpkh_takes_no_uncompressed_key() -> None:
    key = sign.public(1, compressed=False)
    account = sign.p2wpkh(key)
    assert isinstance(judge(bip322(account, stack([segwit_signature(1, account, sign.p2pkh(key)), key]))), NotShown)


def test_every_fixed_field_of_the_full_form_is_checked() -> None:
    account, witness = p2wpkh_simple()
    here, elsewhere = sign.bip322_prevout(account), sign.bip322_prevout(sign.p2wpkh(sign.public(2)))
    for field, wrong in (
        ("version", b"\x01\0\0\0"), ("version", b"\x03\0\0\0"), ("version", b"\x02\0\0\0"),  # signed with version 0
        ("prevout", here[:-1] + b"\x01"), ("prevout", elsewhere),
        ("sequence", b"\x01\0\0\0"), ("lock_time", b"\x01\0\0\0"), ("after", b"\x00"),
        ("output", b"\x00"), ("output", b"\x02" + OUTPUT + OUTPUT), ("output", b"\x01" + bytes(8) + b"\x01\x51"),
        ("output", b"\x01" + b"\x01" + bytes(7) + b"\x01\x6a"),
    ):  # fmt: skip
        assert isinstance(judge(bip322(account, full(account, witness=witness, **{field: wrong}), "ful")), NotShown), (
            field
        )
    assert isinstance(judge(bip322(account, full(account, b"\x51", witness))), NotShown)


def test_a_proof_of_funds_is_not_verifiable_without_the_unspent_outputs() -> None:
    account, witness = p2wpkh_simple()
    assert isinstance(judge(bip322(account, full(account, witness=witness), "pof")), NotVerifiable)
    one = full(account, witness=witness)
    second = b"\x11" * 32 + bytes(4) + b"\x00" + bytes(4)
    two = one[:6] + b"\x02" + one[7:48] + second + b"\x01" + OUTPUT + stack(witness) + stack([]) + bytes(4)
    assert isinstance(judge(bip322(account, two)), NotVerifiable)


@given(st.binary(max_size=200), st.sampled_from(["", "smp", "ful"]))
def test_arbitrary_bytes_are_refused_and_never_an_exception(data: bytes, prefix: str) -> None:
    for account in (sign.p2wpkh(KEYS[0]), sign.p2pkh(KEYS[0]), sign.p2sh(TWO_OF_THREE), sign.p2wsh(TWO_OF_THREE),
                    b"\x51\x20" + KEYS[0][1:], b"\x00", TWO_OF_THREE):  # fmt: skip
        assert isinstance(judge(bip322(account, data, prefix)), NotShown)


def test_a_length_is_written_in_the_shortest_way_only() -> None:
    account, (signature, key) = p2wpkh_simple()
    items = sign.prefixed(signature) + sign.prefixed(key)
    assert isinstance(judge(bip322(account, b"\x02" + items)), Shown)
    for count in (b"\xfd\x02\x00", b"\xfe\x02\x00\x00\x00", b"\xff\x02" + bytes(7)):
        assert isinstance(judge(bip322(account, count + items)), NotShown)
    for size, tail in ((b"\xfd", 2), (b"\xfe", 4), (b"\xff", 8)):
        long = size + len(signature).to_bytes(tail, "little") + signature
        assert isinstance(judge(bip322(account, b"\x02" + long + sign.prefixed(key))), NotShown)


def test_a_length_that_promises_more_than_there_is_costs_nothing() -> None:
    account, _ = p2wpkh_simple()
    for data in (b"\xff" + b"\xff" * 8, b"\x01\xfe\xff\xff\xff\xff", b"\xfd\xff\xff", b"\xfd\x01\x00\x00"):
        assert isinstance(judge(bip322(account, data, "smp")), NotShown)
        assert isinstance(judge(bip322(account, bytes(4) + data, "ful")), NotShown)
        assert isinstance(judge(bip322(account, bytes(4) + b"\x01" + bytes(36) + data, "ful")), NotShown)
