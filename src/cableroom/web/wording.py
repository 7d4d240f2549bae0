"""The organisation's list of words, as pages use it."""

from __future__ import annotations

from dataclasses import dataclass

from cableroom.directory import words
from cableroom.web.sentences import SENTENCES


@dataclass(frozen=True, slots=True)
class Words:
    """One list: ``diplomatic`` or ``plain``. Called with a key, it answers in the reader's language.

    Keys are those of `cableroom.directory.words` and of `cableroom.web.sentences`. A text with gaps
    (``%(post)s``) is filled from `values`. Raises `NotFound` for a key that stands in neither.
    """

    list: str = "diplomatic"

    def __call__(self, key: str, **values: object) -> str:
        pair = SENTENCES.get(key)
        text = str(pair[self.list == "plain"] if pair else words.word(key, self.list))
        return text % values if values else text

    def level(self, name: str) -> str:
        """A level by the list's name, or the policy's own where the list has none."""
        return str(words.level_word(name, self.list))

    def precedence(self, name: str) -> str:
        return str(words.precedence_word(name, self.list))

    def caption(self, name: str) -> str:
        return str(words.caption_word(name, self.list))
