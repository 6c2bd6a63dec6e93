"""How fast proofs of liabilities are judged: entries a second, by scheme, on one processor and on all.

    python -m bench.liabilities [scheme ...] [--okx CHECKOUT/zk_STARK] [--bitmex CHECKOUT]

Everything is made up by provers of our own, honest, and judged as `scanner` judges it. Times are the best of three.
With all schemes, which is the default, exchanges' own verifiers follow, on the same files (`liabilities_peers`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from os import cpu_count
from typing import Any, Final

from bench import liabilities_peers, liabilities_trees, liabilities_zk

MEASURED: Final[dict[str, Callable[[], Iterator[liabilities_zk.Job]]]] = {
    "trees": liabilities_trees.whole_trees,
    "paths": liabilities_trees.paths,
    "okx-stark-v1": liabilities_zk.okx_stark,
    "okx-plonky2": liabilities_zk.okx_plonky2,
    "binance": liabilities_zk.binance,
    "gate": liabilities_zk.gate,
    "groth16": liabilities_zk.groth16,
}
"""By scheme: the jobs to be timed."""


def best_of(times: int, run: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)


def _rate(entries: int, seconds: float) -> str:
    rate = entries / seconds
    return f"{rate:>12,.{0 if rate >= 100 else 1}f}"


def main() -> None:
    """Prints a line a job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("schemes", nargs="*", metavar="scheme", help=", ".join(MEASURED))
    liabilities_peers.add_arguments(parser)
    given = parser.parse_args()
    chosen = given.schemes or list(MEASURED)
    if strange := set(chosen) - set(MEASURED):
        parser.error(f"no scheme is called {min(strange)}; known are {', '.join(MEASURED)}")
    processors = cpu_count() or 1
    print(f"{'':<58} {'entries':>9} {'a second':>12} {f'on {processors}':>12}")
    with ProcessPoolExecutor(processors) as pool:
        for scheme in chosen:
            for job in MEASURED[scheme]():
                alone = best_of(3, job.run)
                line = f"{scheme + ': ' + job.what:<58} {job.entries:>9,} {_rate(job.entries, alone)}"
                if job.published is not None and job.judge is not None:
                    spread: Any = replace(job.published, each=pool.map)
                    together = best_of(3, lambda job=job, spread=spread: job.judge(spread))
                    line += f" {_rate(job.entries, together)}"
                print(line, flush=True)
    if not given.schemes:
        for paragraph in liabilities_peers.beside(given):
            print(paragraph, flush=True)


if __name__ == "__main__":
    main()
