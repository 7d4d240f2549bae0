"""Any valid document, for property tests: every script, every kind of paragraph, every key of the heading."""

from __future__ import annotations

import os
import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cableroom.cable.canonical import encode, minute
from cableroom.cable.characters import BLANKS
from cableroom.cable.document import Cable
from cableroom.cable.reference import kind_of, print_dtg


def examples(count: int) -> settings:
    """Settings of a property test with `count` examples, times CABLEROOM_TEST_EXAMPLES if that is set."""
    factor = int(os.environ.get("CABLEROOM_TEST_EXAMPLES", "1"))
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count * factor, deadline=None, suppress_health_check=calm)


# Pieces that a careless grammar would take for something else.
PIECES = [
    "\\",
    ">",
    "> ",
    '"',
    '\\"',
    "1. ",
    "12. x",
    "(S) ",
    "(S/EYES ONLY) ",
    "SUBJECT: ",
    "SIGNED: ",
    "DIGESTS: A",
    "REPORT BY: ",
    "ACTION 1 DO:",
    "ACTION 9",
    "OUTCOME OF A ",
    "COURTESY TRANSLATION en:",
    "COURTESY TRANSLATION ",
    " ",
    "  ",
    "\u00a0",
    "\u3000",
    ", ",
    ": ",
    " / ",
    " (",
    ") ",
    "@",
    "٣. ",
    "é",
    "\u0301",
    "\u0338",
    "العربية",
    "\u2067שלום\u2069",
    "क्\u200dष",
    "한국어",
    "語。",
    "👩\u200d🚀",
    "CAPITAL",
    "1962",
    "271840Z OCT 1962",
    "The end. Then 3.5 more.",
]
characters = st.characters(
    exclude_categories=["Cc", "Cs", "Co", "Cn"],
    exclude_characters="\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e",
)


def _trimmed(text: str, *, left: bool = True) -> str:
    start, end = 0, len(text)
    while start < end and left and text[start] in BLANKS:
        start += 1
    while end > start and text[end - 1] in BLANKS:
        end -= 1
    return text[start:end]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


_raw = st.lists(st.sampled_from(PIECES) | st.text(characters, max_size=6), min_size=1, max_size=6).map(
    "".join
)
lines = _raw.map(_composed).map(_trimmed).filter(lambda text: 0 < len(text) <= 200)
quoted_lines = _raw.map(_composed).map(lambda text: _trimmed(text, left=False))
texts = st.lists(lines, min_size=1, max_size=4).map("\n".join)
quotations = st.lists(quoted_lines | st.just(""), min_size=1, max_size=4).map("\n".join).filter(bool)
words = lines.map(lambda text: text.replace(" ", "-"))
persons = lines.map(lambda text: _trimmed(text.replace("(", "").replace(")", ""))).filter(bool)

posts = st.sampled_from(
    ["CAPITAL", "HAVANA", "NEW YORK", "PORT OF SPAIN", "A1", "X-9 2", "26 5", "FOR URGENT BY", "NIACT 1"]
)
orgs = st.sampled_from(["un.example", "a.b", "x", "xn--bcher-kva.example"])
items = st.sampled_from(["SECRET", "EYES ONLY", "A/B", "NATO-X 1", "PREL", "CU", "US", "7"])
marks = st.none() | st.sampled_from(["S", "C", "S/EYES ONLY", "TS//SI", "U -", "C(".replace("(", "9")])
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
languages = st.sampled_from(["en", "es", "pt-BR", "zh-Hant-TW", "x-ours", "sr-Latn", "de-1996"])
precedences = st.sampled_from(["DEFERRED", "ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH", "OVERRIDE"])
times = st.integers(0, 9998 * 525_600).map(
    lambda minutes: datetime.min.replace(tzinfo=UTC) + timedelta(minutes=minutes)
)
moments = times.map(minute)
flags = st.none() | st.just(True)
serials = st.integers(1, 9_999_999)
series = st.none() | st.sampled_from(["N", "EX", "ABC"])
bare_posts = st.fixed_dictionaries({"org": st.none() | orgs, "post": posts})


