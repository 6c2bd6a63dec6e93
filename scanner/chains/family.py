"""What a family of chains is: one value with all that the rest of the program asks of it. No family is known here.

A family is a CAIP-2 namespace: the chains of one kind of software, whose accounts, blocks and tokens are written alike.
Each has a folder in `scanner.chains`, whose `family.FAMILY` is one line of the registry (`registry.py`). All of
it is pure but what lies behind `backends`: modules that speak to nodes are named by text, and imported when a node is
opened.

Not here: how the parts are put to use (`accounts`, `names`, `keyless`, `control` and their like beside this module),
and what every node is (`interface`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

from scanner.chains.account_forms import AccountForms
from scanner.chains.ancestry import AncestryProver, FinalityProver
from scanner.chains.checkpoints import CheckpointProver
from scanner.chains.movement import MovementProver
from scanner.chains.state_proofs import StateProofs
from scanner.core.columns import Accounts
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.proofs.control import Scheme
from scanner.proofs.witness import Witness

T = TypeVar("T")

MerkleRootOf = Callable[[Chain, int, str], tuple[bytes, Snapshot]]
"""From a chain, and a block's height and hash, to what the block's header commits to, and the block. Raises
ProofError."""

MerkleRoot = Callable[[Witness], MerkleRootOf]
"""What reads so from records: they are gone through once, however many blocks are asked for."""


class History(Enum):
    """At which blocks the nodes of a family can be asked for balances. That they can be proven there, too, is said by
    `Family.state_proofs`."""

    PAST = "past"  # at any block that a node keeps, by its hash
    TIP = "tip"  # only as they are when they are asked for: each answer names its block (`interface.ReadsNow`)


@dataclass(frozen=True, slots=True)
class Coin:
    """A chain's own coin."""

    decimals: int  # of one whole coin, in the units in which its nodes answer
    slip44: int | None = None  # its number (SLIP-0044), where another would count it twice; None: any is taken


@dataclass(frozen=True, slots=True)
class TokenKind:
    """A kind of token (CAIP-19's asset namespace) that lives on the chains of a family."""

    canonical: Callable[[str, str], str]  # (reference, whole text for messages) to its one spelling. Raises IdError
    shared: bool = False  # whether a family that does not list the kind may have tokens of it all the same


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of node that can be asked: what stands before the plus in its URL."""

    module: str  # imported when a node is opened
    name: str  # of the class in it
    transports: tuple[str, ...] = ("http", "https")
    chain: Chain | None = None  # where nodes of this kind mostly serve one chain: that one
    ports: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  # by transport without a usual one
    rehearsal: str = ""  # a module that has the backend ask a server of this program's own (`chains.rehearsal`)
    proofs: bool = False  # whether nodes of this kind may hand out proofs of balances
    asks: tuple[str, str] = ("", "read")  # without one: the calls that each account takes at least, and each batch


@dataclass(frozen=True, slots=True)
class KeylessAccount:
    """A well-known account whose coins no key can move, or that holds for others."""

    on: str  # a chain (CAIP-2), or the namespace where it is so on all of its chains
    account: str
    what: str  # it is, in words that a CSV file holds without quotes
    since: int = 1  # the first revision of the tables that has it
    until: int | None = None  # the last one; None where it is not withdrawn


@dataclass(frozen=True, slots=True)
class SignatureForm:
    """Signatures of this form, published without the name of a scheme, may be by these schemes, the likeliest first."""

    pattern: re.Pattern[str]
    schemes: tuple[str, ...]
    since: int = 1  # the first revision of the tables that has it
    until: int | None = None  # the last one; None where it is not withdrawn


@dataclass(frozen=True, slots=True)
class NetworkName:
    """What published files call a chain."""

    name: str  # in upper case, without blanks, hyphens and underscores
    chain: str  # CAIP-2
    since: int = 1  # the first revision of the tables that has it
    until: int | None = None  # the last one; None where it is not withdrawn


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """That a family's accounts are validators, each of which pays out to one account of another chain."""

    namespace: str  # of that other chain
    chain: Callable[[Chain], Chain]  # and the chain itself


def by_reference(table: Mapping[str, T]) -> Callable[[Chain], T | None]:
    """What `table` has of a chain, by its reference; None where it has nothing."""

    def entry(chain: Chain) -> T | None:
        return table.get(chain.reference)

    return entry


def _any_reference(_reference: str, _text: str) -> None:
    return None


def _no_coin(_chain: Chain) -> Coin | None:
    return None


def _no_name(_chain: Chain) -> str | None:
    return None


def _any_backend(_chain: Chain, _kind: str) -> str | None:
    return None


def _no_merkle_root(_chain: Chain) -> MerkleRoot | None:
    return None


def _no_ancestry(_chain: Chain) -> AncestryProver | None:
    return None


def _no_movements(_chain: Chain) -> MovementProver | None:
    return None


def _no_contract(_chain: Chain, _account: bytes) -> bool:
    return False


