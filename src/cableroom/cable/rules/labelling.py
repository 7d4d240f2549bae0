"""What it may say to whom: levels, categories, captions and portion marks of the policy."""

from __future__ import annotations

from collections.abc import Iterator

from cableroom.cable.label import level_lettered, parse_mark
from cableroom.cable.rules.given import Finding, Given, Rule


def other_policy(given: Given) -> Iterator[Finding]:
    named = given.content.head.policy
    if named is not None and (named.id, named.version) != (given.policy.id, given.policy.version):
        yield (
            "POLICY",
            f"The policy in force is {given.policy.id} {given.policy.version}, not {named.as_text()}.",
            "Leave the line out: release writes it.",
        )


def unknown_level(given: Given) -> Iterator[Finding]:
    if given.level is None:
        yield (
            "CLASSIFICATION",
            f"The policy has no level {given.content.head.classification}.",
            f"Write {', '.join(level.level for level in given.policy.levels)}.",
        )


def unknown_category(given: Given) -> Iterator[Finding]:
    for category in given.content.head.categories:
        if category not in given.policy.categories:
            yield "CATEGORIES", f"The policy has no category {category}.", _known(given.policy.categories)


def unknown_caption(given: Given) -> Iterator[Finding]:
    for caption in given.content.head.captions:
        if caption not in given.policy.captions:
            yield "CAPTIONS", f"The policy has no caption {caption}.", _known(given.policy.captions)


def _known(words: frozenset[str]) -> str:
    return f"Write {', '.join(sorted(words))}." if words else "Leave it out."


def _marks(given: Given) -> Iterator[tuple[str, str]]:
    """Where each mark stands, and the mark."""
    for paragraph in given.content.paras:
        if paragraph.mark is not None:
            yield f"paragraph {paragraph.n}", paragraph.mark
    for file in given.content.files:
        if file.mark is not None:
            yield f"file {file.n}", file.mark


def unknown_mark(given: Given) -> Iterator[Finding]:
    letters = ", ".join(level.letter for level in given.policy.levels)
    known = given.policy.categories | given.policy.captions
    for where, text in _marks(given):
        mark = parse_mark(text)
        if level_lettered(given.policy.levels, mark.letter) is None:
            yield where, f"The policy has no portion mark ({mark.letter}).", f"Write {letters}."
        for word in mark.handling:
            if word not in known:
                yield where, f"The policy has no category or caption {word}.", "Leave it out of the mark."


def mark_above_classification(given: Given) -> Iterator[Finding]:
    classification = given.content.head.classification
    for where, text in _marks(given):
        level = level_lettered(given.policy.levels, parse_mark(text).letter)
        if level is not None and given.level is not None and level.number > given.level.number:
            yield (
                where,
                f"It is marked {level.level}, above the cable's {classification}.",
                f"Classify the cable {level.level}, or lower the mark.",
            )


def mark_beyond_label(given: Given) -> Iterator[Finding]:
    head = given.content.head
    for where, text in _marks(given):
        for word in parse_mark(text).handling:
            beyond = word in given.policy.categories and word not in head.categories
            if beyond or (word in given.policy.captions and word not in head.captions):
                yield (
                    where,
                    f"It is marked {word}, which the cable's label lacks.",
                    f"Write {word} in {'CATEGORIES' if beyond else 'CAPTIONS'}, or leave it out of the mark.",
                )


RULES = (
    Rule("other-policy", "error", other_policy),
    Rule("unknown-level", "error", unknown_level),
    Rule("unknown-category", "error", unknown_category),
    Rule("unknown-caption", "error", unknown_caption),
    Rule("unknown-mark", "error", unknown_mark),
    Rule("mark-above-classification", "error", mark_above_classification),
    Rule("mark-beyond-label", "error", mark_beyond_label),
)
