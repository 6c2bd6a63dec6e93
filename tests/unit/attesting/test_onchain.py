"""The on-chain form: what is signed, by whom, and that no field of it can be changed unnoticed."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

import scanner
from scanner.attesting import canonical
from scanner.attesting.envelope import PAYLOAD_TYPE, pae, read_envelope
from scanner.attesting.ethereum_keys import EthereumKey, load_ethereum_key, read_address, read_ethereum_key
from scanner.attesting.onchain import TYPES, NotRepresentable, check_onchain, digest, sign_onchain, typed_data
from scanner.core.amounts import parse_decimal
from scanner.core.keccak import keccak256
from scanner.errors import AttestationInvalid, InputError
from scanner.proofs.curves import SECP256K1_ORDER
from scanner.weighing.claim import Liability
from tests.support.attestations.attested import EXCHANGE as EXCHANGE_ED25519
from tests.support.attestations.attested import TIMED_OUT, Attested, a_claim, agreed, attest, held, public_pem
from tests.support.places import ROOT
from tests.support.tables import each_of

AUDITOR, EXCHANGE = (read_ethereum_key(f"{number:064x}", "the test") for number in (0xA, 0xE))
TRUE = attest(held(usdt_carol=TIMED_OUT))


def statement_of(attested: Attested) -> bytes:
    return read_envelope(attested.envelope).payload


STATEMENT = statement_of(TRUE)
FORM = sign_onchain(STATEMENT, [AUDITOR, EXCHANGE])


def refused(document: bytes, addresses: tuple[str, ...] = (AUDITOR.address,), statement: bytes = STATEMENT) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        check_onchain(document, statement, addresses)
    assert caught.value.step == 11
    return str(caught.value)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    fields = json.loads(FORM)
    change(fields)
    return canonical.encode(fields) + b"\n"


# --- what is signed


def test_a_true_form_holds_and_names_who_signed() -> None:
    shown = check_onchain(FORM, STATEMENT, [EXCHANGE.address])
    assert shown.addresses == (EXCHANGE.address,)
    assert shown.unchecked == (AUDITOR.address,)
    assert shown.digest == f"0x{digest(typed_data(STATEMENT)).hex()}"
    both = check_onchain(FORM, STATEMENT, [AUDITOR.address, EXCHANGE.address])
    assert both.addresses == tuple(sorted((AUDITOR.address, EXCHANGE.address)))
    assert both.unchecked == ()


def test_it_commits_to_the_bytes_that_the_envelope_s_signatures_are_made_over() -> None:
    message = typed_data(STATEMENT)["message"]
    assert message["dsseDigest"] == "0x" + hashlib.sha256(pae(PAYLOAD_TYPE, STATEMENT)).hexdigest()
    assert message["claimDigest"] == "0x" + TRUE.claim.digest


def test_amounts_are_exact_whole_numbers_in_the_scale_that_stands_beside_them() -> None:
    message = typed_data(STATEMENT)["message"]
    assert [unit["unit"] for unit in message["units"]] == ["BTC", "ETH", "USDT"]
    for unit, reserve in zip(message["units"], TRUE.statement["predicate"]["finding"]["reserves"], strict=True):
        scale = 10 ** int(unit["decimals"])
        assert Fraction(int(unit["held"]), scale) == parse_decimal(reserve["held"])
        assert Fraction(int(unit["owed"]), scale) == parse_decimal(reserve["owed"])
        assert (unit["verdict"], unit["decimals"], unit["owedKnown"]) == (reserve["verdict"], "18", True)
    assert message["asOf"] == "1700668800"
    assert message["verdict"] == "COVERED"


def test_what_is_not_known_to_be_owed_is_said_to_be_unknown() -> None:
    claim = a_claim(liabilities={unit: Liability(unit, None) for unit in ("BTC", "ETH", "USDT")})
    message = typed_data(statement_of(attest(claim=claim)))["message"]
    assert {(unit["owedKnown"], unit["owed"], unit["verdict"]) for unit in message["units"]} == {
        (False, "0", "UNKNOWN")
    }


def with_owed(text: str) -> bytes:
    liabilities = dict(a_claim().liabilities) | {"ETH": Liability("ETH", parse_decimal(text))}
    return statement_of(attest(claim=a_claim(liabilities=liabilities)))


def test_an_amount_finer_than_18_decimals_is_written_in_as_many_as_it_needs() -> None:
    unit = typed_data(with_owed("7.5000000000000000001"))["message"]["units"][1]
    assert (unit["decimals"], unit["owed"]) == ("19", "75000000000000000001")
    assert unit["held"] == "77300000000000000010"


def test_an_amount_beyond_256_bits_has_no_form() -> None:
    largest = 2**256 - 1
    typed_data(with_owed(f"{largest // 10**18}.{largest % 10**18:018}"))
    with pytest.raises(NotRepresentable, match="ETH"):
        typed_data(with_owed(f"{2**256 // 10**18}.{2**256 % 10**18:018}"))


def test_a_moment_before_1970_has_no_form() -> None:
    finding = TRUE.with_statement(
        lambda statement: statement["predicate"]["finding"].update(
            asOf="1969-12-31T23:59:59Z", owedAsOf="1969-12-31T23:59:59Z"
        ),
        sign=False,
    )
    with pytest.raises(NotRepresentable, match="1969"):
        typed_data(statement_of(finding))


@given(st.integers(0, 2**160), st.integers(0, 2**100))
def test_the_hash_is_what_the_standard_says_computed_here_by_hand(eth: int, usdt: int) -> None:
    """EIP-712 written out for these three types, beside the library's."""
    statement = statement_of(attest(held(eth_bob=agreed(eth), usdt_alice=agreed(usdt))))
    typed = typed_data(statement)
    message = typed["message"]
    assert int(message["units"][1]["held"]) == eth + 1

    def of(text: str) -> bytes:
        return keccak256(text.encode())

    def word(number: str | int) -> bytes:
        return int(number).to_bytes(32)

    unit_type = "UnitReserve(string unit,uint8 decimals,uint256 held,bool owedKnown,uint256 owed,string verdict)"
    top_type = (
        "ReserveAttestation(bytes32 dsseDigest,bytes32 claimDigest,string exchange,uint64 asOf,string verdict,"
        "UnitReserve[] units)"
    )
    units = b"".join(
        keccak256(
            of(unit_type) + of(unit["unit"]) + word(unit["decimals"]) + word(unit["held"]) + word(unit["owedKnown"])
            + word(unit["owed"]) + of(unit["verdict"])
        )
        for unit in message["units"]
    )  # fmt: skip
    domain = keccak256(of("EIP712Domain(string name,string version)") + of("Reserve attestation") + of("1"))
    struct = keccak256(
        of(top_type + unit_type) + bytes.fromhex(message["dsseDigest"][2:]) + bytes.fromhex(message["claimDigest"][2:])
        + of(message["exchange"]) + word(message["asOf"]) + of(message["verdict"]) + keccak256(units)
    )  # fmt: skip
    assert digest(typed) == keccak256(b"\x19\x01" + domain + struct)


