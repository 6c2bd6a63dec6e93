"""`scanner check --plan`: what a scan will ask of each operator, before anything is read.

In requests, calls, bytes and units, and how long that takes at the operator's limits: as it states them, or as an
earlier scan has learnt them. How it is found out: `scanning.plan`.
"""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from scanner.chains.history import reads_only_tip
from scanner.chains.names import name_of
from scanner.chains.rehearsal import ONE_BY_ONE, WAYS, AskedOfNode, has_server
from scanner.cli.learnt_limits import Earlier, learnt
from scanner.cli.series_arguments import is_asked_for, schedule
from scanner.core.ids import AssetId, Chain
from scanner.report.cells import MARGIN, NOTHING, Paint, grid, left, right, wrapped
from scanner.scanning.events import Event, NodeOpened, Observer
from scanner.scanning.plan import ChainPlan, OperatorPlan, Step, Ways, plan
from scanner.sources.presets import Limits, presets
from scanner.weighing.claim import Claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.moments import duration
from scanner.weighing.schedule import seed_chain

SAMPLE: Final = 300  # of each asset, as `scanner init` has it, where the instrument names no number
_NO_LIMITS: Final = Limits()


class OpenedNodes:
    """An observer that remembers in which ways each operator's nodes can be asked."""

    def __init__(self) -> None:
        self.ways: dict[tuple[Chain, str], tuple[str, ...]] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, NodeOpened):
            self.ways[event.chain, event.operator] = event.ways


def both(one: Observer, other: Observer) -> Observer:
    """An observer that tells two."""

    def tell(event: Event) -> None:
        one(event)
        other(event)

    return tell


@dataclass(frozen=True, slots=True)
class Planned:
    """What a scan will ask. `one_by_one`: the same where nodes take nothing but a call for each account, for those of
    which it is not known how they can be asked."""

    chains: Sequence[ChainPlan]
    one_by_one: Mapping[tuple[Chain, str], OperatorPlan]
    proving: int | None  # of each asset, None for all
    sample: int  # of each asset
    earlier: Earlier
    labels: Mapping[AssetId, str]  # of the claim's assets
    moments: int = 0  # of a series, at most; 0 where none is asked for
    searches: Mapping[Chain, int] = field(default_factory=dict)  # for blocks that draw them


def planned(
    arguments: Namespace, claim: Claim, instrument: Instrument, opened: OpenedNodes, chains: Collection[Chain]
) -> Planned:
    """For `chains`, which can be asked about. Raises InputError for a log that cannot be read."""
    earlier = learnt(arguments.learnt) if arguments.learnt else Earlier()
    logged = {operator: ways for operator, ways in earlier.ways.items() if ways and WAYS.issuperset(ways)}
    ways = {**logged, **opened.ways}
    sample = instrument.prove or SAMPLE
    nodes = [node for node in instrument.nodes if node.chain in chains]
    unknown = {(node.chain, node.operator) for node in nodes if has_server(node.kind)} - ways.keys()
    of_unknown = tuple(node for node in nodes if (node.chain, node.operator) in unknown)

    labels = {asset.id: asset.label for asset in claim.assets.values()}
    series = schedule(arguments, claim.as_of) if is_asked_for(arguments) else None

    def made(instrument: Instrument, ways: Ways) -> list[ChainPlan]:
        of_series = series is not None
        work = plan(claim, instrument, chains, ways=ways, sample=sample, most_calls=_most_calls, series=of_series)
        return asyncio.run(work)

    one_by_one = made(replace(instrument, nodes=of_unknown), dict.fromkeys(unknown, ONE_BY_ONE)) if unknown else []
    slow = {(chain.chain, each.operator): each for chain in one_by_one for each in chain.operators}
    found = Planned(made(instrument, ways), slow, instrument.prove, sample, earlier, labels)
    if series is None:
        return found
    drawing = seed_chain(claim)
    searches = {} if drawing is None else {drawing: len(series.numbers)}
    return replace(found, moments=len(series.numbers) + len(series.fixed), searches=searches)


