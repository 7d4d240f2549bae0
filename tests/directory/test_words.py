"""Both word lists are complete, and say what they are to say."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from cableroom.directory import words
from cableroom.directory.policyform import CAPTION_RULES, WORD_LISTS, default_policy
from cableroom.errors import NotFound

GAP = re.compile(r"%\(\w+\)s")


@pytest.mark.parametrize("key", sorted(words.WORDS))
def test_each_word_stands_in_both_lists(key: str) -> None:
    with override("en"):
        both = [str(word) for word in words.WORDS[key]]
    assert len(both) == len(words.LISTS) == 2
    assert all(text and text == text.strip() for text in both)
    gaps = [GAP.findall(text) for text in both]
    assert gaps[0] == gaps[1], "a gap that one list has and the other lacks"


def test_the_lists_are_those_of_the_policy() -> None:
    assert set(words.LISTS) == set(WORD_LISTS)


@pytest.mark.parametrize(
    ("key", "diplomatic", "plain"),
    [
        ("cable", "cable", "message"),
        ("for_action", "For action", "To do"),
        ("deliver_verbatim", "Deliver verbatim", "Say word for word"),
        ("returned", "Returned", "Sent back"),
        ("check_words", "six check words", "six check words"),
        ("hold", "HOLD", "Paused"),
    ],
)
def test_some_of_them(key: str, diplomatic: str, plain: str) -> None:
    assert str(words.word(key, "diplomatic")) == diplomatic
    assert str(words.word(key, "plain")) == plain


def test_every_name_of_the_default_policy_has_a_plain_word() -> None:
    policy = default_policy("mfa.example")
    for level in policy.levels:
        assert str(words.level_word(level.level, "diplomatic")) == level.level
        assert str(words.level_word(level.level, "plain")) != level.level
    for precedence in policy.precedences:
        assert str(words.precedence_word(precedence.name, "diplomatic")) == precedence.name
    assert str(words.caption_word("EYES ONLY", "plain")) == "Named people only"
    assert "named" in CAPTION_RULES


def test_a_name_that_the_lists_do_not_know_shows_as_it_is() -> None:
    assert words.level_word("COSMIC", "plain") == "COSMIC"
    assert words.precedence_word("7", "plain") == "7"


@pytest.mark.parametrize(("key", "which"), [("cable", "easy"), ("telephone", "plain")])
def test_an_unknown_word_is_an_error(key: str, which: str) -> None:
    with pytest.raises(NotFound):
        words.word(key, which)
