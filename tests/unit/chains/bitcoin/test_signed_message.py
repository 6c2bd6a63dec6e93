"""Ownership of Bitcoin accounts by signed messages: m distinct keys of n, and every key bound to the script."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from scanner.chains.bitcoin.scripts import pushes
from scanner.chains.control import verify
from scanner.core.ids import Chain
from scanner.proofs.control import NotShown, NotVerifiable, Proof, Refuted, Shown, Verdict
from tests.support import proof_signing as sign

KEYS = [sign.public(number) for number in (1, 2, 3)]
TWO_OF_THREE = sign.multisig(2, KEYS)


def judge(proof: Proof) -> Verdict:
    return verify(proof, proof.message)


def reason(proof: Proof) -> str:
    verdict = judge(proof)
    assert isinstance(verdict, NotShown), verdict
    return verdict.reason


def p2sh_p2wsh(script: bytes) -> bytes:
    return sign.p2sh(sign.p2wsh(script))


@pytest.mark.parametrize("chain", [sign.BITCOIN, sign.REGTEST, sign.LITECOIN, sign.DOGECOIN, sign.DASH])
def test_each_chain_has_a_prefix_of_its_own(chain: Chain) -> None:
    assert judge(sign.bip137(chain=chain)) == Shown("bip137", (sign.public(1),))
    others = {sign.BITCOIN, sign.LITECOIN, sign.DOGECOIN, sign.DASH} - {chain, sign.BITCOIN}
    for other in others:
        assert isinstance(judge(replace(sign.bip137(chain=chain), chain=other)), NotShown)


def test_a_bitcoin_like_chain_without_a_known_prefix_is_not_verifiable() -> None:
    assert isinstance(judge(replace(sign.bip137(), chain=Chain("bip122", "0" * 32))), NotVerifiable)


@pytest.mark.parametrize(
    ("header", "account", "compressed"),
    [
        (27, sign.p2pkh(sign.public(1, compressed=False)), False),
        (31, sign.p2pkh(sign.public(1)), True),
        (35, sign.p2sh(sign.p2wpkh(sign.public(1))), True),
        (39, sign.p2wpkh(sign.public(1)), True),
        (31, sign.p2wpkh(sign.public(1)), True),
        (31, sign.p2sh(sign.p2wpkh(sign.public(1))), True),
    ],
)
def test_the_header_names_the_kind_of_address(header: int, account: bytes, compressed: bool) -> None:
    digest = sign.bitcoin_digest(sign.MESSAGE)
    proof = Proof("bip137", sign.BITCOIN, account, sign.MESSAGE, (sign.header_first(1, digest, header),))
    assert judge(proof) == Shown("bip137", (sign.public(1),))
    given = sign.public(1, compressed=compressed).hex()
    assert isinstance(judge(replace(proof, public_key=given)), Shown)
    assert reason(replace(proof, public_key=sign.public(2).hex())) == "the signature is not by the given public key"
    # Electrum and Trezor signed for segwit with 31, so that header stands for those addresses too.
    own = {header, 35, 39} if header == 31 else {header, 31}
    for other in {19, 27, 31, 35, 39, 43} - own:
        assert isinstance(judge(replace(proof, signatures=(sign.header_first(1, digest, other),))), NotShown), other
    assert isinstance(judge(replace(proof, signatures=(sign.header_first(2, digest, header),))), NotShown)


def test_a_segwit_header_shows_no_p2pkh_address() -> None:
    digest = sign.bitcoin_digest(sign.MESSAGE)
    for header in (27, 35, 39):
        proof = replace(sign.bip137(), signatures=(sign.header_first(1, digest, header),))
        assert isinstance(judge(proof), NotShown)


@pytest.mark.parametrize("wrap", [sign.p2sh, sign.p2wsh, p2sh_p2wsh, lambda script: script])
def test_m_of_n_is_shown_by_any_m_keys_in_any_wrapping(wrap: Callable[[bytes], bytes]) -> None:
    for signers in ((1, 2), (1, 3), (3, 2), (1, 2, 3)):
        verdict = judge(sign.bip137_of(TWO_OF_THREE, signers, wrap))
        assert verdict == Shown("bip137", tuple(sign.public(number) for number in signers))
    assert "asks for 2" in reason(sign.bip137_of(TWO_OF_THREE, (1,), wrap))
    assert "same key" in reason(sign.bip137_of(TWO_OF_THREE, (1, 1), wrap))
    assert "same key" in reason(sign.bip137_of(TWO_OF_THREE, (1, 2, 1), wrap))
    assert "not in the script" in reason(sign.bip137_of(TWO_OF_THREE, (1, 4), wrap))
    assert "not in the script" in reason(sign.bip137_of(TWO_OF_THREE, (1, 2, 4), wrap))


def test_a_single_key_behind_a_script_hash_is_shown() -> None:
    script = b"\x21" + sign.public(1) + b"\xac"
    for wrap in (sign.p2sh, sign.p2wsh, p2sh_p2wsh):
        assert isinstance(judge(sign.bip137_of(script, (1,), wrap)), Shown)
        assert isinstance(judge(sign.bip137_of(script, (2,), wrap)), NotShown)


def test_two_high_s_twins_are_one_key() -> None:
    proof = sign.bip137_of(TWO_OF_THREE, (1,))
    signature = base64.b64decode(proof.signatures[0])
    twin = sign.high_s(signature[1:] + bytes([signature[0] - 31]))
    twin_text = base64.b64encode(bytes([31 + twin[64]]) + twin[:64]).decode()
    second = sign.bip137_of(TWO_OF_THREE, (2,)).signatures
    assert isinstance(judge(replace(proof, signatures=(twin_text, *second))), Shown)
    assert "same key" in reason(replace(proof, signatures=(proof.signatures[0], twin_text)))


def test_the_script_must_be_the_one_the_address_commits_to() -> None:
    proof = sign.bip137_of(TWO_OF_THREE, (1, 2))
    for script in (sign.multisig(1, KEYS), sign.multisig(2, KEYS[::-1]), TWO_OF_THREE + b"\x00", TWO_OF_THREE[:-1],
                   sign.multisig(2, KEYS[:2])):  # fmt: skip
        assert "commits to" in reason(replace(proof, public_key=script.hex()))
    assert "is not given" in reason(replace(proof, public_key=""))


def test_a_script_given_beside_a_bare_script_must_be_that_script() -> None:
    proof = sign.bip137_of(TWO_OF_THREE, (1, 2), lambda script: script)
    assert isinstance(judge(replace(proof, public_key="")), Shown)
    assert "not the account's own" in reason(replace(proof, public_key=sign.multisig(1, KEYS).hex()))


def test_m_and_n_are_read_from_the_script_and_a_script_that_asks_for_nothing_shows_nothing() -> None:
    keys = b"".join(b"\x21" + key for key in KEYS)
    for script in (
        b"\x00" + keys + b"\x53\xae",  # 0-of-3
        b"\x00\x00\xae",  # 0-of-0
        b"\x54" + keys + b"\x53\xae",  # 4-of-3
        b"\x52" + keys + b"\x52\xae",  # more keys than n
        b"\x52" + keys + b"\x54\xae",  # fewer
        b"\x52" + keys + b"\x53\xaf",  # OP_CHECKMULTISIGVERIFY
        b"\x52" + keys + b"\x53\xae\x75\x51",  # ... OP_DROP OP_1
        b"\x52" + keys[:-1] + b"\x53\xae",
        b"\x51",
        b"",
        b"\xae",
        b"\xac",
        b"\x21" + b"\x05" + bytes(32) + b"\xac",
    ):
        for signers in ((1, 2), (1, 2, 3)):
            assert isinstance(judge(sign.bip137_of(script, signers)), NotShown), script.hex()
            assert isinstance(judge(sign.bip137_of(script, signers, sign.p2sh)), NotShown), script.hex()


def test_a_script_that_repeats_a_key_is_not_shown_by_that_key_alone() -> None:
    script = sign.multisig(2, [KEYS[0], KEYS[0], KEYS[1]])
    assert "same key" in reason(sign.bip137_of(script, (1, 1)))
    assert isinstance(judge(sign.bip137_of(script, (1, 2))), Shown)


def test_only_whole_pushes_in_the_shortest_form_are_read() -> None:
    assert pushes(b"") == []
    assert pushes(b"\x00\x02ab" + b"\x4c\x4c" + b"x" * 76 + b"\x4d\x00\x01" + b"y" * 256) == [
        b"", b"ab", b"x" * 76, b"y" * 256
    ]  # fmt: skip
    for wrong in (b"\x02a", b"\x4c", b"\x4c\x02ab", b"\x4c\x4b" + b"x" * 75, b"\x4d\xff\x00" + b"x" * 255, b"\x4d\x00",
                  b"\x4e\x01\0\0\0a", b"\x51", b"\x4f", b"\x76", b"\x4d\x00\x01" + b"x" * 255):  # fmt: skip
        with pytest.raises(Refuted):
            pushes(wrong)


def test_a_redeem_script_too_long_to_be_spent_shows_nothing() -> None:
    script = sign.multisig(1, [sign.public(number) for number in range(1, 17)])
    assert len(script) > 520
    assert "never be spent" in reason(sign.bip137_of(script, (1,), sign.p2sh))
    assert isinstance(judge(sign.bip137_of(script, (1,), sign.p2wsh)), Shown)


def test_a_witness_program_of_a_later_version_shows_no_recoverable_key() -> None:
    taproot = b"\x51\x20" + sign.public(1)[1:]
    for account in (taproot, b"\x51" + sign.p2wpkh(sign.public(1))[1:], b"\x60" + sign.p2wpkh(sign.public(1))[1:]):
        for header in (31, 39):
            signature = sign.header_first(1, sign.bitcoin_digest(sign.MESSAGE), header)
            proof = Proof("bip137", sign.BITCOIN, account, sign.MESSAGE, (signature,))
            assert isinstance(judge(proof), NotVerifiable)


def test_segwit_shows_nothing_on_a_chain_that_has_none() -> None:
    """There the rest of the script is ignored, and whoever knows it can spend."""
    key = sign.public(1)
    for chain in (sign.DOGECOIN, sign.DASH):
        digest = sign.bitcoin_digest(sign.MESSAGE, chain)
        for header in (31, 35, 39):
            for account in (sign.p2wpkh(key), sign.p2sh(sign.p2wpkh(key))):
                proof = Proof("bip137", chain, account, sign.MESSAGE, (sign.header_first(1, digest, header),))
                assert isinstance(judge(proof), NotShown)
        signatures = tuple(sign.header_first(number, digest) for number in (1, 2))
        shared = Proof("bip137", chain, sign.p2sh(TWO_OF_THREE), sign.MESSAGE, signatures, TWO_OF_THREE.hex())
        assert isinstance(judge(shared), Shown)
        for account in (sign.p2wsh(TWO_OF_THREE), p2sh_p2wsh(TWO_OF_THREE)):
            assert isinstance(judge(replace(shared, account=account)), NotShown)


def test_a_second_way_to_write_the_same_signature_is_refused() -> None:
    text = sign.bip137().signatures[0]
    assert text.endswith("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(text[-2])
    for spare in (1, 2, 3):  # 65 bytes leave two bits of the last character unused
        other = text[:-2] + alphabet[last | spare] + "="
        assert base64.b64decode(other) == base64.b64decode(text)
        assert reason(replace(sign.bip137(), signatures=(other,))) == "signature 1 is not canonical base64"


def test_okx_s_hex_form_shows_single_keys_and_m_of_n() -> None:
    digest = sign.okx_digest(sign.MESSAGE)
    signatures = tuple(sign.hexed(sign.rsv(number, digest)) for number in (1, 3))
    for account, given, key in (
        (sign.p2pkh(sign.public(1, compressed=False)), "", 1),
        (sign.p2wpkh(sign.public(1)), "", 1),
        (sign.p2sh(sign.p2wpkh(sign.public(1))), sign.public(1).hex(), 1),
    ):
        proof = Proof("okx-utxo-hex", sign.BITCOIN, account, sign.MESSAGE, signatures[:1], given)
        assert judge(proof) == Shown("okx-utxo-hex", (sign.public(key),))
        assert isinstance(judge(replace(proof, signatures=signatures[1:])), NotShown)
    many = Proof("okx-utxo-hex", sign.LITECOIN, sign.p2wsh(TWO_OF_THREE), sign.MESSAGE, signatures, TWO_OF_THREE.hex())
    assert isinstance(judge(many), Shown)
    assert "same key" in reason(replace(many, signatures=signatures[:1] * 2))
    assert isinstance(judge(replace(many, scheme="bip137")), NotShown)


def test_a_v_outside_its_range_is_refused() -> None:
    data = bytes.fromhex(sign.okx_utxo_hex().signatures[0][2:])
    for v in (4, 26, 35, 255):
        proof = replace(sign.okx_utxo_hex(), signatures=(sign.hexed(data[:64] + bytes([v])),))
        assert isinstance(judge(proof), NotShown)
