"""What can be typed, and the help for it. Imports nothing heavy: `scanner --help` answers at once."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Final

from scanner.chains.examples import EXAMPLE_OTHER_CHAIN
from scanner.cli import completion, import_owed, included, init, job_arguments, onchain, schemas
from scanner.cli.log_arguments import add_log, add_site
from scanner.cli.misspelt import Parser
from scanner.cli.moment_argument import moment

INTERRUPTED: Final = 130  # as shells have it for SIGINT: 128 and the signal's number

_EXIT_CODES = """\
exit codes:
  0   every unit is COVERED; or the attestation holds
  1   a unit is SHORT: a finding, not a fault
  2   the command line, the claim or the settings are wrong
  3   UNKNOWN: evidence is incomplete; running again may help
  4   an attestation does not hold
  70  a bug of ours
  130 interrupted; the same command goes on from there
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top: argparse.ArgumentParser = Parser(
        prog="scanner",
        description="Checks whether a crypto exchange holds what it owes.",
        epilog=f"""\
examples:
  scanner import okx_por.zip --layout okx --out claim.yaml
  scanner check config/addresses.yaml
  scanner scan config/addresses.yaml --out out --key auditor.pem
  scanner verify out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub
  scanner log add out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub

{_EXIT_CODES}""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"scanner {version('reserve-scanner')}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    _add_import(commands)
    init.add_arguments(
        _command(
            commands,
            "init",
            "write a nodes.yaml to begin with, for the chains that a claim names",
            "scanner init claim.yaml",
            f"scanner init claim.yaml --operators drpc.org,alchemy.com --own {EXAMPLE_OTHER_CHAIN}",
        )
    )
    _add_check(commands)
    _add_scan(commands)
    _add_verify(commands)
    _add_show(commands)
    included.add_arguments(
        _command(
            commands,
            "included",
            "tell a customer whether an account is in what the exchange published, with its balances",
            "scanner included my_account.json --claim config/addresses.yaml",
            "scanner included my_account.json --attestation out/attestation.dsse.json --key auditor.pub",
        )
    )
    _add_history(commands)
    _add_tools(commands)
    return top


def _add_import(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = _command(
        commands,
        "import",
        "write a claim that refers to a file as an exchange published it",
        "scanner import okx_por.zip --layout okx --owed merkle-tree.txt --out claim.yaml",
    )
    command.add_argument("file", metavar="FILE", type=Path, help="CSV or YAML, plain, in gzip or in a ZIP")
    command.add_argument(
        "--layout",
        metavar="NAME",
        default="auto",
        help="how the file is laid out: okx, binance, bitmex, auditor, plain (default: auto, whichever fits)",
    )
    command.add_argument(
        "--out", metavar="CLAIM", type=Path, required=True, help="the claim to write, in FILE's folder or above it"
    )
    command.add_argument("--exchange", metavar="NAME", help="whose file it is (default: what the layout says)")
    command.add_argument(
        "--as-of",
        metavar="TIME",
        type=moment,
        help="the moment that is judged, such as 2023-11-22T16:00:00Z (default: the day in the file's name)",
    )
    import_owed.add_arguments(command)
    command.add_argument("--force", action="store_true", help="overwrite CLAIM if it is there")
    _add_json(command, "the account of rows")


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = _command(
        commands,
        "check",
        "examine the claim and what each node answers; sign nothing",
        "scanner check config/addresses.yaml --nodes config/nodes.yaml",
    )
    check.add_argument("claim", metavar="CLAIM", type=Path, help="the claim's file")
    _add_nodes(check)
    check.add_argument("--offline", action="store_true", help="examine the files only; connect to no node")
    job_arguments.add_plan(check)
    _add_json(check, "the examination")
    _add_log(check)


def _add_scan(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    scan = _command(
        commands,
        "scan",
        "read every holding of the claim and weigh it against what is owed",
        "scanner scan config/addresses.yaml --nodes config/nodes.yaml --out out --key auditor.pem",
    )
    scan.add_argument(
        "claims",
        metavar="CLAIM",
        type=Path,
        nargs="+",
        help="the claim's file; of several, each has a folder of its name in DIR, one that is wrong does not stop the"
        " others, and the exit code is the first of 130, 1, 70, 2, 3, 0 that one of them has",
    )
    _add_nodes(scan)
    scan.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="write the statement and its evidence here, unless the same scan's attestation, signed with the same key"
        " and without gaps, is there and holds",
    )
    scan.add_argument("--again", action="store_true", help="scan anew, whatever is in DIR")
    scan.add_argument(
        "--key",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="sign with this Ed25519 private key (PEM); may be given several times",
    )
    onchain.add_signing(scan)
    scan.add_argument(
        "--prove",
        metavar="HOW",
        type=job_arguments.Prove,
        help="prove balances by state proofs, on chains that have them: all, none, or how many are drawn of each asset,"
        " by their amounts, when all is read (default: what the nodes' file says, else all)",
    )
    scan.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="have the nodes asked by the workers of this Dask scheduler, such as tls://scheduler:8786 (needs the extra"
        " dask); tcp:// only on this machine",
    )
    scan.add_argument(
        "--cluster-plaintext",
        action="store_true",
        help="let --cluster be tcp:// on another machine, where whoever is on the way reads the nodes' keys and"
        " speaks for every worker",
    )
    job_arguments.add_arguments(scan)
    _add_json(scan, "the predicate (of several claims: an object of them, by name)")
    _add_log(scan)


def _add_verify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = _command(
        commands,
        "verify",
        "check an attestation again, offline, from its evidence",
        "scanner verify out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub",
    )
    verify.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's file")
    verify.add_argument("--claim", metavar="CLAIM", type=Path, required=True, help="the claim it is about")
    verify.add_argument(
        "--key",
        metavar="PUB",
        type=Path,
        action="append",
        required=True,
        help="an Ed25519 public key (PEM) that must have signed it; may be given several times",
    )
    onchain.add_checking(verify)
    verify.add_argument("--evidence", metavar="FILE", type=Path, help="default: evidence.csv.gz beside the attestation")
    verify.add_argument("--witness", metavar="FILE", type=Path, help="default: witness.bin beside the attestation")
    verify.add_argument(
        "--policy", metavar="FILE", type=Path, help="refuse a statement made under a laxer policy than this file's"
    )
    _add_json(verify, "what was shown")


def _add_show(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    show = _command(
        commands,
        "show",
        "tell what an attestation says, on the terminal or as a web page",
        "scanner show out/attestation.dsse.json --html page.html --key auditor.pub",
    )
    show.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's or statement's file")
    show.add_argument(
        "--html",
        metavar="FILE",
        type=Path,
        help="write a page that checks itself in its reader's browser, without any network",
    )
    show.add_argument(
        "--key",
        metavar="PUB",
        type=Path,
        action="append",
        default=[],
        help="build this Ed25519 public key (PEM), which must have signed, into the page; may be given several times",
    )
    show.add_argument(
        "--evidence", metavar="FILE", type=Path, help="put the evidence into the page too, so that it can be searched"
    )
    _add_json(show, "the predicate")


def _add_history(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add_log(
        _command(
            commands,
            "log",
            "list the history: each exchange's reports, streaks and accounts; or add to it",
            "scanner log add out/attestation.dsse.json --claim config/addresses.yaml --key auditor.pub",
            "scanner log --cadence monthly",
        ),
        moment,
        _EXIT_CODES,
    )
    add_site(
        _command(
            commands,
            "site",
            "write the history as a static site, with charts and feeds",
            "scanner site --out site --cadence monthly --url https://reserves.example/",
        ),
        moment,
    )


def _add_tools(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    schemas.add_arguments(
        _command(
            commands,
            "schema",
            "print the JSON Schema of a claim, or of what an attestation says",
            "scanner schema claim > claim.schema.json",
        )
    )
    completion.add_arguments(
        _command(
            commands,
            "completion",
            "print a script that completes this command line in a shell",
            "scanner completion bash > ~/.local/share/bash-completion/completions/scanner",
            'scanner completion zsh > "${fpath[1]}/_scanner"',
            "scanner completion fish > ~/.config/fish/completions/scanner.fish",
        )
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str, *examples: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog="\n  ".join([f"example{'s' if examples[1:] else ''}:", *examples]) + f"\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_nodes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--nodes", metavar="FILE", type=Path, help="whom to ask (default: nodes.yaml beside CLAIM)")


def _add_json(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--json", action="store_true", help=f"print {what} as JSON")


def _add_log(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--log",
        choices=["text", "json", "none"],
        help="how to tell of progress on stderr (default: text on a terminal, else none)",
    )
