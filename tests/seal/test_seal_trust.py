from __future__ import annotations

import hashlib
import itertools
from datetime import timedelta

import pytest
import weak
from certificate_maker import (
    AUTHORITY_KEY,
    BASIC_CONSTRAINTS,
    CA,
    EXTENDED,
    KEY_USAGE,
    LEAF,
    LEGACY,
    POLICIES,
    RELEASE,
    RELEASES,
    SIGNS,
    SUBJECT_KEY,
    SYSTEM,
    TRUE,
    USUAL,
    Paper,
    crl,
    extension,
    key_id,
    key_info,
    key_usage,
    name,
    named,
    point_of,
    policies,
    revoked,
)
from cms_maker import (
    EC_KEY,
    ECDSA_SHA1,
    ECDSA_SHA256,
    ECDSA_SHA512,
    NULL,
    P384,
    RSA,
    RSA_SHA256,
    algorithm,
    bits,
    integer,
    octets,
    oid,
    seq,
    set_of,
    tlv,
    utc_time,
    utf8,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import CAPITAL, HAVANA, NOW, ORG, make_house

from cableroom.cable.address import Post
from cableroom.errors import SealError
from cableroom.seal import algorithms, certificates, keys, revocation, trust
from cableroom.seal.trust import Authority, Use, judge

HOUSE = make_house()
KEY = keys.new_signing_key()
EVE = keys.new_signing_key()
PAPER = Paper(HOUSE.key, KEY.public_key())
DAY = timedelta(days=1)


def verdict(certificate: bytes, **changes):
    wanted = {
        "use": Use.RELEASE,
        "authorities": [HOUSE.authority],
        "at": NOW + DAY,
        "post": CAPITAL,
        **changes,
    }
    return judge(certificate, **wanted)


def codes(result) -> list[str]:
    return [problem.code for problem in result.problems if problem.severity == "error"]


def refused(certificate: bytes, code: str, says: str = "", *, believed: bool = True, **changes) -> None:
    """Refused for one reason alone; a check of the signature alone would have believed it."""
    assert weak.signed_by(certificate, HOUSE.certificate) is believed
    result = verdict(certificate, **changes)
    assert not result.good
    assert codes(result) == [code], result.problems
    assert says in " ".join(problem.message for problem in result.problems)


# ── good ones ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("use", [Use.RELEASE, Use.SYSTEM, Use.OPENING])
def test_what_is_issued_is_good_for_its_use(use: Use) -> None:
    result = verdict(HOUSE.give(use)[1], use=use)
    assert (result.good, result.problems, result.post) == (True, (), CAPITAL)
    assert result.path == ("CN=CAPITAL,O=mfa.example", "CN=authority,O=mfa.example")
    info = HOUSE.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert result.authority == hashlib.sha256(info).hexdigest() == trust.authority_id(HOUSE.certificate)


def test_a_certificate_written_by_hand_is_read_as_ours_is() -> None:
    assert verdict(PAPER.make()).good
    with_ids = (
        *USUAL,
        extension(SUBJECT_KEY, octets(key_id(KEY.public_key()))),
        extension(AUTHORITY_KEY, seq(tlv(0x80, key_id(HOUSE.key.public_key())))),
    )
    assert verdict(PAPER.but(extensions=with_ids).make()).good


def test_a_line_certificate_is_of_an_installation() -> None:
    issued = trust.issue(
        HOUSE.key, HOUSE.certificate, name="node-1", use=Use.LINE, public_key=KEY.public_key(), now=NOW
    )
    result = verdict(issued, use=Use.LINE, post=None)
    assert (result.good, result.post) == (True, None)
    parsed = x509.load_der_x509_certificate(issued)
    purposes = parsed.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert purposes.critical
    assert list(purposes.value) == [
        x509.ExtendedKeyUsageOID.SERVER_AUTH,
        x509.ExtendedKeyUsageOID.CLIENT_AUTH,
    ]


def test_a_legacy_certificate_has_an_rsa_key_of_3072_bits() -> None:
    key = rsa.generate_private_key(65537, 3072).public_key()
    issued = trust.issue(HOUSE.key, HOUSE.certificate, post=CAPITAL, use=Use.LEGACY, public_key=key, now=NOW)
    assert verdict(issued, use=Use.LEGACY).good
    with pytest.raises(SealError, match="RSA with 3072 bits"):
        trust.issue(
            HOUSE.key, HOUSE.certificate, post=CAPITAL, use=Use.LEGACY, public_key=KEY.public_key(), now=NOW
        )
    with pytest.raises(SealError, match="on P-256"):
        trust.issue(HOUSE.key, HOUSE.certificate, post=CAPITAL, use=Use.SYSTEM, public_key=key, now=NOW)


def test_an_authority_speaks_for_its_own_organisation_alone() -> None:
    with pytest.raises(SealError, match="cannot speak for"):
        trust.issue(
            HOUSE.key,
            HOUSE.certificate,
            post=Post("un.example", "GENEVA"),
            use=Use.RELEASE,
            public_key=KEY.public_key(),
            now=NOW,
        )


def test_serials_are_of_128_bits_and_never_twice() -> None:
    serials = {trust.new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert all(0 < serial < 2**128 for serial in serials)
    assert sum(serial.bit_length() > 120 for serial in serials) > 900


def test_what_is_issued_has_the_form_of_the_reference() -> None:
    parsed = x509.load_der_x509_certificate(HOUSE.give(Use.RELEASE)[1])
    assert [(e.oid.dotted_string, e.critical) for e in parsed.extensions] == [
        (BASIC_CONSTRAINTS, True),
        (KEY_USAGE, True),
        (POLICIES, False),
        (SUBJECT_KEY, False),
        (AUTHORITY_KEY, False),
    ]
    assert parsed.not_valid_after_utc - parsed.not_valid_before_utc == timedelta(days=730)
    anchor = x509.load_der_x509_certificate(HOUSE.certificate)
    assert anchor.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert anchor.not_valid_after_utc - anchor.not_valid_before_utc == timedelta(days=7305)


# ── A29: whose signature, when ───────────────────────────────────────────────────────────────


def test_a29_a_self_signed_certificate_is_refused() -> None:
    paper = PAPER.but(signer=KEY, issuer=named(ORG, "CAPITAL"))
    refused(paper.make(), "unknown-authority", believed=False)


def test_a29_an_authority_of_the_same_name_with_another_key_is_unknown() -> None:
    fake = make_house()
    issued = fake.give(Use.RELEASE)[1]
    assert weak.signed_by(issued, fake.certificate)
    refused(issued, "unknown-authority", believed=False)
    # two confirmed authorities of one name are told apart by their keys
    assert verdict(issued, authorities=[HOUSE.authority, fake.authority]).authority == trust.authority_id(
        fake.certificate
    )


def test_a29_a_leaf_does_not_issue() -> None:
    issued = PAPER.but(signer=KEY, key=EVE.public_key(), issuer=named(ORG, "CAPITAL")).make()
    leaf = PAPER.make()
    assert weak.signed_by(issued, leaf)
    refused(issued, "unknown-authority", believed=False, authorities=[HOUSE.authority])
    # not even if somebody takes the leaf for an authority
    result = verdict(issued, authorities=[Authority(ORG, leaf), HOUSE.authority])
    assert codes(result) == ["unknown-authority"]
    assert [p.code for p in result.problems if p.severity == "warning"] == ["bad-authority"]


def test_a29_times_are_judged_at_the_time_given() -> None:
    good = PAPER.make()
    start, end = NOW, NOW + timedelta(days=730)
    assert verdict(good, at=start).good
    assert verdict(good, at=end).good
    refused(good, "not-yet-valid", at=start - timedelta(seconds=1))
    refused(good, "expired", at=end + timedelta(seconds=1))


def test_a29_the_authority_ends_too() -> None:
    late = NOW + timedelta(days=7400)
    paper = PAPER.but(not_before=utc_time(NOW + timedelta(days=7000)), not_after=utc_time(late + DAY))
    refused(paper.make(), "authority-expired", at=late)
    before = NOW - timedelta(days=30)
    refused(PAPER.but(not_before=utc_time(before)).make(), "authority-not-yet-valid", at=before)


def test_no_authority_no_trust() -> None:
    result = verdict(PAPER.make(), authorities=[])
    assert codes(result) == ["unknown-authority"]
    assert "card" in result.problems[0].hint


# ── A30: names ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "common",
    [
        "CAPITAL\r\nVERIFIED",
        "CAPITAL\n",
        "\x1b[32mCAPITAL",
        "CAPITAL\0",
        "\u202eLATIPAC",
        "CAPITAL\u2028",
        "CАPITAL",
        "",
    ],
)
def test_a30_a_name_with_control_characters_is_refused_and_shown_escaped(common: str) -> None:
    result = verdict(PAPER.but(subject=named(ORG, common)).make(), post=None)
    assert codes(result) == ["bad-name"]
    assert result.post is None
    for line in (*result.path, *(problem.message for problem in result.problems)):
        assert line.isascii()
        assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("CAPITAL", "CAPITAL"),
        (" a ", "\\ a\\ "),
        ("#a", "\\#a"),
        ('a,b+c"d\\e<f>g;h=i', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i'),
        ("a\nb", "a\\0Ab"),
        ("ä", "\\C3\\A4"),
        ("\x7f", "\\7F"),
    ],
)
def test_a30_names_are_escaped_as_rfc_4514_says(text: str, escaped: str) -> None:
    assert certificates.escape_name(text) == escaped


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_a30_no_name_leaves_its_line(text: str) -> None:
    escaped = certificates.escape_name(text)
    assert escaped.isascii()
    assert escaped.isprintable()


