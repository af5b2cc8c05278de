"""A tsvector in the binary form that the server stores: each word once, with its places.

Made from 530 words it costs the server a third of the cast of their text, where each place is a word to be parsed,
sorted and joined again; `to_tsvector` costs twice as much as that cast.
Source: PostgreSQL, src/backend/utils/adt/tsvector.c, `tsvectorrecv`: the number of words; for each the word and a zero
byte, the number of its places (at most 255 are kept, each later than the one before) and the places, two bytes each,
with the weight in the upper two bits.
"""

from __future__ import annotations

from collections.abc import ItemsView

from worker.query import words

HEADLINE_CHARS, BODY_CHARS = 1000, 100_000  # that can be searched; a tsvector holds 1 MB
LAST_PLACE = 16_383  # a tsvector knows no higher
MOST_PLACES = 255
_A = 0xC000  # the weight of the headline


def _bytes(place: int) -> str:
    return chr(place >> 8) + chr(place & 255)


# Bytes as the characters of the same number: to join characters is what Python does fastest.
_PLACES = [_bytes(place) for place in range(1, LAST_PLACE + 1)]
_TOP = [_bytes(place | _A) for place in range(1, HEADLINE_CHARS + 1)]


def vector(headline: str, body: str) -> bytes:
    """The words of headline (of weight A) and body with their places.

    >>> vector("Oil", "oil").hex(" ")
    '00 00 00 01 6f 69 6c 00 00 02 c0 01 00 02'
    """
    top, found = words(headline[:HEADLINE_CHARS]), words(body[:BODY_CHARS])
    places: dict[str, str] = {}
    for word, place in zip(top, _TOP, strict=False):
        places[word] = places.get(word, "") + place
    for word, place in zip(found, _PLACES[len(top) : len(top) + len(found)], strict=False):
        places[word] = places.get(word, "") + place
    for word in dict.fromkeys(found[LAST_PLACE - len(top) :]):
        if not places.get(word, "").endswith(_PLACES[-1]):
            places[word] = places.get(word, "") + _PLACES[-1]
    if not all(map(str.isascii, places)):
        places = {word.encode().decode("latin-1"): known for word, known in places.items()}
    told = "".join([f"{word}\0\0{chr(len(known) // 2)}{known}" for word, known in _at_most(places)])
    return len(places).to_bytes(4) + told.encode("latin-1")


def _at_most(places: dict[str, str]) -> ItemsView[str, str]:
    """The words with as many places as one may have."""
    if max(map(len, places.values()), default=0) > 2 * MOST_PLACES:
        places = {word: known[: 2 * MOST_PLACES] for word, known in places.items()}
    return places.items()
