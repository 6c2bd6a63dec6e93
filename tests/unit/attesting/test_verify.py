from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attesting import canonical
from scanner.attesting.envelope import Envelope, Signature, read_envelope, write_envelope
from scanner.attesting.evidence_csv import MAX_LINE_BYTES, encode
from scanner.attesting.evidence_gzip import compress
from scanner.attesting.statement import finding_bytes
from scanner.attesting.verify import verify
from scanner.core.evidence import Balance, Basis
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import FINDING_ONLY, AttestationInvalid, Why
from scanner.weighing.claim import Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import (
    AUDITOR,
    BITCOIN,
    ETH,
    ETHEREUM,
    EXCHANGE,
    SNAPSHOTS,
    STRANGER,
    TIMED_OUT,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
    held,
)
from tests.support.strength import examples
from tests.support.tables import each_of

SEAL = Seal(b"secret")
TRUE = attest(signers=(SEAL,))
SIGNED = attest(signers=(EXCHANGE,))
LIABILITIES = dict(TRUE.claim.liabilities)
WITH_A_GAP = attest(held(usdt_carol=TIMED_OUT), signers=(SEAL,))


def refused(attested: Attested, step: int, policy: Policy | None = None) -> str:
    with pytest.raises(AttestationInvalid) as caught:
        attested.verify(policy)
    assert caught.value.step == step, caught.value
    return str(caught.value)


# --- what is true holds


SHAPES = {
    "everything covered": attest(),
    "a gap": WITH_A_GAP,
    "nothing read on one chain": attest(
        held(btc=TIMED_OUT, btc_other=TIMED_OUT),
        snapshots=SNAPSHOTS[1:],
        operators={BITCOIN: (), ETHEREUM: ("alpha", "beta", "gamma")},
    ),
    "nothing read at all": attest(dict.fromkeys(held(), TIMED_OUT), snapshots=(), operators={}),
    "a unit short": attest(held(eth_bob=agreed(1))),
    "own nodes": attest({place: Balance(10**12, Basis.OWN, ("alpha",)) for place in held()}),
    "a strict policy": attest(
        {place: agreed(10**20, "alpha", "beta", "gamma") for place in held()},
        policy=Policy(quorum=3, threshold=Fraction("1.05")),
    ),
    "liabilities not published": attest(
        claim=a_claim(liabilities={unit: Liability(unit, None) for unit in ("BTC", "ETH", "USDT")})
    ),
    "a part of the claim": attest(claim=a_claim(complete=False)),
    "several signers": attest(signers=(EXCHANGE, AUDITOR, STRANGER)),
}


@each_of("attested", SHAPES.values(), ids=SHAPES)
def test_a_true_attestation_holds(attested: Attested) -> None:
    verified = attested.verify()
    assert verified.keyids == tuple(sorted(key.keyid for key in attested.keys))
    assert verified.predicate == attested.statement["predicate"]
    assert verified.verdict == verified.predicate["finding"]["verdict"]


def test_what_was_shown_is_told() -> None:
    verified = attest(held(eth_bob=agreed(1)), policy=Policy(1), signers=(EXCHANGE, AUDITOR)).verify()
    assert verified.verdict is Verdict.SHORT
    assert verified.policy == Policy(1)
    assert verified.run.operators[ETHEREUM] == ("alpha", "beta", "gamma")
    assert verified.unchecked == ()


# --- the signers' signatures


def test_an_empty_set_of_keys_shows_nothing() -> None:
    assert "no key is demanded" in refused(replace(SIGNED, keys=()), 2)


def test_a_signature_by_another_key_is_refused() -> None:
    assert "not signed by the key" in refused(replace(SIGNED, keys=(AUDITOR.public,)), 2)


def test_every_demanded_key_must_have_signed() -> None:
    assert "not signed" in refused(replace(SIGNED, keys=(EXCHANGE.public, AUDITOR.public)), 2)


def test_another_keys_signature_under_the_demanded_keys_name_is_refused() -> None:
    envelope = read_envelope(SIGNED.envelope)
    forged = Signature(EXCHANGE.keyid, read_envelope(attest(signers=(STRANGER,)).envelope).signatures[0].sig)
    assert "is not that key's" in refused(
        replace(SIGNED, envelope=write_envelope(Envelope(envelope.payload, (forged,)))), 2
    )


