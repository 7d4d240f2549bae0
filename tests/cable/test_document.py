"""The document as a value: what it answers, and that no JSON at all gets past its rules."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime

import pytest
from cable_strategies import documents, examples
from hypothesis import given
from hypothesis import strategies as st
from test_text_vectors import TEXTS

from cableroom.cable.address import Post
from cableroom.cable.document import MAX_BYTES, Cable, Draft, DraftHead, Head, count_slots, slots
from cableroom.cable.heading import CLAIMS
from cableroom.cable.precedence import Precedence
from cableroom.cable.text import parse_cable, parse_draft, print_cable
from cableroom.errors import CableroomError, DocumentError, NotFound

FULL = Cable.from_json(TEXTS["cables"][0]["document"])
REPORT = Cable.from_json(TEXTS["cables"][1]["document"])


def at(name, org="aid.example"):
    return Post(org, name)


def test_head_has_exactly_thirty_claims():
    assert len(CLAIMS) == 30 == len(fields(Head)) == len(fields(DraftHead))
    assert set(FULL.head.to_json()) == set(CLAIMS)


def test_a_cable_is_frozen_and_complete():
    with pytest.raises(FrozenInstanceError):
        FULL.head = None
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        FULL.head.mrn.extra = 1
    assert str(FULL.mrn) == "26 CAPITAL R-12 @aid.example"
    assert FULL.dtg == datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    with pytest.raises(TypeError):
        Head(subject="x")


def test_posts_are_complete_and_each_once():
    assert FULL.sender == at("CAPITAL")
    tambo = [at("PORT SORELL"), at("TAMBO"), at("UPPER TAMBO"), at("DELTA", "health.example")]
    assert FULL.action_posts == tambo
    assert FULL.info_posts == [at("GENEVA", "un.example"), at("DEPOT")]
    assert FULL.all_posts == FULL.action_posts + FULL.info_posts


def test_a_post_of_both_lists_is_told_once_and_for_action():
    text = TEXTS["cables"][0]["text"].replace("FLASH, DEPOT", "FLASH, TAMBO")
    cable = parse_cable(text)
    assert at("TAMBO") in cable.action_posts and at("TAMBO") not in cable.info_posts
    assert cable.precedence_for(at("TAMBO")) is Precedence.PRIORITY


def test_precedence_is_that_of_the_addressee_or_of_its_list():
    assert FULL.precedence_for(at("PORT SORELL")) is Precedence.IMMEDIATE
    assert FULL.precedence_for(at("UPPER TAMBO")) is Precedence.PRIORITY
    assert FULL.precedence_for(at("GENEVA", "un.example")) is Precedence.FLASH
    assert FULL.precedence_for(at("DEPOT")) is Precedence.ROUTINE
    with pytest.raises(NotFound):
        FULL.precedence_for(at("LOWER TAMBO"))
    assert FULL.niact_for(at("PORT SORELL")) and not FULL.niact_for(at("TAMBO"))


def test_instructions_are_told_whole():
    deliver, points, inform, obtain, do, report = FULL.instructions
    assert (deliver.no, deliver.act, deliver.manner, deliver.urgent) == (1, "deliver", "verbatim", True)
    assert deliver.posts == (at("PORT SORELL"), at("TAMBO"))
    assert deliver.by == datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert (deliver.target, deliver.authority) == ("the district governor", "the Director")
    assert deliver.words == (
        ("sw", True, "Msafara unakuja Ijumaa."),
        ("en", False, "The convoy comes on Friday."),
        ("ar", False, "القافلة تصل يوم الجمعة."),
    )
    assert (deliver.paragraph, deliver.mark) == (2, "R/STAFF ONLY")
    assert deliver.text == "Read it slowly.\nLeave no copy behind."
    assert points.words == ((None, True, "- two berths\n- no fee"),)
    assert points.posts == tuple(FULL.action_posts)
    assert (inform.target, obtain.what, obtain.target) == (
        "HERON",
        "leave to pass \\ the bridge",
        "the garrison",
    )
    assert (do.urgent, report.text) == (True, "")
    assert [each.no for each in FULL.instructions_for(at("UPPER TAMBO"))] == [2, 3, 4, 5, 6]
    assert FULL.instructions_for(at("DEPOT")) == []


def test_outcomes_are_told_whole():
    first, second, *_ = REPORT.outcomes
    assert (first.of, first.no, first.result) == ("44" * 32, 1, "carried out")
    assert (first.at, first.by, first.to) == (
        datetime(1962, 3, 7, 8, tzinfo=UTC),
        "the head of office",
        "the governor",
    )
    assert first.text == "He said:\nHe smiled." and first.quotations == ('"We shall see."',)
    assert second.next == datetime(1962, 3, 9, 12, tzinfo=UTC)
    assert [each.result for each in REPORT.outcomes] == [
        "carried out",
        "in part",
        "deferred",
        "refused",
        "impossible",
    ]


def test_a_draft_names_its_organisation_once_it_is_known():
    draft = parse_draft(TEXTS["drafts"][0]["text"])
    assert draft.head.from_.org is None
    with pytest.raises(DocumentError):
        _ = draft.action_posts
    home = draft.at("aid.example")
    assert home.action_posts == [at("PORT SORELL"), at("TAMBO"), at("RIVER POSTS")]
    assert home.head.to[2].org is None
    assert (home.refs[0].cited, home.refs[0].kind) == ("26 PORT SORELL 88", "mrn")
    assert draft.at("un.example").refs[0].cited == "26 PORT SORELL 88 @aid.example"
    assert home.at("un.example") is home


@pytest.mark.parametrize(
    ("count", "fewest", "expected"),
    [(0, 8, 8), (4, 8, 8), (5, 8, 16), (8, 16, 16), (9, 16, 32), (1000, 32, 2048)],
)
def test_slots_are_the_smallest_power_of_two_that_leaves_half_to_pads(count, fewest, expected):
    assert slots(count, fewest) == expected


def _with_paragraphs(*segments):
    document = json.loads(json.dumps(REPORT.to_json()))
    plain = {"mark": None, "meta": {"fields": None, "kind": "text", "texts": None}, "names": None, "no": None}
    document["paras"] = [plain | {"n": n, "segments": pieces} for n, pieces in enumerate(segments, 1)]
    return document


def _pieces(count, text="x"):
    return [{"q": None, "t": text}] * count


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        pytest.param([_pieces(1)] * 1000, [_pieces(1)] * 1001, id="paragraphs"),
        pytest.param([_pieces(1000)], [_pieces(1001)], id="segments of a paragraph"),
        pytest.param([_pieces(512)] * 63, [_pieces(512)] * 64, id="slots in all"),
        pytest.param([_pieces(1, "x" * 1_000_000)], [_pieces(1, "x" * 1_048_000)], id="bytes"),
    ],
)
def test_limits_hold_to_the_last_one(good, bad):
    assert count_slots(Cable.from_json(_with_paragraphs(*good))) <= 65_536
    with pytest.raises(DocumentError) as caught:
        Cable.from_json(_with_paragraphs(*bad))
    assert caught.value.code == "limit"


def _list_of(count, **more):
    plain = {"members": None, "niact": None, "org": None, "precedence": None, "role": None}
    return [plain | {"post": f"P{n}"} | more for n in range(count)]


def test_addressees_and_members_are_counted_together():
    document = json.loads(json.dumps(REPORT.to_json()))
    members = [{"org": None, "post": f"M{n}"} for n in range(499)]
    document["head"]["to"] = [*_list_of(500), _list_of(1, post="ALL", members=members)[0]]
    Cable.from_json(document)
    document["head"]["xmt"] = _list_of(1)
    with pytest.raises(DocumentError) as caught:
        Cable.from_json(document)
    assert caught.value.code == "limit"


def test_refs_and_files_are_bounded():
    document = json.loads(json.dumps(FULL.to_json()))
    document["refs"] = [
        {"cited": f"Note {n}", "digest": None, "kind": "free", "letter": chr(65 + n)} for n in range(26)
    ]
    document["files"] = [document["files"][0] | {"n": n} for n in range(1, 100)]
    assert parse_cable(print_cable(Cable.from_json(document))).to_json() == document
    with pytest.raises(DocumentError, match="more than 26"):
        Cable.from_json(document | {"refs": [*document["refs"], document["refs"][0] | {"letter": "["}]})
    with pytest.raises(DocumentError, match="more than 99"):
        Cable.from_json(document | {"files": [*document["files"], document["files"][0] | {"n": 100}]})
    assert MAX_BYTES == 2**20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@examples(100)
@given(json_values)
def test_any_json_is_refused_as_a_document_error(value):
    with pytest.raises(DocumentError):
        Cable.from_json(value)


def _paths(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _paths(inner, (*path, place))


@examples(60)
@given(documents(), st.data())
def test_a_document_with_one_value_changed_is_refused_or_another_good_one(document, data):
    path = data.draw(st.sampled_from(list(_paths(document))[1:]))
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = data.draw(
        json_values | st.sampled_from(["A", "x", 1, True, [], {}, "2026-01-01T00:00:00Z"])
    )
    try:
        cable = Cable.from_json(document)
    except CableroomError as fault:
        assert isinstance(fault, DocumentError) and fault.where and fault.code
    else:
        assert cable.to_json() == document
        assert parse_cable(print_cable(cable)).to_json() == replace(cable, paras=_joined(cable)).to_json()


def _joined(cable):
    return tuple(replace(paragraph, segments=paragraph.blocks) for paragraph in cable.paras)


def test_draft_and_cable_are_two_types():
    assert not isinstance(FULL, Draft) and not issubclass(Cable, Draft)
    assert parse_draft(TEXTS["cables"][0]["text"]).head.mrn == FULL.mrn
