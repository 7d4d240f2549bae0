"""The outer form of a leg, its sheet and service messages: both ways, and what is refused."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cable_material import HOUSE, MESSAGE_ID, cable, forge, read, signed
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import CAPITAL, HAVANA

from cableroom.cable.canonical import b64u, encode, unb64u
from cableroom.cable.parts import write_leaf, write_multipart
from cableroom.errors import CableroomError, CmsError, DocumentError, MimeError, SealError
from cableroom.seal import envelope, jws, legs, service, sheets, signing
from cableroom.seal.envelope import Recipients
from cableroom.seal.service import ServiceMessage
from cableroom.seal.sheets import Sheet
from cableroom.seal.trust import Use

OPENING_KEY, OPENING = HOUSE.give(Use.OPENING, HAVANA)
SYSTEM_KEY, SYSTEM = HOUSE.give(Use.SYSTEM)
KEYS = [(OPENING, OPENING_KEY)]
SIGNED = signed()
AT = datetime(2026, 10, 27, 18, 41, 0, 123000, tzinfo=UTC)
NOTE = "mfa.example/CAPITAL\n7\nAAAA\n\n— x y\n"


def sheet(**changes: Any) -> Sheet:
    values = {
        "sender": CAPITAL,
        "receiver": HAVANA,
        "channel": 1,
        "kind": "cable",
        "digest": SIGNED.digest,
        "checkpoint": NOTE,
        "seen": None,
        "time": AT,
        **changes,
    }
    return Sheet(**values)


def sheet_bytes(**changes: Any) -> bytes:
    return sheets.write_sheet(sheet(**changes), key=SYSTEM_KEY, certificate=SYSTEM)


def content() -> legs.Content:
    return legs.cable_content(
        SIGNED.signed_data, sender=CAPITAL, digest=SIGNED.digest, message_id=MESSAGE_ID, dtg=cable().dtg
    )


def leg(what: legs.Content | None = None, the_sheet: bytes | None = None) -> bytes:
    return legs.seal(
        what or content(),
        sheet_bytes() if the_sheet is None else the_sheet,
        to=Recipients.of([OPENING]),
        address="havana@mfa.example",
    )


def sealed(inner: bytes) -> bytes:
    """A leg around anything: what a stranger can send, who knows the post's certificate."""
    return write_leaf(
        [
            ("From", "capital@mfa.example"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "application/pkcs7-mime; smime-type=authEnveloped-data"),
        ],
        envelope.seal(inner, Recipients.of([OPENING])),
    )


def inner(*parts: bytes, extra: list[tuple[str, str]] | None = None, kind: str = "multipart/mixed") -> bytes:
    fields = [*(extra or []), ("Content-Type", f'{kind}; boundary="{legs.BOUNDARY}"')]
    return write_multipart(fields, legs.BOUNDARY, parts)


CMS = [("Content-Type", "application/pkcs7-mime; smime-type=signed-data")]
SHEET = [("Content-Type", sheets.SHEET_TYPE)]


# ---- a leg ---------------------------------------------------------------------------------


def test_what_is_sealed_is_opened() -> None:
    opened = legs.open_leg(leg(), keys=KEYS)
    assert opened.content == SIGNED.signed_data
    assert opened.kind == "cable"
    assert opened.certificate == OPENING
    assert "AES-256-GCM" in opened.algorithms
    found, certificate = sheets.read_sheet(opened.sheet, certificates=[SYSTEM])
    assert (found, certificate) == (sheet(), SYSTEM)
    assert read(opened.content).fate == "accepted"


