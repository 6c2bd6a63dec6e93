"""What can be typed after `scanner log` and `scanner site`, and the help for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.cli.anchoring import add_trusted
from scanner.cli.command import add_demanded_keys, add_evidence
from scanner.cli.dating import add_stamps

HISTORY = "SCANNER_HISTORY"  # the environment variable that names the history where --history does not
DEFAULT = "reserve-history.sqlite"

Moment = Callable[[str], object]

_CHECKED = """\
checked each time: every envelope and its digest, every signature that an entry is called verified by, every column,
and every claim's accounts against what was signed. Claims and evidence are not kept, so what was read of them is not
computed again: "scanner log add ATTESTATION --claim CLAIM --key PUB" does that, for an entry that is there already too,
and says which it is."""


def add_log(log: argparse.ArgumentParser, moment: Moment, exit_codes: str) -> None:
    """`log` itself lists; what else can be done with a history stands behind it."""
    add_history(log)
    log.add_argument("--exchange", metavar="NAME", help="list this exchange alone")
    _add_cadence(log, moment)
    log.add_argument("--json", action="store_true", help="print the history as JSON")
    actions = log.add_subparsers(
        dest="action", metavar="[ACTION]", title="actions", help="list the history, if nothing else is said"
    )
    _add_add(actions, exit_codes)
    check = _action(
        actions,
        "check",
        "compare all that was derived with the envelopes it was derived from",
        f"example:\n  scanner log check --trust {EXAMPLE_CHAIN}=0x...\n\n{_CHECKED}\n\n{exit_codes}",
    )
    check.add_argument(
        "--key",
        metavar="PUB",
        type=Path,
        action="append",
        default=[],
        help="a public key (PEM) that you know; an entry verified against none of them is a fault (repeatable)",
    )
    add_trusted(check, "in the current folder")
    add_history(check, within=True)
    rebuild = _action(
        actions,
        "rebuild",
        "derive everything anew from the envelopes; makes a history of an older version one of this",
        exit_codes,
    )
    add_history(rebuild, within=True)


def add_site(site: argparse.ArgumentParser, moment: Moment) -> None:
    """`site` writes a folder of pages."""
    site.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="the folder to write; one of an earlier site is replaced"
    )
    add_history(site)
    site.add_argument("--title", metavar="TEXT", default="Proof of reserves", help="the site's name")
    site.add_argument("--notice", metavar="TEXT", help="a line to put on top of every page")
    site.add_argument("--url", metavar="URL", help="where the site will stand; feeds need it for links that lead there")
    add_auditors(site)
    site.add_argument("--key-url", metavar="URL", help="say on the pages where the signers publish their keys")
    _add_cadence(site, moment)


def add_auditors(command: argparse.ArgumentParser) -> None:
    """Whose signatures are taken for auditors'."""
    command.add_argument(
        "--auditor",
        metavar="PUB",
        type=Path,
        action="append",
        default=[],
        help="the public key (PEM) of an auditor, for the score: a signature by it counts; may be given several times",
    )


def _add_add(actions: argparse._SubParsersAction[argparse.ArgumentParser], exit_codes: str) -> None:
    example = "example:\n  scanner log add out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub"
    add = _action(actions, "add", "verify an attestation, and append it", f"{example}\n\n{exit_codes}")
    add.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's file, or a series'")
    add.add_argument(
        "--claim",
        metavar="CLAIM",
        type=Path,
        action="append",
        help="the claim it is about; given several times, the claims that were weighed together",
    )
    add_demanded_keys(add)
    add_evidence(add)
    add.add_argument(
        "--policy", metavar="FILE", type=Path, help="refuse one made under a laxer policy than this file's"
    )
    add_stamps(add)
    add.add_argument(
        "--unverified", action="store_true", help="check nothing; keep it marked as not verified, counted for nothing"
    )
    add_history(add, within=True)
    add.add_argument("--json", action="store_true", help="print what was added as JSON")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str, epilog: str
) -> argparse.ArgumentParser:
    return actions.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_history(command: argparse.ArgumentParser, *, within: bool = False) -> None:
    """`within` another command that has the option too: its value is not overwritten by a default."""
    command.add_argument(
        "--history",
        metavar="FILE|URL",
        **({"default": argparse.SUPPRESS} if within else {}),  # type: ignore[arg-type]
        help=f"a SQLite file or a postgresql:// URL (default: ${HISTORY}, else {DEFAULT})",
    )


def _add_cadence(command: argparse.ArgumentParser, moment: Moment) -> None:
    add_expected(command)
    command.add_argument(
        "--at", metavar="TIME", type=moment, help="the moment at which lateness is judged (default: now)"
    )


def add_expected(command: argparse.ArgumentParser) -> None:
    """How often reports should come."""
    command.add_argument(
        "--cadence",
        choices=["daily", "weekly", "monthly", "quarterly", "yearly"],
        help="how often a report is expected: tells which are missing or late",
    )
    command.add_argument(
        "--grace",
        metavar="DAYS",
        type=_days,
        default=14,
        help="how long after its period a report is due (default: 14)",
    )


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise ValueError(text)
    return int(text)
