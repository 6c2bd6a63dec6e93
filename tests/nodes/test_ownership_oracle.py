"""A real wallet and a real verifier as oracles: what Bitcoin Knots signs, we accept; what it refuses, we refuse."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from random import Random

import pytest

from localnet.bitcoind import Bitcoind
from localnet.errors import RpcError
from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key, account_text
from scanner.chains.control import verify
from scanner.proofs.control import NotShown, NotVerifiable, Proof, Replayable, Shown
from tests.support import proof_signing as sign

KINDS = ("legacy", "p2sh-segwit", "bech32", "bech32m")
MESSAGES = ("OKC_DTT_AUP2025", "", "I am an OKX address", "ünïcödé ☃", "m" * 300)


@pytest.fixture(scope="module")
def knots(node_programs: None) -> Iterator[Bitcoind]:
    with Bitcoind.start() as node:
        if "Knots" not in node.rpc("getnetworkinfo")["subversion"]:
            pytest.skip("only Bitcoin Knots signs and verifies by BIP-322")
        node.rpc("createwallet", "oracle")
        yield node


def proof(address: str, message: str, signature: str, scheme: str = "bip322") -> Proof:
    return Proof(scheme, sign.REGTEST, account_key(sign.REGTEST, address), message, (signature,))


def accepts(node: Bitcoind, address: str, signature: str, message: str) -> bool:
    try:
        return bool(node.rpc("verifymessage", address, signature, message))
    except RpcError:
        return False


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_wallet_signs_is_shown(knots: Bitcoind, kind: str) -> None:
    for message in MESSAGES:
        address = knots.rpc("getnewaddress", "", kind)
        signature = knots.rpc("signmessage", address, message)
        verdict = verify(proof(address, message, signature), message)
        assert not isinstance(verdict, NotShown), verdict
        key = bytes.fromhex(knots.rpc("getaddressinfo", address).get("pubkey", ""))
        if key:
            assert verdict == (Shown if message else Replayable)("bip322", (key,))
        if kind == "legacy":
            assert verify(proof(address, message, signature, "bip137"), None) == Replayable("bip137", (key,))


@pytest.mark.parametrize("kind", KINDS)
def test_a_spoiled_signature_is_judged_as_the_node_judges_it(knots: Bitcoind, kind: str) -> None:
    random = Random(kind)
    address, other = (knots.rpc("getnewaddress", "", kind) for _ in range(2))
    message = MESSAGES[0]
    signature = knots.rpc("signmessage", address, message)
    data = base64.b64decode(signature)
    spoiled = [(address, base64.b64encode(part).decode(), message) for part in (data[:-1], data + b"\0", b"", data * 2)]
    spoiled += [(other, signature, message), (address, signature, message + " "), (address, signature[:-4], message)]
    for _ in range(150):
        index = random.randrange(len(data))
        changed = data[:index] + bytes([data[index] ^ 1 << random.randrange(8)]) + data[index + 1 :]
        spoiled.append((address, base64.b64encode(changed).decode(), message))
    for at, text, signed in spoiled:
        ours = not isinstance(verify(proof(at, signed, text), signed), NotShown)
        assert ours == accepts(knots, at, text, signed), (at, text, signed)


def test_what_we_sign_by_the_legacy_form_the_node_accepts(knots: Bitcoind) -> None:
    for number in range(20):
        message = f"message {number}"
        made = sign.bip137(number, message, chain=sign.REGTEST)
        address = account_text(sign.REGTEST, made.account)
        assert accepts(knots, address, made.signatures[0], message)
        assert isinstance(verify(made, message), Shown)


def test_a_shared_address_is_shown_by_the_signature_that_spends_from_it(knots: Bitcoind) -> None:
    """2-of-3 behind P2WSH and P2SH, signed by the node as an ordinary transaction input."""
    keys = [sign.public(number) for number in (1, 2, 3)]
    secrets = [sign.regtest_wif(number) for number in (1, 3)]
    script = sign.multisig(2, keys)
    for account, extra in (
        (sign.p2wsh(script), {"witnessScript": script.hex()}),
        (sign.p2sh(script), {"redeemScript": script.hex()}),
        (sign.p2sh(sign.p2wsh(script)), {"redeemScript": sign.p2wsh(script).hex(), "witnessScript": script.hex()}),
    ):
        spent = sign.bip322_prevout(account)
        to_sign = bytes(4) + b"\x01" + spent + b"\x00" + bytes(4) + b"\x01" + bytes(8) + b"\x01\x6a" + bytes(4)
        previous = {"txid": spent[:32][::-1].hex(), "vout": 0, "scriptPubKey": account.hex(), "amount": 0, **extra}
        signed = knots.rpc("signrawtransactionwithkey", to_sign.hex(), secrets, [previous], "ALL")
        assert signed["complete"], signed
        text = base64.b64encode(bytes.fromhex(signed["hex"])).decode()
        made = Proof("bip322", sign.REGTEST, account, sign.MESSAGE, (text,))
        assert verify(made, sign.MESSAGE) == Shown("bip322", (keys[0], keys[2]))
        assert accepts(knots, account_text(sign.REGTEST, account), text, sign.MESSAGE)


def test_a_script_that_we_do_not_understand_is_never_shown(knots: Bitcoind) -> None:
    script = b"\x51"  # anyone can spend: the node calls any signature valid, and it shows nobody's control
    made = Proof("bip322", sign.REGTEST, sign.p2wsh(script), "m", (base64.b64encode(b"\x01\x01\x51").decode(),))
    assert isinstance(verify(made, "m"), NotVerifiable)
    assert accepts(knots, account_text(sign.REGTEST, made.account), made.signatures[0], "m")


def test_addresses_are_read_as_the_node_reads_them(knots: Bitcoind) -> None:
    """Except for blanks around Base58, which the node strips and we refuse."""
    random = Random(7)
    alphabet = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0OIl"
    for kind in KINDS:
        for _ in range(10):
            address = knots.rpc("getnewaddress", "", kind)
            script = bytes.fromhex(knots.rpc("validateaddress", address)["scriptPubKey"])
            assert account_key(sign.REGTEST, address) == script
            assert account_text(sign.REGTEST, script) == address
            variants = [address.upper(), address[:-1], address + address[-1], "q" + address]
            for _ in range(20):
                index = random.randrange(len(address))
                variants.append(address[:index] + random.choice(alphabet) + address[index + 1 :])
            for variant in variants:
                answer = knots.rpc("validateaddress", variant)
                try:
                    ours = account_key(sign.REGTEST, variant).hex()
                except AddressError:
                    ours = None
                assert ours == (answer["scriptPubKey"] if answer["isvalid"] else None), variant


def test_witness_programs_of_every_version_are_written_as_the_node_writes_them(knots: Bitcoind) -> None:
    random = Random(8)
    scripts = [
        bytes([version + 0x50, size]) + random.randbytes(size) for version in range(1, 17) for size in (2, 20, 32, 40)
    ]
    scripts += [b"\x00" + bytes([size]) + random.randbytes(size) for size in (2, 19, 20, 21, 32, 33, 40)]
    for script in scripts:
        address = knots.rpc("decodescript", script.hex()).get("address")
        ours = account_text(sign.REGTEST, script)
        assert ours == (address or f"raw({script.hex()})")
