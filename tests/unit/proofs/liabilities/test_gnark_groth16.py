"""Groth16 as gnark writes it: true proofs hold by every library, and nothing that was changed holds by any."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.proofs.liabilities import NotUnderstood, Refuted, bn254, gnark_groth16
from scanner.proofs.liabilities.bn254 import ORDER, PRIME, Arithmetic, PointReader
from scanner.proofs.liabilities.bn254_py_ecc import PurePython
from scanner.proofs.liabilities.gnark_groth16 import Groth16Proof, VerifyingKey, all_hold, read_key, read_proof
from tests.support.liabilities.groth16_prover import Secrets, compressed_1, compressed_2, raw_1, raw_2, times, times_2
from tests.support.liabilities.published_files import shared_json
from tests.support.strength import FULL, examples
from tests.support.tables import each_of

KINDS = {
    "with a commitment": Secrets(b"one"),
    "without": Secrets(b"two", commitment=False),
    "as gnark 0.7": Secrets(b"three", commitment=False, old=True),
    "with a commitment over public inputs": Secrets(b"four", inputs=2, committed=(2, 1)),
}


@cache
def made(kind: str, *inputs: int) -> tuple[VerifyingKey, Groth16Proof]:
    secrets = KINDS[kind]
    return read_key(secrets.key(), "key"), read_proof(secrets.proof(*inputs), "proof")


def inputs_of(kind: str) -> tuple[int, ...]:
    return (7, ORDER - 1)[: KINDS[kind].inputs]


@pytest.fixture(params=["pyrevm", "py_ecc"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Arithmetic:
    """Each library that may be installed. In pure Python a check takes seconds: then one test is enough."""
    if request.param == "py_ecc" and not FULL and "of_true_and_changed" not in request.node.name:
        pytest.skip("with all examples only")
    if not find_spec(request.param):
        pytest.skip(f"{request.param} is not installed")
    chosen: Arithmetic = PurePython()
    if request.param == "pyrevm":
        from scanner.proofs.liabilities.bn254_revm import Precompiled

        chosen = Precompiled()
    monkeypatch.setattr(gnark_groth16, "arithmetic", lambda: chosen)
    return chosen


@pytest.mark.parametrize("kind", ["nocommit", "commit"])
def test_proofs_of_gnark_hold_in_both_encodings_and_for_no_other_input(kind: str) -> None:
    given = shared_json("gnark-groth16/gnark_bn254.json")[kind]
    key = read_key(bytes.fromhex(given["vk_raw_hex"]), "key")
    assert replace(read_key(bytes.fromhex(given["vk_compressed_hex"]), "key"), digest=key.digest) == key
    proofs: list[tuple[Groth16Proof, tuple[int, ...]]] = []
    for each in given["proofs"]:
        raw, compressed = (base64.b64decode(each[f"proof_{form}_b64"]) for form in ("raw", "compressed"))
        assert read_proof(raw, "raw") == read_proof(compressed, "compressed")
        proofs.append((read_proof(raw, "raw"), (int(each["public"], 16),)))
    assert all_hold(key, proofs)
    assert all(all_hold(key, [proof]) for proof in proofs)
    (first, public), (second, other) = proofs[:2]
    assert not all_hold(key, [(first, other)])
    for part in ("a", "b", "c", *(["commitments", "knowledge"] if kind == "commit" else [])):
        mixed = replace(first, **{part: getattr(second, part)})
        assert not all_hold(key, [(mixed, public)]), part
        assert not all_hold(key, [*proofs, (mixed, public)]), part


@pytest.mark.parametrize("kind", KINDS)
def test_proofs_of_our_own_hold_in_both_encodings(kind: str) -> None:
    inputs = inputs_of(kind)
    key, proof = made(kind, *inputs)
    assert all_hold(key, [(proof, inputs)])
    assert read_proof(KINDS[kind].proof(*inputs, compressed=True), "proof") == proof
    wrong = (inputs[0] + 1, *inputs[1:])
    assert not all_hold(key, [(proof, wrong)])
    assert not all_hold(key, [(proof, inputs), (proof, wrong)])


def test_both_libraries_say_the_same_of_true_and_changed_proofs(library: Arithmetic) -> None:
    kind = "with a commitment"
    key, proof = made(kind, 7)
    assert all_hold(key, [(proof, (7,))])
    assert not all_hold(key, [(replace(proof, knowledge=times(5)), (7,))])


def test_both_libraries_add_and_pair_alike(library: Arithmetic) -> None:
    one, two = (1, 2), times_2(1)
    assert library.combine([]) == library.combine([(1, one), (ORDER - 1, one)]) == bn254.INFINITY
    assert library.combine([(5, one), (3, bn254.INFINITY), (2, one)]) == times(7)
    assert library.pairs_to_one([(times(6), two), (bn254.negative(times(2)), times_2(3))])
    assert not library.pairs_to_one([(times(6), two), (bn254.negative(times(2)), times_2(4))])
    assert library.pairs_to_one([(bn254.INFINITY, two)])


def _outside() -> tuple[bn254.Fp2, bn254.Fp2]:
    """A point of the twist that is not in the group: the first of a small x."""
    for x in range(1, 100):
        try:
            return PointReader(bytes([0x80]) + bytes(31) + x.to_bytes(32), "twist").g2()
        except Refuted:
            continue
    raise AssertionError("there are such points")


def test_a_point_of_the_twist_that_is_not_in_the_group_is_refused(library: Arithmetic) -> None:
    assert not library.pairs_to_one([(bn254.INFINITY, _outside())])
    assert not library.pairs_to_one([((1, 2), _outside()), (bn254.negative((1, 2)), _outside())])


@given(st.integers(1, ORDER - 1))
@settings(max_examples=examples(10))
def test_points_are_read_as_they_were_written(scalar: int) -> None:
    one, two = times(scalar), times_2(scalar)
    for written in (raw_1(one), compressed_1(one)):
        assert PointReader(written, "point").g1() == one
    for written in (raw_2(two), compressed_2(two)):
        assert PointReader(written, "point").g2() == two


@pytest.mark.parametrize(
    "data",
    [
        raw_1((1, 3)),
        raw_1((PRIME + 1, 2)),
        raw_1((1, PRIME - 2 + PRIME)),
        raw_1((1, 2))[:-1],
        bytes([0x40]) + bytes(30) + b"\1",
        compressed_1((4, 2)),  # 67 is no square
        b"",
    ],
    ids=str,
)
def test_what_is_no_point_in_its_one_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(Refuted):
        PointReader(data, "point").g1()


@each_of("kind", KINDS)
@each_of("part", ["key", "proof"])
def test_every_byte_of_a_proof_and_of_a_key_counts(kind: str, part: str) -> None:
    secrets, inputs = KINDS[kind], inputs_of(kind)
    key, proof = made(kind, *inputs)
    data = secrets.key() if part == "key" else secrets.proof(*inputs)
    unread = range(64, 128)  # of a key: beta and delta in the first group, of which no check has need
    delta_at = 64 + 64 + 128 + 128
    for at in range(0, len(data), 19):
        if part == "key" and (at in unread or at in range(delta_at, delta_at + 64)):
            continue
        broken = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            held = (
                all_hold(read_key(broken, "key"), [(proof, inputs)])
                if part == "key"
                else all_hold(key, [(read_proof(broken, "proof"), inputs)])
            )
        except (Refuted, NotUnderstood):
            continue
        assert not held, at


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_too_many_or_too_few_are_refused(kind: str) -> None:
    secrets = KINDS[kind]
    reads: list[tuple[Any, bytes]] = [(read_key, secrets.key()), (read_proof, secrets.proof(*inputs_of(kind)))]
    for read, data in reads:
        for other in (data + b"\0", data[:-1], b"", data[:64], data * 2):
            with pytest.raises((Refuted, NotUnderstood)):
                read(other, "file")


def test_counts_that_are_hostile_are_refused_before_anything_is_read_by_them() -> None:
    key = KINDS["without"].key()
    at = 64 + 64 + 128 + 128 + 64 + 128
    for count in (0, 2**32 - 1, 66):
        with pytest.raises((Refuted, NotUnderstood)):
            read_key(key[:at] + count.to_bytes(4) + key[at + 4 :], "key")


def test_inputs_that_are_no_elements_or_too_many_do_not_hold() -> None:
    key, proof = made("without", 7)
    assert not all_hold(key, [(proof, (7 + ORDER,))])
    assert not all_hold(key, [(proof, (7, 7))])
    assert not all_hold(key, [(proof, ())])
    assert not all_hold(key, [(replace(proof, commitments=((1, 2),)), (7,))])
    with pytest.raises(ValueError, match="no proof"):
        all_hold(key, [])


def test_a_key_with_two_commitments_is_not_understood() -> None:
    secrets = KINDS["with a commitment"]
    key = secrets.key()
    two = key[: -256 - 12] + (2).to_bytes(4) + bytes(8) + (2).to_bytes(4) + key[-256:] * 2
    with pytest.raises(NotUnderstood, match="2 commitments"):
        read_key(two, "key")


def test_without_a_library_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bn254, "find_spec", lambda _: None)
    bn254.arithmetic.cache_clear()
    key, proof = made("without", 7)
    monkeypatch.setattr(gnark_groth16, "arithmetic", bn254.arithmetic)
    with pytest.raises(NotUnderstood, match="install"):
        all_hold(key, [(proof, (7,))])
    bn254.arithmetic.cache_clear()


def test_a_library_that_says_yes_to_everything_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    revm = pytest.importorskip("scanner.proofs.liabilities.bn254_revm")

    class Yes:
        def message_call(self, _caller: str, _contract: str, calldata: bytes) -> bytes:
            return (1).to_bytes(32 if len(calldata) % 192 == 0 else 64)

    monkeypatch.setattr(revm, "EVM", Yes)
    with pytest.raises(ImportError, match="does not compute"):
        revm.Precompiled()
    bn254.arithmetic.cache_clear()
    assert isinstance(bn254.arithmetic(), PurePython)
    bn254.arithmetic.cache_clear()


def test_a_machine_that_fails_for_another_reason_accuses_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    revm = pytest.importorskip("scanner.proofs.liabilities.bn254_revm")
    library = revm.Precompiled()

    class Spent:
        def message_call(self, _caller: str, _contract: str, calldata: bytes) -> bytes:
            raise RuntimeError(f"Halt {{ reason: OutOfGas(Precompile), of {len(calldata)} bytes }}")

    monkeypatch.setattr(library, "_evm", Spent())
    with pytest.raises(RuntimeError, match="OutOfGas"):
        library.pairs_to_one([((1, 2), times_2(1))])
