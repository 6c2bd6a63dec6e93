"""`scan --eth-key` and `verify --eth-signer`, as far as they need no node."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest
from eth_account import Account

from scanner.attesting.ethereum_keys import read_ethereum_key
from scanner.attesting.onchain import ONCHAIN, sign_onchain
from scanner.cli import commands, onchain, scanning
from scanner.errors import InputError
from tests.support.attestations import small as small_attestation
from tests.support.attestations.attested import agreed, attest, held
from tests.support.attestations.small import Folder

SECRET = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
AUDITOR, STRANGER = read_ethereum_key(SECRET, "the test"), read_ethereum_key("5" * 64, "the test")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """An attestation with its on-chain form, in the folder where commands run."""
    folder = small_attestation.write(tmp_path)
    (tmp_path / ONCHAIN).write_bytes(sign_onchain(folder.attested.verify().statement, [AUDITOR]))
    monkeypatch.chdir(tmp_path)
    return folder


def verify(folder: Folder, *more: str) -> int:
    claim, key = str(folder.claim), str(folder.key)
    return commands.main(["verify", str(folder.attestation), "--claim", claim, "--key", key, *more])


def test_a_form_that_holds_is_told_with_its_signer_and_digest(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, "--eth-signer", AUDITOR.address) == 0
    assert f"signed by  {AUDITOR.address}, on-chain form 0x" in capsys.readouterr().out
    assert verify(folder, "--eth-signer", AUDITOR.address, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["onchain"]["addresses"] == [AUDITOR.address]
    assert told["holds"] is True


def test_a_form_that_nobody_asked_about_is_told_to_be_unchecked(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / ONCHAIN).write_text("nonsense")
    assert verify(folder) == 0
    assert f"unchecked  {ONCHAIN}" in capsys.readouterr().out


def test_a_form_that_is_not_of_this_statement_is_exit_code_4(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = (agreed(100_00000000), *small_attestation.OUTCOMES[1:])
    small_attestation.write(folder.path, outcomes)
    assert verify(folder) == 0
    assert verify(folder, "--eth-signer", AUDITOR.address, "--json") == 4
    told = capsys.readouterr()
    assert json.loads(told.out[told.out.rindex("\n{") :])["step"] == 11
    assert "dsseDigest" in told.err


def test_a_signer_who_did_not_sign_is_exit_code_4(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "--eth-signer", AUDITOR.address, "--eth-signer", STRANGER.address) == 4
    assert f"is not signed by {STRANGER.address}" in capsys.readouterr().err


def test_the_form_may_lie_elsewhere(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.path / ONCHAIN).rename(folder.path / "form.json")
    assert verify(folder, "--eth-signer", AUDITOR.address, "--eip712", "form.json") == 0
    assert verify(folder, "--eth-signer", AUDITOR.address) == 2
    assert f"{ONCHAIN}: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--eth-signer", "0x2C7536E3605D9C16a7a3D7b1898e529396a65c23"], "EIP-55"),
        (["--eth-signer", "auditor.eth"], "--eth-signer"),
        (["--eip712", "form.json"], "needs --eth-signer"),
    ],
)
def test_a_demand_that_is_none_is_exit_code_2(
    folder: Folder, more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, *more) == 2
    assert told in capsys.readouterr().err


# --- keys for signing


def scan(*more: str) -> int:
    return commands.main(["scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", *more])


@pytest.fixture
def inputs(folder: Folder) -> Folder:
    (folder.path / "nodes.yaml").write_text(
        'nodes:\n  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a, own: true}\n'
    )
    (folder.path / "key.pem").write_text("no key")
    return folder


def test_a_key_on_the_command_line_is_refused_and_not_repeated(
    inputs: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "signer", lambda _: None)
    for secret in (SECRET, f"0x{SECRET}"):
        assert scan("--key", "key.pem", "--eth-key", secret) == 2
        told = capsys.readouterr()
        assert "takes a file or env:NAME, not a key" in told.err
        assert SECRET[:16] not in told.err + told.out


@pytest.mark.parametrize(
    ("value", "told"),
    [("env:NOT_SET", "NOT_SET is not set"), ("no such file", "cannot be read"), ("env:SHORT", "SHORT: no key")],
)
def test_a_key_that_cannot_be_had_is_exit_code_2_before_anything_is_read(
    inputs: Folder, value: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT", SECRET[2:])
    monkeypatch.setattr(scanning, "signer", lambda _: None)
    assert scan("--key", "key.pem", "--eth-key", value) == 2
    shown = capsys.readouterr().err
    assert told in shown
    assert SECRET[2:18] not in shown


def test_a_key_comes_from_a_keystore_or_a_variable_and_one_that_others_may_read_is_warned_of(
    inputs: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keystore = inputs.path / "keystore.json"
    keystore.write_text(json.dumps(Account.encrypt(bytes.fromhex(SECRET), "open sesame", kdf="pbkdf2", iterations=2)))
    keystore.chmod(0o600)
    monkeypatch.setenv(onchain.PASSPHRASE, "open sesame")
    monkeypatch.setenv("KEY", SECRET)
    arguments = Namespace(key=["key.pem"], eth_key=[str(keystore), "env:KEY"])
    assert onchain.signers(arguments) == [AUDITOR, AUDITOR]
    assert capsys.readouterr().err == ""
    keystore.chmod(0o644)
    onchain.signers(arguments)
    assert "others may read this private key" in capsys.readouterr().err
    monkeypatch.delenv(onchain.PASSPHRASE)
    with pytest.raises(InputError, match="give its passphrase"):
        onchain.signers(arguments)


def test_the_form_is_never_signed_without_the_envelope(inputs: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan("--eth-key", "env:KEY") == 2
    assert "beside --key" in capsys.readouterr().err


def test_a_report_that_has_no_form_is_written_without_it_and_that_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """What a hostile token reports can be larger than any contract's integers; the scan is worth more than the form."""
    statement = attest(held(eth_bob=agreed(2**256 - 1), eth_alice=agreed(2**256 - 1))).verify().statement
    assert onchain.form(statement, [AUDITOR]) == {}
    assert "ETH" in capsys.readouterr().err
    assert onchain.form(statement, []) == {}
