"""`make site`: a history of fourteen months, and the site over it.

The last report is the one that `make demo` has just made on real nodes; the months before it are generated
(`earlier.py`), and the site says so on every page.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from demo import earlier
from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.signers import load_public_key, load_signer
from scanner.attesting.statement import EVIDENCE
from scanner.history.log import append, open_history
from scanner.sources.addresses import load_claim

_ROOT = Path(__file__).parent.parent
_DEMO = _ROOT / "out" / "demo"
_MONTHS = _ROOT / "out" / "months"
_HISTORY = _ROOT / "out" / "history.sqlite"
_SITE = _ROOT / "out" / "site"
_WHERE = ("--history", _HISTORY)
_NOTICE = (
    "A demonstration: the last report of OKX (demo) was read from real nodes on one machine. All others were generated,"
    " and say nothing of any exchange."
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
        for folder in earlier.write(_MONTHS, claim, load_signer(_DEMO / "auditor.pem")):
            generated = load_claim(folder / "claim.yaml")
            with (folder / EVIDENCE).open("rb") as evidence:
                envelope = (folder / ATTESTATION).read_bytes()
                append(history, envelope, generated, [key], evidence, at=generated.as_of + timedelta(days=1))
    _scanner("log", "add", attested, "--claim", _DEMO / "claim.yaml", "--key", _DEMO / "auditor.pub")
    _scanner("log", "--exchange", "OKX (demo)", "--cadence", "monthly")
    _scanner("site", "--out", _SITE, "--cadence", "monthly", "--auditor", _DEMO / "auditor.pub", "--notice", _NOTICE)
    print(f"\n# Look at {(_SITE / 'index.html').as_uri()}", flush=True)
    return 0


def _scanner(*arguments: str | Path) -> None:
    """One command, as a user would type it in the project's folder."""
    argv = [str(each.relative_to(_ROOT)) if isinstance(each, Path) else each for each in (*arguments, *_WHERE)]
    print(f"\n$ scanner {shlex.join(argv)}", flush=True)
    subprocess.run([sys.executable, "-m", "scanner", *argv], cwd=_ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
