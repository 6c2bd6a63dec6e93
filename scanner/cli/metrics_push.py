"""`--metrics-push`: a run's metrics brought to a gateway when it has ended, for jobs that nothing scrapes.

Whether the gateway takes them changes nothing of the finding: what goes wrong is printed.
"""

from __future__ import annotations

import asyncio
import random
import sys
from typing import Final

from scanner.cli.interrupt import interruptible
from scanner.cli.sendable_url import sendable

OPTION: Final = "--metrics-push"

_EXAMPLE: Final = "http://pushgateway:9091/metrics/job/reserve-scanner"
_NOTE: Final = "scanner: interrupted; the metrics were not pushed"


def destination(template: str) -> str:
    """The gateway's URL, that of a group of metrics. Raises InputError, which does not quote it."""
    return sendable(OPTION, template, unencrypted=True, example=_EXAMPLE)


def push_metrics(url: str, text: bytes) -> None:
    """Bring the metrics there, in the place of those of the run before."""
    from scanner.report.delivery import Pauses, push

    try:
        why = interruptible(push(url, text, Pauses(asyncio.sleep, random.random)), _NOTE)
    except KeyboardInterrupt:
        why = "interrupted"
    if why is not None:
        print(f"scanner: the metrics were not pushed: {why}", file=sys.stderr)
