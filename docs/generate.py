"""`make docs`: the pages and schemas that follow from the code, written where they are published.

    docs/api.md                 the library, from its docstrings
    docs/commands/*.md          a page for each command, from the parser of the command line
    docs/tables/*.csv           tables that findings follow from, for verifiers of other make
    docs/schema/*.schema.json   JSON Schemas, from the shapes that readers and writers check by

Tests compare what lies there with what this would write, so no one has to remember it. Not here: what any page says.
"""

from __future__ import annotations

import csv
from argparse import SUPPRESS, Action, ArgumentParser, _HelpAction, _SubParsersAction
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from docs.api_page import api
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, BitcoinChain, WorkRules
from scanner.chains.evm import known_layouts, shown_again
from scanner.chains.facts_revision import Row
from scanner.chains.known_assets import TABLE
from scanner.chains.names import parse_asset
from scanner.chains.registry import FAMILIES
from scanner.cli import schemas
from scanner.cli.arguments import parser
from scanner.sources.published.networks import TABLE as NETWORKS

DOCS: Final = Path(__file__).resolve().parent
_REVISIONS: Final = ("since", "until")
_WIDTH: Final = 100
_PREFIXES: Final = ("bech32", "p2pkh", "p2sh", "cashaddr", "mweb")
_BITCOIN: Final = ("chain", "title", *_PREFIXES, "message", "slip44", "decimals", "least_moved")


def published() -> dict[Path, str]:
    """Every file that follows from the code, by where it belongs: its text."""
    pages = {DOCS / "commands" / f"{name}.md": page(name, command) for name, command in commands().items()}
    pages[DOCS / "commands" / "README.md"] = index()
    pages[DOCS / "api.md"] = api()
    files = {DOCS / "schema" / f"{name}.schema.json": schemas.as_text(name) for name in schemas.NAMES}
    return pages | files | {DOCS / "tables" / name: text for name, text in tables().items()}


def tables() -> dict[str, str]:
    """What verifiers of other make need of what families know, by file: rows in order, under their columns' names."""
    known = sorted((each.id, each.unit, str(each.decimals), *_revisions(each)) for each in TABLE)
    again = sorted((row.chain or "*", row.contract, *_revisions(row)) for row in shown_again.TABLE)
    kept = sorted((row.asset, row.layout, *_revisions(row)) for row in known_layouts.TABLE)
    families = sorted(FAMILIES.items())
    networks = sorted((row.name, row.chain, *_revisions(row)) for row in NETWORKS)
    hashes = [(name, family.block_hash.pattern) for name, family in families]
    forms = [
        (name, form.pattern.pattern, ";".join(form.schemes), *_revisions(form))
        for name, family in families
        for form in family.signature_forms
    ]
    keyless = [
        (each.on, each.account, each.what, *_revisions(each))
        for family in FAMILIES.values()
        for each in family.keyless_accounts
    ]
    return {
        "bitcoin_chains.csv": _csv(_BITCOIN, [_bitcoin(*each) for each in BITCOIN_CHAINS.items()]),
        "keyless_accounts.csv": _csv(("on", "account", "what", *_REVISIONS), keyless),
        "contracts.csv": _csv(("asset", "unit", "decimals", *_REVISIONS), known),
        "shown_again.csv": _csv(("chain", "contract", *_REVISIONS), again),
        "known_layouts.csv": _csv(("asset", "layout", *_REVISIONS), kept),
        "labels.csv": _csv(("label", "chain", "asset", "unit", "decimals", "own", *_REVISIONS), _labels()),
        "networks.csv": _csv(("network", "chain", *_REVISIONS), networks),
        "block_hashes.csv": _csv(("namespace", "pattern"), hashes),
        "signature_forms.csv": _csv(("namespace", "pattern", "schemes", *_REVISIONS), forms),
    }


def _revisions(row: Row) -> tuple[str, str]:
    """In which revisions of the tables a row stands: from the first to the last, which is empty where there is none."""
    return str(row.since), str(row.until or "")


