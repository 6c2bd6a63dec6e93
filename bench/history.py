"""What a history costs: accounts of claims of 200,000, kept and compared, beside `sort` and `comm` over text files.

    python -m bench.history [accounts]

Two months of one exchange, a hundredth of whose accounts change. `keep` writes the second month into a history that has
the first; `compare` reads what both declare and works out what came and what went. `sort` and `comm` are what one would
do with two lists of addresses and no history: sort both, compare them. They keep nothing, and answer nothing else. The
seconds are of the clock, the least of three; where there is no PostgreSQL server, its lines are left out.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from localnet.errors import NodeMissing
from localnet.postgres import Postgres
from scanner.history import accounts, spans
from scanner.history.log import HistoryLog, open_history
from scanner.weighing.holdings import Holding
from tests.support.attestations.attested import ETH, a_claim

ACCOUNTS = 200_000
TIMES = 3


def names(first: int, count: int) -> list[bytes]:
    """Made-up accounts, in no order."""
    return [hashlib.sha256(number.to_bytes(8)).digest()[:20] for number in range(first, first + count)]


def measured(what: str, work: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
    """The least of TIMES runs in seconds, told."""
    taken = []
    for _ in range(TIMES):
        before()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    print(f"{what:>28} {min(taken):8.2f} s", flush=True)
    return min(taken)


def keep(history: HistoryLog, found: list[bytes], name: str) -> None:
    """A claim's accounts, through the door that `append` uses."""
    holdings = tuple(Holding(ETH.id, account) for account in found)
    claim = a_claim(holdings=holdings, digest=hashlib.sha256(name.encode()).hexdigest())
    with history.database.writing():
        accounts.keep(history.database, claim)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ACCOUNTS
    one, other = names(0, count), names(count // 100, count)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, found in (("one", one), ("other", other)):
            (folder / name).write_text("".join(f"0x{account.hex()}\n" for account in found))
        command = "sort one > a; sort other > b; comm -3 a b | wc -l"
        environment = os.environ | {"LC_ALL": "C"}

        def by_hand() -> None:
            done = subprocess.run(command, shell=True, cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S602
            assert int(done.stdout) == 2 * (count // 100)

        print(f"two months of {count:,} accounts, {count // 100:,} of them new")
        hand = measured("sort and comm", by_hand)
        places = {"SQLite": str(folder / "history.sqlite")}
        try:
            places["PostgreSQL"] = stack.enter_context(Postgres.start()).url
        except NodeMissing as missing:
            print(missing)
        for place, location in places.items():
            history = stack.enter_context(open_history(location, create=True))
            months = iter(range(1000))
            keep(history, one, "first")
            kept = measured(f"{place}: keep", lambda h=history, m=months: keep(h, other, str(next(m))))  # type: ignore[misc]
            declared = accounts.declared(history.database)
            rows = sum(map(len, declared.values()))

            def compare(history: HistoryLog = history) -> None:
                found = accounts.declared(history.database)
                first, *_, last = found.values()
                assert spans.size(spans.difference(first, last)) == count // 100
                assert spans.size(spans.difference(last, first)) == count // 100

            compared = measured(f"{place}: compare", compare)
            print(
                f"{place:>28} compares in {compared / hand:.2f} of what sort and comm take, keeps in {kept / hand:.1f};"
            )
            print(f"{'':>28} {rows:,} rows for {len(declared):,} claims")


if __name__ == "__main__":
    main()
