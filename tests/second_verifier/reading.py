"""Steps 1 to 6: the envelope, the statement, the claim and the evidence, read as docs/predicate.md says.

Written from the documents alone: nothing here imports the package. `accounts` says which accounts are known.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any, Final

import yaml
from jsonschema_rs import Draft202012Validator
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.second_verifier.accounts import DOCS, key_of, text_of

_SCHEMA: Final[Any] = json.loads((DOCS / "schema" / "predicate.schema.json").read_text())
SCHEMA: Final = Draft202012Validator(_SCHEMA)
REASONS: Final = _SCHEMA["properties"]["finding"]["properties"]["gapCounts"]["propertyNames"]["enum"]
TYPE: Final = "urn:uuid:21e11443-65ea-4fd4-8f29-dae74c9ea50c#reserve-attestation/v1"
COLUMNS: Final = (
    "chain,block,asset,account,atoms,bound,basis,operators,dissent,proof,claimed,tolerance,height,control,owners"
    ",passes,why,detail"
)
FINDING_ONLY: Final = ("UNKNOWN_CONTRACT", "ALIAS", "WEAK_BASIS", "NO_CONTROL")
_ASSET: Final = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}")

Json = dict[str, Any]


class Refused(Exception):
    """An attestation that does not hold, and the step that says so."""

    def __init__(self, step: int, what: str) -> None:
        super().__init__(f"step {step}: {what}")
        self.step = step


def table_in(revision: int, name: str) -> list[dict[str, str]]:
    """The rows of a table that are in a revision."""
    rows = table(name)
    return [row for row in rows if int(row["since"]) <= revision <= int(row["until"] or revision)]


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    with (DOCS / "tables" / name).open() as file:
        return tuple(csv.DictReader(file))


def need(step: int, holds: object, what: str) -> None:
    if not holds:
        raise Refused(step, what)


def moment(text: str) -> datetime:
    """Refused where it has the form of a time and is none, such as the 42nd of a month."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused(3, f"{text} is no time") from None


def _pairs(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def encoded(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def canonical(data: bytes, step: int) -> Any:
    try:
        value = json.loads(data.decode(), object_pairs_hook=_pairs)
    except ValueError as error:
        raise Refused(step, str(error)) from None
    need(step, encoded(value) == data and _plain(value), "not canonical JSON")
    return value


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and _plain(member) for key, member in value.items())
    if isinstance(value, list):
        return all(map(_plain, value))
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) < 2**53)


def unbase64(text: Any, step: int) -> bytes:
    need(step, isinstance(text, str), "no base64")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(step, "no base64") from None
    need(step, base64.b64encode(data).decode() == text, "base64 in another form")
    return data


