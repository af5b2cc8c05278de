"""The names of one language as they are gathered, and what wins where they meet."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from worker.errors import ConfigError
from worker.stages.classify.regions.fold import fold
from worker.stages.classify.regions.gazetteer import (
    ADMIN,
    ANY_CASE,
    CAPITAL,
    CITY,
    COUNTRY,
    DEMONYM,
    INSTITUTION,
    REGION,
    STOP,
    Place,
)
from worker.stages.classify.regions.m49 import COUNTRIES, REGIONS


class Lexicon:
    """Name → what it may denote, and how it must be written."""

    def __init__(self, language: str, *, fold_accents: bool) -> None:
        self.language = language
        self.places: defaultdict[str, dict[Place, None]] = defaultdict(dict)
        self.flags: defaultdict[str, int] = defaultdict(int)
        self._fold_accents = fold_accents

    def add(self, name: str, place: Place, flags: int = 0, *, plain: bool = True) -> None:
        """Let `name`, and in Latin script its form without accents, denote `place`."""
        known = COUNTRIES if place.kind not in (REGION, STOP) else {*REGIONS, ""}
        if place.country not in known:
            raise ConfigError(f"{name!r}: unknown region code {place.country!r}")
        forms = {name}
        if self._fold_accents and plain:
            forms.add(unaccented(name))
        for form in forms:
            key = fold(form).lstrip()  # a name is looked for from its first letter on: "'Ajlun"
            if key:
                self.places[key][place] = None
                self.flags[key] |= flags

    def settle(self) -> None:
        """Let a stop phrase silence its name, and a country's own name its towns of the same name."""
        for places in self.places.values():
            if any(p.kind == STOP for p in places):
                _keep(places, [p for p in places if p.kind == STOP][:1])
                continue
            national = {p.country for p in places if p.kind in (COUNTRY, DEMONYM, CAPITAL, INSTITUTION)}
            towns = (CITY, ADMIN)
            _keep(places, [p for p in places if not (p.kind in towns and p.country in national)])
            for country in {p.country for p in places}:
                same = [p for p in places if p.country == country]
                for kind in (COUNTRY, DEMONYM, CAPITAL):
                    if any(p.kind == kind for p in same):
                        _keep(places, [p for p in places if p.country != country or p.kind == kind])
                        break

    def drop(self, name: str) -> None:
        """Forget `name`: in this language the word is common and the place is rare."""
        for form in (name, unaccented(name)):
            self.places.pop(fold(form), None)

    def is_country(self, name: str) -> bool:
        return any(p.kind in (COUNTRY, DEMONYM) for p in self.places.get(fold(name), ()))

    def any_case(self, key: str) -> bool:
        return bool(self.flags[key] & ANY_CASE)


def _keep(places: dict[Place, None], kept: Iterable[Place]) -> None:
    wanted = list(kept)
    places.clear()
    places.update(dict.fromkeys(wanted))


def unaccented(name: str) -> str:
    """`name` without accents, and with ł, ø, ı and ß as people type them."""
    plain = unicodedata.normalize("NFKD", name.translate(_TYPED))
    return "".join(c for c in plain if not unicodedata.combining(c))


_TYPED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i", "ß": "ss", "đ": "d", "Đ": "D", "æ": "ae"})