# ── A67: forms, named as x509-limbo names its cases ──────────────────────────────────────────

EXPLICIT_P256 = seq(
    algorithm(
        EC_KEY,
        seq(
            integer(1),
            seq(oid("1.2.840.10045.1.1"), integer(2**256 - 2**224 + 2**192 + 2**96 - 1)),
            seq(octets(b"\xff" * 32), octets(bytes(32))),
            octets(point_of(KEY.public_key())),
            integer(algorithms.ORDER),
            integer(1),
        ),
    ),
    bits(point_of(KEY.public_key())),
)
OFF_CURVE = point_of(KEY.public_key())[:-1] + bytes([point_of(KEY.public_key())[-1] ^ 1])
TWO_DAYS = (utc_time(NOW + 2 * DAY), utc_time(NOW))

FORMS = {
    "rfc5280::version::v1": ({"version": None, "extensions": None}, "version 1"),
    "rfc5280::version::v1-with-extensions": ({"version": None}, "version 1"),
    "rfc5280::version::v2": ({"version": 1}, "version 2"),
    "rfc5280::version::v4": ({"version": 3}, "version 4"),
    "rfc5280::version::v1-written-out": ({"version": 0, "extensions": None}, "cannot be read as|not in DER"),
    "rfc5280::serial::zero": ({"serial": integer(0)}, "not positive"),
    "rfc5280::serial::negative": ({"serial": integer(-5)}, "not positive"),
    "rfc5280::serial::too-long": ({"serial": integer(2**160)}, "longer than 20 bytes"),
    "rfc5280::unique-identifier": ({"unique": tlv(0x82, b"\0x")}, "unique identifier"),
    "rfc5280::validity::ends-before-it-begins": (
        {"not_before": TWO_DAYS[0], "not_after": TWO_DAYS[1]},
        "ends before it begins",
    ),
    "rfc5280::validity::generalized-time-before-2050": (
        {"not_after": tlv(0x18, b"20281027184000Z")},
        "writes a time",
    ),
    "rfc5280::validity::fractional-seconds": (
        {"not_after": tlv(0x18, b"20551027184000.5Z")},
        "writes a time",
    ),
    "rfc5280::validity::no-seconds": ({"not_after": tlv(0x17, b"2810271840Z")}, "cannot be read as"),
    "rfc5280::validity::offset": ({"not_after": tlv(0x17, b"281027184000+0200")}, "cannot be read as"),
    "rfc5280::signature::sha1": (
        {"inner": algorithm(ECDSA_SHA1), "outer": algorithm(ECDSA_SHA1)},
        "ECDSA with SHA-1",
    ),
    "rfc5280::signature::sha512": (
        {"inner": algorithm(ECDSA_SHA512), "outer": algorithm(ECDSA_SHA512)},
        "ECDSA with SHA-512",
    ),
    "rfc5280::signature::rsa": (
        {"inner": algorithm(RSA_SHA256, NULL), "outer": algorithm(RSA_SHA256, NULL)},
        "RSA",
    ),
    "rfc5280::signature::inner-and-outer-differ": ({"outer": algorithm(ECDSA_SHA512)}, "ECDSA with SHA-512"),
    "rfc5280::signature::null-parameters": (
        {"inner": algorithm(ECDSA_SHA256, NULL), "outer": algorithm(ECDSA_SHA256, NULL)},
        "gives parameters",
    ),
    "rfc5280::key::explicit-curve": ({"key_info": EXPLICIT_P256}, "explicit parameters"),
    "rfc5280::key::no-curve": ({"key_info": seq(algorithm(EC_KEY), bits(OFF_CURVE))}, "no named curve"),
    "rfc5280::key::p384": ({"key_info": seq(algorithm(EC_KEY, oid(P384)), bits(bytes(97)))}, "P-384"),
    "rfc5280::key::off-curve": (
        {"key_info": seq(algorithm(EC_KEY, oid("1.2.840.10045.3.1.7")), bits(OFF_CURVE))},
        "not a point on P-256",
    ),
    "rfc5280::key::unused-bits": (
        {"key_info": seq(algorithm(EC_KEY, oid("1.2.840.10045.3.1.7")), bits(bytes(65), 3))},
        "uncompressed point",
    ),
    "rfc5280::key::ed25519": ({"key_info": seq(algorithm("1.3.101.112"), bits(bytes(32)))}, "Ed25519"),
    "rfc5280::key::dsa": ({"key_info": seq(algorithm("1.2.840.10040.4.1"), bits(integer(5)))}, "DSA"),
    "rfc5280::name::empty-subject": ({"subject": seq()}, "one O and one CN"),
    "rfc5280::name::cn-alone": ({"subject": name(("2.5.4.3", utf8("CAPITAL")))}, "one O and one CN"),
    "rfc5280::name::o-alone": ({"subject": name(("2.5.4.10", utf8(ORG)))}, "one O and one CN"),
    "rfc5280::name::two-cn": (
        {"subject": name(("2.5.4.10", utf8(ORG)), ("2.5.4.3", utf8("CAPITAL")), ("2.5.4.3", utf8("HAVANA")))},
        "one O and one CN",
    ),
    "rfc5280::name::cn-before-o": (
        {"subject": name(("2.5.4.3", utf8("CAPITAL")), ("2.5.4.10", utf8(ORG)))},
        "one O and one CN",
    ),
    "rfc5280::name::both-in-one-rdn": (
        {"subject": seq(set_of(seq(oid("2.5.4.10"), utf8(ORG)), seq(oid("2.5.4.3"), utf8("CAPITAL"))))},
        "one O and one CN",
    ),
    "rfc5280::name::two-values-in-an-rdn": (
        {
            "subject": seq(
                set_of(seq(oid("2.5.4.10"), utf8(ORG))),
                set_of(seq(oid("2.5.4.3"), utf8("CAPITAL")), seq(oid("2.5.4.3"), utf8("HAVANA"))),
            )
        },
        "one O and one CN",
    ),
    "rfc5280::name::bmp-string": (
        {"subject": name(("2.5.4.10", utf8(ORG)), ("2.5.4.3", tlv(0x1E, "CAPITAL".encode("utf-16-be"))))},
        "neither UTF8String",
    ),
    "rfc5280::name::not-utf8": (
        {"subject": name(("2.5.4.10", utf8(ORG)), ("2.5.4.3", tlv(0x0C, b"\xff\xfe")))},
        "cannot be read",
    ),
    "rfc5280::extensions::none": ({"extensions": None}, "basicConstraints"),
    "rfc5280::extensions::twice": ({"extensions": (*USUAL, RELEASES)}, "certificatePolicies twice"),
    "rfc5280::extensions::key-usage-twice": ({"extensions": (*USUAL, key_usage(0))}, "keyUsage twice"),
    "rfc5280::extensions::unknown-critical": (
        {"extensions": (*USUAL, extension("1.3.6.1.4.1.99999.1", NULL, critical=True))},
        "critical extension 1.3.6.1.4.1.99999.1",
    ),
    "rfc5280::extensions::critical-written-out": (
        {"extensions": (LEAF, SIGNS, seq(oid(POLICIES), tlv(0x01, b"\0"), octets(seq(seq(oid(RELEASE))))))},
        "cannot be read as|not in DER",
    ),
    "rfc5280::nc::name-constraints-critical": (
        {"extensions": (*USUAL, extension("2.5.29.30", seq(tlv(0xA0, seq())), critical=True))},
        "nameConstraints",
    ),
    "rfc5280::nc::name-constraints-not-critical": (
        {"extensions": (*USUAL, extension("2.5.29.30", seq(tlv(0xA0, seq()))))},
        "nameConstraints",
    ),
    "rfc5280::san::another-post": (
        {"extensions": (*USUAL, extension("2.5.29.17", seq(tlv(0x81, b"havana@mfa.example"))))},
        "subjectAltName",
    ),
    "rfc5280::san::critical": (
        {"extensions": (*USUAL, extension("2.5.29.17", seq(tlv(0x82, b"x.example")), critical=True))},
        "subjectAltName",
    ),
    "rfc5280::policy-constraints": (
        {"extensions": (*USUAL, extension("2.5.29.36", seq(tlv(0x80, b"\0"))))},
        "policyC",
    ),
    "rfc5280::policy-mappings": ({"extensions": (*USUAL, extension("2.5.29.33", seq()))}, "policyMappings"),
    "rfc5280::basic-constraints::absent": ({"extensions": (SIGNS, RELEASES)}, "no critical basicConstraints"),
    "rfc5280::basic-constraints::not-critical": (
        {"extensions": (extension(BASIC_CONSTRAINTS, seq()), SIGNS, RELEASES)},
        "no critical basicConstraints",
    ),
    "rfc5280::basic-constraints::false-written-out": (
        {"extensions": (extension(BASIC_CONSTRAINTS, seq(tlv(0x01, b"\0")), critical=True), SIGNS, RELEASES)},
        "basicConstraints of the certificate",
    ),
    "rfc5280::pathlen::on-a-leaf": (
        {"extensions": (extension(BASIC_CONSTRAINTS, seq(integer(0)), critical=True), SIGNS, RELEASES)},
        "path length",
    ),
    "rfc5280::key-usage::not-critical": (
        {"extensions": (LEAF, extension(KEY_USAGE, bits(b"\xc0", 6)), RELEASES)},
        "keyUsage that is not critical",
    ),
    "rfc5280::extension-is-not-der": (
        {"extensions": (LEAF, SIGNS, RELEASES, extension(SUBJECT_KEY, b"\x04\x81\x01x"))},
        "subjectKeyIdentifier",
    ),
}


