"""The parts of pages by themselves: style sheet, words, times, a cable's view, print strings."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gallery
import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.utils import translation

from cableroom.cable.document import Draft
from cableroom.cable.label import Label, Level
from cableroom.cable.text import parse_draft
from cableroom.web import printing, reading, times
from cableroom.web.framing import highest
from cableroom.web.reading import Lens, cable_view, label_view, precedence_view, runs
from cableroom.web.sentences import SENTENCES
from cableroom.web.viewing import CoverView, LabelView, PrintView, Run
from cableroom.web.wording import Words

LEVELS = (
    Level("U", "UNCLASSIFIED", 1),
    Level("R", "RESTRICTED", 2),
    Level("C", "CONFIDENTIAL", 3),
    Level("S", "SECRET", 4),
)
NOW = datetime(2026, 11, 23, 21, 9, tzinfo=UTC)
CSS = Path(finders.find("cableroom/cableroom.css") or "").read_text("utf-8")


# -- the style sheet ---------------------------------------------------------------------------


def test_style_sheet_knows_no_left_and_right() -> None:
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
    assert re.findall(r"(?:margin|padding|border)-(?:left|right|top|bottom)\b", rules) == []
    assert re.findall(r"(?:^|[{;\s])(?:left|right|top|bottom)\s*:", rules) == []
    assert re.findall(r"(?:text-align|float|clear)\s*:\s*(?:left|right)", rules) == []


def test_style_sheet_fetches_nothing_from_elsewhere() -> None:
    for address in re.findall(r"url\(([^)]+)\)", CSS):
        assert re.fullmatch(r"fonts/cr-[a-z0-9-]+\.woff2", address)
        assert finders.find(f"cableroom/{address}"), address
    assert "@import" not in CSS


def test_style_sheet_is_within_its_budget() -> None:
    import gzip

    assert len(gzip.compress(CSS.encode())) < 10_500  # 8.4 kB of the budget, and what pages of ours added


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_both_lists_say_it_with_the_same_gaps(key: str) -> None:
    diplomatic, plain = (str(each) for each in SENTENCES[key])
    gaps = re.compile(r"%\((\w+)\)s")
    assert diplomatic and plain
    assert sorted(gaps.findall(diplomatic)) == sorted(gaps.findall(plain))


def test_lists_of_directory_and_pages_share_no_key() -> None:
    from cableroom.directory.words import WORDS

    assert not set(WORDS) & set(SENTENCES)


def test_every_word_that_a_template_asks_for_exists() -> None:
    from cableroom.directory.words import WORDS

    folder = Path(reading.__file__).parent
    sources = [*folder.rglob("*.html"), *folder.rglob("*.py")]
    asked = {
        key
        for source in sources
        for key in re.findall(r"""(?:\{% word |\bwords\()["'](\w+)["']""", source.read_text("utf-8"))
    }
    assert len(asked) > 80
    assert asked <= set(WORDS) | set(SENTENCES)


def test_plain_sentences_use_no_word_of_the_trade() -> None:
    trade = re.compile(r"\b(?:cable|instruction|register|precedence|legs?|roster|post)s?\b", re.IGNORECASE)
    said = {key: gap.sub("", str(pair[1])) for key, pair in SENTENCES.items()}
    assert {key: text for key, text in said.items() if trade.search(text)} == {}


gap = re.compile(r"%\(\w+\)s")


# -- print -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ['"; } body { display: none } /*', "\\", "a\nb", "\\22 ", "</style>", "سري", "é'\"\u2028", "*/"]
)
def test_css_string_cannot_be_ended(text: str) -> None:
    written = printing.css_string(text)
    assert written[0] == written[-1] == '"'
    inner = written[1:-1]
    assert not re.search(r'["\n\r\f<>{};*/]', inner)
    read = re.sub(r"\\([0-9a-f]{6})", lambda found: chr(int(found[1], 16)), inner)
    assert read == text


def test_print_sheet_turns_with_the_language() -> None:
    view = PrintView("SECRET", "26 CAPITAL 417", "231840Z NOV 26", "proof 7f3a")
    with translation.override("ar"):
        sheet = printing.stylesheet(view)
    assert '@top-right { direction: ltr; content: "26 CAPITAL 417"' in sheet
    assert "CR Sans Ar" in sheet
    assert '@top-left { direction: ltr; content: "26 CAPITAL 417"' in printing.stylesheet(view)


# -- times -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=30), "0 min"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(hours=14, minutes=51), "14 h 51 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=6, hours=3, minutes=9), "6 d 3 h"),
        (timedelta(days=-1), "0 min"),
    ],
)
def test_span(length: timedelta, said: str) -> None:
    assert times.span(length) == said


def test_clock_tells_the_day_only_where_it_matters() -> None:
    assert times.clock(NOW, NOW) == "21:09Z"
    assert times.clock(NOW - timedelta(days=1), NOW) == "22 Nov 21:09Z"
    assert times.clock(NOW.replace(year=1962), NOW) == "23 Nov 1962 21:09Z"


def test_deadlines() -> None:
    words = Words()
    assert times.due(None, NOW, words) is None
    late = times.due(NOW - timedelta(hours=1), NOW, words)
    assert late and (late.text, late.shape) == ("overdue since 20:09Z", "late")
    soon = times.due(NOW + timedelta(hours=15), NOW, words)
    assert soon and (soon.text, soon.shape) == ("due 24 Nov 12:09Z", "soon")
    far = times.due(NOW + timedelta(days=7), NOW, words)
    assert far and far.shape == ""
    left = times.left(NOW + timedelta(hours=14, minutes=51), NOW, words)
    assert left and left.text == "in 14 h 51 min"


