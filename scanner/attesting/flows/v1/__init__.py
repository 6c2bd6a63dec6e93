"""Version 1 of the flows predicate, field by field in docs/flows.md.

Released with 1.0.0, and never changed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from scanner.attesting.digests import hex_of, sha256_text
from scanner.attesting.flows.interface import FlowsFormat, StatedFlows
from scanner.attesting.flows.v1.shape import SHAPE
from scanner.attesting.formats.v1.finding import write_policy
from scanner.attesting.formats.v1.reading import read_policy
from scanner.attesting.points import MomentsRun
from scanner.attesting.times import read_time, written_time
from scanner.chains.accounts import account_text
from scanner.chains.names import parse_asset
from scanner.core.amounts import exact, rounded_down
from scanner.core.evidence import Gap
from scanner.core.ids import AssetId
from scanner.core.transfers import NOT_ONE
from scanner.errors import Why
from scanner.weighing.flows import AssetFlow, Concentration, Counterpart, Flows, Moved, Side
from scanner.weighing.transfer_lists import AgreedList

TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-flows/v1"


def _write(flows: Flows, transfers: str, run: MomentsRun) -> dict[str, Any]:
    claim = flows.claim
    return {
        "flows": {
            "exchange": claim.exchange,
            "asOf": written_time(claim.as_of),
            "claim": sha256_text(claim.digest),
            "complete": claim.complete,
            "policy": write_policy(flows.policy),
            "window": flows.window // timedelta(seconds=1),
            "transfers": sha256_text(transfers),
            "points": [
                {"at": written_time(point.at), "statement": sha256_text(point.statement)} for point in flows.points
            ],
            "assets": [_asset(flows, each) for each in flows.assets],
        },
        "run": {"scannedAt": written_time(run.scanned_at), "scanner": run.scanner},
    }


def _asset(flows: Flows, flow: AssetFlow) -> dict[str, Any]:
    listing = flow.listing
    listed = listing if isinstance(listing, AgreedList) else AgreedList(())
    basis = listed.basis(flows.policy, flows.own)
    named = flow.named
    return {
        "asset": str(flow.asset),
        "unit": flow.unit,
        "operators": [*listed.operators],
        "dissent": [*listed.dissent],
        "basis": None if basis is None else basis.value,
        "gap": {"why": listing.why.value, "detail": listing.detail} if isinstance(listing, Gap) else None,
        "shows": flow.shows.value,
        "lacking": [why.value for why in flow.lacking],
        "held": None if flow.held is None else exact(flow.coins(flow.held)),
        "before": _side(flow, flow.before, flow.came_before),
        "after": _side(flow, flow.after, flow.went_after),
        "counterparts": [_counterpart(flow, each) for each in named],
        "others": len(flow.counterparts) - len(named),
        "roundTrips": flow.round_trips,
    }


def _side(flow: AssetFlow, side: Side, concentration: Concentration | None) -> dict[str, Any]:
    known = isinstance(flow.listing, AgreedList)
    listed = {
        **_moved(flow, side.moved),
        "net": exact(flow.coins(side.moved.came - side.moved.went)),
        "among": exact(flow.coins(side.among)),
        "transfers": side.transfers,
        "largestShare": None if concentration is None else rounded_down(concentration.largest, 6),
        "herfindahl": None if concentration is None else rounded_down(concentration.herfindahl, 6),
    }
    return {
        "listed": listed if known else None,
        "change": None if side.change is None else exact(flow.coins(side.change)),
        "unread": side.unread,
        "differing": side.differing if known else None,
    }


def _counterpart(flow: AssetFlow, each: Counterpart) -> dict[str, Any]:
    return {
        "account": None if each.account == NOT_ONE else account_text(flow.asset.chain, each.account),
        "before": _moved(flow, each.before),
        "after": _moved(flow, each.after),
        "roundTrip": each.round_trip,
    }


def _moved(flow: AssetFlow, moved: Moved) -> dict[str, Any]:
    return {"came": exact(flow.coins(moved.came)), "went": exact(flow.coins(moved.went))}


def _read(predicate: Mapping[str, Any]) -> StatedFlows:
    flows, run = predicate["flows"], predicate["run"]
    points: dict[datetime, str] = {}
    for point in flows["points"]:
        if read_time(point["at"]) in points:
            raise ValueError(f"the point of {point['at']} stands there twice")
        points[read_time(point["at"])] = hex_of(point["statement"])
    listings: dict[AssetId, AgreedList | Gap] = {}
    for each in flows["assets"]:
        asset = parse_asset(each["asset"])
        if asset in listings:
            raise ValueError(f"{asset} stands there twice")
        listings[asset] = _listing(each)
    return StatedFlows(
        claim=hex_of(flows["claim"]),
        as_of=read_time(flows["asOf"]),
        window=timedelta(seconds=flows["window"]),
        points=points,
        transfers=hex_of(flows["transfers"]),
        listings=listings,
        policy=read_policy(flows),
        run=MomentsRun(read_time(run["scannedAt"]), run["scanner"]),
    )


def _listing(stated: Mapping[str, Any]) -> AgreedList | Gap:
    if (gap := stated["gap"]) is not None:
        return Gap(Why(gap["why"]), gap["detail"])
    operators, dissent = tuple(stated["operators"]), tuple(stated["dissent"])
    for names in (operators, dissent):
        if list(names) != sorted(set(names)):
            raise ValueError(f"the operators that listed {stated['asset']} are out of order, or one stands there twice")
    return AgreedList(operators, dissent)


V1: Final = FlowsFormat(1, TYPE, SHAPE, _write, _read)
