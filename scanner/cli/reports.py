"""What a job leaves for machines: summary, JUnit file and metrics. Each is written whole, however the job ends."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli.bugs import report_bug
from scanner.cli.claim_scan import Task
from scanner.cli.targets import is_stream, target
from scanner.errors import InputError
from scanner.report.outcome import Job, Outcome
from scanner.sources.regular_file import open_if_there

if TYPE_CHECKING:
    from scanner.chains.interface import Node
    from scanner.cli.metrics_server import Served
    from scanner.core.node_settings import NodeSettings
    from scanner.report.metrics import Metrics
    from scanner.scanning.events import Event, Observer


_MOST_METRICS: Final = 64 * 2**20  # bytes of an earlier run's


class Reports:
    """The reports that the arguments ask for."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._metrics: Metrics | None = None
        self._served: Served | None = None
        self._gateway: str | None = None

    def begin(self) -> None:
        """Summary and JUnit file of an earlier job go, so that they are not taken for this one's if it is killed.

        Raises InputError where something cannot be written, or served.
        """
        from scanner.cli.files import make_way

        for path in (self._arguments.summary, self._arguments.junit):
            if path is not None:
                make_way(path)
        if self._arguments.metrics is not None:
            target(self._arguments.metrics)
        if self._arguments.metrics_push is not None:
            from scanner.cli.metrics_push import destination

            self._gateway = destination(self._arguments.metrics_push)
        wanted = (self._arguments.metrics, self._arguments.metrics_port, self._gateway)
        if any(each is not None for each in wanted):
            from scanner.cli.metrics_server import Served, new_metrics

            self._metrics = new_metrics()
            if self._arguments.metrics_port is not None:
                self._served = Served.at(self._arguments.metrics_port, self._metrics)
                print(f"scanner: metrics are served at {self._served.url}", file=sys.stderr)

    def watched(self, task: Task) -> dict[str, Any]:
        """What a scan of this claim is to be watched by: its `observe` and `connect`."""
        from scanner.chains.backends import open_node
        from scanner.cli.progress import observer

        observe = observer(self._arguments.log, sys.stderr)
        if self._metrics is None:
            return {"observe": observe, "connect": open_node}
        # On a cluster the workers' requests are not seen from here, and go uncounted.
        connect = open_node if self._arguments.cluster is not None else partial(_counting, self._metrics)
        return {"observe": partial(_counted, self._metrics, task.name, observe), "connect": connect}

    def found(self, outcome: Outcome) -> None:
        """One claim is through."""
        if self._metrics is not None:
            try:
                self._metrics.found(outcome)
            except Exception as error:  # noqa: BLE001 - a figure that is missing hides no finding
                report_bug(error)

    def write(self, job: Job) -> Iterator[int]:
        """Writes them all; the exit code of each that cannot be written, which is reported."""
        for path, form in self._forms():
            yield from _written(path, form, job)
        if self._metrics is not None:
            yield from self._leave_metrics(self._metrics, job)

    def _leave_metrics(self, metrics: Metrics, job: Job) -> Iterator[int]:
        """To the file and to the gateway, the same bytes."""
        path: Path | None = self._arguments.metrics
        try:
            text = _text(metrics, path, job)
        except Exception as error:  # noqa: BLE001 - whatever it is
            report_bug(error)
            return
        if path is not None:
            yield from _written(path, lambda _: text, job)
        if self._gateway is not None:
            from scanner.cli.metrics_push import push_metrics

            push_metrics(self._gateway, text)

    def end(self) -> None:
        """Let go of what was held open."""
        if self._served is not None:
            try:
                self._served.stop()
            except Exception as error:  # noqa: BLE001 - the job is over, and its code is known
                report_bug(error)

    def _forms(self) -> Iterator[tuple[Path, Callable[[Job], bytes]]]:
        from scanner.report.junit import junit
        from scanner.report.summary import summary

        for path, form in ((self._arguments.summary, summary), (self._arguments.junit, junit)):
            if path is not None:
                yield path, form


def _counted(metrics: Metrics, claim: str, observe: Observer, event: Event) -> None:
    from scanner.scanning.events import Progress

    if isinstance(event, Progress):
        metrics.progress(claim, str(event.chain), event.done, event.total)
    observe(event)


def _counting(metrics: Metrics, settings: NodeSettings) -> Node:
    """The node, its requests counted under its operator."""
    from scanner.chains.backends import open_node

    return open_node(settings, observe=partial(metrics.request, str(settings.chain), settings.operator))


def _text(metrics: Metrics, path: Path | None, job: Job) -> bytes:
    """With what the file says of claims that this run found nothing about."""
    metrics.ended(job)
    before = ""
    if path is not None and not is_stream(path):
        with suppress(OSError, InputError, UnicodeDecodeError), open_if_there(target(path)) as file:
            before = "" if file is None else file.read(_MOST_METRICS).decode()
    return metrics.text(before)


def _written(path: Path, form: Callable[[Job], bytes], job: Job) -> Iterator[int]:
    """What goes wrong in making a report is reported, and leaves the job's code as it is: nothing hides a finding."""
    from scanner.cli.files import write_whole

    try:
        write_whole(path, form(job))
    except InputError as error:
        print(f"scanner: {error}", file=sys.stderr)
        yield error.exit_code
    except Exception as error:  # noqa: BLE001 - whatever it is
        report_bug(error)
