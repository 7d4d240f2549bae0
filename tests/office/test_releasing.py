"""Release: numbered without gaps, checked, signed and entered in one act; once, and of what was shown."""

from __future__ import annotations

import hashlib
import threading
from typing import Any

import pytest

from cableroom.cable.text import parse_cable, print_cable
from cableroom.errors import CheckFailed, NotAllowed, NotFound, StateError

from .conftest import CAPITAL, GENEVA, HAVANA, INSTRUCTION, ORG, PASSPHRASE, report_text

WORDS = "Primeras palabras, «exactas».\n\nSegundo párrafo."


def plain(subject: str = "A word", *, level: str = "RESTRICTED", more: str = "", text: str = "Said.") -> str:
    return f"""\
FROM: CAPITAL
TO: HAVANA
PRECEDENCE: ROUTINE
CLASSIFICATION: {level}
{more}SUBJECT: {subject}

1. ({level[0]}) {text}
"""


def opened(entry: Any) -> Any:
    from cableroom.register import following, ledger

    return following.opened_of(ledger.entry(entry.register, entry.index))


def codes(caught: Any) -> set[str]:
    return {problem.code for problem in caught.value.problems}


def test_a_release_completes_numbers_signs_and_enters(office: Any) -> None:
    from cableroom.cable.address import Post
    from cableroom.directory import certificates, policy
    from cableroom.seal.cables import ACCEPTED, Policy, read_cable

    entry = office.release(INSTRUCTION)

    assert entry.kind == "Released" and entry.register == CAPITAL
    assert str(entry.answer) == f"26 CAPITAL 1 @{ORG}"
    assert (entry.actor.person, entry.actor.post, entry.actor.role) == ("anna", CAPITAL, "MINISTER")
    assert entry.data["authentication"] == {"method": "passphrase", "at": "2026-10-27T18:40:00.000Z"}
    found = opened(entry)
    head = found.cable.head
    assert print_cable(found.cable).startswith(
        f"MRN: 26 CAPITAL 1\nDTG: 271840Z OCT 26\nFROM: CAPITAL@{ORG}\n"
    )
    assert parse_cable(print_cable(found.cable)).head == head
    assert head.released_by.as_text() == head.drafted_by.as_text() == "MINISTER (Anna)"
    present = policy.current()
    verdict = read_cable(
        found.signed_data,
        authorities=certificates.authorities_for(Post.parse(CAPITAL)),
        policies={
            (present.id, present.version): Policy(
                present.oid,
                {level.level: level.number for level in present.levels},
                {level.letter: level.level for level in present.levels},
            )
        },
        at=office.now,
        own_post=Post.parse(HAVANA),
    )
    assert (verdict.fate, verdict.digest) == (ACCEPTED, entry.digest), verdict.problems
    office.walk()


def test_verbatim_words_are_byte_equal_at_the_other_end(instructed: Any) -> None:
    _, released, received = instructed
    for entry in (released, received):
        instruction = opened(entry).cable.instructions[0]
        assert instruction.words == (("es", True, WORDS),)
        assert instruction.words[0][2].encode() == WORDS.encode()
    assert b"Primeras palabras" not in office_blob(received)


def office_blob(entry: Any) -> bytes:
    from cableroom.register import ledger

    return ledger.blob(entry.register, entry.index)


def test_serials_run_without_gaps_over_refusals(office: Any) -> None:
    assert office.release(plain("One")).answer.serial == 1
    with pytest.raises(CheckFailed) as caught:
        office.release(plain("Two").replace("TO: HAVANA", "TO: ATLANTIS"))
    assert codes(caught) == {"unknown-post"}
    assert office.release(plain("Two")).answer.serial == 2
    assert (
        office.reply(
            plain("Other post").replace("HAVANA", "GENEVA").replace("CAPITAL", "HAVANA")
        ).answer.serial
        == 1
    )
    office.forward(days=70)
    assert office.release(plain("New year")).answer.print(ORG) == "27 CAPITAL 1"


def test_a_series_of_its_own(office: Any) -> None:
    from dataclasses import replace

    from cableroom.directory import policy
    from cableroom.directory.policyform import SeriesRule

    rule = SeriesRule("N", "SECRET", None)
    present = policy.current()
    policy.register_policy(replace(present, version=2, series=(rule,)), by=None, now=office.now)
    assert office.release(plain("One")).answer.print(ORG) == "26 CAPITAL 1"
    assert office.release(plain("Two", level="SECRET")).answer.print(ORG) == "26 CAPITAL N-1"
    assert office.release(plain("Three")).answer.print(ORG) == "26 CAPITAL 2"
    office.walk()


