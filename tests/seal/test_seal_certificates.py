"""The form of certificates: cases named as x509-limbo names its own."""

from __future__ import annotations

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
    extension,
    key_id,
    key_info,
    key_usage,
    name,
    named,
    point_of,
    policies,
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
from cryptography.hazmat.primitives.asymmetric import rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from judged import DAY, EVE, HOUSE, KEY, PAPER, codes, refused, verdict
from seal_material import NOW, ORG

from cableroom.cable.address import Post
from cableroom.seal import algorithms, certificates, keys
from cableroom.seal.trust import Authority, Use

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
    "rfc5280::version::v1-written-out": ({"version": 0, "extensions": None}, "cannot be read as"),
    "rfc5280::serial::zero": ({"serial": integer(0)}, "not positive"),
    "rfc5280::serial::negative": ({"serial": integer(-5)}, "not positive"),
    "rfc5280::serial::too-long": ({"serial": integer(2**160)}, "longer than 20 bytes"),
    "rfc5280::unique-identifier::issuer": ({"unique": tlv(0x81, b"\0x")}, "unique identifier"),
    "rfc5280::unique-identifier::subject": ({"unique": tlv(0x82, b"\0x")}, "unique identifier"),
    "rfc5280::serial::just-too-long": ({"serial": integer(2**159)}, "longer than 20 bytes"),
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
        "cannot be read as",
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


def test_a67_what_is_just_allowed_is_good() -> None:
    assert verdict(PAPER.but(serial=integer(2**159 - 1)).make()).good
    assert verdict(PAPER.but(serial=integer(1)).make()).good
    moment = PAPER.but(not_after=utc_time(NOW)).make()
    assert verdict(moment, at=NOW).good

    def fat(serial: int, size: int = 15_000) -> bytes:
        return PAPER.but(
            serial=integer(serial), extensions=(*USUAL, extension("1.2.3.4", bytes(size)))
        ).make()

    about = certificates.MAX_BYTES - len(fat(1)) + 15_000
    exact = next(one for n in range(1, 100) if len(one := fat(n, about)) == certificates.MAX_BYTES)
    assert verdict(exact).good
    assert codes(verdict(fat(1, about + 8))) == ["bad-certificate"]


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
        {"extensions": (CA, key_usage(5, 6), extension(EXTENDED, seq(oid("2.5.29.37.0"))))},
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


def test_key_infos_are_alike() -> None:
    ours = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key_info(KEY.public_key()) == ours
    assert certificates.read(PAPER.make()).public_key_info == ours
