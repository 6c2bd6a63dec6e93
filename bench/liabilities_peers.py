"""Exchanges' own verifiers beside ours, on the same files: how long each takes, and which forged files each lets pass.

    python -m bench.liabilities_peers --okx CHECKOUT/zk_STARK --bitmex CHECKOUT

Nothing of theirs is in this repository. OKX's is github.com/okx/proof-of-reserves, zk_STARK/ as it was in 2023 (which
needs `pycryptodome`); BitMEX's is github.com/BitMEX/proof-of-reserves-liabilities. Each runs in a process of its own,
of which only the verifying is timed, as with ours. What is not given is said to be not here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bench.peer_scripts import verify_bitmex, verify_okx_stark
from scanner.proofs.liabilities import File, NotUnderstood, Published, Refuted, find_scheme
from tests.support.liabilities.liability_trees import bitmex_tree, json_file
from tests.support.liabilities.published_files import file
from tests.support.liabilities.stark_sets import Kind, made

ACCOUNTS: Final = 1 << 15  # of BitMEX's tree, each of two leaves
TIMEOUT: Final = 300  # seconds of one process


def okx(checkout: Path | None, folder: Path) -> str:
    """OKX's zk-STARK: three sum proofs and four customers, and each known way to forge them."""
    sets = {kind.name.lower(): made(kind).files for kind in Kind}
    for name, files in sets.items():
        for path, text in files.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text)
    judge = find_scheme("okx-stark-v1").judge
    ours = {
        name: _passes(lambda files=files: judge(Published(_files(files))))  # type: ignore[misc]
        for name, files in sets.items()
    }
    seconds = _best(lambda: judge(Published(_files(sets["honest"]))))
    theirs = checkout and _ask(verify_okx_stark.__file__, str(checkout), *(str(folder / name) for name in sets))
    what = "okx-stark-v1, 3 sum proofs and 4 customers"
    return _told(f"{what}: ours {7 / seconds:,.0f} entries a second", seconds, ours, theirs, "--okx")


def bitmex(checkout: Path | None, folder: Path) -> str:
    """BitMEX's tree: every node of it, and one account; and two trees that are forged elsewhere than on its paths."""
    lines, users = bitmex_tree([97 * each % 10**9 for each in range(ACCOUNTS)])
    edited = [*lines[:-1], f"{lines[-1].partition(',')[0]},{10**15}"]
    root = lines[1].partition(",")
    debts, _ = bitmex_tree([-(10**15) if each == ACCOUNTS - 1 else 97 * each % 10**9 for each in range(ACCOUNTS)])
    trees = {
        "honest": lines,
        "an amount edited": edited,
        "the total edited": [lines[0], f"{root[0]},1", *lines[2:]],
        "a debt": debts,
    }
    for name, text in trees.items():
        (folder / name).write_text("\n".join(text) + "\n")
    own, includes = json_file(users[0]), find_scheme("bitmex").includes

    def ask(name: str) -> object:
        return includes(Published((file((folder / name).read_bytes(), "tree.csv"),)), own)

    ours = {name: _passes(lambda name=name: ask(name)) for name in trees}  # type: ignore[misc]
    seconds = _best(lambda: ask("honest"))
    account, nonce = str(users[0]["account"]), str(users[0]["account_nonce"])
    paths = [str(folder / name) for name in trees]
    theirs = checkout and _ask(verify_bitmex.__file__, str(checkout), account, nonce, *paths)
    what = f"bitmex, a tree of {2 * ACCOUNTS:,} leaves and one account"
    return _told(f"{what}: ours {2 * ACCOUNTS / seconds:,.0f} leaves a second", seconds, ours, theirs, "--bitmex")


def _files(texts: Mapping[str, str]) -> tuple[File, ...]:
    return tuple(file(text, name) for name, text in texts.items())


def _passes(judge: Callable[[], object]) -> bool:
    try:
        judge()
    except (Refuted, NotUnderstood):
        return False
    return True


def _best(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)


def _ask(script: str | None, *arguments: str) -> Mapping[str, Any]:
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        return {"failed": done.stderr.strip().rpartition("\n")[2][:200]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _told(text: str, seconds: float, ours: Mapping[str, bool], theirs: Mapping[str, Any] | None, option: str) -> str:
    if theirs is None:
        text += f"; the exchange's own verifier is not here (give it with {option})"
    elif "failed" in theirs:
        text += f"; the exchange's own verifier failed: {theirs['failed']}"
    else:
        text += f"; the exchange's own verifier takes {theirs['seconds'] / seconds:.2f} times our time"
    for name, passed in ours.items():
        known = "" if theirs is None or "failed" in theirs else f", theirs {_word(theirs['passed'][name])}"
        text += f"\n  {name}: ours {_word(passed)}{known}"
    return text


def _word(passed: bool) -> str:
    return "passes" if passed else "refuses"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the exchanges' own verifiers are."""
    parser.add_argument("--okx", type=Path, help="the zk_STARK folder of a checkout of OKX's repository")
    parser.add_argument("--bitmex", type=Path, help="a checkout of BitMEX's repository")


def beside(given: argparse.Namespace) -> Iterator[str]:
    """A paragraph for each."""
    with tempfile.TemporaryDirectory() as folder:
        yield okx(given.okx, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield bitmex(given.bitmex, Path(folder))


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    for paragraph in beside(parser.parse_args()):
        print(paragraph, flush=True)


if __name__ == "__main__":
    main()
