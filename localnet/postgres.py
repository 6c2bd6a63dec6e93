"""A PostgreSQL server of this machine's own program, with a database of its own, for as long as it is needed.

The program is Debian's package `postgresql` or one on PATH. It listens on a free port of 127.0.0.1, asks for a
password, and keeps everything in a temporary folder. PostgreSQL refuses to run as root, so root starts it as the user
`postgres`.

Not in here: any table. Source: PostgreSQL's documentation, "Server Setup and Operation".
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
from pathlib import Path
from typing import Final, Self

from localnet.errors import LocalnetError, NodeMissing
from localnet.process import Node, NodeProcess, free_port
from localnet.shell import run

USER: Final = "scanner"
_UNPRIVILEGED: Final = "postgres"  # the user whom Debian's package makes
_ATTEMPTS: Final = 3  # the port may be taken between being found and being used


class Postgres(Node):
    """A running server."""

    def __init__(self, process: NodeProcess, port: int, password: str) -> None:
        super().__init__(process)
        self.port = port
        self.password = password

    @property
    def url(self) -> str:
        """Of its database, with credentials."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @classmethod
    def start(cls) -> Self:
        """Raises NodeMissing where there is no such program, NodeFailed where it does not come up."""
        programs = _programs()
        for attempt in range(1, _ATTEMPTS + 1):
            process = NodeProcess("postgres")
            try:
                return cls._start(process, programs)
            except LocalnetError:
                process.stop()
                if attempt == _ATTEMPTS:
                    raise
            except BaseException:
                process.stop()
                raise
        raise AssertionError("unreachable")

    @classmethod
    def _start(cls, process: NodeProcess, programs: Path) -> Self:
        password, port = secrets.token_urlsafe(16), free_port()
        data, passwords = process.folder / "data", process.folder / "password"
        passwords.write_text(password)
        prefix: list[str] = []
        if os.geteuid() == 0:
            _check_user()
            prefix = ["runuser", "-u", _UNPRIVILEGED, "--"]
            for path in (process.folder, passwords):
                shutil.chown(path, _UNPRIVILEGED)
        made = ["-D", str(data), "-U", USER, "--pwfile", str(passwords), "-A", "scram-sha-256", "-E", "UTF8"]
        run([*prefix, str(programs / "initdb"), *made, "--no-sync", "--locale", "C.UTF-8"])
        passwords.unlink()
        settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        process.start([*prefix, str(programs / "postgres"), "-D", str(data), *options])
        process.wait_for("its first answer", lambda: "ready to accept connections" in process.output() or None)
        return cls(process, port, password)


def _check_user() -> None:
    try:
        pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        raise NodeMissing(f"there is no user {_UNPRIVILEGED} whom root could run PostgreSQL as") from None


def _programs() -> Path:
    """The folder of `initdb` and `postgres`, the newest of several."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for folder in [*([Path(on_path).parent] if on_path else []), *debian]:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise NodeMissing("no PostgreSQL server is installed: apt-get install postgresql")