@pytest.mark.parametrize("case", FORMS)
def test_a67_a_certificate_of_another_form_is_refused(case: str) -> None:
    changes, says = FORMS[case]
    result = verdict(PAPER.but(**changes).make())
    assert weak.signed_by(PAPER.but(**changes).make(), HOUSE.certificate)
    assert codes(result) == ["bad-certificate"], result.problems
    assert any(part in result.problems[0].message for part in says.split("|"))


def _even_point() -> bytes:
    """A point of P-256 whose last bit is zero."""
    while (point := point_of(keys.new_signing_key().public_key()))[-1] & 1:
        pass
    return point


def test_a67_a_point_is_of_whole_bytes() -> None:
    named_curve = algorithm(EC_KEY, oid("1.2.840.10045.3.1.7"))
    point = _even_point()
    assert verdict(PAPER.but(key_info=seq(named_curve, bits(point))).make()).good
    short = PAPER.but(key_info=seq(named_curve, bits(point, 1))).make()
    refused(short, "bad-certificate", "uncompressed point")


@pytest.mark.parametrize(
    ("size", "exponent", "good"), [(3072, 65537, True), (2048, 65537, False), (3072, 3, False)]
)
def test_a58_an_rsa_key_is_of_one_size_and_exponent(size: int, exponent: int, good: bool) -> None:
    key = rsa.generate_private_key(exponent, size).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    paper = PAPER.but(key_info=info, extensions=(LEAF, key_usage(2), policies(LEGACY)))
    result = verdict(paper.make(), use=Use.LEGACY)
    assert codes(result) == ([] if good else ["bad-certificate"])


