"""Ownership in general: what holds for every scheme, and what the verdicts mean. Each input is broken in turn."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.accounts import account_key
from scanner.chains.control import SCHEMES, verify
from scanner.chains.names import parse_chain
from scanner.chains.registry import FAMILIES
from scanner.core import base58
from scanner.core.ids import Chain
from scanner.proofs.control import NotShown, NotVerifiable, Proof, Replayable, Shown, Unbound
from tests.support import proof_signing as sign
from tests.support.places import VECTORS as _VECTORS
from tests.support.strength import examples
from tests.support.tables import each_of

VECTORS = json.loads((_VECTORS / "okx_signatures.json").read_text())
SOLANA_ACCOUNT = base58.encode(sign.ed25519_public(1))

# One proof of our own for every scheme that is quick to check, and whether its verdict is left to the chain.
PROOFS = {
    "okx-evm": sign.okx_evm(),
    "eip191": sign.eip191(),
    "bip137": sign.bip137(),
    "bip137 2-of-3": sign.bip137_of(sign.multisig(2, [sign.public(n) for n in (1, 2, 3)]), (3, 1)),
    "okx-utxo-hex": sign.okx_utxo_hex(),
    "tron": sign.tron(),
    "tron version 2": sign.tron(version=2),
    "okx-ecdsa": sign.okx_ecdsa(sign.OKTC, "0x" + sign.evm_address(1).hex()),
    "okx-ed25519": sign.okx_ed25519(sign.SOLANA, SOLANA_ACCOUNT),
    "okx-eos": sign.okx_eos(),
}
each_proof = pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS.keys())


def holds(proof: Proof) -> bool:
    return not isinstance(verify(proof, proof.message), NotShown)


def with_signature(proof: Proof, signature: str) -> Proof:
    return replace(proof, signatures=(signature, *proof.signatures[1:]))


def altered(text: str) -> Iterator[str]:
    """`text` with each of its signature's bytes changed in turn (the last, v, is left alone where it comes last)."""
    if text.startswith("0x"):
        data = bytearray.fromhex(text[2:])
        for index in range(min(len(data), 64)):
            yield "0x" + (data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]).hex()
    elif text.startswith("SIG_K1_"):
        data = bytearray(base58.decode(text[7:])[:-4])
        for index in range(len(data)):
            changed = bytes(data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :])
            yield "SIG_K1_" + sign.eos_text(changed, b"K1")
    else:
        data = bytearray(base64.b64decode(text))
        for index in range(len(data)):
            yield base64.b64encode(data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]).decode()


@each_proof
def test_a_proof_of_our_own_making_holds(proof: Proof) -> None:
    verdict = verify(proof, proof.message)
    assert isinstance(verdict, Unbound if proof.scheme == "okx-eos" else Shown), verdict


@each_of("row", VECTORS["rows"], ids=lambda row: f"{row[0]} {row[2][:8]}")
def test_a_signature_that_okx_published_holds(row: list[str]) -> None:
    scheme, chain_text, account, message, signatures, public_key = row
    chain = parse_chain(chain_text)
    proof = Proof(scheme, chain, account_key(chain, account), message, tuple(signatures), public_key)
    assert isinstance(verify(proof, None), Replayable)
    assert not holds(replace(proof, message=message + " "))


# What the verdicts mean


@each_proof
def test_a_signature_of_another_message_than_the_challenge_is_replayable(proof: Proof) -> None:
    for challenge in (None, "", "another", proof.message + " ", proof.message.upper()):
        verdict = verify(proof, challenge)
        assert isinstance(verdict, Replayable) or (isinstance(verdict, Unbound) and verdict.replayable)


def test_an_empty_message_is_never_a_challenge() -> None:
    proof = sign.okx_evm(message="")
    assert isinstance(verify(proof, ""), Replayable)
    assert isinstance(verify(proof, None), Replayable)


def test_an_unknown_scheme_is_not_verifiable() -> None:
    for name in ("", "pgp", "okx-evm ", "OKX-EVM", "a" * 1000):
        verdict = verify(replace(sign.okx_evm(), scheme=name), sign.MESSAGE)
        assert isinstance(verdict, NotVerifiable)
        assert len(verdict.reason) < 300


@each_proof
def test_a_scheme_on_a_chain_where_it_is_not_used_is_not_verifiable(proof: Proof) -> None:
    assert isinstance(verify(replace(proof, chain=parse_chain("cosmos:cosmoshub-4")), sign.MESSAGE), NotVerifiable)


# Each input broken


