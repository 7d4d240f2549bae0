"""Drafts: saved, seen by whom, never below the mark that they once had."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cableroom.errors import CheckFailed, InputError, NotAllowed, NotFound, StateError, TextError

from .conftest import CAPITAL, HAVANA, INSTRUCTION


def text(
    level: str = "RESTRICTED", *, mark: str | None = None, captions: str = "", subject: str = "A word"
) -> str:
    return f"""\
FROM: HAVANA
TO: CAPITAL
PRECEDENCE: ROUTINE
CLASSIFICATION: {level}
{f"CAPTIONS: {captions}" + chr(10) if captions else ""}SUBJECT: {subject}

1. ({mark or level[0]}) Said.
"""


class Desk:
    """Saving and seeing at HAVANA."""

    def __init__(self, office: Any) -> None:
        self.office = office

    def save(self, words: str, by: str = "hugo", **more: Any) -> Any:
        from cableroom.office import drafting

        return drafting.save(words, post=HAVANA, by=self.office.person(by), now=self.office.now, **more)

    def sees(self, draft: Any) -> set[str]:
        from cableroom.office import drafting

        found = set()
        for name, person in self.office.people.items():
            try:
                drafting.get(draft.id, person, now=self.office.now)
            except NotFound:
                assert draft.id not in {row.id for row in drafting.drafts(person, now=self.office.now)}
            else:
                assert draft.id in {row.id for row in drafting.drafts(person, HAVANA, now=self.office.now)}
                found.add(name)
        return found


@pytest.fixture
def desk(office: Any) -> Desk:
    return Desk(office)


def test_who_sees_a_draft(desk: Desk) -> None:
    """People of the post who are cleared for its mark; under EYES ONLY its author, holder and releasers."""
    table = [
        (text("RESTRICTED"), "hugo", {"hugo", "dora", "rita"}),
        (text("SECRET"), "hugo", {"hugo", "dora"}),
        (text("SECRET", mark="R"), "dora", {"hugo", "dora"}),
        (text("RESTRICTED", mark="S"), "dora", {"hugo", "dora"}),  # the highest of its paragraphs
        (text("RESTRICTED", captions="EYES ONLY"), "dora", {"hugo", "dora"}),
        (text("RESTRICTED", captions="EYES ONLY"), "hugo", {"hugo"}),
        (text("RESTRICTED", captions="PERSONAL DATA"), "hugo", {"hugo", "dora", "rita"}),
        (text("COSMIC"), "rita", {"rita"}),  # no such level: nobody can tell
        ("No heading yet", "rita", {"rita"}),
        ("", "rita", {"rita"}),
    ]
    for words, by, expected in table:
        assert desk.sees(desk.save(words, by)) == expected, words


def test_a98_the_mark_is_a_high_water_mark(desk: Desk) -> None:
    from cableroom.office import drafting

    office = desk.office
    row = desk.save(text("SECRET"))
    row = desk.save(text("RESTRICTED"), draft=row.id)
    assert desk.sees(row) == {"hugo", "dora"}  # rita could read its versions
    row = desk.save("Not readable at all", draft=row.id)
    assert desk.sees(row) == {"hugo"}
    row = desk.save(text("RESTRICTED"), by="hugo", draft=row.id)
    checked = drafting.check(row.id, by=office.person("hugo"), now=office.now)
    assert [problem.code for problem in checked.errors] == ["label-lowered"]
    given = {"version": row.version, "why": "The source was declassified.", "now": office.now}
    with pytest.raises(NotAllowed):
        drafting.lower(row.id, by=office.person("dora"), **given)
    row = drafting.lower(row.id, by=office.person("hugo"), **given)
    assert desk.sees(row) == {"hugo", "dora", "rita"}
    assert not drafting.check(row.id, by=office.person("hugo"), now=office.now).errors
    seen = drafting.versions(row.id, office.person("rita"), now=office.now)
    assert [(version.number, version.why) for version in seen] == [
        (2, ""),
        (4, "The source was declassified."),
    ]
    assert len(drafting.versions(row.id, office.person("hugo"), now=office.now)) == 4


def test_a98_what_is_drafted_from_a_cable_has_its_mark(instructed: Any) -> None:
    from cableroom.office import drafting, reporting

    office, _, received = instructed
    hugo = office.person("hugo")
    row = reporting.start(HAVANA, received.digest, by=hugo, now=office.now)
    assert "CLASSIFICATION: SECRET" in row.text and row.level == 4
    row = drafting.save(text("RESTRICTED"), post=HAVANA, by=hugo, now=office.now, draft=row.id)
    assert "label-lowered" in {p.code for p in drafting.check(row.id, by=hugo, now=office.now).errors}
    assert Desk(office).sees(row) == {"hugo", "dora"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET"]),
            st.sampled_from("URCS"),
            st.sampled_from(["", "EYES ONLY", "PERSONAL DATA"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a98_no_edit_ever_lowers_the_mark(desk: Desk, edits: list[tuple[str, str, str]]) -> None:
    numbers = {"U": 1, "R": 2, "C": 3, "S": 4}
    row, level, captions = None, 0, set()
    for count, (name, mark, caption) in enumerate(edits):
        words = text(name, mark=mark, captions=caption, subject=f"Edit {count}")
        row = desk.save(words, draft=row and row.id)
        level = max(level, numbers[name[0]], numbers[mark])
        captions |= {caption} - {""}
        assert (row.level, set(row.captions)) == (level, captions)


def test_nobody_saves_above_their_clearance(desk: Desk) -> None:
    from cableroom.office.models import Draft

    with pytest.raises(NotAllowed, match="not cleared for SECRET"):
        desk.save(text("SECRET"), by="rita")
    with pytest.raises(NotAllowed, match="holds no role at HAVANA"):
        desk.save(text(), by="anna")
    assert Draft.objects.count() == 0


def test_two_editors(desk: Desk) -> None:
    row = desk.save(text(subject="First"))
    desk.save(text(subject="By Dora"), by="dora", draft=row.id, expected=row.version)
    with pytest.raises(StateError, match="dora saved another version"):
        desk.save(text(subject="By Hugo"), draft=row.id, expected=row.version)


def test_the_same_text_is_no_new_version(desk: Desk) -> None:
    row = desk.save(text())
    again = desk.save(text().replace("\n", "\r\n") + "\n\n", draft=row.id)
    assert (again.version, again.versions) == (row.version, 1)


def test_hand_over_and_discard(desk: Desk) -> None:
    from cableroom.office import drafting

    office = desk.office
    hugo, now = office.person("hugo"), office.now
    row = desk.save(text("SECRET", captions="EYES ONLY"))
    assert desk.sees(row) == {"hugo"}
    with pytest.raises(NotAllowed, match="not cleared"):
        drafting.hand_over(row.id, office.person("rita"), by=hugo, now=now)
    with pytest.raises(NotAllowed, match="no role"):
        drafting.hand_over(row.id, office.person("anna"), by=hugo, now=now)
    drafting.hand_over(row.id, office.person("dora"), by=hugo, now=now)
    assert desk.sees(row) == {"hugo", "dora"}
    drafting.discard(row.id, by=office.person("dora"), now=now)
    assert [found.id for found in drafting.drafts(hugo, now=now)] == []
    for act in (drafting.discard, lambda *args, **more: desk.save(text(), draft=row.id)):
        with pytest.raises(StateError, match="discarded"):
            act(row.id, by=hugo, now=now)


def test_what_cannot_be_saved(desk: Desk) -> None:
    for words in ("a\0b", "\ud800", "x" * (2**20 + 1)):
        with pytest.raises(InputError):
            desk.save(words)


def test_a_file_needs_a_draft_that_can_be_read(desk: Desk) -> None:
    from cableroom.office import drafting

    row = desk.save("Only words")
    with pytest.raises(TextError):
        drafting.attach(
            row.id,
            name="a.txt",
            media_type="text/plain",
            content=b"x",
            by=desk.office.person("hugo"),
            now=desk.office.now,
        )


def test_the_drafter_stands_in_the_foot_beside_the_officer(office: Any) -> None:
    from cableroom.office import drafting, releasing
    from cableroom.register import following

    row = drafting.save(INSTRUCTION, post=CAPITAL, by=office.person("desi"), now=office.now)
    with pytest.raises(CheckFailed):
        releasing.release_text(
            "FROM: CAPITAL",
            post=CAPITAL,
            person=office.person("anna"),
            role="MINISTER",
            authentication=office.authenticate("anna"),
            now=office.now,
        )
    entry = releasing.release(
        row.id,
        version=row.version,
        person=office.person("anna"),
        role="MINISTER",
        authentication=office.authenticate("anna"),
        now=office.now,
    )
    head = following.opened_of(entry).cable.head
    assert head.drafted_by.as_text() == "DESK OFFICER (Desi)"
    assert head.released_by.as_text() == "MINISTER (Anna)"
    assert head.signed_as == "MINISTER"