def lines(planned: Planned, width: int, paint: Paint) -> Iterator[str]:
    """For people."""
    yield ""
    yield paint("title", "what a scan will ask")
    for chain in planned.chains:
        yield ""
        yield paint("title", f"{name_of(chain.chain) or chain.chain} ({chain.chain})")
        compared = f"; {chain.compared:,} again at {chain.heights:,} blocks that rows name" if chain.compared else ""
        yield f"{MARGIN}{chain.rows:,} {'balance' if chain.rows == 1 else 'balances'}{compared}"
        for operator in chain.operators:
            yield from _operator(chain, operator, planned, width, paint)
        if planned.moments and reads_only_tip(chain.chain):
            yield from wrapped("no series: such a chain can be read only as it is now", width)
        if chain.unknown:
            yield from wrapped(_left_out(chain, planned.labels), width)
    yield ""
    remark = (
        f"A sample of {planned.sample:,} has every balance that is 1/{planned.sample:,} of its asset or more; of"
        " smaller ones the finding says how likely it is that a false one was missed."
        f" Limits are as their operators stated them on {presets().facts_of}, not verified. Not in it are questions"
        " that are asked again, owners that only an answer leads to, movements of accounts, and what a token's code"
        " reads beside one word."
    )
    yield from (line.removeprefix(MARGIN) for line in wrapped(remark, width))


def _left_out(chain: ChainPlan, labels: Mapping[AssetId, str]) -> str:
    names = ", ".join(labels[asset] for asset in chain.unknown[:3]) + (" ..." if chain.unknown[3:] else "")
    assets = "one asset" if len(chain.unknown) == 1 else f"{len(chain.unknown)} assets"
    return f"proofs of {assets} are not in it, as what they take is found out by asking: {names}"


def as_json(planned: Planned) -> dict[str, Any]:
    """For machines."""
    return {
        "factsOf": presets().facts_of.isoformat(),
        "prove": "all" if planned.proving is None else planned.proving,
        "sample": planned.sample,
        "seriesMoments": planned.moments or None,
        "chains": [
            {
                "chain": str(chain.chain),
                "balances": chain.rows,
                "compared": chain.compared,
                "blocksCompared": chain.heights,
                "proofsNotIncluded": [str(asset) for asset in chain.unknown],
                "operators": [_operator_json(chain, operator, planned) for operator in chain.operators],
            }
            for chain in planned.chains
        ],
    }


def seconds(asked: AskedOfNode, limits: Limits, rate: float | None) -> float | None:
    """How long it takes at least, at what an operator states, and at the calls a second that its nodes were found to
    take; None where nothing of it is known."""
    units = limits.units_for(asked.calls)
    bounds = [
        None if limits.requests is None else asked.requests / limits.requests,
        None if limits.units is None or units is None else units / limits.units,
        None if rate is None else sum(asked.calls.values()) / rate,
    ]
    return max((bound for bound in bounds if bound is not None), default=None)


def _most_calls(operator: str) -> int | None:
    return (presets().limits(operator) or _NO_LIMITS).batch


def _operator(chain: ChainPlan, operator: OperatorPlan, planned: Planned, width: int, paint: Paint) -> Iterator[str]:
    limits = presets().limits(operator.operator) or _NO_LIMITS
    rate = planned.earlier.rates.get((chain.chain, operator.operator))
    nodes = f"{operator.nodes} nodes that share it" if operator.nodes > 1 else "one node"
    slow = planned.one_by_one.get((chain.chain, operator.operator))
    ways = (
        f", by {operator.ways[0].replace('_', ' ')}" if operator.ways else ", if it runs code of ours" if slow else ""
    )
    yield f"{MARGIN}{paint('heading', operator.operator)}: {operator.kind}, {nodes}{ways}"
    total = operator.total(planned.proving, planned.sample)
    rows = {_NAMES[step].format(sample=f"{planned.sample:,}"): asked for step, asked in operator.steps.items()}
    rows[f"in all, proving {_proving(planned)}"] = total
    series = _of_series(chain, operator, planned)
    if series is not None:
        rows[f"a series of {planned.moments:,} moments"] = series
    yield from grid(
        {
            "asked": left(list(rows), "asked"),
            "requests": right([_count(each.requests, each) for each in rows.values()], "requests"),
            "calls": right([_count(sum(each.calls.values()), each) for each in rows.values()], "calls"),
            "sent": right([_bytes(each.sent) for each in rows.values()], "sent"),
            "received": right([_bytes(each.received) for each in rows.values()], "received"),
            "units": right([_units(each, limits) for each in rows.values()], "units"),
        },
        width,
        paint,
    )
    yield from wrapped(_time(total, limits, rate, operator), width)
    if series is not None:
        yield from wrapped(f"the series, {_time(series, limits, rate, operator)}", width)
    if total.at_least:
        yield from wrapped(_AND_MORE, width)
    if slow is not None:
        most = slow.total(planned.proving, planned.sample)
        slowly = f"if it runs no code of ours: {most.requests:,} requests, {sum(most.calls.values()):,} calls"
        units = limits.units_for(most.calls)
        slowly += f", {units:,} units" if units is not None else ""
        yield from wrapped(f"{slowly}; {_time(most, limits, rate, operator)}", width)


