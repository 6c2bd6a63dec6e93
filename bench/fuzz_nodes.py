"""Every parser of what nodes and receivers answer, under random mutation: each input ends in a value or in an error of
ours, never in anything else.

    python -m bench.fuzz_nodes                          # all targets in turn, ten minutes
    python -m bench.fuzz_nodes evm bitcoind --seconds 60 --seed 7

Parsers are in `fuzzed_parsers` and `fuzzed_families`, whole nodes in `fuzzed_nodes`. Prints the counts, and each bug
once with the input that met it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from typing import Final

from bench.fuzzed_families import family_parsers
from bench.fuzzed_nodes import nodes
from bench.fuzzed_parsers import Target, parsers
from bench.mutation import mutated

TARGETS: Final[dict[str, Target]] = dict(parsers()) | dict(family_parsers()) | nodes()
"""By name."""

_IN_A_ROW: Final = 20  # inputs of one parser; a whole node takes as long as these


def fuzz(names: Sequence[str], seconds: float, seed: int) -> tuple[Counter[str], dict[str, str]]:
    """How many inputs each target took, and the bugs: by what was raised, where it was and what met it."""
    counts: Counter[str] = Counter()
    bugs: dict[str, str] = {}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name in names:
            for _ in range(1 if name.startswith("node ") else _IN_A_ROW):
                counts[name] += 1
                raised = tried(TARGETS[name], random.Random(f"{seed}/{name}/{counts[name]}"))
                if raised is not None:
                    bugs.setdefault(f"{name}: {raised[0]}", f"seed {seed}, input {counts[name]}\n{raised[1]}")
    return counts, bugs


def tried(target: Target, luck: random.Random) -> tuple[str, str] | None:
    """One mutated input: what was raised that should not have been, and where."""
    data = mutated(luck.choice(target.seeds), luck)
    try:
        target.run(data, luck)
    except target.allowed:
        return None
    except Exception:  # noqa: BLE001 - which is what is looked for
        lines = traceback.format_exc().strip().splitlines()
        return lines[-1][:200], f"{data[:300]!r}\n" + "\n".join(lines[-9:])
    return None


def main() -> int:
    """Returns 1 where there was a bug."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="*", help="part of a target's name; default: all")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    names = [name for name in TARGETS if not arguments.target or any(part in name for part in arguments.target)]
    counts, bugs = fuzz(names, arguments.seconds, arguments.seed)
    for name, count in counts.items():
        print(f"{count:>12,}  {name}")
    print(f"{counts.total():>12,}  inputs, {len(bugs)} bugs")
    for what, told in bugs.items():
        print(f"\n{what}\n{told}")
    return 1 if bugs else 0


if __name__ == "__main__":
    sys.exit(main())
