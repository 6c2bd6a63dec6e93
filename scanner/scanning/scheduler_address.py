"""Where a cluster's scheduler is, as it may be named: `tls://HOST:PORT`, or `tcp://HOST:PORT` on this machine.

Unencrypted to another machine only where the auditor says so: those on the way read the nodes' keys, and speaks
for every worker. How TLS is spoken stands in Dask's own settings. Nothing here connects.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from scanner.errors import InputError
from scanner.sources.node_url import is_loopback

if TYPE_CHECKING:
    from distributed import Client

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


def access(cluster: str | Client, *, plaintext: bool) -> tuple[SchedulerAddress, ssl.SSLContext | None]:
    """Where the scheduler is, and how it is spoken to. Raises InputError."""
    try:
        security: Any = import_module("distributed").Security()
    except ImportError:
        what = "needs Dask: pip install 'reserve-scanner[dask]'"
        raise InputError.at("cluster", what) from None
    if isinstance(cluster, str):
        text = cluster
    else:
        scheduler: Any = cluster.scheduler
        if scheduler is None:
            raise InputError.at("cluster", "the client is not connected to a scheduler")
        text, security = scheduler.address, cluster.security
    address = SchedulerAddress.parse(text, plaintext=plaintext)
    settings: dict[str, Any] = security.get_connection_args("client")
    tls: ssl.SSLContext | None = settings.get("ssl_context")
    if address.encrypted and tls is None:
        what = "cannot be used: expected certificates in Dask's settings distributed.comm.tls"
        raise InputError.at(f"cluster {address}", what)
    if not address.encrypted and settings.get("require_encryption"):
        what = "cannot be used: Dask's settings require encryption; expected an address such as tls://scheduler:8786"
        raise InputError.at(f"cluster {address}", what)
    return address, tls