@pytest.mark.parametrize("broken", [0, 1])
def test_of_several_demanded_signatures_one_broken_is_enough_to_refuse(broken: int) -> None:
    both = attest(signers=(EXCHANGE, AUDITOR))
    envelope = read_envelope(both.envelope)
    signatures = list(envelope.signatures)
    signatures[broken] = replace(signatures[broken], sig=bytes(64))
    spoiled = replace(both, envelope=write_envelope(Envelope(envelope.payload, tuple(signatures))))
    assert signatures[broken].keyid in refused(spoiled, 2)


def test_a_signature_that_nobody_asked_for_is_reported_and_not_believed() -> None:
    envelope = read_envelope(attest(signers=(EXCHANGE, STRANGER)).envelope)
    forged = [replace(one, sig=bytes(64)) if one.keyid == STRANGER.keyid else one for one in envelope.signatures]
    verified = replace(SIGNED, envelope=write_envelope(Envelope(envelope.payload, tuple(forged)))).verify()
    assert verified.keyids == (EXCHANGE.keyid,)
    assert verified.unchecked == (STRANGER.keyid,)


def test_an_unsigned_statement_is_refused() -> None:
    payload = read_envelope(SIGNED.envelope).payload
    assert "an unsigned statement" in refused(replace(SIGNED, envelope=payload + b"\n"), 1)
    body = json.loads(SIGNED.envelope) | {"signatures": []}
    assert "there is none" in refused(replace(SIGNED, envelope=canonical.encode(body) + b"\n"), 1)


def test_a_payload_of_another_type_is_refused() -> None:
    body = json.loads(SIGNED.envelope) | {"payloadType": "application/json"}
    refused(replace(SIGNED, envelope=canonical.encode(body) + b"\n"), 1)


# --- statements changed: without signing again the signature gives it away; signed again, the recomputation does