def _labels() -> list[tuple[str, ...]]:
    """What files call assets: `own` where a label means the asset where no network is named."""
    rows = []
    for each in TABLE:
        asset = parse_asset(each.id)
        for place, label in enumerate(each.labels):
            named = label.strip().upper(), str(asset.chain), each.id
            rows.append((*named, each.unit, str(each.decimals), "" if place else "own", *_revisions(each)))
    return sorted(rows)


def _bitcoin(reference: str, chain: BitcoinChain) -> tuple[str, ...]:
    versions = ";".join(f"{version:02x}" for version in chain.p2sh)
    coin = "" if chain.slip44 is None else str(chain.slip44)
    message = (chain.magic or b"").decode().removesuffix("\n")
    prefixes = (chain.hrp or "", f"{chain.p2pkh:02x}", versions, chain.cash_prefix or "", chain.mweb_hrp or "")
    moved = "" if not isinstance(chain.work, WorkRules) else str(chain.least_moved)
    return (f"bip122:{reference}", chain.name, *prefixes, message, coin, str(chain.decimals), moved)


def _csv(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows((columns, *rows))
    return text.getvalue()


def commands() -> dict[str, ArgumentParser]:
    """The parsers of all commands, by name, in the order of `scanner --help`."""
    (found,) = (action for action in parser()._actions if isinstance(action, _SubParsersAction))
    return dict(found.choices)


def index() -> str:
    """The list of the pages."""
    rows = [f"| [`scanner {name}`]({name}.md) | {command.description} |" for name, command in commands().items()]
    return "\n".join(
        [
            "# The commands",
            "",
            "Results go to stdout, everything else to stderr. The exit codes are on",
            "[the first page](../../README.md#on-a-real-claim). `make docs` writes these pages from what",
            "`scanner COMMAND --help` says.",
            "",
            "| command | what it does |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def page(name: str, command: ArgumentParser) -> str:
    """The page of one command, in Markdown, with all that stands behind it (`scanner log add`)."""
    behind = [
        (f"{name} {each}", parser)
        for action in command._actions
        if isinstance(action, _SubParsersAction)
        for each, parser in action.choices.items()
    ]
    return "\n".join(
        [
            f"# scanner {name}",
            "",
            *_described(name, command),
            *(line for whole, parser in behind for line in (f"## scanner {whole}", "", *_described(whole, parser))),
            "[All commands](README.md)",
            "",
        ]
    )


def _described(name: str, command: ArgumentParser) -> Iterator[str]:
    """What a command is for, its line, arguments and examples."""
    actions = [action for action in command._actions if action.help != SUPPRESS and not isinstance(action, _HelpAction)]
    yield from (command.description or "", "", "```text", *_usage(name, actions), "```", "")
    yield from ("| argument | meaning |", "|---|---|", *(_row(action) for action in actions), "")
    title, *examples = (command.epilog or "").partition("\n\n")[0].splitlines() or [""]
    if title in ("example:", "examples:"):
        yield from (f"{title.capitalize()}", "", "```sh", *(example.strip() for example in examples), "```", "")


def _usage(name: str, actions: list[Action]) -> Iterator[str]:
    """The command line in short, broken between arguments."""
    line = f"scanner {name}"
    indent = " " * (len(line) + 1)
    positional = [action for action in actions if not action.option_strings]
    for action in (*positional, *(action for action in actions if action.option_strings)):
        word = _written(action) if action.required else f"[{_written(action)}]"
        if len(line) + 1 + len(word) > _WIDTH:
            yield line
            line = indent + word
        else:
            line = f"{line} {word}"
    yield line


def _written(action: Action) -> str:
    metavar = action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()
    if not action.option_strings:
        return f"{metavar}..." if action.nargs == "+" else str(metavar)
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {metavar}"


def _row(action: Action) -> str:
    meaning = (action.help or "").replace("|", "\\|")
    needed = "; required" if action.required and action.option_strings else ""
    written = _written(action).replace("|", "\\|")
    return f"| `{written}` | {meaning}{needed} |"


def main() -> None:
    for path, text in published().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in (*(DOCS / "commands").glob("*.md"), *(DOCS / "schema").glob("*.json")):
        if path not in published():
            path.unlink()


if __name__ == "__main__":
    main()
