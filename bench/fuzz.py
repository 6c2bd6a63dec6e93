"""Every parser of what comes from outside, under random mutation: each input ends in a value, or in an error that is
documented, within its time.

    nice -n 19 python -m bench.fuzz                          # all targets in turn, ten minutes
    nice -n 19 python -m bench.fuzz --minutes 1 --seed 7 --only archive --only claim

The parsers of files are in `fuzzed_files`, proofs of liabilities in `fuzzed_liabilities`, stamps in `fuzzed_stamps`,
anchors in `fuzzed_anchors`; those of nodes' answers, where `fuzz_nodes` has them, take part. Prints the counts, and
each bug once with the input that met it, which `--keep FOLDER` writes down. Ends with 1 where there was one.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, Final

from bench import fuzzed_anchors, fuzzed_files, fuzzed_liabilities, fuzzed_stamps

MOST_SECONDS: Final = 20  # of one input: what hangs is stopped then, and is a bug
SLOW_SECONDS: Final = 5.0  # of processor time: what takes longer is a bug too

_IN_A_ROW: Final = 20  # inputs of one target at a time
_ODD: Final = (
    *(b"\0", b"\n", b"\r", b"\r\n", b"\t", b";", b",", b'"', b"'", b"{", b"}", b"[", b"]", b"|", b":", b"- ", b"#"),
    *(b"&a", b"*a", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\x80", "\u202e".encode(), "\u0663".encode(), b"\\N"),
    *(b"null", b"~", b"true", b"-1", b"1e400", b"5E-18", b".5", b"1,5", b"0x", b"NaN", b"-", b"18446744073709551616"),
    *(b"9" * 40, b"9" * 5000, b"0." + b"1" * 61, b"Total", b"Rows: 1", b"(ALL)", b"coin", b"address", b"amount"),
    *(b"amount,amount", b"network", b"unit", b"ETH", b"ETC", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"ustar\0", b"(" * 50),
    *(b"x" * 300, b"[" * 300, b"{" * 300, b'{"a":' * 100, b"- " * 300, b"? " * 300),
)  # fmt: skip
"""What is put into inputs: what texts, tables, YAML and archives mean something by."""


class _TookTooLongError(BaseException):
    """Raised in the middle of what hangs; no handler of `Exception` stops it."""


@dataclass(slots=True)
class Bugs:
    """What was met: by what was raised and where, the first input that did."""

    told: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)  # seconds of processor time, by target


def fuzz(targets: Mapping[str, Any], minutes: float, seed: int) -> tuple[Counter[str], Bugs]:
    """How many inputs each target took, and the bugs. Targets are as `fuzzed_files.Target` is."""
    counts, bugs = Counter[str](), Bugs()
    until = time.monotonic() + 60 * minutes
    seeds = [data for target in targets.values() for data in target.seeds]
    while time.monotonic() < until:
        for name, target in targets.items():
            for _ in range(1 if name.startswith("node ") else _IN_A_ROW):
                counts[name] += 1
                luck = random.Random(f"{seed}/{name}/{counts[name]}")
                data = mutated(luck.choice(target.seeds), seeds, luck)
                _try(name, target, data, luck, bugs)
                if time.monotonic() >= until:
                    break
    return counts, bugs


def mutated(data: bytes, others: Sequence[bytes], luck: random.Random) -> bytes:
    """The input with a few things about it changed."""
    text = bytearray(data)
    for _ in range(luck.choice((1, 1, 1, 2, 3, 8))):
        at = luck.randrange(len(text) + 1)
        end = at + luck.choice((1, 2, 8, 64))
        match luck.randrange(8):
            case 0:
                text[at : at + 1] = bytes([luck.randrange(256)])
            case 1:
                del text[at:end]
            case 2:
                text[at:at] = luck.choice(_ODD)
            case 3:
                text[at:end] = luck.choice(_ODD)
            case 4:
                text[at:end] = text[at:end] * luck.choice((2, 2, 50))
            case 5:
                text[at : at + 1] = bytes(byte ^ 1 << luck.randrange(8) for byte in text[at : at + 1])
            case 6:
                del text[at:]
            case _:
                other = luck.choice(others)
                start = luck.randrange(len(other) + 1)
                text[at:at] = other[start : start + luck.choice((4, 40, 400))]
    return bytes(text)


def _try(name: str, target: Any, data: bytes, luck: random.Random, bugs: Bugs) -> None:
    started = time.process_time()
    try:
        with _stopped_after(MOST_SECONDS):
            target.run(data, luck)
    except target.allowed:
        pass
    except (Exception, _TookTooLongError):  # noqa: BLE001 - which is what is looked for
        lines = traceback.format_exc().strip().splitlines()
        _keep(f"{name}: {lines[-1][:200]}", "\n".join(lines[-9:]), data, bugs)
    took = time.process_time() - started
    bugs.slowest[name] = max(took, bugs.slowest.get(name, 0.0))
    if took > SLOW_SECONDS:
        _keep(f"{name}: slow", f"{took:.1f} s of processor time", data, bugs)


def _keep(what: str, told: str, data: bytes, bugs: Bugs) -> None:
    bugs.told.setdefault(what, f"{data[:300]!r}\n{told}")
    bugs.inputs.setdefault(what, data)


@contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TookTooLongError(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def all_targets() -> dict[str, Any]:
    """Of files, and of nodes where those are here."""
    of_files = fuzzed_files, fuzzed_liabilities, fuzzed_stamps, fuzzed_anchors
    targets: dict[str, Any] = {name: target for each in of_files for name, target in each.targets().items()}
    if find_spec("bench.fuzz_nodes") is not None:
        targets |= import_module("bench.fuzz_nodes").TARGETS
    return targets


def main() -> int:
    """Returns 1 where there was a bug."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="part of a target's name; default: all")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that met a bug")
    arguments = parser.parse_args()
    targets = {
        name: target
        for name, target in all_targets().items()
        if not arguments.only or any(part in name for part in arguments.only)
    }
    counts, bugs = fuzz(targets, arguments.minutes, arguments.seed)
    for name, count in counts.items():
        print(f"{count:>12,}  {name}, the slowest {bugs.slowest[name]:.2f} s")
    print(f"{counts.total():>12,}  inputs, {len(bugs.told)} bugs")
    for number, (what, told) in enumerate(bugs.told.items()):
        print(f"\n{what}\n{told}")
        if arguments.keep is not None:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            (arguments.keep / f"bug-{number}").write_bytes(bugs.inputs[what])
    return 1 if bugs.told else 0


if __name__ == "__main__":
    sys.exit(main())
