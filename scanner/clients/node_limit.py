"""What is known of a node's limit from its asking for fewer: how much it takes a second, and what it counts.

    a first request holds    how much it takes is not known yet. Small requests are sent as fast as it answers until it
    more than was taken      refuses again, then larger ones: the two measures show how much it takes, and of what
    a first rate             between the least and the most that the first refusal can mean; grows by half each second
    met by growth            what was taken in the last second, as it was given less before
    a rate                   approached by the curve of CUBIC (RFC 9438), and exceeded with care; where calls count it
                             is spent in smaller requests, since the one that exceeds it is refused whole

Providers count different things: calls of a batch, requests, units by method. Units are calls of one weight here, as a
batch holds one method. Whether requests are counted shows when they come to hold more or fewer calls: as many requests
are taken then, and not as many calls. So a rate is spent in requests that hold more for once (`larger`), unless the
refusal came as calls became more and requests did not. A rate that single calls have shown is taken for one of
requests, until a larger one is refused.

A limit is one of a second that begins anew, or of a store that fills steadily. A refusal within a second of the last
one may be of the same second: it changes nothing the first time.

Pure arithmetic on values. Not in here: when a request may go, and what was under way (`rate`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log, sqrt
from typing import Final

ANY_NUMBER: Final = 2**20  # calls in one request, where no rate is known: callers have bounds of their own
FIRST_SIZES: Final = 2  # of requests that are sent as fast as they are answered, where a first refusal shows too little

_SLOWEST = 0.5  # calls a second: below that, pauses do, and no node can hold up a run by its refusals
_BACK_OFF = 0.05  # of the rate at which a node asked for fewer: so much less, and after twice that time so much more
_FIRST_RETURN, _LAST_RETURN = 1.0, 10.0  # seconds until the rate is again what it was then: doubled each time
_CARE = 2  # times as slowly beyond that rate as up to it
_LIMIT_GONE = 2.0  # times that rate, taken without a refusal: there is no such limit any longer
_GONE_AFTER = 30.0  # seconds, before which none is gone
_FASTEST_GROWTH = 1.5  # times a second, while no limit was met twice
REQUESTS_A_SECOND = 12  # that a rate is spent in: fewer, and a provider that counts whole seconds is used badly
_REQUESTS_IF_CALLS_COUNT = 24  # the same once that has shown: the last request of a second is refused whole
_REQUESTS_AT_FIRST = 4  # the same while it is tried whether requests are counted
_SINGLE = 1.5  # calls a request, below which they are single ones
_OTHERWISE = 0.55  # logarithm of 1.7: so many more or fewer calls in a request tell apart what is counted
_ALIKE = 0.1  # the same of requests that hold as much
_COARSE = 1.5  # times: a measure is not taken at its least where the most that it can mean is so much more
_UNEVEN = 1.25  # times the rate since the last refusal, which holds a pause: the last second's at most
_FALL = 0.85  # times the base before: a fall; a limit that is met by little is never so far below the last time's
_FALLS = 3  # in a row, from which what is counted is looked for again: of requests, smaller ones hold less each time
_SMALL = 32  # of what was taken and refused together: calls of the small requests that are tried
_LARGER = 6  # times as many calls of those that are tried next


@dataclass(frozen=True, slots=True)
class Taken:
    """What a node took before it asked for fewer, a second."""

    calls: float
    requests: float
    recent: float  # of what is counted, in the last second
    most: int  # calls that it takes in a second at most: it refused one more request
    less: bool  # than that request holds was taken in all
    long: bool  # measured for long enough to be compared with another measure
    by_growth: bool = False  # asked for fewer as calls became more, and requests did not


@dataclass(frozen=True, slots=True)
class NodeLimit:
    """What is known of a node's limit."""

    by_request: bool = False  # requests are counted, not calls
    in_part: bool = False  # calls of a request were refused one by one, so they are counted
    base: float | None = None  # of what is counted, a second: where growth began; None: no limit is known
    searching: bool = True  # for a limit that was not met twice
    sizes: int = 0  # of requests, that were tried as fast as the node answers
    sure: bool = False  # what is counted has shown
    larger: bool = False  # requests hold more calls than they need to, until it has
    falls: int = 0  # of the base, one after the other
    returns_in: float = _FIRST_RETURN
    again: bool = False  # it was met within a second of the last time: its second was not over yet
    batch: int = ANY_NUMBER  # calls in a request, as far as refusals tell
    before: Taken | None = None  # at the last refusal that named a rate

    def allowed(self, growing: float) -> float | None:
        """What is counted, a second, after so many seconds of growth; None where there is no such limit any longer."""
        if self.base is None:
            return None
        if self.searching:
            return float(self.base * _FASTEST_GROWTH**growing)
        beyond = growing - self.returns_in
        grown = 1 + _BACK_OFF * (beyond / (self.returns_in * (_CARE if beyond > 0 else 1))) ** 3
        return None if grown >= _LIMIT_GONE and growing > _GONE_AFTER else self.base * grown

    def held(self, allowed: float) -> int:
        """How many calls one request holds, where so much is allowed a second."""
        if self.by_request:
            return self.batch
        requests = _REQUESTS_AT_FIRST if self.larger else REQUESTS_A_SECOND
        if (self.sure or self.in_part) and not self.searching:
            requests = _REQUESTS_IF_CALLS_COUNT
        return max(1, min(self.batch, int(allowed / requests)))

    def met(self, allowed: float | None, taken: Taken) -> NodeLimit:
        """What is known once a node that took so much of what was allowed (None: anything) asks for fewer."""
        if allowed is None and not self.in_part:
            if self.sizes == 0 and taken.less:
                return replace(self, sizes=1, batch=max(1, taken.most // _SMALL))
            if self.sizes == 1:
                return replace(self, sizes=2, batch=self.batch * _LARGER, before=replace(taken, long=True))
        if allowed is not None and not taken.long and not self.again:
            return replace(self, again=True)
        return self._found(allowed, taken)

    def _found(self, allowed: float | None, taken: Taken) -> NodeLimit:
        """The rate that follows from it, and whether what is counted is still to be shown."""
        by_request = self._counts_requests(taken)
        known = replace(
            self,
            by_request=by_request,
            before=self.before if self.before is not None and self._between(taken) else taken,
            again=False,
        )
        found = max(_SLOWEST, taken.requests if by_request else taken.calls)
        if allowed is None and not by_request and taken.most > _COARSE * found:
            found = sqrt(found * taken.most)
        if allowed is None or by_request is not self.by_request:
            batch = ANY_NUMBER if self.sizes else self.batch
            sure = self.sizes == FIRST_SIZES or self.larger
            return replace(known, base=found, searching=allowed is None, batch=batch, sure=sure, larger=False)
        if not self.searching:
            fitted = 0.0 if by_request or self.in_part else (taken.most - taken.recent) / 2  # of what was refused whole
            found = max(found, min(taken.recent + fitted, found * _UNEVEN))
        base = min(allowed, max(found, allowed / 2))
        falls = self.falls + 1 if self.base is not None and base < _FALL * self.base else 0
        unsure = falls >= _FALLS or not (self.sure or taken.by_growth)
        if unsure and not (self.in_part or self.larger or by_request):
            before = taken if taken.long or self.before is None else self.before
            return replace(known, base=base, larger=True, before=before, searching=True, falls=0)
        shown = taken.long and abs(self._held(taken)) >= _OTHERWISE
        return replace(
            known,
            base=base,
            falls=falls,
            returns_in=self.returns_in if self.searching else min(_LAST_RETURN, 2 * self.returns_in),
            searching=self.searching and not taken.long,
            sure=self.sure or taken.by_growth or (self.larger and shown),
            larger=self.larger and not shown,
        )

    def _counts_requests(self, taken: Taken) -> bool:
        """Whether requests are counted: which of the two stayed, when requests came to hold more or fewer calls."""
        if self.in_part or taken.by_growth:
            return False
        if self.before is None:
            return taken.calls < _SINGLE * taken.requests
        held = self._held(taken)
        if not taken.long or abs(held) < _OTHERWISE:
            return self.by_request
        calls = log(taken.calls / self.before.calls)
        return abs(calls - held) < abs(calls)

    def _held(self, taken: Taken) -> float:
        """How many more calls a request held than before, as a logarithm."""
        before = self.before or taken
        return log(taken.calls / taken.requests) - log(before.calls / before.requests)

    def _between(self, taken: Taken) -> bool:
        """Whether it cannot be compared, and a later one may have to be, with what was taken before."""
        return not taken.long or _ALIKE < abs(self._held(taken)) < _OTHERWISE
