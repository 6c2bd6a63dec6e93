from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest
from Crypto.PublicKey import ECC

from scanner.attesting.signers import Ed25519Signer, exposure, load_public_key, load_signer
from scanner.errors import InputError
from tests.support.attestations.attested import EXCHANGE, STRANGER

# RFC 8032, section 7.1: TEST 2 and TEST 3
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)

# RFC 8410: the fixed bytes before a key in PKCS #8 and in SubjectPublicKeyInfo
PKCS8, SPKI = bytes.fromhex("302e020100300506032b657004220420"), bytes.fromhex("302a300506032b6570032100")


def pem(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"


PRIVATE_PEM, PUBLIC_PEM = pem("PRIVATE KEY", PKCS8 + SECRET), pem("PUBLIC KEY", SPKI + PUBLIC)


def openssl(*arguments: str, cwd: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True, timeout=60)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path, kind: str = "private", passphrase: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        load_public_key(path) if kind == "public" else load_signer(path, passphrase)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


def test_the_signature_is_that_of_rfc_8032(tmp_path: Path) -> None:
    signer = load_signer(write(tmp_path / "key.pem", PRIVATE_PEM))
    assert signer.sign(b"\x72") == SIGNATURE
    assert signer.public == load_public_key(write(tmp_path / "key.pub.pem", PUBLIC_PEM))
    assert signer.public.verify(b"\x72", SIGNATURE)


def test_a_key_is_named_by_the_digest_of_its_public_form(tmp_path: Path) -> None:
    public = load_public_key(write(tmp_path / "key.pub.pem", PUBLIC_PEM))
    assert public.keyid == hashlib.sha256(SPKI + PUBLIC).hexdigest()
    assert load_signer(write(tmp_path / "key.pem", PRIVATE_PEM)).keyid == public.keyid


def test_openssls_keys_are_read_and_its_signatures_verified(tmp_path: Path) -> None:
    openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem", cwd=tmp_path)
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "key.pub.pem", cwd=tmp_path)
    write(tmp_path / "message", b"a message")
    openssl("pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "message", "-out", "signature", cwd=tmp_path)
    public = load_public_key(tmp_path / "key.pub.pem")
    assert public.verify(b"a message", (tmp_path / "signature").read_bytes())
    assert load_signer(tmp_path / "key.pem").sign(b"a message") == (tmp_path / "signature").read_bytes()


def test_a_key_with_a_passphrase_needs_it(tmp_path: Path) -> None:
    write(tmp_path / "plain.pem", PRIVATE_PEM)
    openssl(
        "pkcs8", "-topk8", "-in", "plain.pem", "-out", "key.pem", "-passout", "pass:correct", "-iter", "2", cwd=tmp_path
    )
    assert load_signer(tmp_path / "key.pem", "correct").sign(b"\x72") == SIGNATURE
    assert "give its passphrase" in refusal(tmp_path / "key.pem")
    assert "give its passphrase" in refusal(tmp_path / "key.pem", passphrase="")
    told = refusal(tmp_path / "key.pem", passphrase="wrong horse")
    assert "the passphrase is wrong, or" in told
    assert "wrong horse" not in told


def test_a_passphrase_for_a_key_without_one_does_no_harm(tmp_path: Path) -> None:
    assert load_signer(write(tmp_path / "key.pem", PRIVATE_PEM), "needless").sign(b"\x72") == SIGNATURE


@pytest.mark.parametrize("flip", [0, 31, 32, 63])
def test_a_changed_signature_does_not_hold(flip: int) -> None:
    signature = bytearray(EXCHANGE.sign(b"a message"))
    signature[flip] ^= 1
    assert not EXCHANGE.public.verify(b"a message", bytes(signature))


def test_a_second_signature_cannot_be_made_of_a_first() -> None:
    """RFC 8032, 5.1.7: S must be below the group's order, or S plus the order would hold as well."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = EXCHANGE.sign(b"a message")
    more = int.from_bytes(signature[32:], "little") + order
    assert not EXCHANGE.public.verify(b"a message", signature[:32] + more.to_bytes(32, "little"))


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_bytes_that_are_no_signature_do_not_hold(signature: bytes) -> None:
    assert not EXCHANGE.public.verify(b"a message", signature)


def test_a_signature_does_not_hold_for_another_key_or_message() -> None:
    signature = EXCHANGE.sign(b"a message")
    assert EXCHANGE.public.verify(b"a message", signature)
    assert not EXCHANGE.public.verify(b"another message", signature)
    assert not STRANGER.public.verify(b"a message", signature)


def test_a_public_key_does_not_sign(tmp_path: Path) -> None:
    assert "a public key; a private key is needed" in refusal(write(tmp_path / "key.pem", PUBLIC_PEM))


@pytest.mark.parametrize("label", ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path, label: str) -> None:
    told = refusal(write(tmp_path / "key.pem", PRIVATE_PEM.replace("PRIVATE KEY", label)), "public")
    assert "a private key; verifying takes the public one" in told


@pytest.mark.parametrize(
    "algorithm",
    [
        ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
        ["-algorithm", "X25519"],
        ["-algorithm", "ED448"],
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ],
)
def test_keys_of_another_kind_are_refused(tmp_path: Path, algorithm: list[str]) -> None:
    openssl("genpkey", *algorithm, "-out", "key.pem", cwd=tmp_path)
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "key.pub.pem", cwd=tmp_path)
    assert "Ed25519" in refusal(tmp_path / "key.pem")
    assert "Ed25519" in refusal(tmp_path / "key.pub.pem", "public")


@pytest.mark.parametrize(
    "label", ["RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "CERTIFICATE", "RSA PUBLIC KEY"]
)
@pytest.mark.parametrize("kind", ["private", "public"])
def test_files_of_another_kind_are_refused_by_what_they_hold(tmp_path: Path, label: str, kind: str) -> None:
    assert f"holds a {label}, not an Ed25519 key" in refusal(write(tmp_path / "key.pem", pem(label, b"x" * 90)), kind)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not a key",
        PKCS8 + SECRET,
        PRIVATE_PEM + PRIVATE_PEM,
        PRIVATE_PEM + PUBLIC_PEM,
        PRIVATE_PEM.replace("END PRIVATE", "END PUBLIC"),
        PRIVATE_PEM[:-10],
        PRIVATE_PEM + "x" * 20_000,
        PRIVATE_PEM + "\n" * 20_000,
        b"\xff" * 100,
    ],
)
@pytest.mark.parametrize("kind", ["private", "public"])
def test_a_file_without_one_key_in_pem_is_refused(tmp_path: Path, text: str | bytes, kind: str) -> None:
    assert "no key in PEM" in refusal(write(tmp_path / "key.pem", text), kind)


@pytest.mark.parametrize("der", [b"", b"\x30", PKCS8 + SECRET[:-1], PKCS8 + SECRET + b"\0", b"x" * 90])
def test_a_damaged_private_key_is_refused_without_quoting_it(tmp_path: Path, der: bytes) -> None:
    text = pem("PRIVATE KEY", der)
    told = refusal(write(tmp_path / "key.pem", text))
    assert "no Ed25519 key" in told
    assert not any(line in told for line in text.splitlines()[1:-1] if line)
    assert SECRET.hex() not in told


@pytest.mark.parametrize("der", [b"", SPKI + PUBLIC[:-1], SPKI + b"\xff" * 32])
def test_a_damaged_public_key_is_refused(tmp_path: Path, der: bytes) -> None:
    assert "no Ed25519 key" in refusal(write(tmp_path / "key.pem", pem("PUBLIC KEY", der)), "public")


def test_the_first_line_of_a_file_is_not_believed(tmp_path: Path) -> None:
    assert "no private key is in it" in refusal(write(tmp_path / "key.pem", pem("PRIVATE KEY", SPKI + PUBLIC)))
    told = refusal(write(tmp_path / "key.pub.pem", pem("PUBLIC KEY", PKCS8 + SECRET)), "public")
    assert "a private key, though its first line says public" in told


@pytest.mark.parametrize("kind", ["private", "public"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, kind: str) -> None:
    assert "No such file" in refusal(tmp_path / "missing.pem", kind)
    assert "the key cannot be read" in refusal(tmp_path, kind)


def test_no_representation_shows_a_private_key(tmp_path: Path) -> None:
    signer = load_signer(write(tmp_path / "key.pem", PRIVATE_PEM))
    secret_number = str(int.from_bytes(SECRET))
    for text in (repr(signer), str(signer), repr([signer])):
        assert "_key" not in text
        assert SECRET.hex() not in text
        assert secret_number not in text


@pytest.mark.parametrize(
    ("mode", "warned"), [(0o600, False), (0o400, False), (0o644, True), (0o640, True), (0o602, True)]
)
def test_a_private_key_that_others_may_read_is_warned_of(tmp_path: Path, mode: int, warned: bool) -> None:
    path = write(tmp_path / "key.pem", PRIVATE_PEM)
    path.chmod(mode)
    told = exposure(path)
    assert (told is not None) == warned
    if told:
        assert told == f"{path}: others may read this private key (mode {mode:03o}); fix it with chmod 600"


def test_a_key_in_memory_signs() -> None:
    key = ECC.construct(curve="Ed25519", seed=SECRET)  # type: ignore[arg-type]  # its stubs are wrong
    assert Ed25519Signer.of(key).sign(b"\x72") == SIGNATURE


def test_secrets_that_follow_from_a_key_differ_by_key_and_purpose_and_come_out_the_same_again() -> None:
    found = {signer.derived(purpose) for signer in (EXCHANGE, STRANGER) for purpose in (b"one", b"another", b"")}
    assert len(found) == 6
    assert all(len(secret) == 32 for secret in found)
    assert EXCHANGE.derived(b"one") in found
