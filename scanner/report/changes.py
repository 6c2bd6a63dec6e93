"""What differs between two attestations, or between two claims: in the words of the predicate and the claim.

A change is a thing, what of it, and the value before and after, None where there was none; in one order, so that two
equal inputs give nothing and the same two give the same text. Nothing here judges whether a change is good: more held
beside more owed may be either. The predicates are in the keys of the newest version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_OF_UNIT: Final = ("held", "owed", "ratio", "verdict", "proven", "quorum", "own", "custody", "gaps", "holdings")
_OF_OWED: Final = ("shows", "scheme", "root", "total", "entries")
_OF_ASSET: Final = ("label", "unit", "decimals", "holdings", "read", "held", "known")
_OF_BLOCK: Final = ("height", "hash", "time")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    part: str  # of the document: "units", "blocks", "policy", ...
    subject: str  # which one: "ETH", "eip155:1"; empty where there is but one
    what: str  # of it: "held"; empty for the whole thing
    before: str | None
    after: str | None


def of_predicates(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two attestations, part by part."""
    one, other = before["finding"], after["finding"]
    found = [*_fields("attestation", "", _head(before), _head(after))]
    found += _parts("units", _units(one), _units(other))
    assets = [_listed(finding["coverage"], "asset", _OF_ASSET) for finding in (one, other)]
    found += _parts("assets", assets[0], assets[1])
    found += _parts("blocks", _blocks(one), _blocks(other))
    found += _parts("operators", _operators(before["run"]), _operators(after["run"]))
    found += _fields("policy", "", _flat(one["policy"]), _flat(other["policy"]))
    return found


Things = Mapping[str, Mapping[str, Any]]
"""What is compared of each thing, by its name."""


def of_values(part: str, before: Things, after: Things) -> list[Change]:
    """What differs between two tables of things, by the things' names."""
    return [*_parts(part, before, after)]


def _head(predicate: Mapping[str, Any]) -> dict[str, Any]:
    finding = predicate["finding"]
    keys = ("exchange", "asOf", "owedAsOf", "claim", "complete", "shareOfAllOwed", "verdict", "challenge")
    head = {key: finding[key] for key in keys}
    head |= {"accounts": finding["accounts"]["count"], "accounts' digest": finding["accounts"]["digest"]}
    return head | {"scanner": predicate["run"]["scanner"]}


def _units(finding: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for reserve in finding["reserves"]:
        owed = reserve["owedBasis"] or {}
        control = {f"control {word}": held for word, held in reserve["control"].items()}
        basis = {f"owed {key}": owed.get(key) for key in _OF_OWED}
        found[reserve["unit"]] = {key: reserve[key] for key in _OF_UNIT} | basis | control
    return found


def _blocks(finding: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The block at which each chain is weighed; others are read to compare amounts."""
    weighed = (each for each in finding["snapshots"] if each["weighed"])
    return _listed(weighed, "chain", _OF_BLOCK)


def _operators(run: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {chain: dict.fromkeys(names, "asked") for chain, names in run["operators"].items()}


def _listed(things: Iterable[Mapping[str, Any]], name: str, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    keys = tuple(keys)
    return {thing[name]: {key: thing[key] for key in keys} for thing in things}


def _flat(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's fields, those of its tables by the key there too."""
    found: dict[str, Any] = {}
    for key, value in policy.items():
        if isinstance(value, Mapping):
            found |= {f"{key} {name}": each for name, each in value.items()}
        else:
            found[key] = ", ".join(map(str, value)) if isinstance(value, list) else value
    return found


def _parts(part: str, before: Things, after: Things) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change(part, name, "", None, "there")
        elif name not in after:
            yield Change(part, name, "", "there", None)
        else:
            yield from _fields(part, name, before[name], after[name])


def _fields(part: str, subject: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        one, other = _text(before.get(key)), _text(after.get(key))
        if one != other:
            yield Change(part, subject, key, one, other)


def _text(value: Any) -> str | None:
    """As JSON has a word or a number; a list of words beside each other."""
    if value is None or value == []:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
