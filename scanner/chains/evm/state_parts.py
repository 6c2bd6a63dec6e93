"""The parts of a state that a node can be asked for, as byte strings: an account, a slot of its storage, its code.

So the prover says what it lacks, and so the question comes to the node, by way of a run that knows no chain. Accounts
and slots come by eth_getProof, code by eth_getCode.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from scanner.chains.evm.balance_call import ADDRESS, WORD
from scanner.chains.evm.slot_names import slot_name
from scanner.chains.evm.slots import LAYOUTS
from scanner.chains.interface import ProofQuestion

ProofPath = tuple[bytes, tuple[bytes, ...]]
"""An account (20 bytes), and the 32-byte slots of its storage that are asked for beside the account itself."""

BY_CODE: Final = "contract code"
"""Of a token whose layout is not known: its balances are what its own code makes of its storage."""

_CODE: Final = b"code"


def account_part(address: bytes) -> bytes:
    return address


def slot_part(address: bytes, slot: bytes) -> bytes:
    """`slot`: as the chain's storage tries name it."""
    return address + slot


def code_part(address: bytes) -> bytes:
    return address + _CODE


def parts_asked(question: ProofQuestion) -> tuple[list[ProofPath], list[bytes]]:
    """The paths that a question is about, and the accounts whose code it is about. Passes over what is no part."""
    slots: dict[bytes, dict[bytes, None]] = {}
    codes: dict[bytes, None] = {}
    for part in (*question.parts, *_of_asset(question)):
        address, rest = part[:ADDRESS], part[ADDRESS:]
        if rest == _CODE:
            codes[address] = None
        elif len(rest) in (0, WORD):
            slots.setdefault(address, {}).update({rest: None} if rest else {})
    return [(address, tuple(of)) for address, of in slots.items()], list(codes)


def _of_asset(question: ProofQuestion) -> Iterable[bytes]:
    """Of a coin the accounts themselves; of a token its contract, and the slots where a layout keeps balances or else
    the code, which says itself what it reads."""
    asset = question.asset
    if not question.accounts:
        return
    if asset.native:
        yield from question.accounts
        return
    yield account_part(asset.contract)
    if question.hint == BY_CODE:
        yield code_part(asset.contract)
    elif question.hint is not None:
        layout = LAYOUTS[question.hint]
        for account in question.accounts:
            yield slot_part(asset.contract, slot_name(asset.chain, layout.key(account)))
