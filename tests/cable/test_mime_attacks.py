"""What mail attacks do to a MIME reader: each is refused here, and taken by a reader that is lax.

The ids are those of the attack catalogue (A17 …): parsing differentials, hidden parts,
false senders. `lax` is the standard library's reader with its usual defaults.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from mime_samples import DOCUMENT, TEXT, WRITE, lax

from cableroom.cable import headers, mime, parts
from cableroom.cable.mime import Attachment
from cableroom.errors import MimeError

GOOD = mime.write_entity(
    DOCUMENT,
    files=[Attachment("n.pdf", "application/pdf", b"abc")],
    dtg=datetime(2026, 10, 27, 18, 40, tzinfo=UTC),
    **WRITE,
)
EVIL = "Surrender at dawn."
CODED = b"U3VycmVuZGVyIGF0IGRhd24u"
Mutation = Callable[[bytes], bytes]


def swap(old: str, new: str, count: int = 1) -> Mutation:
    def mutate(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), count)

    return mutate


def ahead(line: str) -> Mutation:
    return lambda data: line.encode() + b"\r\n" + data


PART = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{CODED.decode()}\r\n"
MIXED = 'Content-Type: multipart/mixed; hp="cipher";\r\n boundary="=_cable-mixed"'
TEXT_PART = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
BODY = TEXT.replace("\n", "\r\n")
JSON_PART = "application/vnd.cableroom.cable+json"

CASES: list[tuple[str, str, Mutation]] = [
    # A17: fields doubled, fields hidden behind a folded blank line
    ("a17 two Content-Type", "field-twice", ahead('Content-Type: multipart/mixed; boundary="x"')),
    ("a17 two From", "field-twice", ahead("From: eve@mfa.example")),
    ("a17 two From in other case", "field-twice", ahead("FROM: eve@mfa.example")),
    ("a17 two Subject", "field-twice", ahead("Subject: another")),
    ("a17 two MMHS", "field-twice", ahead("MMHS-Primary-Precedence: 5")),
    ("a17 header after a folded blank", "folded-blank", ahead("X-A: 1\r\n \r\nSubject: another")),
    ("a17 folded first line", "field-form", ahead(" Subject: another")),
    ("a17 blank before the colon", "field-form", swap("Subject:", "Subject :")),
    ("a17 no colon", "field-form", ahead("Subject")),
    ("a17 two encodings", "field-twice", swap(TEXT_PART, "Content-Transfer-Encoding: 7bit\r\n" + TEXT_PART)),
    # A18: boundaries
    (
        "a18 boundary twice",
        "parameter-twice",
        swap('boundary="=_cable-mixed"', 'boundary="=_cable-mixed"; boundary=x'),
    ),
    ("a18 empty boundary", "boundary", swap('boundary="=_cable-mixed"', 'boundary=""')),
    ("a18 boundary with a blank", "boundary", swap('"=_cable-mixed"', '"=_cable-mixed "')),
    ("a18 quoted pair in the boundary", "boundary", swap('"=_cable-mixed"', '"\\"_cable-mixed"')),
    ("a18 boundary of 71 characters", "boundary", swap('"=_cable-mixed"', f'"{"x" * 71}"')),
    ("a18 no boundary", "boundary", swap(';\r\n boundary="=_cable-mixed"', "")),
    ("a18 another boundary", "preamble", swap('"=_cable-mixed"', '"=_cable-other"')),
    ("a18 prefix of the inner one", "boundary", swap('"=_cable-alternative"', '"=_cable-mixed2"')),
    ("a18 same boundary nested", "boundary", swap('"=_cable-alternative"', '"=_cable-mixed"')),
    (
        "a18 line that begins like the boundary",
        "boundary",
        swap("SUBJECT: Grain", "--=_cable-mixedx\r\nSUBJECT: Grain"),
    ),
    (
        "a18 padded boundary",
        "boundary",
        swap("--=_cable-mixed\r\nContent-Type: application", "--=_cable-mixed \r\nContent-Type: application"),
    ),
    ("a18 closing missing", "boundary-open", lambda data: data.removesuffix(b"--=_cable-mixed--\r\n")),
    ("a18 inner closing missing", "boundary-open", swap("--=_cable-alternative--\r\n", "")),
    ("a18 preamble", "preamble", swap("\r\n\r\n--=_cable-mixed", "\r\n\r\n" + EVIL + "\r\n--=_cable-mixed")),
    ("a18 epilogue", "epilogue", lambda data: data + EVIL.encode()),
    # A19: transfer encodings
    ("a19 junk in base64", "base64", swap("YWJj", "YW*Jj")),
    ("a19 blank in base64", "base64", swap("YWJj", "YW Jj")),
    ("a19 blank line in base64", "base64", swap("YWJj", "YWJj\r\n\r\nYWJj")),
    ("a19 padding inside", "base64", swap("YWJj", "YQ==YWJj")),
    ("a19 padding missing", "base64", swap("eyJ2IjoxfQ==", "eyJ2IjoxfQ")),
    ("a19 too much padding", "base64", swap("YWJj", "YWJj====")),
    ("a19 base64url", "base64", swap("YWJj", "Y-_j")),
    ("a19 last bits not zero", "base64", swap("eyJ2IjoxfQ==", "eyJ2IjoxfR==")),
    ("a19 line of 80", "base64", swap("YWJj", "YWJj" * 20)),
    ("a19 soft break at the end", "quoted-printable", swap("Monday.\r\n", "Monday.=\r\n")),
    ("a19 lower-case escape", "quoted-printable", swap("Monday.", "Monda=6f.")),
    ("a19 bare equals", "quoted-printable", swap("Monday.", "Monday=.")),
    ("a19 blank at the end of a line", "quoted-printable", swap("Monday.", "Monday. ")),
    ("a19 text line of 77", "quoted-printable", swap("Monday.", "Monday." + "x" * 46)),
    ("a19 8bit", "encoding", swap("quoted-printable", "8bit")),
    ("a19 7bit", "encoding", swap("quoted-printable", "7bit")),
    ("a19 no encoding", "encoding", swap("\r\nContent-Transfer-Encoding: quoted-printable", "")),
    ("a19 x-uuencode", "encoding", swap("quoted-printable", "x-uuencode")),
    (
        "a19 base64 of a multipart",
        "encoding",
        swap("MIME-Version: 1.0", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64"),
    ),
    (
        "a19 document as quoted-printable",
        "encoding",
        swap("base64\r\n\r\neyJ2IjoxfQ==", 'quoted-printable\r\n\r\n{"v":1}'),
    ),
    # A20: parameters in pieces, encoded words in structured fields
    (
        "a20 pieces against a plain parameter",
        "parameter-pieces",
        swap("; charset=utf-8", "; charset*0=utf-7; charset=utf-8"),
    ),
    ("a20 charset in a parameter", "parameter-pieces", swap("; charset=utf-8", "; charset*=us-ascii''utf-8")),
    (
        "a20 boundary in pieces",
        "parameter-pieces",
        swap('boundary="=_cable-mixed"', 'boundary*0="=_cable"; boundary*1="-mixed"'),
    ),
    ("a20 encoded word as a parameter", "encoded-word", swap("charset=utf-8", 'charset="=?utf-8?Q?utf-7?="')),
    (
        "a20 encoded word as an address",
        "address",
        swap("From: capital", "From: =?utf-8?Q?eve?= <capital@mfa.example>, capital"),
    ),
    (
        "a20 name in two spellings",
        "disposition",
        swap('filename="n.pdf"', "filename=\"n.pdf\"; filename*=utf-8''evil.exe"),
    ),
    ("a20 name in needless escapes", "disposition", swap('filename="n.pdf"', "filename*=utf-8''n.pdf")),
    (
        "a20 name in needless pieces",
        "disposition",
        swap('filename="n.pdf"', "filename*0*=utf-8''%C3%A4; filename*1*=x"),
    ),
    ("a20 name in another charset", "disposition", swap('filename="n.pdf"', "filename*=iso-8859-1''%E4")),
    ("a20 name as an encoded word", "disposition", swap('filename="n.pdf"', 'filename="=?utf-8?Q?evil?="')),
    ("a20 comment in the type", "parameter", swap("; charset=utf-8", " (text/html); charset=utf-8")),
    # A21: charsets
    ("a21 utf-7", "structure", swap("charset=utf-8", "charset=utf-7")),
    ("a21 iso-2022-jp", "structure", swap("charset=utf-8", "charset=iso-2022-jp")),
    ("a21 no charset", "structure", swap("; charset=utf-8", "")),
    ("a21 overlong utf-8", "text", swap("Monday.", "Monday=C0=AE.")),
    ("a21 surrogate", "text", swap("Monday.", "Monday=ED=A0=80.")),
    ("a21 bare CR in the text", "text", swap("Monday.", "Monday=0D.")),
    ("a21 bare LF in the text", "text", swap("Monday.", "Monday=0A.")),
    ("a21 NUL", "octet", swap("Monday.", "Monday\0.")),
    ("a21 raw 8 bit in the header", "octet", swap("Subject: Grain", "Subject: Gräin")),
    ("a21 bare LF", "bare-line-end", swap("Date: ", "X: 1\nDate: ")),
    ("a21 bare CR", "bare-line-end", swap("Date: ", "X: 1\rDate: ")),
    # A23: what would be fetched or joined
    (
        "a23 message/external-body",
        "part-type",
        swap(
            "Content-Type: application/pdf",
            'Content-Type: message/external-body; access-type=URL; URL="http://x.example/"',
        ),
    ),
    (
        "a23 message/partial",
        "part-type",
        swap("Content-Type: application/pdf", "Content-Type: message/partial; id=x; number=1; total=2"),
    ),
    (
        "a23 message/rfc822",
        "part-type",
        swap("Content-Type: application/pdf", "Content-Type: message/rfc822"),
    ),
    ("a23 multipart/related", "part-type", swap("multipart/alternative", "multipart/related")),
    (
        "a23 Content-ID for a cid: link",
        "structure",
        swap("Content-Disposition", "Content-ID: <x@y>\r\nContent-Disposition"),
    ),
    (
        "a23 Content-Location",
        "structure",
        swap("Content-Disposition", "Content-Location: http://x.example/\r\nContent-Disposition"),
    ),
    # A25: file names
    ("a25 NUL in a name", "disposition", swap('filename="n.pdf"', "filename*=utf-8''n%00.pdf.exe%ZZ")),
    ("a25 name of no characters", "disposition", swap('filename="n.pdf"', 'filename=""')),
    ("a25 no name", "disposition", swap(';\r\n filename="n.pdf"', "")),
    ("a25 inline", "disposition", swap("attachment;", "inline;")),
    ("a25 folded inside the name", "disposition", swap('"n.pdf"', '"n.pdf";\r\n\tfilename="b.exe"')),
    # A31–A34: the signed part beside, behind or under other parts
    (
        "a31 part before the text",
        "structure",
        swap("--=_cable-alternative\r\n", f"--=_cable-alternative\r\n{PART}--=_cable-alternative\r\n"),
    ),
    (
        "a31 part before the alternative",
        "structure",
        swap("--=_cable-mixed\r\n", f"--=_cable-mixed\r\n{PART}--=_cable-mixed\r\n"),
    ),
    (
        "a31 part behind, as no attachment",
        "structure",
        swap("--=_cable-mixed--", f"--=_cable-mixed\r\n{PART}--=_cable-mixed--"),
    ),
    ("a32 HTML part", "structure", swap("text/plain", "text/html")),
    (
        "a33 text pulled in by cid",
        "structure",
        swap("multipart/mixed; hp", 'multipart/mixed; start="<a@b>"; hp'),
    ),
    (
        "a34 the alternative as an attachment",
        "structure",
        swap(
            "--=_cable-mixed\r\n",
            f'--=_cable-mixed\r\n{PART}--=_cable-mixed\r\nContent-Disposition: attachment; filename="a"\r\n',
        ),
    ),
    # A35–A37: senders
    (
        "a36 display name",
        "address",
        swap("From: capital@mfa.example", 'From: "minister@mfa.example" <eve@x.example>'),
    ),
    ("a36 empty From", "field-missing", swap("From: capital@mfa.example", "From:")),
    ("a36 no From", "field-missing", swap("From: capital@mfa.example\r\n", "")),
    ("a36 name only", "address", swap("From: capital@mfa.example", "From: CAPITAL")),
    ("a36 comment", "address", swap("From: capital@mfa.example", "From: capital@mfa.example (eve)")),
    ("a36 route", "address", swap("From: capital@mfa.example", "From: <@x.example:capital@mfa.example>")),
    ("a36 quoted local part", "address", swap("From: capital@", 'From: "capital"@')),
    (
        "a37 two addresses",
        "address",
        swap("From: capital@mfa.example", "From: capital@mfa.example, eve@x.example"),
    ),
    ("a37 group", "address", swap("From: capital@mfa.example", "From: CAPITAL: eve@x.example;")),
    ("a37 the same To twice", "address", swap("To: havana@mfa.example", "To: port-of-spain@mfa.example")),
    # A54: header protection
    ("a54 hp missing", "structure", swap(' hp="cipher";', "")),
    ("a54 hp clear", "structure", swap('hp="cipher"', 'hp="clear"')),
    ("a54 HP-Outer lies about the subject", "hp-outer", swap("Subject: [...]", "Subject: Grain")),
    ("a54 HP-Outer lies about From", "hp-outer", swap("HP-Outer: From: capital", "HP-Outer: From: eve")),
    ("a54 HP-Outer missing", "hp-outer", swap("HP-Outer: Subject: [...]\r\n", "")),
    ("a54 HP-Outer of another field", "hp-outer", ahead("HP-Outer: To: eve@x.example")),
    ("a54 legacy display part", "structure", swap("charset=utf-8", 'charset=utf-8; hp-legacy-display="1"')),
    # other shapes
    ("MIME-Version", "field-form", swap("MIME-Version: 1.0", "MIME-Version: 1.0 (x)")),
    ("no MIME-Version", "field-missing", swap("MIME-Version: 1.0\r\n", "")),
    ("Message-ID of another form", "message-id", swap("<abcdefghijklmnopqrstuvwxyz@", "<26.CAPITAL.417@", 2)),
    ("no empty line", "header-form", lambda data: data.partition(b"\r\n\r\n")[0]),
    ("part without type", "field-missing", swap("Content-Type: application/pdf\r\n", "")),
    (
        "part without header",
        "field-form",
        swap("Content-Type: application/pdf", "\r\nContent-Type: application/pdf"),
    ),
    ("no document", "structure", swap(JSON_PART, "application/json")),
    (
        "third alternative",
        "structure",
        swap("--=_cable-alternative--", f"--=_cable-alternative\r\n{PART}--=_cable-alternative--"),
    ),
]


@pytest.mark.parametrize(("code", "mutate"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refused(code: str, mutate: Mutation) -> None:
    bad = mutate(GOOD)
    assert bad != GOOD
    with pytest.raises(MimeError) as caught:
        mime.read_entity(bad)
    assert caught.value.code == code, caught.value


def test_the_message_that_they_change_is_good() -> None:
    assert mime.read_entity(GOOD).text == TEXT


# What the lax reader makes of some of them: the case is real, somebody's reader takes it.
TAKEN = [
    "a17 two From",
    "a17 header after a folded blank",
    "a18 boundary twice",
    "a18 boundary with a blank",
    "a18 padded boundary",
    "a18 closing missing",
    "a18 preamble",
    "a18 epilogue",
    "a19 junk in base64",
    "a19 padding inside",
    "a19 last bits not zero",
    "a19 8bit",
    "a19 lower-case escape",
    "a20 pieces against a plain parameter",
    "a20 boundary in pieces",
    "a20 name in two spellings",
    "a21 utf-7",
    "a21 overlong utf-8",
    "a21 NUL",
    "a21 bare LF",
    "a31 part before the text",
    "a36 display name",
    "a37 two addresses",
    "a54 hp missing",
    "a54 HP-Outer lies about the subject",
]


@pytest.mark.parametrize("name", TAKEN)
def test_a_lax_reader_takes_it(name: str) -> None:
    bad = next(mutate for case, _, mutate in CASES if case == name)(GOOD)
    assert "Monda" in lax(bad) or EVIL in lax(bad)


def test_a31_a_lax_reader_shows_the_attackers_text() -> None:
    bad = next(mutate for case, _, mutate in CASES if case == "a31 part before the text")(GOOD)
    assert lax(bad) == EVIL


def test_a17_two_readers_see_two_senders() -> None:
    bad = ahead("From: eve@mfa.example")(GOOD)
    first = bad.split(b"From: ", 1)[1].split(b"\r\n")[0]
    last = bad.partition(b"\r\n\r\n")[0].rsplit(b"\r\nFrom: ", 1)[1].split(b"\r\n")[0]
    assert first != last


# ---- A24: limits, in bounded time ----------------------------------------------------------


def nested(depth: int) -> bytes:
    inner = PART.encode()
    for level in range(depth):
        boundary = f"b{level:05d}"
        inner = (
            f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'.encode()
            + inner
            + f"\r\n--{boundary}--\r\n".encode()
        )
    return inner


def wide(count: int) -> bytes:
    part = b"--b\r\n" + PART.encode()
    return b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * count + b"--b--\r\n"


def test_depth_up_to_the_limit_is_read() -> None:
    part = parts.read_part(nested(parts.MAX_DEPTH))
    for _ in range(parts.MAX_DEPTH):
        (part,) = part.parts
    assert part.content.decode() == EVIL


@pytest.mark.parametrize(
    ("name", "code", "make"),
    [
        ("a24 depth 9", "too-deep", lambda: nested(9)),
        ("a24 depth 100", "too-deep", lambda: nested(100)),
        ("a24 depth 10,000", "too-deep", lambda: nested(10_000)),
        ("a24 201 parts", "too-many-parts", lambda: wide(200)),
        ("a24 10^5 parts", "too-many-parts", lambda: wide(100_000)),
        ("a24 header of 50 MB", "header-too-large", lambda: b"X: " + b"a" * 50_000_000 + b"\r\n\r\n"),
        (
            "a24 header of 50 MB in lines",
            "header-too-large",
            lambda: b"X: aaaaaaaaaaaaaa\r\n" * 2_600_000 + b"\r\n",
        ),
        (
            "a24 10,000 fields",
            "too-many-fields",
            lambda: b"".join(b"X%d:\r\n" % n for n in range(8000)) + b"\r\n",
        ),
        ("a24 line of 999", "line-too-long", lambda: b"X: " + b"a" * 996 + b"\r\n\r\n"),
        (
            "a24 60 KB of parameters",
            "line-too-long",
            lambda: b"Content-Type: a/b" + b"; x=y" * 12_000 + b"\r\n\r\n",
        ),
        (
            "a24 many parameters",
            "parameter-twice",
            lambda: b"Content-Type: a/b" + b";\r\n x=y" * 8000 + b"\r\n\r\n",
        ),
        (
            "a24 quote that never ends",
            "parameter",
            lambda: b'Content-Type: a/b; x="' + b'\\"x\r\n ' * 10_000 + b"z\r\n\r\n",
        ),
        ("a24 more octets than the limit", "too-large", lambda: b"a" * (parts.MAX_BYTES + 1)),
        (
            "a24 delimiters that are none",
            "boundary",
            lambda: b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' + b"--bb\r\n" * 500_000,
        ),
        (
            "a24 5,000 addresses",
            "address",
            lambda: GOOD.replace(b"Cc: ", b"Cc: " + b"a@b.example,\r\n " * 2000),
        ),
    ],
)
def test_limits(name: str, code: str, make: Callable[[], bytes]) -> None:
    data = make()
    start = time.perf_counter()
    with pytest.raises(MimeError) as caught:
        mime.read_entity(data)
    assert caught.value.code == code, (name, caught.value)
    assert time.perf_counter() - start < 5


def test_time_is_linear_in_the_size() -> None:
    def seconds(count: int) -> float:
        line = b"A" * 76 + b"\r\n"
        data = GOOD.replace(b"YWJj", line * count + b"YWJj")
        start = time.perf_counter()
        mime.read_entity(data)
        return time.perf_counter() - start

    small = min(seconds(20_000) for _ in range(3))
    assert min(seconds(160_000) for _ in range(2)) < 8 * small * 4


# ---- what others made ----------------------------------------------------------------------


def test_no_message_of_others_crashes_or_passes_for_a_cable(shared: object) -> None:
    from pathlib import Path

    root = Path(str(shared)) / "data"
    files = [
        path
        for folder in (
            "mail",
            "attacks/mimekit",
            "attacks/python-email",
            "attacks/smime-made",
            "smime",
            "navadmin",
        )
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    ]
    assert len(files) > 200
    for path in files:
        data = path.read_bytes()
        for candidate in (data, data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")):
            with pytest.raises(MimeError) as caught:
                mime.read_entity(candidate)
            assert caught.value.code != "mime"
            try:
                parts.read_part(candidate, under_way=True)
            except MimeError as error:
                assert error.code != "mime"


@pytest.mark.parametrize("text", ["../../etc/passwd", "a\u202egpj.exe", "x" * 4096, "CON", "a\\b", "a/b"])
def test_a25_a_name_is_only_a_name(text: str) -> None:
    written = headers.disposition(text)
    assert headers.read_disposition(written.replace("\r\n", "")) == text
    assert "\u202e" not in written