def opened(data: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Step 1: the payload, and the signatures with what they name their keys."""
    need(1, len(data) <= 22 * 2**20 and data.endswith(b"\n"), "no line feed at the end, or too long")
    envelope = canonical(data[:-1], 1)
    need(1, isinstance(envelope, dict) and envelope.keys() == {"payload", "payloadType", "signatures"}, "other keys")
    need(1, envelope["payloadType"] == "application/vnd.in-toto+json", "another payload type")
    listed = envelope["signatures"]
    need(1, isinstance(listed, list) and 1 <= len(listed) <= 32, "no signatures, or too many")
    for each in listed:
        need(1, isinstance(each, dict) and each.keys() == {"keyid", "sig"}, "another signature")
        need(1, re.fullmatch(r"[!-~]{0,200}", each["keyid"]), "another keyid")
    order = [(each["keyid"], "" if each["keyid"] else each["sig"]) for each in listed]
    need(1, order == sorted(set(order)), "signatures out of order, or twice")
    payload = unbase64(envelope["payload"], 1)
    return payload, [(each["keyid"], unbase64(each["sig"], 1)) for each in listed]


def check_signed(payload: bytes, signatures: list[tuple[str, bytes]], pem: str) -> None:
    """Step 2."""
    der = base64.b64decode("".join(pem.split("-----")[2].split()))
    kind = b"application/vnd.in-toto+json"
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    own = hashlib.sha256(der).hexdigest()
    named = [sig for keyid, sig in signatures if keyid == own]
    for sig in named or [sig for _, sig in signatures]:
        try:
            VerifyKey(der[-32:]).verify(message, sig)
        except (BadSignatureError, ValueError):
            continue
        return
    raise Refused(2, "the demanded key did not sign")


def predicate_of(payload: bytes) -> Json:
    """Step 3."""
    need(3, len(payload) <= 16 * 2**20, "too long")
    statement = canonical(payload, 3)
    need(3, isinstance(statement, dict), "no statement")
    need(3, statement.keys() == {"_type", "subject", "predicateType", "predicate"}, "other keys")
    need(3, statement["_type"] == "https://in-toto.io/Statement/v1" and statement["predicateType"] == TYPE, "a type")
    predicate: Json = statement["predicate"]
    error = next(SCHEMA.iter_errors(predicate), None)
    need(3, error is None, error.message if error else "")
    finding, run = predicate["finding"], predicate["run"]
    named = {"claim": finding["claim"], "evidence.csv.gz": run["evidence"], "witness.bin": run["witness"]}
    subject = [{"name": name, "digest": {"sha256": each[7:]}} for name, each in named.items() if each]
    need(3, statement["subject"] == subject, "the subjects are not what the predicate names")
    need(3, Fraction(finding["policy"]["threshold"]) > 0, "a threshold of zero")
    lists = [
        run["ownOperators"],
        *run["operators"].values(),
        *(names for each in run["workers"] or [] for names in each.values()),
        *finding["proving"]["unproven"].values(),
    ]
    need(3, all(names == sorted(set(names)) for names in lists), "operators, or causes, out of order or twice")
    policy, proving = finding["policy"], finding["proving"]
    assets = [*policy["contracts"], *(each for pair in policy["distinct"] for each in pair)]
    assets += [*proving["layouts"], *proving["unproven"], *(proving["sample"] or {"draws": {}})["draws"]]
    need(3, all(map(_ASSET.fullmatch, assets)), "an asset that is none")
    places = [(each["chain"], each["height"] if each["named"] else None) for each in finding["snapshots"]]
    need(3, len(set(places)) == len(places), "two blocks at one place")
    revisions = {int(row[end]) for name in _REVISED for row in table(name) for end in ("since", "until") if row[end]}
    need(3, 1 <= finding["tablesRevision"] <= max(revisions), "an unknown revision of the tables")
    return predicate


_REVISED = (
    "contracts.csv",
    "keyless_accounts.csv",
    "known_layouts.csv",
    "labels.csv",
    "networks.csv",
    "shown_again.csv",
    "signature_forms.csv",
)


@dataclass(frozen=True)
class Listed:
    """A holding as the claim lists it by hand."""

    claimed: int | None
    ownership: Mapping[str, Any] | None


@dataclass(frozen=True)
class Claim:
    """The claim's file."""

    digest: str
    fields: Json
    assets: dict[str, Json]  # by CAIP-19 name: label, unit, decimals
    listed: dict[tuple[str, bytes], Listed]
    has_files: bool
    between: bool = False  # weighed at another moment than its own
    newest: bool = False  # at that of a scan between two reports: at the newest blocks

    def at(self, finding: Json, run: Json) -> Claim:
        """Step 4: as it is weighed at the moment that is stated."""
        own, as_of, scanned = map(moment, (self.fields["as_of"], finding["asOf"], run["scannedAt"]))
        if as_of == own:
            return self
        need(4, as_of > own, "an earlier moment than the claim's")
        need(
            4,
            timedelta(minutes=-5) <= scanned - as_of <= timedelta(days=1),
            "neither the claim's moment nor the scan's",
        )
        return replace(self.moved(), newest=True)

    def moved(self) -> Claim:
        """At another moment: without its heights, and without amounts."""
        listed = {place: replace(each, claimed=None) for place, each in self.listed.items()}
        return replace(self, fields={**self.fields, "snapshots": {}}, listed=listed, between=True)

    @classmethod
    def read(cls, data: bytes) -> Claim:
        fields = yaml.load(data, yaml.BaseLoader)  # noqa: S506 - texts alone
        named = {
            label: {
                "id": each["id"].lower() if "erc20" in each["id"] else each["id"],
                "label": label,
                "unit": each["backs"],
                "decimals": int(each["decimals"]),
            }
            for label, each in fields["assets"].items()
        }
        listed: dict[tuple[str, bytes], Listed] = {}
        for entry in fields["holdings"]:
            if "file" in entry:
                continue
            labels = entry["asset"] if isinstance(entry["asset"], list) else [entry["asset"]]
            for label in labels:
                for account in entry.get("accounts") or [entry["account"]]:
                    asset = named[label]
                    amount = entry.get("amount")
                    atoms = None if amount is None else int(Fraction(amount) * 10 ** asset["decimals"])
                    key = key_of(asset["id"].partition("/")[0], account)
                    listed[asset["id"], key] = Listed(atoms, entry.get("ownership"))
        files = any("file" in entry for entry in fields["holdings"])
        return cls(
            hashlib.sha256(data).hexdigest(), fields, {each["id"]: each for each in named.values()}, listed, files
        )

    def owed(self) -> dict[str, tuple[Fraction | None, str | None, bool]]:
        """By unit: the amount, the ratio that was printed, and whether a proof is named."""
        found = {}
        for unit, stated in self.fields["liabilities"].items():
            entry = stated if isinstance(stated, dict) else {"amount": stated}
            amount = None if entry["amount"] in ("null", "", "~") else Fraction(entry["amount"])
            printed = None if self.between else entry.get("stated_ratio")
            found[unit] = amount, printed, "proof" in entry
        return found


@dataclass(frozen=True)
class Word:
    atoms: int
    at_least: bool

    def __str__(self) -> str:
        return f"{'at least ' if self.at_least else ''}{self.atoms}"

    def implies(self, other: Word) -> bool:
        return self.atoms >= other.atoms if other.at_least else self == other

    def denies(self, other: Word) -> bool:
        if self.at_least:
            return not other.at_least and self.atoms > other.atoms
        return other.atoms > self.atoms if other.at_least else self.atoms != other.atoms


@dataclass(frozen=True)
class Row:
    chain: str
    block: str
    asset: str
    account: str
    key: bytes
    atoms: int | None
    at_least: bool
    basis: str
    operators: tuple[str, ...]
    dissent: tuple[tuple[str, Word], ...]
    proof: int | None
    claimed: int | None
    compared: str  # "" or the block, or "none"
    found: int | None
    tolerance: int
    height: int | None
    control: str
    owners: str
    why: str
    detail: str

    @property
    def native(self) -> bool:
        return "/slip44:" in self.asset

    @property
    def word(self) -> Word:
        assert self.atoms is not None
        return Word(self.atoms, self.at_least)

    @property
    def said(self) -> list[tuple[str, Word]]:
        agreeing = [(name, self.word) for name in self.operators]
        return sorted([*agreeing, *self.dissent], key=lambda each: each[0])


_ATOMS = re.compile(r"0|[1-9][0-9]{0,77}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _atoms(text: str) -> int:
    need(6, _ATOMS.fullmatch(text) and int(text) < 2**256, f"{text[:40]!r} are no atoms")
    return int(text)


def _names(names: list[str]) -> tuple[str, ...]:
    need(6, all(map(_NAME.fullmatch, names)) and names == sorted(set(names)) and len(names) <= 32, "operators")
    return tuple(names)


def _may_be_owners(text: str) -> bool:
    """Of accounts of 20 or 32 bytes: the threshold is within what they come to. Or of a movement."""
    account = r"0x(?:[0-9a-f]{40}|[0-9a-f]{64})"
    moved = r"moved (?:0|[1-9][0-9]{0,17}) (?:0x)?[0-9a-f]{64} [0-9a-f]{64}"
    if re.fullmatch(rf"(?:none|owner {account}|{moved})?", text):
        return True
    if not re.fullmatch(rf"safe [1-9][0-9]*(?: {account})+|weights [1-9][0-9]*(?: {account}=[1-9][0-9]*)+", text):
        return False
    _, threshold, *named = text.split(" ")
    names = [name.partition("=")[0] for name in named]
    return names == sorted(set(names)) and int(threshold) <= sum(int(name.partition("=")[2] or 1) for name in named)


def _row(line: str) -> Row:
    fields = line.split(",", 17)
    need(6, len(fields) == 18, "another number of columns")
    chain, block, asset, account, atoms, bound, basis, operators, dissent, proof, stated, *rest = fields
    tolerance, height, control, owners, passes, why, detail = rest
    need(6, asset.partition("/")[0] == chain, "an asset of another chain")
    try:
        key = key_of(chain, account)
    except (ValueError, KeyError):
        raise Refused(6, "no account") from None
    need(6, text_of(chain, key) == account, "another spelling of the account")
    forms = {row["namespace"]: row["pattern"] for row in table("block_hashes.csv")}
    need(6, not block or re.fullmatch(forms[chain.partition(":")[0]], block), "no block hash")
    said = []
    for each in dissent.split("+") if dissent else []:
        match = re.fullmatch(r"([A-Za-z0-9._-]{1,64})(>?)=([0-9]+)", each)
        need(6, match, "another form of dissent")
        assert match is not None
        said.append((match[1], Word(_atoms(match[3]), bool(match[2]))))
    _names([name for name, _ in said])
    agreeing = _names(operators.split("+")) if operators else ()
    _names(sorted([*agreeing, *(name for name, _ in said)]))
    need(6, bound in ("", "AT_LEAST"), "another bound")
    quoted = detail[1:-1].replace('""', '"') if len(detail) > 1 and detail[0] == detail[-1] == '"' else detail
    needs = "," in quoted or '"' in quoted
    need(6, detail == ('"' + quoted.replace('"', '""') + '"' if needs else quoted), "another way to quote")
    need(6, quoted.isascii() and (quoted.isprintable() or not quoted) and len(quoted) <= 400, "no line of detail")
    if why:
        need(6, not (atoms or bound or basis or operators), "a gap that says more")
        need(6, why in REASONS and why not in FINDING_ONLY, "a reason that no evidence has")
    else:
        need(6, block and not proof and not detail and basis in ("QUORUM", "OWN", "PROVEN"), "no balance and no gap")
        need(6, not (bound and basis == "PROVEN"), "a proof from below")
        word = Word(_atoms(atoms), bool(bound))
        need(6, not any(each.implies(word) for _, each in said), "a dissent that says the same")
        need(6, basis != "PROVEN" or all(each.denies(word) for _, each in said), "a dissent that is none")
    need(6, not (proof and not block), "a proof without a block")
    claimed, at, compared = stated.partition("@")
    where, equals, found = compared.partition("=")
    need(6, bool(at) == bool(where) and bool(equals) == bool(found), "another comparison")
    need(6, not at or (claimed and not (found and where == "none")), "compared with nothing")
    need(6, not tolerance or (claimed and tolerance != "0"), "a tolerance of nothing")
    need(6, not passes, "read in two passes, as no chain is whose accounts are known here")
    need(6, re.fullmatch(r"(0|[1-9][0-9]{0,15})?", height), "no height")
    need(6, control in ("", "SHOWN", "REPLAYABLE", "UNSHOWN", "UNVERIFIABLE"), "another word of control")
    need(6, _may_be_owners(owners), "other owners")
    return Row(
        chain, block, asset, account, key,
        None if why else _atoms(atoms), bool(bound), basis, agreeing, tuple(said),
        _atoms(proof) if proof else None, _atoms(claimed) if claimed else None, where, _atoms(found) if found else None,
        _atoms(tolerance) if tolerance else 0, int(height) if height else None, control or "ABSENT", owners,
        why, quoted,
    )  # fmt: skip


def rows_of(data: bytes, claim: Claim, files: list[Json]) -> list[Row]:
    """Step 6."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        text = unzip.decompress(data)
    except zlib.error:
        raise Refused(6, "no gzip data") from None
    need(6, unzip.eof and not unzip.unused_data, "not one whole gzip member")
    need(6, text.isascii() and text.endswith(b"\n"), "not lines of ASCII")
    header, *lines = text.decode().split("\n")[:-1]
    need(6, header == COLUMNS, "other columns")
    rows = [_row(line) for line in lines]
    bare = all((row.claimed, row.tolerance, row.height) == (None, 0, None) for row in rows)
    need(6, bare or not claim.between, "amounts of another moment")
    order = [(row.asset, row.key) for row in rows]
    need(6, order == sorted(set(order)), "rows out of order, or twice")
    for row in rows:
        listed = claim.listed.get((row.asset, row.key))
        if listed is None:
            need(6, claim.has_files, f"{row.account} is not in the claim")
        elif not claim.has_files:  # what a file says of the same holding may stand in its place
            need(6, (row.claimed, row.tolerance, row.height) == (listed.claimed, 0, None), "another amount is claimed")
    need(6, claim.listed.keys() <= set(order), "a holding is missing")
    added = sum(1 for place in order if place not in claim.listed)
    need(6, added <= sum(file["accepted"] for file in files), "more rows than the files have")
    return rows


def each_line(rows: list[Row]) -> Iterator[bytes]:
    """The lines of the declared accounts."""
    yield from sorted({f"{row.chain} {row.key.hex()}\n".encode() for row in rows})
