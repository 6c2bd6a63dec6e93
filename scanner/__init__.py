"""Checks whether a crypto exchange holds what it owes.

The whole job in a few verbs; README.md shows them at work:

    load_claim, load_instrument     files in
    scan                            nodes asked, balances settled, reserves weighed
    attest, attest_into             a signed attestation and its evidence out
    verify                          that attestation checked again, offline
    sign_onchain, check_onchain     the same statement in a form that contracts can check

A finding, as scan and verify return it, is JSON by its `to_dict()`, and a table where a notebook shows it.
Beside the verbs stand the values that they take and return, the errors that they raise, and what a node of one's own
has to be (`Node`, and the Protocols of what it can do beyond). Names are imported when they are first used, so that
`import scanner` is quick. What is not named here may change from one version to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

from scanner.weighing.forms import written_by

if TYPE_CHECKING:
    from scanner.attesting.attestation import Attestation
    from scanner.attesting.envelope import Signer
    from scanner.attesting.ethereum_keys import EthereumKey, load_ethereum_key
    from scanner.attesting.onchain import check_onchain, sign_onchain
    from scanner.attesting.signers import load_public_key, load_signer
    from scanner.attesting.stated_revision import stated_revision
    from scanner.attesting.verify import Verified, verify
    from scanner.chains.accounts import account_key, account_text
    from scanner.chains.interface import (
        Capabilities,
        ListsTransfers,
        NamesOwners,
        NamesWithdrawals,
        Node,
        ObservedLimits,
        ProofQuestion,
        ReadsNow,
        ReportsLimits,
        ReportsProgress,
        ServesAncestors,
        ServesFinality,
        ServesMovements,
        ServesPast,
        ServesProofs,
    )
    from scanner.chains.names import parse_asset, parse_chain
    from scanner.core.control import ContractOwners, Control
    from scanner.core.evidence import Balance, Basis, Batch, Gap, Reading, Snapshot
    from scanner.core.evidence_row import EvidenceRow
    from scanner.core.ids import AssetId, Chain
    from scanner.core.node_settings import NodeSettings
    from scanner.core.transfers import Transfer
    from scanner.errors import (
        AttestationInvalid,
        HistoryInvalid,
        InputError,
        Mistake,
        NodeError,
        ScannerError,
        StampInvalid,
        Why,
    )
    from scanner.scanning.events import (
        AnchorExtended,
        ChainLost,
        ChainPinned,
        ClusterJoined,
        Event,
        JournalCut,
        JournalFound,
        LimitsObserved,
        MovementJudged,
        NodeMetBug,
        NodeOpened,
        NodeProgress,
        NodeRefused,
        OperatorOutpaced,
        Progress,
        ProofMissing,
        ProofsChecked,
        SeriesPoint,
        WorkerDistrusted,
        WorkerLost,
    )
    from scanner.scanning.journal import Journal
    from scanner.scanning.run import Scan, scan
    from scanner.sources.addresses import load_claim
    from scanner.sources.nodes import load_instrument
    from scanner.sources.policy import load_policy
    from scanner.weighing.claim import Asset, Claim, Liability
    from scanner.weighing.finding import Finding, Reserve, Verdict
    from scanner.weighing.holdings import Holding, Holdings
    from scanner.weighing.instrument import Instrument
    from scanner.weighing.policy import Policy

_NAMES = {
    "scanner.attesting.attestation": "Attestation",
    "scanner.attesting.ethereum_keys": "EthereumKey load_ethereum_key",
    "scanner.attesting.onchain": "check_onchain sign_onchain",
    "scanner.attesting.signers": "load_public_key load_signer",
    "scanner.attesting.stated_revision": "stated_revision",
    "scanner.attesting.verify": "Verified verify",
    "scanner.chains.accounts": "account_key account_text",
    "scanner.chains.interface": (
        "Capabilities ListsTransfers NamesOwners NamesWithdrawals Node ObservedLimits ProofQuestion ReadsNow "
        "ReportsLimits ReportsProgress ServesAncestors ServesFinality ServesMovements ServesPast ServesProofs"
    ),
    "scanner.chains.names": "parse_asset parse_chain",
    "scanner.core.control": "ContractOwners Control",
    "scanner.core.evidence": "Balance Basis Batch Gap Reading Snapshot",
    "scanner.core.evidence_row": "EvidenceRow",
    "scanner.core.ids": "AssetId Chain",
    "scanner.core.node_settings": "NodeSettings",
    "scanner.core.transfers": "Transfer",
    "scanner.errors": "AttestationInvalid HistoryInvalid InputError Mistake NodeError ScannerError StampInvalid Why",
    "scanner.scanning.events": (
        "AnchorExtended ChainLost ChainPinned ClusterJoined Event JournalCut JournalFound LimitsObserved "
        "MovementJudged NodeMetBug NodeOpened NodeProgress NodeRefused OperatorOutpaced Progress ProofMissing "
        "ProofsChecked SeriesPoint WorkerDistrusted WorkerLost"
    ),
    "scanner.scanning.journal": "Journal",
    "scanner.scanning.run": "Scan scan",
    "scanner.sources.addresses": "load_claim",
    "scanner.sources.nodes": "load_instrument",
    "scanner.sources.policy": "load_policy",
    "scanner.weighing.claim": "Asset Claim Liability",
    "scanner.weighing.finding": "Finding Reserve Verdict",
    "scanner.weighing.holdings": "Holding Holdings",
    "scanner.weighing.instrument": "Instrument",
    "scanner.weighing.policy": "Policy",
}
"""The names of each module that are offered here; they are imported when they are first used."""

_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [
    "AnchorExtended",
    "Asset",
    "AssetId",
    "Attestation",
    "AttestationInvalid",
    "Balance",
    "Basis",
    "Batch",
    "Capabilities",
    "Chain",
    "ChainLost",
    "ChainPinned",
    "Claim",
    "ClusterJoined",
    "ContractOwners",
    "Control",
    "EthereumKey",
    "Event",
    "EvidenceRow",
    "Finding",
    "Gap",
    "HistoryInvalid",
    "Holding",
    "Holdings",
    "InputError",
    "Instrument",
    "Journal",
    "JournalCut",
    "JournalFound",
    "Liability",
    "LimitsObserved",
    "ListsTransfers",
    "Mistake",
    "MovementJudged",
    "NamesOwners",
    "NamesWithdrawals",
    "Node",
    "NodeError",
    "NodeMetBug",
    "NodeOpened",
    "NodeProgress",
    "NodeRefused",
    "NodeSettings",
    "ObservedLimits",
    "OperatorOutpaced",
    "Policy",
    "Progress",
    "ProofMissing",
    "ProofQuestion",
    "ProofsChecked",
    "Reading",
    "ReadsNow",
    "ReportsLimits",
    "ReportsProgress",
    "Reserve",
    "Scan",
    "ScannerError",
    "SeriesPoint",
    "ServesAncestors",
    "ServesFinality",
    "ServesMovements",
    "ServesPast",
    "ServesProofs",
    "Snapshot",
    "StampInvalid",
    "Transfer",
    "Verdict",
    "Verified",
    "Why",
    "WorkerDistrusted",
    "WorkerLost",
    "__version__",
    "account_key",
    "account_text",
    "attest",
    "attest_into",
    "check_onchain",
    "load_claim",
    "load_ethereum_key",
    "load_instrument",
    "load_policy",
    "load_public_key",
    "load_signer",
    "parse_asset",
    "parse_chain",
    "scan",
    "sign_onchain",
    "stated_revision",
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
    version = import_module("importlib.metadata").version("reserve-scanner")  # which takes long to import
    made = {"scanned_at": scanned_at or datetime.now(UTC), "scanner": version}
    return made | {"notes": result.notes, "workers": result.workers, "own": result.own}


def _predicate(finding: Finding) -> dict[str, Any]:
    from scanner.attesting.formats import newest

    return newest().write_finding(finding)


def _table(finding: Finding) -> str:
    from scanner.report.notebook import units_table

    return units_table(_predicate(finding))


written_by("predicate", _predicate)
written_by("table", _table)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("reserve-scanner")
    if name not in _HOMES:
        raise AttributeError(f"module 'scanner' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
