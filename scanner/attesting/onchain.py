"""The on-chain form: what a statement says of each unit as EIP-712 typed data, signed with keys that contracts know.

It commits to the statement by `dsseDigest`, the sha256 of the very bytes that the envelope's signatures are made over,
and repeats of it what a contract can work with. It is a second signature and never a second source: `check_onchain`
computes the typed data again from the statement that was verified, and takes from the file nothing but the signatures.

The domain names no chain and no contract. The statement permits nothing, so that repeating it elsewhere does no harm,
and one signature serves every chain. Docs, with a contract that checks it: docs/onchain.md.

Nothing here reads a key (`ethereum_keys.py`), or checks the statement itself (`verify.py`).

Sources: EIP-712; eth_signTypedData_v4 for its JSON, in which integers are decimal texts; EIP-2 for low s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

from scanner.attesting import canonical
from scanner.attesting.difference import difference
from scanner.attesting.digests import hex_of
from scanner.attesting.envelope import PAYLOAD_TYPE, pae
from scanner.attesting.statement import read_statement
from scanner.attesting.times import read_time
from scanner.core.amounts import parse_decimal
from scanner.core.keccak import keccak256
from scanner.core.shape import anything, array, record, text
from scanner.errors import AttestationInvalid
from scanner.proofs.curves import is_low_s

if TYPE_CHECKING:
    from eth_account.messages import SignableMessage

ONCHAIN: Final = "attestation.eip712.json"
STEP: Final = 11  # of a verification, where it is asked for
LEAST_DECIMALS: Final = 18
MAX_ONCHAIN_BYTES: Final = 8 * 1024 * 1024  # 10,000 units, the most that a statement has room for, take 4 MB
MAX_SIGNATURES: Final = 32

PRIMARY_TYPE: Final = "ReserveAttestation"
DOMAIN: Final = {"name": "Reserve attestation", "version": "1"}
TYPES: Final = {
    "EIP712Domain": (("name", "string"), ("version", "string")),
    "ReserveAttestation": (
        ("dsseDigest", "bytes32"),
        ("claimDigest", "bytes32"),
        ("exchange", "string"),
        ("asOf", "uint64"),
        ("verdict", "string"),
        ("units", "UnitReserve[]"),
    ),
    "UnitReserve": (
        ("unit", "string"),
        ("decimals", "uint8"),
        ("held", "uint256"),
        ("owedKnown", "bool"),
        ("owed", "uint256"),
        ("verdict", "string"),
    ),
}


class NotRepresentable(ValueError):
    """A statement whose amounts or moment do not fit the integers of the on-chain form."""


class EthereumSigner(Protocol):
    """A key of secp256k1, wherever it is kept."""

    @property
    def address(self) -> str:
        """0x and 40 hex digits in lower case."""

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        """65 bytes r, s, v over EIP-712 typed data, given as eth_signTypedData_v4 takes it."""


@dataclass(frozen=True, slots=True)
class OnChain:
    """What was shown of an on-chain form. Addresses are 0x and 40 hex digits in lower case, sorted."""

    digest: str  # what was signed: 0x and 64 hex digits
    addresses: tuple[str, ...]  # those demanded; each of them signed
    unchecked: tuple[str, ...]  # those that other signatures name: they were not asked for


def dsse_digest(statement: bytes) -> bytes:
    """sha256 of DSSE's pre-authentication encoding of the statement: of what the envelope's signatures are over."""
    return hashlib.sha256(pae(PAYLOAD_TYPE, statement)).digest()


def typed_data(statement: bytes) -> dict[str, Any]:
    """The statement as eth_signTypedData_v4 takes it. Amounts are whole numbers of 10**-decimals coins, exactly.

    Raises ValueError for bytes that are no statement, and NotRepresentable.
    """
    finding = read_statement(statement).predicate["finding"]
    if finding["owedAsOf"] != finding["asOf"]:
        raise NotRepresentable("the on-chain form has one moment, and what is owed is of another than what is held")
    moment = int(read_time(finding["asOf"]).timestamp())
    if moment < 0:
        raise NotRepresentable(f"the on-chain form counts seconds from 1970 on, and {finding['asOf']} is before it")
    return {
        "types": {name: [{"name": field, "type": kind} for field, kind in fields] for name, fields in TYPES.items()},
        "primaryType": PRIMARY_TYPE,
        "domain": dict(DOMAIN),
        "message": {
            "dsseDigest": f"0x{dsse_digest(statement).hex()}",
            "claimDigest": f"0x{hex_of(finding['claim'])}",
            "exchange": finding["exchange"],
            "asOf": str(moment),
            "verdict": finding["verdict"],
            "units": [_unit(reserve) for reserve in finding["reserves"]],
        },
    }


def digest(typed: Mapping[str, Any]) -> bytes:
    """The 32 bytes that are signed: keccak256(0x19 0x01, the domain's hash, the message's hash)."""
    encoded = _signable(typed)
    return keccak256(b"\x19" + encoded.version + encoded.header + encoded.body)


def sign_onchain(statement: bytes, signers: Sequence[EthereumSigner]) -> bytes:
    """The file of the on-chain form, signed by each: a line of canonical JSON, as `check_onchain` takes it.

    Raises ValueError for bytes that are no statement, and for a signature that is not the signer's; NotRepresentable.
    """
    typed = typed_data(statement)
    signed = {signer.address: f"0x{signer.sign_typed_data(typed).hex()}" for signer in signers}
    signatures = [{"address": address, "signature": signature} for address, signature in sorted(signed.items())]
    document = canonical.encode({"signatures": signatures, "typedData": typed}) + b"\n"
    _check(document, statement, tuple(signed))
    return document


def named_signers(document: bytes) -> tuple[str, ...]:
    """The addresses in whose name an on-chain form is signed; that they signed is for `check_onchain` to say.

    Raises ValueError for bytes that are no such form.
    """
    fields = canonical.decode(document.removesuffix(b"\n"), MAX_ONCHAIN_BYTES)
    _FORM(fields, "the on-chain form")
    return tuple(entry["address"] for entry in fields["signatures"])


def check_onchain(document: bytes, statement: bytes, addresses: Collection[str]) -> OnChain:
    """Step 11: the on-chain form in a file's bytes is that of this statement, and each of these addresses signed it.

    `statement` is what `verify` has verified; addresses are 0x and 40 hex digits in lower case. Raises
    AttestationInvalid.
    """
    try:
        return _check(document, statement, addresses)
    except ValueError as error:
        raise AttestationInvalid(STEP, str(error)) from None


def _check(document: bytes, statement: bytes, addresses: Collection[str]) -> OnChain:
    if not addresses:
        raise ValueError("no address is demanded, so anyone could have signed")
    if not document.endswith(b"\n"):
        raise ValueError("the on-chain form: the line feed at the end is missing")
    fields = canonical.decode(document[:-1], MAX_ONCHAIN_BYTES)
    _FORM(fields, "the on-chain form")
    typed = typed_data(statement)
    if fields["typedData"] != typed:
        raise ValueError(difference(fields["typedData"], typed, "typedData", "the statement"))
    named = [entry["address"] for entry in fields["signatures"]]
    if named != sorted(set(named)):
        raise ValueError("the on-chain form: signatures not in the order of their addresses, or two of one address")
    signatures = {entry["address"]: bytes.fromhex(entry["signature"][2:]) for entry in fields["signatures"]}
    signable = _signable(typed)
    for address in addresses:
        if fault := _fault(address, signatures.get(address), signable):
            raise ValueError(f"the on-chain form {fault}")
    demanded = tuple(sorted(set(addresses)))
    unchecked = tuple(address for address in named if address not in demanded)
    return OnChain(f"0x{digest(typed).hex()}", demanded, unchecked)


def _signable(typed: Mapping[str, Any]) -> SignableMessage:
    from eth_account.messages import encode_typed_data

    return encode_typed_data(full_message=dict(typed))


def _fault(address: str, signature: bytes | None, signable: SignableMessage) -> str | None:
    """Why this is not the address's signature as contracts take it (OpenZeppelin's ECDSA among them); None if it is."""
    from eth_account import Account

    if signature is None:
        return f"is not signed by {address}"
    if signature[64] not in (27, 28):
        return f"holds a signature of {address} whose v is {signature[64]}; expected 27 or 28"
    if not is_low_s(signature):
        return f"holds a signature of {address} with s in the upper half of the order, which contracts refuse (EIP-2)"
    try:
        recovered = Account.recover_message(signable, signature=signature).lower()
    except Exception:  # noqa: BLE001 - the library raises kinds of its own for numbers that are no signature
        recovered = None
    return None if recovered == address else f"holds a signature in the name of {address} that is not its own over this"


def _unit(reserve: Mapping[str, Any]) -> dict[str, Any]:
    held = parse_decimal(reserve["held"])
    owed = None if reserve["owed"] is None else parse_decimal(reserve["owed"])
    decimals = max(LEAST_DECIMALS, _places(reserve["held"]), _places(reserve["owed"] or "0"))
    return {
        "unit": reserve["unit"],
        "decimals": str(decimals),
        "held": _uint256(held, decimals, reserve["unit"]),
        "owedKnown": owed is not None,
        "owed": _uint256(owed or Fraction(0), decimals, reserve["unit"]),
        "verdict": reserve["verdict"],
    }


def _places(amount: str) -> int:
    return len(amount.partition(".")[2])


def _uint256(amount: Fraction, decimals: int, unit: str) -> str:
    scaled = amount * 10**decimals
    if scaled >= 2**256:
        raise NotRepresentable(f"an amount of {unit} is too large for 256 bits at {decimals} decimals")
    return str(scaled.numerator)


_FORM = record(
    typedData=anything,  # compared as a whole with what it must be
    signatures=array(
        record(
            address=text(r"0x[0-9a-f]{40}", "an address of 0x and 40 hex digits in lower case"),
            signature=text(r"0x[0-9a-f]{130}", "a signature of 0x and 130 hex digits in lower case"),
        ),
        MAX_SIGNATURES,
    ),
)
