"""An attestation put into its folder: written beside it, verified there byte for byte, and only then put in place.

What does not hold is never signed under a name that anybody looks for. A fault that this finds is one of this program,
since no one else has touched the files.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from scanner.cli import onchain
from scanner.cli.files import written_together
from scanner.errors import AttestationInvalid, ScannerError

if TYPE_CHECKING:
    from scanner.attesting.verify import Judge
    from scanner.cli.inputs import Keys
    from scanner.cli.replacing import Present
    from scanner.scanning.run import Scan
    from scanner.weighing.claim import Claim

_BUG: Final = "this is a bug, please report it; nothing was signed, for what was to be signed does not hold"


def write_attestation(folder: Path, result: Scan, claim: Claim, keys: Keys, before: Present | None) -> bytes:
    """The scan's attestation in place of the one `before`, where there was one, which is kept unless it gives way. The
    statement.

    Raises InputError where it cannot be written, ScannerError for what does not hold; then nothing has changed.
    """
    import scanner
    from scanner.attesting.attestation import NAMES
    from scanner.attesting.statement import read_statement

    kept: Path | None = None
    files: dict[str, BinaryIO] = {}
    stamps = () if before is None else before.stamps  # of the file that goes: they stamp no other
    with written_together(folder, stale=(*NAMES, *stamps)) as create:

        def written(name: str) -> BinaryIO:
            files[name] = create(name)
            return files[name]

        try:
            statement = scanner.attest_into(written, result, keys.signers)
            for name, content in onchain.form(statement, keys.ethereum).items():
                written(name).write(content)
            _check(files, claim, keys, statement, judge(result))
        except (ValueError, LookupError, AttestationInvalid) as error:
            raise ScannerError(f"{_BUG}: {error}") from error
        gives_way = before is None or before.gives_way(read_statement(statement).predicate["finding"])
        if before is not None:
            kept = before.keep()
    if kept is not None and gives_way:
        _forget(kept)
    elif kept is not None:
        print(f"scanner: the attestation that was there before is kept in {kept}", file=sys.stderr)
    return statement


def judge(result: Scan) -> Judge:
    """The proofs of control as the scan judged them: what they show follows from the claim alone, and is so known."""
    from scanner.weighing.control.recognise import judged

    controls = result.controls
    return judged if controls is None else lambda _: controls


def _check(files: Mapping[str, BinaryIO], claim: Claim, keys: Keys, statement: bytes, judge: Judge) -> None:
    """That the files hold, as any reader will find them. Raises AttestationInvalid."""
    from scanner.attesting.attestation import ATTESTATION, UNSIGNED
    from scanner.attesting.onchain import ONCHAIN, check_onchain
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.attesting.verify import judge_statement, verify

    for file in files.values():
        file.flush()
        file.seek(0)
    evidence, witness = files[EVIDENCE], files.get(WITNESS)
    if keys.signers:
        public = [signer.public for signer in keys.signers]
        shown = verify(files[ATTESTATION].read(), claim, public, evidence, witness=witness, judge=judge).statement
    else:
        shown = files[UNSIGNED].read()
        judge_statement(shown, claim, evidence, witness=witness, judge=judge)
    if shown != statement:
        raise ValueError("another statement was written than was made")
    if ONCHAIN in files:
        check_onchain(files[ONCHAIN].read(), statement, [key.address for key in keys.ethereum])


def _forget(kept: Path) -> None:
    """What another attestation says too need not be kept."""
    shutil.rmtree(kept, ignore_errors=True)
    try:
        kept.parent.rmdir()
    except OSError:
        return