def test_a58_an_rsa_key_of_16384_bits_or_with_exponent_1_is_refused_unread() -> None:
    for modulus, exponent in ((2**16383 + 1, 65537), (2**3071 + 1, 1), (2**3071 + 1, 65536)):
        info = seq(algorithm(RSA, NULL), bits(seq(integer(modulus), integer(exponent))))
        paper = PAPER.but(key_info=info, extensions=(LEAF, key_usage(2), policies(LEGACY)))
        assert codes(verdict(paper.make(), use=Use.LEGACY)) == ["bad-certificate"]


USES = {
    "limbo::policy::absent": (LEAF, SIGNS),
    "limbo::policy::system": (LEAF, SIGNS, policies(SYSTEM)),
    "limbo::policy::any": (LEAF, SIGNS, policies("2.5.29.32.0")),
    "limbo::policy::two": (LEAF, SIGNS, policies(RELEASE, SYSTEM)),
    "limbo::policy::qualified": (
        LEAF,
        SIGNS,
        extension(POLICIES, seq(seq(oid(RELEASE), seq(seq(oid("1.3.6.1.5.5.7.2.1"), tlv(0x16, b"x")))))),
    ),
    "limbo::policy::unreadable": (LEAF, SIGNS, extension(POLICIES, b"\xff")),
    "limbo::key-usage::absent": (LEAF, RELEASES),
    "limbo::key-usage::no-non-repudiation": (LEAF, key_usage(0), RELEASES),
    "limbo::key-usage::more": (LEAF, key_usage(0, 1, 4), RELEASES),
    "limbo::key-usage::cert-sign": (LEAF, key_usage(0, 1, 5), RELEASES),
    "limbo::key-usage::trailing-zero-bits": (
        LEAF,
        extension(KEY_USAGE, bits(b"\xc0", 0), critical=True),
        RELEASES,
    ),
    "limbo::eku::server": (*USUAL, extension(EXTENDED, seq(oid("1.3.6.1.5.5.7.3.1")))),
    "limbo::eku::any": (*USUAL, extension(EXTENDED, seq(oid("2.5.29.37.0")))),
    "limbo::ca-as-leaf": (CA, SIGNS, RELEASES),
    "limbo::ca-as-leaf-without-pathlen": (
        extension(BASIC_CONSTRAINTS, seq(TRUE), critical=True),
        key_usage(5, 6),
        RELEASES,
    ),
}


