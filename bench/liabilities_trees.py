"""What `liabilities` times of the hash trees: whole trees that are made here level by level, and customers' paths.

    python -m bench.liabilities_trees [leaves]          also a tree in a file, with the memory that it took to judge

A whole tree is written without keeping its lines, so that one of ten million leaves can be made as well.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from bench.liabilities_zk import Job
from scanner.proofs.liabilities import Published, find_scheme
from scanner.sources.cursor import Cursor
from scanner.sources.liabilities import judge_proof
from scanner.sources.proof_files import ProofFile
from scanner.sources.stated_liabilities import NamedProof, ProofReference, StatedLiability
from scanner.sources.yaml_document import Absent, Notes
from scanner.weighing.claim import Liability
from tests.support.liabilities.liability_trees import BITMEX_HEIGHT, PATH_SCHEMES, cases
from tests.support.liabilities.published_files import file

LEAVES: Final = 1 << 16
_NODE: Final = 40  # bytes: the hash, and the amount


def whole_trees() -> Iterator[Job]:
    """Both formats of whole trees, with `LEAVES` leaves."""
    for scheme in ("bitmex", "okx-merkle-v2"):
        with tempfile.TemporaryFile() as made:
            write(scheme, LEAVES, made)
            made.seek(0)
            published = Published((file(made.read(), "tree"),))
        judge = find_scheme(scheme).judge
        yield Job(
            f"{scheme}, every node",
            LEAVES,
            lambda judge=judge, of=published: judge(of),
            published,
            judge,  # type: ignore[misc]
        )


def paths() -> Iterator[Job]:
    """A customer's file of each scheme that has paths, in a small tree."""
    for scheme in (*PATH_SCHEMES, "swissborg"):
        case = cases()[scheme]
        published, includes = Published(case.published, root=case.root), find_scheme(scheme).includes
        yield Job(
            f"{scheme}, a customer's file",
            1,
            lambda includes=includes, of=published, user=case.users[0]: includes(of, user),  # type: ignore[misc]
        )


def write(scheme: str, leaves: int, out: IO[bytes]) -> None:
    """A tree of so many leaves, its amounts made up. BitMEX's has a power of two of them."""
    levels = [b"".join(_node(hashlib.sha256(b"%d" % each).digest(), each * 7919 % 10**9) for each in range(leaves))]
    height = 1
    while len(levels[-1]) > _NODE:
        if len(levels[-1]) // _NODE % 2:  # padding: the last one's hash again, and nothing owed
            levels[-1] += levels[-1][-_NODE:-8] + bytes(8)
        below, height = levels[-1], height + 1
        pairs = range(0, len(below), 2 * _NODE)
        levels.append(b"".join(_parent(scheme, below[at : at + 2 * _NODE], height) for at in pairs))
    if scheme == "bitmex":
        out.write(b"block_height:%d\n" % BITMEX_HEIGHT)
    for height in range(len(levels), 0, -1):
        _write_level(scheme, levels[height - 1], height, out)


def _node(digest: bytes, amount: int) -> bytes:
    return digest + amount.to_bytes(8, "little")


def _amount(node: bytes) -> int:
    return int.from_bytes(node[32:], "little")


def _parent(scheme: str, pair: bytes, height: int) -> bytes:
    left, right = pair[:_NODE], pair[_NODE:]
    amount = _amount(left) + _amount(right)
    if scheme == "bitmex":
        return _node(hashlib.sha256(pair).digest(), amount)
    text = left[:32].hex().encode() + right[:32].hex().encode() + _decimal(amount) * 3 + b"%d" % height
    return _node(hashlib.sha256(text).digest(), amount)


def _decimal(amount: int) -> bytes:
    text = b"%d.%08d" % divmod(amount, 10**8)
    return text.rstrip(b"0").rstrip(b".")


def _write_level(scheme: str, level: bytes, height: int, out: IO[bytes]) -> None:
    for at in range(0, len(level), _NODE):
        if scheme == "bitmex":
            node = level[at : at + _NODE]
            out.write(b"%b,%d\n" % (node[:32].hex().encode(), _amount(node)))
        else:  # from right to left
            node = level[len(level) - _NODE - at : len(level) - at]
            amount = _decimal(_amount(node))
            out.write(
                b'%b,%d,{"BTC":"%b","ETH":"%b","USDT":"%b"}\n'
                % (node[:32].hex().encode(), height, amount, amount, amount)
            )


def main() -> None:
    """One tree in a file, judged as a claim's is: on all processors."""
    leaves = int(sys.argv[1]) if sys.argv[1:] else 1 << 20
    for scheme in sys.argv[2:] or ("bitmex", "okx-merkle-v2"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tree"
            with path.open("wb") as out:
                write(scheme, leaves, out)
            _judge(scheme, leaves, path)


def _judge(scheme: str, leaves: int, path: Path) -> None:
    """In a process of its own, so that its memory is its own."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", f"from bench.liabilities_trees import judged; judged({scheme!r}, {str(path)!r})"],
        check=True,
        capture_output=True,
        text=True,
    )
    print(f"{scheme}: {leaves:,} leaves, {path.stat().st_size / 2**20:,.0f} MiB: {done.stdout.strip()}", flush=True)


def judged(scheme: str, path: str) -> None:
    """What judging the file took: seconds and the largest memory of this process and of those that helped."""
    where = Path(path)
    digest = hashlib.sha256()
    with where.open("rb") as content:
        while piece := content.read(1 << 20):
            digest.update(piece)
    stated = StatedLiability(Cursor(Absent(1), "", Notes("")), Liability("BTC", None))
    named = NamedProof(ProofReference(scheme, (ProofFile(where.name, digest.hexdigest()),)), (stated,))
    before = _most_memory()
    started = time.perf_counter()
    result = judge_proof(named, where.parent)
    seconds = time.perf_counter() - started
    if result.shown is None:
        raise AssertionError(result.reason)
    most = _most_memory()
    helped = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    rate = result.shown.entries / seconds
    print(
        f"{seconds:.1f} s, {rate:,.0f} leaves a second; {most} MiB at most ({before} before), {helped} in each helper"
    )


def _most_memory() -> int:
    """MiB that this process had at most; of what the process that started it had, `getrusage` would tell too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main()
