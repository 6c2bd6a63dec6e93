from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attesting import canonical
from scanner.attesting.canonical import MAX_INTEGER, NotCanonical
from scanner.attesting.envelope import (
    MAX_ENVELOPE_BYTES,
    MAX_SIGNATURES,
    Envelope,
    Signature,
    read_envelope,
    write_envelope,
)
from scanner.attesting.formats import newest
from scanner.attesting.run import Run
from scanner.attesting.statement import MAX_STATEMENT_BYTES, finding_bytes, read_statement, statement_bytes
from scanner.core.control import Control
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.sampling import Sample
from scanner.core.shape import ShapeError
from scanner.errors import Why
from scanner.weighing.claim import ClaimedFile, Liability, NamedHeights
from scanner.weighing.finding import Finding
from scanner.weighing.holdings import Holding
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from scanner.weighing.ratio import weigh
from tests.support.attestations.attested import (
    ALICE,
    BITCOIN,
    ETH,
    ETHEREUM,
    SCANNED_AT,
    SNAPSHOTS,
    TIMED_OUT,
    USDT,
    a_claim,
    agreed,
    attest,
    held,
    placed,
    stated,
)
from tests.support.strength import FULL, examples
from tests.support.tables import each_of

RUN = Run(
    SCANNED_AT, "1.0.0", {ETHEREUM: ("alpha", "beta"), BITCOIN: ("alpha",)}, "ab" * 32, "cd" * 32, notes=("a note",)
)
POLICY = Policy(dissent=Dissent.RECORD, require={"BTC": Basis.QUORUM, "USDT": Basis.PROVEN})
PROVEN = Balance(1_020_000_000_000, Basis.PROVEN, ("alpha",), (("beta", 7), ("gamma", 0)))
PROVING = Proving(
    {USDT.id: "Solidity mapping at slot 2"}, {ETH.id: WithoutProof.of([Cause.NO_STATE])}, sample=Sample(6)
)

HEIGHTS = {ETHEREUM: NamedHeights(2, 18_599_990, 18_600_000)}
FILE = ClaimedFile("okx_por.csv", "ef" * 32, "okx", 10, 7, {"BAD_ADDRESS": 2, "SHORT_ROW": 1}, heights=HEIGHTS)


def a_finding(**changes: Any) -> Finding:
    """One in which there is something of everything."""
    attested = attest(
        held(usdt_alice=PROVEN, usdt_bob=Balance(0, Basis.PROVEN, ()), usdt_carol=TIMED_OUT),
        claim=a_claim(challenge="challenge 2023-11-22", files=(FILE,), share_of_all_owed=stated("16.5%")),
        controls={(ETH.id, ALICE): Control.SHOWN, (USDT.id, ALICE): Control.REPLAYABLE},
    )
    return replace(weigh(attested.claim, placed(attested.claim), attested.rows, POLICY, PROVING), **changes)


# --- canonical JSON


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=examples(50), deadline=None)
@given(json_values)
def test_a_value_is_read_back_from_its_canonical_json(value: object) -> None:
    data = canonical.encode(value)
    assert canonical.decode(data, len(data)) == value


@settings(max_examples=examples(50), deadline=None)
@given(json_values, st.data())
def test_one_value_has_one_spelling(value: object, data: st.DataObject) -> None:
    spoiled = bytearray(canonical.encode(value))
    where = data.draw(st.integers(0, len(spoiled) - 1))
    spoiled[where] ^= data.draw(st.integers(1, 255))
    try:
        other = canonical.decode(bytes(spoiled), len(spoiled))
    except NotCanonical:
        return
    assert canonical.encode(other) == bytes(spoiled) != canonical.encode(value)


def test_the_spelling_is_that_of_rfc_8785() -> None:
    value = {"b": [1, -2, True, None], "a": "\u20ac$\x0f\nA'\"\\/\x7f\u2028", "": {}}
    assert (
        canonical.encode(value) == '{"":{},"a":"\u20ac$\\u000f\\nA\'\\"\\\\/\x7f\u2028","b":[1,-2,true,null]}'.encode()
    )


