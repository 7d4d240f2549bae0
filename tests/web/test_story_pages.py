"""The story through the pages alone: written, released, taken up, noted, reported, accepted."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import world
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


class _Exact(HTMLParser):
    """Collects the text of the elements marked `data-exact`, and whether anything else was inside."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = False
        self.children = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.children += self.inside
        if dict(attrs).get("data-exact", "") is None:
            self.inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data


def hidden(page: bytes, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.decode())
    assert found, name
    return html.unescape(found[1])


def follow(client: Client, answer: Any) -> bytes:
    assert answer.status_code == 302, answer.content
    shown = client.get(answer["Location"].partition("#")[0])
    assert shown.status_code == 200
    return shown.content


def test_signing_in_and_locking(ministry: Any) -> None:
    client = Client()
    wrong = client.post("/sign-in", {"name": "costa", "passphrase": "not this one at all"})
    unknown = client.post("/sign-in", {"name": "nobody", "passphrase": "not this one at all"})
    assert wrong.status_code == unknown.status_code == 403
    same = wrong.content.replace(b'value="costa"', b'value="nobody"')
    token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
    assert token.sub(b"", same) == token.sub(b"", unknown.content)
    for away in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
        there = client.post("/sign-in", {"name": "costa", "passphrase": world.PASSPHRASE, "next": away})
        assert there["Location"] == "/"
    good = client.post(
        "/sign-in", {"name": "costa", "passphrase": world.PASSPHRASE, "next": "/posts/port-sorell/tasks/"}
    )
    assert good["Location"] == "/posts/port-sorell/tasks/"
    assert client.get("/")["Location"] == "/posts/port-sorell/"
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert client.get("/posts/port-sorell/").status_code == 302


def test_every_page_has_the_headers(ministry: Any, at: Any) -> None:
    from cableroom.web.headers import FILE_POLICY, POLICY

    digest = ministry.release(world.INSTRUCTION)
    person = at("costa")
    base = f"/posts/port-sorell/cables/{digest}/"
    for address in ("/sign-in", "/posts/", "/posts/port-sorell/", base, "/nowhere", f"{base}print.css"):
        answer = person.get(address)
        assert answer["Content-Security-Policy"] == POLICY, address
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] in ("no-referrer", "same-origin")
    for address in ("text", "proof", "words/1/text"):
        answer = person.get(base + address)
        assert answer["Content-Security-Policy"] == FILE_POLICY
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_pages_are_not_compressed_and_the_style_sheet_is(ministry: Any, at: Any) -> None:
    client = at("costa")
    accepts = {"HTTP_ACCEPT_ENCODING": "gzip"}
    assert "Content-Encoding" not in client.get("/posts/port-sorell/board/?q=abc", **accepts)
    style = client.get("/static/cableroom/cableroom.css", **accepts)
    assert style["Content-Encoding"] == "gzip"
    assert len(style.content) < 12_000
    font = client.get("/static/cableroom/fonts/cr-sans-latin-400.woff2", **accepts)
    assert "Content-Encoding" not in font


def test_words_are_exact_on_every_page(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.INSTRUCTION)
    person = at("costa")
    base = f"/posts/port-sorell/cables/{digest}/"
    for address in ("", "words/1/", "words/1/large/"):
        parser = _Exact()
        parser.feed(person.get(base + address).content.decode())
        assert parser.found == [world.WORDS], address
        assert parser.children == 0
    assert person.get(f"{base}words/1/text").content == world.WORDS.encode()
    assert person.get(f"{base}words/2/").status_code == 404