def test_a_statement_without_units_hashes_an_empty_list() -> None:
    typed = typed_data(STATEMENT)
    typed["message"]["units"] = []
    assert len(digest(typed)) == 32
    assert digest(typed) != digest(typed_data(STATEMENT))


# --- as the documents say


@pytest.mark.parametrize("place", ["docs/onchain.md", "localnet/contracts/ReserveVerifier.sol"])
def test_the_structs_of_document_and_contract_are_those_that_are_signed(place: str) -> None:
    structs = re.findall(r"struct (\w+) \{\n(.*?)\n *\}", (ROOT / place).read_text(), re.DOTALL)
    written = {name: re.findall(r"^ +([\w\[\]]+) (\w+);", body, re.MULTILINE) for name, body in structs}
    signed = {name: [(kind, field) for field, kind in fields] for name, fields in TYPES.items()}
    assert written | {"EIP712Domain": [("string", "name"), ("string", "version")]} == signed


def test_the_lines_for_openssl_make_the_file_whose_sha256_is_signed(tmp_path: Path) -> None:
    shell = re.search(r"^```sh\n(.*?)^openssl", (ROOT / "docs" / "predicate.md").read_text(), re.DOTALL | re.MULTILINE)
    assert shell is not None
    (tmp_path / "attestation.dsse.json").write_bytes(TRUE.envelope)
    (tmp_path / "key.pub.pem").write_text(public_pem(EXCHANGE_ED25519))
    lines = f"{shell[1]}\nsha256sum signed"
    told = subprocess.run(["sh", "-ec", lines], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert f"0x{told.split()[0]}" == typed_data(STATEMENT)["message"]["dsseDigest"]


# --- every field broken


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, member in value.items() for leaf in leaves(member, (*path, key))]
    if isinstance(value, list):
        return [leaf for number, item in enumerate(value) for leaf in leaves(item, (*path, number))]
    return [path]


