"""The real pages in a real browser: the words as they were released, nothing refused by the policy, print."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop in this thread

OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def costa(ministry: Any, live_server: Any, chromium: Any) -> Iterator[Any]:
    """The ambassador's browser, signed in; it fails the test if it complained about anything."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    page.get_by_label("Name").fill("costa")
    page.get_by_label("Passphrase").fill(world.PASSPHRASE)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/posts/port-sorell/")
    yield page
    context.close()
    assert complaints == []


def test_a_day_at_the_post(ministry: Any, costa: Any) -> None:
    digest = ministry.release(world.INSTRUCTION)
    costa.reload()
    costa.get_by_role("link", name="Passage of medical convoys").click()
    costa.wait_for_url(f"**/cables/{digest}/")
    said = costa.locator("[data-exact]")
    assert said.evaluate("e => e.textContent") == world.WORDS
    assert said.evaluate("e => [e.childNodes.length, e.firstChild.nodeType]") == [1, 3]
    for width in (1440, 390, 320):
        costa.set_viewport_size({"width": width, "height": 900})
        assert costa.evaluate(OVER) <= 0, width

    costa.get_by_role("button", name="Take up for PORT SORELL").click()
    costa.get_by_text("Taken up for PORT SORELL.").wait_for()
    costa.get_by_role("link", name="Clean sheet").click()
    assert costa.locator("[data-exact]").evaluate("e => e.textContent") == world.WORDS
    costa.emulate_media(media="print")
    costa.wait_for_load_state("networkidle")  # a browser fetches print stylesheets last
    boxes = costa.evaluate(
        """[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
           .filter(rule => rule instanceof CSSPageRule).map(rule => rule.cssText).join(" ")"""
    )
    assert "SECRET" in boxes and "26 CAPITAL 1" in boxes and digest[:4] in boxes
    assert not costa.get_by_role("link", name="Back to the cable").is_visible()
    costa.emulate_media(media="screen")

    for room in ("tasks/", "board/", "drafts/", "drafts/new/", "records/"):
        costa.goto(f"/posts/port-sorell/{room}")
        assert costa.evaluate(OVER) <= 0, room


def test_pictures_of_the_pages(ministry: Any, costa: Any) -> None:
    """Not a test of its own but for the browser's silence: every page is opened, narrow and dark as well.

    With CABLEROOM_SHOTS=<folder> the pictures are kept, to be looked at.
    """
    digest = ministry.release(world.INSTRUCTION)
    ministry.release(world.OPEN)
    ministry.release(world.FLASH)
    ministry.forward(minutes=4)
    folder = os.environ.get("CABLEROOM_SHOTS")
    base = f"/posts/port-sorell/cables/{digest}/"
    addresses = {
        "flash": "/posts/port-sorell/",
        "inbox": "/posts/port-sorell/",
        "cable": base,
        "evidence": f"{base}evidence/",
        "check": f"{base}check/",
        "words": f"{base}words/1/",
        "tasks": f"/posts/port-sorell/tasks/?note={digest}.1",
        "assign": f"/posts/port-sorell/tasks/?assign={digest}.1",
        "new": "/posts/port-sorell/drafts/new/",
        "records": "/posts/port-sorell/records/",
    }
    for name, address in addresses.items():
        answer = costa.goto(address)
        assert answer.status == 200, name
        for width, scheme in ((1440, "light"), (390, "dark")):
            costa.set_viewport_size({"width": width, "height": 900})
            costa.emulate_media(color_scheme=scheme)
            assert costa.evaluate(OVER) <= 0, (name, width)
            if folder:
                costa.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
