"""A change of verdict as a message to those who want to know: what it says, and how it is signed.

A message is made once, when the change is found, and stays the same bytes however often it is sent; so does its id, by
which a receiver tells a repetition from a change. The signature is made anew for each sending, over the time of sending
and the body, so that an old message cannot be played back later. Nothing here sends; `delivery.py` does.

Sources: RFC 2104 (HMAC); draft-ietf-httpapi-idempotency-key-header for the header that carries the id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.report.below import below_owed
from scanner.report.wording import has_ratio, not_established

VERSION: Final = 1
SIGNATURE: Final = "X-Scanner-Signature"
IDEMPOTENCY: Final = "Idempotency-Key"
TOLERANCE: Final = 300  # seconds that a receiver should let clocks differ, and a message be under way

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdict of a finding, and of each unit; and of which units less is held than was owed, as far as verdicts do
    not say it."""

    finding: str
    units: Mapping[str, str]
    below: frozenset[str] = frozenset()

    @classmethod
    def of(cls, predicate: Mapping[str, Any]) -> Verdicts:
        finding = predicate["finding"]
        verdicts = {reserve["unit"]: reserve["verdict"] for reserve in finding["reserves"]}
        return cls(finding["verdict"], verdicts, frozenset(below_owed(finding)))


@dataclass(frozen=True, slots=True)
class Message:
    """One change of verdict."""

    id: str  # hex
    body: bytes  # JSON


def change(claim: str, before: Verdicts | None, predicate: Mapping[str, Any]) -> Message | None:
    """The message that verdicts are others than `before`, or that a scan between two reports finds less than was owed
    where the last one did not, or no longer; None where neither is so. A first verdict is a change."""
    after = Verdicts.of(predicate)
    if after == before:
        return None
    known, known_below = ({}, frozenset()) if before is None else (before.units, before.below)
    reserves = {reserve["unit"]: reserve for reserve in predicate["finding"]["reserves"]}
    others = {unit for unit in {*known, *after.units} if known.get(unit) != after.units.get(unit)}
    units = sorted(others | (known_below ^ after.below))
    content = {
        "version": VERSION,
        "event": "verdict_changed",
        "claim": claim,
        "exchange": predicate["finding"]["exchange"],
        "asOf": predicate["finding"]["asOf"],
        "owedAsOf": predicate["finding"]["owedAsOf"],
        "digest": predicate["finding"]["claim"],
        "threshold": predicate["finding"]["policy"]["threshold"],
        "scannedAt": predicate["run"]["scannedAt"],
        "verdict": {"before": None if before is None else before.finding, "after": after.finding},
        "units": [
            {**_unit(unit, known.get(unit), reserves.get(unit)), "belowOwed": unit in after.below} for unit in units
        ],
    }
    name = hashlib.sha256(_bytes(content)).hexdigest()[:32]
    return Message(name, _bytes({"id": name, **content}))


def headers(message: Message, key: bytes, now: int) -> dict[str, str]:
    """What is sent with the message. `now`: Unix time."""
    return {
        "Content-Type": "application/json",
        IDEMPOTENCY: f'"{message.id}"',
        SIGNATURE: f"t={now},v1={_signature(message.body, key, now)}",
    }


def holds(body: bytes, signature: str, key: bytes, now: int) -> bool:
    """For receivers: whether a body was signed with this key, and sent within the last TOLERANCE seconds."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None or abs(now - int(match[1])) > TOLERANCE:
        return False
    return hmac.compare_digest(_signature(body, key, int(match[1])), match[2])


def _unit(unit: str, before: str | None, reserve: Mapping[str, Any] | None) -> dict[str, Any]:
    figures = dict.fromkeys(("held", "owed", "ratio", "gaps"))
    if reserve is not None:  # a figure that means nothing is null: no zero, and no ratio beside a verdict withheld
        figures |= {name: reserve[name] for name in figures}
        figures |= {"held": None} if not_established(reserve) else {}
        figures |= {} if has_ratio(reserve) else {"ratio": None}
    return {"unit": unit, "before": before, "after": None if reserve is None else reserve["verdict"], **figures}


def _signature(body: bytes, key: bytes, time: int) -> str:
    return hmac.new(key, b"%d." % time + body, hashlib.sha256).hexdigest()


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
