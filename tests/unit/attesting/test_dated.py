"""What a stamp shows of a file: the latest time at which it can have been made, or why nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scanner.attesting.dated import Dated, dated, digest, fresh
from scanner.proofs.flaws import ProofError
from scanner.proofs.stamps.authority import Roots
from tests.support.time_stamps import TIME, Answer, certified, root

DOCUMENT = b'{"payload":"..."}\n'
ANSWER = Answer(digest(DOCUMENT))


def roots() -> Roots:
    return Roots(root().pem)


def test_a_file_existed_before_the_latest_time_that_its_stamp_allows_for() -> None:
    shown = dated(DOCUMENT, ANSWER.encoded, roots())
    assert shown.before == TIME + timedelta(seconds=2)
    assert shown.authority is not None
    assert (shown.authority.name, shown.reason) == ("CN=Stamps,O=Tests", "")


def test_a_stamp_over_another_file_shows_nothing() -> None:
    assert dated(DOCUMENT + b" ", ANSWER.encoded, roots()) == Dated(
        None, reason="it stamps another file, or the file was changed since"
    )


def test_what_is_wrong_with_a_stamp_is_a_reason() -> None:
    assert dated(DOCUMENT, b"nonsense", roots()).reason == "a time stamp is of another kind"
    other = Roots(certified("Other", authority=True, purposes=()).pem)
    assert "leads to none of the roots" in dated(DOCUMENT, ANSWER.encoded, other).reason


def test_a_time_at_the_end_of_all_times_is_a_reason() -> None:
    end = TIME.replace(year=9999, month=12, day=31, hour=23, minute=59, second=59)
    above = certified("Root", authority=True, purposes=(), until=end)
    last = ANSWER.with_(time=b"99991231235959Z", signer=certified("Late", above, until=end))
    assert dated(DOCUMENT, last.encoded, Roots(above.pem)).reason == "a time that cannot be written"


def test_an_answer_to_a_question_just_asked_has_its_nonce() -> None:
    assert fresh(DOCUMENT, ANSWER.encoded, 5, roots()).before == TIME + timedelta(seconds=2)
    for other in (ANSWER.with_(nonce=6), ANSWER.with_(nonce=None)):
        with pytest.raises(ProofError, match="to another question"):
            fresh(DOCUMENT, other.encoded, 5, roots())


def test_without_roots_an_answer_is_signed_and_shows_nothing() -> None:
    shown = fresh(DOCUMENT, ANSWER.encoded, 5, None)
    assert (shown.before, shown.info is None) == (None, False)
    assert "no root was named" in shown.reason
    with pytest.raises(ProofError, match="does not hold"):
        fresh(DOCUMENT, ANSWER.with_(signature=bytes(64)).encoded, 5, None)
