"""An operator that is asked twice at one block: what goes together counts, what does not can only dissent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.evidence import Gap, Reading
from scanner.core.lower_bound import AtLeast
from scanner.errors import Why
from scanner.scanning.repeated_answers import Answer, Repeated
from tests.support.tables import each_of

SILENT = Gap(Why.UNREACHABLE, "no answer")
NO_TOKEN = Gap(Why.NO_TOKEN, "there is none")
TELLS = Gap(Why.CALLER_DEPENDENT, "5 to one, 6 to another")


def said(*answers: Answer) -> Repeated:
    """Of one account, one after the other."""
    first, *later = (Reading.of([each]) for each in answers)
    repeated = Repeated(first)
    for each in later:
        repeated = repeated.and_then(each)
    return repeated


def vote(operator: Repeated, *others: Repeated) -> Answer:
    return operator.vote(others)[0]


@each_of(
    ("answers", "counts"),
    [
        ([5, 5], 5),
        ([5, SILENT], 5),
        ([SILENT, 5], 5),
        ([SILENT, SILENT], SILENT),
        ([AtLeast(5), 7], 7),
        ([7, AtLeast(5)], 7),
        ([AtLeast(5), AtLeast(6)], AtLeast(6)),
        ([AtLeast(6), AtLeast(5)], AtLeast(6)),
        ([NO_TOKEN, SILENT], NO_TOKEN),
        ([SILENT, NO_TOKEN], NO_TOKEN),
        ([5, TELLS], TELLS),
        ([TELLS, 5], TELLS),
    ],
)
def test_answers_that_go_together_are_one(answers: Sequence[Answer], counts: Answer) -> None:
    assert said(*answers).steady
    assert vote(said(*answers), said(9)) == counts


@pytest.mark.parametrize(
    "answers", [[5, 7], [7, 5], [5, 7, 5], [5, SILENT, 7], [AtLeast(6), 5], [5, AtLeast(6)], [5, NO_TOKEN]]
)
def test_answers_that_cannot_all_be_true_are_a_contradiction_for_good(answers: Sequence[Answer]) -> None:
    assert not said(*answers).steady
    assert not said(*answers, answers[0]).steady


def test_of_contradicting_words_the_one_that_no_other_operator_supports_dissents() -> None:
    assert vote(said(5, 7), said(5)) == 7
    assert vote(said(7, 5), said(5)) == 7
    assert vote(said(5, 7, 9), said(5), said(7)) == 9
    assert vote(said(5, 7), said(AtLeast(6))) == 5
    assert vote(said(5, NO_TOKEN), said(5)) == NO_TOKEN
    assert vote(said(5, NO_TOKEN), said(NO_TOKEN)) == 5


@pytest.mark.parametrize("others", [[], [said(SILENT)], [said(5, 7)], [said(5), said(7)]])
def test_where_no_word_can_dissent_there_is_none_and_the_reason_names_them(others: Sequence[Repeated]) -> None:
    answer = vote(said(5, 7), *others)
    assert isinstance(answer, Gap)
    assert answer.why is Why.MALFORMED
    assert "5, then 7" in answer.detail


def test_only_the_account_in_question_loses_its_word() -> None:
    operator = Repeated(Reading.of([1, 5, 3])).and_then(Reading.of([1, 6, 3]))
    counts = operator.vote([Repeated(Reading.of([1, 5, 3]))])
    assert [counts[at] for at in range(3)] == [1, 6, 3]


ANSWERS = st.one_of(st.integers(0, 3), st.integers(0, 3).map(AtLeast), st.sampled_from([SILENT, NO_TOKEN, TELLS]))


@given(st.lists(ANSWERS, min_size=1, max_size=5), st.lists(ANSWERS, max_size=3))
def test_an_operator_that_contradicted_itself_never_supports_an_amount(
    answers: list[Answer], others: list[Answer]
) -> None:
    operator = said(*answers)
    word = vote(operator, *map(said, others))
    if not operator.steady and not isinstance(word, Gap):
        amounts = [each for each in others if not isinstance(each, Gap)]
        assert word not in amounts
        assert amounts or NO_TOKEN in others or TELLS in others
