from __future__ import annotations

import hashlib
from datetime import UTC

import pytest
import weak
from cms_maker import (
    CONTENT_TYPE,
    DATA,
    ECDSA_SHA1,
    ECDSA_SHA256,
    ECDSA_SHA384,
    ECDSA_SHA512,
    ED25519,
    ENVELOPED_DATA,
    LABEL,
    MESSAGE_DIGEST,
    MGF1,
    NULL,
    RECEIPT,
    RECEIPT_REQUEST,
    RSA,
    RSA_PSS,
    RSA_SHA1,
    RSA_SHA256,
    SHA1,
    SHA256,
    SHA512,
    SIGNING_CERTIFICATE_V2,
    SIGNING_TIME,
    Signer,
    algorithm,
    attribute,
    explicit,
    integer,
    key_identifier,
    octets,
    oid,
    seq,
    set_of,
    signed_data,
    tlv,
    usual_attributes,
    utc_time,
    utf8,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from hypothesis import given, settings
from hypothesis import strategies as st
from seal_material import HAVANA, NOW, make_house

from cableroom.errors import CableroomError, CmsError, SealError
from cableroom.seal import keys, signing, trust
from cableroom.seal.algorithms import ORDER
from cableroom.seal.signing import EssLabel, ReceiptRequest, sign, verify
from cableroom.seal.trust import Use

CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSpeak to the head of government.\r\n"
OTHER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSpeak to nobody.\r\n"
HOUSE = make_house()
KEY, CERTIFICATE = HOUSE.give(Use.RELEASE)
EVE_KEY, EVE_CERTIFICATE = HOUSE.give(Use.RELEASE, HAVANA)
LABELLED = EssLabel("2.25.15833945393432001495575117927911379549", 4)
REQUEST = ReceiptRequest(b"0123456789abcdef", ("capital@mfa.example",))


def attributes(*more: bytes, content: bytes = CONTENT, certificate: bytes = CERTIFICATE, **changes) -> tuple:
    return usual_attributes(content, certificate, NOW, *more, **changes)


def signer(**changes) -> Signer:
    return Signer(**{"key": KEY, "certificate": CERTIFICATE, "attributes": attributes(), **changes})


def refused(data: bytes, says: str, *, believed: bytes | None = CONTENT, error=CmsError) -> CableroomError:
    """`data` is refused, saying so; a careless reader would have believed `believed`."""
    if believed is not None:
        assert weak.believed_content(data) == believed
    with pytest.raises(error, match=says) as caught:
        verify(data)
    return caught.value


# ── good ones ────────────────────────────────────────────────────────────────────────────────


def test_what_is_signed_by_hand_and_by_us_is_the_same_to_the_byte() -> None:
    by_hand = signed_data(CONTENT, signer())
    assert by_hand == sign(CONTENT, key=KEY, certificate=CERTIFICATE, signing_time=NOW)


def test_label_and_receipt_request_are_written_as_the_rfc_has_them() -> None:
    label = attribute(LABEL, tlv(0x31, integer(4), oid(LABELLED.policy)))
    request = attribute(
        RECEIPT_REQUEST,
        seq(octets(b"0123456789abcdef"), tlv(0x80, b"\0"), seq(seq(tlv(0x81, b"capital@mfa.example")))),
    )
    by_hand = signed_data(CONTENT, signer(attributes=attributes(label, request)))
    ours = sign(
        CONTENT, key=KEY, certificate=CERTIFICATE, signing_time=NOW, label=LABELLED, receipt_request=REQUEST
    )
    assert ours == by_hand


@given(
    content=st.binary(max_size=300),
    at=st.datetimes(
        NOW.replace(year=1950, tzinfo=None), NOW.replace(year=2099, tzinfo=None), timezones=st.just(UTC)
    ),
    label=st.none() | st.builds(EssLabel, st.just(LABELLED.policy), st.integers(0, 256)),
    request=st.none()
    | st.builds(
        ReceiptRequest,
        st.binary(min_size=1, max_size=64),
        st.lists(st.from_regex(r"[a-z]{1,20}@[a-z]{1,20}", fullmatch=True), min_size=1, max_size=16).map(
            tuple
        ),
    ),
)
@settings(max_examples=60, deadline=None)
def test_what_is_signed_is_read_back(content, at, label, request) -> None:
    data = sign(
        content, key=KEY, certificate=CERTIFICATE, signing_time=at, label=label, receipt_request=request
    )
    verdict = verify(data)
    assert (verdict.content, verdict.label, verdict.receipt_request) == (content, label, request)
    assert verdict.signing_time == at.replace(microsecond=0)
    assert (verdict.certificate, verdict.problems) == (CERTIFICATE, ())
    assert verdict.algorithms == ("SHA-256", "ECDSA with SHA-256", "P-256")


def test_the_digest_of_the_attributes_is_that_of_the_set_that_was_signed() -> None:
    signed = set_of(*attributes())
    assert verify(signed_data(CONTENT, signer())).attributes_digest == hashlib.sha256(signed).hexdigest()


def test_a_signer_named_by_subject_key_identifier_is_read() -> None:
    by_key = signer(version=3, sid=tlv(0x80, key_identifier(CERTIFICATE)))
    assert verify(signed_data(CONTENT, by_key, version=3)).content == CONTENT


def test_a_certificate_that_does_not_come_along_is_taken_from_the_directory() -> None:
    data = signed_data(CONTENT, signer(), certificates=[])
    with pytest.raises(SealError) as caught:
        verify(data, known=[EVE_CERTIFICATE])
    assert caught.value.code == "unknown-certificate"
    assert verify(data, known=[EVE_CERTIFICATE, CERTIFICATE]).certificate == CERTIFICATE


def test_null_parameters_of_the_digest_are_read_and_named() -> None:
    verdict = verify(signed_data(CONTENT, signer(digest=algorithm(SHA256, NULL))))
    assert [problem.code for problem in verdict.problems] == ["null-parameters"]
    assert verdict.problems[0].severity == "warning"


def test_other_certificates_are_named_and_not_used() -> None:
    data = signed_data(CONTENT, signer(), certificates=[CERTIFICATE, HOUSE.certificate])
    verdict = verify(data)
    assert verdict.certificate == CERTIFICATE
    assert [problem.code for problem in verdict.problems] == ["other-certificates"]


def test_an_attribute_that_nobody_here_reads_is_named() -> None:
    verdict = verify(
        signed_data(CONTENT, signer(attributes=attributes(attribute("1.2.840.113549.1.9.15", seq()))))
    )
    assert [(p.code, "sMIMECapabilities" in p.message) for p in verdict.problems] == [
        ("unread-attribute", True)
    ]


def test_a_key_is_not_used_with_the_certificate_of_another() -> None:
    with pytest.raises(SealError, match="not the one in the certificate"):
        sign(CONTENT, key=EVE_KEY, certificate=CERTIFICATE, signing_time=NOW)


# ── A26 to A28: what is signed, by how many ──────────────────────────────────────────────────


def test_a26_a_detached_content_is_refused() -> None:
    data = signed_data(CONTENT, signer(), econtent=b"")
    assert weak.believed_content(data, detached=b"what the mail shows") == b"what the mail shows"
    refused(data, "outside", believed=None)


def test_a26_the_signed_attributes_shown_as_the_content_are_refused() -> None:
    signed = set_of(*attributes())
    stripped = signer(attributes=None, signature=KEY.sign(signed, ec.ECDSA(hashes.SHA256())))
    refused(signed_data(signed, stripped), "no signed attributes", believed=signed)


def test_a26_a_signature_without_signed_attributes_is_refused() -> None:
    refused(signed_data(CONTENT, signer(attributes=None)), "no signed attributes")


def test_a26_another_content_under_good_attributes_is_refused() -> None:
    error = refused(
        signed_data(OTHER, signer()), "not the one that was signed", believed=OTHER, error=SealError
    )
    assert error.code == "bad-signature"


@pytest.mark.parametrize("name", [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME])
def test_a26_each_signed_attribute_must_be_there(name: str) -> None:
    data = signed_data(CONTENT, signer(attributes=attributes(without=[name])))
    refused(data, "has no signed attribute")


def test_a26_the_content_type_that_is_signed_must_be_that_of_the_content() -> None:
    data = signed_data(CONTENT, signer(attributes=attributes(content_type=RECEIPT)))
    refused(data, "signs the content type id-ct-receipt")


def test_a26_another_content_type_is_not_taken_for_a_message() -> None:
    data = signed_data(
        CONTENT, signer(attributes=attributes(content_type=RECEIPT)), content_type=RECEIPT, version=3
    )
    refused(data, "holds id-ct-receipt; id-data was expected")


def _second(**changes) -> Signer:
    """Eve's good signature, or a bad one that claims to be ours."""
    return Signer(EVE_KEY, EVE_CERTIFICATE, attributes(certificate=EVE_CERTIFICATE), **changes)


@pytest.mark.parametrize(
    "bag", [[CERTIFICATE, EVE_CERTIFICATE], [EVE_CERTIFICATE, CERTIFICATE], [CERTIFICATE]]
)
@pytest.mark.parametrize(
    "signers",
    [
        (signer(), _second()),
        (_second(), signer()),
        (signer(signature=b"0\x06\x02\x01\x01\x02\x01\x01"), _second()),
        (signer(), signer(digest=algorithm(SHA512))),
    ],
    ids=["ours first", "ours last", "ours bad", "ours twice"],
)
def test_a27_several_signers_are_refused(signers, bag) -> None:
    data = signed_data(CONTENT, *signers, certificates=bag)
    assert weak.believed_content(data) in (CONTENT, None)
    refused(data, "has 2 signers", believed=None)


def test_a27_a_careless_reader_believes_the_good_one_of_two() -> None:
    data = signed_data(OTHER, signer(), Signer(EVE_KEY, EVE_CERTIFICATE, attributes(content=OTHER)))
    refused(data, "has 2 signers", believed=OTHER)


@pytest.mark.parametrize("bag", [[], [CERTIFICATE]], ids=["no certificates", "certificates"])
def test_a28_nobody_signing_is_not_signed(bag) -> None:
    refused(signed_data(CONTENT, certificates=bag, digests=[algorithm(SHA256)]), "has no signers")
    refused(signed_data(CONTENT, certificates=bag, digests=[]), "has no signers")


# ── A47: what is not signed ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dotted", "value", "says"),
    [
        (LABEL, tlv(0x31, integer(1), oid(LABELLED.policy)), "eSSSecurityLabel"),
        (SIGNING_TIME, utc_time(NOW), "signingTime"),
        (RECEIPT_REQUEST, seq(), "receiptRequest"),
        ("1.2.840.113549.1.9.6", seq(), "countersignature"),
        ("1.2.3.4.5", NULL, r"1\.2\.3\.4\.5"),
    ],
)
def test_a47_unsigned_attributes_are_refused_by_name(dotted: str, value: bytes, says: str) -> None:
    unsigned = tlv(0xA1, attribute(dotted, value))
    refused(signed_data(CONTENT, signer(unsigned=unsigned)), f"unsigned attributes .{says}")


