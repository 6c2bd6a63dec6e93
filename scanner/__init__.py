"""Checks whether a crypto exchange holds what it owes.

The whole job in a few verbs; README.md shows them at work:

    load_claim, load_instrument     files in
    scan                            nodes asked, balances settled, reserves weighed
    attest, attest_into             a signed attestation and its evidence out
    verify                          that attestation checked again, offline
    sign_onchain, check_onchain     the same statement in a form that contracts can check

Everything else a pipeline may want to look at is reached through what these return. Names are imported when they are
first used, so that `import scanner` is quick.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from scanner.attesting.attestation import Attestation
    from scanner.attesting.envelope import Signer
    from scanner.attesting.ethereum_keys import load_ethereum_key
    from scanner.attesting.onchain import check_onchain, sign_onchain
    from scanner.attesting.signers import load_public_key, load_signer
    from scanner.attesting.verify import Verified, verify
    from scanner.scanning.journal import Journal
    from scanner.scanning.run import Scan, scan
    from scanner.sources.addresses import load_claim
    from scanner.sources.nodes import load_instrument, load_policy
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument
    from scanner.weighing.policy import Policy
    from scanner.weighing.ratio import Finding, Reserve, Verdict

_HOMES = {
    "Attestation": "scanner.attesting.attestation",
    "Claim": "scanner.weighing.claim",
    "Finding": "scanner.weighing.ratio",
    "Instrument": "scanner.weighing.instrument",
    "Journal": "scanner.scanning.journal",
    "Policy": "scanner.weighing.policy",
    "Reserve": "scanner.weighing.ratio",
    "Scan": "scanner.scanning.run",
    "Verdict": "scanner.weighing.ratio",
    "Verified": "scanner.attesting.verify",
    "check_onchain": "scanner.attesting.onchain",
    "load_claim": "scanner.sources.addresses",
    "load_ethereum_key": "scanner.attesting.ethereum_keys",
    "load_instrument": "scanner.sources.nodes",
    "load_policy": "scanner.sources.nodes",
    "load_public_key": "scanner.attesting.signers",
    "load_signer": "scanner.attesting.signers",
    "scan": "scanner.scanning.run",
    "sign_onchain": "scanner.attesting.onchain",
    "verify": "scanner.attesting.verify",
}

__all__ = [
    "Attestation",
    "Claim",
    "Finding",
    "Instrument",
    "Journal",
    "Policy",
    "Reserve",
    "Scan",
    "Verdict",
    "Verified",
    "attest",
    "attest_into",
    "check_onchain",
    "load_claim",
    "load_ethereum_key",
    "load_instrument",
    "load_policy",
    "load_public_key",
    "load_signer",
    "scan",
    "sign_onchain",
    "verify",
]


def attest(result: Scan, signers: Sequence[Signer] = (), *, scanned_at: datetime | None = None) -> Attestation:
    """The attestation of a scan, signed by each of `signers`; unsigned if there are none.

    `scanned_at` (aware; now, if left out) stands in the part of the statement that says how the finding was come to.
    """
    from scanner.attesting.attestation import attestation_of

    made = _made(result, scanned_at)
    return attestation_of(result.finding, result.rows, result.operators, result.witness, signers, **made)


def attest_into(
    create: Callable[[str], BinaryIO],
    result: Scan,
    signers: Sequence[Signer] = (),
    *,
    scanned_at: datetime | None = None,
) -> bytes:
    """The same written to files that `create` opens by their name, whatever their size; the statement is returned."""
    from scanner.attesting.attestation import write_attestation

    made = _made(result, scanned_at)
    return write_attestation(
        result.finding, result.rows, result.operators, result.witness, signers, create=create, **made
    )


def _made(result: Scan, scanned_at: datetime | None) -> dict[str, Any]:
    version = metadata.version("reserve-scanner")
    made = {"scanned_at": scanned_at or datetime.now(UTC), "scanner": version}
    return made | {"notes": result.notes, "workers": result.workers, "own": result.own}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'scanner' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
