"""`--webhook`: who is notified of a change of verdict, and what a folder remembers so that each is reported once.

The state is a file beside the attestation: the verdicts that were last seen, and the messages not delivered yet. A
change is written there, durably, before it is sent, and crossed off after it was taken. A run that is killed in between
sends it again, the same bytes under the same id: a message is never lost, and a receiver that looks at ids has it once.
The file is under the webhook's key, since what it says pending is signed with that key (docs/adr/0017).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import random
import re
import secrets
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli.files import write_whole
from scanner.cli.interrupt import interruptible
from scanner.cli.sendable_url import sendable
from scanner.core.json_nesting import shallow
from scanner.errors import InputError
from scanner.report.webhook import Message, Verdicts, change
from scanner.sources.regular_file import open_if_there

if TYPE_CHECKING:
    from scanner.report.delivery import Target

STATE: Final = "webhook.json"
KEY: Final = "SCANNER_WEBHOOK_KEY"
SHORTEST_KEY: Final = 16  # bytes

_MOST_PENDING: Final = 100  # messages; of more, the oldest go
_STATE_OF: Final = b"reserve-scanner webhook state\0"
_DEEPEST: Final = 10  # levels of its JSON
_MOST_BYTES: Final = 16 * 2**20  # of a state
_MOST_KEY_BYTES: Final = 4096
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NOTE: Final = "scanner: interrupted; what was not delivered is sent by the next run"


@dataclass(frozen=True, slots=True)
class State:
    """What a folder remembers."""

    seen: Verdicts | None = None
    pending: tuple[Message, ...] = ()

    def after(self, claim: str, predicate: Mapping[str, Any]) -> State:
        """With the predicate's verdicts seen, and a message of them where they are others."""
        message = change(claim, self.seen, predicate)
        if message is None:
            return self
        return State(Verdicts.of(predicate), (*self.pending, message)[-_MOST_PENDING:])

    def without(self, message: Message) -> State:
        return State(self.seen, tuple(each for each in self.pending if each != message))

    def dump(self, claim: str, key: bytes) -> bytes:
        """Of this claim, under this key."""
        seen = None if self.seen is None else _seen(self.seen)
        pending = [{"id": message.id, "body": message.body.decode()} for message in self.pending]
        state = {"version": 2, "seen": seen, "pending": pending}
        return (json.dumps(state | {"mac": _mac(state, claim, key)}, indent=2) + "\n").encode()

    @classmethod
    def load(cls, data: bytes, claim: str, key: bytes) -> State:
        """Raises ValueError for what this version did not write for this claim, under this key."""
        stated = shallow(data, _DEEPEST)
        try:
            state = {name: stated[name] for name in ("version", "seen", "pending")}
            if not hmac.compare_digest(str(stated["mac"]).encode(), _mac(state, claim, key).encode()):
                raise ValueError("not under this key")
            if stated["version"] != 2 or len(stated["pending"]) > _MOST_PENDING:
                raise ValueError("another version's")
            seen = None
            if stated["seen"] is not None:
                units = {str(unit): str(verdict) for unit, verdict in stated["seen"]["units"].items()}
                below = frozenset(map(str, stated["seen"].get("below", ())))
                seen = Verdicts(str(stated["seen"]["finding"]), units, below)
            pending = [Message(str(each["id"]), each["body"].encode()) for each in stated["pending"]]
            if not all(_ID.fullmatch(message.id) for message in pending):
                raise ValueError("an id that is none")
            return cls(seen, tuple(pending))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not of its form") from error


def _seen(verdicts: Verdicts) -> dict[str, Any]:
    return {"finding": verdicts.finding, "units": dict(verdicts.units), "below": sorted(verdicts.below)}


def target(arguments: Namespace) -> Target | None:
    """Where to send to, None where nothing was named. Raises InputError, which quotes neither URL nor key."""
    if arguments.webhook is None:
        if arguments.webhook_key is not None:
            raise InputError.at("--webhook-key", "signs what --webhook URL is sent; give both")
        return None
    from scanner.report.delivery import Target

    if arguments.out is None:
        raise InputError.at("--webhook", "needs --out DIR, where it is kept which verdict was reported")
    return Target(sendable("--webhook", arguments.webhook), _key(arguments.webhook_key))


def tell(target: Target, claim: str, folder: Path, predicate: Mapping[str, Any]) -> tuple[int, str]:
    """Tell of the verdicts in `predicate`, if they are others than before, and of what was not delivered until now.

    How many messages are still undelivered, and why. Raises InputError where the state cannot be written, and
    KeyboardInterrupt.
    """
    from scanner.report.delivery import Pauses, deliver

    path = folder / STATE
    before = _state(path, claim, target.key)
    state = before.after(claim, predicate)
    if state != before:
        write_whole(path, state.dump(claim, target.key))
    if not state.pending:
        return 0, ""

    def delivered(message: Message) -> None:
        nonlocal state
        state = state.without(message)
        write_whole(path, state.dump(claim, target.key))

    patience = Pauses(asyncio.sleep, random.random)
    sending = deliver(target, state.pending, delivered=delivered, clock=time.time, patience=patience)
    why = interruptible(sending, _NOTE)
    return len(state.pending), why or ""


def _mac(state: Mapping[str, Any], claim: str, key: bytes) -> str:
    """Of a state, under the key that messages are signed with; no message begins with what this does."""
    data = json.dumps([claim, state], sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(key, _STATE_OF + data, "sha256").hex()


def _state(path: Path, claim: str, key: bytes) -> State:
    try:
        with open_if_there(path) as file:
            return State() if file is None else State.load(file.read(_MOST_BYTES), claim, key)
    except OSError as error:
        why = str(error.strerror)
    except ValueError:
        why = f"this program did not write it with this key{_kept(path)}"
    print(f"scanner: {path} is begun anew, and the verdict reported as a first one: {why}", file=sys.stderr)
    return State()


def _kept(path: Path) -> str:
    """Whatever the file is, it is not lost: where it was put, to be reported."""
    kept = path.with_name(f"{path.name}.kept-{secrets.token_hex(4)}")
    try:
        path.rename(kept)
    except OSError as error:
        raise InputError.at(str(path), f"this program did not write it with this key: {error.strerror}") from None
    return f"; it is kept as {kept.name}"


def _key(path: Path | None) -> bytes:
    if path is None:
        where, key = KEY, os.environ.get(KEY, "").encode(errors="surrogateescape")
        if not key:
            raise InputError.at("--webhook", f"messages are signed: set {KEY}, or give --webhook-key FILE")
    else:
        from scanner.attesting.signers import exposure, read_key_file

        where, key = str(path), read_key_file(path, _MOST_KEY_BYTES)[:_MOST_KEY_BYTES].strip()
        if warning := exposure(path):
            print(f"scanner: {warning}", file=sys.stderr)
    if len(key) < SHORTEST_KEY:
        raise InputError.at(where, f"a key of {len(key)} bytes; expected at least {SHORTEST_KEY}")
    return key
