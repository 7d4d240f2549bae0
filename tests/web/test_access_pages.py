"""What a person may not read does not exist on any page: the same bytes, no count, no trace."""

from __future__ import annotations

import re
from typing import Any

import pytest
import world
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "",
    "print.css",
    "text",
    "proof",
    "evidence/",
    "check/",
    "files/1",
    "words/1/",
    "words/1/large/",
    "words/1/text",
)
ACTS = ("take-up", "assign", "note", "distribute", "report", "decide")
NOTHING = "ab" * 32

_TOKENS = re.compile(rb'name="(csrfmiddlewaretoken|once)" value="[^"]+"')


def bare(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """An answer without the tokens that differ each time."""
    return answer.status_code, _TOKENS.sub(b"", answer.content), dict(answer.headers)


def test_hidden_is_absent_byte_for_byte(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.INSTRUCTION)
    cleared, not_cleared = at("costa"), at("maro")
    assert cleared.get(f"/posts/port-sorell/cables/{digest}/").status_code == 200
    for page in PAGES:
        hidden = bare(not_cleared.get(f"/posts/port-sorell/cables/{digest}/{page}"))
        absent = bare(not_cleared.get(f"/posts/port-sorell/cables/{NOTHING}/{page}"))
        assert hidden == absent, page
        assert hidden[0] == 404
    for act in ACTS:
        hidden = bare(not_cleared.post(f"/posts/port-sorell/cables/{digest}/{act}", {"no": "1"}))
        absent = bare(not_cleared.post(f"/posts/port-sorell/cables/{NOTHING}/{act}", {"no": "1"}))
        assert hidden == absent, act
        assert hidden[0] == 404


def test_record_of_a_hidden_cable_is_absent(ministry: Any, at: Any) -> None:
    from cableroom.archive.records import record_id

    name = record_id(ministry.release(world.INSTRUCTION))
    assert at("costa").get(f"/records/{name}").status_code == 200
    clerk = at("maro")
    assert bare(clerk.get(f"/records/{name}")) == bare(clerk.get("/records/" + "a" * 20))


def test_other_posts_are_absent(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.INSTRUCTION)
    stranger = at("nemo")
    absent = bare(stranger.get("/posts/nowhere/"))
    for address in ("/posts/port-sorell/", f"/posts/capital/cables/{digest}/", "/posts/capital/watch/"):
        assert bare(stranger.get(address)) == absent
    assert bare(at("hale").get(f"/posts/port-sorell/cables/{digest}/"))[0] == 404


def test_pending_message_is_not_told_on_the_absent_page(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.OPEN)
    person = at("costa")
    person.post(f"/posts/port-sorell/cables/{digest}/take-up")
    absent = person.get(f"/posts/port-sorell/cables/{NOTHING}/")
    assert b"Taken up" not in absent.content
    assert b"Taken up" in person.get(f"/posts/port-sorell/cables/{digest}/").content


def test_no_page_tells_of_what_is_hidden(ministry: Any, at: Any) -> None:
    clerk = at("maro")
    rooms = ("", "tasks/", "board/", "drafts/", "records/", "records/?q=convoys", "board/?q=convoys&closed=1")
    before = {room: bare(clerk.get(f"/posts/port-sorell/{room}")) for room in rooms}
    choice = bare(clerk.get("/posts/"))
    ministry.release(world.INSTRUCTION)
    for room in rooms:
        assert bare(clerk.get(f"/posts/port-sorell/{room}")) == before[room], room
    assert bare(clerk.get("/posts/")) == choice
    seen = at("costa").get("/posts/port-sorell/").content
    assert b"convoys" in seen


def test_flash_interrupts_only_who_may_read_it(ministry: Any, at: Any) -> None:
    ministry.release(world.FLASH)
    assert b"Withdraw staff" in at("costa").get("/posts/port-sorell/tasks/").content
    assert b"FLASH" not in at("maro").get("/posts/port-sorell/tasks/").content


def test_cover_name_is_resolved_for_the_cleared_alone(ministry: Any, at: Any) -> None:
    from cableroom.directory.models import CoverNameRow

    digest = ministry.release(world.INSTRUCTION)
    address = f"/posts/port-sorell/cables/{digest}/"
    cleared = at("costa").get(address).content.decode()
    assert "Ms L. Varga" in cleared
    assert '<span class="cover">HERON</span>' in cleared
    assert "SECRET \xa0 CONTACTS" in cleared  # the mark of the page rises with what it shows
    other = at("ferrer")
    knows_not = bare(other.get(address))
    assert knows_not[0] == 200
    assert b"Varga" not in knows_not[1]
    assert b"cover" not in knows_not[1]
    CoverNameRow.objects.all().delete()  # as if nobody had ever defined it
    assert bare(other.get(address)) == knows_not


def test_meaning_is_not_in_the_printed_mark(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.INSTRUCTION)
    sheet = at("costa").get(f"/posts/port-sorell/cables/{digest}/print.css").content
    assert b"SECRET" in sheet
    assert b"CONTACTS" not in sheet


def test_who_is_not_signed_in_is_sent_to_the_door(ministry: Any) -> None:
    client = Client()
    digest = ministry.release(world.OPEN)
    for address in (
        "/",
        "/posts/",
        "/posts/capital/",
        f"/posts/port-sorell/cables/{digest}/",
        "/records/abc",
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in")
    assert client.post(f"/posts/port-sorell/cables/{digest}/take-up").status_code == 302


def test_acts_only_post_and_only_with_the_token(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.OPEN)
    person = at("costa")
    for act in ACTS:
        assert person.get(f"/posts/port-sorell/cables/{digest}/{act}").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = person.cookies
    answer = strict.post(f"/posts/port-sorell/cables/{digest}/take-up")
    assert answer.status_code == 403
    assert b"too old to be used" in answer.content
    strict.post("/sign-out")
    assert person.get("/posts/port-sorell/").status_code == 200  # nobody else locks it


def test_a_draft_above_ones_clearance_is_absent(ministry: Any, at: Any) -> None:
    from cableroom.office import drafting

    text = world.INSTRUCTION.replace("FROM: CAPITAL", "FROM: PORT SORELL").replace(
        "TO: PORT SORELL, ", "TO: "
    )
    row = drafting.save(text, post=world.SORELL, by=ministry.people["costa"], now=ministry.now)
    assert at("costa").get(f"/posts/port-sorell/drafts/{row.id}/").status_code == 200
    clerk = at("maro")
    for page in ("", "release/"):
        hidden = bare(clerk.get(f"/posts/port-sorell/drafts/{row.id}/{page}"))
        assert hidden == bare(clerk.get(f"/posts/port-sorell/drafts/{'0' * 16}/{page}")), page
        assert hidden[0] == 404
    assert b"convoys" not in clerk.get("/posts/port-sorell/drafts/").content


def test_watch_tells_no_number_that_one_may_not_read(ministry: Any, at: Any) -> None:
    from cableroom.directory import people
    from cableroom.office import releasing

    for text in (world.INSTRUCTION, world.OPEN):
        shown = people.authenticate_again(ministry.people["rehn"], world.PASSPHRASE, now=ministry.now)
        releasing.release_text(
            text,
            post=world.CAPITAL,
            person=ministry.people["rehn"],
            role="MINISTER",
            authentication=shown,
            now=ministry.now,
        )  # and nothing has travelled yet
    page = at("lind").get("/posts/capital/watch/").content.decode()
    said = world.said(page)
    assert "3 legs, in the order in which they go" in said
    assert said.count("not for you to read") == 2
    assert "26 CAPITAL 2" in said and "26 CAPITAL 1" not in said
    assert "convoys" not in page


def test_only_the_communicator_sends_again(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.OPEN)
    address = f"/posts/capital/cables/{digest}/send-again"
    other, communicator = at("rehn"), at("lind")
    assert other.post(address, {"to": world.SORELL})["Location"] == "/posts/capital/watch/"
    told = other.get("/posts/capital/")  # the watch is absent for them; the message waits for the next page
    assert b"permits this" in told.content
    communicator.post(address, {"to": world.SORELL})
    assert b"There is nothing to send" in communicator.get("/posts/capital/watch/").content


def test_watch_is_for_communicators(ministry: Any, at: Any) -> None:
    ministry.release(world.OPEN)
    assert at("lind").get("/posts/capital/watch/").status_code == 200
    other = at("rehn")
    assert bare(other.get("/posts/capital/watch/")) == bare(other.get("/posts/nowhere/"))
    assert b"/watch/" not in other.get("/posts/capital/").content