def test_a_draft_is_released_once(office: Any) -> None:
    from cableroom.office import drafting, releasing
    from cableroom.register import ledger

    anna = office.person("anna")
    row = drafting.save(plain(), post=CAPITAL, by=anna, now=office.now)
    given = {
        "version": row.version,
        "person": anna,
        "role": "MINISTER",
        "authentication": office.authenticate("anna"),
        "now": office.now,
    }
    entry = releasing.release(row.id, **given)
    assert entry.key == f"release:{row.id}:{row.version}"
    with pytest.raises(StateError, match="released already, as 26 CAPITAL 1"):
        releasing.release(row.id, **given)
    with pytest.raises(StateError, match="released"):
        drafting.save(plain("Changed"), post=CAPITAL, by=anna, now=office.now, draft=row.id)
    assert [e.kind for e in ledger.entries(CAPITAL)] == ["Released"]


def test_a96_what_was_read_is_what_is_released(office: Any) -> None:
    from cableroom.office import drafting, releasing

    anna, now = office.person("anna"), office.now
    row = drafting.save(plain("Read by the officer"), post=CAPITAL, by=anna, now=now)
    drafting.save(
        plain("Changed behind their back"), post=CAPITAL, by=office.person("desi"), now=now, draft=row.id
    )
    with pytest.raises(StateError, match="changed since you read it"):
        releasing.release(
            row.id,
            version=row.version,
            person=anna,
            role="MINISTER",
            authentication=office.authenticate("anna"),
            now=now,
        )


@pytest.mark.parametrize("when", ["before the writer", "in the writer"])
def test_a96_a_change_at_the_last_moment(office: Any, monkeypatch: Any, when: str) -> None:
    """The draft changes after all checks: in the writer its version is compared again."""
    from cableroom.office import drafting, releasing

    anna, now = office.person("anna"), office.now
    row = drafting.save(plain("Shown"), post=CAPITAL, by=anna, now=now)
    place = "_prepare" if when == "before the writer" else "_check_still"
    whole = getattr(releasing, place)

    def late(*args: Any, **more: Any) -> Any:
        found = whole(*args, **more)
        if when == "before the writer":
            drafting.save(plain("Slipped in"), post=CAPITAL, by=anna, now=now, draft=row.id)
        return found

    monkeypatch.setattr(releasing, place, late)
    given = {"person": anna, "role": "MINISTER", "authentication": office.authenticate("anna"), "now": now}
    if when == "before the writer":
        with pytest.raises(StateError, match="changed since you read it"):
            releasing.release(row.id, version=row.version, **given)
    else:
        entry = releasing.release(row.id, version=row.version, **given)
        assert opened(entry).cable.head.subject == "Shown"


def test_a96_releases_raced(office: Any) -> None:
    """Eight threads release one draft, eight others one each: one number for the first, none twice, no gap."""
    from django.db import connections

    from cableroom.office import drafting, releasing
    from cableroom.register import ledger

    anna, now, authentication = office.person("anna"), office.now, office.authenticate("anna")
    one = drafting.save(plain("Wanted by all"), post=CAPITAL, by=anna, now=now)
    rows = [one] * 8 + [drafting.save(plain(f"Number {n}"), post=CAPITAL, by=anna, now=now) for n in range(8)]
    outcomes: list[Any] = []
    start = threading.Barrier(len(rows))

    def run(row: Any) -> None:
        start.wait()
        try:
            outcomes.append(
                releasing.release(
                    row.id,
                    version=row.version,
                    person=anna,
                    role="MINISTER",
                    authentication=authentication,
                    now=now,
                )
            )
        except StateError as refused:
            outcomes.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    released = [outcome for outcome in outcomes if not isinstance(outcome, StateError)]
    assert len(outcomes) == 16 and len(released) == 9
    assert sorted(entry.answer.serial for entry in released) == list(range(1, 10))
    assert [entry.data["draft"] for entry in ledger.entries(CAPITAL)].count(one.id) == 1
    office.walk()


