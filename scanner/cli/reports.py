"""What a job leaves for machines: the summary and the JUnit file. Each is written whole, however the job ends."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scanner.cli.claim_scan import Task
from scanner.errors import InputError
from scanner.report.outcome import Job


class Reports:
    """The reports that the arguments ask for."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments

    def begin(self) -> None:
        """Those of an earlier job go, so that nobody takes them for this one's if it is killed. Raises InputError."""
        from scanner.cli.files import make_way

        for path in (self._arguments.summary, self._arguments.junit):
            if path is not None:
                make_way(path)

    def watched(self, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """What a scan of this claim is to be watched by: its `observe` and `connect`."""
        from scanner.chains import open_node
        from scanner.cli.progress import observer

        return {"observe": observer(self._arguments.log, sys.stderr), "connect": open_node}

    def write(self, job: Job) -> Iterator[int]:
        """Writes them all; the exit code of each that cannot be written, which is told."""
        for path, form in self._forms():
            yield from _written(path, form, job)

    def end(self) -> None:
        """Let go of what was held open."""

    def _forms(self) -> Iterator[tuple[Path, Callable[[Job], bytes]]]:
        from scanner.report.junit import junit
        from scanner.report.summary import summary

        for path, form in ((self._arguments.summary, summary), (self._arguments.junit, junit)):
            if path is not None:
                yield path, form


def _written(path: Path, form: Callable[[Job], bytes], job: Job) -> Iterator[int]:
    from scanner.cli.files import write_whole

    try:
        write_whole(path, form(job))
    except InputError as error:
        print(f"scanner: {error}", file=sys.stderr)
        yield error.exit_code
