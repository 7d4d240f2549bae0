"""Every page, with made-up data, in a real browser: what the look promises holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import gallery
import pytest

pytestmark = pytest.mark.browser

PAGES = sorted(gallery.pages())
CSP_WORDS = ("Content Security Policy", "Refused to")


class Look:
    """Opens pages of the gallery, and keeps what the browser complained about."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address
        self.contexts: list[Any] = []
        self.complaints: list[str] = []

    def __call__(self, name: str, *, width: int = 1440, lang: str = "en", **more: Any) -> Any:
        context = self.browser.chromium.new_context(viewport={"width": width, "height": 900}, **more)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(f"{name}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))
        answer = page.goto(f"{self.address}/{name}?lang={lang}")
        assert answer.status == 200, page.inner_text("body")[:500]
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def look(browser: Any, gallery_url: str) -> Iterator[Look]:
    opened = Look(browser, gallery_url)
    yield opened
    browser.run(opened.close)
    assert opened.complaints == []


def looking(test: Callable[..., None]) -> Callable[..., None]:
    """Runs the test where the browser lives."""

    @wraps(test)
    def run(look: Look, **more: Any) -> None:
        look.browser.run(lambda: test(look, **more))

    return run


OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
INLINE = """[...document.querySelectorAll("*")].flatMap(e => e.getAttributeNames())
            .filter(name => name === "style" || name.startsWith("on"))"""
IDS = "[...document.querySelectorAll('[id]')].map(e => e.id)"


@pytest.mark.parametrize("name", PAGES)
@looking
def test_every_page(look: Look, name: str) -> None:
    page = look(name)
    assert page.evaluate(INLINE) == []
    assert page.locator("style, script:not([src])").count() == 0
    assert page.locator("h1").count() == 1
    ids = page.evaluate(IDS)
    assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVER) <= 0, width
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(OVER) <= 0, "right to left"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cable", gallery.FRENCH),
        ("words", gallery.FRENCH),
        ("words-large", gallery.FRENCH),
        ("words-ar", gallery.ARABIC),
    ],
)
@looking
def test_words_to_deliver_are_one_text_node(look: Look, name: str, words: str) -> None:
    page = look(name)
    said = page.locator("[data-exact]").first
    assert said.evaluate("e => e.textContent") == words
    assert said.evaluate("e => [e.childNodes.length, e.firstChild.nodeType]") == [1, 3]
    assert said.evaluate("e => getComputedStyle(e).whiteSpace") in ("pre-wrap", "preserve wrap")
    assert said.get_attribute("lang") in ("fr", "ar")
    assert said.get_attribute("dir") == "auto"


@looking
def test_copy_button_copies_exactly(look: Look) -> None:
    page = look("cable", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".words button[data-copy]").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == gallery.FRENCH


@looking
def test_works_without_scripts(look: Look) -> None:
    page = look("cable", java_script_enabled=False)
    assert not page.locator(".words button[data-copy]").is_visible()
    assert not page.locator("button[data-print]").is_visible()
    drawer = page.locator("details.ev").first
    assert not drawer.locator("p").first.is_visible()
    drawer.locator("summary").click()
    assert drawer.locator("p").first.is_visible()


@looking
def test_what_it_asks_stands_before_the_cable(look: Look) -> None:
    page = look("cable")
    order = "document.querySelector('.a1').compareDocumentPosition(document.querySelector('article.cable'))"
    assert page.evaluate(order) & 4  # the article follows
    desk = page.locator(".a1").bounding_box()
    assert desk["x"] > page.locator("article.cable").bounding_box()["x"]
    narrow = look("cable", width=390)
    assert narrow.locator(".a1").bounding_box()["y"] < narrow.locator("article.cable").bounding_box()["y"]


@pytest.mark.parametrize("name", ["cable", "inbox", "board", "record", "words"])
@looking
def test_mark_stands_at_top_and_bottom(look: Look, name: str) -> None:
    page = look(name)
    marks = page.locator(".mark").all_inner_texts()
    assert len(marks) == 2
    assert marks[0] == marks[1] != ""


@looking
def test_print_shows_the_mark_and_hides_what_is_no_record(
    look: Look,
) -> None:
    page = look("cable")
    page.emulate_media(media="print")
    for gone in (".mast", ".a1", ".band-flash", ".cover-is", ".rel", "form"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator("details.ev p").first.is_visible()
    boxes = page.evaluate(
        """[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
           .filter(rule => rule instanceof CSSPageRule).map(rule => rule.cssText).join(" ")"""
    )
    assert "SECRET" in boxes
    assert "26 CAPITAL 417" in boxes
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000


@looking
def test_print_of_a_record_keeps_who_is_meant_to_itself(look: Look) -> None:
    page = look("record")
    assert page.locator(".identity").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".identity").is_visible()
    assert page.locator(".custody, .chain").first.is_visible()


@looking
def test_dark_and_light_differ_and_contrast_follows(look: Look) -> None:
    grounds = {
        scheme: look("inbox", color_scheme=scheme).evaluate(
            "getComputedStyle(document.documentElement).backgroundColor"
        )
        for scheme in ("light", "dark")
    }
    assert grounds == {"light": "rgb(244, 243, 239)", "dark": "rgb(20, 21, 23)"}


@looking
def test_right_to_left(look: Look) -> None:
    page = look("cable-ar", lang="ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator(".a1").bounding_box()["x"] < page.locator("article.cable").bounding_box()["x"]
    assert page.locator("bdi.mrn").first.evaluate("e => getComputedStyle(e).direction") == "ltr"


AXE = os.environ.get("CABLEROOM_AXE", "")
"""The path of axe.min.js (npm pack axe-core); without it these checks are not part of the suite."""

if AXE:

    @pytest.mark.parametrize("name", PAGES)
    @looking
    def test_axe_finds_nothing(look: Look, name: str) -> None:
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        source = Path(AXE).read_text("utf-8")
        for more in ({}, {"width": 390}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
            page = look(name, bypass_csp=True, **more)
            page.evaluate(source)
            found = page.evaluate("rules => axe.run({runOnly: rules})", rules)["violations"]
            told = [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found]
            assert told == [], more