def _no_validators(_chain: Chain) -> AssetId | None:
    return None


def _shows_nothing_again(_asset: AssetId, _revision: int) -> bool:
    return False


def _all_is_read(_asset: AssetId) -> str | None:
    return None


def _one_name(_asset: AssetId, _account: bytes) -> str | None:
    return None


def _no_rule(_chain: Chain, _key: bytes) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Everything that is known of one family of chains."""

    # Names and accounts
    accounts: AccountForms  # its namespace, every spelling of an account to its key, and back
    check_reference: Callable[[str, str], None] = _any_reference  # (reference, whole text). Raises IdError
    name: Callable[[Chain], str | None] = _no_name  # what people call the chain
    network_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by reference: in published files
    later_network_names: tuple[NetworkName, ...] = ()  # those that came with later revisions of the tables
    explorers: Mapping[str, str] = field(default_factory=dict)  # by reference: who shows a {height} or {hash} to anyone
    block_hash: re.Pattern[str] = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
    block_spelling: Callable[[str], str] = str  # of a block's hash, from others that explorers show; any text goes in

    # Coins and tokens
    coin: Callable[[Chain], Coin | None] = _no_coin  # None where its decimals are not known
    tokens: Mapping[str, TokenKind] = field(default_factory=dict)
    token_contract: Callable[[str], str] = str  # a token's reference to the text of its contract, issuer or mint
    shows_native_again: Callable[[AssetId, int], bool] = _shows_nothing_again  # by a revision of the tables

    # Time
    longest_standstill: timedelta = timedelta(hours=24)  # between one block and the next
    dated_ahead: timedelta = timedelta(0)  # by how much a block may be dated ahead of the time it is made at
    history: History = History.PAST
    may_skip_heights: bool = False  # whether a height may have no block, so that the newest one below stands for it

    # Nodes
    backends: Mapping[str, Backend] = field(default_factory=dict)
    unreadable: Callable[[Chain, str], str | None] = _any_backend  # why this kind of node cannot read this chain
    unchecked: Callable[[Chain], str | None] = _no_name  # why blocks are the nodes' word here, unlike its kin's
    asset_unread: Callable[[AssetId], str | None] = _all_is_read  # why no node is asked for it, though it may be named
    read_from_below: Callable[[AssetId], str | None] = _all_is_read  # what of an asset is not read: a lower bound is
    held_elsewhere: Callable[[AssetId], str | None] = _all_is_read  # what of its accounts' lies in accounts of its own
    second_name: Callable[[AssetId, bytes], str | None] = _one_name  # why no node reads an account by this name of it
    batch: int = 5_000  # accounts of one question
    token_batch: int | None = None  # of one about a token; None: as many

    # Evidence
    state_proofs: StateProofs | None = None  # shows balances from a block's hash, where the chains' states can
    ancestry: Callable[[Chain], AncestryProver | None] = _no_ancestry  # shows that a block descends from another
    merkle_root: Callable[[Chain], MerkleRoot | None] = _no_merkle_root  # of its blocks, where stamps lead to them
    finality: FinalityProver | None = None  # shows blocks to be final, by the chains' own consensus
    checkpoints: CheckpointProver | None = None  # blocks that this release knows, and what stands on top of them
    keyless: Callable[[Chain, bytes], str | None] = _no_rule  # what an account is whose coins no key can move
    keyless_accounts: tuple[KeylessAccount, ...] = ()
    keyless_mark: bytes | None = None  # bytes that stand in every account that the rule knows; None where it has none
    none_keyless: Callable[[Accounts], bool] | None = None  # true only where the rule knows none of many accounts
    schemes: Mapping[str, Scheme] = field(default_factory=dict)  # control by signatures
    schemes_since: Mapping[str, int] = field(default_factory=dict)  # by name: the first revision; else it is 1
    signature_forms: tuple[SignatureForm, ...] = ()
    movements: Callable[[Chain], MovementProver | None] = _no_movements  # control by moving an amount
    may_be_contract: Callable[[Chain, bytes], bool] = _no_contract  # whether the chain may tell an account's owners
    keys_may_change: bool = False  # whether an account may obey other keys than the one that its address follows from
    withdrawals: Withdrawals | None = None
    validators: Callable[[Chain], AssetId | None] = (
        _no_validators  # what a chain's validators hold, on a chain of theirs
    )

    @property
    def namespace(self) -> str:
        return self.accounts.namespace

    def schemes_in(self, revision: int) -> Mapping[str, Scheme]:
        """Those schemes that a revision of the tables has."""
        return {name: each for name, each in self.schemes.items() if self.schemes_since.get(name, 1) <= revision}

    @property
    def has_second_names(self) -> bool:
        """Whether an account may have a name by which it is not read."""
        return self.second_name is not _one_name

    @property
    def has_keyless_rule(self) -> bool:
        """Whether an account may be known for keyless without standing in the table."""
        return self.keyless is not _no_rule