def test_outside_nothing_tells_number_subject_or_label() -> None:
    data = leg()
    outer: Any = email.message_from_bytes(data, policy=email.policy.default)
    assert outer.keys() == [
        "From",
        "To",
        "Date",
        "Message-ID",
        "Subject",
        "MIME-Version",
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
    ]
    assert (outer["From"], outer["To"]) == ("capital@mfa.example", "havana@mfa.example")
    assert outer["Subject"] == "[...]" and outer["Message-ID"] == MESSAGE_ID
    assert outer["Date"] == "Tue, 27 Oct 2026 18:40:00 +0000"
    assert outer.get_content_type() == "application/pkcs7-mime"
    assert outer["Content-Type"].params["smime-type"] == "authEnveloped-data"
    assert not outer.defects
    for word in (b"Grain", b"417", b"SECRET", b"cable", b"sheet"):
        assert word not in data.replace(b"smime.p7m", b"")


def test_every_sealing_has_keys_of_its_own_and_every_opening_gives_the_same() -> None:
    one, two = leg(), leg()
    assert one != two
    assert legs.open_leg(one, keys=KEYS).content == legs.open_leg(two, keys=KEYS).content


def test_relays_may_add_traces() -> None:
    traced = b"Received: from a by b; Tue, 27 Oct 2026 18:42:00 +0000\r\n" * 3 + b"X-Spam: no\r\n" + leg()
    assert legs.open_leg(traced, keys=KEYS).content == SIGNED.signed_data


def test_a54_what_stands_outside_is_neither_believed_nor_given_out() -> None:
    changed = leg().replace(b"Subject: [...]", b"Subject: Surrender").replace(b"From: capital", b"From: eve")
    opened = legs.open_leg(changed, keys=KEYS)
    verdict = read(opened.content)
    assert verdict.fate == "accepted"
    assert "Surrender" not in repr(opened) + repr(verdict)


