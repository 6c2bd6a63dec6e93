"""A fault of this program, described so that it can be reported, with what to do about it."""

from __future__ import annotations

import sys
import traceback


def report_bug(error: BaseException) -> str:
    """Tells of the bug on standard error. In one line, for reports: of which kind it is, and nothing that it quotes."""
    traceback.print_exception(error, file=sys.stderr)
    print("scanner: this is a bug; please report it with the lines above", file=sys.stderr)
    return f"a bug: {type(error).__name__}"
