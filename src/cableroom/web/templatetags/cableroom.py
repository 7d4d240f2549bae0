"""Tags for the small signs of a page: words of the list, labels, precedences, states, times."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cableroom.web.marking import mark_words
from cableroom.web.times import clock
from cableroom.web.viewing import DueView, LabelView, MarkView, PrecedenceView, StateView
from cableroom.web.wording import Words

register = template.Library()


def _words(context: template.Context) -> Words:
    page = context.get("page")
    return page.words if page is not None else Words()


@register.simple_tag(takes_context=True)
def word(context: template.Context, key: str, **values: object) -> str:
    """The organisation's word for `key`: ``{% word "cable" %}``."""
    return _words(context)(key, **values)


@register.simple_tag(takes_context=True)
def label(context: template.Context, value: LabelView) -> SafeString:
    """A square box with the level, then categories and captions, underlined."""
    words = _words(context)
    more = (*value.categories, *(words.caption(item) for item in value.captions))
    return format_html(
        '<span class="lab lab-{}">{}</span>{}',
        value.ink,
        words.level(value.level),
        format_html_join("", ' <span class="cap">{}</span>', ((item,) for item in more)),
    )


@register.simple_tag(takes_context=True)
def level(context: template.Context, name: str) -> str:
    """The level's name in the reader's list."""
    return _words(context).level(name)


@register.simple_tag(takes_context=True)
def mark_text(context: template.Context, value: MarkView) -> str:
    """The words of the page mark: level, categories, captions, DRAFT, EXERCISE."""
    return mark_words(value, _words(context))


@register.simple_tag(takes_context=True)
def precedence(context: template.Context, value: PrecedenceView) -> SafeString:
    return format_html(
        '<span class="prec prec-{}">{}</span>', value.ink, _words(context).precedence(value.name)
    )


@register.simple_tag
def state(value: StateView) -> SafeString:
    """A state: its word, with a shape; a link to its evidence where it has one."""
    if value.url:
        return format_html('<a href="{}" class="st st-{}">{}</a>', value.url, value.shape, value.word)
    return format_html('<span class="st st-{}">{}</span>', value.shape, value.word)


@register.simple_tag
def due(value: DueView) -> SafeString:
    kind = {"late": "due-late", "soon": "due-soon"}.get(value.shape, "quiet")
    return format_html('<span class="{}">{}</span>', kind, value.text)


@register.filter
def mrn(value: str) -> SafeString:
    """A message reference number: left to right in every language, never broken without need."""
    return format_html('<bdi class="mrn" dir="ltr">{}</bdi>', value)


@register.filter
def dtg(value: str) -> SafeString:
    """A date-time group, already printed: left to right in every language."""
    return format_html('<bdi class="dtg" dir="ltr">{}</bdi>', value)


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime) -> SafeString:
    """A time in UTC, with its day where it is not today's."""
    page = context.get("page")
    return format_html(
        '<time datetime="{}"><bdi dir="ltr">{}</bdi></time>',
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        clock(at, page.now if page is not None else None),
    )


@register.simple_tag
def once() -> SafeString:
    """The field that makes a form harmless when it is sent twice."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_hex(16))


@register.filter
def proof(digest: str) -> str:
    """The first twelve digits of a digest, in groups of four, for people to compare."""
    return " ".join(digest[i : i + 4] for i in range(0, 12, 4))


@register.filter
def lengthof(text: str) -> int:
    """How many characters (code points) a text has."""
    return len(text)
