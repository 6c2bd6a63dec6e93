"""What one node is: where it is, who runs it, which chain it serves, and how hard it may be asked.

A node's URL may hold a key or a password, so it is kept out of every representation. Nothing here connects, and which
nodes there are is `scanner.weighing.instrument`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.core.ids import Chain


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One node. Two nodes of one operator are one voice in a quorum."""

    kind: str  # the scheme before the plus, which names the backend: "evm", "bitcoind"
    url: str = field(repr=False)  # what to connect to, credentials taken out: "https://eth.example/v3/KEY"
    operator: str
    chain: Chain
    own: bool = False  # run by the auditor
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    max_in_flight: int = 4  # requests under way at once
    timeout: float = 60  # seconds that one request may take
    line: int = field(default=0, compare=False)  # of the nodes' file, where its URL stands; 0 where it stands in none
    proxy: str = field(default="", repr=False)  # through which it is asked: "http://user:password@host:port"
