"""The gazetteer: which names may denote which places, one table a language, made ready when first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from worker.rules import RegionRules
from worker.stages.artefact import Artefact
from worker.stages.classify.regions.fold import fold

# What a name is. The order is that of `KINDS` and of the artefact.
STOP, COUNTRY, DEMONYM, CAPITAL, ADMIN, CITY, INSTITUTION, CURRENCY, LEADER, REGION, HINT = range(11)
KINDS = (
    "stop",
    "country",
    "demonym",
    "capital",
    "admin1",
    "city",
    "institution",
    "currency",
    "leader",
    "region",
    "hint",
)

# How a name must stand in the text to count.
ANY_CASE = 1  # also with a small first letter
ALL_CAPS = 2  # only in capitals, and not where everything is: US, UAE
AFTER_COMMA = 4  # only after a comma: Ala., TX
JOINT = 8  # all its places are meant: Korean War
FIRST_NAME = 16  # also a person's first name
LAST_NAME = 32  # also a person's last name
EVERYDAY = 64  # also an everyday word: nothing where everything is in capitals
OWN = 128  # the owner's: needs no support


class Place(NamedTuple):
    """What a name may denote. `admin` is ISO 3166-2 or empty, `population` 0 where it says nothing."""

    kind: int
    country: str  # ISO 3166-1 alpha-2, or the three digits of a UN M49 region; empty for a stop phrase
    admin: str
    population: int
    since: int  # first year it holds for; 0 = always


class Entry(NamedTuple):
    places: tuple[Place, ...]
    flags: int
    words: int


class Table:
    """The names of one language: an automaton over the folded names, and what each may denote."""

    def __init__(self, gazetteer: Gazetteer, language: str, extra: Iterable[tuple[str, Entry]] = ()) -> None:
        facts = gazetteer.meta["languages"][language]
        self.language = language
        self.writing: str = facts["writing"]
        self.cased: bool = facts["cased"]
        self._gazetteer = gazetteer
        arrays = gazetteer.arrays
        self._first = arrays[f"{language}.first"]
        self._refs = arrays[f"{language}.refs"]
        self._flags = arrays[f"{language}.flags"]
        self._cache: dict[int, Entry] = {}
        keys = arrays[f"{language}.keys"].tobytes().decode().split("\n")
        margin = "" if self.writing == "solid" else " "  # a name begins a word: half of all false hits never happen
        patterns = [margin + key for key in keys]
        own = {margin + key: entry for key, entry in extra}
        if own:
            self._cache = {n: own.pop(key) for n, key in enumerate(patterns) if key in own}
            self._cache.update(enumerate(own.values(), start=len(patterns)))
            patterns += own
        self.margin = len(margin)
        self.find = AhoCorasick(
            patterns,
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.ContiguousNFA,
            store_patterns=False,
        ).find_matches_as_indexes

    def entry(self, key: int) -> Entry:
        """What the name numbered `key` may denote."""
        found = self._cache.get(key)
        if found is None:
            refs = self._refs[self._first[key] : self._first[key + 1]]
            packed = int(self._flags[key])
            found = Entry(tuple(self._gazetteer.place(int(ref)) for ref in refs), packed & 255, packed >> 8)
            self._cache[key] = found
        return found


class Gazetteer:
    """All tables. Load it once before the fork and `warm` the languages you expect: children then share them."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any], version: str) -> None:
        self.arrays = arrays
        self.meta = meta
        self.version = version
        self.names: Mapping[str, str] = meta["names"]  # code → English name
        self.first_names = frozenset(meta["first_names"].split())
        self.last_names = frozenset(meta["last_names"].split())
        self._codes: list[str] = meta["codes"]
        self._tables: dict[str, Table] = {}
        self._owned: dict[str, tuple[RegionRules, Table]] = {}
        self._places: dict[int, Place] = {}

    @classmethod
    def from_artefact(cls, artefact: Artefact) -> Gazetteer:
        """The gazetteer of the artefact `regions`."""
        return cls(artefact.arrays, artefact.meta, artefact.version)

    @property
    def languages(self) -> list[str]:
        return sorted(self.meta["languages"])

    def warm(self, *languages: str) -> None:
        """Make tables ready now rather than with the first article."""
        for language in languages:
            self.table(language)

    def place(self, ref: int) -> Place:
        """The place numbered `ref`."""
        found = self._places.get(ref)
        if found is None:
            kind, country, admin, population, since = (int(n) for n in self.arrays["places"][ref])
            found = Place(kind, self._codes[country], self._codes[admin], population, since)
            self._places[ref] = found
        return found

    def table(self, language: str, rules: RegionRules | None = None) -> Table:
        """The table for a BCP 47 `language` with the owner's names in it; English where the language is not known."""
        base = language.partition("-")[0].lower()
        if base not in self.meta["languages"]:
            base = self.meta["same_as"].get(base, "en")
        if rules is not None and (rules.names or rules.ignore):
            held = self._owned.get(base)
            if held is None or held[0] is not rules:
                held = self._owned[base] = (rules, Table(self, base, owned(rules)))
            return held[1]
        found = self._tables.get(base)
        if found is None:
            found = self._tables[base] = Table(self, base)
        return found


def owned(rules: RegionRules) -> Iterable[tuple[str, Entry]]:
    """The owner's names and ignored phrases as entries; they replace what the gazetteer says of the same name."""
    for name, code in rules.names.items():
        key = fold(name)
        yield key, Entry((owned_place(code),), OWN | (0 if name[:1].isupper() else ANY_CASE), len(key.split()))
    for phrase in rules.ignore:
        key = fold(phrase)
        yield key, Entry((Place(STOP, "", "", 0, 0),), ANY_CASE, len(key.split()))


def owned_place(code: str) -> Place:
    """The place an owner's code names: a country, a subdivision or a world region."""
    if code.startswith("m49:"):
        return Place(REGION, code[4:], "", 0, 0)
    if "-" in code:
        return Place(ADMIN, code[:2], code, 5_000_000, 0)
    return Place(COUNTRY, code, "", 0, 0)
