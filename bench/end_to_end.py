"""The largest published files through the whole scanner, each command a process of its own, as its users run it.

    python -m bench.end_to_end [--shape okx|binance] [--rows N] [--folder FOLDER]

Without `--shape` both, with as many rows as the exchanges' largest files have. Local nodes hold what the file says
(`bench.big_nodes`), so the scan has to find every unit COVERED at a ratio of exactly 1, every row read, and no row that
differs; the totals it is held against are the generator's, made without the scanner's code. `import` writes a claim
from the file alone, `scan` and `verify` take the claim with its liabilities.

Time is that of the process, start and imports included, from modules that are compiled, as pip installs them; memory is
the most that it ever held (ru_maxrss). Beside it
stands what it takes to look at each byte of the same input with nothing but Python's csv module and a running sum.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from bench.big_files import SHAPES, Shape, Totals
from bench.big_nodes import running, write_claim, write_nodes

_BARE = """
import csv, sys
from decimal import Decimal
read, total = 0, Decimal(0)
with open(sys.argv[1], newline="") as file:
    for row in csv.reader(file):
        read += 1
        for cell in row[1:]:
            if cell.replace(".", "", 1).isdigit():
                total += Decimal(cell)
                break
print(read, total)
"""


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    seconds: float
    cpu: float
    peak: int  # MB
    output: str


@cache
def as_installed() -> dict[str, str]:
    """The environment of a user whose modules are compiled, which they are from here on."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-m", "compileall", "-q", "scanner"], check=True, env=environment)
    return environment


def stage(name: str, *command: str) -> Stage:
    """Runs the command to its end. Exits where it fails."""
    environment = as_installed()
    with tempfile.TemporaryFile() as told:
        started = time.monotonic()
        process = subprocess.Popen([sys.executable, *command], stdout=told, stderr=sys.stderr, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        output = told.read().decode()
    if process.returncode:
        sys.exit(f"{name} ended with {process.returncode}: {output[-2000:]}")
    done = Stage(name, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, output)
    print(f"  {name:<8} {seconds:>8.1f} s {done.cpu:>8.1f} s of CPU {done.peak:>6} MB at most", flush=True)
    return done


def measure(shape: Shape, count: int, folder: Path) -> None:
    """All stages over one file; prints a line for each, and ends with an error where a figure is wrong."""
    with running(shape, count, folder) as network:
        write_nodes(folder / "nodes.yaml", network)
        claim, out = folder / "claim.yaml", folder / "out"
        write_claim(claim, shape, network)
        key, public = folder / "auditor.pem", folder / "auditor.pub"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
        subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)], check=True)
        print(f"{shape.name}, {count:,} rows, {network.file.stat().st_size / 1e6:,.0f} MB", flush=True)
        scanner = ("-m", "scanner")
        stages = [
            stage("bare csv", "-c", _BARE, str(network.file)),
            stage(
                "import",
                *scanner,
                "import",
                str(network.file),
                "--layout",
                shape.name,
                "--out",
                str(folder / "imported.yaml"),
                "--as-of",
                "2026-01-01T00:00:00Z",
                "--force",
            ),
            stage("scan", *scanner, "scan", str(claim), "--out", str(out), "--key", str(key), "--json"),
            stage(
                "verify",
                *scanner,
                "verify",
                str(out / "attestation.dsse.json"),
                "--claim",
                str(claim),
                "--key",
                str(public),
                "--json",
            ),
        ]
        check(stages[2], network.totals, count)
        check(stages[3], network.totals, count)
        size = (out / "evidence.csv.gz").stat().st_size
        for each in stages[1:]:
            times = each.cpu / stages[0].cpu
            print(f"  {each.name:<8} {count / each.cpu:>10,.0f} rows a second of CPU, {times:.1f} times bare csv")
        print(f"  evidence {size / 1e6:,.1f} MB, {size / count:.1f} bytes a row")


def check(done: Stage, totals: Totals, count: int) -> None:
    """That what was found is what was planted, to the atom."""
    finding = json.loads(done.output)["finding"]
    reserves = {reserve["unit"]: reserve for reserve in finding["reserves"]}
    held: dict[str, Fraction] = {}
    for coverage in finding["coverage"]:
        if coverage["holdings"] != coverage["read"] or coverage["disagreeing"]:
            sys.exit(f"{done.name}: not all of {coverage['asset']} was found as planted: {coverage}")
    for reserve in reserves.values():
        held[reserve["unit"]] = Fraction(reserve["held"])
    planted = sum((total.claimed for total in totals.values()), Fraction(0))
    rows = sum(reserve["holdings"] for reserve in reserves.values())
    if finding["verdict"] != "COVERED" or sum(held.values(), Fraction(0)) != planted or rows != count:
        sys.exit(f"{done.name}: {finding['verdict']}, {rows:,} rows, {held}; planted {planted} in {count:,} rows")
    if any(reserve["ratio"] != "1.000000" or reserve["gaps"] for reserve in reserves.values()):
        sys.exit(f"{done.name}: a ratio is not 1, or a row is missing")


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.end_to_end", description="The largest files, import to verify.")
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--folder", type=Path, help="kept, for looking into; a temporary one if left out")
    given = parser.parse_args()
    for name in [given.shape] if given.shape else SHAPES:
        folder = given.folder or Path(tempfile.mkdtemp(prefix="end-to-end-"))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            measure(SHAPES[name], given.rows or SHAPES[name].size, folder)
        finally:
            if given.folder is None:
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