def test_the_whole_story(ministry: Any, at: Any) -> None:
    rehn, costa = at("rehn"), at("costa")

    # written and corrected
    text = world.INSTRUCTION.replace("2. (S) ACTION 1", "2. (X) ACTION 1")
    page = follow(rehn, rehn.post("/posts/capital/drafts/new/save", {"text": text, "then": "check"}))
    assert b"To correct" in page and b"paragraph 2" in page.lower()
    draft = re.search(rb"/posts/capital/drafts/([0-9a-f]+)/save", page)[1].decode()
    base = f"/posts/capital/drafts/{draft}/"
    version = hidden(page, "version")
    page = follow(
        rehn, rehn.post(f"{base}save", {"text": world.INSTRUCTION, "version": version, "then": "release"})
    )
    assert b"Release and sign for CAPITAL" in page
    assert "PORT SORELL Action. 2 people: C. Costa, F. Ferrer." in world.said(page.decode())

    # released, not without the passphrase
    form = {"version": hidden(page, "version"), "role": "MINISTER"}
    refused = rehn.post(f"{base}release/", {**form, "passphrase": "something else entirely"})
    assert refused.status_code == 403
    assert b"no number was used" in refused.content
    stale = rehn.post(f"{base}release/", {**form, "version": version, "passphrase": world.PASSPHRASE})
    assert b"changed since you read it" in follow(rehn, stale)
    page = follow(rehn, rehn.post(f"{base}release/", {**form, "passphrase": world.PASSPHRASE}))
    assert b"Released as 26 CAPITAL 1." in page
    ministry.drain()
    digest = re.search(rb"/cables/([0-9a-f]{64})/", page)[1].decode()

    # taken up, given to somebody, noted
    there = f"/posts/port-sorell/cables/{digest}/"
    ministry.forward(minutes=12)
    page = costa.get(there).content
    assert b"Take up for PORT SORELL" in page
    page = follow(costa, costa.post(f"{there}take-up", {"once": hidden(page, "once")}))
    assert b"Taken up for PORT SORELL." in page
    assert b"Take up for PORT SORELL" not in page
    page = costa.get(f"/posts/port-sorell/tasks/?assign={digest}.2").content
    give = {"no": "2", "owner": "ferrer", "once": hidden(page, "once")}
    assert b"With F. Ferrer now." in follow(costa, costa.post(f"{there}assign", give))
    for no, fields in (
        ("1", {"result": "carried out", "at": "240930Z NOV 26", "to": "the Foreign Minister",
               "text": "He said:\n> Nous allions le faire."}),
        ("2", {"result": "deferred", "next": "", "text": "She is out of town."}),
    ):  # fmt: skip
        page = costa.get(f"/posts/port-sorell/tasks/?note={digest}.{no}").content
        sent = costa.post(f"{there}note", {**fields, "no": no, "once": hidden(page, "once")})
        page = follow(costa, sent)
        assert (b"needs the new date" in page) is (no == "2")
    costa.post(f"{there}note", {"no": "2", "result": "carried out", "text": "She knows."})

    # reported
    page = follow(costa, costa.post(f"{there}report"))
    assert b"OUTCOME OF A ACTION 1 CARRIED OUT AT 240930Z NOV 26" in page
    assert b"KIND: REPORT" in page
    draft = re.search(rb"/posts/port-sorell/drafts/([0-9a-f]+)/save", page)[1].decode()
    base = f"/posts/port-sorell/drafts/{draft}/"
    page = costa.get(f"{base}release/").content
    form = {"version": hidden(page, "version"), "role": "AMBASSADOR", "passphrase": world.PASSPHRASE}
    page = follow(costa, costa.post(f"{base}release/", form))
    assert b"Released as 26 PORT SORELL 1." in page
    ministry.drain()

    # accepted and returned
    seen = world.said(rehn.get("/posts/capital/board/").content.decode())
    assert "Accept or return (3): 26 PORT SORELL 1" in seen
    report = re.search(rb"/cables/([0-9a-f]{64})/", page)[1].decode()
    here = f"/posts/capital/cables/{report}/"
    page = rehn.get(here).content
    assert b"1 Deliver verbatim: carried out" in page
    decide = {"of": digest, "no": "1", "decision": "accepted", "once": hidden(page, "once")}
    assert b"Instruction 1: accepted." in follow(rehn, rehn.post(f"{here}decide", decide))
    back = {"of": digest, "no": "2", "decision": "returned", "why": "When did she answer?"}
    assert b"Instruction 2: returned." in follow(rehn, rehn.post(f"{here}decide", back))
    ministry.drain()
    board = rehn.get("/posts/capital/board/?closed=1").content.decode()
    assert board.count('<i class="g"></i>') == 6
    assert "Accepted" in world.said(board)
    told = world.said(rehn.get(f"/posts/capital/cables/{digest}/").content.decode())
    assert "Accepted by CAPITAL 1 of 3" in told  # two more are open or not yet decided
    assert "26 PORT SORELL 1" in told


def test_a_form_sent_twice_is_one_act(ministry: Any, at: Any) -> None:
    from cableroom.register import ledger

    digest = ministry.release(world.OPEN)
    costa = at("costa")
    form = {"no": "1", "result": "carried out", "text": "Done.", "once": "c" * 32}
    for _ in range(2):
        costa.post(f"/posts/port-sorell/cables/{digest}/note", form)
    noted = [entry for entry in ledger.entries(world.SORELL, digest=digest) if entry.kind == "Noted"]
    assert len(noted) == 1


