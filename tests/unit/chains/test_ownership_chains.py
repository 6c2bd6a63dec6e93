"""Ownership on the other chains: the address follows from the key, owners are left to the chain to confirm."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key, account_text
from scanner.chains.aelf import signed_message as aelf
from scanner.chains.cardano import signed_message as cardano_keys
from scanner.chains.control import verify
from scanner.chains.filecoin import signed_message as filecoin
from scanner.chains.starknet.curve import hash_on_elements
from scanner.chains.stellar import signed_message as stellar_keys
from scanner.chains.xrpl import signed_message as xrpl
from scanner.core import base58, bech32
from scanner.core.ids import Chain
from scanner.proofs.control import NotShown, NotVerifiable, Proof, Shown, Unbound, Verdict
from tests.support import proof_signing as sign
from tests.support.places import VECTORS as _VECTORS
from tests.support.secp256k1_signing import uncompressed

VECTORS = json.loads((_VECTORS / "okx_signatures.json").read_text())
KEY = sign.ed25519_public(1)

OKX_ECDSA = {sign.FILECOIN: filecoin.account_of, sign.XRP_LEDGER: xrpl.account_of, sign.AELF: aelf.account_of}


def judge(proof: Proof) -> Verdict:
    return verify(proof, proof.message)


# EVM: the chain's own rules, and contracts


@pytest.mark.parametrize("proof", [sign.okx_evm(), sign.eip191()], ids=["okx-evm", "eip191"])
def test_evm_signatures_have_low_s_and_a_v_of_27_or_28(proof: Proof) -> None:
    data = bytes.fromhex(proof.signatures[0][2:])
    for wrong in (sign.high_s(data), *(data[:64] + bytes([v]) for v in (2, 3, 26, 29, 31, 35, 37, 255))):
        assert isinstance(judge(replace(proof, signatures=(sign.hexed(wrong),))), NotShown)
    for v in (data[64], data[64] - 27):
        assert judge(replace(proof, signatures=(sign.hexed(data[:64] + bytes([v])),))) == Shown(
            proof.scheme, (sign.public(1),)
        )


def test_okx_evm_and_personal_sign_are_not_taken_for_one_another() -> None:
    assert isinstance(judge(replace(sign.okx_evm(), scheme="eip191")), NotShown)
    assert isinstance(judge(replace(sign.eip191(), scheme="okx-evm")), NotShown)


def contract(*signers: int, owners: tuple[int, ...]) -> Proof:
    digest = sign.okx_evm_digest(sign.MESSAGE)
    return Proof(
        "okx-evm",
        sign.ETHEREUM,
        b"\xcc" * 20,
        sign.MESSAGE,
        tuple(sign.hexed(sign.rsv(number, digest)) for number in signers),
        owners=tuple("0x" + sign.evm_address(number).hex() for number in owners),
    )


def test_owners_signatures_leave_the_contract_to_the_chain() -> None:
    for numbers in ((1,), (1, 2)):
        verdict = judge(contract(*numbers, owners=numbers))
        assert isinstance(verdict, Unbound)
        assert verdict.signers == tuple(sign.evm_address(number) for number in numbers)
        assert not verdict.replayable
    for signers, owners in (
        ((2, 1), (1, 2)),
        ((1,), (1, 2)),
        ((1, 2), (1,)),
        ((1, 1), (1, 1)),
        ((1, 3), (1, 2)),
        ((), (1,)),
    ):
        assert isinstance(judge(contract(*signers, owners=owners)), NotShown)
    for owner in ("", "0x", "null", "0x" + "00" * 19, "0x" + "Ab" * 20):
        assert isinstance(judge(replace(contract(1, owners=(1,)), owners=(owner,))), NotShown)


def test_an_account_that_names_itself_as_its_owner_is_its_own_key_s() -> None:
    assert judge(replace(contract(1, owners=(1,)), account=sign.evm_address(1))) == Shown("okx-evm", (sign.public(1),))


def test_a_validator_key_has_no_evm_key_but_may_have_owners() -> None:
    validator = replace(contract(1, owners=(1,)), account=b"\xab" * 48)
    assert isinstance(judge(validator), Unbound)
    assert isinstance(judge(replace(validator, owners=())), NotVerifiable)


def test_filecoin_s_f410_address_is_an_evm_key_s() -> None:
    address = sign.evm_address(1)
    check = hashlib.blake2b(b"\x04\x0a" + address, digest_size=4).digest()
    account = "f410f" + base64.b32encode(address + check).decode().lower().rstrip("=")
    proof = replace(sign.okx_evm(), chain=sign.FILECOIN, account=account_key(sign.FILECOIN, account))
    assert isinstance(judge(proof), Shown)
    wrong = "f410f" + base64.b32encode(address + bytes(4)).decode().lower().rstrip("=")
    for other in (wrong, account.upper(), account[:-1], "f1" + account[5:]):
        with pytest.raises(AddressError):
            account_key(sign.FILECOIN, other)
    for stranger in (b"\x04\x0b" + address, b"\x01" + address, b"\x04\x0a" + address[1:], b""):
        assert isinstance(judge(replace(proof, account=stranger)), NotShown)


# Addresses that follow from keys


def test_known_addresses_follow_from_their_keys() -> None:
    key = account_key
    # The XRP Ledger's genesis account; SEP-23's example; CIP-19's test vector of type 6.
    genesis = uncompressed(bytes.fromhex("0330E7FC9D56BB25D6893BA3F317AE5BCF33B3291BD63DB32654A313222F7FD020"))
    assert xrpl.account_of(genesis) == key(sign.XRP_LEDGER, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh")
    stellar = bytes.fromhex("3f0c34bf93ad0d9971d04ccc90f705511c838aad9734a4a2fb0d7a03fc7fe89a")
    assert stellar_keys.is_account_of(
        stellar, key(sign.STELLAR, "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ")
    )
    groups = bech32.decode("addr_vk1w0l2sr2zgfm26ztc6nl9xy8ghsk5sh6ldwemlpmp9xylzy4dtf7st80zhd")[1]
    cardano = (int.from_bytes(bytes(4), "big") | _joined(groups)).to_bytes(33, "big")[-32:]
    assert cardano_keys.is_account_of(
        cardano, key(sign.CARDANO, "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8")
    )


def _joined(groups: bytes) -> int:
    number = 0
    for group in groups:
        number = number << 5 | group
    return number >> (len(groups) * 5 % 8)


def ed25519_accounts() -> dict[str, tuple[Chain, str]]:
    authentication = hashlib.sha3_256(KEY + b"\0").hexdigest()
    dot = b"\0" + KEY
    stellar = b"\x30" + KEY
    return {
        "solana": (sign.SOLANA, base58.encode(KEY)),
        "aptos": (sign.APTOS, "0x" + authentication),
        "sui": (sign.SUI, "0x" + hashlib.blake2b(b"\0" + KEY, digest_size=32).hexdigest()),
        "polkadot": (sign.POLKADOT, base58.encode(dot + hashlib.blake2b(b"SS58PRE" + dot).digest()[:2])),
        "stellar": (sign.STELLAR, base64.b32encode(stellar + _xmodem(stellar)).decode()),
        "cardano": (
            sign.CARDANO,
            bech32.encode("addr", bech32.groups_of(b"\x61" + hashlib.blake2b(KEY, digest_size=28).digest()), 1),
        ),
    }


def _xmodem(data: bytes) -> bytes:
    register = 0
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return register.to_bytes(2, "little")


@pytest.mark.parametrize("name", ed25519_accounts())
def test_an_ed25519_key_is_bound_to_its_address_on_every_chain(name: str) -> None:
    chain, account = ed25519_accounts()[name]
    proof = sign.okx_ed25519(chain, account)
    assert judge(proof) == Shown("okx-ed25519", (KEY,))
    assert isinstance(judge(sign.okx_ed25519(chain, account, 2)), NotShown)
    for stranger in (proof.account[:-1], proof.account + b"1", proof.account[::-1], b"", b"0x0"):
        assert isinstance(judge(replace(proof, account=stranger)), NotShown)
    for other, foreign in ed25519_accounts().values():
        key = account_key(other, foreign)
        if key != proof.account:  # on Solana and Polkadot alike the account is the key
            assert isinstance(judge(replace(proof, account=key)), NotShown)
            assert isinstance(judge(replace(proof, chain=other)), NotShown)


def test_an_aptos_address_may_lack_its_leading_zeros() -> None:
    number = next(n for n in range(1000) if hashlib.sha3_256(sign.ed25519_public(n) + b"\0").digest()[0] == 0)
    digits = hashlib.sha3_256(sign.ed25519_public(number) + b"\0").hexdigest()
    for account in ("0x" + digits, "0x" + digits.lstrip("0")):
        assert isinstance(judge(sign.okx_ed25519(sign.APTOS, account, number)), Shown)
    assert isinstance(judge(sign.okx_ed25519(sign.APTOS, "0x" + digits.rstrip("0")[:-1], number)), NotShown)


def test_a_rotated_aptos_key_is_left_to_the_chain() -> None:
    authentication = hashlib.sha3_256(KEY + b"\0").digest()
    proof = replace(sign.okx_ed25519(sign.APTOS, "0x" + "ab" * 32), owners=("0x" + authentication.hex(),))
    verdict = judge(proof)
    assert isinstance(verdict, Unbound)
    assert verdict.signers == (authentication,)
    assert isinstance(judge(replace(proof, owners=("0x" + "cd" * 32,))), NotShown)
    assert isinstance(judge(replace(proof, owners=("0x" + "cd" * 33,))), NotShown)  # no account at all
    assert isinstance(judge(replace(proof, owners=proof.owners * 2)), NotShown)
    assert isinstance(judge(replace(proof, chain=sign.SUI)), NotVerifiable)


def test_a_key_of_small_order_shows_nothing() -> None:
    # Under such a key anyone can write a signature of any message: R = the key itself or the identity, s = 0.
    for key in (b"\x01" + bytes(31), bytes(32), b"\xec" + b"\xff" * 30 + b"\x7f",
                bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")):  # fmt: skip
        for nonce in (key, b"\x01" + bytes(31)):
            proof = Proof("okx-ed25519", sign.SOLANA, key, "m", ((nonce + bytes(32)).hex(),), key.hex())
            assert isinstance(judge(proof), NotShown)


def test_an_ed25519_s_beyond_the_order_is_refused() -> None:
    chain, account = ed25519_accounts()["solana"]
    proof = sign.okx_ed25519(chain, account)
    data = bytes.fromhex(proof.signatures[0][2:])
    order = 2**252 + 27742317777372353535851937790883648493
    other = data[:32] + (int.from_bytes(data[32:], "little") + order).to_bytes(32, "little")
    assert isinstance(judge(replace(proof, signatures=(other.hex(),))), NotShown)


def test_ton_s_two_wallets_are_told_from_any_other_contract() -> None:
    row = next(row for row in VECTORS["rows"] if row[1] == "tvm:-239")
    proof = Proof(row[0], sign.TON, account_key(sign.TON, row[2]), row[3], tuple(row[4]), row[5])
    assert isinstance(judge(proof), Shown)
    data = bytearray(base64.urlsafe_b64decode(row[2]))

    def text(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw + _xmodem(raw)[::-1]).decode()

    assert text(bytes(data[:34])) == row[2]
    assert account_key(sign.TON, text(b"\x51" + data[1:34])) == proof.account  # non-bounceable
    for raw in (b"\x11\xff" + data[2:34], bytes(data[:33]) + b"\0"):
        assert isinstance(judge(replace(proof, account=account_key(sign.TON, text(bytes(raw))))), NotShown)
    for wrong in (text(b"\x91" + data[1:34]), text(bytes(data[:34]) + b"\0"), text(b""), row[2][:-1] + "k"):
        with pytest.raises(AddressError):
            account_key(sign.TON, wrong)


@pytest.mark.parametrize("chain", [sign.FILECOIN, sign.XRP_LEDGER, sign.AELF])
def test_an_okx_ecdsa_key_is_bound_to_its_address_and_to_the_given_key(chain: Chain) -> None:
    account = account_text(chain, OKX_ECDSA[chain](sign.public(1, compressed=False)))
    proof = sign.okx_ecdsa(chain, account)
    for given in (
        "",
        sign.public(1).hex(),
        sign.public(1, compressed=False).hex(),
        sign.public(1, compressed=False)[1:].hex(),
    ):
        assert judge(replace(proof, public_key=given)) == Shown("okx-ecdsa", (sign.public(1),))
    assert isinstance(judge(replace(proof, public_key=sign.public(2).hex())), NotShown)
    # OKX's own verifier compares with the given key only, so that any key passes for any account.
    stranger = replace(sign.okx_ecdsa(chain, account, 2), public_key=sign.public(2).hex())
    assert isinstance(judge(stranger), NotShown)


def test_an_eos_key_is_left_to_the_chain_and_its_texts_are_checked() -> None:
    proof = sign.okx_eos()
    verdict = judge(proof)
    assert isinstance(verdict, Unbound)
    assert verdict.signers == (sign.public(1),)
    new_style = "PUB_K1_" + sign.eos_text(sign.public(1), b"K1")
    assert isinstance(judge(replace(proof, public_key=new_style)), Unbound)
    for key in (
        "EOS" + new_style[7:],
        "PUB_K1_" + proof.public_key[3:],
        proof.public_key[:-1] + "1",
        "PUB_R1_x",
        "EOS",
    ):
        assert isinstance(judge(replace(proof, public_key=key)), NotShown)


# Starknet and validators (whose pairings, a second each, are in tests/contract)


def test_the_stark_hash_is_starkware_s() -> None:
    assert hash_on_elements([]) == 0x49EE3EBA8C1600700EE1B87EB599F16716B0B1022947733551FDE4050CA6804
    # starknet.js's own test
    expected = 0x7B422405DA6571242DFC245A43DE3B0FE695E7021C148B918CD9CDB462CAC59
    assert hash_on_elements([123782376, 213984, 128763521321]) == expected


def starknet() -> Proof:
    signature = (
        "04550efc3034895232cac30b73677c81cf949e7428d9629eda85b83e60614f45"
        "061639b572eb88f82f304b6a3ad4f2392a835e5582b918da53ddaaee4e342ea0"
    )
    key = "0x6459074aa056e6dfb18539e414720ca7518b4d9b6d9a9fa0a3a64b8e2287963"
    account = bytes.fromhex("03b7f0b02b63683eca1639fb2d5dfa1021628d4ee728b03bc0ac2be66edc32f1")
    return Proof("okx-stark", sign.STARKNET, account, "OKC_DTT_AUP2025", (signature,), key)


def test_a_starknet_key_is_left_to_the_chain() -> None:
    verdict = judge(starknet())
    assert isinstance(verdict, Unbound)
    assert verdict.signers == (int(starknet().public_key, 16).to_bytes(32, "big"),)


def test_a_starknet_proof_broken_in_any_input_is_refused() -> None:
    good = starknet()
    text = good.signatures[0]
    for wrong in (
        replace(good, message="OKC_DTT_AUP2026"),
        replace(good, account=good.account[:-1] + b"\2"),
        replace(good, public_key=good.public_key[:-1] + "4"),
        replace(good, signatures=(text[:63] + "4" + text[64:],)),
        replace(good, signatures=(text[:-1] + "1",)),
    ):
        assert isinstance(judge(wrong), NotShown)
    for malformed in (
        replace(good, message="a message of more than 31 bytes!"),
        replace(good, message="123"),
        replace(good, message="0x1"),
        replace(good, message="\xe9"),
        replace(good, public_key=""),
        replace(good, public_key="0x" + "f" * 64),
        replace(good, signatures=("",)),
        replace(good, signatures=("0" * 128,)),
        replace(good, signatures=("f" * 128,)),
        replace(good, signatures=(text[:64],)),
        replace(good, signatures=(text + "0",)),
    ):
        assert isinstance(judge(malformed), NotShown)


def validator() -> Proof:
    row = VECTORS["bls"]
    return Proof("bls", sign.ETHEREUM, bytes.fromhex(row["account"][2:]), row["message"], (row["signature"],))


def test_a_validator_key_or_signature_of_another_length_is_refused() -> None:
    good = validator()
    for wrong in (
        replace(good, account=good.account[:-1]),
        replace(good, account=sign.evm_address(1)),
        replace(good, signatures=(good.signatures[0][:-2],)),
        replace(good, signatures=(good.signatures[0] + "00",)),
        replace(good, signatures=good.signatures * 2),
        replace(good, signatures=()),
    ):
        assert isinstance(judge(wrong), NotShown)
