"""In how many scans a batch is read: as few as the node's limits on requests, and ours on answers, allow.

A scan passes over all unspent outputs of the chain, however few scripts it is asked for: every piece costs minutes on
mainnet. How long a request will be is known. How long its answer will be, the node tells by sending it: what came of
one that was too long shows which scripts made it so, and the next cut goes by that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from scanner.clients.jsonrpc import MessageTooLarge
from scanner.errors import Why

REQUEST_BYTES = 31 * 2**20  # of scripts in one request; Bitcoin Core takes 32 MiB (MAX_SIZE in its httpserver.cpp)
LEAST_REQUEST = 2**15  # no node is taken to refuse this; above it, a request that was refused is halved
_WORST = 16  # times the limit that an answer is taken to be long at most, whatever its header says
_USUAL_BYTES = 500  # of an answer for each script: one output and a bit
_USUAL_SCRIPTS = 100_000  # so many must say otherwise before as much is expected of others


class Oversized(MessageTooLarge):
    """A scan whose answer was too long. `sample`: how often scripts came up in what was received of it."""

    def __init__(self, error: MessageTooLarge, sample: Counter[bytes]) -> None:
        super().__init__(error.why, error.detail)
        self.size = error.size
        self.sample = sample


class Pieces:
    """Cuts one node's batches, and learns from how it answered. Sizes are in bytes."""

    def __init__(self, answer_limit: int, request_limit: int = REQUEST_BYTES) -> None:
        self._answer_limit = answer_limit
        self._request_limit = request_limit
        self._scripts = _USUAL_SCRIPTS
        self._answered = _USUAL_SCRIPTS * _USUAL_BYTES

    def cut(self, scripts: Sequence[bytes]) -> list[list[bytes]]:
        """`scripts` in pieces whose requests are within the limit, and whose answers may be expected to be."""
        return self._cut(scripts, {}, -(-self._answered // self._scripts))

    def smaller(self, scripts: Sequence[bytes], error: MessageTooLarge) -> list[list[bytes]]:
        """A piece of two scripts or more, which turned out to be too large, in smaller ones."""
        half = len(scripts) // 2
        pieces = [[*scripts[:half]], [*scripts[half:]]]
        if error.why is Why.REFUSED:  # by the node, or what stands before it, before anything was read
            half_of_it = _in_request(scripts) // 2
            self._request_limit = max(min(self._request_limit, half_of_it), LEAST_REQUEST)
            better = self.cut(scripts)
        elif isinstance(error, Oversized):
            size = min(error.size or 2 * self._answer_limit, _WORST * self._answer_limit)
            self.learn(len(scripts), size)
            counted = error.sample.total()
            expected = {script: size * count // counted for script, count in error.sample.items()}
            better = self._cut(scripts, expected, 0 if expected else -(-size // len(scripts)))
        else:  # an answer about single blocks, of which nothing is known
            better = pieces
        return better if len(better) > 1 else pieces

    def learn(self, scripts: int, answered: int) -> None:
        """An answer for so many scripts was so long."""
        self._scripts += scripts
        self._answered += answered

    def _cut(self, scripts: Sequence[bytes], expected: Mapping[bytes, int], usual: int) -> list[list[bytes]]:
        """By what is `expected` of each script's answer, or the `usual`; a quarter of the limit is left for errors."""
        most = max(self._answer_limit * 3 // 4, 1)
        if not expected and _in_request(scripts) <= self._request_limit and usual * len(scripts) <= most:
            return [[*scripts]] if scripts else []
        alone = [[script] for script, size in expected.items() if size > most]
        apart = {script for (script,) in alone}
        pieces: list[list[bytes]] = []
        request = answer = 0
        for script in scripts:
            if script in apart:
                continue
            size, length = expected.get(script, usual), _in_request((script,))
            if not pieces or length > request or size > answer:
                pieces.append([])
                request, answer = self._request_limit, most
            pieces[-1].append(script)
            request -= length
            answer -= size
        return pieces + alone


def _in_request(scripts: Collection[bytes]) -> int:
    return 2 * sum(map(len, scripts)) + len('"raw()",') * len(scripts)
