"""What a scan's files may take the place of. A signature is never removed by the way: nothing brings it back, once the
nodes have forgotten the block.

An attestation in the folder that does not stand gives way to one of the same claim, by the same keys and under the same
policy, that finds the same or leaves fewer gaps. Any other (by another key, of another claim, damaged, better than what
came of this scan) is kept in the folder `earlier` beside the new one. So is one that others have stamped: what stamps
show of the past cannot be had again. A scan that is not signed takes the place of no signature: it is refused before it
begins, and so is one that would overwrite a file that no scan wrote.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.errors import FINDING_ONLY, InputError

if TYPE_CHECKING:
    from scanner.cli.inputs import Keys
    from scanner.weighing.claim import Claim

EARLIER: Final = "earlier"
_ELSEWHERE: Final = "choose another folder, or move it away"
_MOST_BYTES: Final = 16 * 2**20  # of an envelope or an on-chain form; none is longer
_STARTS: Final = 200  # bytes that tell a file of ours


@dataclass(frozen=True, slots=True)
class Present:
    """The signed attestation in a folder."""

    folder: Path
    digest: str  # sha256 of what is signed there
    finding: Mapping[str, Any] | None  # where it is of the claim that is scanned, and by one's own keys alone

    def gives_way(self, finding: Mapping[str, Any]) -> bool:
        """Whether nothing is lost if an attestation of this finding is there instead."""
        if self.finding is None or self.stamps:
            return False
        before, after = ((each["policy"], each["proving"]["sample"]) for each in (self.finding, finding))
        return before == after and (_gaps(finding) < _gaps(self.finding) or finding == self.finding)

    @property
    def stamps(self) -> tuple[str, ...]:
        """The names of the stamps beside it."""
        from scanner.attesting.attestation import ATTESTATION
        from scanner.cli.stamp_files import OPENTIMESTAMPS, RFC3161, beside

        stamped = self.folder / ATTESTATION
        return tuple(path.name for ending in (RFC3161, OPENTIMESTAMPS) for path in beside(stamped, ending))

    def keep(self) -> Path:
        """A second name, or a copy, of each of its files in `earlier`. The folder. Raises OSError."""
        from scanner.attesting.attestation import NAMES

        kept = self.folder / EARLIER / self.digest[:16]
        kept.mkdir(parents=True, exist_ok=True)
        for name in (*NAMES, *self.stamps):
            if (self.folder / name).exists() and not (kept / name).exists():
                _linked(self.folder / name, kept / name)
        return kept


def present(folder: Path, claim: Claim, keys: Keys) -> Present | None:
    """What there is to be careful with. Raises InputError for what may not be replaced; then nothing has changed."""
    from scanner.attesting.attestation import ATTESTATION
    from scanner.attesting.onchain import ONCHAIN
    from scanner.cli.files import read_whole

    signed = [folder / name for name in (ATTESTATION, ONCHAIN) if os.path.lexists(folder / name)]
    if not signed:
        _check_unsigned(folder)
        return None
    if not keys.signers:
        raise InputError.at(str(signed[0]), f"is signed, and no --key is given; {_ELSEWHERE}, or give the key")
    contents = {path.name: read_whole(path, _MOST_BYTES, f"; no attestation is; {_ELSEWHERE}") for path in signed}
    digest = hashlib.sha256(b"".join(contents.values())).hexdigest()
    finding = None
    if not _others_of_the_form(contents.get(ONCHAIN), {key.address for key in keys.ethereum}):
        finding = _own_finding(contents.get(ATTESTATION, b""), claim, keys)
    return Present(folder, digest, finding)


def _own_finding(document: bytes, claim: Claim, keys: Keys) -> Mapping[str, Any] | None:
    """What the attestation finds, if it is of this claim, and signed by these keys and no others."""
    from scanner.attesting.envelope import read_envelope
    from scanner.attesting.statement import read_statement

    try:
        envelope = read_envelope(document)
        statement = read_statement(envelope.payload)
    except ValueError:
        return None
    own = {signer.keyid: signer.public for signer in keys.signers}
    if not all(keyid in own and envelope.is_signed_by(own[keyid]) for keyid in envelope.keyids):
        return None
    finding: Mapping[str, Any] = statement.predicate["finding"]
    return finding if statement.stated.claim == claim.digest else None


def _others_of_the_form(document: bytes | None, own: Collection[str]) -> bool:
    """Whether there is an on-chain form which others signed, or which cannot be read."""
    from scanner.attesting.onchain import named_signers

    try:
        return document is not None and any(address not in own for address in named_signers(document))
    except ValueError:
        return True


def _check_unsigned(folder: Path) -> None:
    """That a statement there is one of ours, and evidence without a statement no one else's file. Raises InputError."""
    from scanner.attesting.attestation import UNSIGNED
    from scanner.attesting.statement import EVIDENCE, WITNESS

    begin = {
        UNSIGNED: b'{"_type":"https://in-toto.io/Statement/',
        EVIDENCE: b"chain,block,",
        WITNESS: b"reserve-witness",
    }
    for name, start in begin.items():
        path = folder / name
        if os.path.lexists(path) and not _begins(path, start, packed=name == EVIDENCE):
            raise InputError.at(str(path), f"is there already, and no scan wrote it; {_ELSEWHERE}")


def _begins(path: Path, start: bytes, *, packed: bool) -> bool:
    """Whether the file is empty, or begins like this."""
    if not path.is_file():
        return False
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            found: bytes = file.read(_STARTS)
    except (OSError, EOFError, zlib.error):
        return False
    return found.startswith(start) or start.startswith(found)


def _gaps(finding: Mapping[str, Any]) -> int:
    """How many holdings nothing was established of."""
    return sum(count for why, count in finding["gapCounts"].items() if why not in FINDING_ONLY)


def _linked(path: Path, second: Path) -> None:
    try:
        os.link(path, second, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, second, follow_symlinks=False)