@each_proof
def test_another_message_is_refused(proof: Proof) -> None:
    for message in ("", proof.message + "\n", proof.message[:-1], proof.message.replace("e", "\u0435")):
        assert not holds(replace(proof, message=message))


@each_proof
def test_every_changed_byte_of_a_signature_is_refused(proof: Proof) -> None:
    for text in altered(proof.signatures[0]):
        assert not holds(with_signature(proof, text)), text


@each_proof
def test_a_signature_of_another_form_is_refused(proof: Proof) -> None:
    good = proof.signatures[0]
    zeros, ones = "0x" + "00" * 65, "0x" + "ff" * 65
    base64_zeros = [base64.b64encode(bytes([header]) + bytes(64)).decode() for header in (0, 31)]
    blanks = (good + " ", " " + good, good + "\n", good[:10] + " " + good[10:])
    lengths = ("", "0x", good[:-2], good[3:], good + "00", good + good, "A" * 40_001)
    for text in (*blanks, *lengths, *base64_zeros, zeros, ones, "null", "0x" + good, "\u0660" + good[1:]):
        assert not holds(with_signature(proof, text)), text


@each_proof
def test_missing_and_surplus_signatures_are_refused(proof: Proof) -> None:
    other = {"okx-evm": sign.okx_evm(2), "bip137": sign.bip137(7)}.get(proof.scheme, proof).signatures
    for signatures in ((), ("",), proof.signatures + other[:1], proof.signatures * 2, proof.signatures * 50):
        assert not holds(replace(proof, signatures=signatures)), len(signatures)


@each_proof
def test_another_account_is_refused(proof: Proof) -> None:
    if proof.scheme == "okx-eos":
        return  # an EOS account's name says nothing of its keys, hence its verdict
    for account in (b"", proof.account[:-1], proof.account + b"0", proof.account[:-1] + bytes([proof.account[-1] ^ 1]),
                    bytes(len(proof.account)), b"\xff" * 32, sign.evm_address(9), sign.p2pkh(sign.public(9)),
                    sign.tron_address(9).encode()):  # fmt: skip
        assert not holds(replace(proof, account=account)), account


@each_proof
def test_another_public_key_or_script_is_refused(proof: Proof) -> None:
    if proof.scheme in ("okx-evm", "eip191", "tron"):
        return  # the key is recovered, and these files have none
    keys = [
        sign.public(9).hex(),
        sign.ed25519_public(9).hex(),
        sign.eos_key(sign.public(9)),
        "00",
        "zz",
        "0x",
        "02" * 33,
    ]
    if proof.public_key:
        keys += ["", proof.public_key[:-2], proof.public_key + "00", proof.public_key + " "]
    for key in keys:
        assert not holds(replace(proof, public_key=key)), key


texts = st.one_of(
    st.text(max_size=100),
    st.binary(max_size=80).map(lambda data: "0x" + data.hex()),
    st.binary(min_size=65, max_size=65).map(lambda data: base64.b64encode(data).decode()),
    st.binary(max_size=120).map(lambda data: base64.b64encode(data).decode()),
    st.sampled_from([text for proof in PROOFS.values() for text in (*proof.signatures, proof.public_key)]),
)
chains = st.sampled_from([Chain(namespace, "0") for namespace, family in FAMILIES.items() if family.schemes])
garbage = st.builds(
    Proof,
    st.sampled_from([name for name in SCHEMES if name not in ("bls", "okx-stark")]),
    st.one_of(chains, st.sampled_from([proof.chain for proof in PROOFS.values()])),
    st.one_of(st.binary(max_size=60), st.sampled_from([proof.account for proof in PROOFS.values()])),
    st.text(max_size=40),
    st.lists(texts, max_size=3).map(tuple),
    texts,
    st.lists(texts, max_size=2).map(tuple),
)


@settings(max_examples=examples(100))
@given(garbage)
def test_garbage_is_refused_and_never_an_exception(proof: Proof) -> None:
    assert isinstance(verify(proof, proof.message), NotShown)


def test_what_is_too_big_is_refused_before_it_is_looked_at() -> None:
    proof = sign.okx_evm()
    for big in (
        replace(proof, message="m" * 10_001),
        replace(proof, signatures=proof.signatures * 21),
        replace(proof, owners=("0x",) * 21),
        replace(proof, public_key="00" * 20_001),
        replace(proof, message="\ud800"),
    ):
        verdict = verify(big, proof.message)
        assert isinstance(verdict, NotShown)
        assert len(verdict.reason) < 300