def _unique(strategy, key=encode, **sizes):
    return st.lists(strategy, unique_by=key, min_size=1, max_size=sizes.get("most", 3))


addressees = st.fixed_dictionaries(
    {
        "members": st.none() | _unique(bare_posts),
        "niact": flags,
        "org": st.none() | orgs,
        "post": posts,
        "precedence": st.none() | precedences,
        "role": st.none() | posts,
    }
)
address_lists = _unique(addressees, lambda each: (each["org"], each["post"], each["role"]))
officers = st.fixed_dictionaries({"name": st.none() | persons, "role": posts})


@st.composite
def mrns(draw, year: int | None = None, org: str | None = None, post: str | None = None):
    return {
        "org": org or draw(orgs | st.just("mfa.example")),
        "post": post or draw(posts),
        "serial": draw(serials),
        "series": draw(series),
        "year": draw(st.integers(1, 9999)) if year is None else year,
    }


@st.composite
def headings(draw):
    sender = {"org": "mfa.example", "post": draw(posts)}
    dtg = draw(moments)
    info = draw(st.none() | address_lists)
    kind = draw(st.sampled_from(["cable", "report", "correction", "cancellation", "readdressal"]))
    concerned = kind != "cable"
    return {
        "captions": draw(st.none() | _unique(items)),
        "categories": draw(st.none() | _unique(items)),
        "classification": draw(items),
        "cleared_by": draw(st.none() | _unique(officers)),
        "concerns": draw(digests) if concerned else None,
        "concerns_mrn": draw(mrns()) if concerned else None,
        "declassify_on": draw(st.none() | st.just("2051-10-27") | lines),
        "drafted_by": draw(st.none() | officers),
        "dtg": dtg,
        "exercise": draw(
            st.none() | st.fixed_dictionaries({"kind": st.sampled_from(["exercise", "drill"]), "name": lines})
        ),
        "expires": draw(st.none() | moments),
        "from": sender,
        "handling": draw(st.none() | lines),
        "info": info,
        "kind": kind,
        "language": draw(st.none() | languages),
        "mrn": draw(mrns(int(dtg[:4]), sender["org"], sender["post"])),
        "on_behalf_of": draw(st.none() | lines),
        "originator_reference": draw(st.none() | lines),
        "policy": {"id": draw(words), "version": draw(st.integers(0, 2**53 - 1))},
        "precedence_action": draw(precedences),
        "precedence_info": draw(precedences) if info else None,
        "released_by": draw(officers),
        "reply_by": draw(st.none() | moments),
        "report_by": draw(st.none() | moments),
        "signed_as": draw(st.none() | lines),
        "subject": draw(lines),
        "tags": draw(st.none() | _unique(items)),
        "to": draw(address_lists),
        "xmt": draw(st.none() | address_lists),
    }


@st.composite
def citations(draw):
    printed = times.map(lambda at: f"CNO WASHINGTON DC {print_dtg(at)}")
    numbers = st.sampled_from(
        ["26 HAVANA 1021", "1962 CAPITAL N-12", "26 X 1 @un.example", "26 X 1 @mfa.example"]
    )
    return draw(lines | numbers | printed | st.just("26 X 271840Z OCT 26") | st.just("2026 X 1"))


@st.composite
def references(draw):
    cited = draw(st.lists(citations(), max_size=4))
    found = draw(st.lists(digests, min_size=len(cited), max_size=len(cited), unique=True))
    return [
        {
            "cited": text,
            "digest": draw(st.sampled_from([None, digest])),
            "kind": kind_of(text, "mfa.example"),
            "letter": "ABCD"[n],
        }
        for n, (text, digest) in enumerate(zip(cited, found, strict=True))
    ] or None


