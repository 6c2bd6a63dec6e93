"""An object of the chain by its identifier, and its fields with their types checked. Not in here: what they mean."""

from __future__ import annotations

from typing import Final, TypeVar

from scanner.chains.filecoin.cid import cid_text, digest_in
from scanner.chains.filecoin.dag_cbor import CidLink, Value, decode
from scanner.chains.records_by_hash import Find
from scanner.proofs.flaws import Flaw, ProofError

_POSITIVE: Final = 0  # the first byte of an amount that is not negative

_T = TypeVar("_T")


class MissingObject(ProofError):
    """A walk that came to an object which is not at hand."""

    def __init__(self, cid: bytes) -> None:
        self.cid = cid
        super().__init__(Flaw.INCOMPLETE, f"the object {cid_text(cid)} is missing")


def load(cid: bytes, find: Find) -> Value:
    """The object that `cid` names. Raises MissingObject, and ProofError for bytes that are none."""
    data = find(digest_in(cid))
    if data is None:
        raise MissingObject(cid)
    return decode(data)


def fields(value: Value, count: int, what: str) -> tuple[Value, ...]:
    """The fields of an object that has so many. Raises ProofError."""
    if not isinstance(value, tuple) or len(value) != count:
        raise ProofError(Flaw.MALFORMED, f"{what} has not the fields that it should have")
    return value


def typed(value: Value, kind: type[_T], what: str) -> _T:
    """A field of exactly this type. Raises ProofError."""
    if type(value) is not kind:
        raise ProofError(Flaw.MALFORMED, f"{what} is none")
    return value


def link(value: Value, what: str) -> bytes:
    """The identifier in a link. Raises ProofError."""
    return typed(value, CidLink, what).cid


def amount(value: Value) -> int:
    """attoFIL: no bytes are none, else one for the sign and the number. Raises ProofError for less than none."""
    data = typed(value, bytes, "an amount")
    if data and (len(data) < 2 or data[0] != _POSITIVE or data[1] == 0):
        raise ProofError(Flaw.MALFORMED, "an amount that no actor can have")
    return int.from_bytes(data)
