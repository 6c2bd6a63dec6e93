"""The secrets that a scan's journal is authenticated with. None is asked of the user, and none leaves the machine.

One follows from each signing key, so that those who may sign may go on, on another machine too. One is drawn at random
and kept in the user's own state folder, for scans that are not signed, and used only if no one else can have written
it.

Source: XDG Base Directory Specification, XDG_STATE_HOME.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.attesting.signers import Ed25519Signer

NAME: Final = Path("reserve-scanner", "journal.key")
_PURPOSE: Final = b"reserve-scanner: journal of a scan"
_BYTES: Final = 32


def journal_keys(signers: Sequence[Ed25519Signer], environment: Mapping[str, str]) -> list[bytes]:
    """The secrets that a journal may be under, that for a new one first; none where a scan that is not signed finds no
    place to keep one. Raises InputError where the kept one cannot be trusted."""
    keys = [signer.derived(_PURPOSE) for signer in signers]
    path = place(environment)
    if path is not None and (not keys or os.path.lexists(path)):
        kept = _kept(path)
        keys += [] if kept is None else [kept]
    return keys


def place(environment: Mapping[str, str]) -> Path | None:
    """Where the random secret is kept; None where the environment names no folder for it."""
    named = environment.get("XDG_STATE_HOME", "")
    if os.path.isabs(named):  # noqa: PTH117 - the specification has others ignored
        return Path(named) / NAME
    home = environment.get("HOME", "")
    return Path(home, ".local", "state") / NAME if os.path.isabs(home) else None  # noqa: PTH117


def _kept(path: Path) -> bytes | None:
    """The secret at `path`, drawn now if there is none; None where none can be kept. Raises InputError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.path.lexists(path):
            _draw(path)
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        for what, status in ((path, os.fstat(file)), (path.parent, path.parent.stat())):
            if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
                raise InputError.at(str(what), "others could have written it, so no journal can rest on it; remove it")
        key, status = os.read(file, _BYTES + 1), os.fstat(file)
        if len(key) != _BYTES or stat.S_IMODE(status.st_mode) & (stat.S_IRGRP | stat.S_IROTH):
            raise InputError.at(str(path), "is no key of 32 bytes that you alone can read; remove it")
    finally:
        os.close(file)
    return key


def _draw(path: Path) -> None:
    """A new secret, whole or not at all, and never in place of another. Raises OSError."""
    aside = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as written:
            written.write(secrets.token_bytes(_BYTES))
            written.flush()
            os.fsync(file)
        with contextlib.suppress(FileExistsError):  # another scan was first: that one is taken
            os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)
