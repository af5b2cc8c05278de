"""One language's lexicon, gathered from the sources and our own files."""

from __future__ import annotations

import functools
import re
from typing import Any

from worker.artefacts.build_regions import sources
from worker.artefacts.build_regions.endings import RULES
from worker.artefacts.build_regions.english import STATE_PEOPLE, abbreviations, cities, provinces
from worker.artefacts.build_regions.inflect import demonym_forms, name_forms
from worker.artefacts.build_regions.languages import LANGUAGES
from worker.artefacts.build_regions.lexicon import Lexicon, unaccented
from worker.stages.classify.regions.gazetteer import (
    ADMIN,
    ALL_CAPS,
    ANY_CASE,
    CAPITAL,
    CITY,
    COUNTRY,
    COUNTY,
    CURRENCY,
    DEMONYM,
    EVERYDAY,
    FIRST_NAME,
    INSTITUTION,
    JOINT,
    LAST_NAME,
    LEADER,
    REGION,
    STOP,
    Place,
)
from worker.stages.classify.regions.m49 import COUNTRIES

SHORTEST_FORM = 4  # letters; shorter forms than the listed one meet other words
BIG_CITY = 500_000  # people; smaller cities keep their own name in other languages
# Brussels mostly means the European Union: by the people of the municipality it needs support by another name.
SEATS = {"BE": 190_000}
UNWANTED_TERRITORIES = frozenset({"AC", "CP", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
_LATIN = re.compile(r"[^\W\d_]+")


def gather(language: str) -> Lexicon:
    """Everything `language` calls a place, settled."""
    facts = LANGUAGES[language]
    own = sources.curated(language)
    silent = own.get("silent", {}).get("words", "")
    lexicon = Lexicon(language, fold_accents=facts.script == "latin")
    _countries(lexicon, language, own)
    _listed(lexicon, own, small=facts.small_demonyms)
    if language == "en":
        _capitals(lexicon)
        never = sources.words("everyday") | set(own["never"]["words"].split())
        # What the world calls an institution is no foreign city's other name: "White House" is Casablanca's.
        never |= {
            name.lower() for listed in own["institutions"].values() for name in sources.forms(listed) if " " in name
        }
        provinces(lexicon, never, frozenset(own["never"]["provinces"].split()))
        abbreviations(lexicon, own)
        for name, state in sources.counties():
            lexicon.add(name, Place(COUNTY, "US", state, 0, 0))
        cities(lexicon, facts.min_city, never)
    else:
        _exonyms(lexicon, language)
        _capitals_abroad(lexicon, language)
        _cities_abroad(lexicon, language)
        _provinces_abroad(lexicon, language)
    lexicon.settle()
    for word in sources.forms(silent):
        lexicon.drop(word)
    _mark(lexicon)
    return lexicon


def _countries(lexicon: Lexicon, language: str, own: dict[str, Any]) -> None:
    tables = [sources.territories(locale) for locale in sources.LOCALES.get(language, (language,))]
    others = frozenset(name for table in tables for name in table.values())
    for code, name in [named for table in tables for named in table.items()]:
        if code in UNWANTED_TERRITORIES or code not in COUNTRIES:
            continue
        for form in _spellings(name, others):
            _country(lexicon, form, code)
    for code, listed in own.get("countries", {}).items():
        for form in sources.forms(listed):
            _country(lexicon, form, code)


def _country(lexicon: Lexicon, form: str, code: str) -> None:
    short = len(form.replace(".", "").replace(" ", "")) <= 4 and form.isupper()
    place = Place(COUNTRY, code, "", 0, 0)
    flags = ALL_CAPS if short and form.isascii() else ANY_CASE if form[0].islower() else 0
    for written in name_forms(lexicon.language, form):
        lexicon.add(written, place, flags)


def _spellings(name: str, others: frozenset[str]) -> list[str]:
    """`Myanmar (Burma)` → both names; `Hong Kong SAR China` → Hong Kong; `Bosnia & Herzegovina` → with "and".

    What stands in brackets is another name of the place, unless it is the name of another country: Macau (China).
    """
    name = re.sub(r" SAR .*", "", name)
    outside, inside = re.sub(r"\s*\(.*\)", "", name), re.findall(r"\((.*?)\)", name)
    found = [outside, *(part for part in inside if part.isalpha() and len(part) > 3 and part not in others)]
    return [form for part in found for form in {part, part.replace("&", "and"), part.replace("St.", "Saint")}]


def _listed(lexicon: Lexicon, own: dict[str, Any], *, small: bool) -> None:
    for code, listed in own.get("demonyms", {}).items():
        for form in sources.forms(listed):
            flags = ANY_CASE if small and form.lstrip("=")[:1].islower() else 0
            for adjective in demonym_forms(lexicon.language, form):
                if adjective != form and len(adjective) < SHORTEST_FORM:
                    continue
                variants = name_forms("ar", adjective) if lexicon.language == "ar" else [adjective]
                for one in variants:
                    lexicon.add(one, Place(DEMONYM, code, "", 0, 0), flags)
    simple = (
        ("institutions", INSTITUTION, 0),
        ("currencies", CURRENCY, ANY_CASE),
        ("regions", REGION, 0),
    )
    for section, kind, flags in simple:
        for code, listed in own.get(section, {}).items():
            for form in sources.forms(listed):
                caps = ALL_CAPS if form.isupper() and len(form) <= 4 else 0
                lexicon.add(form, Place(kind, code, "", 0, 0), flags | caps)
    for code, listed in own.get("areas", {}).items():
        for form in sources.forms(listed):
            for written in name_forms(lexicon.language, form):
                lexicon.add(written, Place(ADMIN, code, "", STATE_PEOPLE, 0))
    for code, listed in own.get("capitals", {}).items():
        for form in sources.forms(listed):
            for written in name_forms(lexicon.language, form):
                lexicon.add(written, _capital(code, form))
    for name, codes in own.get("joint", {}).items():
        for code in codes.split():
            lexicon.add(name, Place(COUNTRY if len(codes) > 2 else DEMONYM, code, "", 0, 0), JOINT)
    for name, value in own.get("leaders", {}).items():
        code, since = value.split()
        lexicon.add(name, Place(LEADER, code, "", 0, int(since)))
    for phrase in sources.forms(own.get("stop", {}).get("phrases", "")):
        lexicon.add(phrase, Place(STOP, "", "", 0, 0), ANY_CASE if phrase[:1].islower() else 0)


@functools.cache
def _capital(code: str, name: str) -> Place:
    city = sources.city_called(name, code)
    seat = sources.city_called(sources.capitals().get(code, ""), code)
    if seat is not None and not name.isascii() and (city is None or city.population < seat.population):
        city = seat  # "واشنطن" is also a town in Utah
    people = city.population if city else BIG_CITY
    if code in SEATS:
        people = min(people, SEATS[code])
    return Place(CAPITAL, code, city.admin if city else "", people, 0)


def _capitals(lexicon: Lexicon) -> None:
    for code, name in sources.capitals().items():
        if code in COUNTRIES:
            lexicon.add(name, _capital(code, name))


def _capitals_abroad(lexicon: Lexicon, language: str) -> None:
    """Capitals under every name in the letters of the language: the sources tell names, not whose they are.

    Where names are inflected only their English and listed names are taken, for a stranger's name has no cases.
    """
    facts = LANGUAGES[language]
    letters = sources.ALPHABETS.get(language)
    inflected = language in RULES
    for code, english in capital_names():
        city = sources.city_called(english, code)
        names = {english} if facts.script == "latin" else set()
        if city is not None and letters is not None and not inflected:
            names |= {name for name in city.others if letters.fullmatch(name) and len(name) > 1}
        elif city is not None and facts.script == "latin" and not inflected:
            names |= {name for name in city.others if len(name) > 4 and name.istitle() and _LATIN.fullmatch(name)}
        for name in names:
            for form in name_forms(language, name):
                if not lexicon.is_country(form):
                    lexicon.add(form, _capital(code, english))


@functools.cache
def capital_names() -> tuple[tuple[str, str], ...]:
    """(Country, English name) of every capital and of the cities named as such."""
    listed = [
        (code, name) for code, names in sources.curated("en")["capitals"].items() for name in sources.forms(names)
    ]
    known = [(code, name) for code, name in sources.capitals().items() if code in COUNTRIES]
    return tuple(dict.fromkeys((*known, *listed)))


def _provinces_abroad(lexicon: Lexicon, language: str) -> None:
    """The states and provinces that `data/provinces.toml` names in a language, in all its cases."""
    named = sources.curated("provinces")
    shared = named["latin"] if LANGUAGES[language].script == "latin" else {}
    for code, listed in (*shared.items(), *named.get(language, {}).items()):
        place = Place(ADMIN, code[:2], code if "-" in code else "", STATE_PEOPLE, 0)
        for name in sources.forms(listed):
            for form in name_forms(language, name):
                if not lexicon.is_country(form):
                    lexicon.add(form, place)


def _exonyms(lexicon: Lexicon, language: str) -> None:
    """What a language calls the capitals and great cities of the world."""
    capitals = sources.capitals()
    for english, code, name in sources.exonyms(language):
        city = sources.city_called(english, code)
        capital = capitals.get(code, "").partition(",")[0] == english
        if code not in COUNTRIES or (not capital and (city is None or city.population < BIG_CITY)):
            continue
        if capital:
            place = _capital(code, english)
        else:
            place = Place(CITY, code, city.admin if city else "", city.population if city else BIG_CITY, 0)
        for form in name_forms(language, name):
            lexicon.add(form, place)


def _cities_abroad(lexicon: Lexicon, language: str) -> None:
    """Cities under their own name in languages of their script, under listed other names in other scripts."""
    facts = LANGUAGES[language]
    letters = sources.ALPHABETS.get(language)
    shortest = 2 if facts.writing == "solid" else 5
    for city in sources.cities():
        if city.population < facts.min_city or city.country not in COUNTRIES:
            continue
        if letters is None:
            names = {city.name} if facts.script == "latin" else set()
        else:
            names = {name for name in city.others if letters.fullmatch(name)}
        place = Place(CITY, city.country, city.admin, city.population, 0)
        for name in names:
            if len(name) < shortest and not (city.population > 1_000_000 and len(name) > 3):
                continue
            for form in name_forms(language, name):
                if len(form) >= min(shortest, len(name)) and not lexicon.is_country(form):
                    lexicon.add(form, place)


def _mark(lexicon: Lexicon) -> None:
    """Note which single words are also people's names or everyday words."""
    everyday, first, last = (sources.words(name) for name in ("everyday", "first_names", "last_names"))
    for key in lexicon.places:
        plain = unaccented(key)
        if plain in everyday:
            lexicon.flags[key] |= EVERYDAY
        if plain in first:
            lexicon.flags[key] |= FIRST_NAME
        if plain in last:
            lexicon.flags[key] |= LAST_NAME
