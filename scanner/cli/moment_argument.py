"""A time on the command line, as claims write it. Imports nothing heavy."""

from __future__ import annotations

import argparse
import re
from datetime import datetime


def moment(text: str) -> datetime:
    """A time as claims write it. Raises ArgumentTypeError for any other text."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected a time in UTC such as 2023-11-22T16:00:00Z, not {text!a}")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"there is no time {text!a}") from None
