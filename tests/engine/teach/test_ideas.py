"""The question bank: every question has one right answer, and says what is wrong with each other one."""

from random import Random

import pytest

from engine.teach.ideas import BANK, make_idea_item


def test_no_question_and_no_answer_stands_there_twice():
    assert len({entry.question for entry in BANK}) == len(BANK) >= 15
    for entry in BANK:
        texts = [entry.answer, *(text for text, _ in entry.wrong)]
        assert len(set(texts)) == len(texts) == 4


def places_by_length(bank):
    """Return for each question how many of its wrong answers are longer than the right one."""
    return [sum(len(text) > len(entry.answer) for text, _ in entry.wrong) for entry in bank]


def test_the_length_of_an_answer_gives_nothing_away():
    longer = places_by_length(BANK)
    assert longer.count(0) <= len(BANK) / 4
    assert longer.count(3) <= len(BANK) / 4
    for entry in BANK:
        assert all(0.7 < len(text) / len(entry.answer) < 1.3 for text, _ in entry.wrong), entry.question
    given_away = [entry._replace(answer=entry.answer + " " + entry.more) for entry in BANK]
    assert places_by_length(given_away).count(0) > len(BANK) / 2


@pytest.mark.parametrize("entry", BANK, ids=lambda entry: entry.question[:30])
def test_each_question_is_asked_and_answered(entry):
    item = make_idea_item(entry, Random(3))
    assert item.topic == "ideas"
    assert item.options[ord(item.answer) - ord("a")] == f"{item.answer}) {entry.answer}"
    assert item.judge(item.answer).is_right
    for text, why in entry.wrong:
        letter = next(option[0] for option in item.options if option.endswith(text))
        assert item.judge(letter) == (False, why, "")
    assert item.solution == (entry.answer, entry.more)
    assert all(len(text) < 120 for text in (entry.question, entry.answer, entry.more))


def test_the_right_answer_stands_at_every_letter():
    assert {make_idea_item(BANK[0], Random(seed)).answer for seed in range(50)} == {"a", "b", "c", "d"}


@pytest.mark.parametrize("word", ["what", "why", "chain rule", "deep", "main steps"])
def test_the_bank_is_about_the_ideas_of_backpropagation(word):
    assert any(word in entry.question.lower() for entry in BANK)
