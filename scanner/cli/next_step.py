"""What to type next, said on a terminal alone and on stderr: in a job nothing is said that no job reads."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from pathlib import Path

from scanner.attesting.attestation import ATTESTATION


def after_scan(claim: Path, out: Path | None, arguments: Namespace) -> str | None:
    """The command that verifies what was just written; None where nothing was signed, or no one is there to read it."""
    if out is None or not arguments.key or arguments.json or arguments.log == "none" or not sys.stderr.isatty():
        return None
    document, public = out / ATTESTATION, arguments.key[0].with_suffix(".pub")
    key = str(public) if public.is_file() else "PUB"  # as `--help` calls the public half
    typed = shlex.join(["scanner", "verify", str(document), "--claim", str(claim), "--key", key])
    return f"wrote {document}; next: {typed}"