NOT_RELEASING = (
    ("desi", "DESK OFFICER", "desi", "needs-release"),
    ("desi", "MINISTER", "desi", "role-not-held"),
    ("hugo", "AMBASSADOR", "hugo", "no-role"),
    ("anna", "MINISTER", "desi", "authentication"),
    ("nemo", "MINISTER", "nemo", "no-role"),
)


def test_who_may_not_release(office: Any) -> None:
    from cableroom.office import releasing
    from cableroom.register import ledger

    for by, role, who, code in NOT_RELEASING:
        with pytest.raises(NotAllowed) as caught:
            releasing.release_text(
                plain(),
                post=CAPITAL,
                person=office.person(by),
                role=role,
                authentication=office.authenticate(who),
                now=office.now,
            )
        assert caught.value.code == code
    assert ledger.size(CAPITAL) == 0


def test_a_stale_authentication_opens_no_key(office: Any) -> None:
    from cableroom.office import releasing

    authentication = office.authenticate("anna")
    office.forward(minutes=3)
    with pytest.raises(NotAllowed, match="more than two minutes ago"):
        releasing.release_text(
            plain(),
            post=CAPITAL,
            person=office.person("anna"),
            role="MINISTER",
            authentication=authentication,
            now=office.now,
        )


def test_a97_a_role_that_ended_in_between(office: Any, monkeypatch: Any) -> None:
    """The appointment ends after the checks: the writer asks again."""
    from cableroom.cable.address import Post
    from cableroom.directory import people
    from cableroom.office import releasing

    whole = releasing._prepare

    def late(*args: Any) -> Any:
        found = whole(*args)
        people.end_appointment(
            office.person("anna"), Post.parse(CAPITAL), "MINISTER", by=None, now=office.now
        )
        return found

    monkeypatch.setattr(releasing, "_prepare", late)
    with pytest.raises(NotAllowed):
        office.release(plain())


def test_files_are_enclosed_byte_for_byte(office: Any) -> None:
    from cableroom.office import drafting, releasing

    anna, content = office.person("anna"), b"%PDF-1.7 \x00\xff not really"
    row = drafting.save(plain(), post=CAPITAL, by=anna, now=office.now)
    row = drafting.attach(
        row.id,
        name="note.pdf",
        media_type="application/pdf",
        content=content,
        mark="R",
        by=anna,
        now=office.now,
    )
    assert f"sha256:{hashlib.sha256(content).hexdigest()}) (R)" in row.text
    entry = releasing.release(
        row.id,
        version=row.version,
        person=anna,
        role="MINISTER",
        authentication=office.authenticate("anna"),
        now=office.now,
    )
    assert [(file.name, file.content) for file in opened(entry).files] == [("note.pdf", content)]
    listed = f"FILES: 1. a.txt (text/plain, 5 bytes, sha256:{hashlib.sha256(b'12345').hexdigest()})\n"
    text = plain().replace("SUBJECT: A word\n", f"SUBJECT: A word\n{listed}")
    with pytest.raises(CheckFailed) as caught:
        office.release(text)
    assert codes(caught) == {"file-missing"}


def test_refs_and_concerns_get_the_digests_of_what_is_held(instructed: Any) -> None:
    office, released, _ = instructed
    text = (
        plain("Refs", level="SECRET")
        .replace("FROM: CAPITAL", "FROM: HAVANA")
        .replace("TO: HAVANA", "TO: CAPITAL")
    )
    refs = "REFS: A. 26 CAPITAL 1\n      B. 26 CAPITAL 99\n      C. CAPITAL 271840Z OCT 26\n"
    cable = opened(office.reply(text.replace("SUBJECT: Refs\n", f"SUBJECT: Refs\n{refs}"))).cable
    assert [(ref.kind, ref.digest) for ref in cable.refs] == [
        ("mrn", released.digest),
        ("mrn", None),
        ("dtg", None),
    ]
    only = "REFS: A. CAPITAL 271840Z OCT 26\n"
    cable = opened(office.reply(text.replace("SUBJECT: Refs\n", f"SUBJECT: Refs\n{only}"))).cable
    assert cable.refs[0].digest == released.digest
    second = office.release(plain("The same minute", level="SECRET"))
    office.deliver(second, HAVANA)
    cable = opened(office.reply(text.replace("SUBJECT: Refs\n", f"SUBJECT: Refs\n{only}"))).cable
    assert cable.refs[0].digest is None  # two cables of that time: ambiguous


