"""Validators' BLS signatures. Not among the unit tests, because a pairing in plain Python takes a second."""

from __future__ import annotations

import json
from dataclasses import replace

from scanner.chains.control import verify
from scanner.chains.names import parse_chain
from scanner.proofs.control import NotShown, Proof, Unbound
from tests.support.places import VECTORS

VECTOR = json.loads((VECTORS / "okx_signatures.json").read_text())["bls"]
ACCOUNT = bytes.fromhex(VECTOR["account"][2:])
PROOF = Proof("bls", parse_chain("eip155:1"), ACCOUNT, VECTOR["message"], (VECTOR["signature"],))
# Another valid point of the subgroup: the key of the secret number 1.
GENERATOR = bytes.fromhex(
    "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
)


def test_a_validator_s_own_signature_is_left_to_the_chain() -> None:
    verdict = verify(PROOF, VECTOR["message"])
    assert isinstance(verdict, Unbound)
    assert verdict.signers == (ACCOUNT,)
    assert not verdict.replayable
    assert verify(PROOF, None) == replace(verdict, replayable=True)


def test_a_validator_s_signature_of_another_message_is_refused() -> None:
    assert isinstance(verify(replace(PROOF, message="hello"), "hello"), NotShown)


def test_another_validator_s_signature_is_refused() -> None:
    assert isinstance(verify(replace(PROOF, account=GENERATOR), None), NotShown)


def test_a_point_that_is_no_key_or_no_signature_is_refused() -> None:
    infinity_key, infinity_signature = b"\xc0" + bytes(47), "c0" + "00" * 95
    for wrong in (
        replace(PROOF, account=infinity_key, signatures=(infinity_signature,)),
        replace(PROOF, account=b"\xab" * 48),
        replace(PROOF, account=bytes(48)),
        replace(PROOF, signatures=("00" * 96,)),
        replace(PROOF, signatures=("ff" * 96,)),
        replace(PROOF, signatures=(infinity_signature,)),
    ):
        assert isinstance(verify(wrong, None), NotShown)
