"""A second verifier of flows: all ten steps on a folder, with nothing of the package. See docs/flows.md."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from jsonschema_rs import Draft202012Validator

from tests.second_verifier.accounts import DOCS, key_of
from tests.second_verifier.reading import (
    Claim,
    Json,
    Refused,
    Row,
    canonical,
    check_signed,
    encoded,
    moment,
    need,
    opened,
    predicate_of,
    rows_of,
    table,
)
from tests.second_verifier.verify import judged
from tests.second_verifier.weighing import exact

TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-flows/v1"
SCHEMA: Final = Draft202012Validator(json.loads((DOCS / "schema" / "flows.schema.json").read_text()))
HEADER: Final = "asset,height,index,block,transaction,from,to,atoms"
NONE_OF_ITS: Final = {"NO_KEY", "OWN_CONTRACT", "SAME_ACCOUNT"}


def refusal(folder: Path) -> Refused | None:
    """Why the flows in a folder do not hold; None if they do."""
    try:
        verify(folder)
    except Refused as refused:
        return refused
    return None


def verify(folder: Path) -> None:
    """Raises Refused."""
    payload, signatures = opened((folder / "flows.dsse.json").read_bytes())
    check_signed(payload, signatures, (folder / "auditor.pub.pem").read_text())
    flows, run = _predicate(payload)
    claim = Claim.read((folder / "claim.yaml").read_bytes())
    need(4, flows["claim"] == f"sha256:{claim.digest}", "it is of another claim")
    need(4, moment(flows["asOf"]) == moment(claim.fields["as_of"]), "of another moment")
    moments = _moments(flows, run)
    points = [_Point(folder, at, claim, flows) for at in moments]
    revisions = {point.finding["tablesRevision"] for point in points}
    need(6, len(revisions) == 1, "points of several revisions of the tables")
    _check_blocks(points)
    transfers = _transfers((folder / "transfers.csv.gz").read_bytes(), flows, claim, points)
    computed = {
        **{key: flows[key] for key in ("asOf", "claim", "policy", "window", "transfers", "points")},
        "exchange": claim.fields["exchange"],
        "complete": points[1].finding["complete"],
        "assets": [_asset(claim, asset, flows, points, transfers) for asset in sorted(claim.assets)],
    }
    for key in sorted(flows):
        need(9, encoded(flows[key]) == encoded(computed[key]), f"flows.{key}: {flows[key]} is not {computed[key]}")


def _predicate(payload: bytes) -> tuple[Json, Json]:
    """Step 3."""
    need(3, len(payload) <= 16 * 2**20, "too long")
    statement = canonical(payload, 3)
    need(3, isinstance(statement, dict), "no statement")
    need(3, statement.keys() == {"_type", "subject", "predicateType", "predicate"}, "other keys")
    need(3, statement["_type"] == "https://in-toto.io/Statement/v1" and statement["predicateType"] == TYPE, "a type")
    error = next(SCHEMA.iter_errors(statement["predicate"]), None)
    need(3, error is None, error.message if error else "")
    flows, run = statement["predicate"]["flows"], statement["predicate"]["run"]
    named = {"claim": flows["claim"], "transfers.csv.gz": flows["transfers"]}
    named |= {
        f"points/{moment(each['at']):%Y%m%dT%H%M%SZ}/statement.json": each["statement"] for each in flows["points"]
    }
    subject = [{"name": name, "digest": {"sha256": digest[7:]}} for name, digest in named.items()]
    need(3, statement["subject"] == subject, "the subjects are not what the predicate names")
    need(3, len({each["at"] for each in flows["points"]}) == 3, "a point twice")
    need(3, Fraction(flows["policy"]["threshold"]) > 0, "a threshold of zero")
    assets = [each["asset"] for each in flows["assets"]]
    need(3, len(set(assets)) == len(assets), "an asset twice")
    for each in flows["assets"]:
        need(3, _is_asset(each["asset"]), "no asset")
        for names in (each["operators"], each["dissent"]):
            need(3, each["gap"] is not None or names == sorted(set(names)), "operators out of order")
    moment(run["scannedAt"]), moment(flows["asOf"])
    return flows, run


def _is_asset(text: str) -> bool:
    """CAIP-19, as far as names like those of the vectors go."""
    named = re.fullmatch(r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32})/([-a-z0-9]{3,8}):([-.%a-zA-Z0-9]{1,128})", text)
    if named is None:
        return False
    namespace, chain, kind, reference = named.groups()
    number = r"0|[1-9][0-9]*"
    if namespace == "eip155" and not re.fullmatch(number, chain):
        return False
    if kind == "slip44":
        known = text.partition("/")[0] != "eip155:1" or reference == "60"
        return known and re.fullmatch(number, reference) is not None
    if kind == "erc20":
        return namespace == "eip155" and re.fullmatch(r"0x[0-9a-f]{40}", reference) is not None
    return True


def _moments(flows: Json, run: Json) -> list[datetime]:
    """Step 5."""
    need(5, flows["window"] % 60 == 0 and 60 <= flows["window"] <= 30 * 86_400, "no window")
    window = timedelta(seconds=flows["window"])
    expected = [moment(flows["asOf"]) + sign * window for sign in (-1, 0, 1)]
    need(5, sorted(moment(each["at"]) for each in flows["points"]) == expected, "other moments")
    need(5, expected[-1] <= moment(run["scannedAt"]) + timedelta(minutes=5), "dated before its end")
    return expected


class _Point:
    """Step 6: what was found at one moment."""

    def __init__(self, folder: Path, at: datetime, claim: Claim, flows: Json) -> None:
        self.at = at
        (digest,) = (each["statement"] for each in flows["points"] if moment(each["at"]) == at)
        place = folder / "points" / f"{at:%Y%m%dT%H%M%SZ}"
        data = (place / "statement.json").read_bytes()
        need(6, digest == f"sha256:{hashlib.sha256(data).hexdigest()}", "another statement")
        moved = claim if at == moment(flows["asOf"]) else claim.moved()
        try:
            predicate = predicate_of(data)
            self.finding, self.run = predicate["finding"], predicate["run"]
            stated = self.finding["claim"] == flows["claim"] and moment(self.finding["asOf"]) == at
            need(4, stated, "another claim or moment")
            need(4, self.finding["policy"] == flows["policy"], "another policy")
            judged(predicate, moved, place)
            rows = rows_of((place / "evidence.csv.gz").read_bytes(), moved, self.finding["files"])
        except Refused as refused:
            raise Refused(6, str(refused)) from None
        self.blocks = {each["chain"]: each for each in self.finding["snapshots"] if each["weighed"]}
        self.balances: dict[str, dict[bytes, int | None]] = {}
        for row in rows:
            if row.why not in NONE_OF_ITS:
                self.balances.setdefault(row.asset, {})[row.key] = _known(row)


def _known(row: Row) -> int | None:
    return None if row.why or row.at_least else row.atoms


def _check_blocks(points: list[_Point]) -> None:
    """Step 7, of claims that name no height."""
    for chain in {chain for point in points for chain in point.blocks}:
        found = [(point.at, point.blocks[chain]) for point in points if chain in point.blocks]
        for at, block in found:
            need(7, block["hash"] != block["parent"] and moment(block["time"]) <= at, "a block after its moment")
        for (at, one), (_, other) in pairwise(found):
            same = one["height"] == other["height"]
            need(7, one["height"] <= other["height"] and same == (one["hash"] == other["hash"]), "two blocks in one")
            need(7, same or moment(other["time"]) > at, "not the last block by its moment")


def _transfers(data: bytes, flows: Json, claim: Claim, points: list[_Point]) -> list[dict[str, Any]]:
    """Step 8."""
    need(8, flows["transfers"] == f"sha256:{hashlib.sha256(data).hexdigest()}", "another file")
    stated = {each["asset"]: each for each in flows["assets"]}
    need(8, stated.keys() == claim.assets.keys(), "other assets than the claim's")
    listed = {asset for asset, each in stated.items() if each["gap"] is None}
    for asset in listed:
        _check_listed(stated[asset], flows["policy"], points)
    lines = gzip.decompress(data).decode("ascii").split("\n")
    need(8, lines[0] == HEADER and lines[-1] == "", "another header, or no line feed")
    form = {row["namespace"]: row["pattern"] for row in table("block_hashes.csv")}
    blocks = [each for point in points for each in point.blocks.items()]
    heights = {(chain, block["height"] - 1): block["parent"] for chain, block in blocks}
    heights |= {(chain, block["height"]): block["hash"] for chain, block in blocks}
    of_block = {(chain, block["hash"]): block["height"] for chain, block in blocks}
    found, places = [], set()
    for line in lines[1:-1]:
        need(8, line.count(",") == 7, "columns")
        asset, height, index, block, transaction, source, target, atoms = line.split(",")
        chain = asset.partition("/")[0]
        need(8, all(re.fullmatch(r"0|[1-9][0-9]{0,77}", each) for each in (height, index, atoms)), "numbers")
        need(8, max(int(height), int(index)) < 2**53 and 0 < int(atoms) < 2**256, "numbers")
        need(8, asset in listed, "of an asset that none listed")
        need(8, all(re.fullmatch(form[chain.partition(":")[0]], each) for each in (block, transaction)), "another form")
        need(8, all(re.fullmatch(r"(0x[0-9a-f]{40})?", each) for each in (source, target)), "accounts")
        first, last = (points[at].blocks[chain]["height"] for at in (0, 2))
        need(8, first < int(height) <= last, "not between the moments")
        need(8, heights.setdefault((chain, int(height)), block) == block, "two blocks at one height")
        need(8, of_block.setdefault((chain, block), int(height)) == int(height), "one block at two heights")
        keys = [key_of(chain, each) if each else b"" for each in (source, target)]
        need(8, any(key in points[1].balances[asset] for key in keys), "between accounts of others")
        place = chain, int(height), int(index)
        need(8, place not in places, "twice")
        places.add(place)
        found.append({"asset": asset, "height": int(height), "index": int(index), "from": keys[0], "to": keys[1]})
        found[-1]["atoms"] = int(atoms)
    order = [(each["asset"], each["height"], each["index"]) for each in found]
    need(8, order == sorted(order), "out of order")
    return found


def _check_listed(stated: Json, policy: Json, points: list[_Point]) -> None:
    chain, operators = stated["asset"].partition("/")[0], set(stated["operators"])
    heights = [point.blocks[chain]["height"] for point in points if chain in point.blocks]
    need(8, len(heights) == 3 and heights == sorted(heights) and heights[0] < heights[2], "no blocks in between")
    need(8, points[1].balances.get(stated["asset"]), "no account of it")
    asked = set(points[1].run["operators"][chain])
    need(8, operators | {*stated["dissent"]} <= asked and operators.isdisjoint(stated["dissent"]), "who listed it")
    need(8, not stated["dissent"] or policy["dissent"] == "record", "dissent")
    need(8, _basis(stated, policy, points[1].run["ownOperators"]) is not None, "too few")


def _basis(stated: Json, policy: Json, own: list[str]) -> str | None:
    if len(stated["operators"]) >= policy["quorum"]:
        return "QUORUM"
    return "OWN" if {*stated["operators"]} & {*own} and not stated["dissent"] else None


def _asset(claim: Claim, asset: str, flows: Json, points: list[_Point], transfers: list[dict[str, Any]]) -> Json:
    """Step 9."""
    (stated,) = (each for each in flows["assets"] if each["asset"] == asset)
    known = stated["gap"] is None
    of_it = [each for each in transfers if each["asset"] == asset]
    balances = [point.balances.get(asset, {}) for point in points]
    own = balances[1]
    middle = points[1].blocks.get(asset.partition("/")[0], {"height": 0})["height"]

    def coins(atoms: int) -> str:
        return exact(Fraction(atoms, 10 ** claim.assets[asset]["decimals"]))

    def moved(of: list[dict[str, Any]], other: bytes | None = None) -> dict[str, int]:
        came = [each for each in of if each["to"] in own and each["from"] not in own and other in (None, each["from"])]
        went = [each for each in of if each["from"] in own and each["to"] not in own and other in (None, each["to"])]
        return {"came": sum(each["atoms"] for each in came), "went": sum(each["atoms"] for each in went)}

    others = {each[end] for each in of_it for end in ("from", "to")} - own.keys()
    sides, halves = [], []
    for number in (0, 1):
        half = [each for each in of_it if (each["height"] > middle) == bool(number)]
        halves.append(half)
        start, end = balances[number], balances[number + 1]
        differing = unread = change = 0
        for account in own:
            one, other = start.get(account), end.get(account)
            if one is None or other is None:
                unread += 1
                continue
            net = sum(each["atoms"] * ((each["to"] == account) - (each["from"] == account)) for each in half)
            change += other - one
            differing += net != other - one
        total = moved(half)
        among = sum(each["atoms"] for each in half if each["to"] in own and each["from"] in own)
        figures = {"came": coins(total["came"]), "went": coins(total["went"])}
        figures |= {"net": coins(total["came"] - total["went"]), "among": coins(among)}
        of_each = [moved(half, account)["went" if number else "came"] for account in others - {b""}]
        whole = total["went" if number else "came"]
        shares = [max(of_each, default=0) * whole, sum(atoms * atoms for atoms in of_each)]
        millionths = [share * 10**6 // whole**2 if whole else None for share in shares]
        concentration = {
            name: None if each is None else f"{each // 10**6}.{each % 10**6:06}"
            for name, each in zip(("largestShare", "herfindahl"), millionths, strict=True)
        }
        sides.append(
            {
                "listed": {**figures, **concentration, "transfers": len(half)} if known else None,
                "change": None if unread else coins(change),
                "unread": unread,
                "differing": differing if known else None,
            }
        )
    ranked = []
    for account in others:
        before, after = (moved(half, account) for half in halves)
        trip = account != b"" and min(before["came"], after["went"]) > 0
        trip = trip and 100 * abs(before["came"] - after["went"]) <= max(before["came"], after["went"])
        ranked.append((-before["came"] - after["went"], account, trip, before, after))
    ranked.sort(key=lambda each: each[:2])
    largest = [each for each in ranked if each[0]][:10]
    named = largest + [each for each in ranked if each[2] and each not in largest][:20]
    lacking = [] if known else ["TRANSFERS"]
    lacking += ["BALANCES"] if any(side["unread"] for side in sides) else []
    lacking += ["DIFFERENCE"] if any(side["differing"] for side in sides) else []
    held = [*own.values()]
    return {
        **{key: stated[key] for key in ("asset", "gap")},
        "operators": stated["operators"] if known else [],
        "dissent": stated["dissent"] if known else [],
        "unit": claim.assets[asset]["unit"],
        "basis": _basis(stated, flows["policy"], points[1].run["ownOperators"]) if known else None,
        "shows": "NOT_LISTED" if not known else "INCOMPLETE" if lacking else "COMPLETE",
        "lacking": lacking,
        "held": None if None in held else coins(sum(atoms for atoms in held if atoms is not None)),
        "before": sides[0],
        "after": sides[1],
        "counterparts": [
            {
                "account": f"0x{account.hex()}" if account else None,
                "before": {key: coins(atoms) for key, atoms in before.items()},
                "after": {key: coins(atoms) for key, atoms in after.items()},
                "roundTrip": trip,
            }
            for _, account, trip, before, after in named
        ],
        "others": len(ranked) - len(named),
        "roundTrips": sum(each[2] for each in ranked),
    }