@each_of(
    "value",
    [
        1.0,
        0.1,
        float("nan"),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        {1: 2},
        {"\u00e9": 1},
        {"\ud800": 1},
        "\ud800",
        (1,),
        b"x",
        {1},
    ],
)
def test_what_has_no_canonical_json_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical.encode([value])


@each_of(
    "data",
    [
        b"",
        b" {}",
        b"{}\n",
        b"{} {}",
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 10_000 + b"}",
        rb'{"a":"\u0041"}',
        rb'{"a":"\/"}',
        rb'{"a":"\ud800"}',
        rb'{"a":"\u000A"}',
        b'{"a":"\n"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"[" * 18 + b"]" * 18,
        b"[" * 200_000,
        b'{"a":[1,]}',
        b"{'a':1}",
    ],
)
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        canonical.decode(data, 1_000_000)


def test_a_limit_is_kept() -> None:
    assert canonical.decode(b"[1,2]", 5) == [1, 2]
    with pytest.raises(NotCanonical, match="longer than 4 bytes"):
        canonical.decode(b"[1,2]", 4)


# --- the statement


def test_a_statement_is_read_back() -> None:
    finding = a_finding()
    data = statement_bytes(finding, RUN)
    statement = read_statement(data)
    assert statement.predicate == newest().write(finding, RUN)
    assert statement.stated.claim == finding.claim.digest
    assert statement.stated.policy == finding.policy
    assert statement.stated.snapshots == finding.snapshots
    assert statement.stated.proving == finding.proving == PROVING
    assert statement.stated.run == RUN


def test_a_statement_is_what_in_toto_asks_for() -> None:
    statement = json.loads(statement_bytes(a_finding(), RUN))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert [subject["name"] for subject in statement["subject"]] == ["claim", "evidence.csv.gz", "witness.bin"]
    assert {len(subject["digest"]["sha256"]) for subject in statement["subject"]} == {64}
    assert statement["predicateType"].startswith("urn:uuid:")


def test_a_statement_without_proofs_names_no_witness() -> None:
    statement = json.loads(statement_bytes(a_finding(), replace(RUN, witness=None)))
    assert [subject["name"] for subject in statement["subject"]] == ["claim", "evidence.csv.gz"]
    assert statement["predicate"]["run"]["witness"] is None


def test_dissent_is_in_the_finding_in_atoms_with_who_said_what() -> None:
    finding = json.loads(finding_bytes(a_finding()))
    assert finding["dissents"] == [
        {
            "account": "0x" + "0a" * 20,
            "asset": str(USDT.id),
            "atoms": "1020000000000",
            "said": {"beta": "7", "gamma": "0"},
        }
    ]
    assert [reserve["dissents"] for reserve in finding["reserves"]] == [0, 0, 1]


def test_a_finding_names_the_first_hundred_dissents_and_counts_all() -> None:
    accounts = [number.to_bytes(20) for number in range(150)]
    claim = a_claim(holdings=tuple(Holding(ETH.id, account) for account in accounts))
    disputed = Balance(5, Basis.QUORUM, ("alpha", "beta"), (("gamma", 4),))
    rows = [EvidenceRow(ETH.id, account, SNAPSHOTS[1].hash, disputed, None) for account in accounts]
    finding = json.loads(finding_bytes(weigh(claim, placed(claim), rows, POLICY)))
    assert [dissent["account"] for dissent in finding["dissents"]] == ["0x" + each.hex() for each in accounts[:100]]
    assert finding["reserves"][1]["dissents"] == 150


def test_nothing_of_the_run_is_in_the_finding() -> None:
    other = Run(SCANNED_AT + timedelta(days=1), "2.0.0", {}, "cd" * 32)
    assert newest().write(a_finding(), RUN)["finding"] == newest().write(a_finding(), other)["finding"]
    assert finding_bytes(a_finding()) == canonical.encode(newest().write(a_finding(), other)["finding"])


