"""How hard one node is driven: requests at once and calls a second, learnt from its asking for fewer.

    it asks for fewer         nothing is asked for as long as it says, else for twice as long each time in a row; then
                              half as many requests at once, at about what it took until then
    once, at a known rate     as many requests at once, as it is the rate that was too high
    and took nothing at all   a quarter of the calls in a request, until one is taken
    it goes on answering      faster each second, as `node_limit` has it: a limit is met once in some twenty seconds,
                              and used well between

The rate grows by the clock and not by answers, as a limit is one of time; the clock stands still while nothing is
answered. No interval is fixed: a node that never asks for fewer is never waited for.

Pure arithmetic: readings of a clock, in seconds, are arguments. Not in here: what follows from a refusal for the limit
(`node_limit`), waiting (`limiter`), what counts as asking for fewer (`http_client`, `jsonrpc`), and how much one
question holds (`chunk_size`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from scanner.clients.node_limit import FIRST_SIZES, REQUESTS_A_SECOND, NodeLimit, Taken
from scanner.clients.retry_after import LONGEST

FIRST_PAUSE = 0.25  # seconds; doubled from one refusal to the next
LONGEST_PAUSE = LONGEST  # seconds
_SHORTEST_WINDOW = 1.0  # seconds over which a rate is measured at least: what most providers count in
_WINDOW = 10.0  # seconds over which it is measured at most: Alchemy counts in so many
_GROWN = 1.5  # times as much as at first, from which more calls are the reason of a refusal
_DOUBLINGS = 16  # of a pause at most: beyond the longest by far
_TICK = 1.0  # seconds of growth that one answer stands for at most


@dataclass(slots=True)
class Ticket:
    """One request that was sent, for `answered` and `refused`."""

    heeded: int  # refusals before it
    at: float
    calls: int
    taken: int  # calls that the node did not refuse


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The last time a node asked for fewer. Requests that were under way then may turn out to be refused as well."""

    since: float  # what it took is measured from here: the one before, or the first request
    at: float
    calls: int  # of the request that was refused
    known: NodeLimit  # before
    allowed: float | None  # then


