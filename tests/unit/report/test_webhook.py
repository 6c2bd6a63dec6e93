"""What a webhook is told, how it is signed, and what is remembered of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.cli import commands
from scanner.cli.webhooks import SHORTEST_KEY, State, _mac
from scanner.report.webhook import IDEMPOTENCY, SIGNATURE, TOLERANCE, Message, Verdicts, change, headers, holds
from tests.support import jobs
from tests.support.places import ROOT
from tests.support.tables import each_of

SECRET = "hook-that-must-not-leak"
KEY = b"0123456789abcdef"


def body(message: Message | None) -> dict[str, Any]:
    assert message is not None
    told: dict[str, Any] = json.loads(message.body)
    return told


def test_the_first_verdict_is_a_change_and_the_same_again_is_none() -> None:
    told = body(change("good", None, jobs.COVERED))
    assert told["verdict"] == {"before": None, "after": "COVERED"}
    assert change("good", Verdicts.of(jobs.COVERED), jobs.COVERED) is None


def test_a_change_tells_both_verdicts_and_the_units_that_changed_with_their_figures() -> None:
    before = Verdicts("COVERED", {"BTC": "COVERED", "ETH": "COVERED", "OLD": "COVERED"})
    told = body(change("bad", before, jobs.SHORT))
    assert told["verdict"] == {"before": "COVERED", "after": "SHORT"}
    eth, old = told["units"]
    assert (eth["unit"], eth["before"], eth["after"], eth["held"], eth["owed"]) == ("ETH", "COVERED", "SHORT", "1", "3")
    assert (old["unit"], old["after"], old["held"]) == ("OLD", None, None)
    assert (told["claim"], told["exchange"], told["digest"]) == ("bad", "Example Exchange", "sha256:" + "ab" * 32)


def test_a_unit_that_changes_is_a_change_although_the_verdict_is_as_before() -> None:
    told = body(change("bad", Verdicts("SHORT", {"BTC": "SHORT", "ETH": "SHORT"}), jobs.SHORT))
    assert [unit["unit"] for unit in told["units"]] == ["BTC"]


def test_figures_alone_are_no_change() -> None:
    more = jobs.predicate("COVERED", [jobs.reserve("BTC", "COVERED", "200", "139.2", "1.436781")])
    assert change("good", Verdicts.of(jobs.COVERED), more) is None


def test_less_than_was_owed_between_reports_is_a_change_although_no_verdict_is_another() -> None:
    """It was UNKNOWN for a gap; now nothing is missing, and it is less."""
    before = Verdicts("UNKNOWN", {"BTC": "COVERED", "ETH": "UNKNOWN"})
    told = body(change("watched", before, jobs.BETWEEN))
    (eth,) = told["units"]
    assert (eth["unit"], eth["before"], eth["after"], eth["belowOwed"]) == ("ETH", "UNKNOWN", "UNKNOWN", True)
    assert (told["asOf"], told["owedAsOf"]) == ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")
    seen = Verdicts.of(jobs.BETWEEN)
    assert change("watched", seen, jobs.BETWEEN) is None
    no_longer = jobs.predicate("UNKNOWN", [jobs.reserve(*each, None) for each in (("BTC", "COVERED", "2", "1"),)])
    no_longer["finding"]["reserves"].append(jobs.reserve("ETH", "UNKNOWN", "1", "3", None, gaps=1))
    no_longer["finding"]["asOf"] = "2026-01-03T00:00:00Z"
    (eth,) = body(change("watched", seen, no_longer))["units"]
    assert (eth["unit"], eth["belowOwed"]) == ("ETH", False)


def test_a_state_remembers_that_it_was_reported() -> None:
    state = State().after("watched", jobs.BETWEEN)
    assert State.load(state.dump("watched", KEY), "watched", KEY) == state
    assert state.seen is not None
    assert state.seen.below == {"ETH"}
    assert state.after("watched", jobs.BETWEEN) == state
    earlier = json.loads(state.dump("watched", KEY))  # as it was written before there was such a word
    del earlier["seen"]["below"], earlier["mac"]
    written = json.dumps(earlier | {"mac": _mac(earlier, "watched", KEY)}).encode()
    read = State.load(written, "watched", KEY)
    assert read.seen is not None
    assert (read.seen.finding, read.seen.below) == ("UNKNOWN", frozenset())


def test_the_id_is_of_this_change_alone() -> None:
    first, again = change("a", None, jobs.SHORT), change("a", None, jobs.SHORT)
    assert first is not None
    assert first == again
    others = [change("b", None, jobs.SHORT), change("a", Verdicts.of(jobs.COVERED), jobs.SHORT)]
    others.append(change("a", None, jobs.SHORT | {"run": {"scannedAt": "2026-01-02T03:04:07Z"}}))
    assert len({first.id, *(other.id for other in others if other)}) == 4
    assert body(first)["id"] == first.id


def test_a_signature_holds_for_this_body_key_and_time_alone() -> None:
    message = Message("ab" * 16, b'{"a": 1}')
    sent = headers(message, KEY, 1_000_000)
    signature = sent[SIGNATURE]
    assert sent[IDEMPOTENCY] == f'"{message.id}"'
    assert holds(message.body, signature, KEY, 1_000_000)
    assert holds(message.body, signature, KEY, 1_000_000 + TOLERANCE)
    assert not holds(message.body, signature, KEY, 1_000_000 + TOLERANCE + 1)
    assert not holds(message.body, signature, KEY, 1_000_000 - TOLERANCE - 1)
    assert not holds(message.body + b" ", signature, KEY, 1_000_000)
    assert not holds(message.body, signature, KEY + b"x", 1_000_000)
    assert not holds(message.body, signature.replace("t=1000000", "t=1000001"), KEY, 1_000_000)
    for other in ("", "v1=" + "0" * 64, signature[:-1], signature.upper(), signature + ","):
        assert not holds(message.body, other, KEY, 1_000_000)


def test_the_signature_is_the_hmac_that_openssl_computes() -> None:
    message = Message("ab" * 16, b'{"verdict":"SHORT"}')
    signature = headers(message, KEY, 1_700_000_000)[SIGNATURE]
    argv = ["openssl", "dgst", "-sha256", "-hmac", KEY.decode(), "-r"]
    done = subprocess.run(argv, input=b"1700000000." + message.body, capture_output=True, check=True)
    assert signature == f"t=1700000000,v1={done.stdout.split()[0].decode()}"


def test_the_receiver_on_the_operators_page_takes_what_is_genuine_and_nothing_else() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    (recipe,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    given: dict[str, Any] = {}
    exec(recipe, given)  # noqa: S102 - of our own page
    message, now = Message("ab" * 16, b'{"verdict":"SHORT"}'), int(time.time())
    signature = headers(message, KEY, now)[SIGNATURE]
    assert given["genuine"](message.body, signature, KEY)
    assert not given["genuine"](message.body + b" ", signature, KEY)
    assert not given["genuine"](message.body, signature, KEY + b"x")
    assert not given["genuine"](message.body, headers(message, KEY, now - 1000)[SIGNATURE], KEY)
    assert not given["genuine"](message.body, "", KEY)


def test_the_message_on_the_operators_page_has_the_fields_of_one() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    printed, made = json.loads(shown), body(change("bad", Verdicts("COVERED", {"BTC": "COVERED"}), jobs.SHORT))
    assert list(printed) == list(made)
    assert list(printed["units"][0]) == list(made["units"][0])
    assert printed["verdict"].keys() == made["verdict"].keys()


# What is remembered.


def test_a_change_waits_until_it_is_delivered_and_is_not_made_twice() -> None:
    state = State().after("a", jobs.COVERED)
    assert [body(message)["verdict"]["after"] for message in state.pending] == ["COVERED"]
    assert state.after("a", jobs.COVERED) == state
    both = state.after("a", jobs.SHORT)
    assert [body(message)["verdict"]["after"] for message in both.pending] == ["COVERED", "SHORT"]
    left = both.without(both.pending[0])
    assert (left.seen, len(left.pending)) == (Verdicts.of(jobs.SHORT), 1)


def test_a_state_is_read_as_it_was_written() -> None:
    for state in (State(), State().after("a", jobs.SHORT), State().after("a", jobs.SHORT).after("a", jobs.COVERED)):
        assert State.load(state.dump("a", KEY), "a", KEY) == state


def test_what_waits_has_a_bound() -> None:
    state = State()
    for number in range(150):
        state = state.after(str(number), jobs.SHORT if number % 2 else jobs.COVERED)
    assert len(state.pending) == 100
    assert body(state.pending[-1])["claim"] == "149"
    assert State.load(state.dump("a", KEY), "a", KEY) == state


@each_of(
    "spoiled",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"version": 2, "seen": null, "pending": []}',
        b'{"version": 1, "seen": null}',
        b'{"version": 1, "seen": 7, "pending": []}',
        b'{"version": 1, "seen": {"finding": "SHORT", "units": []}, "pending": []}',
        b'{"version": 1, "seen": null, "pending": [{"id": "x", "body": "{}"}]}',
        b'{"version": 1, "seen": null, "pending": [{"id": "00", "body": 7}]}',
        b'{"version": 1, "seen": null, "pending": 7}',
    ],
)
def test_a_state_that_is_none_is_refused(spoiled: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any
        State.load(spoiled, "a", KEY)


def test_a_state_that_was_not_written_with_this_key_for_this_claim_is_refused_as_is_any_change_of_one() -> None:
    state = State().after("a", jobs.COVERED).after("a", jobs.SHORT)
    data = state.dump("a", KEY)
    for claim, key in (("b", KEY), ("a", KEY + b"x")):
        with pytest.raises(ValueError, match="not under this key"):
            State.load(data, claim, key)
    told = json.loads(data)
    for name, changed in {
        "seen": told["seen"] | {"finding": "COVERED"},
        "pending": told["pending"][:1],
        "mac": "00" * 32,
        "version": 1,
    }.items():
        with pytest.raises(ValueError):  # noqa: PT011 - any
            State.load(json.dumps(told | {name: changed}).encode(), "a", KEY)
    with pytest.raises(ValueError):  # noqa: PT011 - any
        State.load(json.dumps({name: told[name] for name in ("version", "seen", "pending")}).encode(), "a", KEY)


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_bytes_break_the_reading_of_a_state(data: bytes) -> None:
    try:
        State.load(data, "a", KEY)
    except ValueError:
        return


# The command line.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCANNER_WEBHOOK_KEY", "k" * SHORTEST_KEY)
    monkeypatch.setenv("HOOK", SECRET)
    monkeypatch.delenv("UNSET", raising=False)
    (tmp_path / "claim.yaml").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://example.org/${UNSET}", "UNSET is not set"),
        ("https://example.org/${", "not closed"),
        (f"http://example.org/{SECRET}", "use https"),
        (f"https://user:{SECRET}@example.org/", "not sent"),
        (f"https://example.org/#{SECRET}", "not sent"),
        (f"ftp://example.org/{SECRET}", "is no URL"),
        (SECRET, "is no URL"),
        (f"https:///{SECRET}", "is no URL"),
        (f"https://example.org:port/{SECRET}", "that is not one"),
        (f"https://example.org/ {SECRET}", "is no URL"),
    ],
)
def test_a_url_that_cannot_be_is_told_and_not_quoted(
    folder: Path, url: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["scan", "claim.yaml", "--out", "out", "--webhook", url, "--summary", "s.json"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert SECRET not in error + (folder / "s.json").read_text()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--webhook", "https://example.org/"], "needs --out"),
        (["--out", "out", "--webhook-key", "key"], "give both"),
        (["--out", "out", "--webhook", "https://example.org/", "--webhook-key", "absent"], "absent: the key cannot"),
        (["--out", "out", "--webhook", "https://example.org/", "--webhook-key", "short"], "short: a key of 15 bytes"),
    ],
)
def test_what_a_webhook_lacks_is_told(
    folder: Path, argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "short").write_text("s" * 15 + "\n")
    (folder / "short").chmod(0o600)
    assert commands.main(["scan", "claim.yaml", *argv]) == 2
    assert told in capsys.readouterr().err


def test_without_a_key_nothing_is_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SCANNER_WEBHOOK_KEY")
    assert commands.main(["scan", "claim.yaml", "--out", "out", "--webhook", "https://example.org/"]) == 2
    assert "SCANNER_WEBHOOK_KEY" in capsys.readouterr().err
    assert "SCANNER_WEBHOOK_KEY" not in os.environ


def test_figures_that_would_mean_nothing_are_null() -> None:
    unread = jobs.reserve("BTC", "UNKNOWN", "0", "139.2", "0.000000") | {"holdings": 2, "gaps": 2}
    [unit] = body(change("dim", None, jobs.predicate("UNKNOWN", [unread])))["units"]
    assert (unit["held"], unit["ratio"], unit["owed"], unit["gaps"]) == (None, None, "139.2", 2)
    apart = [{"why": "MOMENTS_APART", "detail": "block 4 of eip155:1 is of another day"}]
    withheld = jobs.reserve("BTC", "UNKNOWN", "140", "139.2", "1.005747") | {"withheld": apart}
    [unit] = body(change("dim", None, jobs.predicate("UNKNOWN", [withheld])))["units"]
    assert (unit["held"], unit["ratio"]) == ("140", None)