def test_amounts_are_exact_and_what_is_unknown_is_null() -> None:
    claim = a_claim(liabilities=dict(a_claim().liabilities) | {"ETH": Liability("ETH", None)})
    reserves = attest(held(eth_alice=agreed(1)), claim=claim).statement["predicate"]["finding"]["reserves"]
    ether = next(reserve for reserve in reserves if reserve["unit"] == "ETH")
    assert ether["held"] == "7.730000000000000001"
    assert ether["owed"] is ether["ratio"] is ether["statedRatio"] is ether["statedAgrees"] is None
    assert ether["verdict"] == "UNKNOWN"


def test_ratios_are_rounded_down() -> None:
    claim = a_claim(liabilities=dict(a_claim().liabilities) | {"BTC": Liability("BTC", Fraction(3))})
    short = attest(held(btc=agreed(1), btc_other=agreed(2_99999998)), claim=claim)
    bitcoin = short.statement["predicate"]["finding"]["reserves"][0]
    assert (bitcoin["held"], bitcoin["ratio"]) == ("2.99999999", "0.999999")


def test_times_are_written_in_utc_to_the_second() -> None:
    tokyo = datetime(2023, 11, 24, 1, 2, 3, 999_999, tzinfo=timezone(timedelta(hours=9)))
    written = newest().write(a_finding(), replace(RUN, scanned_at=tokyo))
    assert written["run"]["scannedAt"] == "2023-11-23T16:02:03Z"
    early = replace(a_finding().claim, as_of=datetime(999, 1, 2, tzinfo=UTC))
    assert newest().write(a_finding(claim=early), RUN)["finding"]["asOf"] == "0999-01-02T00:00:00Z"


def test_a_time_without_a_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        statement_bytes(a_finding(), replace(RUN, scanned_at=datetime(2023, 11, 23)))  # noqa: DTZ001 - that is the point


def test_a_finding_names_the_first_hundred_gaps_and_counts_all() -> None:
    accounts = [number.to_bytes(20) for number in range(150)]
    claim = a_claim(holdings=tuple(Holding(ETH.id, account) for account in accounts))
    rows = [
        EvidenceRow(ETH.id, account, "", Gap(Why.NO_STATE if number % 3 else Why.UNREACHABLE), None)
        for number, account in enumerate(accounts)
    ]
    finding = json.loads(finding_bytes(weigh(claim, {}, rows, Policy())))
    assert finding["gapCounts"] == {"NO_STATE": 100, "UNREACHABLE": 50}
    assert [gap["account"] for gap in finding["gaps"]] == ["0x" + account.hex() for account in accounts[:100]]
    read_statement(statement_bytes(weigh(claim, {}, rows, Policy()), RUN))


def test_the_largest_statement_can_be_read() -> None:
    scripts = sorted(b"\x6a" * 9_990 + number.to_bytes(4) for number in range(100))
    bitcoin = next(asset for asset in a_claim().assets if asset.chain == BITCOIN)
    claim = a_claim(holdings=tuple(Holding(bitcoin, script) for script in scripts))
    rows = [EvidenceRow(bitcoin, script, "", Gap(Why.REFUSED, '"' * 400), None) for script in scripts]
    finding = weigh(claim, {}, rows, Policy())
    operators = [f"{number:064}" for number in range(30)]
    disputed = Balance(1, Basis.QUORUM, tuple(operators[:2]), tuple((name, 2**256 - 1) for name in operators[2:]))
    data = statement_bytes(replace(finding, dissents=tuple(replace(row, outcome=disputed) for row in rows)), RUN)
    assert MAX_STATEMENT_BYTES > len(data) > 4_400_000


