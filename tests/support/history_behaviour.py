"""What a history does, on whatever database: the same tests for SQLite (tests/unit) and PostgreSQL (tests/nodes).

Whoever takes these tests in gives the fixture `location`: where a history may be made that is not there yet.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scanner.chains.names import parse_asset
from scanner.core.evidence import Gap, Outcome
from scanner.core.ids import AssetId
from scanner.errors import AttestationInvalid, HistoryInvalid, InputError, Why
from scanner.history import accounts, schema, spans
from scanner.history.databases.interface import DatabaseLayout
from scanner.history.log import Appended, HistoryLog, append, check, keep_unverified, open_history, rebuild
from scanner.history.summary import summary
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import Holding, holding_order
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import (
    ALICE,
    BITCOIN,
    BTC,
    ETH,
    ETHEREUM,
    SCRIPT,
    TIMED_OUT,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
    blocks_by,
    held,
)
from tests.support.attestations.attested_proofs import attest_proven

NOW = datetime(2024, 6, 1, tzinfo=UTC)
SEAL = Seal(b"of the auditor")
DECEMBER, JANUARY, FEBRUARY = (
    datetime(2023 + (month == 1) + (month == 2), month, 28, tzinfo=UTC) for month in (12, 1, 2)
)


@pytest.fixture
def history(location: str) -> Iterator[HistoryLog]:
    with open_history(location, create=True) as opened:
        yield opened


def a_report(
    as_of: datetime = DECEMBER, exchange: str = "Example Exchange", text: str = "", **changes: Any
) -> Attested:
    """An attestation of its own claim, which differs from others by exchange, moment and text."""
    digest = hashlib.sha256(f"{exchange} {as_of} {text}".encode()).hexdigest()
    claim = a_claim(exchange=exchange, as_of=as_of, digest=digest)
    return attest(held(**changes), claim=claim, signers=(SEAL,), scanned_at=as_of + timedelta(days=1))


def of_accounts(names: Mapping[AssetId, list[bytes]], exchange: str = "A", as_of: datetime = DECEMBER) -> Attested:
    """An attestation of a claim that declares these accounts."""
    holdings = [Holding(asset, account) for asset, found in names.items() for account in found]
    ordered = tuple(sorted(holdings, key=lambda holding: holding_order(holding.asset, holding.account)))
    digest = hashlib.sha256(f"{exchange} {as_of} {sorted(map(str, names))} {ordered}".encode()).hexdigest()
    claim = a_claim(exchange=exchange, as_of=as_of, digest=digest, holdings=ordered, snapshots={})
    outcomes: dict[tuple[AssetId, bytes], Outcome] = {(each.asset, each.account): agreed(1) for each in ordered}
    used = [snapshot for snapshot in blocks_by(as_of) if snapshot.chain in claim.chains]
    return attest(outcomes, claim=claim, signers=(SEAL,), scanned_at=as_of + timedelta(days=1), snapshots=used)


def added(history: HistoryLog, attested: Attested, at: datetime = NOW) -> Appended:
    return append(history, attested.envelope, attested.claim, attested.keys, io.BytesIO(attested.evidence), at=at)


def told(history: HistoryLog, exchange: str = "Example Exchange") -> dict[str, Any]:
    (found,) = summary(history, exchange=exchange)["exchanges"]
    return dict(found)


# What gets in, and how.


def test_an_attestation_that_holds_is_kept_as_verified_with_the_keys_that_signed_it(history: HistoryLog) -> None:
    attested = a_report()
    appended = added(history, attested)
    assert (appended.new, appended.others) == (True, ())
    (entry,) = history.entries()
    assert entry == appended.entry
    assert [(each.at, each.keyids) for each in entry.verifications] == [("2024-06-01T00:00:00Z", (SEAL.keyid,))]
    assert history.document(entry.number) == attested.envelope
    assert entry.digest == hashlib.sha256(attested.envelope).hexdigest()


def spoiled(attested: Attested) -> dict[str, Attested]:
    def more(statement: dict[str, Any]) -> None:
        statement["predicate"]["finding"]["reserves"][0]["held"] = "1000"

    return {
        "another claim": replace(attested, claim=replace(attested.claim, digest="ab" * 32)),
        "another key": replace(attested, keys=(Seal(b"of a stranger").public,)),
        "no key": replace(attested, keys=()),
        "another amount": attested.with_statement(more, sign=False),
        "another amount, signed": attested.with_statement(more, sign=True),
        "another evidence": replace(attested, evidence=attested.evidence[:-1]),
    }


@pytest.mark.parametrize("how", spoiled(a_report()))
def test_an_attestation_that_does_not_hold_is_not_kept(history: HistoryLog, how: str) -> None:
    with pytest.raises(AttestationInvalid):
        added(history, spoiled(a_report())[how])
    assert history.entries() == []
    assert accounts.declared(history.database) == {}


def test_one_made_under_a_laxer_policy_than_is_demanded_is_not_kept(history: HistoryLog) -> None:
    it, at = a_report(), NOW
    with pytest.raises(AttestationInvalid, match="step 10"):
        append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=at, policy=Policy(quorum=3))
    assert history.entries() == []
    append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=at, policy=Policy(quorum=2))
    assert len(history.entries()) == 1


def test_what_is_proven_needs_its_witness(history: HistoryLog) -> None:
    it = attest_proven()
    assert it.witness is not None
    with pytest.raises(AttestationInvalid, match="step 5"):
        append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=NOW)
    other = io.BytesIO(it.witness[:-1])
    with pytest.raises(AttestationInvalid, match="step 5"):
        append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=NOW, witness=other)
    assert history.entries() == []
    proofs = io.BytesIO(it.witness)
    assert append(history, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=NOW, witness=proofs).new


def test_the_same_envelope_twice_is_one_entry(history: HistoryLog) -> None:
    first = added(history, a_report())
    again = added(history, a_report(), at=NOW + timedelta(days=1))
    assert (again.new, again.entry) == (False, first.entry)
    assert len(history.entries()) == 1


def test_what_was_not_verified_is_marked_and_counts_for_nothing(history: HistoryLog) -> None:
    kept = keep_unverified(history, a_report().envelope, at=NOW)
    assert (kept.new, kept.entry.verified) == (True, False)
    found = told(history)
    assert (found["units"], found["unverified"]) == ([], 1)
    assert [(each["verified"], each["counts"], each["accounts"]) for each in found["attestations"]] == [
        ([], False, None)
    ]


def test_verifying_it_later_makes_it_count(history: HistoryLog) -> None:
    kept = keep_unverified(history, a_report().envelope, at=NOW)
    appended = added(history, a_report(), at=NOW + timedelta(days=1))
    assert (appended.new, appended.entry.number, appended.entry.verified) == (False, kept.entry.number, True)
    assert appended.entry.added_at == "2024-06-01T00:00:00Z"
    assert told(history)["attestations"][0]["counts"]


def test_keeping_it_unverified_afterwards_takes_nothing_away(history: HistoryLog) -> None:
    added(history, a_report())
    assert keep_unverified(history, a_report().envelope, at=NOW).entry.verified


@pytest.mark.parametrize("document", [b"", b"{}", b"\xff\n", b'{"payload":"","payloadType":"","signatures":[]}\n'])
def test_what_is_no_envelope_is_not_kept_even_unverified(history: HistoryLog, document: bytes) -> None:
    with pytest.raises(AttestationInvalid):
        keep_unverified(history, document, at=NOW)
    assert history.entries() == []


@pytest.mark.parametrize("where", ["exchange", "unit"])
def test_a_name_that_no_database_can_hold_is_refused(history: HistoryLog, where: str) -> None:
    def rename(statement: dict[str, Any]) -> None:
        finding = statement["predicate"]["finding"]
        (finding if where == "exchange" else finding["reserves"][0])[where] = "a\0b"

    with pytest.raises(AttestationInvalid, match="NUL"):
        keep_unverified(history, a_report().with_statement(rename, sign=True).envelope, at=NOW)


def test_names_and_amounts_come_out_as_they_went_in(history: HistoryLog) -> None:
    name = "Börse \u202e <b>'\";--\\ %s ? \U0001f4b0"
    added(history, a_report(exchange=name))
    (entry,) = history.entries()
    assert entry.said.exchange == name
    assert {line.unit: (line.held, line.owed, line.ratio) for line in entry.said.lines} == {
        "BTC": ("103.12345678", "100", "1.031234"),
        "ETH": ("7.730000000000000001", "7.5", "1.030666"),
        "USDT": ("1020000.123456", "1000000", "1.020000"),
    }


def test_a_moment_without_a_zone_is_no_moment(history: HistoryLog) -> None:
    with pytest.raises(ValueError, match="no zone"):
        keep_unverified(history, a_report().envelope, at=datetime(2024, 1, 1))  # noqa: DTZ001
    assert history.entries() == []


def test_two_who_write_at_the_same_history_keep_both(location: str) -> None:
    with open_history(location, create=True) as one, open_history(location, create=True) as other:
        added(one, a_report())
        assert added(other, a_report(JANUARY)).entry.number == 2
        assert len(one.entries()) == len(other.entries()) == 2


def test_what_there_is_of_a_claim_is_found_by_its_digest(history: HistoryLog) -> None:
    appended = added(history, a_report())
    added(history, a_report(JANUARY))
    assert history.of_claim(a_report().claim.digest) == [appended.entry]
    assert history.of_claim("ab" * 32) == []


# Append-only.


@pytest.mark.parametrize("table", ["version", *schema.TRUTH])
def test_the_database_itself_refuses_to_change_or_delete_the_truth(history: HistoryLog, table: str) -> None:
    added(history, a_report())
    before = list(history.database.rows(f"SELECT * FROM {table}"))
    column = {"version": "version", "verification": "at", "auditor": "spki", "span": "first", "chain": "name"}.get(
        table, "number"
    )
    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
        with pytest.raises(InputError, match="append-only"), history.database.writing():
            history.database.run(change)
    assert before
    assert list(history.database.rows(f"SELECT * FROM {table}")) == before


def test_a_failure_in_the_middle_leaves_nothing(history: HistoryLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(accounts, "keep", broken)
    with pytest.raises(ZeroDivisionError):
        added(history, a_report())
    monkeypatch.undo()
    assert history.entries() == []
    assert added(history, a_report()).entry.number == 1


def test_derived_columns_that_are_wrong_are_found_and_made_anew(history: HistoryLog) -> None:
    added(history, a_report())
    added(history, a_report(JANUARY))
    right = history.entries()
    assert check(history) == []
    for damage in ("UPDATE said SET verdict = 'SHORT' WHERE entry = 2", "DELETE FROM line WHERE unit = 'ETH'"):
        with history.database.writing():
            history.database.run(damage)
        assert check(history)
        assert rebuild(history) == 2
        assert (check(history), history.entries()) == ([], right)
    with history.database.writing():
        history.database.run("DELETE FROM line")
        history.database.run("DELETE FROM said")
    assert len(check(history)) == 2
    rebuild(history)
    assert history.entries() == right


# Rows that are there, and not so.


def behind(history: HistoryLog, *statements: str) -> None:
    """As whoever may write to the database, and not through this program."""
    with history.database.writing():
        for statement in statements:
            history.database.run(statement)


def refused(history: HistoryLog) -> list[str]:
    """What is wrong, as nothing is shown of a history that is not sound."""
    faults = check(history)
    for show in (history.entries, lambda: summary(history)):
        with pytest.raises(HistoryInvalid) as invalid:
            show()
        assert list(invalid.value.faults) == faults
        assert invalid.value.exit_code == 4
    return faults


STRANGER = Seal(b"of an auditor who never signed it")
SAID_SO = "INSERT INTO verification (entry, at, keyids) VALUES (1, '2024-01-01T00:00:00Z',"


def test_one_insert_makes_nothing_verified(history: HistoryLog) -> None:
    keep_unverified(history, a_report().envelope, at=NOW)
    behind(
        history, f"INSERT INTO verification (entry, at, keyids) VALUES (1, '2024-01-01T00:00:00Z', '{STRANGER.keyid}')"
    )
    (fault,) = refused(history)
    assert fault == f"entry 1: it is said to be verified against {STRANGER.keyid}, and no such key is kept"


@pytest.mark.parametrize(
    ("named", "kept"),
    ids=("a stranger", "a stranger under its name", "it under a stranger's", "cut short", "nothing"),
    argvalues=[
        (STRANGER.keyid, STRANGER.spki),  # a key that signed nothing
        (SEAL.keyid, STRANGER.spki),  # a key under another's name
        (STRANGER.keyid, SEAL.spki),
        (SEAL.keyid, SEAL.spki[:-1]),
        (hashlib.sha256(b"").hexdigest(), b""),
    ],
)
def test_a_verification_holds_by_its_keys_signature_over_this_envelope_alone(
    history: HistoryLog, named: str, kept: bytes
) -> None:
    keep_unverified(history, a_report().envelope, at=NOW)
    history.database.run("INSERT INTO auditor (keyid, spki) VALUES (?, ?)", named, kept)
    behind(history, f"{SAID_SO} '{named}')")
    (fault,) = refused(history)
    assert fault == f"entry 1: it is said to be verified against {named}, which did not sign it"


def test_an_entry_that_was_verified_is_not_also_verified_by_who_did_not_sign(history: HistoryLog) -> None:
    added(history, a_report())
    history.database.run("INSERT INTO auditor (keyid, spki) VALUES (?, ?)", STRANGER.keyid, STRANGER.spki)
    both = " ".join(sorted([SEAL.keyid, STRANGER.keyid]))
    behind(history, f"{SAID_SO} '{both}')")
    assert refused(history) == [f"entry 1: it is said to be verified against {STRANGER.keyid}, which did not sign it"]


@pytest.mark.parametrize(
    "row",
    [
        "1, 'yesterday', '{key}'",
        "1, '2024-01-01T00:00:00Z<b>', '{key}'",
        "1, '2024-01-01T00:00:00Z', ''",
        "1, '2024-01-01T00:00:00Z', '{key} {key}'",
        "1, '2024-01-01T00:00:00Z', ' {key}'",
    ],
)
def test_a_verification_of_no_moment_or_no_keys_is_none(history: HistoryLog, row: str) -> None:
    keep_unverified(history, a_report().envelope, at=NOW)
    history.database.run("INSERT INTO auditor (keyid, spki) VALUES (?, ?)", SEAL.keyid, SEAL.spki)
    behind(history, f"INSERT INTO verification (entry, at, keyids) VALUES ({row.format(key=SEAL.keyid)})")
    assert len(refused(history)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE said SET exchange = 'Another'",
        "UPDATE said SET verdict = 'COVERED', as_of = '2020-01-01T00:00:00Z' WHERE entry = 1",
        "UPDATE said SET gaps = 0, scanned_at = '2020-01-01T00:00:00Z'",
        "UPDATE line SET held = '1000000' WHERE unit = 'ETH'",
        "UPDATE line SET unit = 'XRP' WHERE unit = 'ETH' AND entry = 1",
        "DELETE FROM line WHERE unit = 'ETH'",
        "DELETE FROM said WHERE entry = 1",
        "INSERT INTO line SELECT entry, 'XRP', held, owed, ratio, verdict, stated, holdings, gaps, custody,"
        " ratio_with_custody, withheld, at_least FROM line WHERE unit = 'ETH'",
    ],
)
def test_columns_that_say_other_than_the_envelope_are_shown_nowhere(history: HistoryLog, damage: str) -> None:
    added(history, a_report(eth_bob=Gap(Why.NO_QUORUM, "1 of 2")))
    right = summary(history)
    behind(history, damage)
    assert refused(history) == [
        "entry 1: its columns do not say what its envelope says; `scanner log rebuild` makes them anew"
    ]
    rebuild(history)
    assert summary(history) == right


def test_an_envelope_that_was_put_in_beside_its_columns_is_found(history: HistoryLog) -> None:
    added(history, a_report())
    document = a_report(JANUARY).envelope
    history.database.run(
        "INSERT INTO entry (number, digest, added_at, document) VALUES (?, ?, ?, ?)",
        *(3, hashlib.sha256(document).digest(), "2024-01-01T00:00:00Z", document),
    )
    faults = refused(history)
    assert faults[0].startswith("entry 3: its columns do not say")
    assert faults[1:] == ["there are 2 entries, numbered from 1 to 3: some are missing"]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b"no envelope", "entry 1: "),
        (a_report().envelope[:-1], "entry 1: "),
        (a_report().envelope.replace(b"payload", b"pay\x1b[2J", 1), "entry 1: "),
    ],
)
def test_bytes_that_are_no_envelope_are_told_and_shown_nowhere(
    history: HistoryLog, document: bytes, fault: str
) -> None:
    history.database.run(
        "INSERT INTO entry (number, digest, added_at, document) VALUES (?, ?, ?, ?)",
        *(1, hashlib.sha256(document).digest(), "2024-01-01T00:00:00Z", document),
    )
    (told_of,) = refused(history)
    assert told_of.startswith(fault)
    assert told_of.isprintable()


def test_other_bytes_under_an_envelopes_digest_are_told(history: HistoryLog) -> None:
    history.database.run(
        "INSERT INTO entry (number, digest, added_at, document) VALUES (?, ?, ?, ?)",
        *(1, hashlib.sha256(b"another").digest(), "2024-01-01T00:00:00Z", a_report().envelope),
    )
    assert refused(history) == ["the envelope of entry 1 is not the one that was added"]


def test_a_moment_of_being_added_that_is_none_is_told(history: HistoryLog) -> None:
    document = a_report().envelope
    history.database.run(
        "INSERT INTO entry (number, digest, added_at, document) VALUES (?, ?, ?, ?)",
        *(1, hashlib.sha256(document).digest(), "<script>", document),
    )
    assert refused(history) == ["entry 1: the moment of its being added is none"]


def test_what_is_wrong_with_one_entry_does_not_keep_others_out(history: HistoryLog) -> None:
    keep_unverified(history, a_report().envelope, at=NOW)
    behind(
        history, f"INSERT INTO verification (entry, at, keyids) VALUES (1, '2024-01-01T00:00:00Z', '{STRANGER.keyid}')"
    )
    assert added(history, a_report(JANUARY)).entry.number == 2
    assert len(refused(history)) == 1


def test_a_key_whose_signatures_no_history_can_check_again_adds_nothing(history: HistoryLog) -> None:
    class Other(Seal):
        @property
        def spki(self) -> bytes:
            return super().spki + b"x"

        def verify(self, message: bytes, _signature: bytes) -> bool:
            return bool(message)

    attested = attest(claim=a_report().claim, signers=(Other(b"odd"),))
    with pytest.raises(AttestationInvalid, match="step 2"):
        added(history, attested)
    assert history.entries() == []


# Accounts that are there, and not so.


ACCOUNTS_ARE_NOT = f"the accounts of claim sha256:{a_report().claim.digest} are not the 5 that its attestation names"
NEXT = "(SELECT MAX(number) + 1 FROM account)"
ANOTHER = f"INSERT INTO account (number, chain, key) SELECT {NEXT}, 1, key FROM account WHERE chain = 2 LIMIT 1"


@pytest.mark.parametrize(
    "damage",
    [
        ["INSERT INTO span (claim, first, last) VALUES (1, 6, 6)"],  # of another claim
        ["INSERT INTO span (claim, first, last) VALUES (1, 100, 100)"],  # of no account
        ["INSERT INTO span (claim, first, last) VALUES (1, 2, 2)"],  # twice
        ["INSERT INTO span (claim, first, last) VALUES (1, 100, 98)"],
        [
            "INSERT INTO span (claim, first, last) VALUES (1, 100, 100)",
            "INSERT INTO span (claim, first, last) VALUES (1, 99, 97)",
        ],
        [ANOTHER, f"INSERT INTO span (claim, first, last) VALUES (1, {NEXT} - 1, {NEXT} - 1)"],
    ],
    ids=["another's", "no account", "twice", "backwards", "backwards and forwards", "a new one"],
)
def test_a_row_more_changes_no_accounts_that_are_shown(history: HistoryLog, damage: list[str]) -> None:
    added(history, a_report())
    added(history, of_accounts({ETH.id: [b"\x07" * 20]}, exchange="B"))
    behind(history, *damage)
    assert refused(history) == [ACCOUNTS_ARE_NOT]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE span SET last = last - 1",
        "UPDATE span SET first = first + 1, last = last + 1 WHERE claim = 1",
        "DELETE FROM span WHERE claim = 1",
        "UPDATE claim SET accounts = 6 WHERE number = 1",
        "UPDATE account SET number = -1 WHERE number = 2",
        "DELETE FROM account WHERE number = 2",
        "UPDATE account SET key = chr0 WHERE number = 1",
        "UPDATE account SET chain = 3 - chain WHERE number = 1",
        "UPDATE chain SET name = 'eip155:137' WHERE name = 'eip155:1'",
    ],
)
def test_a_row_that_was_changed_or_deleted_changes_no_accounts_that_are_shown(history: HistoryLog, damage: str) -> None:
    added(history, a_report())
    added(history, of_accounts({ETH.id: [b"\x07" * 20]}, exchange="B"))
    unguarded(history, damage.replace("chr0", "x'00'" if history.database.binary == "BLOB" else r"'\x00'"))
    faults = refused(history)
    assert ACCOUNTS_ARE_NOT in faults


def test_a_claim_whose_accounts_are_gone_is_told(history: HistoryLog) -> None:
    added(history, a_report())
    unguarded(history, "DELETE FROM span", "DELETE FROM claim")
    assert refused(history) == [f"the accounts of claim sha256:{a_report().claim.digest} are missing"]


def test_accounts_of_a_claim_that_no_entry_names_are_told(history: HistoryLog) -> None:
    added(history, a_report())
    history.database.run("INSERT INTO claim (number, digest, accounts) VALUES (2, ?, 0)", b"\xab" * 32)
    assert refused(history) == [f"there are accounts of a claim sha256:{'ab' * 32}, which no entry names"]


def test_accounts_that_were_written_down_before_the_claim_was_verified_are_not_taken_for_its_own(
    history: HistoryLog,
) -> None:
    keep_unverified(history, a_report().envelope, at=NOW)
    history.database.run(
        "INSERT INTO claim (number, digest, accounts) VALUES (1, ?, 0)", bytes.fromhex(a_report().claim.digest)
    )
    assert check(history) == []  # nothing is shown of them
    with pytest.raises(HistoryInvalid, match="are not the 5"):
        added(history, a_report())
    assert not history.entries()[0].verified


def unguarded(history: HistoryLog, *statements: str) -> None:
    """As whoever owns the database: with triggers and references out of the way, which are put back."""
    database = history.database
    if database.binary == "BLOB":
        guards = list(database.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        database.run("PRAGMA foreign_keys = OFF")
        behind(history, *(f"DROP TRIGGER {name}" for name, _ in guards), *statements, *(sql for _, sql in guards))
        database.run("PRAGMA foreign_keys = ON")
    else:
        database.run("SET session_replication_role = replica")
        behind(history, *statements)
        database.run("SET session_replication_role = origin")


# Several envelopes for one claim.


def test_a_second_envelope_for_the_same_claim_and_snapshots_is_told_of(history: HistoryLog) -> None:
    first = added(history, a_report())
    claim = a_report().claim
    later = attest(claim=claim, signers=(SEAL,), scanned_at=DECEMBER + timedelta(days=9))
    second = added(history, later)
    assert (second.new, second.others) == (True, (first.entry,))
    assert second.entry.said.subject == first.entry.said.subject
    assert second.entry.said.finding == first.entry.said.finding
    assert [(each["counts"], each["contradicted"]) for each in told(history)["attestations"]] == [
        (True, False),
        (False, False),
    ]


def test_a_repeated_scan_with_more_evidence_takes_the_place_of_the_first(history: HistoryLog) -> None:
    lost = a_report(eth_bob=TIMED_OUT)
    added(history, lost)
    assert told(history)["units"][1]["series"][0]["standing"] == "NOT_SHOWN"
    added(history, attest(claim=lost.claim, signers=(SEAL,)))
    found = told(history)
    assert [each["counts"] for each in found["attestations"]] == [False, True]
    assert (found["reports"], found["units"][1]["series"][0]["standing"]) == (1, "ABOVE")


def test_a_scan_that_lost_a_chain_is_another_attestation_and_gives_way_to_one_that_did_not(history: HistoryLog) -> None:
    whole = a_report()
    lost = held(btc=TIMED_OUT, btc_other=TIMED_OUT)
    added(history, attest(lost, claim=whole.claim, snapshots=blocks_by(whole.claim.as_of)[1:], signers=(SEAL,)))
    appended = added(history, whole)
    assert appended.others == ()
    assert len({entry.said.subject for entry in history.entries()}) == 2
    assert [each["counts"] for each in told(history)["attestations"]] == [False, True]


def test_of_two_on_full_evidence_that_differ_the_lower_counts_and_both_are_marked(history: HistoryLog) -> None:
    added(history, a_report())
    lower = attest(held(eth_bob=agreed(1)), claim=a_report().claim, signers=(SEAL,))
    added(history, lower)
    found = told(history)
    assert [(each["counts"], each["contradicted"]) for each in found["attestations"]] == [(False, True), (True, True)]
    assert found["units"][1]["series"][0]["standing"] == "BELOW"


def test_one_that_nobody_verified_contradicts_nothing(history: HistoryLog) -> None:
    added(history, a_report())
    lower = attest(held(eth_bob=agreed(1)), claim=a_report().claim, signers=(SEAL,))
    keep_unverified(history, lower.envelope, at=NOW)
    assert [(each["counts"], each["contradicted"]) for each in told(history)["attestations"]] == [
        (True, False),
        (False, False),
    ]


# Accounts.


def changes(history: HistoryLog, exchange: str) -> list[tuple[int, int | None, int | None, dict[str, int]]]:
    """Of each attestation: accounts declared, added, removed, and shared by exchange."""
    found = []
    for each in told(history, exchange)["attestations"]:
        of = each["accounts"]
        counts = [of[key]["accounts"] if of[key] else None for key in ("added", "removed")]
        found.append((of["declared"], *counts, {one["exchange"]: one["accounts"] for one in of["shared"]}))
    return found


def test_accounts_added_removed_and_declared_by_another_exchange_too(history: HistoryLog) -> None:
    names = [bytes([number]) * 20 for number in range(1, 8)]
    added(history, of_accounts({ETH.id: names[:4]}))
    added(history, of_accounts({ETH.id: names[1:6]}, as_of=JANUARY))
    added(history, of_accounts({ETH.id: names[5:]}, exchange="B"))
    assert changes(history, "A") == [(4, None, None, {}), (5, 2, 1, {"B": 1})]
    assert changes(history, "B") == [(2, None, None, {"A": 1})]
    of = told(history, "A")["attestations"][1]["accounts"]
    assert of["added"]["first"] == [f"eip155:1:0x{name.hex()}" for name in names[4:6]]
    assert of["removed"]["first"] == [f"eip155:1:0x{names[0].hex()}"]
    assert of["shared"][0]["first"] == [f"eip155:1:0x{names[5].hex()}"]


def test_claims_are_compared_in_the_order_of_their_moments_not_of_being_added(history: HistoryLog) -> None:
    names = [bytes([number]) * 20 for number in range(1, 5)]
    added(history, of_accounts({ETH.id: names[:4]}, as_of=FEBRUARY))
    added(history, of_accounts({ETH.id: names[:2]}, as_of=DECEMBER))
    added(history, of_accounts({ETH.id: names[:3]}, as_of=JANUARY))
    assert changes(history, "A") == [(2, None, None, {}), (3, 1, 0, {}), (4, 1, 0, {})]


def test_an_account_counts_once_in_whatever_assets_and_is_another_on_another_chain(history: HistoryLog) -> None:
    added(history, of_accounts({ETH.id: [ALICE], USDT.id: [ALICE], BTC.id: [SCRIPT]}))
    assert changes(history, "A") == [(2, None, None, {})]
    (spans_of,) = accounts.declared(history.database).values()
    assert set(accounts.named(history.database, spans_of, 9)) == {
        f"{BITCOIN}:bc1pqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqsyjer9e",
        f"{ETHEREUM}:0x{ALICE.hex()}",
    }


def test_the_same_bytes_on_another_chain_are_another_account_also_later(history: HistoryLog) -> None:
    elsewhere = parse_asset("eip155:137/slip44:966")
    for name, assets in (("one", [ETH.id]), ("other", [elsewhere]), ("both", [elsewhere, ETH.id])):
        holdings = tuple(Holding(asset, ALICE) for asset in assets)
        claim: Claim = a_claim(holdings=holdings, digest=hashlib.sha256(name.encode()).hexdigest())
        with history.database.writing():
            accounts.keep(history.database, claim)
    one, other, both = accounts.declared(history.database).values()
    assert (one, other, both) == ([(1, 1)], [(2, 2)], [(1, 2)])
    assert accounts.named(history.database, other, 9) == [f"eip155:137:0x{ALICE.hex()}"]


def test_scripts_too_long_for_an_index_are_told_apart_by_their_digests(history: HistoryLog) -> None:
    longest = [bytes([byte]) * 10_000 for byte in (0x51, 0x52)]
    added(history, of_accounts({BTC.id: longest[:1]}))
    added(history, of_accounts({BTC.id: longest}, as_of=JANUARY))
    assert changes(history, "A") == [(1, None, None, {}), (2, 1, 0, {})]
    digest = hashlib.sha256(longest[1]).hexdigest()
    assert told(history, "A")["attestations"][1]["accounts"]["added"]["first"] == [f"{BITCOIN}:sha256({digest})"]


def kept_claim(history: HistoryLog, name: str, found: set[int]) -> spans.Spans:
    """The accounts of a claim with these made-up ones, kept."""
    holdings = (Holding(ETH.id, number.to_bytes(20)) for number in sorted(found))
    digest = hashlib.sha256(name.encode()).hexdigest()
    claim: Claim = a_claim(holdings=tuple(holdings), digest=digest)
    with history.database.writing():
        accounts.keep(history.database, claim)
        accounts.keep(history.database, claim)  # once is enough
    return accounts.declared(history.database)[digest]


def test_changes_of_random_claims_are_those_of_sets(history: HistoryLog) -> None:
    draw = random.Random(6)
    sets = [set(draw.sample(range(1, 300), draw.randint(1, 200))) for _ in range(8)]
    kept = [kept_claim(history, str(number), found) for number, found in enumerate(sets)]
    for one, mine in zip(sets, kept, strict=True):
        assert spans.size(mine) == len(one)
        for other, theirs in zip(sets, kept, strict=True):
            for compute, expected in ((spans.difference, one - other), (spans.intersection, one & other)):
                found = accounts.named(history.database, compute(mine, theirs), 1000)
                assert sorted(found) == [f"eip155:1:0x{number.to_bytes(20).hex()}" for number in sorted(expected)]


def test_a_large_claim_takes_one_row_and_next_months_a_few(history: HistoryLog) -> None:
    first = kept_claim(history, "first", set(range(1, 20_001)))
    assert first == [(1, 20_000)]
    second = kept_claim(history, "second", set(range(1, 20_501)) - {5, 6, 700, 19_000})
    assert second == [(1, 4), (7, 699), (701, 18_999), (19_001, 20_500)]
    assert len(accounts.named(history.database, second, 10)) == 10


# Opening.


def test_a_history_that_is_not_there_is_made_only_where_that_is_asked_for(location: str) -> None:
    with pytest.raises(InputError, match="no history is there"):
        open_history(location)
    open_history(location, create=True).close()
    with open_history(location) as found:
        assert found.entries() == []


def test_a_history_of_another_version_is_left_alone(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSION", 99)
    open_history(location, create=True).close()
    monkeypatch.undo()
    for create in (False, True):
        with pytest.raises(InputError, match="version 99; expected 7"):
            open_history(location, create=create)


def an_older_history(location: str, monkeypatch: pytest.MonkeyPatch, version: int = 3) -> None:
    """One with an entry in it of version 3, which had no lower bounds, 4, which knew no scans between reports, 5, which
    kept no statements of several moments, or 6, which kept no stamps."""
    monkeypatch.setattr(schema, "VERSION", version)
    with open_history(location, create=True) as history:
        added(history, a_report())
        with history.database.writing():
            tables = {name: schema._OLDER[version].tables[name] for name in ("said", "line")}
            kept = () if version == 6 else ("several_verification", "several")
            for name in ("line", "said", *kept, "stamp", "tsa_root"):
                history.database.run(f"DROP TABLE {name}")
            history.database.make(DatabaseLayout(tables, schema.INDEXES, ()))
    monkeypatch.undo()


def test_a_history_of_an_older_version_says_how_it_becomes_one_of_this(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_older_history(location, monkeypatch)
    for create in (False, True):
        with pytest.raises(InputError, match="a history of version 3; `scanner log rebuild` makes it one of version 7"):
            open_history(location, create=create)


@pytest.mark.parametrize("version", [3, 4, 5, 6])
def test_a_history_goes_up_a_version_and_loses_nothing(
    location: str, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    an_older_history(location, monkeypatch, version)
    with open_history(location, upgrade=True) as history:
        assert check(history) == [
            "entry 1: its columns do not say what its envelope says; `scanner log rebuild` makes them anew"
        ]
        assert rebuild(history) == 1
    with open_history(location) as history:
        (entry,) = history.entries()
        assert entry.verified
        assert check(history) == []


def test_a_history_of_an_older_version_that_is_not_as_it_was_made_does_not_go_up(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_older_history(location, monkeypatch)
    monkeypatch.setattr(schema, "VERSION", 3)
    monkeypatch.setattr(schema, "LAYOUT", schema._OLDER[3])
    with open_history(location) as history, history.database.writing():
        history.database.make(DatabaseLayout({"more": "x INTEGER"}, {}, ()))
    monkeypatch.undo()
    with pytest.raises(HistoryInvalid, match="more"):
        open_history(location, upgrade=True)


def test_a_gap_has_a_reason_in_the_history_as_well(history: HistoryLog) -> None:
    attested = a_report(eth_bob=Gap(Why.NO_QUORUM, "1 of 2"))
    added(history, attested)
    (entry,) = history.entries()
    assert (entry.said.gaps, [line.gaps for line in entry.said.lines]) == (1, [0, 1, 0])


def test_a_scan_between_reports_is_kept_and_told_and_is_no_report(history: HistoryLog) -> None:
    """Also where there is nothing else, and where a report of its claim is added after it."""
    report = a_report()
    moment = DECEMBER + timedelta(days=20)
    claim = report.claim.at(moment)
    scanned = attest(held(), claim=claim, signers=(SEAL,), scanned_at=moment + timedelta(hours=1))
    evidence = io.BytesIO(scanned.evidence)
    append(history, scanned.envelope, report.claim, scanned.keys, evidence, at=NOW)
    (alone,) = summary(history)["exchanges"]
    assert (alone["reports"], alone["betweenReports"], alone["units"]) == (0, 1, [])
    added(history, report)
    (both,) = summary(history)["exchanges"]
    assert (both["reports"], both["betweenReports"], both["first"], both["last"]) == (1, 1, *[_text(DECEMBER)] * 2)
    assert [(each["asOf"], each["owedAsOf"], each["counts"]) for each in both["attestations"]] == [
        (_text(DECEMBER), _text(DECEMBER), True),
        (_text(moment), _text(DECEMBER), False),
    ]
    assert {unit["streak"]["reports"] for unit in both["units"] if unit["streak"]} == {1}
    assert check(history) == []


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
