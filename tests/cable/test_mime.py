"""The signed entity both ways: what is written is read, by us and by the standard library."""

from __future__ import annotations

import email
import email.policy
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mime_samples import DOCUMENT, HEAD, MESSAGE_ID, TEXT, WRITE

from cableroom.cable import headers, mime, parts
from cableroom.cable.mime import Attachment
from cableroom.errors import MimeError

DTG = datetime(2026, 10, 27, 18, 40, tzinfo=UTC)


def written(files: list[Attachment] | None = None, **changes: Any) -> bytes:
    return mime.write_entity(DOCUMENT, files=files or [], dtg=DTG, **{**WRITE, **changes})


def document(**claims: Any) -> dict[str, Any]:
    return {"head": {**HEAD, **claims}}


def test_what_is_written_is_read_back() -> None:
    files = [
        Attachment("a (1).pdf", "application/pdf", b"\0\xff" * 500),
        Attachment("б.txt", "text/plain", b""),
    ]
    entity = mime.read_entity(written(files))
    assert entity.text == TEXT
    assert entity.data == b'{"v":1}'
    assert list(entity.files) == files
    assert (entity.sender, entity.message_id) == ("capital@mfa.example", MESSAGE_ID)
    assert entity.to == ("havana@mfa.example", "port-of-spain@mfa.example")
    assert entity.copies == ("new-york@mfa.example",)
    assert mime.header_differences(entity, DOCUMENT) == []


def test_the_same_input_gives_the_same_bytes_and_only_printable_ascii_lines() -> None:
    data = written([Attachment("ä" * 200, "text/plain", b"x" * 99)])
    assert data == written([Attachment("ä" * 200, "text/plain", b"x" * 99)])
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_the_whole_entity_byte_for_byte() -> None:
    assert written([Attachment("n.pdf", "application/pdf", b"abc")]).decode("ascii").split("\r\n") == [
        "From: capital@mfa.example",
        "To: havana@mfa.example,",
        " port-of-spain@mfa.example",
        "Cc: new-york@mfa.example",
        "Date: Tue, 27 Oct 2026 18:40:00 +0000",
        "Message-ID: <abcdefghijklmnopqrstuvwxyz@mfa.example>",
        "Subject: Grain for the coast",
        "Content-Language: en",
        "MMHS-Extended-Authorisation-Info: Tue, 27 Oct 2026 18:40:00 +0000",
        "MMHS-Primary-Precedence: 3",
        "MMHS-Message-Type: 1",
        "MMHS-Subject-Indicator-Codes: PREL",
        "MMHS-Originator-Reference: 26 CAPITAL 417",
        "MIME-Version: 1.0",
        "HP-Outer: Subject: [...]",
        "HP-Outer: From: capital@mfa.example",
        "HP-Outer: Date: Tue, 27 Oct 2026 18:40:00 +0000",
        "HP-Outer: Message-ID: <abcdefghijklmnopqrstuvwxyz@mfa.example>",
        'Content-Type: multipart/mixed; hp="cipher";',
        ' boundary="=_cable-mixed"',
        "",
        "--=_cable-mixed",
        'Content-Type: multipart/alternative; boundary="=_cable-alternative"',
        "",
        "--=_cable-alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "SUBJECT: Grain for the coast",
        "",
        "1. (S) The ship sails on Monday.",
        "",
        "--=_cable-alternative",
        "Content-Type: application/vnd.cableroom.cable+json",
        "Content-Transfer-Encoding: base64",
        "",
        "eyJ2IjoxfQ==",
        "--=_cable-alternative--",
        "",
        "--=_cable-mixed",
        "Content-Type: application/pdf",
        "Content-Disposition: attachment;",
        ' filename="n.pdf"',
        "Content-Transfer-Encoding: base64",
        "",
        "YWJj",
        "--=_cable-mixed--",
        "",
    ]


def test_the_standard_library_reads_the_same() -> None:
    files = [Attachment('ñ;"\\%' + "支" * 200, "application/pdf", bytes(range(256)))]
    data = mime.write_entity(
        document(subject="Ünterstützung für 支持, " * 6 + "x"),
        files=files,
        dtg=DTG,
        **{**WRITE, "text": "Ä ligne = 支 " * 40 + "\nzwei\n"},
    )
    message: Any = email.message_from_bytes(data, policy=email.policy.default)
    assert message["subject"] == "Ünterstützung für 支持, " * 6 + "x"
    assert message["from"].addresses[0].addr_spec == "capital@mfa.example"
    assert [address.addr_spec for address in message["to"].addresses] == WRITE["to"]
    assert message["date"].datetime == DTG
    _, _, text, cable, pdf = message.walk()
    assert text.get_payload(decode=True).replace(b"\r\n", b"\n").decode() == "Ä ligne = 支 " * 40 + "\nzwei\n"
    assert cable.get_payload(decode=True) == b'{"v":1}'
    assert (pdf.get_filename(), pdf.get_payload(decode=True)) == (files[0].name, files[0].content)
    assert not any(part.defects for part in message.walk())


