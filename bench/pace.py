"""How near a scan comes to what a provider's limit allows, in virtual time: exact, and the same on every machine.

    python -m bench.pace [--quick]

The product's own gate, pace, reader and panel read native balances in JSON-RPC batches, the one way that every provider
takes, from a made-up provider (tests/support/simulated/provider.py). The floor is rows divided by the limit, or batches
of a hundred where requests are counted; where that is less than the round trips of a scan without a limit, those.
Each line is the worst of three round trips: 20 ms, 80 ms, and any between. Refused: the share of requests that met the
limit in the second half of the run, and after its first four seconds, or two where it is short. In a run of seven
seconds these are some 70 requests, of which four are more than 5 %, and in some the pace is found only at the fifth
second: where one of the three has fewer than ENOUGH, the three are counted together, and the line ends in how many were
refused.

A limit is a bucket that fills steadily, whole seconds by a clock, or the second that ends now (sliding). The last of
these answers a first burst with a second of silence, which no run of some seconds makes up for: it is counted apart.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from tests.support.simulated.paced import Paced, paced
from tests.support.simulated.provider import Counts, Provider, Refuses, Window

LIMITS = (10, 25, 50, 100, 300)  # a second
ROWS = (2_000, 8_000, 20_000)
TRIPS = (0.02, 0.08), (0.02, 0.02), (0.08, 0.08)  # seconds, at least and at most
GOAL, REFUSED = 1.25, 0.05
ENOUGH = 100  # requests, of fewer of which one more or less refused is a percent and more


def share_refused(runs: Sequence[Paced]) -> tuple[float, str]:
    """The largest share, or that of all together and of how many it is, where a run has few requests."""
    if all(run.asked >= ENOUGH for run in runs):
        return max(run.refused for run in runs), ""
    met, asked = sum(run.met for run in runs), sum(run.asked for run in runs)
    return met / max(1, asked), f"  {met} of {asked}"


def main(*, quick: bool = False) -> None:
    print(f"{'counts':<10}{'refuses':<9}{'window':<8}{'limit':>6}{'rows':>8}{'floor s':>9}{'times':>7}{'refused':>9}")
    cells, missed = Counter[bool](), Counter[bool]()
    for counts in Counts:
        for refuses in Refuses if counts is not Counts.REQUESTS else (Refuses.WHOLE,):
            for window in Window:
                for limit in LIMITS:
                    for rows in ROWS[-1:] if counts is Counts.REQUESTS else ROWS[:1] if quick else ROWS:
                        runs = [
                            paced(Provider(limit, counts, refuses, window, round_trip=trip), rows) for trip in TRIPS
                        ]
                        times, (refused, told) = max(run.times_the_floor for run in runs), share_refused(runs)
                        bad = times > GOAL or refused > REFUSED
                        cells[window is Window.SLIDING] += 1
                        missed[window is Window.SLIDING] += bad
                        print(
                            f"{counts.name.lower():<10}{refuses.name.lower():<9}{window.name.lower():<8}{limit:>6}"
                            f"{rows:>8,}{runs[0].floor:>9.1f}{times:>7.2f}{refused:>9.1%}"
                            f"{'  missed' if bad else ''}{told}",
                            flush=True,
                        )
    for sliding, name in ((False, "bucket and clock"), (True, "sliding")):
        print(f"{name}: {missed[sliding]} of {cells[sliding]} above {GOAL} times the floor, or {REFUSED:.0%} refused")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
