"""How fast published files are read, and in how much memory, at the sizes that exchanges publish.

    python -m bench.published [okx|binance|bitmex] [rows]      all three, at 212,442, 4,181,656 and 200,000 rows
    python -m bench.published --read FILE

The files are those of `big_files`, with rows of chains that no backend serves, so that all ways of spelling an account
are read; and one of BitMEX's form, made here. Each is read in a process of its own. `survey` is the first reading,
which accounts for all rows and finds repeats; `stream` is the second, which gives them out. Rates are per second of
processor time, memory is the most the process ever held, and what it held before the file was opened.
"""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import big_files
from scanner.core import base58
from scanner.sources.published import read_published

SIZES = {**{name: shape.size for name, shape in big_files.SHAPES.items()}, "bitmex": 200_000}


def bitmex_lines(rows: int, seed: int = 1) -> Iterator[str]:
    """BitMEX's YAML, with keys sorted as its writers sort them."""
    draw = random.Random(seed)
    yield "address:"
    for _ in range(rows):
        yield f"- addr: {base58.encode_check(bytes([5]) + draw.randbytes(20))}"
        yield "  addr_type: sh"
        yield f"  script: '53{draw.randbytes(262).hex()}54ae'"
        yield f"  value: {draw.randrange(10**9)}"
    yield "chain: main"
    yield "claim: {m: 3, n: 4}"
    yield "height: 693062"
    yield "total: 1"


def write(shape: str, rows: int, path: Path) -> None:
    """A file of that shape, packed as the exchange packs it."""
    if shape != "bitmex":
        big_files.write(big_files.SHAPES[shape], rows, path, everywhere=True)
        return
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.writelines(line + "\n" for line in bitmex_lines(rows))


def most_memory() -> int:
    """MiB that this process held at most. Not getrusage's figure, which a child inherits from its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def measure(path: Path) -> None:
    """Reads `path` in this process and prints what it took."""
    before = most_memory()
    start = time.process_time()
    published = read_published(path)
    surveyed = time.process_time()
    given = sum(1 for _ in published)
    streamed = time.process_time()
    account = published.account
    print(
        f"{published.parts[0].layout:>9} {account.read:>10,} {account.accepted:>10,} {path.stat().st_size >> 20:>6} MiB"
        f" {account.read / (surveyed - start):>11,.0f} {given / (streamed - surveyed):>11,.0f}"
        f" {account.read / (streamed - start):>11,.0f} {before:>6} {most_memory():>6} MiB"
    )


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        measure(Path(sys.argv[2]))
        return
    shapes = sys.argv[1:2] or list(SIZES)
    print(
        f"{'layout':>9} {'rows':>10} {'accepted':>10} {'packed':>10} {'survey/s':>11} {'stream/s':>11} {'both/s':>11}"
        f" {'before':>6} {'most':>10}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as directory:
        for shape in shapes:
            rows = int(sys.argv[2].replace(",", "")) if len(sys.argv) > 2 else SIZES[shape]
            path = Path(directory) / f"{shape}.zip"
            write(shape, rows, path)
            subprocess.run([sys.executable, "-m", "bench.published", "--read", str(path)], check=True)


if __name__ == "__main__":
    main()