@st.composite
def attachments(draw):
    kinds = st.sampled_from(["application/pdf", "text/plain", "image/svg+xml", "application/vnd.x-y.z"])
    count = draw(st.integers(0, 3))
    return [
        {
            "bytes": draw(st.integers(0, 2**53 - 1)),
            "mark": draw(marks),
            "media_type": draw(kinds),
            "n": n,
            "name": draw(lines | st.just("a (text/plain, 1 bytes, sha256:" + "0" * 64 + ") (S)")),
            "sha256": draw(digests),
        }
        for n in range(1, count + 1)
    ] or None


@st.composite
def _blocks(draw, *, opener: bool, delivers: bool):
    """Texts and segments: blocks as the text form alternates them, each cut at will."""
    blocks: list[tuple[int | None, str]] = []
    if not opener:
        blocks.append((None, draw(texts)))
    elif draw(st.booleans()):
        blocks.append((None, draw(st.sampled_from(["", "\n"])) + draw(texts)))
    count = draw(st.integers(1 if delivers else 0, 3))
    for q in range(count):
        blocks.append((q, draw(quotations)))
        last = q == count - 1
        if draw(st.booleans()) or not (delivers or last):
            blocks.append((None, draw(texts)))
    described = [
        {
            "authoritative": True if delivers and q == 0 else None,
            "language": (draw(st.none() | languages) if q == 0 else draw(languages)) if delivers else None,
        }
        for q in range(count)
    ]
    segments = []
    for q, value in blocks:
        cuts = (
            draw(st.lists(st.integers(1, len(value) - 1), max_size=3, unique=True)) if len(value) > 1 else []
        )
        edges = [0, *sorted(cuts), len(value)]
        segments += [{"q": q, "t": value[a:b]} for a, b in pairwise(edges)]
    return described or None, segments or None


@st.composite
def instruction_lines(draw):
    act = draw(st.sampled_from(["deliver", "inform", "obtain", "do", "report"]))
    fields = {
        "act": act,
        "by": draw(st.none() | moments),
        "manner": draw(st.sampled_from(["verbatim", "talking points"])) if act == "deliver" else None,
        "posts": draw(st.none() | _unique(bare_posts)),
        "urgent": draw(flags),
    }
    names = {
        "authority": draw(st.none() | lines),
        "target": draw(lines) if act in ("deliver", "inform", "obtain") else None,
        "what": draw(lines) if act == "obtain" else None,
    }
    return fields, names


@st.composite
def outcome_lines(draw, known):
    results = ["carried out", "in part", "deferred", "refused", "impossible"]
    fields = {
        "at": draw(st.none() | moments),
        "next": draw(st.none() | moments),
        "of": draw(st.sampled_from(known)),
        "result": draw(st.sampled_from(results)),
    }
    return fields, {"by": draw(st.none() | lines), "to": draw(st.none() | lines)}


@st.composite
def paragraphs(draw, known):
    found = []
    instructions = 0
    kinds = ["text", "instruction"] + (["outcome"] if known else [])
    for n, kind in enumerate(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4)), 1):
        fields = names = no = None
        if kind == "instruction":
            instructions += 1
            no = instructions
            fields, names = draw(instruction_lines())
        elif kind == "outcome":
            no = draw(st.integers(1, 1000))
            fields, names = draw(outcome_lines(known))
        delivers = kind == "instruction" and fields["act"] == "deliver"
        described, segments = draw(_blocks(opener=kind != "text", delivers=delivers))
        found.append(
            {
                "mark": draw(marks),
                "meta": {"fields": fields, "kind": kind, "texts": described},
                "n": n,
                "names": names,
                "no": no,
                "segments": segments,
            }
        )
    return found


@st.composite
def documents(draw):
    """A valid document."""
    refs = draw(references())
    known = [ref["digest"] for ref in refs or () if ref["digest"]]
    return {
        "files": draw(attachments()),
        "head": draw(headings()),
        "paras": draw(paragraphs(known)),
        "refs": refs,
    }


cables = documents().map(Cable.from_json)