def test_the_longest_statement_has_room_in_an_envelope_with_every_signature() -> None:
    """No attestation is signed that nobody can read again."""
    envelope = Envelope(bytes(MAX_STATEMENT_BYTES))
    signed = replace(envelope, signatures=tuple(Signature(f"{n:064x}", bytes(64)) for n in range(MAX_SIGNATURES)))
    assert len(write_envelope(signed)) <= MAX_ENVELOPE_BYTES


@pytest.mark.parametrize(
    "changes",
    [
        {"operators": {ETHEREUM: ("alpha+beta",)}},
        {"operators": {ETHEREUM: ("https://key@node.example",)}},
        {"operators": {ETHEREUM: ("alpha", "alpha")}},
        {"evidence": "AB" * 32},
        {"evidence": ""},
        {"scanner": "x" * 2001},
        {"notes": ("x",) * 101},
    ],
)
def test_what_could_not_be_read_again_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="statement"):
        statement_bytes(a_finding(), replace(RUN, **changes))


def test_who_brought_the_answers_is_written_in_an_order_of_its_own_and_read_again() -> None:
    first, second = {ETHEREUM: ("alpha", "beta")}, {ETHEREUM: ("gamma",)}
    operators = {ETHEREUM: ("alpha", "beta", "gamma")}
    written = [
        statement_bytes(a_finding(), replace(RUN, operators=operators, workers=order))
        for order in ((first, second), (second, first))
    ]
    assert written[0] == written[1]
    assert read_statement(written[0]).stated.run.workers == (first, second)
    assert read_statement(statement_bytes(a_finding(), replace(RUN, workers=()))).stated.run.workers == ()


@each_of(
    "workers",
    [
        [{}],
        [[]],
        [{"eip155:1": []}],
        [{"eip155:1": ["beta", "alpha"]}],
        [{"eip155:1": ["alpha", "alpha"]}],
        [{"eip155:1": ["stranger"]}],
        [{"eip155:10": ["alpha"]}],
        [{"mainnet": ["alpha"]}],
        [{"eip155:1": ["beta"]}, {"eip155:1": ["alpha"]}],
        [{"eip155:1": ["alpha"]}] * 1001,
    ],
)
def test_workers_of_another_form_or_of_operators_that_nobody_asked_are_refused(workers: list[Any]) -> None:
    statement = json.loads(statement_bytes(a_finding(), replace(RUN, operators={ETHEREUM: ("alpha", "beta")})))
    statement["predicate"]["run"]["workers"] = workers
    with pytest.raises(ValueError, match="workers"):
        read_statement(canonical.encode(statement))


def test_a_policy_without_a_decimal_threshold_is_not_written() -> None:
    with pytest.raises(ValueError, match="no finite decimal expansion"):
        statement_bytes(a_finding(policy=Policy(threshold=Fraction(1, 3))), RUN)


# --- statements of another shape: every value, spoiled


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where every value of a JSON value stands, itself among them."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, member in members for place in places(member, (*path, key)))]


STATEMENT = json.loads(statement_bytes(a_finding(), RUN))


def copy_and(place: tuple[str | int, ...]) -> tuple[Any, Any]:
    """A copy of the statement, and what stands in it at this place."""
    statement = json.loads(json.dumps(STATEMENT))
    found = statement
    for key in place:
        found = found[key]
    return statement, found