class Rate:
    """One node's pace: `at_once` requests, 1 to `most`; `rate` calls a second, None for as fast as it answers.

    `refusals` counts those in a row, without an answer between. Requests that were under way together when the node
    asked for fewer are one refusal.
    """

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError("expected at least one request at once")
        self.at_once = most
        self.refusals = 0
        self._most = most
        self._opens = float("-inf")  # when the next request may go
        self._heeded = 0  # refusals so far
        self._sent: deque[Ticket] = deque()  # within the last seconds
        self._measured_since = float("inf")  # the first request, or the last refusal
        self._refusal: _Refusal | None = None  # the last that named a rate, while nothing was sent since
        self._limit = NodeLimit()
        self._allowed: float | None = None  # of what is counted, a second
        self._growing = 0.0  # seconds for which that has grown
        self._counted = float("-inf")  # the moment up to which it has
        self._more_at_once = 0.0  # seconds of answers since requests at once became more
        self._largest = 1  # calls of one request that was taken
        self._taken_at = float("-inf")  # when the last one was

    @property
    def rate(self) -> float | None:
        if self._allowed is None:
            return None
        return self._allowed * (self._largest if self._limit.by_request else 1)

    @property
    def calls_at_once(self) -> int:
        """How many calls one request may hold."""
        return self._limit.batch if self._allowed is None else self._limit.held(self._allowed)

    def pause(self, now: float) -> float:
        """Seconds until the next request may go; 0 for now."""
        return max(0.0, self._opens - now)

    def sent(self, now: float, calls: int) -> Ticket:
        """A request of so many calls goes now. The ticket is to be given back when it was answered, or refused."""
        self._measured_since = min(self._measured_since, now)
        self._refusal = None
        if self._allowed is not None:
            cost = 1 if self._limit.by_request else calls
            self._opens = max(self._opens, now) + min(cost / self._allowed, LONGEST_PAUSE)
        ticket = Ticket(self._heeded, now, calls, calls)
        self._sent.append(ticket)
        while self._sent[0].at < now - _WINDOW:
            self._sent.popleft()
        return ticket

    def answered(self, now: float, ticket: Ticket) -> None:
        """The node answered the whole request."""
        self.refusals = 0
        self._largest, self._taken_at = max(self._largest, ticket.calls), now
        self._grow(now)

    def refused(self, now: float, ticket: Ticket, taken: int, after: float | None, jitter: float) -> None:
        """The node asked for fewer, having answered `taken` calls of the request, and for `after` seconds of peace if
        it named; `jitter` seconds are added.
        """
        ticket.taken = taken
        if taken:
            self.refusals = 0
            self._limit = replace(self._limit, in_part=True, by_request=False)
        if ticket.heeded == self._heeded:
            known = self._allowed is not None
            self._heed(now, ticket)
            after = after or self._pause_in_a_row(known=known)  # a Retry-After of 0 says nothing
        elif self._refusal is not None:
            self._judge(self._refusal)
        if after:
            self._opens = max(self._opens, now + min(after, LONGEST_PAUSE) + jitter)

    def _pause_in_a_row(self, *, known: bool) -> float:
        """Seconds until a node is asked again that did not say for how long it is to be left alone. A rate that was
        known is exceeded by little, at the end of a second as a rule: then the first three are half as long, unless
        calls are refused one by one, so that every second is used up."""
        doubled = float(2 ** min(self.refusals - 1, _DOUBLINGS))
        if self._allowed is None:
            return FIRST_PAUSE * doubled
        halved = known and self.refusals <= 3 and not self._limit.in_part
        return max(FIRST_PAUSE * doubled / (2 if halved else 1), doubled / self._allowed)

    def _heed(self, now: float, refused: Ticket) -> None:
        self._heeded += 1
        self.refusals += 1
        if self._allowed is None or self.refusals > 1:
            self.at_once = max(1, self.at_once // 2)
            self._more_at_once = 0.0
        since, self._measured_since = self._measured_since, now
        refusal = _Refusal(since, now, refused.calls, self._limit, self._allowed)
        if self.refusals == 1 and self._taken(refusal).calls:
            self._refusal = refusal
            self._judge(refusal)
        elif refused.calls > self._largest and now - self._taken_at >= _SHORTEST_WINDOW:
            # After a second in which it took nothing its limit has room, so the request holds more than it ever takes.
            # A smaller one is another request, and begins to be refused anew.
            batch = min(self._limit.batch, max(1, refused.calls // 4))
            self._limit = replace(self._limit, batch=batch, by_request=False)
            self.refusals = 1

    def _judge(self, refusal: _Refusal) -> None:
        """What follows from a refusal, as far as is known now of what was under way."""
        taken = self._taken(refusal)
        if not taken.calls:
            self._limit, self._allowed = refusal.known, refusal.allowed
            return
        self._limit = replace(refusal.known, in_part=self._limit.in_part).met(refusal.allowed, taken)
        self._growing, self._counted = 0.0, refusal.at
        self._allowed = self._limit.allowed(0.0)

    def _taken(self, refusal: _Refusal) -> Taken:
        """What the node took before it; before the first, it may have saved up a second's worth."""
        known, allowed, lasted = refusal.known, refusal.allowed, refusal.at - refusal.since
        long = lasted >= _SHORTEST_WINDOW
        lasted = min(lasted, _WINDOW)
        span = max(_SHORTEST_WINDOW, lasted + (_SHORTEST_WINDOW if allowed is None and not known.sizes else 0))
        taken = self._taken_within(refusal.at - lasted, refusal.at)
        last = self._taken_within(refusal.at - min(lasted, _SHORTEST_WINDOW), refusal.at)
        recent = float(len(last) if known.by_request else sum(last))
        if known.searching and allowed is not None and sum(last) > sum(taken) / span:
            taken, span = last, _SHORTEST_WINDOW  # before that it was given less than it takes
        grown = known.searching and allowed is not None and known.base is not None and allowed > known.base * _GROWN
        return Taken(
            sum(taken) / span,
            len(taken) / span,
            recent,
            sum(last) + (0 if known.in_part else refusal.calls),
            sum(taken) < refusal.calls,
            long or (known.sizes == FIRST_SIZES and allowed is None),
            by_growth=grown
            and not known.by_request
            and 2 * refusal.calls <= self._largest
            and len(last) <= REQUESTS_A_SECOND,
        )

    def _taken_within(self, since: float, until: float) -> list[int]:
        return [each.taken for each in self._sent if since <= each.at <= until and each.taken]

    def _grow(self, now: float) -> None:
        passed = min(max(0.0, now - self._counted), _TICK)
        self._counted = max(self._counted, now)
        self._more_at_once += passed
        if self._more_at_once >= _TICK:
            self._more_at_once = 0.0
            self.at_once = min(self._most, self.at_once + 1)
        if self._allowed is None:
            return
        self._growing += passed
        self._allowed = self._limit.allowed(self._growing)
        if self._allowed is None:
            self._limit = NodeLimit(self._limit.by_request, self._limit.in_part, before=self._limit.before)
