"""Six words that two people read to each other, so that both know they have the same authority."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources

from django.utils.translation import gettext as _

from cableroom.errors import InputError

WORDS = 6
LIST_LENGTH = 2048
_BITS_A_WORD = 11
_SALT = b"cableroom/card/1"
_N, _R, _P = 2**15, 8, 1


def check_words(public_key_info: bytes, *, language: str = "en") -> tuple[str, ...]:
    """The six check words of an authority's SubjectPublicKeyInfo (DER).

    The first 66 bits of scrypt(SHA-256(key), N = 2^15, r = 8, p = 1), 11 bits a word, the
    first bit the most significant: somebody who wants a key with the same words must try
    2^65 keys on average, each at the price of one scrypt.
    """
    words = word_list(language)
    key = hashlib.sha256(public_key_info).digest()
    derived = hashlib.scrypt(key, salt=_SALT, n=_N, r=_R, p=_P, maxmem=64 * 2**20, dklen=32)
    bits = int.from_bytes(derived, "big") >> (256 - WORDS * _BITS_A_WORD)
    places = [bits >> (_BITS_A_WORD * (WORDS - 1 - n)) & (LIST_LENGTH - 1) for n in range(WORDS)]
    return tuple(words[place] for place in places)


def read_words(typed: str, *, language: str = "en") -> tuple[str, ...]:
    """The six words that somebody typed, in any case, parted by blanks, commas or hyphens.

    Raises `InputError` for another number of words, or a word that is not in the list.
    """
    words = tuple(typed.lower().replace(",", " ").replace("-", " ").split())
    if len(words) != WORDS:
        raise InputError(
            _("These are %(count)s words; there are six.") % {"count": len(words)}, code="check-words"
        )
    unknown = [word for word in words if word not in word_list(language)]
    if unknown:
        raise InputError(
            _("No check word reads %(words)s.") % {"words": ", ".join(unknown)},
            do=_("Have it spelled again."),
            code="check-words",
        )
    return words


@lru_cache(maxsize=8)
def word_list(language: str) -> tuple[str, ...]:
    """The 2,048 words of a language, by index. Raises `InputError` for a language that has none."""
    file = resources.files(__name__) / f"{language}.txt"
    if not (language.isalpha() and file.is_file()):
        raise InputError(
            f"There is no list of check words in {language!r}.", do="Use en.", code="check-words"
        )
    return tuple(file.read_text("utf-8").split())
