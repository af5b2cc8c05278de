"""What the sources tell of places in English: states and provinces, their short forms, cities."""

from __future__ import annotations

import re
from typing import Any

from worker.artefacts.build_regions import sources
from worker.artefacts.build_regions.lexicon import Lexicon, unaccented
from worker.stages.classify.regions.gazetteer import ADMIN, AFTER_COMMA, CITY, Place
from worker.stages.classify.regions.m49 import COUNTRIES

# Small towns are kept where a press in English writes of them; alone they are weak evidence at best.
LOCAL_PRESS, HAMLET = frozenset({"US", "GB", "CA", "AU", "NZ", "IE"}), 5_000  # countries; people
SAINTS = 50_000  # people; smaller towns are not found as "St." where they are written "Saint", or the other way round
STATE_PEOPLE, PROVINCE_PEOPLE = 5_000_000, 300_000  # nominal population of a US state and of any other admin-1
_ON_A_RIVER = re.compile(r"(\w{5,})[ -](?:upon|on|am|an der|under)[ -]")  # Newcastle upon Tyne, Frankfurt am Main
_SAINT = re.compile(r"(?:Saint|St\.?) ")
_DIRECTIONS = re.compile(r"(north|south|east|west|northern|southern|eastern|western|central|upper|lower|new)\b", re.I)


def provinces(lexicon: Lexicon, never: frozenset[str], generic: frozenset[str]) -> None:
    for code, name in sources.subdivisions().items():
        country = code[:2]
        if country not in COUNTRIES or name.lower() in generic:
            continue
        if country == "US":
            if code in ("US-GU", "US-PR", "US-VI", "US-AS", "US-MP", "US-UM", "US-DC"):
                continue
            lexicon.add(name, Place(ADMIN, "US", code, STATE_PEOPLE, 0))
            continue
        known_of = country in ("CA", "AU", "GB", "IN", "DE", "CN", "MX", "BR")
        if not known_of and (len(name) < 5 or _DIRECTIONS.match(name)):
            continue
        if " " not in name and name.lower() in never:
            continue
        people = (
            STATE_PEOPLE
            if country in ("CA", "AU") or code in ("GB-SCT", "GB-WLS", "GB-ENG", "GB-NIR")
            else PROVINCE_PEOPLE
        )
        lexicon.add(name, Place(ADMIN, country, code, people, 0))


def abbreviations(lexicon: Lexicon, own: dict[str, Any]) -> None:
    for code, listed in own["abbreviations"].items():
        place = Place(ADMIN, code[:2], code, STATE_PEOPLE, 0)
        for form in (*sources.forms(listed), code[3:]):
            lexicon.add(form, place, AFTER_COMMA)


def cities(lexicon: Lexicon, least: int, never: frozenset[str]) -> None:
    mains = {city.name for city in sources.cities()}
    for city in sources.cities():
        if city.population < (HAMLET if city.country in LOCAL_PRESS else least) or city.country not in COUNTRIES:
            continue
        place = Place(CITY, city.country, city.admin, city.population, 0)
        names = {city.name}
        if city.population > 500_000:  # no other name that is some town's own: Aleppo was Berea once
            names |= {
                n
                for n in city.others
                if len(n) >= 5 and n.isascii() and n.istitle() and n.replace(" ", "").isalpha() and n not in mains
            }
        if short := _ON_A_RIVER.match(city.name):
            names.add(short[1])
        saint = _SAINT.match(city.name)
        if saint and city.population > SAINTS:
            names |= {title + city.name[saint.end() :] for title in ("Saint ", "St. ", "St ")}
        for name in names:
            low = name.lower()
            if len(name) < 4 or low in never:
                continue
            lexicon.add(name, place, plain=unaccented(low) not in never)  # "Bānk"