def test_a_value_of_another_kind_is_refused_anywhere() -> None:
    also: dict[str | int, set[type]] = {  # kinds that may stand there besides the one that does
        "owed": {type(None)},
        "ratio": {type(None)},
        "statedRatio": {type(None), str},
        "statedAgrees": {type(None), bool},
        "claimed": {type(None), str},
        "witness": {type(None)},
        "sample": {type(None)},
        "ratioWithCustody": {type(None)},
        "requireOwnership": {type(None), str},
        "challenge": {type(None)},
        "movements": {type(None)},
        "shareOfAllOwed": {type(None)},
        "blocks": {type(None)},
        "withheld": {list},
        "named": {bool},
        **{key: {type(None)} for key in ("owedBasis", "scheme", "symbol", "total", "root", "entries")},
        "known": {type(None)},
        "workers": {type(None), list},
        "certain": {bool},
        "provenShare": {type(None)},
        "nonce": {type(None), str},
    }
    wrongs: tuple[Any, ...] = ([], {}, {"x": 1}, -1, True, "\n", None, [[]])
    for number, place in enumerate(places(STATEMENT)[1:]):
        for wrong in wrongs if FULL else wrongs[number % 4 :: 4]:
            statement, holder = copy_and(place[:-1])
            if type(wrong) in {type(holder[place[-1]])} | also.get(place[-1], set()):
                continue
            holder[place[-1]] = wrong
            with pytest.raises(ValueError, match="statement"):
                read_statement(canonical.encode(statement))


TABLES = (
    *("gapCounts", "operators", "require", "layouts", "unproven", "said", "control", "refused", "draws", "missed"),
    "heights",
)


def test_a_key_that_is_missing_or_unknown_is_refused_anywhere() -> None:
    for place in places(STATEMENT):
        statement, found = copy_and(place)
        if not isinstance(found, dict):
            continue
        keys = list(found)
        found["not known"] = "1"
        with pytest.raises(ValueError, match="statement"):
            read_statement(canonical.encode(statement))
        if place[-1:] in {(name,) for name in TABLES}:
            continue  # their keys are data
        for key in keys:
            statement, found = copy_and(place)
            del found[key]
            with pytest.raises(ShapeError, match=f"{key} is missing"):
                read_statement(canonical.encode(statement))


FINDING = ("predicate", "finding")
SPELLINGS: list[tuple[tuple[str | int, ...], list[Any]]] = [
    (
        (*FINDING, "reserves", 0, "held"),
        ["01", "1.0", "1.", ".5", "-1", "+1", "1e3", "1,000", " 1", "1 ", "0x1", "\u0661", "1\n", ""],
    ),
    ((*FINDING, "reserves", 0, "ratio"), ["1", "1.03", "1.0308401", "01.030840", "-1.030840"]),
    ((*FINDING, "claim"), ["ab" * 32, "sha256:" + "AB" * 32, "sha256:" + "ab" * 31, "sha512:" + "ab" * 32]),
    ((*FINDING, "asOf"), ["2023-11-22", "2023-11-22T16:00:00", "2023-11-22T16:00:00+00:00", "2023-11-22T16:00:00.0Z"]),
    ((*FINDING, "verdict"), ["covered", "SOLVENT", ""]),
    ((*FINDING, "gaps", 0, "why"), ["unreachable", "LATER"]),
    ((*FINDING, "policy", "dissent"), ["GAP", "ignore", ""]),
    ((*FINDING, "policy", "require", "BTC"), ["proven", "NONE", ""]),
    ((*FINDING, "policy", "requireOwnership"), ["shown", "UNSHOWN", "ABSENT", ""]),
    ((*FINDING, "shareOfAllOwed"), ["16.5", "x%", "-1%", ""]),
    ((*FINDING, "challenge"), ["", "x" * 10_001]),
    (
        (*FINDING, "movements"),
        [{"issued": "2023-11-22T16:00:00Z"}, {"issued": "2023-11-22", "deadline": "2023-11-23T16:00:00Z"}],
    ),
    ((*FINDING, "reserves", 0, "controlByMovement"), [None, "01", "-1", 1]),
    ((*FINDING, "files", 0, "digest"), ["sha256:" + "EF" * 32, "ef" * 32, ""]),
    ((*FINDING, "policy", "distinct"), [[[str(ETH.id)]], [[]], [[str(ETH.id)] * 3]]),
    ((*FINDING, "files", 0, "refused", "BAD_ADDRESS"), [0, -1, "2"]),
    ((*FINDING, "reserves", 0, "control"), [{"shown": "1"}, {"OWNED": "1"}, {"SHOWN": "01"}, {"SHOWN": 1}]),
    ((*FINDING, "reserves", 0, "ratioWithCustody"), ["1", "1.08373451", "-1.083734"]),
    ((*FINDING, "coverage", 0, "difference"), ["+1", "--1", "-01", "-1.0", "1e3"]),
    ((*FINDING, "coverage", 0, "holdings"), [0, "2"]),
    ((*FINDING, "coverage", 0, "decimals"), [-1, "8", None]),
    ((*FINDING, "differences", 0, "found"), ["01", "1.5", "-1", "9" * 79]),
    ((*FINDING, "dissents", 0, "atoms"), ["01", "1.5", "-1", "9" * 79]),
    ((*FINDING, "dissents", 0, "said", "beta"), ["01", "1.5", "-1", "+1"]),
    ((*FINDING, "dissents", 0, "said"), [{"a b": "1"}, {"alpha+beta": "1"}, {"x" * 65: "1"}]),
    (
        (*FINDING, "proving", "unproven", str(ETH.id)),
        [{"why": "NO_PROOF"}, {"causes": ["NO_STATE"]}, "NO_STATE", [], ["because"], [7], ["NO_STATE"] * 18],
    ),
    ((*FINDING, "proving", "unproven"), [{"eip155:1": ["NO_STATE"]}]),
    ((*FINDING, "proving", "layouts"), [{"eip155:1/erc20:0xDAC1": "Solidity mapping at slot 2"}]),
    ((*FINDING, "snapshots", 0, "chain"), ["bitcoin", "eip155", "eip155:01", "EIP155:1"]),
    ((*FINDING, "snapshots", 0, "time"), ["2023-02-30T00:00:00Z"]),
    (
        ("predicate", "run", "operators"),
        [{"eip155:1": ["b", "a"]}, {"eip155:1": ["a+b"]}, {"eip155:1": [f"{n:02}" for n in range(33)]}, {"x": []}],
    ),
]


