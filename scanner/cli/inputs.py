"""What a command works on, read from the files that its arguments name. All their mistakes are reported together."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from scanner.errors import InputError, Mistake

if TYPE_CHECKING:
    from scanner.attesting.ethereum_keys import EthereumKey
    from scanner.attesting.signers import Ed25519Signer
    from scanner.sources.addresses import ReadClaim
    from scanner.weighing.claim import Claim
    from scanner.weighing.instrument import Instrument

PASSPHRASE: Final = "SCANNER_KEY_PASSPHRASE"  # noqa: S105 - the variable's name, not what it holds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keys:
    """What attestations are signed with, and their on-chain form."""

    signers: Sequence[Ed25519Signer]
    ethereum: Sequence[EthereumKey]


class Instruments:
    """The nodes' files of a run, each read once, however many claims are scanned with it."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._read: dict[Path, Instrument | InputError] = {}

    def beside(self, claim: Path) -> Instrument:
        """The instrument that `claim` is scanned with: --nodes, or the nodes.yaml in its folder. Raises InputError."""
        path = self._arguments.nodes or claim.parent / "nodes.yaml"
        if path not in self._read:
            self._read[path] = self._load(path) if self.are_named or os.path.lexists(path) else _missing(path, claim)
        loaded = self._read[path]
        if isinstance(loaded, InputError):
            raise loaded
        return loaded

    @property
    def are_named(self) -> bool:
        """Whether a nodes' file was named."""
        return self._arguments.nodes is not None

    def _load(self, path: Path) -> Instrument | InputError:
        import scanner

        try:
            instrument = scanner.load_instrument(path, os.environ)
        except InputError as error:
            return error
        prove = getattr(self._arguments, "prove", None)
        return instrument if prove is None else replace(instrument, prove=prove.holdings)


def _missing(path: Path, claim: Path) -> InputError:
    return InputError.at(
        str(path), f"is not there; scanner init {claim} writes one to begin with, or name another (--nodes)"
    )


def claim_and_any_instrument(claim: Path, instruments: Instruments) -> tuple[ReadClaim, Instrument | None]:
    """The same, for a command that asks no node: no instrument where none was named, whatever lies beside the claim,
    as its nodes' keys need not be at hand."""
    if instruments.are_named:
        return claim_and_instrument(claim, instruments)
    return _claim_now(claim), None


def claim_and_instrument(claim: Path, instruments: Instruments) -> tuple[ReadClaim, Instrument]:
    """The claim and the instrument, for a scan now. Raises InputError with the mistakes of both."""
    mistakes: list[Mistake] = []
    read = _loaded(lambda: _claim_now(claim), mistakes)
    instrument = _loaded(lambda: instruments.beside(claim), mistakes)
    if read is None or instrument is None:
        raise InputError(mistakes)
    return read, instrument


def claim_at(path: Path, claim: Claim, moment: datetime) -> Claim:
    """The claim weighed at this moment, to the second (`--at now`). Raises InputError for a claim of this moment, or of
    a later one."""
    try:
        return claim.at(moment.replace(microsecond=0))
    except ValueError as error:
        raise InputError.at(str(path), f"--at now: {error}") from None


def signer(path: Path) -> Ed25519Signer:
    """The private key at `path`; a warning where others may read it. Raises InputError."""
    from scanner.attesting.signers import exposure, load_signer

    loaded = load_signer(path, os.environ.get(PASSPHRASE))
    if warning := exposure(path):
        print(f"scanner: {warning}", file=sys.stderr)
    return loaded


def _claim_now(claim: Path) -> ReadClaim:
    """A claim of a moment that is past. Raises InputError."""
    from scanner.scanning.clock import is_to_come, system_clock
    from scanner.sources.addresses import read_claim
    from scanner.sources.yaml_document import read_bytes

    def to_come(moment: datetime) -> str | None:
        return is_to_come(moment, system_clock())

    return read_claim(claim, read_bytes(claim), to_come=to_come)


def _loaded(load: Callable[[], T], mistakes: list[Mistake]) -> T | None:
    try:
        return load()
    except InputError as error:
        mistakes += error.mistakes
        return None