def at(*path: str | int) -> Callable[[dict[str, Any], Any], None]:
    """A setter of the value at this path of the predicate."""

    def put(statement: dict[str, Any], value: Any) -> None:
        place: Any = statement["predicate"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return put


RESERVE = ("finding", "reserves", 1)  # ETH
CHANGED: list[tuple[tuple[str | int, ...], Any, int]] = [
    ((*RESERVE, "held"), "7.75", 9),
    ((*RESERVE, "owed"), "7.4", 9),
    ((*RESERVE, "owed"), None, 9),
    ((*RESERVE, "ratio"), "1.030667", 9),  # rounded up
    ((*RESERVE, "verdict"), "SHORT", 9),
    ((*RESERVE, "verdict"), "UNKNOWN", 9),
    ((*RESERVE, "holdings"), 3, 9),
    ((*RESERVE, "gaps"), 1, 9),
    ((*RESERVE, "quorum"), "0", 9),
    ((*RESERVE, "proven"), "7.730000000000000001", 9),
    ((*RESERVE, "own"), "1", 9),
    ((*RESERVE, "claimed"), None, 9),
    ((*RESERVE, "custody"), "1000", 9),
    ((*RESERVE, "statedRatio"), "103%", 9),
    ((*RESERVE, "statedAgrees"), True, 9),
    ((*RESERVE, "unit"), "BTC", 9),
    (("finding", "reserves", 0, "statedAgrees"), False, 9),
    (("finding", "reserves"), [], 9),
    (("finding", "verdict"), "SHORT", 9),
    (("finding", "exchange"), "Another Exchange", 9),
    (("finding", "asOf"), "2023-11-22T16:00:01Z", 7),
    (("finding", "owedAsOf"), "2023-11-22T16:00:01Z", 9),
    (("finding", "complete"), False, 9),
    (("finding", "gapCounts"), {"UNREACHABLE": 1}, 9),
    (("finding", "policy", "threshold"), "1.05", 9),
    (("finding", "policy", "quorum"), 3, 8),
    (("finding", "policy", "quorum"), 0, 3),
    (("finding", "policy", "threshold"), "0", 3),
    (("finding", "snapshots", 1, "hash"), "0x" + "2f" * 32, 7),
    (("finding", "snapshots", 0, "height"), 817_901, 7),
    (("finding", "snapshots", 0, "chain"), "bip122:12a765e31ffd4059bada1e25190f6e98", 7),
    (("finding", "snapshots", 1, "time"), "2023-11-22T16:00:01Z", 7),
    (("finding", "snapshots"), [], 7),
    (("run", "operators"), {}, 8),
    (("run", "operators", "eip155:1"), ["beta", "gamma"], 8),
    (("run", "operators", "eip155:1"), ["beta", "alpha", "gamma"], 3),
    (("run", "operators", "eip155:1"), ["alpha", "alpha", "beta", "gamma"], 3),
    (("run", "evidence"), "sha256:" + "00" * 32, 3),
    (("finding", "claim"), "sha256:" + "00" * 32, 3),
]


@each_of(("path", "value", "step"), CHANGED, ids=[f"{path[-1]}={value}"[:40] for path, value, _ in CHANGED])
def test_a_changed_statement_is_refused_signed_again_or_not(path: tuple[str | int, ...], value: Any, step: int) -> None:
    def change(statement: dict[str, Any]) -> None:
        at(*path)(statement, value)

    refused(TRUE.with_statement(change, sign=False), 2)
    refused(TRUE.with_statement(change, sign=True), step)


def test_every_value_of_a_finding_is_checked_against_something() -> None:
    """Each leaf of the finding, replaced by another of its kind, is refused though the signer stands by it.

    Only a block's parent, and where the claim leaves the block to the scanner its height, are nowhere else to be
    compared with: they are the signer's word, as a policy is that changes no verdict.
    """
    free = []
    statement = TRUE.statement
    for path in leaves(statement["predicate"]["finding"], ("finding",)):

        def change(statement: dict[str, Any], path: tuple[str | int, ...] = path) -> None:
            at(*path)(statement, another(value_at(statement["predicate"], path)))

        try:
            TRUE.with_statement(change, sign=True).verify()
        except AttestationInvalid:
            continue
        free.append(path[1:])
    assert free == [
        ("policy", "maxSkew"),
        ("snapshots", 0, "parent"),
        ("snapshots", 1, "height"),
        ("snapshots", 1, "parent"),
    ]


def leaves(value: Any, path: tuple[str | int, ...]) -> Iterable[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from leaves(item, (*path, position))
    else:
        yield path


def value_at(value: Any, path: Sequence[str | int]) -> Any:
    for key in path:
        value = value[key]
    return value


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return "1"
    if re.fullmatch(r"[A-Z]+", value):
        return {"COVERED": "SHORT"}.get(value, "XYZ")
    return re.sub(r"[0-9](?=[^0-9]*$)", lambda digit: "8" if digit[0] == "9" else "9", value) + (
        "" if any(map(str.isdigit, value)) else "9"
    )


def test_gaps_cannot_be_hidden_or_softened() -> None:
    for path, value in [
        (("finding", "gapCounts"), {}),
        (("finding", "gapCounts"), {"UNREACHABLE": 2}),
        (("finding", "gapCounts"), {"REFUSED": 1}),
        (("finding", "gaps"), []),
        (("finding", "gaps", 0, "why"), "REFUSED"),
        (("finding", "gaps", 0, "detail"), "it is the node's fault"),
        (("finding", "gaps", 0, "account"), "0x" + "0b" * 20),
        (("finding", "reserves", 2, "gaps"), 0),
    ]:

        def change(statement: dict[str, Any], path: Any = path, value: Any = value) -> None:
            at(*path)(statement, value)

        refused(WITH_A_GAP.with_statement(change, sign=False), 2)
        refused(WITH_A_GAP.with_statement(change, sign=True), 9)


def test_a_refusal_does_not_speak_to_the_terminal() -> None:
    changed = TRUE.with_statement(lambda statement: at("finding", "exchange")(statement, "\x9b2J\u202e"), sign=True)
    assert r'finding.exchange is stated as "\u009b2J\u202e"' in refused(changed, 9)


def test_the_difference_is_told() -> None:
    changed = TRUE.with_statement(lambda statement: at(*RESERVE, "held")(statement, "8"), sign=True)
    assert refused(changed, 9) == (
        'step 9: finding.reserves[1].held is stated as "8", and from the evidence follows "7.730000000000000001"'
    )


@each_of(
    "change",
    [
        lambda statement: statement.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda statement: statement.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda statement: statement.update(extra=1),
        lambda statement: statement.pop("subject"),
        lambda statement: statement["subject"].reverse(),
        lambda statement: statement["subject"].append(statement["subject"][0]),
        lambda statement: statement["subject"][0].update(name="another"),
        lambda statement: statement["subject"][0]["digest"].update(sha256="00" * 32),
        lambda statement: statement["subject"][1]["digest"].update(sha256="00" * 32),
        lambda statement: statement["subject"][0]["digest"].update(sha512="00" * 64),
        lambda statement: statement["predicate"].update(extra=1),
        lambda statement: statement["predicate"].pop("run"),
        lambda statement: statement["predicate"]["finding"].pop("complete"),
        lambda statement: statement["predicate"]["finding"]["reserves"][0].pop("custody"),
        lambda statement: statement["predicate"]["finding"]["reserves"][0].update(held=103),
        lambda statement: statement["predicate"]["finding"]["reserves"][0].update(held="103.10"),
        lambda statement: statement["predicate"]["finding"]["reserves"][0].update(holdings=True),
        lambda statement: statement["predicate"]["run"].update(scannedAt="2023-13-23T09:30:01Z"),
        lambda statement: statement["predicate"]["run"].update(scannedAt="2023-11-23T09:30:01+00:00"),
    ],
)
def test_a_statement_of_another_shape_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    refused(TRUE.with_statement(change, sign=False), 2)
    refused(TRUE.with_statement(change, sign=True), 3)


@each_of(
    "change",
    [
        lambda payload: payload + b"\n",
        lambda payload: b" " + payload,
        lambda payload: payload + payload,
        lambda payload: payload.replace(b'{"_type"', b'{"_type":"x","_type"'),
        lambda payload: payload.replace(b'"gaps":0', b'"gaps":0.0'),
        lambda payload: payload.replace(b'"gaps":0', b'"gaps":-0'),
        lambda payload: payload.replace(b'"COVERED"', rb'"\u0043OVERED"'),
        lambda payload: payload.replace(b'"verdict":"COVERED"}', b'"verdict":"SHORT","verdict":"COVERED"}'),
        lambda payload: payload.decode().encode("utf-16"),
        lambda payload: b"\xef\xbb\xbf" + payload,
        lambda _: b"[" * 100_000,
        lambda _: b'{"a":' * 100_000,
    ],
)
def test_a_statement_that_is_not_canonical_is_refused(change: Callable[[bytes], bytes]) -> None:
    payload = change(read_envelope(TRUE.envelope).payload)
    refused(TRUE.with_payload(payload, sign=False), 2)
    refused(TRUE.with_payload(payload, sign=True), 3)


# --- another claim


@pytest.mark.parametrize(
    "claim",
    [
        a_claim(digest="00" * 32),
        a_claim(digest="00" * 32, liabilities=LIABILITIES | {"ETH": Liability("ETH", Fraction(7))}),
    ],
)
def test_an_attestation_of_another_claim_is_refused(claim: Any) -> None:
    why = refused(replace(TRUE, claim=claim), 4)
    assert "it judges the claim" in why
    assert "line ends" not in why


def test_of_a_claim_with_other_line_ends_it_is_said_that_these_alone_were_changed() -> None:
    claim = a_claim(digest="00" * 32, other_line_ends={"LF": TRUE.claim.digest})
    assert refused(replace(TRUE, claim=claim), 4).endswith(
        f"not sha256:{'00' * 32}; its line ends were changed on its way: with LF it is that claim"
    )


@each_of(
    ("changes", "step"),
    [
        ({"liabilities": LIABILITIES | {"ETH": Liability("ETH", Fraction(8))}}, 9),
        ({"liabilities": {unit: LIABILITIES[unit] for unit in ("BTC", "ETH")}}, 9),
        ({"exchange": "Another Exchange"}, 9),
        ({"complete": False}, 9),
        ({"custody": ()}, 9),
        ({"assets": dict(TRUE.claim.assets) | {ETH.id: replace(ETH, decimals=17)}}, 9),
        ({"snapshots": {BITCOIN: 817_901}}, 7),
        ({"snapshots": {BITCOIN: 817_900, ETHEREUM: 18_599_999}}, 7),
        ({"as_of": TRUE.claim.as_of - timedelta(hours=1)}, 7),
        ({"holdings": TRUE.claim.holdings[:-1]}, 6),
        ({"holdings": TRUE.claim.holdings[1:]}, 6),
        ({"holdings": ()}, 7),
    ],
)
def test_what_the_claim_says_is_not_taken_from_the_statement(changes: dict[str, Any], step: int) -> None:
    """As if the statement named this claim's digest, though it was made of another."""
    refused(replace(TRUE, claim=a_claim(**changes)), step)


def test_a_claim_in_which_a_holding_stands_twice_is_never_shown() -> None:
    doubled = a_claim(holdings=(TRUE.claim.holdings[0], *TRUE.claim.holdings))
    refused(replace(TRUE, claim=doubled), 6)


# --- the evidence


def swap(old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        text = b"".join(lines)
        assert text.count(old) >= 1
        return text.replace(old, new, 1).splitlines(keepends=True)

    return change


ADDED = EvidenceRow(USDT.id, b"\x0d" * 20, SNAPSHOTS[1].hash, agreed(10**15), None)
ETH_BOB = b",7730000000000000000,,QUORUM,alpha+beta,,,7000000000000000000,,,,,,,\n"

EVIDENCE_CHANGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]] = {
    "an amount raised": (swap(ETH_BOB, ETH_BOB.replace(b",773", b",774")), 9),
    "an amount by one atom": (swap(ETH_BOB, ETH_BOB.replace(b"0,,QUORUM", b"1,,QUORUM")), 9),
    "a row twice": (lambda lines: [*lines, lines[-1]], 6),
    "a row twice, in place": (lambda lines: [*lines[:3], lines[2], *lines[3:]], 6),
    "the last row missing": (lambda lines: lines[:-1], 6),
    "a row in the middle missing": (lambda lines: lines[:3] + lines[4:], 6),
    "all rows missing": (lambda lines: lines[:1], 6),
    "nothing": (lambda _: [], 6),
    "a row added": (lambda lines: [*lines[:6], list(encode([ADDED]))[1], *lines[6:]], 6),
    "an account exchanged for one before it": (swap(b"0x" + b"0c" * 20, b"0x" + b"0b" * 19 + b"0c"), 6),
    "an account exchanged for one after it": (swap(b"0x" + b"0c" * 20, b"0x" + b"0d" * 20), 6),
    "rows in another order": (lambda lines: [lines[0], *reversed(lines[1:])], 6),
    "a claimed amount raised": (swap(b",7000000000000000000,", b",7000000000000000001,"), 6),
    "a claimed amount left out": (swap(b",7000000000000000000,", b",,"), 6),
    "a claimed amount put in": (swap(b",1,,QUORUM,alpha+beta,,,,", b",1,,QUORUM,alpha+beta,,,1,"), 6),
    "a tolerance put in": (swap(b",7000000000000000000,,", b",7000000000000000000,1,"), 6),
    "a height put in": (swap(b",7000000000000000000,,,", b",7000000000000000000,,7,"), 6),
    "a balance called a lower bound": (swap(b",1,,QUORUM", b",1,AT_LEAST,QUORUM"), 9),
    "a row of another block": (swap(b"0x" + b"1f" * 32, b"0x" + b"2f" * 32), 7),
    "a row of the parent block": (swap(b"0x" + b"1f" * 32, b"0x" + b"1e" * 32), 7),
    "a quorum too small": (swap(b"alpha+beta", b"alpha"), 8),
    "a quorum of nobody": (swap(b"alpha+beta", b""), 8),
    "an operator twice in a row": (swap(b"alpha+beta", b"alpha+alpha"), 6),
    "an operator nobody asked": (swap(b"alpha+beta", b"alpha+omega"), 8),
    "a quorum called own": (swap(b"QUORUM", b"OWN"), 8),
    "a quorum called proven": (swap(b"QUORUM", b"PROVEN"), 8),
    "a balance turned into a gap": (swap(b",0,,QUORUM,alpha+beta,,,,,,,,,,\n", b",,,,,,,,,,,,,UNREACHABLE,\n"), 9),
    "a gap at no block": (
        swap(
            b"eip155:1,0x" + b"1f" * 32 + b",eip155:1/slip44:60,0x" + b"0a" * 20 + b",1,,QUORUM,alpha+beta,,,,,,,,,,\n",
            b"eip155:1,,eip155:1/slip44:60,0x" + b"0a" * 20 + b",,,,,,,,,,,,,UNREACHABLE,\n",
        ),
        7,
    ),
    "another header": (swap(b"chain,block", b"block,chain"), 6),
    "an account in capitals": (swap(b"0x" + b"0c" * 20, b"0x" + b"0C" * 20), 6),
}


@each_of(("change", "step"), EVIDENCE_CHANGES.values(), ids=EVIDENCE_CHANGES)
def test_changed_evidence_is_refused_signed_again_or_not(
    change: Callable[[list[bytes]], list[bytes]], step: int
) -> None:
    lines = change(TRUE.lines)
    refused(TRUE.with_lines(lines, sign=False), 5)
    refused(TRUE.with_lines(lines, sign=True), step)


def test_a_gap_turned_into_a_zero_is_refused() -> None:
    true = WITH_A_GAP.lines
    position, line = next((n, line) for n, line in enumerate(true) if b"UNREACHABLE" in line)
    untouched = line[: line.index(b",,,,,,,,,,,,,UNREACHABLE")]
    for said, step in [
        (b",0,,QUORUM,,,,,,,,,,,\n", 8),
        (b",0,,QUORUM,alpha,,,,,,,,,,\n", 8),
        (b",0,,OWN,,,,,,,,,,,\n", 8),
        (b",0,,PROVEN,,,,,,,,,,,\n", 8),
        (b",0,,,,,,,,,,,,,\n", 6),
        (b",0,,QUORUM,alpha+beta,,,,,,,,,,\n", 9),
    ]:
        lines = [*true[:position], untouched + said, *true[position + 1 :]]
        refused(WITH_A_GAP.with_lines(lines, sign=False), 5)
        refused(WITH_A_GAP.with_lines(lines, sign=True), step)


def test_an_own_balance_called_a_quorum_is_refused() -> None:
    own = SHAPES["own nodes"]
    lines = swap(b"OWN,alpha", b"QUORUM,alpha")(own.lines)
    refused(own.with_lines(lines, sign=True), 8)


@pytest.mark.parametrize("operators", [(), ("alpha", "beta")])
def test_own_says_that_there_was_an_operator_and_no_quorum(operators: tuple[str, ...]) -> None:
    refused(attest(held(btc=Balance(60_00000000, Basis.OWN, operators))), 8)


def test_proven_is_not_believed_without_a_proof() -> None:
    """More in test_proven_attestation.py."""
    proven = Balance(1, Basis.PROVEN, ("alpha", "beta"))
    assert "has no state proofs" in refused(attest(held(btc=proven)), 8)
    assert "its proof does not hold: INCOMPLETE" in refused(attest(held(eth_alice=proven)), 8)


def test_the_evidence_of_another_run_is_refused() -> None:
    other = attest(held(usdt_bob=agreed(0, "beta", "gamma")))
    assert other.verify().predicate["finding"] == TRUE.verify().predicate["finding"]
    assert "the evidence is sha256:" in refused(replace(TRUE, evidence=other.evidence), 5)


@pytest.mark.parametrize(
    "evidence", [b"", b"x", TRUE.evidence[:-1], TRUE.evidence + b"\0", gzip.compress(b"".join(TRUE.lines), mtime=1)]
)
def test_another_file_in_the_evidences_place_is_refused(evidence: bytes) -> None:
    refused(TRUE.with_evidence(evidence, sign=False), 5)


@pytest.mark.parametrize(
    "evidence", [b"", b"x", TRUE.evidence[:-1], TRUE.evidence + b"\0", TRUE.evidence * 2, b"".join(TRUE.lines)]
)
def test_evidence_that_is_not_one_gzip_file_is_refused(evidence: bytes) -> None:
    refused(TRUE.with_evidence(evidence, sign=True), 6)


class Counting(io.BytesIO):
    """A file that knows how much was read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    endless = Counting(bytes(4 * (len(TRUE.claim.holdings) + 2) * MAX_LINE_BYTES))
    with pytest.raises(AttestationInvalid, match=r"step 5: .* too long for this claim"):
        verify(TRUE.envelope, TRUE.claim, TRUE.keys, endless)
    assert endless.taken < len(endless.getvalue()) / 2


def test_rows_beyond_the_first_one_too_many_are_not_read() -> None:
    extra = list(
        encode(
            [replace(ADDED, asset=ETH.id, account=bytes([0xFF]) * 16 + number.to_bytes(4)) for number in range(20_000)]
        )
    )[1:]
    bomb = TRUE.with_lines([*TRUE.lines, *extra], sign=True)
    assert len(bomb.evidence) < 290_000  # which unfold to 4 million
    assert "is in the evidence, and not in the claim" in refused(bomb, 6)


def test_a_gzip_bomb_is_refused() -> None:
    refused(TRUE.with_evidence(b"".join(compress([bytes(1 << 23)])), sign=True), 6)


def test_evidence_that_changes_between_the_readings_is_refused() -> None:
    class Changing(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            if self.tell():
                raised = swap(ETH_BOB, ETH_BOB.replace(b",773", b",774"))(TRUE.lines)
                self.__init__(b"".join(compress(raised)))  # type: ignore[misc]
            return super().seek(offset, whence)

    with pytest.raises(AttestationInvalid) as caught:
        verify(TRUE.envelope, TRUE.claim, TRUE.keys, Changing(TRUE.evidence))
    assert caught.value.step == 5


# --- blocks


def test_two_blocks_of_one_chain_are_refused() -> None:
    changed = TRUE.with_statement(
        lambda statement: statement["predicate"]["finding"]["snapshots"].append(
            statement["predicate"]["finding"]["snapshots"][1] | {"hash": "0x" + "2f" * 32}
        ),
        sign=True,
    )
    assert "two blocks of eip155:1 at one place" in refused(changed, 3)


def test_a_block_of_a_chain_that_the_claim_does_not_use_is_refused() -> None:
    foreign = replace(SNAPSHOTS[1], chain=replace(ETHEREUM, reference="61"))
    assert "block 18600000 of eip155:61, where the claim has nothing read" in refused(
        attest(snapshots=(*SNAPSHOTS, foreign)), 7
    )


def test_a_block_at_another_height_than_the_claims_is_refused() -> None:
    other = replace(SNAPSHOTS[0], height=817_899, hash=SNAPSHOTS[0].parent)
    assert f"block 817899 of {BITCOIN}, where the claim has nothing read" in refused(
        attest(snapshots=(other, SNAPSHOTS[1])), 7
    )


def test_a_block_after_the_claims_moment_is_refused_where_the_claim_names_none() -> None:
    late = replace(SNAPSHOTS[1], time=TRUE.claim.as_of + timedelta(seconds=1))
    on_time = replace(late, time=TRUE.claim.as_of)
    assert attest(snapshots=(SNAPSHOTS[0], on_time)).verify().verdict is Verdict.COVERED
    assert "later than the claim's moment" in refused(attest(snapshots=(SNAPSHOTS[0], late)), 7)
    named = a_claim(snapshots={BITCOIN: 817_900, ETHEREUM: 18_600_000})
    assert attest(claim=named, snapshots=(SNAPSHOTS[0], late)).verify().verdict is Verdict.COVERED


# --- the policy


def test_a_laxer_policy_than_demanded_is_refused() -> None:
    lax = attest({place: agreed(10**20, "alpha") for place in held()}, policy=Policy(1, Fraction("0.9")))
    assert lax.verify().policy == Policy(1, Fraction("0.9"))
    assert lax.verify(Policy(1, Fraction("0.9"))).verdict is Verdict.COVERED
    assert "quorum 1, demanded 2" in refused(lax, 10, Policy(2, Fraction("0.9")))
    assert "threshold 9/10, demanded 1" in refused(lax, 10, Policy(1, Fraction(1)))


def test_a_stricter_policy_than_demanded_holds() -> None:
    assert SHAPES["a strict policy"].verify(Policy(2, Fraction(1))).verdict is Verdict.COVERED


def test_a_policy_made_to_look_stricter_is_refused() -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["policy"]["quorum"] = 3

    refused(TRUE.with_statement(change, sign=True), 8)


# --- any byte


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_no_byte_of_the_envelope_can_change(data: st.DataObject) -> None:
    refused_somewhere(replace(SIGNED, envelope=flipped(SIGNED.envelope, data)))


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_no_byte_of_the_evidence_can_change(data: st.DataObject) -> None:
    refused_somewhere(replace(TRUE, evidence=flipped(TRUE.evidence, data)))


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_no_byte_of_signed_evidence_can_change_but_for_what_the_signer_alone_knows(data: st.DataObject) -> None:
    """The signer stands by any change; what still verifies says the same of every balance, block and gap."""
    text = flipped(b"".join(TRUE.lines), data)
    changed = TRUE.with_lines([line + b"\n" for line in text.split(b"\n")[:-1]], sign=True)
    try:
        verified = changed.verify()
    except AttestationInvalid:
        return
    assert finding_bytes(verified.finding) == finding_bytes(TRUE.verify().finding)


def flipped(true: bytes, data: st.DataObject) -> bytes:
    spoiled = bytearray(true)
    spoiled[data.draw(st.integers(min_value=0, max_value=len(true) - 1))] ^= data.draw(st.integers(1, 255))
    return bytes(spoiled)


def refused_somewhere(attested: Attested) -> None:
    with pytest.raises(AttestationInvalid):
        attested.verify()


# --- two auditors, and what cannot be shown


def test_two_auditors_with_different_nodes_find_the_same_byte_for_byte() -> None:
    theirs = attest(
        {
            place: agreed(balance.atoms, "nodes-r-us", "zeta")
            for place, balance in held().items()
            if isinstance(balance, Balance)
        },
        operators=dict.fromkeys((BITCOIN, ETHEREUM), ("nodes-r-us", "zeta")),
        scanned_at=TRUE.verify().run.scanned_at + timedelta(days=400),
        signers=(AUDITOR,),
    )
    assert theirs.statement["predicate"]["run"] != TRUE.statement["predicate"]["run"]
    assert canonical.encode(theirs.statement["predicate"]["finding"]) == canonical.encode(
        TRUE.statement["predicate"]["finding"]
    )


def test_a_signer_who_lies_about_what_nodes_said_and_does_so_consistently_is_not_found_out_offline() -> None:
    """Said in verify's docstring and in docs/predicate.md: this is what another auditor's scan is for."""
    lie = attest(held(btc=agreed(10**14)))
    assert lie.verify().verdict is Verdict.COVERED
    assert lie.statement["predicate"]["finding"] != TRUE.statement["predicate"]["finding"]


# --- what docs/predicate.md says that cannot stand there


@pytest.mark.parametrize("why", sorted(FINDING_ONLY))
def test_a_reason_that_only_a_finding_has_is_refused_in_the_evidence(why: Why) -> None:
    """In the evidence, the finding and its counts alike: everything else is mended and signed again."""
    line = next(line for line in WITH_A_GAP.lines if b",UNREACHABLE," in line)
    lines = [each if each != line else line.replace(b",UNREACHABLE,", f",{why},".encode()) for each in WITH_A_GAP.lines]

    def mend(statement: dict[str, Any]) -> None:
        finding = statement["predicate"]["finding"]
        finding["gapCounts"] = {why.value: 1}
        finding["gaps"][0]["why"] = why.value

    spoilt = WITH_A_GAP.with_lines(lines, sign=True).with_statement(mend, sign=True)
    assert "a reason for a finding alone" in refused(spoilt, 6)


def test_requirements_for_a_unit_that_is_none_are_refused() -> None:
    for unit in ("EHT", "", "eth", "BTC "):

        def change(statement: dict[str, Any], unit: str = unit) -> None:
            statement["predicate"]["finding"]["policy"]["require"][unit] = "OWN"

        refused(TRUE.with_statement(change, sign=False), 2)
        assert "finding.policy" in refused(TRUE.with_statement(change, sign=True), 9)


def test_what_a_policy_requires_of_units_that_a_claim_has_not_stands_in_no_finding_and_is_not_missed() -> None:
    policy = Policy(require={"BTC": Basis.QUORUM, "DOGE": Basis.PROVEN})
    attested = attest(policy=policy, signers=(SEAL,))
    assert attested.verify(policy).policy.require == {"BTC": Basis.QUORUM}


def test_operators_of_a_chain_on_which_the_claim_has_nothing_are_refused() -> None:
    def change(statement: dict[str, Any]) -> None:
        statement["predicate"]["run"]["operators"]["eip155:137"] = ["alpha"]

    refused(TRUE.with_statement(change, sign=False), 2)
    assert "where the claim has nothing read" in refused(TRUE.with_statement(change, sign=True), 8)
