"""The six words: a fixed vector, the list, and what people type."""

from __future__ import annotations

import hashlib

import pytest

from cableroom.directory.checkwords import LIST_LENGTH, check_words, read_words, word_list
from cableroom.errors import InputError


def test_the_list_is_the_one_that_came_with_the_package() -> None:
    words = word_list("en")
    assert len(words) == LIST_LENGTH == len(set(words))
    assert len({word[:4] for word in words}) == LIST_LENGTH
    text = "\n".join(words) + "\n"
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
    )


def by_hand(key: bytes) -> list[str]:
    """The same, written another way: a string of bits, cut into six."""
    derived = hashlib.scrypt(
        hashlib.sha256(key).digest(), salt=b"cableroom/card/1", n=32768, r=8, p=1, maxmem=2**26, dklen=9
    )
    bits = "".join(f"{byte:08b}" for byte in derived)[:66]
    return [word_list("en")[int(bits[at : at + 11], 2)] for at in range(0, 66, 11)]


# scrypt gives the same first bytes whatever its length: PBKDF2 with one block of 32 bytes.
@pytest.mark.parametrize("key", [b"", b"an authority's key", bytes(range(91))])
def test_six_words_from_66_bits_the_first_the_most_significant(key: bytes) -> None:
    assert list(check_words(key)) == by_hand(key)


def test_the_vector_is_fixed_for_ever() -> None:
    words = ("tube", "near", "eternal", "smile", "school", "word")
    assert check_words(b"an authority's key") == words


def test_another_key_has_other_words() -> None:
    assert check_words(b"one") != check_words(b"two")


@pytest.mark.parametrize("typed", ["{}", " {}\n", "{0}".replace(" ", ", ")])
def test_words_are_read_however_people_type_them(typed: str) -> None:
    words = check_words(b"one")
    line = " ".join(words)
    assert read_words(typed.format(line)) == words
    assert read_words(line.upper()) == words
    assert read_words("-".join(words)) == words


@pytest.mark.parametrize("typed", ["", "abandon", "abandon " * 7, "abandon ability able about above aboove"])
def test_what_cannot_be_six_check_words(typed: str) -> None:
    with pytest.raises(InputError):
        read_words(typed)


@pytest.mark.parametrize("language", ["xx", "../en", "en.txt", ""])
def test_a_language_without_a_list(language: str) -> None:
    with pytest.raises(InputError):
        check_words(b"one", language=language)
