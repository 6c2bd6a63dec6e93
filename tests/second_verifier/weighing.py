"""Steps 9 and 10: the finding worked out again from the claim, the blocks, the policy and the evidence.

Written from docs/predicate.md alone. What published files say of themselves (`files`), and proofs of liabilities, are
taken from the statement: their layouts and schemes are not known here.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Any

from tests.second_verifier.reading import Claim, Json, Row, Word, each_line, moment, need, table_in

RANKS = ("PROVEN", "QUORUM", "OWN")
WORDS = ("STATED", "INCLUDED", "SUM-BOUND", "TOTAL-PROVEN")


def exact(amount: Fraction) -> str:
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    digits = 0
    while amount * 10**digits % 1:
        digits += 1
    whole, rest = divmod(int(amount * 10**digits), 10**digits)
    return f"{sign}{whole}" + (f".{rest:0{digits}d}" if digits else "")


_LASTING = {
    *("ALIAS", "NO_CONTROL", "NO_KEY", "NO_PAST", "OWN_CONTRACT"),
    *("SAME_ACCOUNT", "UNKNOWN_CONTRACT", "UNSUPPORTED", "WRONG_DECIMALS"),
}


_ASKED = {"aptos": {"okx-ed25519"}, "eip155": {"bls", "eip191", "okx-ecdsa", "okx-evm"}, "tron": {"tron"}}
_ASKED |= {"antelope": {"okx-eos"}, "xrpl": {"okx-ecdsa"}, "beacon": set()}


def _may_be_answered(claim: Claim, row: Row) -> bool:
    """Whether the chain has yet to say which owners or keys the account obeys."""
    space = row.chain.partition(":")[0]
    listed = claim.listed.get((row.asset, row.key))
    if listed and listed.ownership and "transaction" in listed.ownership and space != "beacon":
        return not row.owners and space in ("eip155", "bip122")
    if row.owners or space not in _ASKED or (space == "eip155" and len(row.key) != 20):
        return False
    named = listed.ownership.get("scheme") if listed and listed.ownership and space != "beacon" else None
    return named is None or named in _ASKED[space]


def _is_lasting(claim: Claim, row: Row, why: str) -> bool:
    if why == "NO_CONTROL" and row.control == "UNVERIFIABLE":
        return not _may_be_answered(claim, row)
    return why in _LASTING


def cut(ratio: Fraction, *, up: bool = False) -> str:
    number = -int(-ratio * 10**6 // 1) if up else int(ratio * 10**6)
    return f"{number // 10**6}.{number % 10**6:06d}"


class Finding:
    def __init__(self, claim: Claim, rows: list[Row], predicate: Json, blocks: dict[str, Json]) -> None:
        self.claim, self.rows, self.blocks = claim, rows, blocks
        self.stated: Json = predicate["finding"]
        self.policy: Json = self.stated["policy"]
        self.assets = dict(claim.assets)
        if claim.has_files:  # what a file's label means is in the statement
            for each in self.stated["coverage"]:
                fields = {
                    "id": each["asset"],
                    "label": each["label"],
                    "unit": each["unit"],
                    "decimals": each["decimals"],
                }
                self.assets.setdefault(each["asset"], fields)
        self.owed = claim.owed()
        self.custody: dict[str, Fraction] = defaultdict(Fraction)
        for entry in claim.fields.get("custody") or []:
            self.custody[entry["unit"]] += Fraction(entry["amount"])
        self.known = {asset: self._known_as(asset) for asset in self.assets}
        self.alias = {asset: (of, gap) for asset, of, gap in self._aliases()}
        self.reasons = [self._reason(row) for row in rows]
        whole = all(file["whole"] for file in self.stated["files"])
        self.complete = claim.fields.get("complete", "true") == "true" and whole

    # --- what counts

    def _known_as(self, asset: str) -> str | None:
        if "/slip44:" in asset:
            return "COIN"
        fields = self.assets[asset]
        for row in self._table(asset):
            if (row["unit"], int(row["decimals"])) == (fields["unit"], fields["decimals"]):
                return "TABLE"
        return "VOUCHED" if asset in self.policy["contracts"] else None

    def _table(self, asset: str) -> list[dict[str, str]]:
        return [row for row in table_in(self.stated["tablesRevision"], "contracts.csv") if row["asset"] == asset]

    def _reason(self, row: Row) -> tuple[str, str]:
        """Why a row counts for nothing, and the detail; empty where it counts."""
        if row.why:
            return row.why, row.detail
        fields, unit = self.assets[row.asset], self.assets[row.asset]["unit"]
        if self.known[row.asset] is None:
            listed = self._table(row.asset)
            said = f"only the claim says that its coins are {unit}"
            if listed and listed[0]["unit"] != unit:
                said = f"the table of contracts has it as {listed[0]['unit']}, not as {unit}"
            elif listed:
                said = f"the table of contracts has it with {listed[0]['decimals']} decimals, not {fields['decimals']}"
            return "UNKNOWN_CONTRACT", _shortened(said)
        if row.asset in self.alias:
            return "ALIAS", _shortened(self.alias[row.asset][1])
        others = "".join(f"; {name} says {word}" for name, word in row.dissent)
        required = self.policy["require"].get(unit, "OWN")
        if RANKS.index(row.basis) > RANKS.index(required):
            return "WEAK_BASIS", _shortened(f"{row.basis}, where the policy requires {required}{others}")
        wanted = self.policy["requireOwnership"]
        if wanted and row.control not in ("SHOWN", wanted):
            return "NO_CONTROL", _shortened(f"control {row.control}, where the policy requires {wanted}{others}")
        return "", ""

    def _aliases(self) -> list[tuple[str, str, str]]:
        order = ("COIN", "TABLE", "VOUCHED", None)
        found: list[tuple[str, str, str]] = []
        by_certainty = sorted(self.assets, key=lambda asset: (order.index(self.known[asset]), asset))
        for first, second in combinations(by_certainty, 2):
            same_chain = first.partition("/")[0] == second.partition("/")[0]
            if not same_chain or "/slip44:" in second or sorted((first, second)) in self.policy["distinct"]:
                continue
            gap = self._alike(first, second)
            if gap and second not in {token for token, _, _ in found}:
                found.append((second, first, gap))
        return [each for each in found if self.known[each[0]] is not None]

    def _alike(self, first: str, second: str) -> str:
        one = {row.key: row for row in self.rows if row.asset == first}
        other = {row.key: row for row in self.rows if row.asset == second}
        scales = [10 ** self.assets[asset]["decimals"] for asset in (first, second)]
        alike, unlike, unread = 0, 0, 0
        amounts: dict[int, int] = {}
        for key in sorted(one.keys() & other.keys()):
            pair = (one[key], other[key])
            gaps = [row.atoms is None or (row.at_least and not row.atoms) for row in pair]
            if any(gaps):
                unread += all(gap or row.atoms for gap, row in zip(gaps, pair, strict=True))
                continue
            atoms = [row.atoms or 0 for row in pair]
            if not all(atoms):
                continue
            coins = [Fraction(each, scale) for each, scale in zip(atoms, scales, strict=True)]
            apart, coarse = abs(coins[0] - coins[1]), 0 if scales[0] <= scales[1] else 1
            digits = len(str(atoms[coarse]).rstrip("0"))
            if apart < Fraction(1, min(scales)) or atoms[0] == atoms[1]:
                amounts.setdefault(atoms[coarse], digits)
            elif apart * 100_000 <= max(coins):
                amounts.setdefault(atoms[coarse], min(5, digits))
            else:
                unread += any(row.at_least for row in pair)
                unlike += not any(row.at_least for row in pair)
                continue
            alike += 1
        long = [amount for amount, digits in amounts.items() if digits >= 10]
        mostly = alike + unread > unlike and (len(amounts) + unread >= 3 or sum(amounts.values()) + 10 * unread >= 10)
        if not alike or not (mostly or (long and len(long) + unread >= 3)):
            return ""
        unknown = f", and not known at {unread:,}" if unread else ""
        return f"the same coins as {first} at {alike:,} of {alike + unlike:,} accounts{unknown}"

    # --- the finding

    def whole(self) -> Json:
        rows, reasons, claim = self.rows, self.reasons, self.claim
        gaps = [(row, why) for row, why in zip(rows, reasons, strict=True) if why[0]]
        disputed = [row for row, why in zip(rows, reasons, strict=True) if not why[0] and _disputed(row)]
        lines = b"".join(each_line(rows))
        reserves = [self._reserve(unit) for unit in sorted(self.owed)]
        verdicts = {reserve["verdict"] for reserve in reserves}
        return {
            "exchange": claim.fields["exchange"],
            "asOf": self.stated["asOf"] if claim.between else claim.fields["as_of"],
            "owedAsOf": claim.fields["as_of"],
            "claim": f"sha256:{claim.digest}",
            "complete": self.complete,
            "shareOfAllOwed": None if claim.between else claim.fields.get("share_of_all_owed"),
            "policy": self._policy(),
            "challenge": claim.fields.get("challenge"),
            "movements": _window(claim.fields.get("movements")),
            "accounts": {"count": lines.count(b"\n"), "digest": f"sha256:{hashlib.sha256(lines).hexdigest()}"},
            "files": self.stated["files"],
            "snapshots": self._snapshots(),
            "passes": [],  # of no chain whose accounts are known here
            "reserves": reserves,
            "gapCounts": dict(Counter(why[0] for _, why in gaps)),
            "gaps": [
                {"asset": row.asset, "account": row.account, "why": why[0], "detail": why[1]} for row, why in gaps[:100]
            ],
            "dissents": [
                {
                    "asset": row.asset,
                    "account": row.account,
                    "atoms": _written(row.word),
                    "said": {name: _written(word) for name, word in row.dissent},
                }
                for row in disputed[:100]
            ],
            "proving": self._proving(),
            "contradicted": self._contradicted(),
            "coverage": [self._coverage(asset) for asset in sorted({row.asset for row in rows})],
            "tablesRevision": self.stated["tablesRevision"],
            "differences": self._differences(),
            "verdict": "SHORT" if "SHORT" in verdicts else "COVERED" if verdicts == {"COVERED"} else "UNKNOWN",
        }

    def _policy(self) -> Json:
        """The same without what it says of others than the claim has."""
        units = self.owed.keys() | {each["unit"] for each in self.assets.values()}
        pairs = [sorted(pair) for pair in self.policy["distinct"] if set(pair) <= self.assets.keys()]
        return {
            **self.policy,
            "require": {unit: basis for unit, basis in self.policy["require"].items() if unit in units},
            "accept": sorted({unit for unit in self.policy["accept"] if unit in units}),
            "contracts": sorted({asset for asset in self.policy["contracts"] if asset in self.assets}),
            "distinct": sorted({tuple(pair) for pair in pairs}),
        }

    def _snapshots(self) -> list[Json]:
        weighed = {chain: block["hash"] for chain, block in self.blocks.items()}
        named = self.claim.fields.get("snapshots") or {}

        def described(block: Json) -> Json:
            of_chain = weighed.get(block["chain"]) == block["hash"]
            by_rows = any(row.height == block["height"] for row in self.rows if row.chain == block["chain"])
            by_claim = block["chain"] in named
            return {**block, "weighed": of_chain, "named": not of_chain or by_claim or by_rows}

        blocks = map(described, self.stated["snapshots"])
        return sorted(blocks, key=lambda block: (block["chain"], not block["weighed"], block["height"]))

    def _coins(self, rows: list[Row], value: Any) -> Fraction:
        return sum((Fraction(value(row), 10 ** self.assets[row.asset]["decimals"]) for row in rows), Fraction(0))

    def _of(self, unit: str) -> list[Row]:
        return [row for row in self.rows if self.assets[row.asset]["unit"] == unit]

    def _reserve(self, unit: str) -> Json:
        owed, printed, proof = self.owed[unit]
        stated: Json = next((each for each in self.stated["reserves"] if each["unit"] == unit), _NOTHING)
        rows = self._of(unit)
        reasons = dict(zip(map(id, self.rows), self.reasons, strict=True))
        counting = [row for row in rows if not reasons[id(row)][0]]
        gaps, bounds = len(rows) - len(counting), sum(row.at_least for row in counting)
        by_basis = {name: self._coins([row for row in counting if row.basis == name], _atoms) for name in RANKS}
        held, custody = sum(by_basis.values(), Fraction(0)), self.custody[unit]
        ratio = held / owed if owed else None
        with_custody = (held + custody) / owed if owed and custody else None
        withheld = self._withheld(rows)
        if proof:
            withheld += [each for each in stated["withheld"] if each["why"] == "OWED_CONTRADICTED"]
        basis = stated["owedBasis"] if proof else None if owed is None else _STATED
        shows, demanded = (basis or _STATED)["shows"], self.policy["requireLiabilities"].get(unit, "STATED")
        if WORDS.index(shows) < WORDS.index(demanded):
            detail = f"what is owed is {shows}, and the policy requires {demanded}"
            withheld += [{"why": "OWED_UNSHOWN", "detail": detail}]
        decisive = [each for each in withheld if owed or each["why"] != "MOMENTS_APART"]
        claimed = [row for row in rows if row.claimed is not None]
        blocks = sorted(self.blocks[chain]["time"] for chain in {row.chain for row in rows} if chain in self.blocks)
        controlled = {row.control: Fraction(0) for row in counting}
        for row in counting:
            controlled[row.control] += self._coins([row], _atoms)
        agrees = None
        if printed is not None and ratio is not None and not (withheld or gaps or bounds) and rows and self.complete:
            agrees = any(_is_rounding(printed, each) for each in (ratio, with_custody) if each is not None)
        verdict = self._verdict(owed, held, custody, gaps + bounds, decisive)
        lasting = sum(_is_lasting(self.claim, row, reasons[id(row)][0]) for row in rows)
        return {
            "unit": unit,
            "held": exact(held),
            "owed": None if owed is None else exact(owed),
            "owedBasis": basis,
            "ratio": None if ratio is None else cut(ratio),
            "verdict": verdict,
            "statedRatio": printed,
            "statedAgrees": agrees,
            "holdings": len(rows),
            "gaps": gaps,
            "lastingGaps": lasting,
            "lasting": verdict == "UNKNOWN"
            and (owed is None or bool(decisive) or (gaps == lasting and not self.claim.between)),
            "dissents": sum(map(_disputed, counting)),
            "atLeast": bounds,
            "proven": exact(by_basis["PROVEN"]),
            "quorum": exact(by_basis["QUORUM"]),
            "own": exact(by_basis["OWN"]),
            "provenShare": cut(by_basis["PROVEN"] / held) if held else None,
            "missed": self._missed(held, counting),
            "control": {word: exact(amount) for word, amount in controlled.items() if amount},
            "controlByMovement": exact(self._coins([row for row in counting if _by_movement(row)], _atoms)),
            "ratioWithCustody": None if with_custody is None else cut(with_custody),
            "claimed": exact(self._coins(claimed, lambda row: row.claimed)) if claimed else None,
            "custody": exact(custody),
            "blocks": {"first": blocks[0], "last": blocks[-1]} if blocks else None,
            "withheld": withheld,
        }

    def _verdict(
        self, owed: Fraction | None, held: Fraction, custody: Fraction, missing: int, decisive: list[Json]
    ) -> str:
        if owed is None or decisive:
            return "UNKNOWN"
        demanded = owed * Fraction(self.policy["threshold"])
        if held >= demanded:
            return "COVERED"
        comparable = self.complete and not self.claim.between
        return "SHORT" if comparable and not missing and held + custody < demanded else "UNKNOWN"

    def _withheld(self, rows: list[Row]) -> list[Json]:
        """That the blocks of a unit are one moment: of the pairs too far apart the one furthest apart is told."""
        as_of, skew = moment(self.stated["asOf"]), timedelta(seconds=self.policy["maxSkew"])
        named = {each["hash"]: each["named"] for each in self._snapshots() if each["weighed"]}
        blocks = [self.blocks[chain] for chain in sorted({row.chain for row in rows}) if chain in self.blocks]
        found: list[tuple[timedelta, str]] = []

        def tell(block: Json, other: str, there: datetime, most: timedelta) -> None:
            apart = abs(moment(block["time"]) - there)
            if apart > most:
                lengths = [_length(each, full=False) for each in (apart, most)]
                if lengths[0] == lengths[1]:
                    lengths = [_length(each, full=True) for each in (apart, most)]
                found.append((apart, f"{_block(block)}, {other}: {lengths[0]} apart, at most {lengths[1]} are allowed"))

        for block in blocks:
            slow = block["chain"].startswith(("bip122:", "beacon:"))
            most = skew if named[block["hash"]] or self.claim.newest else timedelta(hours=6 if slow else 24)
            tell(block, f"the claim as of {self.stated['asOf']}", as_of, most)
        for one, other in combinations(blocks, 2):
            if self.claim.newest or (named[one["hash"]] and named[other["hash"]]):
                tell(one, _block(other), moment(other["time"]), skew)
        return [{"why": "MOMENTS_APART", "detail": max(found)[1]}] if found else []

    def _missed(self, held: Fraction, counting: list[Row]) -> Json:
        missed = {}
        for percent in (1, 5, 10) if held else ():
            largest = Fraction(0)
            for asset in {row.asset for row in counting}:
                without = sum(row.atoms or 0 for row in counting if row.asset == asset and row.basis != "PROVEN")
                atoms = held * percent / 100 * 10 ** self.assets[asset]["decimals"]
                if atoms <= without:
                    largest = max(largest, self._chance(asset, atoms))
            missed[f"{percent}%"] = cut(largest, up=True)
        return missed

    def _chance(self, asset: str, atoms: Fraction) -> Fraction:
        proving = self.stated["proving"]
        draw = (proving["sample"] or {"draws": {}})["draws"].get(asset)
        if asset in proving["unproven"] or draw is None:
            return Fraction(1)
        among = int(draw["among"])
        if among == 0 or atoms * draw["draws"] >= among:
            return Fraction(among > 0 and not draw["draws"])
        chance: Fraction = Fraction(among - atoms, among) ** draw["draws"]
        return chance

    def _proving(self) -> Json:
        proving = self.stated["proving"]
        shown = {row.asset for row in self.rows if row.basis == "PROVEN" or row.proof is not None}
        without = {row.asset for row in self.rows if row.atoms is not None and row.basis != "PROVEN"}
        return {
            "layouts": {
                each: name for each, name in proving["layouts"].items() if each in shown and "/slip44:" not in each
            },
            "unproven": {each: why for each, why in proving["unproven"].items() if each in without},
            "sample": proving["sample"],
        }

    def _contradicted(self) -> list[Json]:
        found: dict[tuple[str, bool], tuple[set[str], int, set[str]]] = {}
        proofs = Counter(row.asset for row in self.rows if row.basis == "PROVEN" or row.proof is not None)
        for row in self.rows:
            shown = row.proof if row.why else row.atoms if row.basis == "PROVEN" else None
            names = {name for name, word in row.dissent if shown is not None and word.denies(Word(shown, False))}
            if names:
                on = row.chain if row.native or (row.operators and not row.why) else row.asset
                assets, false, who = found.get((on, row.native), (set(), 0, set()))
                found[on, row.native] = assets | {row.asset}, false + 1, who | names
        return [
            {
                "on": on,
                "certain": certain,
                "proofs": sum(proofs[each] for each in assets),
                "contradicting": false,
                "operators": sorted(who),
            }
            for (on, certain), (assets, false, who) in sorted(
                found.items(), key=lambda each: (each[0][0], not each[0][1])
            )
        ]

    def _compared(self, row: Row) -> int | None:
        if row.compared:
            return row.found
        return None if row.at_least else row.atoms

    def _coverage(self, asset: str) -> Json:
        rows = [row for row in self.rows if row.asset == asset]
        reasons = dict(zip(map(id, self.rows), self.reasons, strict=True))
        both = [row for row in rows if row.claimed is not None and self._compared(row) is not None]
        fields = self.assets[asset]
        return {
            "asset": asset,
            "label": fields["label"],
            "unit": fields["unit"],
            "known": self.known[asset],
            "alias": self.alias[asset][0] if asset in self.alias else None,
            "held": exact(self._coins([row for row in rows if not reasons[id(row)][0]], _atoms)),
            "decimals": fields["decimals"],
            "holdings": len(rows),
            "read": sum(row.atoms is not None for row in rows),
            "atLeast": sum(row.at_least for row in rows),
            "unstated": sum(row.claimed is None for row in rows),
            "claimed": exact(self._coins([row for row in rows if row.claimed is not None], lambda row: row.claimed)),
            "claimedRead": exact(self._coins(both, lambda row: row.claimed)),
            "difference": exact(self._coins(both, lambda row: (self._compared(row) or 0) - row.claimed)),
            "disagreeing": sum(abs((self._compared(row) or 0) - (row.claimed or 0)) > row.tolerance for row in both),
        }

    def _differences(self) -> list[Json]:
        found = []
        for row in self.rows:
            there = self._compared(row)
            if row.claimed is not None and there is not None and abs(there - row.claimed) > row.tolerance:
                size = Fraction(abs(there - row.claimed), 10 ** self.assets[row.asset]["decimals"])
                found.append((-size, row, there))
        return [
            {"asset": row.asset, "account": row.account, "claimed": str(row.claimed), "found": str(there)}
            for _, row, there in sorted(found, key=lambda each: each[0])[:20]
        ]


_NOTHING: Json = {"owedBasis": None, "withheld": []}
_STATED: Json = {
    "shows": "STATED",
    "scheme": None,
    "symbol": None,
    "total": None,
    "root": None,
    "entries": None,
    "assumes": [],
    "remarks": [],
}


def _atoms(row: Row) -> int:
    return row.atoms or 0


def _by_movement(row: Row) -> bool:
    return row.control == "SHOWN" and row.owners.startswith("moved ")


def _window(movements: Json | None) -> Json | None:
    return None if movements is None else {end: movements[end] for end in ("issued", "deadline")}


def _disputed(row: Row) -> bool:
    return row.atoms is not None and any(word.denies(row.word) for _, word in row.dissent)


def _written(word: Word) -> str:
    return f"{'>=' if word.at_least else ''}{word.atoms}"


def _shortened(detail: str) -> str:
    return detail if len(detail) <= 400 else f"{detail[:397]}..."


def _is_rounding(printed: str, ratio: Fraction) -> bool:
    digits = printed.removesuffix("%")
    resolution = Fraction(1, 100 * 10 ** len(digits.partition(".")[2]))
    return abs(Fraction(digits) / 100 - ratio) * 2 <= resolution


def _block(block: Json) -> str:
    return f"block {block['height']} of {block['chain']} is of {block['time']}"


def _length(length: timedelta, *, full: bool) -> str:
    seconds = int(length.total_seconds())
    parts = [seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60]
    first = next((at for at, part in enumerate(parts) if part), 3)
    kept = range(first, 4) if full else range(first, min(first + 2, 4))
    return " ".join(f"{parts[at]} {('d', 'h', 'min', 's')[at]}" for at in kept if parts[at]) or "0 s"


def heard(rows: list[Row]) -> Json:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for name in (*row.operators, *(name for name, _ in row.dissent)):
            counts[row.chain][name] += 1
    return {chain: dict(names) for chain, names in counts.items()}


def check_policy(finding: Json, demanded: Json) -> None:
    """Step 10. What is demanded of units that the claim does not have is passed over."""
    policy: Json = finding["policy"]
    units = {each["unit"] for each in (*finding["reserves"], *finding["coverage"])}
    need(10, policy["quorum"] >= int(demanded["quorum"]), "a smaller quorum")
    need(10, Fraction(policy["threshold"]) >= Fraction(demanded["threshold"]), "a lower threshold")
    need(10, policy["dissent"] == "gap" or demanded.get("dissent", "gap") == "record", "dissent is recorded")
    for unit, basis in (demanded.get("require") or {}).items():
        required = policy["require"].get(unit, "OWN")
        need(10, unit not in units or RANKS.index(required) <= RANKS.index(basis.upper()), "a weaker basis")
    for unit, word in (demanded.get("require_liabilities") or {}).items():
        shown = policy["requireLiabilities"].get(unit, "STATED")
        need(10, unit not in units or WORDS.index(shown) >= WORDS.index(word.upper()), "less shown of what is owed")
    vouched = {asset.lower() for asset in demanded.get("contracts") or []}
    need(10, {asset.lower() for asset in policy["contracts"]} <= vouched, "a contract that is vouched for")
    pairs = {frozenset(asset.lower() for asset in pair) for pair in demanded.get("distinct") or []}
    need(10, {frozenset(map(str.lower, pair)) for pair in policy["distinct"]} <= pairs, "a pair that is two")
    wanted = (demanded.get("require_ownership") or "").upper()
    need(10, not wanted or policy["requireOwnership"] in (wanted, "SHOWN"), "less control")
    allowed = re.fullmatch(r"(\d+)(s|m|min|h|d)?", demanded.get("max_skew", "2h"))
    assert allowed is not None
    seconds = int(allowed[1]) * {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, None: 1}[allowed[2]]
    need(10, policy["maxSkew"] <= seconds, "a wider skew")
