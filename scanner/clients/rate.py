"""How hard one node is driven: requests at once and calls a second, learnt from its asking for fewer.

    it asks for fewer         nothing is asked for as long as it says, else for twice as long each time in a row; then
                              half as many requests at once, at a little less than it took until then
    and took nothing at all   a quarter of the calls in a request, until one is taken
    it goes on answering      at first half as much again each second, as a first measure is a low one; once it has
                              asked again, slowly back to where it did so, and with care beyond (CUBIC, RFC 9438): a
                              limit is met once in some twenty seconds, and used well between

Providers count different things: calls of a batch, requests, units by method. Units are calls of one weight here, as a
batch holds one method. Whether requests are counted shows when they come to hold more or fewer calls: as many requests
are taken then, and not as many calls. A rate that single calls have shown is taken for one of requests, until a larger
one is refused.

The rate grows by the clock and not by answers, as a limit is one of time; the clock stands still while nothing is
answered. No interval is fixed: a node that never asks for fewer is never waited for.

Pure arithmetic: readings of a clock, in seconds, are arguments. Not in here: waiting (`gate`), what counts as asking
for fewer (`http_client`, `jsonrpc`), and how much one question holds (`appetite`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from math import log

from scanner.clients.retry_after import LONGEST

FIRST_PAUSE = 0.25  # seconds; doubled from one refusal to the next
LONGEST_PAUSE = LONGEST  # seconds
_SHORTEST_WINDOW = 1.0  # seconds over which a rate is measured at least: what most providers count in
_WINDOW = 10.0  # seconds over which it is measured at most: Alchemy counts in so many
_SLOWEST = 0.5  # calls a second: below that, pauses do, and no node can hold up a run by its refusals
_BACK_OFF = 0.05  # of the rate at which a node asked for fewer: so much less, and after twice that time so much more
_FIRST_RETURN, _LAST_RETURN = 1.0, 10.0  # seconds until the rate is again what it was then: doubled each time
_CARE = 2  # times as slowly beyond that rate as up to it
_LIMIT_GONE = 2.0  # times that rate, taken without a refusal: there is no such limit any longer
_GONE_AFTER = 30.0  # seconds, before which none is gone
_FASTEST_GROWTH = 1.5  # times a second, while no limit was met twice
_TICK = 1.0  # seconds of growth that one answer stands for at most
_REQUESTS_A_SECOND = 12  # that a rate is spent in: fewer, and a provider that counts whole seconds is used badly
_SINGLE = 1.5  # calls a request, below which they are single ones
_OTHERWISE = 0.4  # logarithm of 1.5: so many more or fewer calls in a request tell apart what is counted
_ALIKE = 0.1  # the same of requests that hold as much
_ANY_NUMBER = 2**20  # calls in one request, where no rate is known: callers have bounds of their own


@dataclass(slots=True)
class Ticket:
    """One request that was sent, for `answered` and `refused`."""

    heeded: int  # refusals before it
    at: float
    calls: int
    taken: int  # calls that the node did not refuse


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a node took before it asked for fewer, a second."""

    calls: float
    requests: float
    long: bool  # measured for long enough to be compared with another measure


@dataclass(frozen=True, slots=True)
class _Limit:
    """What is known of a node's limit."""

    by_request: bool = False  # requests are counted, not calls
    in_part: bool = False  # calls of a request were refused one by one, so they are counted
    base: float | None = None  # of what is counted, a second: where growth began; None: no limit is known
    searching: bool = True  # for a limit that was not met twice
    returns_in: float = _FIRST_RETURN
    batch: int = _ANY_NUMBER  # calls in a request, as far as refusals tell
    before: _Taken | None = None  # at the last refusal that named a rate

    def allowed(self, growing: float) -> float | None:
        """What is counted, a second, after so many seconds of growth; None where there is no such limit any longer."""
        if self.base is None:
            return None
        if self.searching:
            return float(self.base * _FASTEST_GROWTH**growing)
        beyond = growing - self.returns_in
        grown = 1 + _BACK_OFF * (beyond / (self.returns_in * (_CARE if beyond > 0 else 1))) ** 3
        return None if grown >= _LIMIT_GONE and growing > _GONE_AFTER else self.base * grown

    def met(self, allowed: float | None, taken: _Taken) -> _Limit:
        """What is known once a node that took so much of what was allowed asks for fewer."""
        by_request = self._counts_requests(taken)
        before = self.before if self.before is not None and self._between(taken) else taken
        found = max(_SLOWEST, taken.requests if by_request else taken.calls)
        if allowed is None or by_request is not self.by_request:
            return replace(self, by_request=by_request, base=found, searching=allowed is None, before=before)
        return replace(
            self,
            base=min(allowed, max(found, allowed / 2)),
            returns_in=self.returns_in if self.searching else min(_LAST_RETURN, 2 * self.returns_in),
            searching=False,
            before=before,
        )

    def _counts_requests(self, taken: _Taken) -> bool:
        """Whether requests are counted: which of the two stayed, when requests came to hold more or fewer calls."""
        if self.in_part:
            return False
        if self.before is None:
            return taken.calls < _SINGLE * taken.requests
        held = self._held(taken)
        if not taken.long or abs(held) < _OTHERWISE:
            return self.by_request
        calls = log(taken.calls / self.before.calls)
        return abs(calls - held) < abs(calls)

    def _held(self, taken: _Taken) -> float:
        """How many more calls a request held than before, as a logarithm."""
        before = self.before or taken
        return log(taken.calls / taken.requests) - log(before.calls / before.requests)

    def _between(self, taken: _Taken) -> bool:
        """Whether it cannot be compared, and a later one may have to be, with what was taken before."""
        return not taken.long or _ALIKE < abs(self._held(taken)) < _OTHERWISE


@dataclass(frozen=True, slots=True)
class _Refusal:
    """The last time a node asked for fewer. Requests that were under way then may turn out to be refused as well."""

    since: float  # what it took is measured from here
    at: float
    known: _Limit  # before
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
        self._limit = _Limit()
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
        if self._allowed is None or self._limit.by_request:
            return self._limit.batch
        return max(1, min(self._limit.batch, int(self._allowed / _REQUESTS_A_SECOND)))

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
            self._heed(now, ticket)
            shortest = FIRST_PAUSE if self._allowed is None else max(FIRST_PAUSE, 1 / self._allowed)
            after = after or shortest * 2 ** min(self.refusals - 1, 16)  # a Retry-After of 0 tells nothing
        elif self._refusal is not None:
            self._judge(self._refusal)
        if after:
            self._opens = max(self._opens, now + min(after, LONGEST_PAUSE) + jitter)

    def _heed(self, now: float, refused: Ticket) -> None:
        self._heeded += 1
        self.refusals += 1
        self.at_once = max(1, self.at_once // 2)
        self._more_at_once = 0.0
        since, self._measured_since = self._measured_since, now
        refusal = _Refusal(max(since, now - _WINDOW), now, self._limit, self._allowed)
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

    def _taken(self, refusal: _Refusal) -> _Taken:
        """What the node took before it; before the first, it may have saved up a second's worth."""
        lasted = refusal.at - refusal.since
        span = max(_SHORTEST_WINDOW, lasted + (_SHORTEST_WINDOW if refusal.allowed is None else 0))
        taken = [each.taken for each in self._sent if refusal.since <= each.at <= refusal.at and each.taken]
        return _Taken(sum(taken) / span, len(taken) / span, lasted >= _SHORTEST_WINDOW)

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
            self._limit = _Limit(self._limit.by_request, self._limit.in_part, before=self._limit.before)
