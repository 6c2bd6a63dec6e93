"""How fast a site of 1,000 attestations is built, beside a general static site generator over the same figures.

    python -m bench.site [attestations]

Ten exchanges, three units, a report a month. `scanner site` is timed as a command, from the history to the folder in
its place: it reads and checks every envelope again, and draws charts. MkDocs is timed as a command as well, with a
theme of one line and without search, over one page of Markdown an attestation and an exchange, with the same tables and
no charts: what one would use instead, once the figures were there. Seconds are of the processor, the least of two.
"""

from __future__ import annotations

import hashlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scanner.history.log import append, open_history
from scanner.history.summary import summary
from tests.support.attestations.attested import Seal, a_claim, agreed, attest, held

ATTESTATIONS = 1000
EXCHANGES = 10
TIMES = 2
SEAL = Seal(b"of the benchmark")


def fill(location: str, count: int) -> dict[str, Any]:
    """A history of so many attestations, each verified as it is added; its summary."""
    start = time.perf_counter()
    with open_history(location, create=True) as history:
        for number in range(count):
            month, exchange = divmod(number, EXCHANGES)
            as_of = datetime(2024 + month // 12, month % 12 + 1, 20, tzinfo=UTC)
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            claim = a_claim(exchange=f"Exchange {exchange}", as_of=as_of, digest=digest)
            bob = agreed(7_480_000_000_000_000_000 + (number * 7919 % 400) * 10**15)
            attested = attest(held(eth_bob=bob), claim=claim, signers=(SEAL,), scanned_at=as_of)
            evidence = io.BytesIO(attested.evidence)
            append(history, attested.envelope, claim, attested.keys, evidence, at=as_of)
        print(f"{count:,} attestations verified and added in {time.perf_counter() - start:.1f} s", flush=True)
        return summary(history)


def markdown(folder: Path, told: dict[str, Any]) -> None:
    """The same figures as MkDocs takes them."""
    (folder / "mkdocs.yml").write_text("site_name: Reserves\ntheme: {name: null, custom_dir: theme}\nplugins: []\n")
    (folder / "theme").mkdir()
    (folder / "theme" / "main.html").write_text("<!DOCTYPE html><title>{{ page.title }}</title>{{ page.content }}")
    docs = folder / "docs"
    docs.mkdir()
    index = []
    for number, exchange in enumerate(told["exchanges"]):
        index.append(f"- [{exchange['exchange']}](exchange-{number}.md)")
        rows = ["|as of|verdict|BTC|ETH|USDT|", "|--|--|--|--|--|"]
        for each in exchange["attestations"]:
            ratios = "|".join(reserve["ratio"] for reserve in each["reserves"])
            rows.append(f"|[{each['asOf']}]({each['attestation']}.md)|{each['verdict']}|{ratios}|")
            units = ["|unit|held|owed|ratio|verdict|", "|--|--|--|--|--|"]
            units += [f"|{r['unit']}|{r['held']}|{r['owed']}|{r['ratio']}|{r['verdict']}|" for r in each["reserves"]]
            text = f"# {exchange['exchange']}\n\n{each['asOf']}\n\n" + "\n".join(units) + f"\n\n{each['claim']}\n"
            (docs / f"{each['attestation']}.md").write_text(text)
        (docs / f"exchange-{number}.md").write_text(f"# {exchange['exchange']}\n\n" + "\n".join(rows) + "\n")
    (docs / "index.md").write_text("# Reserves\n\n" + "\n".join(index) + "\n")


def timed(what: str, argv: Sequence[str], folder: Path) -> float:
    """The least of TIMES runs of a command in seconds of the processor, told."""
    taken = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", *argv], cwd=folder, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    print(f"{what:>14} {min(taken):6.2f} s", flush=True)
    return min(taken)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ATTESTATIONS
    root = str(Path(__file__).parent.parent)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = fill(str(folder / "history.sqlite"), count)
        markdown(folder, told)
        scan = f"import sys; sys.path.insert(0, {root!r}); from scanner.cli.commands import main; sys.exit(main())"
        (folder / "run.py").write_text(scan)
        mine = timed("scanner site", ["run", "site", "--out", "site", "--history", "history.sqlite"], folder)
        built = list((folder / "site").rglob("*.html"))
        compared = list((folder / "site" / "compare").glob("*.html"))
        assert len(built) == 2 * count + EXCHANGES + 2 + len(compared)  # each with a page that checks it
        assert len(json.loads((folder / "site" / "feed.json").read_text())["items"]) == min(50, count)
        theirs = timed("MkDocs", ["mkdocs", "build", "--clean", "--quiet"], folder)
        print(f"{len(built):,} pages; MkDocs takes {theirs / mine:.1f} times as long, without charts and envelopes")


if __name__ == "__main__":
    main()