def _of_series(chain: ChainPlan, operator: OperatorPlan, planned: Planned) -> AskedOfNode | None:
    """What a series asks, where one is asked for, and the chain has one."""
    if not planned.moments or reads_only_tip(chain.chain):
        return None
    searches = planned.searches.get(chain.chain, 0)
    return operator.of_series(planned.moments, searches, planned.proving, planned.sample)


_AND_MORE: Final = "+: at least; more where accounts have long histories, and the more blocks have come since"
_NAMES: Final = {step: step.value for step in Step} | {Step.PROVE_SAMPLE: "proofs of a sample of {sample}"}


def _proving(planned: Planned) -> str:
    return {None: "all", 0: "none"}.get(planned.proving, f"a sample of {planned.sample:,}")


def _time(asked: AskedOfNode, limits: Limits, rate: float | None, operator: OperatorPlan) -> str:
    found = seconds(asked, limits, rate)
    if found is None:
        requests = "1 request" if operator.at_once == 1 else f"{operator.at_once} requests"
        why = f" ({limits.unstated})" if limits.unstated else ""
        return f"time: no limit is known{why}; {requests} at once, as fast as it answers"
    at = [
        f"{limits.requests:,} requests a second" if limits.requests else "",
        f"{limits.units:,} units a second" if limits.units and limits.units_for(asked.calls) is not None else "",
        f"the {rate:,.1f} calls a second that it took before" if rate else "",
    ]
    return f"time: {duration(timedelta(seconds=max(1, round(found))))} or more, at {' and '.join(filter(None, at))}"


def _operator_json(chain: ChainPlan, operator: OperatorPlan, planned: Planned) -> dict[str, Any]:
    limits = presets().limits(operator.operator) or _NO_LIMITS
    rate = planned.earlier.rates.get((chain.chain, operator.operator))
    slow = planned.one_by_one.get((chain.chain, operator.operator))
    series = _of_series(chain, operator, planned)

    def figures(asked: AskedOfNode) -> dict[str, Any]:
        at_least = seconds(asked, limits, rate)
        return {
            "requests": asked.requests,
            "calls": dict(sorted(asked.calls.items())),
            "bytesSent": asked.sent,
            "bytesReceived": asked.received,
            "units": limits.units_for(asked.calls),
            "seconds": None if at_least is None else round(at_least, 1),
            "atLeast": asked.at_least,
        }

    return {
        "operator": operator.operator,
        "kind": operator.kind,
        "nodes": operator.nodes,
        "ways": list(operator.ways),
        "steps": {step.name.lower(): figures(asked) for step, asked in operator.steps.items()},
        "total": figures(operator.total(planned.proving, planned.sample)),
        "series": None if series is None else figures(series),
        "totalOneByOne": None if slow is None else figures(slow.total(planned.proving, planned.sample)),
    }


def _count(count: int, asked: AskedOfNode) -> str:
    return f"{count:,}+" if asked.at_least else f"{count:,}"


def _bytes(count: int) -> str:
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} B" if count else NOTHING


def _units(asked: AskedOfNode, limits: Limits) -> str:
    units = limits.units_for(asked.calls)
    return NOTHING if units is None else f"{units:,}"
