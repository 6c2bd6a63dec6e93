"""How near a scan comes to what a provider's limit allows, in virtual time: exact, and the same on every machine.

    python -m bench.pace [--quick]

The product's own gate, pace, reader and panel read native balances in JSON-RPC batches, the one way that every provider
takes, from a made-up provider (tests/support/simulated/provider.py). The floor is rows divided by the limit, or batches
of a hundred where requests are counted. Refused: the share of requests that met the limit in the second half of the
run.
"""

from __future__ import annotations

import sys

from tests.support.simulated.paced import paced
from tests.support.simulated.provider import Counts, Provider, Refuses, Window

LIMITS = {10: 2_000, 25: 2_000, 50: 4_000, 100: 8_000, 300: 20_000}  # a second, and how many rows are read


def main(*, quick: bool = False) -> None:
    print(
        f"{'counts':<10}{'refuses':<9}{'window':<8}{'limit':>6}{'rows':>8}"
        f"{'floor s':>9}{'s':>8}{'times':>7}{'refused':>9}"
    )
    for counts in Counts:
        for refuses in Refuses if counts is not Counts.REQUESTS else (Refuses.WHOLE,):
            for window in Window:
                for limit, rows in LIMITS.items():
                    asked = rows // 4 if quick else rows
                    if counts is Counts.REQUESTS:
                        asked = 20_000
                    provider = Provider(limit, counts, refuses, window)
                    went = paced(provider, asked)
                    print(
                        f"{counts.name.lower():<10}{refuses.name.lower():<9}{window.name.lower():<8}{limit:>6}{asked:>8,}"
                        f"{went.floor:>9.1f}{went.seconds:>8.1f}{went.times_the_floor:>7.2f}{went.refused:>9.1%}",
                        flush=True,
                    )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv[1:])
