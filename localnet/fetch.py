"""Which program to run: named by a variable, on PATH, fetched before, or fetched now; in this order.

`python -m localnet.fetch [anvil] [bitcoind] [hardhat]` makes sure that these are there (the first two where none is
named) and prints their commands.

Not in here: how a program is fetched (`npm.py`, `debian.py`, `pythons.py`), or started (`process.py`). Nothing outside
the cache folder is ever written.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localnet import debian, npm, pythons
from localnet.errors import LocalnetError, NodeMissing
from localnet.shell import say

CACHE_VARIABLE = "RESERVE_SCANNER_NODES"
LOCK_SECONDS = 900  # a fetch by another process takes seconds; a slow mirror, minutes


@dataclass(frozen=True, slots=True)
class Program:
    """One program and all the ways to it: named by `variable` (which may be ""), on PATH, or fetched.

    `fetch(folder)` fills an empty folder; `command(folder)` is the argv prefix that starts what it holds.
    `advice` completes the sentence "cannot run NAME: ..." for a person who has to install it himself.
    """

    name: str
    variable: str
    release: str
    advice: str
    fetch: Callable[[Path], None]
    command: Callable[[Path], list[str]]


ANVIL = Program(
    name="anvil",
    variable="RESERVE_SCANNER_ANVIL",
    release=npm.RELEASE,
    advice="install anvil 1.7 or newer (part of Foundry)",
    fetch=npm.fetch_anvil,
    command=npm.anvil_command,
)
BITCOIND = Program(
    name="bitcoind",
    variable="RESERVE_SCANNER_BITCOIND",
    release=debian.BITCOIND.release,
    advice="install Bitcoin Core or Bitcoin Knots 29 or newer",
    fetch=debian.BITCOIND.fetch,
    command=debian.BITCOIND.command,
)
LITECOIND = Program(
    name="litecoind",
    variable="RESERVE_SCANNER_LITECOIND",
    release=debian.LITECOIND.release,
    advice="install Litecoin Core 0.21.2 or newer",
    fetch=debian.LITECOIND.fetch,
    command=debian.LITECOIND.command,
)
PYTHONS = {
    each.version: Program(
        name=each.name,
        variable="",
        release=each.release,
        advice=f"install Python {each.version}",
        fetch=each.fetch,
        command=each.command,
    )
    for each in pythons.PYTHONS
}


def anvil() -> list[str]:
    """The argv prefix of a usable anvil. Raises NodeMissing."""
    return command_of(ANVIL)


def bitcoind() -> list[str]:
    """The argv prefix of a usable bitcoind. Raises NodeMissing."""
    return command_of(BITCOIND)


def litecoind() -> list[str]:
    """The argv prefix of a usable litecoind. Raises NodeMissing."""
    return command_of(LITECOIND)


def cache_folder() -> Path:
    """Where fetched programs live: `$RESERVE_SCANNER_NODES`, else `.nodes` beside this package."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).absolute() if named else Path(__file__).resolve().parent.parent / ".nodes"


def command_of(program: Program) -> list[str]:
    """The argv prefix that starts `program`, fetching it if it is nowhere to be found. Raises NodeMissing."""
    named = os.environ.get(program.variable)
    if named:
        found = shutil.which(named)
        if found is None:
            raise NodeMissing(f"{program.variable} names no program that can be run; {program.advice}, or unset it")
        return [str(Path(found).absolute())]
    on_path = shutil.which(program.name)
    if on_path is not None:
        return [str(Path(on_path).absolute())]
    return fetched(program)


def fetched(program: Program) -> list[str]:
    """The argv prefix of `program` as the cache has it, fetched if it is not there yet. Raises NodeMissing."""
    folder = cache_folder() / program.release
    if not folder.is_dir():
        try:
            _fetch_into(folder, program)
        except (LocalnetError, OSError) as reason:
            raise NodeMissing(
                f"cannot run {program.name}: {program.advice} and put {program.name} on PATH"
                f"{f', or name it in {program.variable}' if program.variable else ''}; fetching it failed: {reason}"
            ) from reason
    return program.command(folder)


def viem() -> Path:
    """The folder that viem is installed in, a library of others that tests check ours with. Raises NodeMissing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NodeMissing("cannot run viem: install Node.js, and npm with it")
    return _package("viem", npm.VIEM.replace("@", "-"), npm.fetch_viem)


def hardhat() -> list[str]:
    """The argv prefix of Hardhat, which runs from its own folder alone, whatever is on PATH. Raises NodeMissing."""
    return npm.hardhat_command(_package("hardhat", npm.HARDHAT_RELEASE, npm.fetch_hardhat))


def _package(name: str, release: str, fetch: Callable[[Path], None]) -> Path:
    """The folder that a package of npm's is installed in, once. Raises NodeMissing."""
    folder = cache_folder() / release
    if not folder.is_dir():
        try:
            _fetch_into(folder, Program(name, "", release, "", fetch, lambda _: []))
        except (LocalnetError, OSError) as reason:
            raise NodeMissing(f"cannot install {name}: {reason}") from reason
    return folder


def _fetch_into(folder: Path, program: Program) -> None:
    """Make `folder` appear whole or not at all, once, however many processes want it at the same time."""
    cache = folder.parent
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{program.name}.lock", program.name):
        if folder.is_dir():
            return  # another process fetched it while this one waited
        unfinished = f"unfinished-{program.name}-"
        for left_behind in cache.glob(f"{unfinished}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        workplace = Path(tempfile.mkdtemp(prefix=unfinished, dir=cache))
        try:
            workplace.chmod(0o755)
            program.fetch(workplace)
            workplace.rename(folder)
        finally:
            shutil.rmtree(workplace, ignore_errors=True)


@contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the system lets go of it when the process ends, however it ends."""
    with path.open("w") as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        waiting = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise NodeMissing(f"another process has held {path.name} for {LOCK_SECONDS} s") from None
                if not waiting:
                    say(f"waiting for another process that is fetching {name}")
                    waiting = True
                time.sleep(0.1)
        yield


def main(names: Sequence[str]) -> int:
    """All at once, since each waits for another server."""
    programs: dict[str, Callable[[], list[str]]] = {"anvil": anvil, "bitcoind": bitcoind, "hardhat": hardhat}
    names = names or ["anvil", "bitcoind"]
    if unknown := sorted(set(names) - programs.keys()):
        print(f"no program is fetched as {', '.join(unknown)}: there are {', '.join(programs)}", file=sys.stderr)
        return 2
    missing = []
    with ThreadPoolExecutor(len(programs)) as pool:
        found = {name: pool.submit(programs[name]) for name in names}
        for name, command in found.items():
            try:
                print(f"{name}: {shlex.join(command.result())}")
            except NodeMissing as reason:
                missing.append(str(reason))
    print("\n".join(missing), end="\n" if missing else "", file=sys.stderr)
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
