"""The UN M49 world regions: which countries they hold, and which codes are known. No gazetteer is needed.

The table follows the UN list (Standard country or area codes, M49). Two codes are not in it and are put by
our own decision: TW to Eastern Asia, XK to Southern Europe, with their neighbours.
"""

from __future__ import annotations

import re
from functools import cache

PREFIX = "m49:"
WORLD = "001"

# code → (name, parent)
REGIONS: dict[str, tuple[str, str]] = {
    "001": ("World", ""),
    "002": ("Africa", "001"),
    "015": ("Northern Africa", "002"),
    "202": ("Sub-Saharan Africa", "002"),
    "011": ("Western Africa", "202"),
    "014": ("Eastern Africa", "202"),
    "017": ("Middle Africa", "202"),
    "018": ("Southern Africa", "202"),
    "019": ("Americas", "001"),
    "003": ("North America", "019"),  # a grouping beside the tree: it shares its members with 419 and 021
    "021": ("Northern America", "019"),
    "419": ("Latin America and the Caribbean", "019"),
    "005": ("South America", "419"),
    "013": ("Central America", "419"),
    "029": ("Caribbean", "419"),
    "142": ("Asia", "001"),
    "030": ("Eastern Asia", "142"),
    "034": ("Southern Asia", "142"),
    "035": ("South-eastern Asia", "142"),
    "143": ("Central Asia", "142"),
    "145": ("Western Asia", "142"),
    "150": ("Europe", "001"),
    "039": ("Southern Europe", "150"),
    "151": ("Eastern Europe", "150"),
    "154": ("Northern Europe", "150"),
    "155": ("Western Europe", "150"),
    "009": ("Oceania", "001"),
    "053": ("Australia and New Zealand", "009"),
    "054": ("Melanesia", "009"),
    "057": ("Micronesia", "009"),
    "061": ("Polynesia", "009"),
    "010": ("Antarctica", "001"),
}

_COUNTRIES = {
    "015": "DZ EG EH LY MA SD TN",
    "011": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
    "014": "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW",
    "017": "AO CD CF CG CM GA GQ ST TD",
    "018": "BW LS NA SZ ZA",
    "021": "BM CA GL PM US",
    "005": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    "013": "BZ CR GT HN MX NI PA SV",
    "029": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
    "030": "CN HK JP KP KR MN MO TW",
    "034": "AF BD BT IN IR LK MV NP PK",
    "035": "BN ID KH LA MM MY PH SG TH TL VN",
    "143": "KG KZ TJ TM UZ",
    "145": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    "039": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
    "151": "BG BY CZ HU MD PL RO RU SK UA",
    "154": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    "155": "AT BE CH DE FR LI LU MC NL",
    "053": "AU CC CX HM NF NZ",
    "054": "FJ NC PG SB VU",
    "057": "FM GU KI MH MP NR PW UM",
    "061": "AS CK NU PF PN TK TO TV WF WS",
    "010": "AQ",
}

SUBREGION: dict[str, str] = {country: code for code, listed in _COUNTRIES.items() for country in listed.split()}
COUNTRIES: frozenset[str] = frozenset(SUBREGION)
_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")


def slug(name: str) -> str:
    """`South America` → `south-america`: how a region is named in `routes.toml`."""
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


BY_SLUG: dict[str, str] = {slug(name): code for code, (name, _) in REGIONS.items()}


@cache
def ancestors(country: str) -> tuple[str, ...]:
    """The M49 regions of a country, smallest first, without the world.

    >>> ancestors("VE")
    ('005', '419', '019')
    """
    chain = []
    code = SUBREGION.get(country, WORLD)
    while code != WORLD:
        chain.append(code)
        code = REGIONS[code][1]
    return tuple(chain)


def _members() -> dict[str, frozenset[str]]:
    members: dict[str, set[str]] = {code: set() for code in REGIONS}
    for country in COUNTRIES:
        for code in (*ancestors(country), WORLD):
            members[code].add(country)
    members["003"] = members["021"] | members["013"] | members["029"]
    return {code: frozenset(countries) for code, countries in members.items()}


_MEMBERS = _members()


def m49_code(code: str) -> str | None:
    """The three digits of `m49:005` or `region:south-america`; None when it is no known world region."""
    kind, _, rest = code.partition(":")
    found = rest if kind == "m49" else BY_SLUG.get(rest) if kind == "region" else None
    return found if found in REGIONS else None


def region_members(code: str) -> frozenset[str]:
    """The countries (ISO 3166-1 alpha-2) that `code` holds; a country or subdivision code holds its own country.

    Empty for a code that is not known.

    >>> sorted(region_members("region:central-asia"))
    ['KG', 'KZ', 'TJ', 'TM', 'UZ']
    """
    digits = m49_code(code)
    if digits is not None:
        return _MEMBERS[digits]
    country = code[:2]
    return frozenset({country}) if is_known(code) else frozenset()


def is_known(code: str) -> bool:
    """Whether `code` is a country (`VE`), a well-formed subdivision of one (`US-FL`) or a world region."""
    if code in COUNTRIES or m49_code(code) is not None:
        return True
    subdivision = _SUBDIVISION.fullmatch(code)
    return subdivision is not None and subdivision[1] in COUNTRIES