@pytest.mark.parametrize("case", USES)
def test_a67_a_certificate_for_another_use_is_refused(case: str) -> None:
    refused(PAPER.but(extensions=USES[case]).make(), "wrong-use")


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (named(ORG, "HAVANA"), "wrong-post"),
        (named(ORG, "capital"), "bad-name"),
        (named(ORG, "CAPITAL FLASH"), "bad-name"),
        (named(ORG, "authority"), "bad-name"),
        (named("MFA.example", "CAPITAL"), "bad-name"),
    ],
)
def test_a67_a_certificate_of_another_name_is_refused(subject: bytes, code: str) -> None:
    result = verdict(PAPER.but(subject=subject).make())
    assert weak.signed_by(PAPER.but(subject=subject).make(), HOUSE.certificate)
    assert codes(result)[0] == code
    assert not result.good


def test_a67_an_authority_does_not_speak_for_another_organisation() -> None:
    foreign = PAPER.but(subject=named("un.example", "CAPITAL")).make()
    refused(foreign, "wrong-authority", post=Post("un.example", "CAPITAL"))
    # nor does one that the directory has under another organisation than its own name says
    lent = [Authority("un.example", HOUSE.certificate, HOUSE.crl)]
    refused(PAPER.make(), "wrong-authority", authorities=lent)


