"""`make demo`: start real nodes, scan them as an auditor would, verify the attestation, and try to forge it."""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo import chains, every_chain, files, owed
from scanner.attesting import canonical
from scanner.sources.addresses import load_claim

_ROOT = Path(__file__).parent.parent
_OUT = _ROOT / "out" / "demo"


_NEXT = """
  . .venv/bin/activate                                    puts scanner on the PATH
  scanner import okx_por.csv --out claim.yaml             from the file that an exchange published
  scanner init   claim.yaml                               which nodes to ask
  scanner scan   claim.yaml --out out --key auditor.pem   read, weighed and signed
"""


class Unexpected(Exception):
    """The demo did not go as it should."""


def main() -> int:
    """The whole story. Returns the exit code of the process: 0 if everything went as it should."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--short", action="store_true", help="plant less ETH than is owed (make demo SHORT=1)")
    parser.add_argument("--all", action="store_true", help="22 coins on eleven families of chains (make demo ALL=1)")
    arguments = parser.parse_args()
    short: bool = arguments.short
    if arguments.all:
        return _every_chain()
    published = load_claim(_ROOT / "config" / "addresses.yaml")
    # Keys are made anew, and under another key the scan would rightly refuse to go on from what an earlier run left.
    shutil.rmtree(_OUT, ignore_errors=True)
    _OUT.mkdir(parents=True)
    _say("Starting two bitcoind and two anvil, and planting a thousandth of what OKX's 13th report says it held")
    with chains.running(published, short=short, folder=_OUT) as running:
        proofs = owed.publish(_OUT, files.owed(published))
        files.write_claim(_OUT / "claim.yaml", published, running, proofs)
        files.write_instrument(_OUT / "nodes.yaml", running)
        files.write_keys(_OUT / "auditor.pem", _OUT / "auditor.pub")
        nodes = files.environment(running)
        # USDC's liability was not published with the report, so the honest verdict over all units is UNKNOWN, and
        # the check foresees it. It reads no balance of all, so it cannot foresee that less ETH was planted.
        _scanner("check claim.yaml --nodes nodes.yaml", 5, nodes)
        _scanner("scan claim.yaml --nodes nodes.yaml --out . --key auditor.pem", 1 if short else 5, nodes)
        _say("Days later, anyone fetches what leads from a newer block down to those that were read")
        later = running.move_on()
        at = " ".join(f"--at {chain}={block}" for chain, block in later.items())
        _scanner(f"anchor attestation.dsse.json --nodes nodes.yaml {at}", 0, nodes)
    _say("The nodes are gone: what follows is offline. The newer blocks' hashes are looked up in any explorer")
    trust = " ".join(f"--trust {chain}={block}" for chain, block in later.items())
    _scanner(f"verify attestation.dsse.json --claim claim.yaml --key auditor.pub --brief {trust}", 0)
    _say("A customer asks whether an account is in what the exchange published")
    _scanner(f"included {owed.CUSTOMER} --claim claim.yaml", 0)
    _say("The same as a page that checks itself in its reader's browser: open it, no network is needed")
    _scanner(
        "show attestation.dsse.json --html page.html --key auditor.pub --evidence evidence.csv.gz",
        0,
    )
    _say("What an accountant signs: what each procedure found, and every exception; to be printed on A4")
    _scanner("report attestation.dsse.json --claim claim.yaml --key auditor.pub --format html --out findings.html", 0)
    _say("Adding one whole coin to what the attestation says is held")
    _forge(_OUT / "attestation.dsse.json", _OUT / "forged.dsse.json")
    _scanner("verify forged.dsse.json --claim claim.yaml --key auditor.pub", 4)
    _say(
        f"Open {_OUT.relative_to(_ROOT)}/page.html in a browser; everything else is beside it. For a claim of your own"
        " (docs/tutorial.md walks it, with a file to try it on):"
    )
    print(_NEXT, end="", flush=True)
    return 0


def _every_chain() -> int:
    """One claim over eleven families of chains. Returns the exit code of the process."""
    shutil.rmtree(_OUT, ignore_errors=True)
    _OUT.mkdir(parents=True)
    _say(
        "Starting bitcoind and anvil, and simulated nodes of the chains that no node can be had of: two operators each"
    )
    with every_chain.running(_OUT) as world:
        every_chain.write_claim(_OUT / "claim.yaml", world)
        every_chain.write_instrument(_OUT / "nodes.yaml", world)
        files.write_keys(_OUT / "auditor.pem", _OUT / "auditor.pub")
        _scanner("check claim.yaml --nodes nodes.yaml", 0, world.environment)
        _scanner("scan claim.yaml --nodes nodes.yaml --out . --key auditor.pem", 0, world.environment)
    _say("The nodes are gone: what follows is offline")
    _scanner("verify attestation.dsse.json --claim claim.yaml --key auditor.pub", 0)
    _say(f"Everything is in {_OUT.relative_to(_ROOT)}/")
    return 0


def _scanner(arguments: str, expected: int, environment: Mapping[str, str] | None = None) -> None:
    """Run the scanner as a process of its own, as a user would. Raises Unexpected for another exit code."""
    print(f"\n$ scanner {arguments}", flush=True)
    command, *rest = arguments.split()
    argv: Sequence[str] = [sys.executable, "-m", "scanner", command, *rest]
    done = subprocess.run(argv, cwd=_OUT, env=os.environ | (environment or {}), check=False)
    print(f"[exit code {done.returncode}]", flush=True)
    if done.returncode != expected:
        raise Unexpected(f"scanner {command} ended with {done.returncode}; expected {expected}")


def _forge(true: Path, forged: Path) -> None:
    """The attestation with one more coin in its first unit, its signature left as it was."""
    envelope = json.loads(true.read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    reserve = statement["predicate"]["finding"]["reserves"][0]
    whole, dot, rest = reserve["held"].partition(".")
    reserve["held"] = str(int(whole) + 1) + dot + rest
    envelope["payload"] = base64.b64encode(canonical.encode(statement)).decode()
    forged.write_bytes(canonical.encode(envelope) + b"\n")


def _say(text: str) -> None:
    print(f"\n# {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unexpected as error:
        sys.exit(f"The demo failed: {error}")