NOT_FOR_HAVANA = (
    (report_text("26 CAPITAL 1", "ACTION 99 CARRIED OUT: done"), "outcome-of-no-instruction"),
    (report_text("26 CAPITAL 7", "ACTION 1 CARRIED OUT: done"), "outcome-ref-unresolved"),
    (
        "FROM: HAVANA\nTO: CAPITAL\nPRECEDENCE: ROUTINE\nCLASSIFICATION: SECRET\nKIND: CANCELLATION\n"
        "CONCERNS: 26 CAPITAL 1\nSUBJECT: No\n\n1. (S) Cancelled.\n",
        "concerns-not-yours",
    ),
    (
        "FROM: GENEVA\nTO: CAPITAL\nPRECEDENCE: ROUTINE\nCLASSIFICATION: SECRET\nSUBJECT: x\n\n1. x\n",
        "not-this-post",
    ),
    (
        "FROM: HAVANA\nTO: HAVANA\nPRECEDENCE: ROUTINE\nCLASSIFICATION: SECRET\nSUBJECT: x\n\n1. x\n",
        "to-itself",
    ),
    ("FROM: HAVANA\n\n1. Not a draft.\n", "key"),
)


def test_a52_what_a_post_may_not_send(instructed: Any) -> None:
    office, _, _ = instructed
    for text, code in NOT_FOR_HAVANA:
        with pytest.raises(CheckFailed) as caught:
            office.reply(text)
        assert code in codes(caught)


def test_a_report_by_a_post_that_was_not_asked_is_not_released(office: Any) -> None:
    released = office.release(
        INSTRUCTION.replace("TO: HAVANA", "TO: HAVANA\nINFO: GENEVA").replace(
            "IMMEDIATE\n", "IMMEDIATE / ROUTINE\n"
        )
    )
    office.deliver(released, GENEVA)
    with pytest.raises(CheckFailed) as caught:
        office.release(
            report_text("26 CAPITAL 1", "ACTION 1 CARRIED OUT: done", sender="GENEVA"),
            by="greta",
            post=GENEVA,
            role="AMBASSADOR",
        )
    assert codes(caught) == {"outcome-not-asked"}


def test_what_the_officer_may_not_read_is_not_cited(office: Any) -> None:
    """A releasing officer without the clearance learns nothing about the cable that a draft names."""
    released = office.release(INSTRUCTION)
    office.deliver(released, HAVANA)
    office.hire("olga", HAVANA, "AMBASSADOR", "RESTRICTED")
    text = report_text("26 CAPITAL 1", "ACTION 99 CARRIED OUT: done", level="RESTRICTED")
    with pytest.raises(CheckFailed) as caught:
        office.release(text, by="olga", post=HAVANA, role="AMBASSADOR")
    assert codes(caught) == {"outcome-ref-unresolved", "concerns-unresolved"}  # as if there were none


def test_a_collective_goes_to_its_members_but_not_to_the_sender(office: Any) -> None:
    from cableroom.cable.address import Post
    from cableroom.directory import posts

    members = [Post.parse(name) for name in (CAPITAL, HAVANA, GENEVA)]
    posts.set_collective("ALL POSTS", members, by=None, now=office.now)
    cable = opened(office.release(plain().replace("TO: HAVANA", "TO: ALL POSTS"))).cable
    assert [str(post) for post in cable.all_posts] == [GENEVA, HAVANA]


def test_a_draft_of_another_post_does_not_exist(office: Any) -> None:
    from cableroom.office import drafting, releasing

    row = drafting.save(plain(), post=CAPITAL, by=office.person("anna"), now=office.now)
    with pytest.raises(NotFound):
        releasing.release(
            row.id,
            version=row.version,
            person=office.person("hugo"),
            role="AMBASSADOR",
            authentication=office.authenticate("hugo"),
            now=office.now,
        )


def test_no_key_and_no_passphrase_is_in_what_can_be_printed(office: Any) -> None:
    from cableroom.office import drafting, releasing

    anna = office.person("anna")
    row = drafting.save(plain(), post=CAPITAL, by=anna, now=office.now)
    prepared = releasing._prepare(row, anna, "MINISTER", office.authenticate("anna"), office.now)
    assert "PrivateKey" not in repr(prepared) and "archive_key" not in repr(prepared)
    assert PASSPHRASE not in repr(prepared)