def test_a67_an_issuer_by_another_name_is_another_issuer() -> None:
    refused(PAPER.but(issuer=named(ORG, "Authority")).make(), "unknown-authority")
    printable = name(("2.5.4.10", tlv(0x13, ORG.encode())), ("2.5.4.3", tlv(0x13, b"authority")))
    refused(PAPER.but(issuer=printable).make(), "unknown-authority")


def test_a67_a_key_identifier_that_points_elsewhere_is_believed() -> None:
    elsewhere = extension(AUTHORITY_KEY, seq(tlv(0x80, key_id(EVE.public_key()))))
    refused(PAPER.but(extensions=(*USUAL, elsewhere)).make(), "unknown-authority")


def test_a67_a_name_as_printable_string_is_read() -> None:
    subject = name(("2.5.4.10", tlv(0x13, ORG.encode())), ("2.5.4.3", tlv(0x13, b"CAPITAL")))
    assert verdict(PAPER.but(subject=subject).make()).good


def test_a67_an_extension_that_nobody_must_read_is_passed_over() -> None:
    assert verdict(PAPER.but(extensions=(*USUAL, extension("1.3.6.1.4.1.99999.1", NULL))).make()).good


@pytest.mark.parametrize("data", [b"", b"0", bytes(100), b"\x30\x00", HOUSE.crl], ids=repr)
def test_a67_what_is_no_certificate_is_said_to_be_none(data: bytes) -> None:
    result = verdict(data)
    assert (codes(result), result.post, result.path) == (["bad-certificate"], None, ())


def test_a67_a_certificate_is_bounded_in_size() -> None:
    fat = PAPER.but(extensions=(*USUAL, extension("1.2.3.4", octets(bytes(20_000))))).make()
    refused(fat, "bad-certificate", "larger than")


def test_a58_the_signature_of_a_certificate_is_strict() -> None:
    tbs = weak.read_ber(PAPER.make()).parts[0].raw
    r, s = utils.decode_dss_signature(HOUSE.key.sign(tbs, algorithms.ECDSA))
    assert verdict(PAPER.but(signature=seq(integer(r), integer(algorithms.ORDER - s))).make()).good
    for value in (seq(integer(0), integer(s)), seq(integer(r), integer(s), NULL), bytes(64), b""):
        assert codes(verdict(PAPER.but(signature=value).make())) == ["bad-certificate"]
    # a good signature over another certificate
    refused(
        PAPER.but(signature=seq(integer(r), integer(s)), serial=integer(9)).make(),
        "unknown-authority",
        believed=False,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"extensions": (LEAF, key_usage(5, 6))},
        {"extensions": (extension(BASIC_CONSTRAINTS, seq(TRUE), critical=True), key_usage(5, 6))},
        {"extensions": (extension(BASIC_CONSTRAINTS, seq(TRUE, integer(1)), critical=True), key_usage(5, 6))},
        {"extensions": (CA, key_usage(5))},
        {"extensions": (CA, key_usage(0, 5, 6))},
        {"extensions": (CA,)},
        {"extensions": (CA, key_usage(5, 6), RELEASES)},
        {"subject": named(ORG, "AUTHORITY"), "issuer": named(ORG, "AUTHORITY")},
        {"subject": named(ORG, "authority"), "issuer": named(ORG, "root")},
        {"signer": EVE},
    ],
)
def test_a67_an_authority_of_another_form_is_none(changes: dict) -> None:
    whole = {
        "subject": named(ORG, "authority"),
        "extensions": (CA, key_usage(5, 6)),
        "key": HOUSE.key.public_key(),
    }
    good = PAPER.but(**whole).make()
    assert verdict(PAPER.make(), authorities=[Authority(ORG, good)]).good
    bad = PAPER.but(**{**whole, **changes}).make()
    result = verdict(PAPER.make(), authorities=[Authority(ORG, bad)])
    assert [problem.code for problem in result.problems] == ["bad-authority", "unknown-authority"]