@pytest.mark.parametrize(
    ("claims", "name", "value"),
    [
        ({"expires": "2026-11-01T00:05:00Z"}, "Expires", "Sun, 01 Nov 2026 00:05:00 +0000"),
        ({"reply_by": "1962-10-28T12:00:00Z"}, "Reply-By", "Sun, 28 Oct 1962 12:00:00 +0000"),
        ({"language": None}, "Content-Language", None),
        ({"precedence_info": "FLASH"}, "MMHS-Copy-Precedence", "4"),
        (
            {"exercise": {"kind": "exercise", "name": "CANDLE FISH"}},
            "MMHS-Message-Type",
            '0; identifier="CANDLE FISH"',
        ),
        ({"exercise": {"kind": "drill", "name": "KÄSE"}}, "MMHS-Message-Type", "3"),
        ({"tags": None}, "MMHS-Subject-Indicator-Codes", None),
        ({"tags": ["CU", "TOO LONG FOR IT"]}, "MMHS-Subject-Indicator-Codes", None),
        ({"tags": ["PREL", "CU", "ECON"]}, "MMHS-Subject-Indicator-Codes", "PREL;ECON"),
        ({"originator_reference": "Reg. 12/3"}, "MMHS-Originator-Reference", "Reg. 12/3"),
        ({"originator_reference": "№ 12"}, "MMHS-Originator-Reference", "26 CAPITAL 417"),
        ({"originator_reference": "x" * 70}, "MMHS-Originator-Reference", "26 CAPITAL 417"),
        ({"subject": "=?utf-8?B?eA==?="}, "Subject", "=?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?="),
    ],
)
def test_each_field_follows_from_its_claim(claims: dict[str, Any], name: str, value: str | None) -> None:
    assert dict(mime.header_fields(document(**claims))).get(name) == value


def test_many_codes_are_folded_and_still_compare_equal() -> None:
    changed = document(tags=[f"T{number:03d}" for number in range(400)])
    data = mime.write_entity(changed, files=[], dtg=DTG, **WRITE)
    assert max(map(len, data.split(b"\r\n"))) <= 100
    assert mime.header_differences(mime.read_entity(data), changed) == []


@pytest.mark.parametrize(
    ("claims", "different"),
    [
        ({"subject": "Grain for the Coast"}, ["subject"]),
        ({"dtg": "2026-10-27T18:41:00Z"}, ["date", "mmhs-extended-authorisation-info"]),
        ({"precedence_action": "FLASH"}, ["mmhs-primary-precedence"]),
        ({"precedence_info": "ROUTINE"}, ["mmhs-copy-precedence"]),
        ({"language": None}, ["content-language"]),
        ({"exercise": {"kind": "drill", "name": "X"}}, ["mmhs-message-type"]),
        ({"tags": ["CU"]}, ["mmhs-subject-indicator-codes"]),
        ({"originator_reference": "12"}, ["mmhs-originator-reference"]),
        ({"expires": "2026-11-01T00:05:00Z"}, ["expires"]),
        ({"reply_by": "2026-11-01T00:05:00Z"}, ["reply-by"]),
    ],
)
def test_a_field_that_is_not_h_of_the_document_is_named(claims: dict[str, Any], different: list[str]) -> None:
    entity = mime.read_entity(written())
    assert sorted(mime.header_differences(entity, document(**claims))) == different


@pytest.mark.parametrize(
    "field", ["Bcc: a@b.example", "Sender: a@b.example", "MMHS-Codress-Message-Indicator: 1", "X-Note: hello"]
)
def test_a_field_besides_is_a_difference(field: str) -> None:
    entity = mime.read_entity(written().replace(b"MIME-Version", field.encode() + b"\r\nMIME-Version", 1))
    assert mime.header_differences(entity, DOCUMENT) == [field.partition(":")[0].lower()]


def test_composite_files_cannot_travel() -> None:
    for kind in (
        "message/rfc822",
        "multipart/mixed",
        "message/external-body",
        "text/plain; charset=x",
        "TEXT/plain",
    ):
        with pytest.raises(MimeError) as caught:
            written([Attachment("a", kind, b"")])
        assert caught.value.code == "file-type"


def test_the_text_is_base64_where_that_is_shorter() -> None:
    data = written(text="支持和解建议\n" * 20)
    assert b"charset=utf-8\r\nContent-Transfer-Encoding: base64" in data
    assert mime.read_entity(data).text == "支持和解建议\n" * 20


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"]), max_size=120)


@given(st.lists(LINES, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_every_text_survives_both_encodings(lines: list[str]) -> None:
    text = "\n".join(line.strip() for line in lines) + "\n"
    content = text.replace("\n", "\r\n").encode()
    for body, name in (
        (parts.to_quoted_printable(content), "quoted-printable"),
        (parts.to_base64(content), "base64"),
    ):
        data = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: " + name.encode() + b"\r\n\r\n" + body
        assert parts.read_part(data).content == content
        message = email.message_from_bytes(data)
        assert message.get_payload(decode=True) == content


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=500))
@settings(max_examples=150, deadline=None)
def test_every_file_name_survives(name: str) -> None:
    assert headers.read_disposition(headers.disposition(name).replace("\r\n", "")) == name
    block = headers.write_fields([("Content-Disposition", headers.disposition(name))])
    assert max(map(len, block.split(b"\r\n"))) <= 998


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=200))
@settings(max_examples=150, deadline=None)
def test_every_subject_is_read_by_the_standard_library(subject: str) -> None:
    block = headers.write_fields([("Subject", headers.unstructured(subject))])
    message: Any = email.message_from_bytes(block, policy=email.policy.default)
    assert message["subject"] == subject


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_raise_only_the_typed_error(data: bytes) -> None:
    for candidate in (data, b"Content-Type: " + data, written()[:300] + data, written()[:-40] + data):
        try:
            mime.read_entity(candidate)
        except MimeError as error:
            assert error.code != "mime"


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_octet_changed_is_refused_or_changes_what_is_read(data: st.DataObject) -> None:
    good = written([Attachment("n.pdf", "application/pdf", b"abc")])
    at = data.draw(st.integers(0, len(good) - 1))
    octet = data.draw(st.integers(0, 255))
    bad = deepcopy(good[:at] + bytes([octet]) + good[at + 1 :])
    try:
        entity = mime.read_entity(bad)
    except MimeError:
        return
    assert entity != mime.read_entity(good) or bad.lower() == good.lower()
