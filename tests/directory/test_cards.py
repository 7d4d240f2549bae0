"""Post cards: the round trip, every kind of tampering, serials, confirmation, and who is bound to whom."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cableroom.cable.address import Post
from cableroom.cable.canonical import b64u, decode, encode, unb64u
from cableroom.directory.cardform import Address, Card, read_card, sign_card
from cableroom.errors import CableroomError, InputError, NotAllowed, NotFound, Refusal, SealError, StateError
from cableroom.register import notes
from cableroom.seal import certificates as x509
from cableroom.seal import jws, keys, trust

from .conftest import NOW, ORG, Clock
from .foreign import Foreign

GENEVA = Post("un.example", "GENEVA")


@pytest.fixture
def un(clock: Clock) -> Foreign:
    return Foreign("un.example", clock.now)


# -- the file ------------------------------------------------------------------------------


def test_a_card_comes_back_as_it_was(un: Foreign) -> None:
    card = un.card()
    assert read_card(un.file(), now=NOW) == card


def test_its_bytes_are_of_the_form_that_is_written_down(un: Foreign) -> None:
    file = un.file()
    outer = json.loads(file)
    assert set(outer) == {"header", "payload", "protected", "signature"}
    assert json.loads(unb64u(outer["protected"])) == {"alg": "ES256", "typ": "cableroom-card+jwt"}
    assert outer["header"] == {"x5c": [base64.b64encode(un.certificate).decode()]}
    payload = json.loads(unb64u(outer["payload"]))
    assert set(payload) == {"v", "org", "serial", "issued", "expires", "policies", "posts", "crl"}
    assert set(payload["posts"][0]) == {
        "post",
        "addresses",
        "certificates",
        "profile",
        "origin",
        "log_key",
        "ceiling",
    }
    assert encode(payload) == unb64u(outer["payload"])
    assert encode(outer) == file


def test_another_implementation_verifies_it(un: Foreign) -> None:
    """The signature, by a JOSE library that is not ours."""
    jwk = pytest.importorskip("jwcrypto.jwk")
    jose = pytest.importorskip("jwcrypto.jws")
    token = jose.JWS()
    token.deserialize(un.file().decode())
    public = x509.public_key(un.certificate)
    token.verify(jwk.JWK.from_pyca(public))
    assert json.loads(token.payload)["org"] == "un.example"


def bent_payload(file: bytes, change: Any) -> bytes:
    """The card with another payload and the old signature."""
    outer = decode(file, max_bytes=10**6)
    payload = decode(unb64u(outer["payload"]), max_bytes=10**6)
    change(payload)
    outer["payload"] = b64u(encode(payload))
    return encode(outer)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(serial=2),
        lambda p: p.update(org="evil.example"),
        lambda p: p["posts"][0].update(ceiling="CLOSED"),
        lambda p: p["posts"][0]["addresses"][0].update(address="192.0.2.1:25"),
        lambda p: p["posts"][0]["certificates"].pop(),
        lambda p: p.update(expires="2036-10-27T18:40:00.000Z"),
    ],
)
def test_an_altered_payload_is_refused(un: Foreign, change: Any) -> None:
    with pytest.raises(SealError) as refusal:
        read_card(bent_payload(un.file(), change), now=NOW)
    assert refusal.value.code == "bad-jws"


def test_every_flipped_byte_is_refused(un: Foreign) -> None:
    file = un.file()
    for at in range(0, len(file), 41):
        bent = bytearray(file)
        bent[at] ^= 1
        with pytest.raises(CableroomError):
            read_card(bytes(bent), now=NOW)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_truncated_or_longer_card_is_refused(un: Foreign, cut: int) -> None:
    with pytest.raises(InputError):
        read_card(un.file()[:cut], now=NOW)
    with pytest.raises(InputError):
        read_card(un.file() + b"\n", now=NOW)


def resigned(
    un: Foreign, change: Any, *, key: Any = None, typ: str = "cableroom-card+jwt", x5c: Any = None
) -> bytes:
    """A card whose payload was changed by whoever holds the authority's key (or another one)."""
    payload = un.card().payload()
    change(payload)
    chain = [base64.b64encode(un.certificate).decode()] if x5c is None else x5c
    return jws.sign(payload, typ=typ, key=key or un.key, unprotected={"x5c": chain})


