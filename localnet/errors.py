"""What can go wrong with a node on this machine, in one small tree.

    LocalnetError
    +-- NodeMissing   no usable program: the message says which to install and which variable names it
    +-- NodeFailed    the program is there, but did not start, died, or did not answer in time
    +-- RpcError      the node answered, with an error

Not in here: recovery. Nobody retries on these but the starting of a process on a port that was just taken.
"""

from __future__ import annotations


class LocalnetError(Exception):
    """Root of everything this package raises on purpose."""


class NodeMissing(LocalnetError):
    """A node program is neither named, nor on PATH, nor in the cache, and could not be fetched."""


class NodeFailed(LocalnetError):
    """A node process did not come up, went away, or did not do in time what was waited for."""


class RpcError(LocalnetError):
    """The JSON-RPC error `code` and `message` of one call, with the `method` that was called."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"{method}: {message} ({code})")
        self.method = method
        self.code = code
        self.message = message