TYPED = typed_data(STATEMENT)
LEAVES = leaves(TYPED)


def spoiled(typed: dict[str, Any], leaf: tuple[str | int, ...]) -> dict[str, Any]:
    spoilt = copy.deepcopy(typed)
    place: Any = spoilt
    for step in leaf[:-1]:
        place = place[step]
    old = place[leaf[-1]]
    if isinstance(old, bool):
        place[leaf[-1]] = not old
    elif old.startswith("0x"):
        place[leaf[-1]] = old[:-1] + ("0" if old[-1] != "0" else "1")
    elif old.isdigit():
        place[leaf[-1]] = str(int(old) + 1)
    else:
        place[leaf[-1]] = old + "x"
    return spoilt


@each_of("leaf", LEAVES, ids=lambda leaf: ".".join(map(str, leaf)))
def test_no_field_can_be_changed_in_the_file(leaf: tuple[str | int, ...]) -> None:
    told = refused(changed(lambda fields: fields.update(typedData=spoiled(TYPED, leaf))))
    assert "the statement follows" in told
    assert str(leaf[-1]) in told


@each_of(
    "leaf",
    [leaf for leaf in LEAVES if leaf[0] in ("message", "domain")],
    ids=lambda leaf: ".".join(map(str, leaf)),
)
def test_every_field_is_part_of_what_is_signed(leaf: tuple[str | int, ...]) -> None:
    """Without the comparison of the file, the signature alone would notice."""
    assert digest(spoiled(TYPED, leaf)) != digest(TYPED)


def test_a_unit_can_be_neither_left_out_nor_added_nor_moved() -> None:
    for units in (TYPED["message"]["units"][1:], TYPED["message"]["units"] * 2, TYPED["message"]["units"][::-1]):
        message = TYPED["message"] | {"units": units}
        refused(changed(lambda fields, message=message: fields["typedData"].update(message=message)))  # type: ignore[misc]
        assert digest(TYPED | {"message": message}) != digest(TYPED)


def test_the_form_of_another_statement_is_refused() -> None:
    other = attest(held(usdt_carol=TIMED_OUT), scanned_at=TRUE.verify().run.scanned_at.replace(second=2))
    told = refused(FORM, statement=statement_of(other))
    assert "dsseDigest" in told


# --- every way in which a signature is none


def entry(fields: dict[str, Any], key: EthereumKey = AUDITOR) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in fields["signatures"] if each["address"] == key.address)
    return found


def test_nobody_demanded_shows_nothing() -> None:
    assert "no address is demanded" in refused(FORM, ())


def test_an_address_that_did_not_sign_is_refused() -> None:
    stranger = read_ethereum_key("0x" + "5" * 64, "the test").address
    assert f"is not signed by {stranger}" in refused(FORM, (AUDITOR.address, stranger))