def nothing(payload: Any) -> None:
    pass


def test_a78_the_key_in_the_file_must_be_the_one_that_signed(un: Foreign) -> None:
    other = keys.new_signing_key()
    with pytest.raises(SealError):
        read_card(resigned(un, nothing, key=other), now=NOW)
    thief = Foreign("un.example", NOW)
    own = [base64.b64encode(thief.certificate).decode()]
    crl = base64.b64encode(thief.crl).decode()
    with pytest.raises(SealError) as refusal:  # signed well, by an authority that issued none of these
        read_card(resigned(un, lambda p: p.update(crl=crl), key=thief.key, x5c=own), now=NOW)
    assert refusal.value.code == "card-certificate"


@pytest.mark.parametrize("chain", [[], ["AAAA"], ["?"], [1], None, "text"])
def test_a78_x5c_is_one_certificate(un: Foreign, chain: Any) -> None:
    file = decode(un.file(), max_bytes=10**6)
    file["header"] = {"x5c": chain}
    with pytest.raises(CableroomError):
        read_card(encode(file), now=NOW)
    del file["header"]
    with pytest.raises(CableroomError):
        read_card(encode(file), now=NOW)


@pytest.mark.parametrize("extra", ["jwk", "jku", "kid", "x5u"])
def test_a78_no_other_way_to_name_a_key_is_read(un: Foreign, extra: str) -> None:
    file = decode(un.file(), max_bytes=10**6)
    file["header"][extra] = "https://evil.example/key"
    with pytest.raises(InputError):
        read_card(encode(file), now=NOW)


def test_a70_a_card_signed_by_another_kind_of_key_is_refused(un: Foreign) -> None:
    """A release key is no authority, whatever it signs."""
    key = keys.new_signing_key()
    leaf = un.issue("GENEVA", trust.Use.RELEASE, public_key=key.public_key())
    crl = base64.b64encode(trust.make_crl(key, leaf, [], now=NOW)).decode()
    certificate = base64.b64encode(
        trust.issue(key, leaf, use=trust.Use.RELEASE, post=GENEVA, public_key=key.public_key(), now=NOW)
    ).decode()

    def change(payload: Any) -> None:
        payload["crl"] = crl
        payload["posts"][0]["certificates"] = [certificate]

    with pytest.raises(SealError) as refusal:
        read_card(resigned(un, change, key=key, x5c=[base64.b64encode(leaf).decode()]), now=NOW)
    assert refusal.value.code == "card-certificate"


def test_another_type_of_document_is_no_card(un: Foreign) -> None:
    with pytest.raises(SealError):
        read_card(resigned(un, nothing, typ="cableroom-sheet+jwt"), now=NOW)


SHAPES: list[Any] = [
    lambda p: p.update(v=2),
    lambda p: p.update(v=True),
    lambda p: p.update(more=1),
    lambda p: p.pop("crl"),
    lambda p: p.update(crl="AAAA"),
    lambda p: p.update(crl=p["crl"].rstrip("=") + "===="),
    lambda p: p.update(serial=0),
    lambda p: p.update(serial="1"),
    lambda p: p.update(org="UN.example"),
    lambda p: p.update(posts=[]),
    lambda p: p.update(posts=None),
    lambda p: p["posts"].append(p["posts"][0]),
    lambda p: p["posts"][0].update(post="geneva"),
    lambda p: p["posts"][0].update(post="GENEVA FLASH"),
    lambda p: p["posts"][0].update(post="VIENNA"),
    lambda p: p["posts"][0].update(certificates=[]),
    lambda p: p["posts"][0].update(certificates=p["posts"][0]["certificates"] * 2),
    lambda p: p["posts"][0].update(ceiling="COSMIC"),
    lambda p: p["posts"][0].update(profile="Cableroom"),
    lambda p: p["posts"][0].update(origin="somewhere/else"),
    lambda p: p["posts"][0].update(log_key="nonsense"),
    lambda p: p["posts"][0].update(addresses=[{"route": "smtp", "address": "no port"}]),
    lambda p: p["posts"][0].update(addresses=[{"route": "smtp", "address": "host:70000"}]),
    lambda p: p["posts"][0].update(addresses=[{"route": "mail", "address": "a b@c"}]),
    lambda p: p["posts"][0].update(addresses=[]),
    lambda p: p.update(policies=None),
    lambda p: p["policies"][0].update(levels=p["policies"][0]["levels"][::-1]),
    lambda p: p["policies"][0].update(oid="two"),
    lambda p: p["policies"].append(p["policies"][0]),
    lambda p: p.update(expires=p["issued"]),
    lambda p: p.update(issued="2026-10-27T18:40:00Z"),
]