# -- signs -------------------------------------------------------------------------------------


def test_ink_grows_with_the_level() -> None:
    assert [label_view(Label(level.level), LEVELS).ink for level in LEVELS] == [0, 1, 2, 3]
    assert label_view(Label("COSMIC"), LEVELS, 5).ink == 4
    assert label_view(Label("HYPER"), LEVELS).ink == 4  # an unknown one is not drawn as harmless


def test_page_mark_is_the_highest_with_every_caption() -> None:
    low = LabelView("RESTRICTED", 2, 1, ("CONTACTS",), ("EYES ONLY",))
    high = LabelView("SECRET", 4, 3, (), ("PERSONAL",))
    mark = highest([low, high], LEVELS)
    assert (mark.level, mark.ink) == ("SECRET", 3)
    assert mark.categories == ("CONTACTS",)
    assert mark.captions == ("EYES ONLY", "PERSONAL")
    assert highest([], LEVELS).level == "UNCLASSIFIED"


def test_unknown_precedence_is_shown_by_its_number() -> None:
    assert (precedence_view(3).name, precedence_view(3).ink) == ("IMMEDIATE", 3)
    assert (precedence_view(5).name, precedence_view(5).ink) == ("OVERRIDE", 4)
    assert (precedence_view(7).name, precedence_view(7).ink) == ("7", 4)
    assert precedence_view(0).ink == 1


# -- a cable -----------------------------------------------------------------------------------

TEXT = """\
FROM: NORTH PIER@board.example
TO: VALMERE/SECRETARY NIACT, GENEVA@un.example
INFO: WEST PIER ROUTINE
PRECEDENCE: IMMEDIATE / PRIORITY
CLASSIFICATION: SECRET
SUBJECT: Water
REFS: A. 26 VALMERE 9

1. (S) First line
second line.

2. (C) ACTION 1 DELIVER VERBATIM TO "the master" FOR (VALMERE) URGENT BY 041200Z JUN 30 ON INSTRUCTIONS OF "the Board" IN fr:
> L’eau, d’abord.
>
> > « citée »
COURTESY TRANSLATION en:
> The water first.

3. OUTCOME OF A ACTION 2 CARRIED OUT AT 031200Z JUN 30 BY "Heron" TO "the master": he said
> Yes.
and left.

SIGNED: SECRETARY
"""


def draft() -> Draft:
    return parse_draft(TEXT)


def test_cable_view_carries_the_text_over() -> None:
    view = cable_view(draft(), Lens(Words(), LEVELS, NOW))
    assert [each.name for each in view.action] == ["VALMERE/SECRETARY", "GENEVA@un.example"]
    assert [each.niact for each in view.action] == [True, False]
    assert view.info[0].precedence and view.info[0].precedence.name == "ROUTINE"
    first, second, third = view.paragraphs
    assert (first.mark, first.level) == ("S", "SECRET")
    assert first.blocks[0].runs == (Run("First line\nsecond line."),)
    assert second.ask and second.ask.act == "Deliver verbatim"
    assert second.ask.rest[0].text == (
        "to the master, urgently, on instructions of the Board, by 041200Z JUN 30, for VALMERE alone"
    )
    assert second.words and second.words.text == "L’eau, d’abord.\n\n> « citée »"
    assert (second.words.language, second.words.language_name) == ("fr", "French")
    assert [each.text for each in second.courtesy] == ["The water first."]
    assert third.mark == "" and third.ask and third.ask.box == "Outcome of A, instruction 2"
    assert third.ask.rest[0].text == "at 031200Z JUN 30, by Heron, to the master"
    assert [(block.quote, block.runs[0].text) for block in third.blocks] == [
        (False, "he said"),
        (True, "Yes."),
        (False, "and left."),
    ]


def test_cover_names_are_found_as_whole_words_alone() -> None:
    label = LabelView("SECRET", 4, 3)
    covers = (CoverView("HERON", "somebody", label, ""), CoverView("RED HERON", "another", label, ""))
    assert runs("HERON, heron; RED HERON and HERONS, SHERON", covers) == (
        Run("HERON", True),
        Run(", "),
        Run("heron", True),
        Run("; "),
        Run("RED HERON", True),
        Run(" and HERONS, SHERON"),
    )
    assert runs("HERON", ()) == (Run("HERON"),)
    view = cable_view(draft(), Lens(Words(), LEVELS, NOW, covers=covers))
    assert [cover.name for cover in view.paragraphs[2].covers] == ["HERON"]
    assert view.paragraphs[0].covers == ()
    said = view.paragraphs[1].words
    assert said and "HERON" not in said.text


def test_words_stay_one_node_in_the_template() -> None:
    words = replace(gallery.the_words(), text="\n  <b>a</b>\u00a0&amp;\n\nb  ")
    page = Template('{% include "web/parts/words.html" %}').render(
        Context({"words": words, "courtesy": (), "page": gallery.frame()})
    )
    found = re.search(r'<div class="say" lang="fr" dir="auto" data-exact>(.*?)</div>', page, re.DOTALL)
    assert found
    assert found[1] == "\n  &lt;b&gt;a&lt;/b&gt;\u00a0&amp;amp;\n\nb  "
