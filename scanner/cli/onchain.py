"""The on-chain form on the command line: `scan --eth-key` signs it, `verify --eth-signer` checks it.

A key comes from a file or an environment variable. One that stands on the command line itself is refused: anyone who
may list processes sees it, and shells keep it. How it is signed and checked: `scanner.attesting.onchain`.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.errors import InputError
from scanner.sources.regular_file import open_regular

if TYPE_CHECKING:
    from scanner.attesting.ethereum_keys import EthereumKey
    from scanner.attesting.onchain import OnChain

PASSPHRASE: Final = "SCANNER_ETH_KEY_PASSPHRASE"  # noqa: S105 - the variable's name, not what it holds

_FROM_ENVIRONMENT: Final = "env:"


def add_signing(scan: ArgumentParser) -> None:
    """The options of `scanner scan`."""
    scan.add_argument(
        "--eth-key",
        metavar="KEY",
        action="append",
        default=[],
        help="sign the on-chain form (EIP-712) too: a file with a keystore or 64 hex digits, or env:NAME for a variable"
        f" that holds one; a keystore's passphrase is taken from {PASSPHRASE}; may be given several times",
    )


def add_checking(verify: ArgumentParser) -> None:
    """The options of `scanner verify`."""
    verify.add_argument(
        "--eth-signer",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="an Ethereum address that must have signed the on-chain form; may be given several times",
    )
    verify.add_argument(
        "--eip712", metavar="FILE", type=Path, help="default: attestation.eip712.json beside the attestation"
    )


def signers(arguments: Namespace) -> list[EthereumKey]:
    """The keys of `--eth-key`. Raises InputError."""
    if arguments.eth_key and not arguments.key:
        raise InputError.at("--eth-key", "signs beside --key, and never alone: give both")
    return [_key(value) for value in arguments.eth_key]


def form(statement: bytes, keys: Sequence[EthereumKey]) -> dict[str, bytes]:
    """The file of the on-chain form, by name: none without keys, nor where no such form can be, which is reported."""
    from scanner.attesting.onchain import ONCHAIN, NotRepresentable, sign_onchain

    if not keys:
        return {}
    try:
        return {ONCHAIN: sign_onchain(statement, keys)}
    except NotRepresentable as reason:  # what was read for hours is worth more than this
        print(f"scanner: no {ONCHAIN} is written: {reason}", file=sys.stderr)
        return {}


def demanded(arguments: Namespace) -> list[str]:
    """The addresses of `--eth-signer`. Raises InputError."""
    from scanner.attesting.ethereum_keys import read_address

    if arguments.eip712 is not None and not arguments.eth_signer:
        raise InputError.at("--eip712", "needs --eth-signer: whose signature is expected")
    return [read_address(each, "--eth-signer") for each in arguments.eth_signer]


def checked(arguments: Namespace, statement: bytes, addresses: Sequence[str]) -> OnChain | None:
    """What was shown of the on-chain form, if anyone asked. Raises AttestationInvalid; InputError for no such file."""
    from scanner.attesting.onchain import MAX_ONCHAIN_BYTES, check_onchain

    if not addresses:
        return None
    with open_regular(_place(arguments)) as file:
        return check_onchain(file.read(MAX_ONCHAIN_BYTES + 2), statement, addresses)


def lines(arguments: Namespace, shown: OnChain | None) -> Iterator[str]:
    """What was shown, for people; and that a form which lies there was not looked at, where it was not asked for."""
    if shown is None:
        if (path := _place(arguments)).exists():
            yield f"unchecked  {path.name}: the on-chain form, which --eth-signer did not ask for"
        return
    for address in shown.addresses:
        yield f"signed by  {address}, on-chain form {shown.digest}"
    for address in shown.unchecked:
        yield f"unchecked  {address}: a signature of the on-chain form, which --eth-signer did not ask for"


def as_json(shown: OnChain | None) -> dict[str, Any]:
    """The same for machines; nothing where nothing was asked."""
    if shown is None:
        return {}
    found = {"digest": shown.digest, "addresses": list(shown.addresses), "unchecked": list(shown.unchecked)}
    return {"onchain": found}


def _place(arguments: Namespace) -> Path:
    from scanner.attesting.onchain import ONCHAIN

    path: Path = arguments.eip712 or arguments.attestation.parent / ONCHAIN
    return path


def _key(value: str) -> EthereumKey:
    from scanner.attesting.ethereum_keys import load_ethereum_key, read_ethereum_key
    from scanner.attesting.signers import exposure

    passphrase = os.environ.get(PASSPHRASE)
    if re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", value):
        raise InputError.at(
            "--eth-key", "takes a file or env:NAME, not a key: others can see it on a command line, so it is spent"
        )
    if value.startswith(_FROM_ENVIRONMENT):
        name = value.removeprefix(_FROM_ENVIRONMENT)
        text = os.environ.get(name)
        if text is None:
            raise InputError.at("--eth-key", f"the environment variable {name} is not set")
        return read_ethereum_key(text, f"the environment variable {name}", passphrase)
    key = load_ethereum_key(Path(value), passphrase)
    if warning := exposure(Path(value)):
        print(f"scanner: {warning}", file=sys.stderr)
    return key
