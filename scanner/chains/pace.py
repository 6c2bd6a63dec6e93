"""How hard one node is driven: requests at once and calls a second, learnt from its asking for fewer.

Additive increase, multiplicative decrease, the rule by which TCP finds what a path carries (RFC 5681):

    it asks for fewer         half as many requests at once, and half the calls a second that it took until then
    and tells for how long    nobody asks it anything for that long; else for twice as long each time in a row
    it goes on answering      more again, bit by bit: first calls a second, then requests, up to the settings' bound

Calls are counted, not requests, as providers count each call of a JSON-RPC batch (QuickNode's and Chainstack's pages on
429 errors; Alchemy and Infura by each call's cost). No interval is fixed: a node that never asks for fewer is never
waited for.

Pure arithmetic: readings of a clock, in seconds, are arguments. Not in here: waiting (`gate`), what counts as asking
for fewer (`http_client`, `jsonrpc`), and how much one question holds (`appetite`).
"""

from __future__ import annotations

from scanner.chains.retry_after import LONGEST

FIRST_PAUSE = 0.25  # seconds; doubled from one refusal to the next
LONGEST_PAUSE = LONGEST  # seconds
_CAUTION = 8  # answers for each request at once, before more is asked for
_SHORTEST_WINDOW = 1.0  # seconds over which a rate is measured at least: what most providers count in
_LONGEST_WINDOW = 10.0  # seconds, after which older answers count half: Alchemy's window
_SLOWEST = 0.5  # calls a second: below that, pauses do, and no node can hold up a run by its refusals
_ANY_NUMBER = 2**20  # calls in one request, where no rate is known: callers have bounds of their own


class Pace:
    """One node's pace: `at_once` requests, 1 to `most`; `rate` calls a second, None for as fast as it answers.

    `refusals` counts those in a row, without an answer between. Requests that were under way together when the node
    asked for fewer are one refusal.
    """

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError("expected at least one request at once")
        self.at_once = most
        self.rate: float | None = None
        self.refusals = 0
        self._most = most
        self._opens = float("-inf")  # when the next request may go
        self._heeded = 0  # refusals so far, which is the ticket of the requests sent since the last one
        self._refused_rate = 0.0  # calls a second at which the node last asked for fewer
        self._answers = 0  # since anything changed
        self._since: float | None = None  # when the measuring of a rate began
        self._taken = 0.0  # calls answered since then

    @property
    def calls_at_once(self) -> int:
        """How many calls one request may hold: as many as go in a second, where the node asked for fewer."""
        return _ANY_NUMBER if self.rate is None else max(1, int(self.rate))

    def pause(self, now: float) -> float:
        """Seconds until the next request may go; 0 for now."""
        return max(0.0, self._opens - now)

    def sent(self, now: float, calls: int) -> int:
        """A request of so many calls goes now. The ticket is to be given back if the node asks for fewer."""
        if self._since is None:
            self._since = now
        if self.rate is not None:
            self._opens = max(self._opens, now) + min(calls / self.rate, LONGEST_PAUSE)
        return self._heeded

    def answered(self, now: float, calls: int) -> None:
        """The node answered so many calls."""
        self.refusals = 0
        self._measure(now, calls)
        self._answers += 1
        if self._answers >= _CAUTION * self.at_once:
            self._answers = 0
            self._grow()

    def refused(self, now: float, ticket: int, calls: int, after: float | None, jitter: float) -> None:
        """The node asked for fewer, of a request of so many calls, and for `after` seconds of peace if it told;
        `jitter` seconds are added.
        """
        if ticket == self._heeded:
            self._shrink(now, calls)
            after = after or FIRST_PAUSE * 2 ** min(self.refusals - 1, 16)  # a Retry-After of 0 tells nothing
        if after:
            self._opens = max(self._opens, now + min(after, LONGEST_PAUSE) + jitter)

    def _measure(self, now: float, calls: int) -> None:
        began = now if self._since is None else self._since
        if now - began > _LONGEST_WINDOW:
            began += (now - began) / 2
            self._taken /= 2
        self._since = began
        self._taken += calls

    def _shrink(self, now: float, calls: int) -> None:
        self._heeded += 1
        self.refusals += 1
        self._answers = 0
        self.at_once = max(1, self.at_once // 2)
        if self.refusals == 1 and self._taken and self._since is not None:
            taken = self._taken / max(_SHORTEST_WINDOW, now - self._since)
        elif calls > 1 and self.refusals > (1 if self.rate is None else 3):
            taken = calls  # at the most: so many at once are not taken whenever they are sent
        else:
            return
        self._refused_rate = taken if self.rate is None else min(taken, self.rate)
        self.rate = max(_SLOWEST, self._refused_rate / 2)

    def _grow(self) -> None:
        if self.rate is None:
            self.at_once = min(self._most, self.at_once + 1)
            return
        self.rate += self.rate / 8
        if self.rate >= 2 * self._refused_rate:  # taken without being refused: that limit is there no longer
            self.rate = None
