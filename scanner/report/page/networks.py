"""Network by network: the blocks that were read, which operators were asked, and how far the claim was read there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanner.chains.names import name_of
from scanner.core.ids import Chain
from scanner.report.element import Content, Element, el
from scanner.report.explorer_link import explorer_link
from scanner.report.page.lists import cell, listed, table
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import CAUSES

_READ: Final = (("Asset", "word"), ("Counts as", "word"), ("Holdings", "figure"), ("Read", "figure"))
_CLAIMED: Final = (("Claimed", "figure"), ("Found minus claimed", "figure"), ("Differing", "figure"))
_PROOF: Final = (("Kept by its contract as", "word"),)


def networks(said: SignedValue) -> Element:
    """One part for each chain, in the order of their names; every asset is part of one."""
    finding, run = said["finding"], said["run"]
    chains = {snapshot["chain"].value for snapshot in finding["snapshots"]} | run["operators"].value.keys()
    chains |= {_chain_of(coverage) for coverage in finding["coverage"]}
    return el(
        "section",
        el("h2", "Network by network", id="networks"),
        el(
            "p",
            "Each balance was read at the block named here. Compare its hash with any node or explorer: everything else"
            " rests on it.",
        ),
        *(part for chain in sorted(chains) for part in _network(chain, finding, run)),
        aria_labelledby="networks",
    )


def _network(chain: str, finding: SignedValue, run: SignedValue) -> Iterator[Content]:
    pinned = [each for each in finding["snapshots"] if each["chain"].value == chain]
    covered = [each for each in finding["coverage"] if _chain_of(each) == chain]
    named = [each["chain"].shown("name") for each in pinned]
    named += [each.shown("key") for each in run["operators"] if each.key == chain]
    name = _name(chain)
    yield el("h3", name, " " if name else None, el("code", named[0] if named else chain))
    blocks = [_block(each) for each in pinned]
    blocks += [_read_twice(each) for each in finding["passes"] if each["chain"].value == chain]
    if blocks:
        yield from listed(blocks, len(blocks))
    else:
        yield el("p", "No block could be agreed on, so nothing was read here.", class_="remark")
    asked = list(run["operators"][chain]) if chain in run["operators"].value else []
    names = [part for operator in asked for part in (", ", operator.shown("name"))][1:]
    yield el("p", "Asked: ", *(names or ("no operator",)), class_="asked")
    if covered:
        stated = any(map(_states, covered))
        tokens = any(_proof(each["asset"], finding["proving"]) for each in covered)
        rows = [_asset(each, finding["proving"], stated=stated, tokens=tokens) for each in covered]
        columns = (*_READ, *(_CLAIMED if stated else ()), *(_PROOF if tokens else ()))
        yield table(f"Holdings on {name or chain}, and how many of them were read", columns, rows)
        if not stated:
            yield el("p", "The exchange's claim does not say how much each of them holds.", class_="remark")


def _block(snapshot: SignedValue) -> Element:
    pinned = "named by the claim" if snapshot["named"].value else "the last one by then"
    if not snapshot["weighed"].value:
        pinned = "the block of which the exchange states amounts: read to compare them, and for nothing else"
    return el(
        "li",
        "Block ",
        snapshot["height"].shown("number"),
        " of ",
        snapshot["time"].shown("moment"),
        f", {pinned}",
        el("br"),
        el("code", snapshot["hash"].shown("account")),
        *explorer_link(snapshot.value),
    )


def _read_twice(twice: SignedValue) -> Element:
    first, last = twice["earliest"], twice["latest"]
    return el(
        "li",
        "Read in two passes, from block ",
        first["height"].shown("number"),
        " of ",
        first["time"].shown("moment"),
        " to block ",
        last["height"].shown("number"),
        " of ",
        last["time"].shown("moment"),
        ": of ",
        twice["balances"].shown("number"),
        " balances ",
        twice["moved"].shown("number"),
        " changed in between. Of these the lower one counts, as a lower bound: a coin that moved once is counted at"
        " most once",
    )


def _asset(coverage: SignedValue, proving: SignedValue, *, stated: bool, tokens: bool) -> Element:
    asset = coverage["asset"]
    claimed = [("claimed", "amount"), ("difference", "signed"), ("disagreeing", "number")] if stated else []
    return el(
        "tr",
        el("th", coverage["label"].shown("name"), el("code", asset.shown("account")), scope="row"),
        cell(coverage["unit"].shown("unit")),
        cell(coverage["holdings"].shown("number"), kind="figure"),
        cell(coverage["read"].shown("number"), kind="figure"),
        *(
            cell(coverage[key].shown(kind) if _states(coverage) else "not stated", kind="figure")
            for key, kind in claimed
        ),
        cell(*(_proof(asset, proving) or ("–",))) if tokens else None,
    )


def _states(coverage: SignedValue) -> bool:
    return bool(coverage["unstated"].value < coverage["holdings"].value)


def _proof(asset: SignedValue, proving: SignedValue) -> tuple[Content, ...]:
    """Where a token keeps its balances, and why some or all went without proof: the signers' word."""
    layouts, unproven, name = proving["layouts"], proving["unproven"], asset.value
    layout = (layouts[name].shown("text"),) if name in layouts.value else ()
    reason = tuple(_without_proof(unproven[name])) if name in unproven.value else ()
    return (*layout, *(("; ",) if layout and reason else ()), *reason)


def _without_proof(unproven: SignedValue) -> Iterator[Content]:
    """For what causes, by name and in words."""
    yield "not proven"
    for position, cause in enumerate(unproven):
        yield from (": " if position == 0 else "; ", cause.shown("text"), ", ", CAUSES.get(cause.value, ""))


def _chain_of(coverage: SignedValue) -> str:
    return str(coverage["asset"].value).partition("/")[0]


def _name(chain: str) -> str | None:
    """What people call the chain, where it is known."""
    return name_of(Chain(*chain.split(":")))
