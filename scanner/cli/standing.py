"""Whether a folder already holds the attestation that a scan would come to, so that no node need be asked again.

It is believed only after everything that `scanner verify` checks, against the public halves of the very keys that are
to sign, those of the on-chain form among them: what nobody signed, or somebody else did, stands for nothing. It must
judge this claim's file, under this very policy and with as much proven as is asked for, and leave no gap: a run may
fill those. Which nodes were asked then, and when, does not matter: the blocks are named by the claim or follow from its
moment, and the finding from the blocks.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.errors import AttestationInvalid, InputError
from scanner.sources.regular_file import open_if_there, open_regular

if TYPE_CHECKING:
    from scanner.attesting.ethereum_keys import EthereumKey
    from scanner.attesting.signers import Ed25519Signer
    from scanner.attesting.verify import Verified
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument

_MOST_BYTES: Final = 16 * 1024 * 1024  # of an envelope; none is longer


@dataclass(frozen=True, slots=True)
class Standing:
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
) -> Standing | Unfit | None:
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
    if finding.policy != instrument.policy.narrowed(claim.units, claim.assets):
        return Unfit(path, "it was made under another policy")
    sample = finding.proving.sample
    if (sample.size if sample else None) != instrument.prove or (
        sample and sample.size and sample.nonce != instrument.nonce
    ):
        return Unfit(path, "more or fewer balances were to be proven for it")
    if gaps := sum(finding.gap_counts.values()):
        return Unfit(path, f"{gaps:,} of its holdings are gaps, which may be filled now")
    return Standing(path, verified)


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