@each_of(("place", "wrong"), [(place, wrong) for place, wrongs in SPELLINGS for wrong in wrongs])
def test_a_value_in_another_spelling_is_refused(place: tuple[str | int, ...], wrong: Any) -> None:
    spoiled, holder = copy_and(place[:-1])
    holder[place[-1]] = wrong
    with pytest.raises(ValueError, match=r"statement|chain|day|decimal|CAIP-19|erc20"):
        read_statement(canonical.encode(spoiled))


def test_a_refusal_names_the_place() -> None:
    spoiled = json.loads(json.dumps(STATEMENT))
    spoiled["predicate"]["finding"]["reserves"][1]["owed"] = 7.5
    with pytest.raises(NotCanonical):
        canonical.encode(spoiled)
    spoiled["predicate"]["finding"]["reserves"][1]["owed"] = 7
    with pytest.raises(ShapeError, match=r"^statement\.predicate\.finding\.reserves\[1\]\.owed: expected a text$"):
        read_statement(canonical.encode(spoiled))


def test_the_payload_of_an_envelope_is_a_statement() -> None:
    attested = attest({place: Balance(1, Basis.OWN, ("alpha",)) for place in held()})
    statement = read_statement(read_envelope(attested.envelope).payload)
    own = {reserve["unit"]: reserve["own"] for reserve in statement.predicate["finding"]["reserves"]}
    assert own == {"BTC": "0.00000002", "ETH": "0.000000000000000002", "USDT": "0.000003"}


def test_an_account_of_a_gap_is_named_in_its_one_spelling() -> None:
    gap = json.loads(finding_bytes(a_finding()))["gaps"][0]
    assert gap == {
        "account": "0x" + "0c" * 20,
        "asset": str(USDT.id),
        "detail": TIMED_OUT.detail,
        "why": "UNREACHABLE",
    }
    assert ALICE.hex() not in json.dumps(gap)
