"""A Dask scheduler and its workers, as processes of their own, as a user starts them; and killed as nobody wants it."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.places import ROOT

_PATIENCE = 60  # seconds for a process to come up on a busy machine


class DaskCluster:
    """`with DaskCluster(folder, workers=2) as cluster:` has a scheduler at `cluster.address`, and the workers with it.

    `folder`: for the logs, and what the processes write; `tls`: the environment that makes Dask use it (`tls_for`). A
    worker has eight questions under way at once.
    """

    def __init__(self, folder: Path, workers: int, *, tls: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._count = workers
        self._tls = {} if tls is None else dict(tls)
        self.address = ""

    def __enter__(self) -> Self:
        self.start_scheduler()
        for _ in range(self._count):
            self.add_worker()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def start_scheduler(self) -> None:
        """A scheduler, on a port of its own; `address` is its address."""
        told = self.folder / "scheduler.json"
        told.unlink(missing_ok=True)
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
        options += ["--protocol", "tls"] if self._tls else []
        self.scheduler = self._process("scheduler", options)
        deadline = time.monotonic() + _PATIENCE
        while not told.exists() or not told.read_text().rstrip().endswith("}"):
            if self.scheduler.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no scheduler: {self.log('scheduler')}")
            time.sleep(0.02)
        self.address = json.loads(told.read_text())["address"]

    def add_worker(
        self, environment: dict[str, str] | None = None, *, preload: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """One more worker, which the scheduler will know before long; `preload`: Python that it begins with."""
        options = [self.address, "--no-nanny", "--nthreads", "8", "--no-dashboard", "--host", "127.0.0.1"]
        options += ["--local-directory", str(self.folder), "--memory-limit", "0"]
        options += [] if preload is None else ["--preload", str(preload)]
        self.workers.append(self._process("worker", options, environment))
        return self.workers[-1]

    def keep(self, count: int) -> None:
        """So many workers, no more and no fewer, all known to the scheduler."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        for surplus in self.workers[count:]:
            surplus.kill()
            surplus.wait()
        self.workers = self.workers[:count]
        while len(self.workers) < count:
            self.add_worker()
        self.wait_for(count)

    def wait_for(self, count: int) -> None:
        """Until the scheduler knows of so many workers."""
        distributed: Any = importlib.import_module("distributed")
        with distributed.Client(self.address, set_as_default=False) as client:
            deadline = time.monotonic() + _PATIENCE
            while len(client.run_on_scheduler(_workers)) != count:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no workers: {self.log('worker')}")
                time.sleep(0.02)

    @contextlib.contextmanager
    def one_unlike_the_others(self, environment: dict[str, str]) -> Iterator[None]:
        """One worker of the usual kind, and one with this in its environment."""
        self.keep(1)
        odd = self.add_worker(environment)
        try:
            self.wait_for(2)
            yield
        finally:
            odd.kill()
            odd.wait()

    def log(self, what: str) -> str:
        """All that the scheduler, or the workers, wrote."""
        return "".join(path.read_text() for path in sorted(self.folder.glob(f"{what}-*.log")))

    def _process(
        self, what: str, options: Sequence[str], environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        number = len(list(self.folder.glob(f"{what}-*.log")))
        with (self.folder / f"{what}-{number}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + what, *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | self._tls | (environment or {}),
            )


def tls_for(folder: Path) -> dict[str, str]:
    """A certificate for scheduler, workers and clients alike, and the environment by which Dask finds it."""
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    made = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "1", "-subj", "/CN=dask"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    of_all = {"CA_FILE": certificate, "SCHEDULER__CERT": certificate, "SCHEDULER__KEY": key}
    of_all |= {"WORKER__CERT": certificate, "WORKER__KEY": key, "CLIENT__CERT": certificate, "CLIENT__KEY": key}
    settings = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": value for name, value in of_all.items()}
    return settings | {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}


def _workers(dask_scheduler: Any) -> list[str]:
    return list(dask_scheduler.workers)
