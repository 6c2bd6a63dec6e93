"""`--history` with flows: which counterparts the claims of a history declare. The reader's knowledge, and no part of
what is signed: who has another history may find others."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from scanner.cli import terminal

if TYPE_CHECKING:
    from scanner.core.ids import Chain
    from scanner.history.declarers import Declarers
    from scanner.weighing.flows import AssetFlow, Counterpart, Flows, Moved


def check(arguments: Namespace) -> None:
    """That the history can be read, before anything else is done. Raises InputError, HistoryInvalid."""
    if arguments.history is not None:
        from scanner.history.log import open_history

        with open_history(arguments.history) as history:
            history.entries()


def declared(arguments: Namespace, flows: Flows) -> list[dict[str, Any]] | None:
    """Of each asset with such counterparts, as JSON values; None where no history is named. Raises InputError,
    HistoryInvalid."""
    if arguments.history is None:
        return None
    from scanner.history.declarers import declarers
    from scanner.history.log import open_history

    assets = flows.assets
    named: dict[Chain, set[bytes]] = {}
    for flow in assets:
        named.setdefault(flow.asset.chain, set()).update(each.account for each in flow.counterparts)
    with open_history(arguments.history) as history:
        found = declarers(history, named)
    return as_json(assets, found)


def as_json(assets: tuple[AssetFlow, ...], found: Declarers) -> list[dict[str, Any]]:
    """What moved from the accounts that are declared and to them: of each asset, and of each account."""
    listed = []
    for flow in assets:
        accounts = {account for chain, account in found if chain == flow.asset.chain}
        counterparts, before, after = flow.with_some(accounts)
        if counterparts:
            listed.append(
                {
                    "asset": str(flow.asset),
                    "unit": flow.unit,
                    "shows": flow.shows.value,
                    "before": _moved(flow, before),
                    "after": _moved(flow, after),
                    "accounts": [_account(flow, each, found) for each in counterparts],
                }
            )
    return listed


def as_part(listed: list[dict[str, Any]] | None) -> dict[str, Any]:
    """For a result as JSON: nothing where no history is named."""
    return {} if listed is None else {"declared": listed}


def present(listed: list[dict[str, Any]] | None) -> None:
    """On stdout, where a history is named."""
    if listed is not None:
        from scanner.report.flows_declared import render

        print()
        print(render(listed, width=terminal.width(), colour=terminal.colours()), end="")


def _account(flow: AssetFlow, each: Counterpart, found: Declarers) -> dict[str, Any]:
    from scanner.chains.accounts import account_text

    return {
        "account": account_text(flow.asset.chain, each.account),
        "exchanges": [*found[flow.asset.chain, each.account]],
        "before": _moved(flow, each.before),
        "after": _moved(flow, each.after),
        "roundTrip": each.round_trip,
    }


def _moved(flow: AssetFlow, moved: Moved) -> dict[str, Any]:
    from scanner.core.amounts import exact

    return {"came": exact(flow.coins(moved.came)), "went": exact(flow.coins(moved.went))}
