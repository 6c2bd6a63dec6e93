"""Filecoin's state: from its root to the actor that has an address, and what that actor is.

The state is a map of actors by their number. All other addresses stand for a number in the map of the init actor (f01).
What kind of actor one is says its code, whose names the system actor (f00) has. An address that the init actor has not
heard of, and a number without an actor, hold nothing.

**What counts** is the `balance` of accounts, of the EVM's accounts and contracts, and of multisigs, whose locked part
is inside. What other actors hold is not their owner's alone (a miner's pledge, channels, the market's escrow) and is
not read. Each of these actors has several addresses, and is read by one of them alone, lest its coins count twice: a
multisig by f2, a key's account by f1 or f3, the EVM's by f4, and none by its number.

Sources: Filecoin's specification, "State", "System actors"; builtin-actors (init, system); Lotus, `chain/state`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.filecoin.accounts import ID, id_address
from scanner.chains.filecoin.dag_cbor import Value
from scanner.chains.filecoin.hamt import value_at
from scanner.chains.filecoin.objects import amount, fields, link, load, typed
from scanner.chains.records_by_hash import Find
from scanner.proofs.flaws import Flaw, ProofError

_EVM: Final = frozenset({"ethaccount", "evm", "placeholder"})
_COUNTED: Final = {1: frozenset({"account"}), 2: frozenset({"multisig"}), 3: frozenset({"account"}), 4: _EVM}
"""Kinds of actors whose balance is what an address holds, by the protocol of the one address that each is read by."""

_ACTOR_FIELDS: Final = {4: 4, 5: 5}  # by the version of the state tree: before version 5 without a delegated address
_SYSTEM, _INIT = b"\0\0", b"\0\1"  # addresses f00 and f01
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Actor:
    """What of an actor matters here."""

    kind: str  # as the system actor names its code; "" for a code that it does not name
    balance: int  # attoFIL


def actor_at(root: bytes, address: bytes, find: Find) -> Actor | None:
    """The actor with this address in the state that `root` names; None where it is shown that there is none.

    Raises ProofError, and MissingObject among its kind.
    """
    tree = _Tree(root, find)
    number = address if address[:1] == bytes([ID]) else tree.number_of(address)
    found = None if number is None else tree.entry(number)
    if found is None:
        return None
    return Actor(tree.kind_of(found.code), found.balance)


def uncounted(address: bytes, actor: Actor) -> str | None:
    """Why the actor's balance is not what this address holds; None where it is."""
    if actor.kind in _COUNTED.get(address[0], ()):
        return None
    if any(actor.kind in kinds for kinds in _COUNTED.values()):
        return f"this is another name of the same {actor.kind}, which is read by its f1, f2, f3 or f4 address alone"
    return f"what an actor of the kind {actor.kind or 'unknown'} holds is not its owner's alone, and is not read"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An actor as the map has it."""

    code: bytes  # identifiers
    head: bytes
    balance: int  # attoFIL


class _Tree:
    """One state."""

    def __init__(self, root: bytes, find: Find) -> None:
        self._find = find
        version, actors, _ = fields(load(root, find), 3, "the state's root")
        if version not in _ACTOR_FIELDS:
            raise ProofError(Flaw.INCOMPLETE, f"a state of version {version!r}; 4 and 5 are understood")
        self._fields = _ACTOR_FIELDS[typed(version, int, "the state's version")]
        self._actors = link(actors, "the map of actors")

    def entry(self, number: bytes) -> _Entry | None:
        """The actor with this number, an address of the kind f0."""
        value = value_at(self._actors, number, self._find)
        if value is None:
            return None
        code, head, _, balance, *_ = fields(value, self._fields, "an actor")
        return _Entry(link(code, "an actor's code"), link(head, "an actor's state"), amount(balance))

    def number_of(self, address: bytes) -> bytes | None:
        """The f0 address for which another one stands; None where it stands for none."""
        addresses, _, _ = fields(self._state_of(_INIT), 3, "the init actor's state")
        number = value_at(link(addresses, "the map of addresses"), address, self._find)
        if number is None:
            return None
        if type(number) is not int or not 0 <= number <= _LARGEST:
            raise ProofError(Flaw.MALFORMED, "an actor's number is none")
        return id_address(number)

    def kind_of(self, code: bytes) -> str:
        """What the system actor calls this code; "" where it has no name for it."""
        (manifest,) = fields(self._state_of(_SYSTEM), 1, "the system actor's state")
        entries = typed(load(link(manifest, "the manifest"), self._find), tuple, "the manifest")
        for entry in entries:
            name, named = fields(entry, 2, "the manifest's entry")
            if link(named, "an actor's code") == code:
                return typed(name, str, "an actor's kind")
        return ""

    def _state_of(self, number: bytes) -> Value:
        entry = self.entry(number)
        if entry is None:
            raise ProofError(Flaw.MALFORMED, "a state without one of its own actors")
        return load(entry.head, self._find)