@pytest.mark.openssl
def test_openssl_opens_what_we_seal(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = OPENING_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "leg.eml").write_bytes(leg())
    command = ["openssl", "cms", "-decrypt", "-in", "leg.eml", "-inform", "SMIME", "-inkey", "key.pem"]
    done = subprocess.run(
        [*command, "-binary", "-out", "inner"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "inner").read_bytes()
    assert data.startswith(b'Content-Type: multipart/mixed; boundary="=_cable-leg"\r\n\r\n--=_cable-leg\r\n')


LEGS: list[tuple[str, str, Callable[[], bytes]]] = [
    # A42: the envelope must be the root
    (
        "a42 envelope inside a multipart",
        "leg-form",
        lambda: inner(leg().removesuffix(b"\r\n"), extra=[("MIME-Version", "1.0")]),
    ),
    (
        "a42 envelope between parts of an attacker",
        "leg-form",
        lambda: inner(
            write_leaf([("Content-Type", "text/html")], b'<img src="http://x.example/'),
            leg().removesuffix(b"\r\n"),
            write_leaf([("Content-Type", "text/html")], b'">'),
            extra=[("MIME-Version", "1.0")],
        ),
    ),
    (
        "a42 text ahead of the base64",
        "base64",
        lambda: leg().replace(b"\r\n\r\n", b"\r\n\r\n<img src=\r\n", 1),
    ),
    # A55: encrypted, not signed
    (
        "a55 text in the envelope",
        "leg-form",
        lambda: sealed(write_leaf([("Content-Type", "text/plain"), ("Subject", "Surrender")], b"x")),
    ),
    ("a55 no MIME in the envelope", "header-form", lambda: sealed(b"Surrender at dawn.\r\n")),
    (
        "a55 text where the signed part stands",
        "leg-form",
        lambda: sealed(
            inner(write_leaf([("Content-Type", "text/plain")], b"x"), write_leaf(SHEET, sheet_bytes()))
        ),
    ),
    (
        "a55 fields beside the type in the envelope",
        "leg-form",
        lambda: sealed(
            inner(
                write_leaf(CMS, SIGNED.signed_data),
                write_leaf(SHEET, sheet_bytes()),
                extra=[("Subject", "Surrender")],
            )
        ),
    ),
    (
        "fields beside the type of the signed part",
        "leg-form",
        lambda: sealed(
            inner(write_leaf([*CMS, ("Subject", "x")], SIGNED.signed_data), write_leaf(SHEET, sheet_bytes()))
        ),
    ),
    ("no sheet", "leg-form", lambda: sealed(inner(write_leaf(CMS, SIGNED.signed_data)))),
    (
        "two sheets",
        "leg-form",
        lambda: sealed(inner(write_leaf(CMS, SIGNED.signed_data), *[write_leaf(SHEET, sheet_bytes())] * 2)),
    ),
    (
        "sheet first",
        "leg-form",
        lambda: sealed(inner(write_leaf(SHEET, sheet_bytes()), write_leaf(CMS, SIGNED.signed_data))),
    ),
    (
        "another multipart",
        "leg-form",
        lambda: sealed(
            inner(
                write_leaf(CMS, SIGNED.signed_data),
                write_leaf(SHEET, sheet_bytes()),
                kind="multipart/alternative",
            )
        ),
    ),
    (
        "signed part of another smime-type",
        "leg-form",
        lambda: sealed(
            inner(
                write_leaf(
                    [("Content-Type", "application/pkcs7-mime; smime-type=certs-only")], SIGNED.signed_data
                ),
                write_leaf(SHEET, sheet_bytes()),
            )
        ),
    ),
    # the outside
    ("enveloped-data", "leg-form", lambda: leg().replace(b"authEnveloped-data", b"enveloped-data")),
    ("signed only", "leg-form", lambda: write_leaf([("MIME-Version", "1.0"), *CMS], SIGNED.signed_data)),
    ("no smime-type", "leg-form", lambda: leg().replace(b"; smime-type=authEnveloped-data", b"")),
    ("two Content-Type", "field-twice", lambda: b"Content-Type: text/plain\r\n" + leg()),
    ("a17 two From", "field-twice", lambda: b"From: eve@x.example\r\n" + leg()),
    ("a17 two MMHS fields", "field-twice", lambda: b"MMHS-Message-Type: 1\r\n" * 2 + leg()),
    ("two MT-Priority", "field-twice", lambda: b"MT-Priority: 4\r\n" * 2 + leg()),
    ("no MIME-Version", "field-missing", lambda: leg().replace(b"MIME-Version: 1.0\r\n", b"")),
    ("bare LF", "bare-line-end", lambda: leg().replace(b"\r\n", b"\n")),
    ("header of 50 MB", "header-too-large", lambda: b"X: " + b"a" * 50_000_000 + leg()),
]


@pytest.mark.parametrize(("code", "make"), [row[1:] for row in LEGS], ids=[row[0] for row in LEGS])
def test_refused_legs(code: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(MimeError) as caught:
        legs.open_leg(make(), keys=KEYS)
    assert caught.value.code == code, caught.value
    assert "Surrender" not in str(caught.value)


def weak_open(message: bytes) -> list[bytes]:
    """What a mail program opens: every envelope in the message, wherever it is, whatever is in it."""
    found = email.message_from_bytes(message, policy=email.policy.default)
    parts = [part for part in found.walk() if part.get_content_type() == "application/pkcs7-mime"]
    return [envelope.open_envelope(part.get_payload(decode=True), KEYS).content for part in parts]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a42 envelope inside a multipart", b"=_cable-leg"),
        ("a42 envelope between parts of an attacker", b"=_cable-leg"),
        ("a55 text in the envelope", b"Surrender"),
        ("a55 no MIME in the envelope", b"Surrender at dawn."),
        ("a55 fields beside the type in the envelope", b"Surrender"),
        ("a17 two From", b"=_cable-leg"),
    ],
)
def test_a_weak_reader_opens_it(name: str, shown: bytes) -> None:
    (content,) = weak_open(next(make for case, _, make in LEGS if case == name)())
    assert shown in content


