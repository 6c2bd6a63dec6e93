"""Whether a folder already holds the attestation that a scan would come to, so that no node need be asked again.

It is believed only after everything that `scanner verify` checks, against the public halves of the very keys that are
to sign, those of the on-chain form among them: what is not signed, or by another key, stands for nothing. It must
judge this claim's file, under this very policy and with as much proven as is asked for, and leave no gap that a run may
fill. Which nodes were asked then, and when, does not matter: the blocks are named by the claim or follow from its
moment, and the finding from the blocks.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.errors import LASTING, AttestationInvalid, InputError, Why
from scanner.sources.regular_file import open_if_there, open_regular

if TYPE_CHECKING:
    from scanner.attesting.ethereum_keys import EthereumKey
    from scanner.attesting.signers import Ed25519Signer
    from scanner.attesting.verify import Verified
    from scanner.core.ids import Chain
    from scanner.weighing.claim import Claim
    from scanner.weighing.finding import Finding
    from scanner.weighing.instrument import Instrument

_MOST_BYTES: Final = 16 * 1024 * 1024  # of an envelope; none is longer


@dataclass(frozen=True, slots=True)
class StandingAttestation:
    """An attestation that holds, and makes a scan needless."""

    path: Path
    verified: Verified


@dataclass(frozen=True, slots=True)
class Unfit:
    """An attestation that is there and does not make a scan needless, and why."""

    path: Path
    why: str


def standing(
    folder: Path,
    claim: Claim,
    instrument: Instrument,
    signers: Sequence[Ed25519Signer],
    ethereum: Sequence[EthereumKey] = (),
) -> StandingAttestation | Unfit | None:
    """The attestation in `folder`, checked in full; None where there is none."""
    from scanner.attesting.attestation import ATTESTATION

    path = folder / ATTESTATION
    if not os.path.lexists(path):
        return None
    if not signers:
        return Unfit(path, "no --key is given, by which it could be known to be one's own")
    try:
        verified = _verified(path, claim, signers)
        _check_onchain(folder, verified.statement, ethereum)
    except (InputError, AttestationInvalid) as error:
        return Unfit(path, str(error))
    finding = verified.finding
    if finding.claim.owed_as_of is not None:
        return Unfit(path, "it is of the moment of a scan between two reports, and not of the claim's")
    if finding.policy != instrument.policy.narrowed(claim.units, claim.assets):
        return Unfit(path, "it was made under another policy")
    sample = finding.proving.sample
    if (sample.size if sample else None) != instrument.prove or (
        sample and sample.size and sample.nonce != instrument.nonce
    ):
        return Unfit(path, "more or fewer balances were to be proven for it")
    if gaps := _fillable(finding):
        return Unfit(path, f"{gaps:,} of its holdings are gaps, which may be filled now")
    if chains := _served_now(finding, instrument):
        return Unfit(path, f"nodes of {', '.join(map(str, chains))} are configured, of which none was asked for it")
    return StandingAttestation(path, verified)


def _fillable(finding: Finding) -> int:
    """How many of the finding's gaps asking again may fill."""
    by_reason = sum(count for why, count in finding.gap_counts.items() if why not in LASTING)
    return by_reason or sum(reserve.gaps - reserve.lasting_gaps for reserve in finding.reserves)


def _served_now(finding: Finding, instrument: Instrument) -> list[Chain]:
    """The claim's chains of which nothing was read, since no node could be asked, and that have nodes now."""
    if Why.UNSUPPORTED not in finding.gap_counts:
        return []
    read = {chain for chain, _ in finding.snapshots}
    return [chain for chain in finding.claim.chains if chain not in read and instrument.for_chain(chain)]


def _check_onchain(folder: Path, statement: bytes, keys: Sequence[EthereumKey]) -> None:
    """That the on-chain form is there, of this statement and signed by all keys, or cannot be. Raises alike."""
    if not keys:
        return
    from scanner.attesting.onchain import MAX_ONCHAIN_BYTES, ONCHAIN, NotRepresentable, check_onchain, sign_onchain

    path = folder / ONCHAIN
    if not os.path.lexists(path):
        try:
            sign_onchain(statement, keys)
        except NotRepresentable:
            return
    with open_regular(path) as file:
        check_onchain(file.read(MAX_ONCHAIN_BYTES + 2), statement, [key.address for key in keys])


def _verified(path: Path, claim: Claim, signers: Sequence[Ed25519Signer]) -> Verified:
    """Raises AttestationInvalid, InputError."""
    import scanner
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.scanning.control import judged_together

    with (
        open_regular(path) as document,
        open_regular(path.parent / EVIDENCE) as evidence,
        open_if_there(path.parent / WITNESS) as proofs,
    ):
        envelope = document.read(_MOST_BYTES + 1)  # one byte too many is no envelope
        keys = [signer.public for signer in signers]
        return scanner.verify(envelope, claim, keys, evidence, witness=proofs, judge=judged_together)
