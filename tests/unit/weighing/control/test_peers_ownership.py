"""What passes as ownership with the verifiers that exchanges publish, and must not pass here: from file to word.

Each test is a fault found in such a verifier, put into a file of OKX's layout and taken through the reader.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.chains.accounts import account_text
from scanner.core import base58
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners, Control
from scanner.errors import InputError
from scanner.proofs.control import Proof
from scanner.sources.published import PublishedRow, read_published
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.recognise import control_of
from scanner.weighing.holdings import Holding, Ownership
from tests.support import proof_signing as sign

HEADER = [
    "coin", "Network", "Snapshot Height", "address", "amount", "message", "signature1", "signature2",
    "redeem script/ public key", "eoa1", "eoa2",
]  # fmt: skip
COINS = {
    sign.ETHEREUM: ("ETH", "ETH"),
    sign.BITCOIN: ("BTC", "BTC"),
    sign.LITECOIN: ("LTC", "LTC"),
    sign.TRON: ("USDT-TRC20", "TRON"),
    sign.SOLANA: ("SOL", "SOL"),
    sign.VAULTA: ("EOS", "Vaulta"),
}
SOLANA_ACCOUNT = base58.encode(sign.ed25519_public(1))
KEYS = [sign.public(number) for number in (1, 2, 3)]
TWO_OF_THREE = sign.multisig(2, KEYS)
CONTRACT = b"\xc0" * 20

# One row a scheme, each of which shows control as it stands.
PROOFS = {
    "okx-evm": sign.okx_evm(),
    "eip191": sign.eip191(),
    "bip137": sign.bip137(),
    "bip137 2-of-3": sign.bip137_of(TWO_OF_THREE, (1, 3)),
    "okx-utxo-hex": sign.okx_utxo_hex(),
    "tron": sign.tron(),
    "okx-ed25519": sign.okx_ed25519(sign.SOLANA, SOLANA_ACCOUNT),
}
each_scheme = pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS.keys())


def cells(proof: Proof) -> list[str]:
    coin, network = COINS[proof.chain]
    signatures, owners = [*proof.signatures, "", ""], [*proof.owners, "", ""]
    address = account_text(proof.chain, proof.account)
    return [coin, network, "1000", address, "1", proof.message, *signatures[:2], proof.public_key, *owners[:2]]


def holding(row: PublishedRow) -> Holding:
    own = row.ownership
    assert own is not None
    return Holding(row.asset, row.account, ownership=Ownership("", own.message, own.signatures, own.key, own.owners))


def written(folder: Path, *rows: list[str]) -> Path:
    path = folder / "okx_por.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["coin", "amount"], ["ETH", "1"], [], HEADER, *rows])
    return path


def judged(folder: Path, *rows: list[str], challenge: str | None = sign.MESSAGE) -> Controls:
    holdings = [holding(row) for row in read_published(written(folder, *rows))]
    return Controls.of(holdings, Coded([control_of(each, challenge) for each in holdings]))


def words(folder: Path, *rows: list[str], challenge: str | None = sign.MESSAGE) -> list[Control]:
    """Where the chain says of each account whose own key signed that it still obeys that."""
    controls = judged(folder, *rows, challenge=challenge)
    own = {at: each.signers[0] for at, each in controls.waiting.items() if "still obey" in each.question}
    return list(controls.with_owners({at: ContractOwners(owner=account) for at, account in own.items()}).words)


def changed(row: list[str], column: str, text: str) -> list[str]:
    at = HEADER.index(column)
    return [*row[:at], text, *row[at + 1 :]]


@each_scheme
def test_a_row_that_is_as_it_should_be_shows_control(tmp_path: Path, proof: Proof) -> None:
    assert words(tmp_path, cells(proof)) == [Control.SHOWN]


# The message is never compared with the one expected


@each_scheme
def test_a_signature_of_years_ago_is_not_taken_for_one_of_today(tmp_path: Path, proof: Proof) -> None:
    assert words(tmp_path, cells(proof), challenge="OKC_DTT_AUP2026") == [Control.REPLAYABLE]
    assert words(tmp_path, cells(proof), challenge=None) == [Control.REPLAYABLE]


@each_scheme
def test_writing_the_challenge_beside_an_old_signature_shows_nothing(tmp_path: Path, proof: Proof) -> None:
    row = changed(cells(proof), "message", "OKC_DTT_AUP2026")
    assert words(tmp_path, row, challenge="OKC_DTT_AUP2026") == [Control.UNSHOWN]


# A signature that holds, of a key that is not the account's


@each_scheme
def test_a_valid_signature_does_not_pass_for_a_strangers_account(tmp_path: Path, proof: Proof) -> None:
    strangers = {
        sign.ETHEREUM: "0x" + "ab" * 20,
        sign.BITCOIN: account_text(sign.BITCOIN, sign.p2pkh(sign.public(9))),
        sign.LITECOIN: account_text(sign.LITECOIN, sign.p2pkh(sign.public(9))),
        sign.TRON: sign.tron_address(9),
        sign.SOLANA: base58.encode(sign.ed25519_public(9)),
    }
    assert words(tmp_path, changed(cells(proof), "address", strangers[proof.chain])) == [Control.UNSHOWN]


def test_a_public_key_given_in_the_file_is_not_believed_to_be_the_accounts(tmp_path: Path) -> None:
    for scheme in ("bip137", "okx-ed25519"):
        row = cells(PROOFS[scheme])
        other = sign.public(9) if scheme == "bip137" else sign.ed25519_public(9)
        assert words(tmp_path, changed(row, HEADER[8], other.hex())) == [Control.UNSHOWN]


def test_a_script_that_the_address_does_not_commit_to_shows_nothing(tmp_path: Path) -> None:
    own_script = sign.multisig(1, [sign.public(8), sign.public(9)])
    proof = sign.bip137_of(own_script, (9,))
    stranger = account_text(sign.BITCOIN, sign.p2wsh(TWO_OF_THREE))
    assert words(tmp_path, cells(proof)) == [Control.SHOWN]
    assert words(tmp_path, changed(cells(proof), "address", stranger)) == [Control.UNSHOWN]


# m of n


def test_one_key_that_signs_twice_is_not_two_of_three(tmp_path: Path) -> None:
    proof = sign.bip137_of(TWO_OF_THREE, (1, 1))
    assert words(tmp_path, cells(proof)) == [Control.UNSHOWN]


def test_m_is_read_from_the_script_and_is_not_always_two(tmp_path: Path) -> None:
    for required, word in ((1, Control.SHOWN), (2, Control.SHOWN), (3, Control.UNSHOWN)):
        proof = sign.bip137_of(sign.multisig(required, KEYS), (1, 2))
        assert words(tmp_path, cells(proof)) == [word]


def test_one_of_two_signatures_is_not_enough_and_a_strangers_second_is_none(tmp_path: Path) -> None:
    for signers in ((1,), (1, 9)):
        assert words(tmp_path, cells(sign.bip137_of(TWO_OF_THREE, signers))) == [Control.UNSHOWN]


# What is not known


@pytest.mark.parametrize("network", ["NOWHERE", "ALGO", "ELF"])
def test_a_row_of_a_network_without_a_scheme_never_passes(tmp_path: Path, network: str) -> None:
    row = changed(changed(cells(sign.okx_evm()), "Network", network), "coin", network)
    addresses = {
        "ALGO": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ",
        "ELF": base58.encode_check(b"e" * 32),
    }
    address = addresses.get(network, "A" * 58)
    assert set(words(tmp_path, changed(row, "address", address))) <= {Control.UNVERIFIABLE, Control.UNSHOWN}


@each_scheme
def test_a_signature_in_no_known_form_is_not_verifiable(tmp_path: Path, proof: Proof) -> None:
    for text in ("ok", "true", "0x", "-----BEGIN PGP SIGNATURE-----"):
        row = changed(changed(cells(proof), "signature1", text), "signature2", "")
        assert words(tmp_path, row) == [Control.UNVERIFIABLE]


@each_scheme
def test_a_row_without_a_signature_is_told_apart_and_never_passes(tmp_path: Path, proof: Proof) -> None:
    for nothing in ("", "null"):
        row = changed(changed(cells(proof), "signature1", nothing), "signature2", nothing)
        assert words(tmp_path, row) == [Control.ABSENT]


def test_a_bad_row_neither_hides_nor_is_hidden_by_the_good_ones(tmp_path: Path) -> None:
    good = [cells(proof) for proof in PROOFS.values() if proof.scheme != "eip191"]
    bad = cells(replace(sign.okx_evm(2), signatures=sign.okx_evm(3).signatures))
    assert words(tmp_path, *good[:3], bad, *good[3:]).count(Control.UNSHOWN) == 1
    assert words(tmp_path, *good, bad).count(Control.SHOWN) == len(good)


def test_a_file_without_rows_is_an_error_and_not_a_success(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        words(tmp_path)
    with pytest.raises(InputError):
        words(tmp_path, changed(cells(sign.okx_evm()), "address", "not an address"))


# Two ways to sign one text


def test_okxs_double_hash_and_personal_sign_are_kept_apart(tmp_path: Path) -> None:
    for proof in (sign.okx_evm(), sign.eip191()):
        (row,) = read_published(written(tmp_path, cells(proof)))
        verdict = control_of(holding(row), sign.MESSAGE)
        assert getattr(verdict, "scheme", None) == proof.scheme
        for named in ("okx-evm", "eip191"):
            own = holding(row).ownership
            assert own is not None
            as_named = replace(holding(row), ownership=replace(own, scheme=named))
            shown = Controls.of([as_named], Coded([control_of(as_named, sign.MESSAGE)])).words[0] is Control.SHOWN
            assert shown is (named == proof.scheme)


# Contracts and validators


def owned(*owners: int) -> Proof:
    signatures = tuple(sign.hexed(sign.rsv(number, sign.okx_evm_digest(sign.MESSAGE))) for number in owners)
    named = tuple(sign.hexed(sign.evm_address(number)) for number in owners)
    return Proof("okx-evm", sign.ETHEREUM, CONTRACT, sign.MESSAGE, signatures, "", named)


def test_owners_that_the_file_names_show_nothing_without_the_chain(tmp_path: Path) -> None:
    for owners in ((1,), (1, 2)):
        assert words(tmp_path, cells(owned(*owners))) == [Control.UNVERIFIABLE]


def test_owners_that_the_chain_does_not_name_show_nothing(tmp_path: Path) -> None:
    signed = judged(tmp_path, cells(owned(1, 2)))
    safe = ContractOwners(tuple(sorted(map(sign.evm_address, (1, 3, 4)))), 2)
    for owners in (ContractOwners(), ContractOwners(owner=sign.evm_address(9)), safe):
        assert signed.with_owners({0: owners}).words == (Control.UNSHOWN,)
    safe = ContractOwners(tuple(sorted(map(sign.evm_address, (1, 2, 3)))), 2)
    assert signed.with_owners({0: safe}).words[0] is Control.SHOWN


def test_a_validators_key_is_not_shown_by_whomever_the_file_calls_its_owner(tmp_path: Path) -> None:
    row = changed(cells(owned(1)), "address", "0x" + "ab" * 48)
    with_type = [[*HEADER[:1], "Type", *HEADER[1:]], [row[0], "Native ETH Staking", *row[1:]]]
    path = tmp_path / "staking.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["coin", "amount"], ["ETH", "1"], [], *with_type])
    holdings = [holding(each) for each in read_published(path)]
    signed = Controls.of(holdings, Coded([control_of(each, sign.MESSAGE) for each in holdings]))
    assert signed.words == (Control.UNVERIFIABLE,)
    assert not signed.waiting  # it is no contract, and what a contract of that name says is nothing to it
