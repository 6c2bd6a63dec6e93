"""Where a cluster's scheduler is, as it may be named: `tls://HOST:PORT`, or `tcp://HOST:PORT` on this machine.

Unencrypted to another machine only where the auditor says so: whoever is on the way reads the nodes' keys, and speaks
for every worker. Nothing here connects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from scanner.errors import InputError
from scanner.sources.node_url import is_loopback

_ADDRESS: Final = re.compile(r"(tls|tcp)://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SchedulerAddress:
    """A scheduler's address. As text it has no user, no password, and nothing that a terminal obeys."""

    encrypted: bool
    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, plaintext: bool) -> SchedulerAddress:
        """`plaintext`: whether the auditor allows an unencrypted connection to another machine.

        Raises InputError, which quotes nothing of a text that is no such address, as it may hold a password.
        """
        match = _ADDRESS.fullmatch(text)
        if match is None or not 0 < int(match[3]) < 65_536:
            what = "is no address of a scheduler that can be used; expected one such as tls://scheduler:8786"
            raise InputError.at("cluster", what)
        address = cls(match[1] == "tls", match[2].strip("[]"), int(match[3]))
        if not address.encrypted and not plaintext and not is_loopback(address.host):
            what = "would be spoken to unencrypted, on another machine: use tls://, or allow it (--cluster-plaintext)"
            raise InputError.at(f"cluster {address}", what)
        return address

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.encrypted else 'tcp'}://{host}:{self.port}"


WORKER: Final = re.compile(r"(tls|tcp)://[A-Za-z0-9._:\[\]-]{1,300}", re.ASCII)
"""What a worker's address looks like, which a scheduler tells, and which is shown."""