# ── A68: chains ──────────────────────────────────────────────────────────────────────────────


def test_a68_a_path_has_two_certificates_and_no_more() -> None:
    between = keys.new_signing_key()
    middle = PAPER.but(
        key=between.public_key(), subject=named(ORG, "authority"), extensions=(CA, key_usage(5, 6))
    ).make()
    issued = PAPER.but(signer=between).make()
    assert weak.signed_by(middle, HOUSE.certificate)
    assert weak.signed_by(issued, middle)
    refused(issued, "unknown-authority", believed=False)


def test_a68_many_authorities_cost_little() -> None:
    others = [make_house().authority for _ in range(200)]
    assert verdict(PAPER.make(), authorities=[*others, HOUSE.authority]).good


# ── A69: revocation lists ────────────────────────────────────────────────────────────────────

SERIAL = 0x1234567890


def under(list_: bytes | None, **changes):
    return verdict(PAPER.make(), authorities=[Authority(ORG, HOUSE.certificate, list_)], **changes)


def test_a69_a_revoked_certificate_is_refused_from_that_time_on() -> None:
    list_ = crl(HOUSE.key, revoked(SERIAL, NOW + 10 * DAY), revoked(7, NOW))
    before, on_it = under(list_, at=NOW + 9 * DAY), under(list_, at=NOW + 10 * DAY)
    assert before.good
    assert [(p.code, p.severity) for p in before.problems] == [("revoked-later", "warning")]
    assert codes(on_it) == ["revoked"]
    assert under(crl(HOUSE.key, revoked(7, NOW))).problems == ()


def test_a69_what_is_made_here_is_read_here() -> None:
    made = trust.make_crl(HOUSE.key, HOUSE.certificate, [(SERIAL, NOW), (5, NOW)], now=NOW)
    assert codes(under(made)) == ["revoked"]
    parsed = x509.load_der_x509_crl(made)
    assert {entry.serial_number for entry in parsed} == {SERIAL, 5}
    later = x509.load_der_x509_crl(trust.make_crl(HOUSE.key, HOUSE.certificate, [], now=NOW + DAY))
    numbers = [
        one.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for one in (parsed, later)
    ]
    assert numbers[0] < numbers[1]


def test_a69_a_missing_or_old_list_is_never_silently_good() -> None:
    for list_, code in ((None, "crl-missing"), (crl(HOUSE.key, following=NOW), "crl-stale")):
        lenient, strict = under(list_), under(list_, without_crl="error")
        assert [(p.code, p.severity) for p in lenient.problems] == [(code, "warning")]
        assert lenient.good
        assert (codes(strict), strict.good) == ([code], False)