def test_two_people_in_one_draft(ministry: Any, at: Any) -> None:
    rehn, lind = at("rehn"), at("lind")
    page = follow(rehn, rehn.post("/posts/capital/drafts/new/save", {"text": world.OPEN}))
    address = re.search(rb"/posts/capital/drafts/[0-9a-f]+/save", page)[0].decode()
    version = hidden(page, "version")
    changed = world.OPEN.replace("Census", "Second census")
    follow(lind, lind.post(address, {"text": changed, "version": version}))
    mine = world.OPEN.replace("Census", "My own census")
    late = rehn.post(address, {"text": mine, "version": version})
    assert late.status_code == 409
    assert b"My own census" in late.content  # what was typed is not lost
    assert b"saved another version" in late.content
    assert b"Second census" in rehn.get(address.removesuffix("save")).content


def test_flash_takes_the_screen_once_and_stays_as_a_band(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.FLASH)
    ministry.forward(minutes=4)
    costa = at("costa")
    first = costa.get("/posts/port-sorell/board/").content.decode()
    assert "<h1" in first and "Withdraw staff from the Aune crossing" in first
    assert "received 4 min ago" in first
    assert 'href="/posts/port-sorell/board/"' in first  # going on stays possible
    second = costa.get("/posts/port-sorell/board/").content.decode()
    assert "band-flash" in second and ">Board</h1>" in second
    assert "<title>FLASH waiting (1)" in second
    assert "icon-flash.svg" in second
    costa.post(f"/posts/port-sorell/cables/{digest}/take-up")
    after = costa.get("/posts/port-sorell/board/").content.decode()
    assert "band-flash" not in after and "FLASH" not in after


def test_exercise_is_said_on_every_page_of_it(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.DRILL)
    costa = at("costa")
    for page in ("", "evidence/", "check/"):
        shown = costa.get(f"/posts/port-sorell/cables/{digest}/{page}").content.decode()
        assert "DRILL HIGH WATER. Act as if it were real" in shown
        assert "UNCLASSIFIED \xa0 DRILL</p>" in shown
        assert re.search(r"<title>DRILL ·", shown)
    assert b"DRILL" in costa.get(f"/posts/port-sorell/cables/{digest}/print.css").content


def test_distribution_widens_by_hand(ministry: Any, at: Any) -> None:
    text = world.OPEN.replace("UNCLASSIFIED", "RESTRICTED\nCAPTIONS: LIMITED DISTRIBUTION").replace(
        "TO: PORT SORELL", "TO: PORT SORELL/AMBASSADOR"
    )
    digest = ministry.release(text)
    costa, maro = at("costa"), at("maro")
    address = f"/posts/port-sorell/cables/{digest}/"
    assert maro.get(address).status_code == 404
    added = costa.post(f"{address}distribute", {"person": "maro", "why": "counts the crews"})
    assert b"M. Maro may read it now." in follow(costa, added)
    assert maro.get(address).status_code == 200


