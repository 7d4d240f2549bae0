"""The real pages in a real browser: the words as they were released, nothing refused by the policy, print."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Ambassador:
    """The ambassador's browser; it keeps what the browser complained about."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.complaints: list[str] = []

    def at_work(self, work: Callable[[Any], None]) -> None:
        """Sign in, and do `work` with the page of the inbox."""
        self.browser.run(lambda: self._day(work))

    def _day(self, work: Callable[[Any], None]) -> None:
        context = self.browser.chromium.new_context(
            viewport={"width": 1440, "height": 900}, base_url=self.address, reduced_motion="reduce"
        )
        try:
            page = context.new_page()
            page.on("console", lambda message: self.complaints.append(message.text))
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.goto("/")
            page.get_by_label("Name").fill("costa")
            page.get_by_label("Passphrase").fill(world.PASSPHRASE)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/posts/port-sorell/")
            work(page)
        finally:
            context.close()


@pytest.fixture
def costa(ministry: Any, live_server: Any, browser: Any) -> Iterator[Ambassador]:
    ambassador = Ambassador(browser, live_server.url)
    yield ambassador
    assert ambassador.complaints == []


def test_a_day_at_the_post(ministry: Any, costa: Ambassador) -> None:
    digest = ministry.release(world.INSTRUCTION)
    costa.at_work(lambda page: _a_day(page, digest))


def _a_day(page: Any, digest: str) -> None:
    page.get_by_role("link", name="Passage of medical convoys").click()
    page.wait_for_url(f"**/cables/{digest}/")
    said = page.locator("[data-exact]")
    assert said.evaluate("e => e.textContent") == world.WORDS
    assert said.evaluate("e => [e.childNodes.length, e.firstChild.nodeType]") == [1, 3]
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVER) <= 0, width

    page.get_by_role("button", name="Take up for PORT SORELL").click()
    page.get_by_text("Taken up for PORT SORELL.").wait_for()
    page.get_by_role("link", name="Clean sheet").click()
    assert page.locator("[data-exact]").evaluate("e => e.textContent") == world.WORDS
    page.emulate_media(media="print")
    page.wait_for_load_state("networkidle")  # a browser fetches print stylesheets last
    boxes = page.evaluate(
        """[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
           .filter(rule => rule instanceof CSSPageRule).map(rule => rule.cssText).join(" ")"""
    )
    assert "SECRET" in boxes and "26 CAPITAL 1" in boxes and digest[:4] in boxes
    assert not page.get_by_role("link", name="Back to the cable").is_visible()
    page.emulate_media(media="screen")

    for room in ("tasks/", "board/", "drafts/", "drafts/new/", "records/"):
        page.goto(f"/posts/port-sorell/{room}")
        assert page.evaluate(OVER) <= 0, room


def test_pictures_of_the_pages(ministry: Any, costa: Ambassador) -> None:
    """Not a test of its own but for the browser's silence: every page is opened, narrow and dark as well.

    With CABLEROOM_SHOTS=<folder> the pictures are kept, to be looked at.
    """
    digest = ministry.release(world.INSTRUCTION)
    ministry.release(world.OPEN)
    ministry.release(world.FLASH)
    ministry.forward(minutes=4)
    costa.at_work(lambda page: _pictures(page, digest))


def _pictures(page: Any, digest: str) -> None:
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
        answer = page.goto(address)
        assert answer.status == 200, name
        for width, scheme in ((1440, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(OVER) <= 0, (name, width)
            if folder:
                page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
