"""Filecoin's maps: from a root down to a key's value, or to the place where it would be.

A map is a hash array mapped trie: five bits of the key's SHA-256 a level, highest first. A node has a bit field of the
places that are taken, and of each either a link to a node or a bucket of at most three entries, ordered by key.

Source: github.com/filecoin-project/go-hamt-ipld, version 3 (actors version 3 and later); ref-fvm, `ipld/hamt`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from scanner.chains.filecoin.dag_cbor import CidLink, Value
from scanner.chains.filecoin.objects import fields, load, typed
from scanner.chains.records_by_hash import Find
from scanner.proofs.flaws import Flaw, ProofError

_BITS: Final = 5  # of the hash, a level
_HASH_BITS: Final = 256
_BUCKET: Final = 3  # entries of one place


def value_at(root: bytes, key: bytes, find: Find) -> Value:
    """The value at `key` in the map whose root `root` names; None where it is shown that there is none.

    None of the maps that are read here holds a null. Raises ProofError, and MissingObject among its kind.
    """
    path = int.from_bytes(sha256(key).digest())
    cid = root
    for level in range(_HASH_BITS // _BITS):
        place = path >> _HASH_BITS - _BITS * (level + 1) & (1 << _BITS) - 1
        taken, pointers = _node(load(cid, find))
        if not taken >> place & 1:
            return None
        pointer = pointers[(taken & (1 << place) - 1).bit_count()]
        if not isinstance(pointer, CidLink):
            return _in_bucket(pointer, key)
        cid = pointer.cid
    raise ProofError(Flaw.MALFORMED, "a map that is deeper than its keys are long")


def _node(value: Value) -> tuple[int, tuple[Value, ...]]:
    """The bit field and the pointers, of which there are as many as bits."""
    field, pointers = fields(value, 2, "a map's node")
    bits = typed(field, bytes, "a map's bit field")
    taken = int.from_bytes(bits)
    held = typed(pointers, tuple, "a map's pointers")
    if bits[:1] == b"\0" or taken >> (1 << _BITS) or taken.bit_count() != len(held):
        raise ProofError(Flaw.MALFORMED, "a map's node has other pointers than its bits say")
    return taken, held


def _in_bucket(bucket: Value, key: bytes) -> Value:
    entries = [fields(entry, 2, "a map's entry") for entry in typed(bucket, tuple, "a map's bucket")]
    keys = [typed(entry[0], bytes, "a map's key") for entry in entries]
    if not 0 < len(keys) <= _BUCKET or keys != sorted(set(keys)):
        raise ProofError(Flaw.MALFORMED, "a map's bucket has too many entries, or out of order")
    return next((value for found, value in entries if found == key), None)
