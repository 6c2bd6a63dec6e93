"""What `scanner scan` takes for those who run it as a job: what it leaves for machines, and who is notified."""

from __future__ import annotations

import argparse
import re
from pathlib import Path


class Address:
    """`PORT`, or `HOST:PORT`. Raises ArgumentTypeError for any other text."""

    def __init__(self, text: str) -> None:
        host, colon, port = text.rpartition(":")
        if not re.fullmatch(r"[0-9]{1,5}", port, re.ASCII) or int(port) > 65_535 or (colon and not host):
            raise argparse.ArgumentTypeError(
                f"expected a port, or a host and a port such as 0.0.0.0:9464, not {text!a}"
            )
        self.host = host.strip("[]") or "127.0.0.1"
        self.port = int(port)


class Prove:
    """The value of `--prove`: a number of holdings of each asset, None for all."""

    def __init__(self, text: str) -> None:
        if text not in ("all", "none") and not (text.isascii() and text.isdigit()):
            raise argparse.ArgumentTypeError(f"expected all, none or a number of holdings, not {text!a}")
        self.holdings = {"all": None, "none": 0}[text] if text.isalpha() else int(text)


def add_at(command: argparse._ActionsContainer, what: str) -> None:
    """`--at`, which both a scan and its check take: `what` is its help."""
    command.add_argument("--at", choices=("now",), help=what)


def add_plan(check: argparse.ArgumentParser) -> None:
    """What a check is to say of a scan's cost."""
    check.add_argument(
        "--plan",
        action="store_true",
        help="say what a scan will ask of each operator: requests, calls, bytes, compute units where they are known,"
        " and how long that takes at its limits",
    )
    check.add_argument(
        "--learnt",
        metavar="LOG",
        type=Path,
        help="plan with the ways of asking and the calls a second that an earlier scan found, from what its --log json"
        " wrote",
    )


def add_arguments(scan: argparse.ArgumentParser) -> None:
    """What a scan leaves for those who run it as a job."""
    job = scan.add_argument_group("for jobs (docs/operations.md)")
    add_at(
        job,
        "weigh at the moment of the scan instead of the claim's, to watch reserves between reports: what is owed"
        " keeps the date of the claim, amounts that it says accounts hold are left out, and nothing is SHORT",
    )
    job.add_argument(
        "--history",
        metavar="FILE|URL",
        help="append the attestation to this history, a SQLite file or a postgresql:// URL, verified as `log add` does"
        " (needs --out and --key)",
    )
    job.add_argument("--summary", metavar="FILE", type=Path, help="write what was done and found, as JSON, here")
    job.add_argument("--junit", metavar="FILE", type=Path, help="write it as JUnit XML here, as CI servers read it")
    job.add_argument(
        "--metrics",
        metavar="FILE",
        type=Path,
        help="write it here for Prometheus, as node_exporter's textfile collector reads it (needs the extra metrics)",
    )
    job.add_argument(
        "--metrics-port",
        metavar="[HOST:]PORT",
        type=Address,
        help="serve the same to Prometheus while running, on this machine alone unless HOST says otherwise",
    )
    job.add_argument(
        "--metrics-push",
        metavar="URL",
        help="bring the same to a Pushgateway when the run has ended, in the place of what the last one brought to this"
        " URL; ${NAME} in it is taken from the environment",
    )
    job.add_argument(
        "--webhook",
        metavar="URL",
        help="tell this address of each change of verdict, signed; ${NAME} in it is taken from the environment",
    )
    job.add_argument(
        "--webhook-key",
        metavar="FILE",
        type=Path,
        help="the key that signs the messages (default: the variable SCANNER_WEBHOOK_KEY)",
    )