def test_another_key_s_signature_under_the_demanded_address_is_refused() -> None:
    def swap(fields: dict[str, Any]) -> None:
        entry(fields)["signature"] = entry(fields, EXCHANGE)["signature"]

    assert "not its own" in refused(changed(swap))


@pytest.mark.parametrize("position", [0, 31, 32, 63])
def test_a_signature_with_one_bit_changed_is_refused(position: int) -> None:
    def flip(fields: dict[str, Any]) -> None:
        signature = bytearray.fromhex(entry(fields)["signature"][2:])
        signature[position] ^= 1
        entry(fields)["signature"] = f"0x{signature.hex()}"

    refused(changed(flip))


@pytest.mark.parametrize("zeroed", [slice(0, 32), slice(32, 64), slice(0, 64)])
def test_a_signature_of_zeros_is_refused(zeroed: slice) -> None:
    def empty(fields: dict[str, Any]) -> None:
        signature = bytearray.fromhex(entry(fields)["signature"][2:])
        signature[zeroed] = bytes(zeroed.stop - zeroed.start)
        entry(fields)["signature"] = f"0x{signature.hex()}"

    refused(changed(empty))


def test_the_twin_of_a_signature_with_high_s_is_refused_as_contracts_do() -> None:
    def twin(fields: dict[str, Any]) -> None:
        signature = bytes.fromhex(entry(fields)["signature"][2:])
        s = SECP256K1_ORDER - int.from_bytes(signature[32:64])
        twin = signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])
        assert Account._recover_hash(digest(TYPED), signature=twin).lower() == AUDITOR.address
        entry(fields)["signature"] = f"0x{twin.hex()}"

    assert "upper half" in refused(changed(twin))


@pytest.mark.parametrize("v", [0, 1, 26, 29, 37, 255])
def test_a_v_that_contracts_do_not_take_is_refused(v: int) -> None:
    def other(fields: dict[str, Any]) -> None:
        entry(fields)["signature"] = entry(fields)["signature"][:-2] + f"{v:02x}"

    assert f"v is {v}" in refused(changed(other))


BROKEN_FILES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no signatures": lambda fields: fields.pop("signatures"),
    "no typed data": lambda fields: fields.pop("typedData"),
    "an unknown key": lambda fields: fields.update(more=1),
    "typed data is a text": lambda fields: fields.update(typedData="0x"),
    "a short signature": lambda fields: entry(fields).update(signature="0x00"),
    "a signature in capitals": lambda fields: entry(fields).update(signature=entry(fields)["signature"].upper()),
    "an address in capitals": lambda fields: entry(fields).update(address="0x" + "A" * 40),
    "signatures in another order": lambda fields: fields["signatures"].reverse(),
    "a signature twice": lambda fields: fields["signatures"].append(fields["signatures"][-1]),
    "too many signatures": lambda fields: fields.update(signatures=fields["signatures"] * 17),
}


