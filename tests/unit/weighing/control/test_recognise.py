"""From a published row to a verdict, where the row names no scheme; and what comes of rows that fit several or none."""

from __future__ import annotations

import base64
import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.accounts import account_key
from scanner.chains.control import SCHEMES
from scanner.chains.names import parse_chain
from scanner.chains.registry import FAMILIES
from scanner.core import base58
from scanner.core.ids import AssetId, Chain
from scanner.proofs.control import (
    MAX_SIGNATURES,
    MAX_TEXT,
    NotPublished,
    NotShown,
    NotVerifiable,
    Proof,
    Replayable,
    Shown,
    Unbound,
)
from scanner.sources.published import read_published
from scanner.weighing.control.recognise import candidates, control_of, verdicts_of
from scanner.weighing.holdings import Holding, Ownership
from tests.support import proof_signing as sign
from tests.support.places import SHARED
from tests.support.places import VECTORS as _VECTORS
from tests.support.published_proofs import published
from tests.support.strength import examples
from tests.support.tables import each_of

VECTORS = json.loads((_VECTORS / "okx_signatures.json").read_text())
BIP322 = json.loads((_VECTORS / "bip322.json").read_text())
SAMPLES = SHARED / "data" / "okx"
SOLANA_ACCOUNT = base58.encode(sign.ed25519_public(1))

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


def with_ownership(holding: Holding, **changes: object) -> Holding:
    assert holding.ownership is not None
    return replace(holding, ownership=replace(holding.ownership, **changes))  # type: ignore[arg-type]


@each_proof
def test_the_scheme_of_a_row_that_names_none_is_recognised(proof: Proof) -> None:
    verdict = control_of(published(proof), sign.MESSAGE)
    assert isinstance(verdict, Unbound if proof.scheme == "okx-eos" else Shown)
    assert verdict.scheme == proof.scheme


@each_of("row", VECTORS["rows"], ids=lambda row: f"{row[0]} {row[2][:8]}")
def test_the_scheme_of_a_signature_that_okx_published_is_recognised(row: list[str]) -> None:
    scheme, chain_text, account, message, signatures, public_key = row
    chain = parse_chain(chain_text)
    proof = Proof(scheme, chain, account_key(chain, account), message, tuple(signatures), public_key)
    verdict = control_of(published(proof), None)
    assert isinstance(verdict, Replayable)
    assert verdict.scheme == scheme


@each_of("row", [*BIP322["simple"], *BIP322["full"]], ids=lambda row: f"{row[1]} {row[3][:12]}")
def test_the_bips_own_signatures_are_recognised(row: list[str]) -> None:
    message, _, address, signature = row
    proof = Proof("bip322", sign.BITCOIN, account_key(sign.BITCOIN, address), message, (signature,))
    assert candidates(published(proof)) == ("bip322",)
    assert control_of(published(proof), message) == control_of(published(proof, "bip322"), message)


def test_base64_that_has_not_a_message_signatures_length_is_taken_for_bip322() -> None:
    for account in (sign.p2wpkh(sign.public(1)), b"\x51\x20" + bytes(32), sign.p2sh(b"\x51")):
        proof = Proof("", sign.BITCOIN, account, sign.MESSAGE, (base64.b64encode(bytes(108)).decode(),))
        assert candidates(published(proof)) == ("bip322",)
        assert candidates(published(replace(proof, signatures=("smp" + proof.signatures[0],)))) == ("bip322",)


def test_a_validators_signature_is_recognised_by_its_length() -> None:
    proof = Proof("", sign.ETHEREUM, bytes(48), sign.MESSAGE, ("0x" + "ab" * 96,))
    assert candidates(published(proof)) == ("bls",)


def test_a_starknet_signature_is_recognised_without_leading_zeros() -> None:
    for digits in (65, 127, 128):
        proof = Proof("", sign.STARKNET, bytes(32), sign.MESSAGE, ("a" * digits,), "0x1")
        assert candidates(published(proof)) == ("okx-stark",)