@pytest.mark.parametrize("change", SHAPES, ids=range(len(SHAPES)))
def test_a_well_signed_card_of_another_shape_is_refused(un: Foreign, change: Any) -> None:
    with pytest.raises((InputError, SealError)):
        read_card(resigned(un, change), now=NOW)


def test_the_same_reading_takes_what_is_not_bent(un: Foreign) -> None:
    assert read_card(resigned(un, nothing), now=NOW) == un.card()
    assert (
        read_card(resigned(un, lambda p: p["posts"][0].update(addresses=None)), now=NOW).posts[0].addresses
        == ()
    )


def test_a_certificate_of_another_authority_or_post_is_refused(un: Foreign) -> None:
    other = Foreign("un.example", NOW)
    for strange in (
        other.issue("GENEVA", trust.Use.RELEASE),
        un.issue("VIENNA", trust.Use.RELEASE),
    ):
        post = replace(un.post("GENEVA"), certificates=(un.certified(strange, "release"),))
        with pytest.raises(SealError) as refusal:
            read_card(sign_card(un.card(posts=(post,)), un.key), now=NOW)
        assert refusal.value.code == "card-certificate"


def test_certificates_that_ended_long_ago_may_stand_there(un: Foreign) -> None:
    """All that are or were in use: old cables are still to be read."""
    old = Foreign("un.example", NOW - timedelta(days=1500))
    fresh = trust.issue(
        old.key,
        old.certificate,
        use=trust.Use.RELEASE,
        post=GENEVA,
        public_key=keys.new_signing_key().public_key(),
        now=NOW,
    )
    post = old.post("GENEVA")
    both = replace(post, certificates=(*post.certificates, old.certified(fresh, "release")))
    card = old.card(posts=(both,), issued=NOW, expires=NOW + timedelta(days=10))
    assert read_card(sign_card(card, old.key), now=NOW) == card


def test_a_list_of_another_authority_is_refused(un: Foreign) -> None:
    other = Foreign("un.example", NOW)
    with pytest.raises(CableroomError):
        read_card(un.file(crl=other.crl), now=NOW)


def test_an_organisation_that_the_authority_cannot_speak_for(un: Foreign) -> None:
    with pytest.raises(SealError) as refusal:
        read_card(resigned(un, lambda p: p.update(org="mfa.example")), now=NOW)
    assert refusal.value.code == "card-authority"


def test_times(un: Foreign) -> None:
    with pytest.raises(SealError) as refusal:
        read_card(un.file(), now=un.card().expires)
    assert refusal.value.code == "card-expired"
    read_card(un.file(), now=un.card().expires - timedelta(seconds=1))
    with pytest.raises(SealError) as refusal:
        read_card(un.file(), now=NOW - timedelta(minutes=11))
    assert refusal.value.code == "card-not-yet"


# -- taking in -----------------------------------------------------------------------------


def test_our_card_tells_others_all_that_they_need(capital: Post, clock: Clock) -> None:
    from cableroom.directory import cards, posts, routes

    routes.set_routes(capital, [("smtp", "127.0.0.1:2525")], by=None, now=clock.now)
    posts.set_ceiling(capital, "SECRET", by=None, now=clock.now)
    card = read_card(cards.export_card(by=None, now=clock.now), now=clock.now)
    (post,) = card.posts
    assert card.org == ORG
    assert post.addresses == (Address("smtp", "127.0.0.1:2525"), Address("mail", f"capital@{ORG}"))
    assert {c.use for c in post.certificates} == {"release", "system", "opening"}
    assert post.ceiling == "SECRET"
    assert notes.read_vkey(post.log_key).name == post.origin
    assert [level.number for level in card.policies[0].levels] == [1, 2, 3, 4]