@each_of("change", BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_a_file_of_another_form_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    refused(changed(change))


def test_bytes_that_are_not_the_one_spelling_are_refused() -> None:
    for document in (FORM[:-1], FORM + b"\n", b" " + FORM, json.dumps(json.loads(FORM)).encode() + b"\n", b"", b"[]\n"):
        refused(document)


@given(st.binary(max_size=200) | st.binary(max_size=20).map(lambda noise: FORM[:-1] + noise) | st.data())
def test_no_file_does_anything_but_hold_or_be_refused(noise: Any) -> None:
    if isinstance(noise, bytes):
        document = noise
    else:
        at = noise.draw(st.integers(0, len(FORM) - 1))
        document = FORM[:at] + noise.draw(st.binary(max_size=3)) + FORM[at + noise.draw(st.integers(0, 3)) :]
    if document != FORM:
        refused(document, (AUDITOR.address, EXCHANGE.address))


def test_a_signer_that_signs_something_else_is_noticed_before_anything_is_written() -> None:
    class Wrong:
        address = AUDITOR.address

        def sign_typed_data(self, typed: Any) -> bytes:
            return EXCHANGE.sign_typed_data(typed)

    with pytest.raises(ValueError, match="not its own"):
        sign_onchain(STATEMENT, [Wrong()])


# --- keys

SECRET = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
ADDRESS = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23"  # both from eth-account's documentation


def test_a_key_is_read_from_hex_digits_in_a_file(tmp_path: Path) -> None:
    for text in (SECRET, f"0x{SECRET}\n", SECRET.upper()):
        (tmp_path / "key").write_text(text)
        assert load_ethereum_key(tmp_path / "key").address == ADDRESS


def test_a_key_is_read_from_a_keystore_with_its_passphrase(tmp_path: Path) -> None:
    keystore = Account.encrypt(bytes.fromhex(SECRET), "open sesame", kdf="pbkdf2", iterations=2)
    (tmp_path / "key.json").write_text(json.dumps(keystore))
    assert load_ethereum_key(tmp_path / "key.json", "open sesame").address == ADDRESS
    for passphrase, reason in ((None, "give its passphrase"), ("", "give its passphrase"), ("wrong", "is wrong")):
        with pytest.raises(InputError, match=reason):
            load_ethereum_key(tmp_path / "key.json", passphrase)
    (tmp_path / "key.json").write_text(json.dumps(keystore | {"address": "00" * 20}))
    with pytest.raises(InputError, match="another address"):
        load_ethereum_key(tmp_path / "key.json", "open sesame")


@pytest.mark.parametrize(
    "text",
    ["", "0x", SECRET[1:], SECRET + "00", "0" * 64, f"{SECP256K1_ORDER:064x}", "{}", '{"version": 1}', "[3]", "z" * 64],
)
def test_anything_else_is_no_key_and_is_not_quoted(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(InputError) as caught:
        load_ethereum_key(tmp_path / "key")
    assert SECRET[1:20] not in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'key'}: ")


@pytest.mark.parametrize("text", ["{}", '{"version": 1}', '{"version": "3"}', "[3]", "3", "{" * 100_000])
def test_json_that_is_no_keystore_is_told_so_even_with_a_passphrase(text: str) -> None:
    with pytest.raises(InputError, match="expected 64 hex digits, or a keystore"):
        read_ethereum_key(text, "the test", "a passphrase")


def test_a_damaged_keystore_is_told_without_a_trace_of_it(tmp_path: Path) -> None:
    (tmp_path / "key").write_text('{"version": 3, "crypto": {"kdf": "scrypt"}}')
    with pytest.raises(InputError, match="damaged"):
        load_ethereum_key(tmp_path / "key", "a passphrase")
    (tmp_path / "key").write_text("0" * 20_000)
    with pytest.raises(InputError, match="longer"):
        load_ethereum_key(tmp_path / "key")
    with pytest.raises(InputError, match="cannot be read"):
        load_ethereum_key(tmp_path / "no such file")


def test_a_key_does_not_show_itself() -> None:
    assert f"{0xA:064x}" not in repr(AUDITOR) + str(AUDITOR)


def test_an_address_is_taken_in_any_case_and_its_checksum_is_checked() -> None:
    assert read_address(Account.from_key(SECRET).address, "x") == ADDRESS
    assert read_address(ADDRESS, "x") == ADDRESS
    for text in (ADDRESS.replace("c75", "C75"), ADDRESS[:-1], "vitalik.eth", ""):
        with pytest.raises(InputError):
            read_address(text, "--eth-signer")


def test_the_document_s_lines_of_python_sign_and_check(tmp_path: Path) -> None:
    (lines,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs" / "onchain.md").read_text(), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "key").write_text(SECRET)
    verified = TRUE.verify()
    names: dict[str, Any] = {"scanner": scanner, "attestation": verified, "verified": verified}
    exec(lines, names | {"path": tmp_path / "key", "passphrase": None}, names)  # noqa: S102 - our own document's
    assert names["shown"].addresses == (ADDRESS,)