def test_every_scheme_can_be_recognised_and_only_known_ones_are() -> None:
    signatures = ["0x" + "1" * digits for digits in (130, 128, 192, 100)] + ["SIG_K1_1", "A" * 87 + "=", "AAAA" * 30]
    namespaces = {namespace for namespace, family in FAMILIES.items() if family.schemes}
    holdings = [
        published(Proof("", Chain(namespace, "1"), b"", "", (text,))) for namespace in namespaces for text in signatures
    ]
    assert {scheme for holding in holdings for scheme in candidates(holding)} == set(SCHEMES)
    for holding in holdings:
        for scheme in candidates(holding):
            assert scheme in FAMILIES[holding.asset.chain.namespace].schemes


def test_a_scheme_that_is_named_is_the_only_one_tried() -> None:
    verdict = control_of(published(sign.eip191(), scheme="okx-evm"), sign.MESSAGE)
    assert isinstance(verdict, NotShown)
    assert "eip191" not in verdict.reason
    assert isinstance(control_of(published(sign.eip191(), scheme="pgp"), sign.MESSAGE), NotVerifiable)


# What the best verdict is


@each_proof
def test_another_challenge_or_none_makes_the_signature_replayable(proof: Proof) -> None:
    for challenge in (None, "", sign.MESSAGE + " "):
        verdict = control_of(published(proof), challenge)
        assert isinstance(verdict, Replayable) or (isinstance(verdict, Unbound) and verdict.replayable)


@each_proof
def test_nothing_published_is_neither_shown_nor_refuted(proof: Proof) -> None:
    holding = published(proof)
    for nothing in (replace(holding, ownership=None), with_ownership(holding, signatures=())):
        assert isinstance(control_of(nothing, sign.MESSAGE), NotPublished)
    assert isinstance(control_of(with_ownership(holding, signatures=("",)), sign.MESSAGE), NotPublished)


@each_proof
def test_another_account_another_message_and_another_chain_never_pass(proof: Proof) -> None:
    holding = published(proof)
    others = [with_ownership(holding, message=proof.message + " ")]
    if proof.scheme != "okx-eos":  # whose account is left to the chain in any case
        others.append(replace(holding, account=bytes([proof.account[0] ^ 1]) + proof.account[1:]))
    others.append(replace(holding, asset=AssetId(Chain("cosmos", "hub"), "slip44", "118")))
    for other in others:
        assert isinstance(control_of(other, sign.MESSAGE), NotShown), other


def test_all_reasons_are_kept_where_no_scheme_holds() -> None:
    verdict = control_of(with_ownership(published(sign.okx_evm()), message="another"), sign.MESSAGE)
    assert type(verdict) is NotShown
    for scheme in ("okx-evm", "eip191", "okx-ecdsa"):
        assert f"{scheme}: " in verdict.reason


def test_what_one_scheme_cannot_judge_is_not_refuted_by_the_others() -> None:
    holding = replace(published(sign.okx_evm()), account=bytes(48))  # a validator, whose withdrawal owner is not named
    assert isinstance(control_of(holding, sign.MESSAGE), NotVerifiable)


@pytest.mark.parametrize("key", ['{"a": "02ab"}', ' ["02ab"]'])
def test_json_in_the_key_column_is_not_understood_and_so_not_refuted(key: str) -> None:
    holding = with_ownership(published(sign.okx_ed25519(sign.SOLANA, SOLANA_ACCOUNT)), key=key)
    verdict = control_of(holding, sign.MESSAGE)
    assert isinstance(verdict, NotVerifiable)
    assert "JSON" in verdict.reason


def test_a_form_that_no_scheme_on_the_chain_has_is_not_verifiable() -> None:
    for text in ("0x", "0x" + "ab" * 64, "pgp", "A" * 88, " 0x" + "ab" * 65, "0x" + "ab" * 65 + "\n"):
        verdict = control_of(with_ownership(published(sign.okx_evm()), signatures=(text,)), sign.MESSAGE)
        assert isinstance(verdict, NotVerifiable), text


