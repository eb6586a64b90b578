"""The decision table in words: every row that a decision can name has its sentence."""

from __future__ import annotations

import pytest

from app.domain.rule_words import NOT_IN_TABLE, RULE_WORDS, UNANSWERED, rule_words


def test_every_row_of_the_page_and_the_one_outside_it_has_words():
    assert sorted(RULE_WORDS) == list(range(18))
    assert (NOT_IN_TABLE, UNANSWERED) == (0, 17)
    assert all(words.endswith(".") and words[0].isupper() for words in RULE_WORDS.values())


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (1, ("93C3.", "9Ndo.", "No is sent")),
        (2, ("93C3.", "9Ndo.", "nothing is sent")),
        (3, ("9Ndo.", "No is sent")),
        (4, ("9Ndo.", "nothing to send")),
        (5, ("93C2.", "9Ndn.", "no dissent")),
        (6, ("93C2.", "9Ndn.", "holds a dissent")),
        (7, ("summary", "9Ndl. is added", "future")),
        (8, ("No consent is recorded", "holds a dissent", "nothing is changed")),
        (9, ("no summary", "No Preference Expressed")),
        (10, ("nothing to do",)),
        (11, ("Consent counts", "holds a dissent", "nothing is changed")),
        (12, ("FP69", "sensitive", "never added")),
        (13, ("Applied", "not asked")),
        (14, ("PDS", "not asked")),
        (15, ("in use", "nothing is changed")),
        (16, ("NHS number", "not asked")),
        (17, ("no answer", "nothing is assumed")),
    ],
)
def test_a_row_says_what_the_page_says(row, parts):
    words = rule_words(row)
    assert words.startswith(f"Rule {row}: ")
    assert all(part in words for part in parts)


def test_who_is_outside_the_table_has_no_number():
    assert rule_words(0) == RULE_WORDS[0]