def test_a47_revocation_lists_that_come_along_are_refused() -> None:
    refused(signed_data(CONTENT, signer(), crls=tlv(0xA1, HOUSE.crl)), "revocation lists")


# ── algorithms: A58, A60, A63 ────────────────────────────────────────────────────────────────


def _self_signed(key, hash_=None) -> bytes:
    """A certificate of any kind of key, as nobody here issues it."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Eve")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=2030))
    )
    return builder.sign(key, hash_).public_bytes(serialization.Encoding.DER)


RSA_KEY = rsa.generate_private_key(65537, 2048)
P384_KEY, K1_KEY, BRAINPOOL_KEY = (
    ec.generate_private_key(curve) for curve in (ec.SECP384R1(), ec.SECP256K1(), ec.BrainpoolP256R1())
)
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def _ecdsa(hash_):
    return lambda key, data: key.sign(data, ec.ECDSA(hash_))


def _rsa(hash_):
    return lambda key, data: key.sign(data, padding.PKCS1v15(), hash_)


def _pss(hash_, mask, salt: int):
    return lambda key, data: key.sign(data, padding.PSS(padding.MGF1(mask), salt), hash_)


def _pss_parameters(hash_: str, mask: str, salt: int) -> bytes:
    return seq(
        explicit(0, algorithm(hash_, NULL)),
        explicit(1, algorithm(MGF1, algorithm(mask, NULL))),
        explicit(2, integer(salt)),
    )


@pytest.mark.parametrize(
    ("key", "scheme", "digest", "sign_", "says"),
    [
        (RSA_KEY, algorithm(RSA_SHA256, NULL), SHA256, _rsa(hashes.SHA256()), "RSA with SHA-256"),
        (RSA_KEY, algorithm(RSA, NULL), SHA256, _rsa(hashes.SHA256()), "uses RSA;"),
        (RSA_KEY, algorithm(RSA_SHA1, NULL), SHA1, _rsa(hashes.SHA1()), "SHA-1"),
        (KEY, algorithm(ECDSA_SHA1), SHA256, _ecdsa(hashes.SHA1()), "ECDSA with SHA-1"),
        (KEY, algorithm(ECDSA_SHA1), SHA1, _ecdsa(hashes.SHA1()), "uses SHA-1"),
        (KEY, algorithm(ECDSA_SHA384), SHA256, _ecdsa(hashes.SHA384()), "ECDSA with SHA-384"),
        (KEY, algorithm(ECDSA_SHA512), SHA512, _ecdsa(hashes.SHA512()), "uses SHA-512"),
        (KEY, algorithm(ECDSA_SHA512), SHA256, _ecdsa(hashes.SHA512()), "ECDSA with SHA-512"),
        (ED_KEY, algorithm(ED25519), SHA512, lambda key, data: key.sign(data), "uses SHA-512"),
        (ED_KEY, algorithm(ED25519), SHA256, lambda key, data: key.sign(data), "uses Ed25519"),
        (
            P384_KEY,
            algorithm(ECDSA_SHA256),
            SHA256,
            _ecdsa(hashes.SHA256()),
            "P-384",
        ),
        (K1_KEY, algorithm(ECDSA_SHA256), SHA256, _ecdsa(hashes.SHA256()), "secp256k1"),
        (BRAINPOOL_KEY, algorithm(ECDSA_SHA256), SHA256, _ecdsa(hashes.SHA256()), "brainpoolP256r1"),
    ],
)
def test_every_other_algorithm_is_refused_by_its_name(key, scheme, digest, sign_, says) -> None:
    certificate = CERTIFICATE if key is KEY else _self_signed(key, None if key is ED_KEY else hashes.SHA256())
    data = signed_data(
        CONTENT,
        Signer(
            key,
            certificate,
            attributes(certificate=certificate),
            sign=sign_,
            digest=algorithm(digest),
            signature_algorithm=scheme,
        ),
    )
    refused(data, says)


@pytest.mark.parametrize(
    ("hash_", "mask", "told_hash", "told_mask", "salt"),
    [
        (hashes.SHA256(), hashes.SHA256(), SHA256, SHA256, 32),
        (hashes.SHA256(), hashes.SHA1(), SHA256, SHA1, 32),
        (hashes.SHA512(), hashes.SHA512(), SHA512, SHA512, 64),
        (hashes.SHA256(), hashes.SHA256(), SHA512, SHA1, 0),
        (hashes.SHA1(), hashes.SHA1(), SHA1, SHA1, 20),
    ],
    ids=["sound", "MGF1 with SHA-1", "hash is not the digest", "parameters lie", "all SHA-1"],
)
def test_a60_rsa_pss_is_refused_whatever_its_parameters(hash_, mask, told_hash, told_mask, salt) -> None:
    certificate = _self_signed(RSA_KEY, hashes.SHA256())
    data = signed_data(
        CONTENT,
        Signer(
            RSA_KEY,
            certificate,
            attributes(certificate=certificate),
            sign=_pss(hash_, mask, salt if salt else 32),
            signature_algorithm=algorithm(RSA_PSS, _pss_parameters(told_hash, told_mask, salt)),
        ),
    )
    refused(data, "uses RSA-PSS")


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        (NULL, "gives parameters to ECDSA with SHA-256"),
        (oid("1.2.840.10045.3.1.7"), "gives parameters to ECDSA with SHA-256"),
        (octets(bytes(1_000_000)), "gives parameters to ECDSA with SHA-256"),
        (seq(), "gives parameters to ECDSA with SHA-256"),
    ],
    ids=["NULL", "a curve", "1 MB", "empty sequence"],
)
def test_a58_parameters_of_the_signature_algorithm_must_be_absent(parameters: bytes, says: str) -> None:
    refused(signed_data(CONTENT, signer(signature_algorithm=algorithm(ECDSA_SHA256, parameters))), says)


@pytest.mark.parametrize("parameters", [octets(b""), octets(bytes(1_000_000)), seq(), integer(0)])
@pytest.mark.parametrize("place", ["list", "signer", "both"])
def test_a58_parameters_of_the_digest_algorithm_are_absent_or_null(parameters: bytes, place: str) -> None:
    odd = algorithm(SHA256, parameters)
    data = signed_data(
        CONTENT,
        signer(digest=odd if place != "list" else algorithm(SHA256)),
        digests=[odd if place != "signer" else algorithm(SHA256)],
    )
    refused(data, "gives parameters to SHA-256")


@pytest.mark.parametrize(
    ("changes", "digests", "says"),
    [
        ({}, [algorithm(SHA512)], "uses SHA-512"),
        ({}, [algorithm(SHA256), algorithm(SHA512)], "lists 2 digest algorithms"),
        ({}, [], "lists 0 digest algorithms"),
        ({"digest": algorithm(SHA512)}, [algorithm(SHA256)], "uses SHA-512"),
        ({"digest": algorithm(SHA1)}, [algorithm(SHA256)], "uses SHA-1"),
    ],
)
def test_a63_hashes_that_do_not_agree_are_refused(changes, digests, says) -> None:
    refused(signed_data(CONTENT, signer(**changes), digests=digests), says)


DIGEST_OF_OTHER = octets(hashlib.sha256(OTHER).digest())


@pytest.mark.parametrize(
    ("more", "without", "says"),
    [
        ([attribute(MESSAGE_DIGEST, DIGEST_OF_OTHER)], [], "messageDigest twice"),
        ([attribute(SIGNING_TIME, utc_time(NOW.replace(year=2027)))], [], "signingTime twice"),
        (
            [attribute(MESSAGE_DIGEST, DIGEST_OF_OTHER, octets(hashlib.sha256(CONTENT).digest()))],
            [MESSAGE_DIGEST],
            "messageDigest of 2 values",
        ),
        ([attribute(SIGNING_TIME)], [SIGNING_TIME], "signingTime of 0 values"),
        ([attribute(MESSAGE_DIGEST, octets(b"short"))], [MESSAGE_DIGEST], "messageDigest of 5 bytes"),
        ([attribute(MESSAGE_DIGEST, integer(5))], [MESSAGE_DIGEST], "cannot be read as"),
        ([attribute(SIGNING_TIME, utf8("yesterday"))], [SIGNING_TIME], "cannot be read as"),
        ([attribute(SIGNING_TIME, tlv(0x18, b"20261027184000Z"))], [SIGNING_TIME], "writes a time in a form"),
        (
            [attribute(SIGNING_TIME, tlv(0x18, b"20501027184000.5Z"))],
            [SIGNING_TIME],
            "writes a time in a form",
        ),
        ([attribute(SIGNING_TIME, tlv(0x17, b"2610271840Z"))], [SIGNING_TIME], "cannot be read as"),
        ([attribute(SIGNING_TIME, tlv(0x17, b"261027184000+0200"))], [SIGNING_TIME], "cannot be read as"),
        ([attribute(f"1.2.3.{n}", NULL) for n in range(40)], [], "more than 32 signed attributes"),
        ([attribute("1.2.3.4", NULL), attribute("1.2.3.4", seq())], [], "twice"),
    ],
)
def test_a63_each_attribute_stands_once_with_one_value_of_its_form(more, without, says) -> None:
    refused(signed_data(CONTENT, signer(attributes=attributes(*more, without=without))), says)


def test_a63_as_many_attributes_as_are_allowed_are_read() -> None:
    many = [attribute(f"1.2.3.{n}", NULL) for n in range(28)]
    assert len(verify(signed_data(CONTENT, signer(attributes=attributes(*many)))).problems) == 28
    refused(
        signed_data(CONTENT, signer(attributes=attributes(*many, attribute("1.2.4", NULL)))), "more than 32"
    )


def test_a63_attributes_that_are_not_sorted_are_refused() -> None:
    unsorted = tuple(sorted(attributes(), reverse=True))
    refused(signed_data(CONTENT, signer(attributes=unsorted, sort=False)), "cannot be read as SignedData")


@pytest.mark.parametrize(
    ("outer", "inner", "sid"),
    [
        (3, 1, None),
        (0, 1, None),
        (4, 1, None),
        (1, 3, None),
        (3, 3, None),
        (1, 1, "key"),
        (3, 1, "key"),
        (1, 3, "key"),
    ],
)
def test_versions_must_fit_what_is_in_it(outer: int, inner: int, sid: str | None) -> None:
    named = tlv(0x80, key_identifier(CERTIFICATE)) if sid else None
    refused(signed_data(CONTENT, signer(version=inner, sid=named), version=outer), "version")


def test_another_structure_is_refused_by_its_name() -> None:
    refused(signed_data(CONTENT, signer(), outer=ENVELOPED_DATA), "This is EnvelopedData")


# ── A64: which certificate ───────────────────────────────────────────────────────────────────


def _names(certificate: bytes, *, hash_: bytes = b"", value: bytes | None = None) -> bytes:
    value = hashlib.sha256(certificate).digest() if value is None else value
    return attribute(SIGNING_CERTIFICATE_V2, seq(seq(seq(hash_, octets(value)))))


def test_a64_the_signing_certificate_must_be_named() -> None:
    refused(
        signed_data(CONTENT, signer(attributes=attributes(without=[SIGNING_CERTIFICATE_V2]))),
        "has no signed attribute signingCertificateV2",
    )


def test_a64_one_key_in_two_certificates_does_not_lend_its_signature() -> None:
    other = trust.issue(
        HOUSE.key, HOUSE.certificate, post=HAVANA, use=Use.RELEASE, public_key=KEY.public_key(), now=NOW
    )
    # signed under one certificate, presented under the other
    moved = signed_data(CONTENT, Signer(KEY, other, attributes()), certificates=[other])
    refused(moved, "names another certificate")
    both = signed_data(CONTENT, Signer(KEY, other, attributes()), certificates=[other, CERTIFICATE])
    refused(both, "names another certificate")


def test_a64_two_certificates_of_one_name_and_serial_are_told_apart_by_their_hash() -> None:
    serial = x509.load_der_x509_certificate(CERTIFICATE).serial_number
    twin = trust.issue(
        HOUSE.key,
        HOUSE.certificate,
        post=trust.judge(CERTIFICATE, use=Use.RELEASE, authorities=[HOUSE.authority], at=NOW).post,
        use=Use.RELEASE,
        public_key=EVE_KEY.public_key(),
        now=NOW,
        serial=serial,
    )
    data = signed_data(CONTENT, signer(), certificates=[twin, CERTIFICATE])
    assert verify(data).certificate == CERTIFICATE
    refused(signed_data(CONTENT, signer(), certificates=[twin]), "names another certificate", believed=None)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        (_names(EVE_CERTIFICATE), "names another certificate"),
        (
            _names(CERTIFICATE, hash_=algorithm(SHA512), value=hashlib.sha512(CERTIFICATE).digest()),
            "uses SHA-512",
        ),
        (_names(CERTIFICATE, hash_=algorithm(SHA1), value=hashlib.sha1(CERTIFICATE).digest()), "uses SHA-1"),
        (_names(CERTIFICATE, value=b"x"), "of 1 bytes"),
        (attribute(SIGNING_CERTIFICATE_V2, seq(seq())), "names no certificate"),
        (
            attribute(
                SIGNING_CERTIFICATE_V2,
                seq(seq(seq(octets(hashlib.sha256(CERTIFICATE).digest()))), seq(seq(oid("2.5.29.32.0")))),
            ),
            "restricts the policies",
        ),
    ],
)
def test_a64_a_signing_certificate_of_another_form_is_refused(named: bytes, says: str) -> None:
    changed = attributes(named, without=[SIGNING_CERTIFICATE_V2])
    refused(signed_data(CONTENT, signer(attributes=changed)), says)


@pytest.mark.parametrize("kind", [0xA0, 0xA1, 0xA2, 0xA3])
def test_a64_only_x509_certificates_come_along(kind: int) -> None:
    other = tlv(kind, integer(1))
    refused(signed_data(CONTENT, signer(), certificates=[CERTIFICATE, other]), "another kind", believed=None)


def test_a68_the_bag_of_certificates_is_bounded() -> None:
    bag = [CERTIFICATE, *(_self_signed(keys.new_signing_key(), hashes.SHA256()) for _ in range(16))]
    assert verify(signed_data(CONTENT, signer(), certificates=bag[:16])).content == CONTENT
    refused(signed_data(CONTENT, signer(), certificates=bag), "more than 16 certificates")


# ── A65: signature values ────────────────────────────────────────────────────────────────────


def _numbers() -> tuple[int, int]:
    return utils.decode_dss_signature(KEY.sign(set_of(*attributes()), ec.ECDSA(hashes.SHA256())))


def test_a65_the_other_s_verifies_and_changes_nothing_that_counts() -> None:
    r, s = _numbers()
    pair = [
        verify(signed_data(CONTENT, signer(signature=seq(integer(r), integer(x))))) for x in (s, ORDER - s)
    ]
    assert pair[0].signature != pair[1].signature
    assert pair[0].attributes_digest == pair[1].attributes_digest
    assert (pair[0].content, pair[0].certificate) == (pair[1].content, pair[1].certificate)


def _wide(value: int) -> bytes:
    """An INTEGER with a needless leading zero."""
    return tlv(0x02, b"\0" + integer(value)[2:])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda r, s: seq(_wide(r), integer(s)), "INTEGER that is not the shortest"),
        (lambda r, s: seq(integer(r), _wide(s)), "INTEGER that is not the shortest"),
        (lambda r, s: b"\x30\x81" + seq(integer(r), integer(s))[1:], "shortest form"),
        (lambda r, s: b"\x30\x80" + seq(integer(r), integer(s))[2:] + b"\0\0", "indefinite"),
        (lambda r, s: seq(integer(r), integer(s)) + b"\0", "more bytes"),
        (lambda r, s: seq(integer(r), integer(s), NULL), "cannot be read as"),
    ],
    ids=["wide r", "wide s", "long length", "indefinite", "a byte after it", "three parts"],
)
def test_a65_the_signature_value_is_strict_der(make, says: str) -> None:
    refused(signed_data(CONTENT, signer(signature=make(*_numbers()))), says)


@pytest.mark.parametrize("r", [0, 1, ORDER, ORDER + 1, -1])
@pytest.mark.parametrize("s", [0, 1, ORDER, -1])
def test_a65_numbers_out_of_range_are_refused(r: int, s: int) -> None:
    value = seq(integer(r), integer(s))
    in_range = 0 < r < ORDER and 0 < s < ORDER
    error, says = (SealError, "not by the key") if in_range else (CmsError, "not in 1")
    refused(signed_data(CONTENT, signer(signature=value)), says, believed=None, error=error)


# ── A66 and the receipt request: forms ───────────────────────────────────────────────────────

POLICY = oid(LABELLED.policy)


@pytest.mark.parametrize(
    ("label", "says"),
    [
        (tlv(0x31, POLICY), "without a classification"),
        (tlv(0x31, integer(257), POLICY), "without a classification"),
        (tlv(0x31, integer(-1), POLICY), "without a classification"),
        (tlv(0x31, integer(4), POLICY, utf8("EYES ONLY")), "privacy mark"),
        (tlv(0x31, integer(4), POLICY, tlv(0x13, b"EYES ONLY")), "privacy mark"),
        (
            tlv(0x31, integer(4), POLICY, set_of(seq(tlv(0x80, b"\x2a"), tlv(0xA1, NULL)))),
            "security categories",
        ),
        (tlv(0x31, POLICY, integer(4)), "cannot be read as"),
        (seq(POLICY, integer(4)), "cannot be read as"),
        (tlv(0x31, integer(4)), "cannot be read as"),
    ],
)
def test_a66_a_label_of_another_form_is_refused(label: bytes, says: str) -> None:
    refused(signed_data(CONTENT, signer(attributes=attributes(attribute(LABEL, label)))), says)


def test_a66_two_labels_are_refused() -> None:
    high, low = (tlv(0x31, integer(level), POLICY) for level in (4, 1))
    twice = attributes(attribute(LABEL, high), attribute(LABEL, low))
    refused(signed_data(CONTENT, signer(attributes=twice)), "eSSSecurityLabel twice")
    in_one = attributes(attribute(LABEL, high, low))
    refused(signed_data(CONTENT, signer(attributes=in_one)), "eSSSecurityLabel of 2 values")


def _request(identifier: bytes = b"id", who: bytes = tlv(0x80, b"\0"), to: bytes | None = None) -> bytes:
    to = seq(seq(tlv(0x81, b"a@b.example"))) if to is None else to
    return attribute(RECEIPT_REQUEST, seq(octets(identifier), who, to))


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (_request(b""), "1 to 64 bytes"),
        (_request(b"x" * 65), "1 to 64 bytes"),
        (_request(who=tlv(0xA1, seq(tlv(0x81, b"a@b")))), "from a list of names"),
        (_request(who=tlv(0x80, b"\x02")), "from a list of names"),
        (_request(to=seq()), "1 to 16 names"),
        (_request(to=seq(*[seq(tlv(0x81, b"a@b"))] * 17)), "1 to 16 names"),
        (_request(to=seq(seq(tlv(0x81, b"a@b"), tlv(0x81, b"c@d")))), "other than one name"),
        (_request(to=seq(seq())), "other than one name"),
        (_request(to=seq(seq(tlv(0x82, b"host.example")))), "not a plain mail address"),
        (_request(to=seq(seq(tlv(0x81, b"a@b\r\nBcc: c@d")))), "not a plain mail address"),
        (_request(to=seq(seq(tlv(0x81, b"")))), "not a plain mail address"),
        (_request(to=seq(seq(tlv(0x81, "ä@b".encode())))), "not a plain mail address"),
    ],
)
def test_a_receipt_request_of_another_form_is_refused(request_: bytes, says: str) -> None:
    refused(signed_data(CONTENT, signer(attributes=attributes(request_))), says)


@pytest.mark.parametrize(
    "make",
    [
        lambda: EssLabel("2.25.1", 257),
        lambda: EssLabel("2.25.1", -1),
        lambda: ReceiptRequest(b"", ("a@b",)),
        lambda: ReceiptRequest(bytes(65), ("a@b",)),
        lambda: ReceiptRequest(b"x", ()),
        lambda: ReceiptRequest(b"x", ("a@b",) * 17),
        lambda: ReceiptRequest(b"x", ("",)),
        lambda: ReceiptRequest(b"x", ("a" * 126 + "@b",)),
        lambda: ReceiptRequest(b"x", ("a@b c",)),
        lambda: ReceiptRequest(b"x", ("ä@b",)),
    ],
)
def test_what_would_not_be_read_cannot_be_written(make) -> None:
    with pytest.raises(CmsError):
        make()


@pytest.mark.parametrize(
    ("label", "request_"),
    [
        (EssLabel("2.25.1", 0), ReceiptRequest(b"x", ("a@b",) * 16)),
        (EssLabel("2.25.1", 256), ReceiptRequest(bytes(64), ("!~" + "a" * 123 + "@b",))),
    ],
)
def test_what_is_just_allowed_comes_back(label, request_) -> None:
    data = sign(
        CONTENT, key=KEY, certificate=CERTIFICATE, signing_time=NOW, label=label, receipt_request=request_
    )
    assert (verify(data).label, verify(data).receipt_request) == (label, request_)


@pytest.mark.parametrize("year", [1950, 2049, 2050])
def test_the_form_of_a_time_changes_with_2050(year: int) -> None:
    at = NOW.replace(year=year, month=1, day=1)
    data = sign(CONTENT, key=KEY, certificate=CERTIFICATE, signing_time=at)
    assert verify(data).signing_time == at
    assert (b"\x18\x0f%d" % year in data) is (year == 2050)


def test_content_types_are_names_of_the_rfcs() -> None:
    assert signing.ID_DATA.dotted_string == DATA
