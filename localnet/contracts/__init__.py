"""The runtime bytecode of the contracts beside this file, which are ours and small.

Not in here: how they get onto a chain (`localnet/anvil.py`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RUNTIME = FOLDER / "runtime.json"

DECIMALS_SLOT = 0
SYMBOL_SLOT = 1
EIP1967_IMPLEMENTATION_SLOT = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC


@dataclass(frozen=True, slots=True)
class TokenKind:
    """A token contract and where it keeps what it reports.

    The number kept for an account (its balance; its shares, for RebasingToken) is at keccak256(account . root), or at
    keccak256(root . account) where `slot_first`. `supply_slot` is None for a token that reports no total.
    """

    contract: str
    root: int = 2
    slot_first: bool = False
    supply_slot: int | None = None


PLAIN = TokenKind("Token", supply_slot=3)
REBASING = TokenKind("RebasingToken")
REFUSING = TokenKind("RefusingToken")
FIAT = TokenKind("FiatToken", root=9)
SLOT_FIRST = TokenKind("SlotFirstToken", slot_first=True)
# ERC-7201: keccak256(abi.encode(uint256(keccak256("localnet.token")) - 1)) & ~bytes32(uint256(0xff))
NAMESPACED = TokenKind("NamespacedToken", root=0x532E08ADE0A172236481DAE740D734D653D309C4577797A6BC72F040A4802600)
SHORT_ANSWER = TokenKind("ShortAnswerToken")

REBASING_INDEX_SLOT = 3
REFUSED_ACCOUNT_SLOT = 3


@cache
def runtime_code(contract: str) -> str:
    """The runtime bytecode of one of our contracts, hex with 0x. Raises KeyError for a name that is none."""
    code: str = json.loads(RUNTIME.read_text())["runtime"][contract]
    return code


def recorded_sources_digest() -> str:
    """What `sources_digest` was when runtime.json was made."""
    digest: str = json.loads(RUNTIME.read_text())["sources_sha256"]
    return digest


def sources() -> dict[str, str]:
    """File name -> text of every Solidity source."""
    return {path.name: path.read_text() for path in sorted(FOLDER.glob("*.sol"))}


def sources_digest() -> str:
    """SHA-256 over all sources, kept in runtime.json so that bytecode of older sources is noticed."""
    return hashlib.sha256(json.dumps(sources(), sort_keys=True).encode()).hexdigest()
