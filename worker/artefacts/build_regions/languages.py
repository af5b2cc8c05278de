"""The languages of the gazetteer and how each writes place names."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Language(NamedTuple):
    """How a language writes. `spaced`: words stand between spaces; `glued`: particles follow a name without one;
    `solid`: no spaces at all."""

    script: Literal["latin", "cyrillic", "arabic", "han", "kana", "hangul", "devanagari", "greek", "hebrew", "thai"]
    writing: Literal["spaced", "glued", "solid"] = "spaced"
    cased: bool = True
    small_demonyms: bool = True  # adjectives of place begin with a small letter
    min_city: int = 100_000  # people; smaller cities are left out


LANGUAGES: dict[str, Language] = {
    "en": Language("latin", small_demonyms=False, min_city=15_000),
    "es": Language("latin"),
    "pt": Language("latin"),
    "fr": Language("latin"),
    "de": Language("latin"),
    "it": Language("latin"),
    "nl": Language("latin", small_demonyms=False),
    "pl": Language("latin"),
    "cs": Language("latin"),
    "sk": Language("latin"),
    "sl": Language("latin"),
    "hr": Language("latin"),
    "tr": Language("latin", small_demonyms=False),
    "id": Language("latin", small_demonyms=False),
    "ms": Language("latin", small_demonyms=False),
    "ca": Language("latin"),
    "ro": Language("latin"),
    "hu": Language("latin"),
    "sv": Language("latin"),
    "da": Language("latin"),
    "no": Language("latin"),
    "fi": Language("latin"),
    "vi": Language("latin", small_demonyms=False),
    "ru": Language("cyrillic"),
    "uk": Language("cyrillic"),
    "bg": Language("cyrillic"),
    "sr": Language("cyrillic"),
    "el": Language("greek"),
    "he": Language("hebrew", cased=False),
    "ar": Language("arabic", cased=False),
    "fa": Language("arabic", cased=False),
    "zh": Language("han", writing="solid", cased=False),
    "ja": Language("kana", writing="solid", cased=False),
    "ko": Language("hangul", writing="glued", cased=False),
    "hi": Language("devanagari", cased=False),
    "th": Language("thai", writing="solid", cased=False),
}
