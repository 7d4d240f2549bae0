"""The vector of the post card, from which another implementation can start."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from cableroom.cable.canonical import read_stamp, unb64u
from cableroom.directory.cardform import TYP, read_card, sign_card
from cableroom.directory.checkwords import check_words
from cableroom.errors import InputError, SealError
from cableroom.seal import certificates, jws, keys

VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "card.json").read_text("utf-8")
)
NOW = read_stamp(VECTOR["now"])


def test_the_file_is_read() -> None:
    card = read_card(VECTOR["file"].encode(), now=NOW)
    assert card.payload() == VECTOR["payload"]
    assert [post.post for post in card.posts] == ["GENEVA", "PORT OF SPAIN"]


def test_the_same_bytes_are_written() -> None:
    key = keys.private_key(unb64u(VECTOR["authority_key_pkcs8"]))
    file = VECTOR["file"].encode()
    assert sign_card(read_card(file, now=NOW), key) == file
    x5c = {"x5c": [VECTOR["authority_certificate"]]}
    assert jws.sign(VECTOR["payload"], typ=TYP, key=key, unprotected=x5c) == file


def test_the_check_words() -> None:
    der = base64.b64decode(VECTOR["authority_certificate"])
    assert list(check_words(certificates.read(der).public_key_info)) == VECTOR["check_words"]


@pytest.mark.parametrize("case", VECTOR["refused"], ids=lambda case: case["why"])
def test_what_is_refused(case: dict[str, str]) -> None:
    with pytest.raises((InputError, SealError)):
        read_card(case["file"].encode(), now=NOW)
    assert case["file"] != VECTOR["file"]
