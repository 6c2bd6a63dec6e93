"""What a report of factual findings costs, beside the verification that it begins with: processor time and memory.

    python -m bench.findings [rows]           50,000 by default

Of a claim of so many ether accounts, for none of which control was shown: each row is an exception, some are two. Each
form is written by a process of its own; the last column is the peak of its memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scanner.attesting.attestation import ATTESTATION, attestation_of
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.evidence_row import EvidenceRow
from scanner.core.keccak import keccak256
from scanner.core.sampling import Sample
from scanner.errors import Why
from scanner.proofs.witness import Witness
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh
from tests.support.attestations.attested import AUDITOR, public_pem

_DEFAULT: Final = 50_000
_AS_OF: Final = datetime(2023, 11, 22, 16, tzinfo=UTC)
_HEAD: Final = """\
version: 1
exchange: Example Exchange
as_of: 2023-11-22T16:00:00Z
assets:
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
liabilities: {ETH: "1"}
holdings:
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    seconds: float  # of the processor
    megabytes: float  # at its peak


def made(folder: Path, count: int) -> None:
    """Claim, attestation, evidence and key. Every thousandth account is a gap."""
    accounts = sorted(keccak256(number.to_bytes(8))[:20] for number in range(count))
    lines = "".join(f'  - {{asset: ETH, account: "0x{account.hex()}", amount: "1"}}\n' for account in accounts)
    (folder / "claim.yaml").write_text(_HEAD + lines)
    claim = load_claim(folder / "claim.yaml")
    block = Snapshot(claim.chains[0], 18_600_000, "0x" + "1f" * 32, "0x" + "1e" * 32, _AS_OF)
    rows = [
        EvidenceRow(each.asset, each.account, block.hash, _outcome(number), each.claimed)
        for number, each in enumerate(claim.holdings)
    ]
    attestation = _attested(claim, block, rows)
    for name, data in attestation.items():
        (folder / name).write_bytes(data)
    (folder / "auditor.pub").write_text(public_pem(AUDITOR))


def _outcome(number: int) -> Outcome:
    if number % 1000 == 0:
        return Gap(Why.UNREACHABLE, "timed out")
    return Balance(10**18, Basis.QUORUM, ("alpha", "beta"))


def _attested(claim: Claim, block: Snapshot, rows: list[EvidenceRow]) -> dict[str, bytes]:
    pinned, proving = {claim.weighed_at(block.chain): block}, Proving(sample=Sample(0))
    finding = weigh(claim, pinned, rows, Policy(), proving)
    operators = {block.chain: ("alpha", "beta")}
    attestation = attestation_of(
        finding, rows, operators, Witness(), [AUDITOR], scanned_at=_AS_OF.replace(day=23), scanner="0.1.0"
    )
    return attestation.files


def cost(*arguments: str | Path) -> Cost:
    """Of one run of the program. Ends this one where it fails."""
    child = subprocess.Popen([sys.executable, "-m", "scanner", *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{arguments[0]} ended with {child.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main(count: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, count)
        named = [folder / ATTESTATION, "--claim", folder / "claim.yaml", "--key", folder / "auditor.pub"]
        print(f"{count:,} rows\n\n{'':<14}{'CPU s':>8}{'MB':>8}{'file MB':>10}")
        verified = cost("verify", *named, "--brief")
        print(f"{'verify':<14}{verified.seconds:>8.1f}{verified.megabytes:>8.0f}", flush=True)
        for form in ("md", "html", "csv", "xlsx"):
            out = folder / f"report.{form}"
            one = cost("report", *named, "--format", form, "--out", out)
            size = out.stat().st_size / 1e6
            print(f"{f'report, {form}':<14}{one.seconds:>8.1f}{one.megabytes:>8.0f}{size:>10.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else _DEFAULT)