def test_file_is_a_download_and_nothing_else(ministry: Any, at: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    rehn = at("rehn")
    page = follow(rehn, rehn.post("/posts/capital/drafts/new/save", {"text": world.OPEN}))
    base = re.search(rb"/posts/capital/drafts/[0-9a-f]+/", page)[0].decode()
    evil = SimpleUploadedFile("plan.html", b"<script>alert(1)</script>", content_type="text/html")
    page = follow(rehn, rehn.post(f"{base}attach", {"file": evil, "mark": "u"}))
    assert b"1. plan.html (text/html, 25 bytes" in page
    page = rehn.get(f"{base}release/").content
    form = {"version": hidden(page, "version"), "role": "MINISTER", "passphrase": world.PASSPHRASE}
    page = follow(rehn, rehn.post(f"{base}release/", form))
    ministry.drain()
    digest = re.search(rb"/cables/([0-9a-f]{64})/", page)[1].decode()
    got = at("costa").get(f"/posts/port-sorell/cables/{digest}/files/1")
    assert got.content == b"<script>alert(1)</script>"
    assert got["Content-Disposition"] == 'attachment; filename="plan.html"'
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_markup_in_a_cable_is_text(ministry: Any, at: Any) -> None:
    digest = ministry.release(
        world.OPEN.replace("Census of nationals", '<img src=x onerror="alert(1)"> & co')
    )
    costa = at("costa")
    for address in (f"cables/{digest}/", "", "records/", "tasks/"):
        shown = costa.get(f"/posts/port-sorell/{address}").content.decode()
        assert "<img" not in shown
        assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co" in shown


def test_overdue_comes_first_and_is_red(ministry: Any, at: Any) -> None:
    ministry.release(world.INSTRUCTION)
    ministry.forward(days=2)
    tasks = at("costa").get("/posts/port-sorell/tasks/").content.decode()
    assert '<h2 id="t1" class="due-late">Overdue</h2>' in tasks
    assert "overdue since 24 Nov 12:00Z" in tasks
    assert 'class="n n-late"' in tasks
    board = at("rehn").get("/posts/capital/board/").content.decode()
    assert "st-late" in board
    assert ministry.now - world.NOW == timedelta(days=2)


def test_plain_words(ministry: Any, at: Any) -> None:
    from dataclasses import replace

    from cableroom.directory import policy as policies

    digest = ministry.release(world.INSTRUCTION)
    ministry.release(world.FLASH)
    present = policies.current()
    policies.register_policy(
        replace(present, version=present.version + 1, word_list="plain"), by=None, now=ministry.now
    )
    costa = at("costa")
    costa.get("/posts/port-sorell/")
    shown = world.said(costa.get("/posts/port-sorell/").content.decode())
    for word in ("Emergency", "Urgent", "To do", "What we asked", "Archive", "Strictly confidential"):
        assert word in shown
    shown = world.said(costa.get(f"/posts/port-sorell/cables/{digest}/").content.decode())
    for word in ("Request 1", "Say word for word", "Proof", "I&#x27;ll take this for PORT SORELL"):
        assert word in shown
    for word in ("Instruction 1", "Evidence", "Receipted", "Inbox of"):
        assert word not in shown


def test_answer_and_cancellation_begin_from_the_cable(ministry: Any, at: Any) -> None:
    digest = ministry.release(world.INSTRUCTION)
    answer = at("costa").get(f"/posts/port-sorell/drafts/new/?answer={digest}").content.decode()
    assert "TO: CAPITAL\n" in answer and "REFS: A. 26 CAPITAL 1\n" in answer
    rehn = at("rehn")
    page = rehn.get(f"/posts/capital/drafts/new/?cancel={digest}").content.decode()
    text = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.S)[1])
    assert "KIND: CANCELLATION\nCONCERNS: 26 CAPITAL 1\n" in text
    text = text.replace("1. (S) ", "1. (S) It is void.")
    saved = follow(rehn, rehn.post("/posts/capital/drafts/new/save", {"text": text, "source": digest}))
    assert b"Every rule that can be checked here is met" in saved


def test_sample_of_the_composer_can_be_read(ministry: Any) -> None:
    from cableroom.cable.text import parse_draft, print_draft
    from cableroom.web.starting import SAMPLE

    assert print_draft(parse_draft(SAMPLE)) == SAMPLE


def test_imported_record_is_shown_as_it_came(ministry: Any, at: Any) -> None:
    from pathlib import Path

    import cableroom.archive
    from cableroom.archive import accessioning
    from cableroom.archive.recordform import parse_record
    from cableroom.cable.address import Post

    sample = next(Path(cableroom.archive.__file__).parent.joinpath("samples").glob("*.txt"))
    data = sample.read_bytes()
    form = parse_record(data)
    ministry.hire("rehn", world.CAPITAL, "ARCHIVIST")
    entry = accessioning.accession(
        data, post=Post.parse(world.CAPITAL), by=ministry.people["rehn"], now=ministry.now
    )
    address = f"/records/{entry.data['record']}"
    shown = at("rehn").get(address).content.decode()
    text = html.unescape(shown)
    assert form.title in text
    assert f'id="cit">{form.citation}</p>' in text
    for cover in form.cover_names:
        assert f"[{cover.wording}]" in text
    for note in form.notes:
        assert f'href="#n{note.number}"' in shown and note.text in text
    assert "Attested" in shown
    sand = at("sand")  # an archivist without the category's clearance reads the record all the same
    assert sand.get(address).status_code == 200
    assert b"Confirm" in sand.get(address).content
    sand.post(f"{address}/instructions/1?decision=confirmed")
    assert b"Confirmed" in sand.get(address).content
    assert b"attested" in sand.get(f"{address}/print.css").content