def test_serials_rise_also_when_a_backup_was_brought_back(capital: Post, clock: Clock) -> None:
    from cableroom.directory import cards
    from cableroom.directory.models import IssuedCard

    def serial() -> int:
        return read_card(cards.export_card(by=None, now=clock.now), now=clock.now).serial

    first, second = serial(), serial()
    assert second == first + 1
    IssuedCard.objects.all().delete()
    clock.forward(minutes=1)
    assert serial() > second


def test_without_a_post_there_is_no_card(house: Any, clock: Clock) -> None:
    from cableroom.directory import cards

    with pytest.raises(StateError):
        cards.export_card(by=None, now=clock.now)


def test_imported_is_not_confirmed(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, certificates, posts, routes

    entry = cards.import_card(un.file(), by=None, now=clock.now)
    assert (entry.kind, entry.data["change"]) == ("Directory", "card")
    view = posts.get(GENEVA)
    assert not view.confirmed
    assert not view.reachable
    assert routes.routes_for(GENEVA) == []
    assert certificates.authorities_for(GENEVA) == []
    assert len(certificates.authorities()) == 1
    with pytest.raises(NotFound):
        certificates.for_post(GENEVA, "opening", clock.now)


def test_six_words_confirm_it(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, certificates, posts, routes

    cards.import_card(un.file(), by=None, now=clock.now)
    entry = cards.confirm("un.example", " ".join(un.words()).upper(), by=None, now=clock.now)
    assert entry.data["change"] == "card-confirmed"
    view = posts.get(GENEVA)
    assert view.reachable
    assert view.ceiling_number == 2
    assert routes.routes_for(GENEVA) == [routes.Route("smtp", "127.0.0.1:2526")]
    der = certificates.for_post(GENEVA, "opening", clock.now)
    assert der == next(c.der for c in un.post("GENEVA").certificates if c.use == "opening")
    verdict = trust.judge(
        certificates.for_post(GENEVA, "release", clock.now),
        use=trust.Use.RELEASE,
        authorities=certificates.authorities_for(GENEVA),
        at=clock.now,
        post=GENEVA,
    )
    assert verdict.good


def test_other_words_do_not(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, posts
    from cableroom.register import ledger

    cards.import_card(un.file(), by=None, now=clock.now)
    before = ledger.size("house")
    for words in (Foreign("un.example", NOW).words(), cards.own_check_words(), un.words()[::-1]):
        with pytest.raises(Refusal) as refusal:
            cards.confirm("un.example", words, by=None, now=clock.now)
        assert refusal.value.code == "check-words"
    assert ledger.size("house") == before
    assert not posts.get(GENEVA).confirmed


def test_nothing_to_confirm(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards

    with pytest.raises(NotFound):
        cards.confirm("un.example", un.words(), by=None, now=clock.now)


def test_a_card_that_expired_while_it_waited_is_not_confirmed(
    capital: Post, un: Foreign, clock: Clock
) -> None:
    from cableroom.directory import cards

    cards.import_card(un.file(expires=NOW + timedelta(days=1)), by=None, now=clock.now)
    with pytest.raises(Refusal) as refusal:
        cards.confirm("un.example", un.words(), by=None, now=clock.forward(days=2))
    assert refusal.value.code == "card-expired"


def confirmed(un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards

    cards.import_card(un.file(), by=None, now=clock.now)
    cards.confirm(un.org, un.words(), by=None, now=clock.now)


def test_the_newest_serial_wins_and_an_older_one_is_refused(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, posts

    confirmed(un, clock)
    cards.import_card(
        un.file(serial=5, posts=(replace(un.post("GENEVA"), ceiling="CLOSED"),)), by=None, now=clock.now
    )
    assert posts.get(GENEVA).ceiling_number == 7
    for serial in (4, 5):
        with pytest.raises(Refusal) as refusal:
            cards.import_card(un.file(serial=serial), by=None, now=clock.now)
        assert refusal.value.code == "card-older"
    assert posts.get(GENEVA).ceiling_number == 7


def test_the_same_file_twice_is_answered_with_what_is_there(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards

    first = cards.import_card(un.file(), by=None, now=clock.now)
    again = cards.import_card(un.file(), by=None, now=clock.now)
    assert again.repeated
    assert again.index == first.index


def test_a_renewed_card_and_a_renewed_authority_need_no_new_confirmation(
    capital: Post, un: Foreign, clock: Clock
) -> None:
    """The words name the key, not its certificate."""
    from cableroom.directory import cards, posts

    confirmed(un, clock)
    words = un.words()
    later = clock.forward(days=300)
    un.certificate = trust.make_authority("un.example", un.key, now=later)
    un.crl = trust.make_crl(un.key, un.certificate, [], now=later)
    un.posts = ("GENEVA", "VIENNA")
    cards.import_card(
        un.file(serial=2, issued=later, expires=later + timedelta(days=300)), by=None, now=later
    )
    assert un.words() == words
    assert posts.get(Post("un.example", "VIENNA")).reachable


def test_a_post_that_is_on_the_newest_card_no_more_is_gone(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, posts

    un.posts = ("GENEVA", "VIENNA")
    confirmed(un, clock)
    un.posts = ("GENEVA",)
    cards.import_card(un.file(serial=2), by=None, now=clock.now)
    assert posts.find(Post("un.example", "VIENNA")) is None
    assert posts.get(GENEVA).reachable


def test_a_changed_authority_needs_a_new_confirmation_and_a_word_about_the_move(
    capital: Post, un: Foreign, clock: Clock
) -> None:
    from cableroom.directory import cards, certificates, posts

    confirmed(un, clock)
    before = posts.get(GENEVA)
    other = Foreign("un.example", clock.now)
    cards.import_card(other.file(), by=None, now=clock.now)
    assert posts.get(GENEVA) == before, "a card that nobody confirmed changes nothing"
    with pytest.raises(Refusal) as refusal:
        cards.confirm("un.example", other.words(), by=None, now=clock.now)
    assert refusal.value.code == "card-bound"
    assert "GENEVA" in str(refusal.value)
    assert posts.get(GENEVA) == before
    cards.confirm("un.example", other.words(), move=True, by=None, now=clock.now)
    after = posts.get(GENEVA)
    assert after.authority != before.authority
    (authority,) = certificates.authorities_for(GENEVA)
    assert authority.certificate == other.certificate


def test_a_confirmed_authority_cannot_take_a_post_of_another_by_a_new_card(
    capital: Post, un: Foreign, clock: Clock
) -> None:
    """Two installations of one organisation: neither speaks for a post of the other."""
    from cableroom.directory import cards, posts

    confirmed(un, clock)
    second = Foreign("un.example", clock.now, posts=("VIENNA",))
    confirmed(second, clock)
    bound = posts.get(GENEVA).authority
    second.posts = ("VIENNA", "GENEVA")
    with pytest.raises(Refusal) as refusal:
        cards.import_card(second.file(serial=2), by=None, now=clock.now)
    assert refusal.value.code == "card-bound"
    assert posts.get(GENEVA).authority == bound
    cards.import_card(second.file(serial=2), move=True, by=None, now=clock.now)
    assert posts.get(GENEVA).authority != bound


def test_another_installation_of_our_organisation(capital: Post, clock: Clock) -> None:
    """Its posts are in; one that has the name of ours is refused."""
    from cableroom.directory import cards, founding, posts

    sister = Foreign(ORG, clock.now, posts=("HAVANA",))
    confirmed(sister, clock)
    assert posts.get(Post(ORG, "HAVANA")).reachable
    assert not posts.get(Post(ORG, "HAVANA")).own
    with pytest.raises(StateError, match="another installation"):
        founding.create_post("HAVANA", now=clock.now)
    thief = Foreign(ORG, clock.now, posts=("CAPITAL",))
    cards.import_card(thief.file(), by=None, now=clock.now)
    with pytest.raises(Refusal) as refusal:
        cards.confirm(ORG, thief.words(), move=True, by=None, now=clock.now)
    assert refusal.value.code == "card-own-post"
    assert posts.get(capital).own


def test_our_own_card_is_refused(capital: Post, clock: Clock) -> None:
    from cableroom.directory import cards

    with pytest.raises(Refusal) as refusal:
        cards.import_card(cards.export_card(by=None, now=clock.now), by=None, now=clock.now)
    assert refusal.value.code == "card-own"


def test_a_revoked_certificate_of_theirs_is_used_no_more(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, certificates

    confirmed(un, clock)
    der = certificates.for_post(GENEVA, "opening", clock.now)
    crl = trust.make_crl(un.key, un.certificate, [(x509.read(der).serial, clock.now)], now=clock.now)
    cards.import_card(un.file(serial=2, crl=crl), by=None, now=clock.now)
    with pytest.raises(NotFound):
        certificates.for_post(GENEVA, "opening", clock.now)
    verdict = trust.judge(
        der,
        use=trust.Use.OPENING,
        authorities=certificates.authorities_for(GENEVA),
        at=clock.now,
        post=GENEVA,
    )
    assert [p.code for p in verdict.problems if p.severity == "error"] == ["revoked"]


def test_an_expired_card_carries_no_authority(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import certificates

    confirmed(un, clock)
    assert len(certificates.authorities(now=un.card().expires - timedelta(days=1))) == 2
    assert len(certificates.authorities(now=un.card().expires)) == 1
    assert certificates.authorities_for(GENEVA, now=un.card().expires) == []
    assert certificates.authorities_for(GENEVA)
    clock.now = un.card().expires
    assert certificates.authorities_for(GENEVA) == []


def test_trust_can_be_withdrawn(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards, certificates, posts

    confirmed(un, clock)
    (view,) = cards.cards()
    cards.withdraw(view.authority, reason="The key was stolen.", by=None, now=clock.now)
    assert not posts.get(GENEVA).confirmed
    assert certificates.authorities_for(GENEVA) == []
    cards.confirm("un.example", un.words(), by=None, now=clock.now)
    assert posts.get(GENEVA).confirmed


def test_only_administrators_exchange_cards(capital: Post, un: Foreign, clock: Clock, hire: Any) -> None:
    from cableroom.directory import cards

    desk, admin = hire("desk", "DESK OFFICER", "SECRET"), hire("admin", "ADMINISTRATOR")
    for act in (
        lambda: cards.import_card(un.file(), by=desk, now=clock.now),
        lambda: cards.export_card(by=desk, now=clock.now),
    ):
        with pytest.raises(NotAllowed):
            act()
    entry = cards.import_card(un.file(), by=admin, now=clock.now)
    assert (entry.actor.person, entry.actor.post, entry.actor.role) == (
        "admin",
        str(capital),
        "ADMINISTRATOR",
    )


def test_rebuilding_gives_the_same_after_all_of_this(capital: Post, un: Foreign, clock: Clock) -> None:
    from cableroom.directory import cards
    from cableroom.register import following

    un.posts = ("GENEVA", "VIENNA")
    confirmed(un, clock)
    other = Foreign("un.example", clock.now, posts=("GENEVA", "NEW YORK"))
    cards.import_card(other.file(), by=None, now=clock.now)
    assert following.rebuild(check=True) == []
    cards.confirm("un.example", other.words(), move=True, by=None, now=clock.now)
    un.posts = ("VIENNA",)
    cards.import_card(un.file(serial=2), by=None, now=clock.now)
    cards.withdraw(cards.cards()[0].authority, reason="lost", by=None, now=clock.now)
    assert following.rebuild(check=True) == []


def test_a_card_too_large_for_the_register_is_refused(un: Foreign) -> None:
    with pytest.raises(InputError):
        read_card(un.file() + b" " * 700_000, now=NOW)


def test_a_card_is_a_value(un: Foreign) -> None:
    assert isinstance(un.card(), Card)
    assert un.card().authority == trust.authority_id(un.certificate)


def test_the_tables_bind_a_post_as_the_acts_do(capital: Post, un: Foreign, clock: Clock) -> None:
    """An entry that does not name a post as moved does not move it, whatever act let it through."""
    from cableroom.directory import cards, posts, projecting
    from cableroom.register import ledger

    confirmed(un, clock)
    second = Foreign("un.example", clock.now, posts=("VIENNA",))
    confirmed(second, clock)
    bound = posts.get(GENEVA).authority
    second.posts = ("VIENNA", "GENEVA")
    cards.import_card(second.file(serial=2), move=True, by=None, now=clock.now)
    (*_earlier, entry) = ledger.entries("house", kinds=["Directory"])
    assert entry.data["moved"] == [str(GENEVA)]
    from cableroom.directory.models import PostRow

    PostRow.objects.filter(post=str(GENEVA)).update(authority=bound)
    projecting.apply(replace(entry, data={**entry.data, "moved": None}))
    assert posts.get(GENEVA).authority == bound
    projecting.apply(entry)
    assert posts.get(GENEVA).authority == trust.authority_id(second.certificate)
