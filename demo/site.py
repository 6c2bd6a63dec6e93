"""`make site`: a history of fourteen months, and the site over it.

The last report is the one that `make demo` has just made on real nodes; the months before it are generated
(`earlier.py`), with a series around one report (`earlier_series.py`), and the site says so on every page. Two exchanges
that lend to each other are read from a real node (`lending.py`): their reports, a series, and both together.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from demo import earlier, earlier_series, lending
from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.series.statement import SERIES
from scanner.attesting.signers import load_public_key, load_signer
from scanner.attesting.statement import EVIDENCE
from scanner.attesting.together.statement import TOGETHER
from scanner.cli.points_folder import opened_in
from scanner.history.log import append, open_history
from scanner.history.several import append_series
from scanner.sources.addresses import load_claim

_ROOT = Path(__file__).parent.parent
_DEMO = _ROOT / "out" / "demo"
_MONTHS = _ROOT / "out" / "months"
_LENDING = _ROOT / "out" / "lending"
_HISTORY = _ROOT / "out" / "history.sqlite"
_SITE = _ROOT / "out" / "site"
_WHERE = ("--history", _HISTORY)
_NOTICE = (
    "A demonstration: the last report of OKX (demo), and all of Pier (demo) and Quay (demo), was read from real nodes"
    " on one machine. All others were generated. None of it says anything of any exchange."
)


def main() -> int:
    """History, then site. Returns the exit code of the process."""
    attested = _DEMO / "attestation.dsse.json"
    if not attested.is_file():
        print("The demo's attestation is not there; run make demo first.", file=sys.stderr)
        return 2
    _HISTORY.unlink(missing_ok=True)
    shutil.rmtree(_MONTHS, ignore_errors=True)
    print("\n# Generating thirteen earlier months of two exchanges, and verifying each before it is added", flush=True)
    claim, key = load_claim(_DEMO / "claim.yaml"), load_public_key(_DEMO / "auditor.pub")
    with open_history(str(_HISTORY), create=True) as history:
        months = list(earlier.months(claim))
        signer = load_signer(_DEMO / "auditor.pem")
        for month, folder in zip(months, earlier.write(_MONTHS, claim, signer), strict=True):
            generated = load_claim(folder / "claim.yaml")
            with (folder / EVIDENCE).open("rb") as evidence:
                envelope = (folder / ATTESTATION).read_bytes()
                append(history, envelope, generated, [key], evidence, at=generated.as_of + timedelta(days=1))
            if month is months[-1]:
                earlier_series.write(folder, month, signer)
                at = generated.as_of + timedelta(days=20)
                document = (folder / SERIES).read_bytes()
                append_series(history.database, document, generated, [key], opened_in(folder), at=at)
    print(
        "\n# Two exchanges that lend to each other, on a real node: each alone, around a report, and together",
        flush=True,
    )
    shutil.rmtree(_LENDING, ignore_errors=True)
    lending.write(_LENDING, claim.as_of, _DEMO / "auditor.pem")
    claims = [_LENDING / name for name in lending.CLAIMS]
    for path, out in zip(claims, lending.SCANS, strict=True):
        _add(_LENDING / out / ATTESTATION, path)
    _add(_LENDING / lending.AROUND / SERIES, claims[0])
    _add(_LENDING / lending.TOGETHER / TOGETHER, *claims)
    _add(attested, _DEMO / "claim.yaml")
    _scanner("log", "--exchange", "OKX (demo)", "--cadence", "monthly")
    _scanner("site", "--out", _SITE, "--cadence", "monthly", "--auditor", _DEMO / "auditor.pub", "--notice", _NOTICE)
    print(f"\n# Look at {(_SITE / 'index.html').as_uri()}", flush=True)
    return 0


def _add(statement: Path, *claims: Path) -> None:
    """What was signed of claims into the history."""
    named = [part for claim in claims for part in ("--claim", claim)]
    _scanner("log", "add", statement, *named, "--key", _DEMO / "auditor.pub")


def _scanner(*arguments: str | Path) -> None:
    """One command, as a user would type it in the project's folder."""
    argv = [str(each.relative_to(_ROOT)) if isinstance(each, Path) else each for each in (*arguments, *_WHERE)]
    print(f"\n$ scanner {shlex.join(argv)}", flush=True)
    subprocess.run([sys.executable, "-m", "scanner", *argv], cwd=_ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
