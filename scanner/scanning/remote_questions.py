"""What a node may be asked from afar: each question by name, where on the node it is put, and what answers it may have.

Each check holds an answer of the right type against the question: as many outcomes as accounts, the chain and the
height that were asked for. Not in here: how answers travel, and what is true of all of them (`answers`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from scanner.chains.interface import Node
from scanner.chains.proving import has_proofs
from scanner.chains.registry import family
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.node_settings import NodeSettings

OPEN, LEAVE = "open", "leave"  # questions that are none to the node: have it open; this run needs it no longer

_WORD: Final = 32
_BLOCK: Final = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
_OVERHEAD: Final = 1024 * 1024  # bytes that any answer may have
_OF_AN_ACCOUNT: Final = 1024  # an amount, or a gap with its reason
_OF_A_PROOF: Final = 128 * 1024  # trie nodes of one path: a hundred times what the deepest tries have
_SHORT, _A_BATCH, _AN_ACCOUNT = 60, 180, 0.02  # seconds beyond what the node's own timeouts explain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Awaited:
    """What an answer has to fit."""

    name: str  # of this one question
    settings: NodeSettings
    method: str  # of METHODS
    arguments: tuple[Any, ...] = ()
    limits: bool = False  # whether what the node was found to take comes with the answer

    @property
    def most(self) -> int:
        """Bytes that an answer may have."""
        return _OVERHEAD + self._accounts * _OF_AN_ACCOUNT + self._paths * _OF_A_PROOF

    @property
    def patience(self) -> float:
        """Seconds after which an answer is not waited for, though the worker says that it is at it."""
        timeout = self.settings.timeout
        if self._accounts or self._paths:
            return _A_BATCH + 10 * timeout + self._accounts * _AN_ACCOUNT
        return _SHORT + 3 * timeout

    @property
    def _accounts(self) -> int:
        if self.method == "read_now":
            return len(self.arguments[1])
        return sum(len(each.accounts) for each in self.arguments if isinstance(each, Batch))

    @property
    def _paths(self) -> int:
        questions = self.arguments[-1] if self.method == "proof_records" else ()
        return sum(1 + len(each.accounts) + len(each.parts) for each in questions)


def _reading(asked: Awaited, value: Reading) -> None:
    _outcomes(asked, value, len(asked.arguments[0].accounts))


def _reading_now(asked: Awaited, value: tuple[Snapshot, Reading]) -> None:
    snapshot, reading = value
    _on_chain(asked, snapshot)
    _outcomes(asked, reading, len(asked.arguments[1]))


def _outcomes(asked: Awaited, value: Reading, count: int) -> None:
    if len(value.column) != _WORD * count or not all(0 <= position < count for position in value.gaps):
        raise ValueError("not an outcome for each account")
    if not all(0 <= position < count and position not in value.gaps for position in value.bounds):
        raise ValueError("a lower bound of no balance")
    if value.bounds and has_proofs(asked.settings.chain):
        raise ValueError("a lower bound, where a node can tell the balance itself")


def _block(asked: Awaited, value: Snapshot) -> None:
    (height,) = asked.arguments
    missed = family(asked.settings.chain).may_skip_heights and 0 <= value.height <= height
    if value.chain != asked.settings.chain or not (value.height == height or missed):
        raise ValueError("another block")
    _on_chain(asked, value)


def _on_chain(asked: Awaited, value: Snapshot) -> None:
    if value.chain != asked.settings.chain or not 0 <= value.height < 2**53:
        raise ValueError("a block of another chain")
    if not (_BLOCK.fullmatch(value.hash) and _BLOCK.fullmatch(value.parent)) or value.time.tzinfo is None:
        raise ValueError("no block's hash or time")


def _height(_: Awaited, value: int) -> None:
    if not 0 <= value < 2**53:
        raise ValueError("no height")


def _decimals(_: Awaited, value: int | Gap) -> None:
    if not isinstance(value, Gap) and not 0 <= value < 256:
        raise ValueError("no decimals")


def _percent(_: Awaited, value: int | None) -> None:
    if value is not None and not 0 <= value <= 100:
        raise ValueError("no percentage")


def _withdrawal_addresses(asked: Awaited, value: Sequence[bytes | Gap]) -> None:
    expected = len(asked.arguments[0].accounts)
    if len(value) != expected or not all(isinstance(each, Gap) or len(each) == 20 for each in value):
        raise ValueError("not an account for each validator")


def _nothing_more(_: Awaited, __: object) -> None:
    """Its type is all there is to check."""


@dataclass(frozen=True, slots=True)
class Method:
    """One question: the type of its answers, which node it is put to, what an answer has to fit, else ValueError."""

    returns: Any
    of: Callable[[Node], Callable[..., Awaitable[object]]]  # raises ValueError of a node that cannot do it
    check: Callable[[Awaited, Any], None] = _nothing_more


def _able(capability: T | None) -> T:
    if capability is None:
        raise ValueError("the node is asked for what it cannot do")
    return capability


METHODS: Final[Mapping[str, Method]] = {
    "block_at": Method(Snapshot, lambda node: node.block_at, _block),
    "oldest_height": Method(int, lambda node: node.oldest_height, _height),
    "final_height": Method(int, lambda node: node.final_height, _height),
    "decimals": Method(int | Gap, lambda node: node.decimals, _decimals),
    "read": Method(Reading, lambda node: node.read, _reading),
    "read_now": Method(tuple[Snapshot, Reading], lambda node: _able(node.capabilities.now).read_now, _reading_now),
    "header": Method(bytes, lambda node: _able(node.capabilities.proofs).header),
    "proof_records": Method(list[bytes], lambda node: _able(node.capabilities.proofs).proof_records),
    "contract_owners": Method(ContractOwners, lambda node: _able(node.capabilities.owners).contract_owners),
    "movement_record": Method(bytes, lambda node: _able(node.capabilities.movements).movement_record),
    "withdrawal_addresses": Method(
        list[bytes | Gap],
        lambda node: _able(node.capabilities.withdrawals).withdrawal_addresses,
        _withdrawal_addresses,
    ),
    "progress": Method(int | None, lambda node: _able(node.capabilities.progress).progress, _percent),
}