def test_signatures_of_mixed_forms_are_of_no_known_scheme() -> None:
    proof = sign.bip137()
    hexed = sign.okx_utxo_hex().signatures[0]
    assert candidates(with_ownership(published(proof), signatures=(*proof.signatures, hexed, ""))) == ()


def test_texts_without_bound_are_not_looked_at() -> None:
    holding = published(sign.bip137())
    assert candidates(with_ownership(holding, signatures=("A" * (MAX_TEXT + 1),))) == ()
    assert candidates(with_ownership(holding, signatures=("A" * 87 + "=",) * (MAX_SIGNATURES + 1))) == ()


@settings(max_examples=examples(30), deadline=None)
@given(
    st.sampled_from([*PROOFS.values()]),
    st.lists(st.one_of(st.text(max_size=200), st.binary(max_size=100).map(lambda data: "0x" + data.hex())), max_size=3),
    st.text(max_size=80),
    st.lists(st.text(max_size=60), max_size=2),
    st.sampled_from([str(sign.BITCOIN), str(sign.ETHEREUM), str(sign.TON), str(sign.VAULTA), str(sign.STARKNET)]),
)
def test_nothing_published_raises_and_no_made_up_signature_passes(
    proof: Proof, signatures: list[str], key: str, owners: list[str], chain: str
) -> None:
    holding = with_ownership(published(proof), signatures=tuple(signatures), key=key, owners=tuple(owners))
    moved = replace(holding, asset=AssetId(parse_chain(chain), "slip44", "0"))
    for each in (holding, moved):
        assert isinstance(control_of(each, sign.MESSAGE), NotShown)


def test_verdicts_survive_the_way_to_another_process_and_back() -> None:
    holdings = [published(proof) for proof in PROOFS.values()] + [replace(published(sign.tron()), ownership=None)]
    verdicts = verdicts_of(pickle.loads(pickle.dumps(holdings)), sign.MESSAGE)  # noqa: S301 - our own bytes
    assert verdicts == [control_of(holding, sign.MESSAGE) for holding in holdings]
    assert pickle.loads(pickle.dumps(verdicts)) == verdicts  # noqa: S301


# OKX's own sample files. They lie beside the repository, and are not part of it.


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="OKX's sample files are not beside the repository")
@pytest.mark.parametrize(
    ("name", "count", "left_to_the_chain"),
    [
        ("okx_por_2022.csv", 33, set()),
        ("okx_por_example.csv", 5, {"0x57e2dcd253527a0f70c6a3de3556f6e6e163f19c", "0xdeadbeef" + "deadbeef" * 7}),
        ("okx_por_staking_example.csv", 3, {"0x" + "ab" * 48, "0x" + "cd" * 48}),
        ("test.csv", 9, {"okbwallet1tr", "0x03b7f0b02b63683eca1639fb2d5dfa1021628d4ee728b03bc0ac2be66edc32f1"}),
    ],
)
def test_every_row_of_a_sample_file_comes_to_its_verdict(name: str, count: int, left_to_the_chain: set[str]) -> None:
    rows = list(read_published(SAMPLES / name))
    assert len(rows) == count
    for row in rows:
        assert row.ownership is not None
        own = row.ownership
        holding = Holding(
            row.asset, row.account, ownership=Ownership("", own.message, own.signatures, own.key, own.owners)
        )
        verdict = control_of(holding, own.message)
        if not row.listed.mapped:  # no chain is known for the row, so nothing of its signature is
            assert isinstance(verdict, NotVerifiable)
            continue
        assert isinstance(verdict, Unbound if row.account_text in left_to_the_chain else Shown), (row, verdict)
        assert isinstance(control_of(holding, "a challenge of 2026"), Replayable | Unbound)