def test_a_leg_for_another_post_does_not_open() -> None:
    key, certificate = HOUSE.give(Use.OPENING, HAVANA)
    with pytest.raises(SealError) as caught:
        legs.open_leg(leg(), keys=[(certificate, key)])
    assert caught.value.code == "wrong-recipient"
    assert legs.open_leg(leg(), keys=[(certificate, key), *KEYS]).certificate == OPENING


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_any_altered_octet_of_the_body_is_refused(data: st.DataObject) -> None:
    good = leg()
    start = good.index(b"\r\n\r\n") + 4
    at = data.draw(st.integers(start, len(good) - 4))
    octet = data.draw(st.integers(0, 255).filter(lambda octet: octet != good[at]))
    with pytest.raises(CableroomError):
        legs.open_leg(good[:at] + bytes([octet]) + good[at + 1 :], keys=KEYS)


def test_no_message_of_others_passes_for_a_leg(shared: Path) -> None:
    root = shared / "data"
    files = [
        path
        for folder in ("mail", "attacks", "smime")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    ]
    assert len(files) > 150
    for path in files:
        data = path.read_bytes()
        for candidate in (data, data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")):
            with pytest.raises(CableroomError):
                legs.open_leg(candidate, keys=KEYS)


# ---- the sheet -----------------------------------------------------------------------------


def test_the_sheet_byte_for_byte() -> None:
    whole = json.loads(sheet_bytes(seen=NOTE))
    assert set(whole) == {"payload", "protected", "signature"}
    assert unb64u(whole["protected"]) == encode(
        {"alg": "ES256", "typ": "cableroom-sheet+jwt", "x5t#S256": jws.thumbprint(SYSTEM)}
    )
    assert unb64u(whole["payload"]) == encode(
        {
            "channel": 1,
            "checkpoint": NOTE,
            "digest": b64u(bytes.fromhex(SIGNED.digest)),
            "from": {"org": "mfa.example", "post": "CAPITAL"},
            "kind": "cable",
            "seen": NOTE,
            "time": "2026-10-27T18:41:00.123Z",
            "to": {"org": "mfa.example", "post": "HAVANA"},
            "v": 1,
        }
    )
    assert sheet_bytes() == sheet_bytes()
    found, thumbprint = sheets.unverified_sheet(sheet_bytes())
    assert found == sheet() and thumbprint == hashlib.sha256(SYSTEM).hexdigest()


def signed_payload(**members: Any) -> bytes:
    payload = json.loads(unb64u(json.loads(sheet_bytes())["payload"]))
    payload.update(members)
    payload = {name: value for name, value in payload.items() if value is not ...}
    return jws.sign(
        payload, typ=sheets.TYP, key=SYSTEM_KEY, header_extra={"x5t#S256": jws.thumbprint(SYSTEM)}
    )


@pytest.mark.parametrize(
    "members",
    [
        {"v": 0},
        {"v": True},
        {"v": "1"},
        {"v": ...},
        {"note": "x"},
        {"seen": ...},
        {"channel": 0},
        {"channel": True},
        {"channel": "1"},
        {"kind": "head"},
        {"kind": None},
        {"digest": SIGNED.digest},
        {"digest": b64u(bytes(31))},
        {"digest": None},
        {"checkpoint": ""},
        {"checkpoint": None},
        {"checkpoint": "x" * 20_000},
        {"seen": 1},
        {"from": "mfa.example/CAPITAL"},
        {"from": {"org": None, "post": "CAPITAL"}},
        {"from": {"org": "mfa.example", "post": "capital"}},
        {"to": {"org": "MFA.example", "post": "HAVANA"}},
        {"time": "2026-10-27T18:41:00Z"},
        {"time": "2026-10-27T18:41:00.1234Z"},
        {"time": None},
    ],
    ids=str,
)
def test_sheets_of_another_shape_are_refused(members: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        sheets.read_sheet(signed_payload(**members), certificates=[SYSTEM])


def test_a_newer_sheet_says_so() -> None:
    with pytest.raises(DocumentError) as caught:
        sheets.read_sheet(signed_payload(v=2, more="x"), certificates=[SYSTEM])
    assert caught.value.code == "newer-version"


def test_a70_a76_only_a_sheet_by_its_system_key_is_a_sheet() -> None:
    release_key, release = HOUSE.give(Use.RELEASE)
    payload = json.loads(unb64u(json.loads(sheet_bytes())["payload"]))
    named = {"x5t#S256": jws.thumbprint(SYSTEM)}
    for data in (
        jws.sign(payload, typ="cable+sd-jwt", key=SYSTEM_KEY, header_extra=named),
        jws.sign(payload, typ="cableroom-card+jwt", key=SYSTEM_KEY, header_extra=named),
        jws.sign(payload, typ=sheets.TYP, key=release_key, header_extra=named),
        jws.sign(payload, typ=sheets.TYP, key=SYSTEM_KEY, header_extra={**named, "kid": "x"}),
    ):
        with pytest.raises(SealError) as caught:
            sheets.read_sheet(data, certificates=[SYSTEM])
        assert caught.value.code == "bad-jws"
    with pytest.raises(DocumentError):
        sheets.read_sheet(jws.sign(payload, typ=sheets.TYP, key=SYSTEM_KEY), certificates=[SYSTEM])
    with pytest.raises(SealError) as caught:
        sheets.read_sheet(sheet_bytes(), certificates=[release])
    assert caught.value.code == "unknown-certificate"


def test_a_sheet_goes_with_one_content_from_one_post_to_one() -> None:
    good = {"kind": "cable", "digest": SIGNED.digest, "sender": CAPITAL, "receiver": HAVANA}
    sheets.check_sheet(sheet(), **good)
    for changed, code in (
        ({"kind": "service"}, "sheet-mismatch"),
        ({"digest": "0" * 64}, "sheet-mismatch"),
        ({"sender": HAVANA}, "sheet-mismatch"),
        ({"receiver": CAPITAL}, "wrong-receiver"),
    ):
        with pytest.raises(SealError) as caught:
            sheets.check_sheet(sheet(), **{**good, **changed})
        assert caught.value.code == code


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_as_a_sheet(data: bytes) -> None:
    for candidate in (data, sheet_bytes()[:100] + data):
        with pytest.raises(CableroomError):
            sheets.read_sheet(candidate, certificates=[SYSTEM])


# ---- service messages ----------------------------------------------------------------------

RECEIPT = service.receipt_data(entry=7, received=AT, receipt=b"DER", backed_up=6)
ID = b64u(bytes(16))


def message(kind: str = service.RECEIPT, data: Any = None, **changes: Any) -> ServiceMessage:
    values = {
        "kind": kind,
        "sender": CAPITAL,
        "receiver": HAVANA,
        "time": AT,
        "id": ID,
        "about": SIGNED.digest,
        "data": RECEIPT if data is None else data,
        **changes,
    }
    return ServiceMessage(**values)


GOOD: list[ServiceMessage] = [
    message(),
    message(service.ACKNOWLEDGEMENT, {"at": "2026-10-27T18:41:00.123Z", "role": "DUTY OFFICER"}),
    message(service.ACKNOWLEDGEMENT, {"at": "2026-10-27T18:41:00.123Z", "role": None}),
    message(service.ACKNOWLEDGEMENT, {"decision": "accepted", "no": 1, "report": "0" * 64}),
    message(service.ACKNOWLEDGEMENT, {"decision": "returned", "no": 99, "report": "f" * 64}),
    message(service.HELD, service.fate_data(code="expired", what="It has expired.", do="Renew it.")),
    message(service.REFUSED, service.fate_data(code="x", what="No.", do=None), about=None),
    message(service.RETRANSMIT, {"channel": [3, 5]}, about=None),
]


@pytest.mark.parametrize("each", GOOD, ids=lambda each: each.kind)
def test_every_kind_of_service_message_comes_back(each: ServiceMessage) -> None:
    data = service.to_bytes(each)
    assert service.from_bytes(data) == each
    assert service.to_bytes(service.from_bytes(data)) == data


def test_a_service_message_byte_for_byte() -> None:
    assert service.to_bytes(message()) == encode(
        {
            "about": SIGNED.digest,
            "data": {
                "backed_up": 6,
                "entry": 7,
                "receipt": "REVS",
                "received": "2026-10-27T18:41:00.123Z",
            },
            "from": {"org": "mfa.example", "post": "CAPITAL"},
            "id": "AAAAAAAAAAAAAAAAAAAAAA",
            "kind": "RECEIPT",
            "time": "2026-10-27T18:41:00.123Z",
            "to": {"org": "mfa.example", "post": "HAVANA"},
            "v": 1,
        }
    )
    assert service.receipt_bytes(message()) == b"DER"
    assert len({service.new_id() for _ in range(50)}) == 50


def test_the_texts_of_a_fate_are_cut_to_one_line() -> None:
    data = service.fate_data(code="a\r\nb", what="x" * 900 + "\x1b[31m", do="  ")
    assert data == {"code": "a b", "do": None, "what": "x" * 500}
    service.to_bytes(message(service.REFUSED, data))


ACK = {"at": "2026-10-27T18:41:00.123Z", "role": None}
BAD: list[tuple[str, dict[str, Any]]] = [
    (service.RECEIPT, {"about": None}),
    (service.RECEIPT, {"about": "x"}),
    (service.RECEIPT, {"about": "A" * 64}),
    (service.RECEIPT, {"data": {}}),
    (service.RECEIPT, {"data": {**RECEIPT, "x": 1}}),
    (service.RECEIPT, {"data": {**RECEIPT, "entry": -1}}),
    (service.RECEIPT, {"data": {**RECEIPT, "entry": True}}),
    (service.RECEIPT, {"data": {**RECEIPT, "entry": None}}),
    (service.RECEIPT, {"data": {**RECEIPT, "receipt": "REV"}}),
    (service.RECEIPT, {"data": {**RECEIPT, "receipt": ""}}),
    (service.RECEIPT, {"data": {**RECEIPT, "receipt": "REVS\n"}}),
    (service.RECEIPT, {"data": {**RECEIPT, "receipt": 5}}),
    (service.RECEIPT, {"data": {**RECEIPT, "received": "2026-10-27T18:41:00Z"}}),
    (service.ACKNOWLEDGEMENT, {"data": {**ACK, "role": "duty officer"}}),
    (service.ACKNOWLEDGEMENT, {"data": {**ACK, "role": 5}}),
    (service.ACKNOWLEDGEMENT, {"data": {**ACK, "at": None}}),
    (service.ACKNOWLEDGEMENT, {"data": {**ACK}, "about": None}),
    (service.ACKNOWLEDGEMENT, {"data": {"decision": "maybe", "no": 1, "report": "0" * 64}}),
    (service.ACKNOWLEDGEMENT, {"data": {"decision": "accepted", "no": 0, "report": "0" * 64}}),
    (service.ACKNOWLEDGEMENT, {"data": {"decision": "accepted", "no": 1, "report": "0"}}),
    (service.ACKNOWLEDGEMENT, {"data": {**ACK, "decision": "accepted", "no": 1, "report": "0" * 64}}),
    (service.HELD, {"data": {"code": "x", "do": "", "what": "y"}}),
    (service.HELD, {"data": {"code": "", "do": None, "what": "y"}}),
    (service.HELD, {"data": {"code": "x", "do": None, "what": "y\n"}}),
    (service.HELD, {"data": {"code": "x", "do": None, "what": "y" * 501}}),
    (service.RETRANSMIT, {"data": {"channel": [0, 1]}}),
    (service.RETRANSMIT, {"data": {"channel": [5, 3]}}),
    (service.RETRANSMIT, {"data": {"channel": [1]}}),
    (service.RETRANSMIT, {"data": {"channel": "1-3"}}),
    (service.RETRANSMIT, {"data": []}),
    ("RECIPT", {}),
    ("receipt", {}),
    (service.RECEIPT, {"id": b64u(bytes(15))}),
    (service.RECEIPT, {"id": 5}),
    (service.RECEIPT, {"v": 0}),
    (service.RECEIPT, {"v": True}),
    (service.RECEIPT, {"note": 1}),
    (service.RECEIPT, {"from": {"org": "mfa.example"}}),
    (service.RECEIPT, {"time": "2026-10-27T18:41:00Z"}),
    (service.RECEIPT, {"kind": ["RECEIPT"]}),
]


@pytest.mark.parametrize(("kind", "changes"), BAD, ids=str)
def test_other_service_messages_are_refused(kind: str, changes: dict[str, Any]) -> None:
    body = json.loads(service.to_bytes(next(each for each in GOOD if each.kind == kind or kind not in KINDS)))
    body.update({"kind": kind, **changes})
    with pytest.raises(DocumentError) as caught:
        service.from_bytes(encode(body))
    assert caught.value.code not in ("newer-version", "newer-kind")


KINDS = {each.kind for each in GOOD}


@pytest.mark.parametrize("kind", ["QUERY", "HEAD", "KEY", "CHECK"])
def test_kinds_that_come_later_say_so(kind: str) -> None:
    body = json.loads(service.to_bytes(message()))
    body.update({"kind": kind, "data": {"anything": 1}})
    with pytest.raises(DocumentError) as caught:
        service.from_bytes(encode(body))
    assert caught.value.code == "newer-kind"


def test_a_newer_service_message_says_so() -> None:
    with pytest.raises(DocumentError) as caught:
        service.from_bytes(encode({"v": 2}))
    assert caught.value.code == "newer-version"


def test_a_service_message_travels_like_a_cable() -> None:
    what = legs.service_content(
        message(), key=SYSTEM_KEY, certificate=SYSTEM, message_id="<22222222222222222222222222@mfa.example>"
    )
    note = sheet_bytes(kind="service", digest=what.digest)
    opened = legs.open_leg(leg(what, note), keys=KEYS)
    assert opened.kind == "service"
    verdict = signing.verify(opened.content)
    assert service.from_bytes(legs.read_service(verdict.content)) == message()
    assert (verdict.label, verdict.receipt_request) == (None, None)
    assert verdict.signing_time == AT.replace(microsecond=0)


def test_a_service_message_is_never_a_cable_and_a_cable_never_one() -> None:
    what = legs.service_content(message(), key=SYSTEM_KEY, certificate=SYSTEM, message_id=MESSAGE_ID)
    assert read(what.signed_data).fate == "refused"
    with pytest.raises(MimeError):
        legs.read_service(signing.verify(SIGNED.signed_data).content)
    key, certificate = HOUSE.give(Use.RELEASE)
    disguised = legs.service_content(message(), key=key, certificate=certificate, message_id=MESSAGE_ID)
    assert read(disguised.signed_data).fate == "refused"
    assert read(forge(), own_post=HAVANA).fate == "accepted"


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_as_a_service_message(data: bytes) -> None:
    with pytest.raises(DocumentError):
        service.from_bytes(data)
    with pytest.raises(MimeError):
        legs.read_service(data)


def test_only_opening_certificates_can_be_sealed_to() -> None:
    for use in (Use.RELEASE, Use.SYSTEM):
        with pytest.raises((SealError, CmsError)):
            Recipients.of([HOUSE.give(use, HAVANA)[1]])


def test_an_address_with_a_name_is_not_written() -> None:
    with pytest.raises(MimeError):
        legs.seal(content(), sheet_bytes(), to=Recipients.of([OPENING]), address="HAVANA <h@x.example>")
