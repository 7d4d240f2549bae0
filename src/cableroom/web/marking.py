"""The words of a page mark, as pages and prints show them."""

from __future__ import annotations

from django.utils.translation import gettext

from cableroom.web.viewing import MarkView
from cableroom.web.wording import Words

GAP = " \u00a0 "


def mark_words(mark: MarkView, words: Words) -> str:
    """Level, categories and captions, then DRAFT and EXERCISE where they apply."""
    label = mark.label
    parts = [words.level(label.level), *label.categories, *(words.caption(item) for item in label.captions)]
    if mark.draft:
        parts.append(gettext("DRAFT"))
    if mark.exercise:
        parts.append(mark.exercise)
    return GAP.join(parts)