def test_a69_an_old_list_still_revokes() -> None:
    assert codes(under(crl(HOUSE.key, revoked(SERIAL, NOW), following=NOW))) == ["revoked"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"issuer": named("un.example", "authority")}, "another issuer"),
        ({"signer": EVE}, "not signed by the authority"),
        ({"number": None}, "has no number"),
        ({"number": -1}, "number that is negative"),
        ({"number": 2**160}, "longer than 20 bytes"),
        ({"version": None}, "not of version 2"),
        ({"version": 2}, "not of version 2"),
        ({"following": None}, "when the next one comes"),
        ({"extensions": (extension("2.5.29.27", integer(1), critical=True),)}, "deltaCRLIndicator"),
        ({"extensions": (extension("2.5.29.28", seq(), critical=True),)}, "issuingDistributionPoint"),
        ({"extensions": (extension("2.5.29.20", integer(2)),)}, "cRLNumber twice"),
        ({"scheme": algorithm(ECDSA_SHA512)}, "ECDSA with SHA-512"),
        ({"scheme": algorithm(ECDSA_SHA256, NULL)}, "gives parameters"),
        ({"signature": b"x"}, "cut off"),
    ],
)
def test_a69_a_list_of_another_form_or_issuer_is_refused(changes: dict, says: str) -> None:
    result = under(crl(**{"signer": HOUSE.key, **changes}))
    assert codes(result) == ["crl-bad"]
    assert says in result.problems[0].message


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ((revoked(SERIAL, NOW), revoked(SERIAL, NOW + DAY)), "twice"),
        ((revoked(7, NOW, extension("2.5.29.29", seq(), critical=True)),), "critical extension"),
    ],
)
def test_a69_entries_of_another_form_are_refused(entries, says: str) -> None:
    result = under(crl(HOUSE.key, *entries))
    assert codes(result) == ["crl-bad"]
    assert says in result.problems[0].message


@pytest.mark.parametrize("number", [0, 2**159 - 1])
def test_a69_the_smallest_and_the_largest_number_are_read(number: int) -> None:
    assert under(crl(HOUSE.key, number=number)).problems == ()
    assert codes(under(crl(HOUSE.key, number=2**159))) == ["crl-bad"]


def test_a69_a_list_is_bounded_in_size() -> None:
    def fat(size: int, number: int = 1) -> bytes:
        return crl(HOUSE.key, number=number, extensions=(extension("1.2.3.4", bytes(size)),))

    about = revocation.MAX_BYTES - len(fat(1 << 20)) + (1 << 20)  # but for signatures, whose length varies
    exact = next(one for number in range(1, 100) if len(one := fat(about, number)) == revocation.MAX_BYTES)
    assert under(exact).problems == ()
    assert codes(under(fat(about + 8))) == ["crl-bad"]


def test_signatures_are_of_whole_bytes() -> None:
    for serial in itertools.count(1):  # until one ends in a zero bit, which could pass for an unused one
        paper = PAPER.but(serial=integer(serial))
        if not paper.make()[-1] & 1:
            break
    assert verdict(paper.make()).good
    assert codes(verdict(paper.but(unused=1).make())) == ["bad-certificate"]
    for number in itertools.count(1):
        list_ = crl(HOUSE.key, number=number)
        if not list_[-1] & 1:
            break
    assert under(list_).good
    assert codes(under(crl(HOUSE.key, number=number, unused=1))) == ["crl-bad"]


def test_a69_a_list_for_another_installation_of_the_same_name_is_refused() -> None:
    other = make_house()
    assert codes(under(other.crl)) == ["crl-bad"]


# ── A70: keys used for what they are not ─────────────────────────────────────────────────────


@pytest.mark.parametrize(("made_for", "used_for"), list(itertools.permutations(Use, 2)), ids=str)
def test_a70_each_key_has_its_own_use(made_for: Use, used_for: Use) -> None:
    key = rsa.generate_private_key(65537, 3072).public_key() if made_for is Use.LEGACY else KEY.public_key()
    owner = {"name": "node-1"} if made_for is Use.LINE else {"post": CAPITAL}
    issued = trust.issue(HOUSE.key, HOUSE.certificate, use=made_for, public_key=key, now=NOW, **owner)
    assert weak.signed_by(issued, HOUSE.certificate)
    result = verdict(issued, use=used_for, post=None)
    assert not result.good
    assert "wrong-use" in codes(result)
    assert made_for.says in result.problems[0].message


def test_a70_the_authority_itself_signs_nothing_else() -> None:
    for use in Use:
        assert "wrong-use" in codes(verdict(HOUSE.certificate, use=use, post=None))


def test_a70_a_post_is_told_from_every_other() -> None:
    _, issued = HOUSE.give(Use.RELEASE, HAVANA)
    refused(issued, "wrong-post", "mfa.example/HAVANA, not of mfa.example/CAPITAL")


# ── every byte ───────────────────────────────────────────────────────────────────────────────


def test_every_changed_bit_of_a_certificate_is_noticed() -> None:
    good = HOUSE.give(Use.RELEASE)[1]
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 1 << (place % 8)
        assert not verdict(bytes(changed)).good, place


def test_every_changed_bit_of_a_revocation_list_is_noticed() -> None:
    good = crl(HOUSE.key, revoked(SERIAL, NOW))
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 1 << (place % 8)
        assert codes(under(bytes(changed))) == ["crl-bad"], place


def test_key_infos_are_alike() -> None:
    ours = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_info(KEY.public_key()) == ours
    assert certificates.read(PAPER.make()).public_key_info == ours
