"""The gazetteer: which names may denote which places, one table a language, made ready when first asked for."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from worker.rules import RegionRules
from worker.stages.artefact import Artefact
from worker.stages.classify.regions.fold import fold
from worker.stages.classify.regions.m49 import m49_code
from worker.stages.classify.regions.names import Names

# What a name is. The order is that of `KINDS` and of the artefact.
STOP, COUNTRY, DEMONYM, CAPITAL, ADMIN, CITY, INSTITUTION, CURRENCY, LEADER, REGION, COUNTY = range(11)
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
    "county",
)

SPEAK_FOR_THEMSELVES = frozenset({CURRENCY, REGION, LEADER, INSTITUTION, COUNTY})

# How a name must stand in the text to count.
ANY_CASE = 1  # also with a small first letter
ALL_CAPS = 2  # only in capitals, and not where everything is: US, UAE
AFTER_COMMA = 4  # only after a comma: Ala., TX
JOINT = 8  # all its places are meant: Korean War
FIRST_NAME = 16  # also a person's first name
LAST_NAME = 32  # also a person's last name
EVERYDAY = 64  # also an everyday word: nothing where everything is in capitals
OWN = 128  # the owner's: needs no support
PERSONAL = FIRST_NAME | LAST_NAME


class Place(NamedTuple):
    """What a name may denote. `admin` is ISO 3166-2 or empty, `population` 0 where it says nothing."""

    kind: int
    country: str  # ISO 3166-1 alpha-2, or the three digits of a UN M49 region; empty for a stop phrase
    admin: str
    population: int
    since: int  # first year it holds for; 0 = always


HAMLET = 15_000  # people
MOST_MET = 10_000  # entries kept by a process; 6,072 articles in seven languages meet 6,300


def is_hamlet(place: Place) -> bool:
    """Whether a town is so small that its name alone says nothing."""
    return place.kind == CITY and place.population < HAMLET


class Entry:
    """What a name may denote, with what is asked at each mention of it worked out once."""

    __slots__ = ("admin", "clear", "country", "flags", "kind", "large", "manner", "places", "states", "sure")

    def __init__(self, places: tuple[Place, ...], flags: int) -> None:
        self.places = places
        self.flags = flags
        self.kind = places[0].kind  # the likeliest
        self.manner = any(place.kind == DEMONYM for place in places)  # may be an adjective
        # A place whatever stands beside it.
        self.clear = bool(flags & OWN) or (self.kind in SPEAK_FOR_THEMSELVES and not flags & PERSONAL)
        hamlets = any(map(is_hamlet, places))
        self.large = tuple(place for place in places if not is_hamlet(place)) if hamlets else places
        admins = {place.admin for place in places}
        self.admin = admins.pop() if len(admins) == 1 else ""  # of all its places, when it is one
        countries = {place.country for place in self.large}
        self.country = countries.pop() if len(countries) == 1 else ""  # of all its places but hamlets, when it is one
        self.sure = self.large[0] if len(self.large) == len(places) == 1 else None  # the one place it can be
        self.states = _set_of(tuple({place.admin: None for place in self.large if place.admin}))  # where its places lie


@functools.lru_cache(maxsize=1024)
def _set_of(admins: tuple[str, ...]) -> frozenset[str]:
    """One set for all entries that lie in the same states."""
    return frozenset(admins)


Find = Callable[[str], list[tuple[int, int, int]]]  # a text → number, start and end of each name in it


def _finder(names: list[str]) -> Find:
    found: Find = AhoCorasick(
        names,
        matchkind=MatchKind.LeftmostLongest,
        implementation=Implementation.ContiguousNFA,
        store_patterns=False,
    ).find_matches_as_indexes
    return found


class Table:
    """The names of one language, found as the language writes them, and what each may denote.

    Where words stand between blanks, all names of a text are looked up in flat arrays; else an automaton finds them.
    `extra` are the owner's names: key, entry, and whether it replaces what the gazetteer says of the name.
    """

    def __init__(self, gazetteer: Gazetteer, language: str, extra: Iterable[tuple[str, Entry, bool]] = ()) -> None:
        facts = gazetteer.meta["languages"][language]
        self.language = language
        self.writing: str = facts["writing"]
        self.cased: bool = facts["cased"]
        self.margin = 1 if self.writing == "glued" else 0  # a Korean name begins a word, a Chinese one anywhere
        self._gazetteer = gazetteer
        self._owned: dict[int, Entry] = {}
        self._flags, self._first, self._refs, keys = gazetteer.listed(language)
        more = self._owner_adds(extra, keys)
        self.entries = dict(self._owned)  # those met so far
        if self.writing == "spaced":
            any_case = np.append(np.frombuffer(self._flags, np.uint8) & ANY_CASE > 0, np.ones(len(more), bool))
            any_case[list(self._owned)] = True
            self.find_words = Names("\n".join([keys, *more]), any_case).find
        else:
            self.find = _finder([" " * self.margin + name for name in [*keys.split("\n"), *more]])

    def _owner_adds(self, extra: Iterable[tuple[str, Entry, bool]], keys: str) -> list[str]:
        """Note the owner's entries; returns the names that the gazetteer lacks, numbered behind its own."""
        numbers: dict[str, int] = {}
        for key, entry, replaces in extra:
            numbers = numbers or {name: number for number, name in enumerate(keys.split("\n"))}
            if replaces or key not in numbers:
                self._owned[numbers.setdefault(key, len(numbers))] = entry
        return list(numbers)[len(self._flags) :]

    def entry(self, key: int) -> Entry:
        """What the name numbered `key` may denote."""
        found = self.entries.get(key)
        if found is None:
            refs = self._refs[self._first[key] : self._first[key + 1]]
            found = self.entries[key] = self._gazetteer.entry(refs.tolist(), self._flags[key])
        return found

    def forget(self) -> None:
        """Let go of the entries met, but the owner's."""
        self.entries.clear()
        self.entries.update(self._owned)


class Gazetteer:
    """All tables. Load it once before the fork and `warm` the languages you expect: children then share them."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any], version: str) -> None:
        self.arrays = arrays
        self.meta = meta
        self.version = version
        self.names: Mapping[str, str] = meta["names"]  # code → English name
        self.first_names = frozenset(meta["first_names"].split())
        self.last_names = frozenset(meta["last_names"].split())
        self.everyday = frozenset(meta["everyday"].split())  # everyday words of English
        self._codes: list[str] = meta["codes"]
        self._tables: dict[str, Table] = {}
        self._owned: dict[str, tuple[RegionRules, Table]] = {}
        self._places: dict[int, Place] = {}
        self._met = 0

    @classmethod
    def from_artefact(cls, artefact: Artefact) -> Gazetteer:
        """The gazetteer of the artefact `regions`."""
        return cls(artefact.arrays, artefact.meta, artefact.version)

    @property
    def languages(self) -> list[str]:
        return sorted(self.meta["languages"])

    def warm(self, *languages: str, rules: RegionRules | None = None) -> None:
        """Make tables ready now rather than with the first article: those of `languages`, of all when none is named."""
        for language in languages or self.languages:
            self.table(language, rules)

    def entry(self, refs: Sequence[int], flags: int) -> Entry:
        """What a name with these places and flags may denote. What is kept of entries stays within `MOST_MET`."""
        if self._met >= MOST_MET:
            for table in (*self._tables.values(), *(table for _, table in self._owned.values())):
                table.forget()
            self._places.clear()
            self._met = 0
        self._met += 1
        return Entry(tuple(map(self.place, refs)), flags)

    def listed(self, language: str) -> tuple[bytes, npt.NDArray[Any], npt.NDArray[Any], str]:
        """Of the names of a language: flags, where their places begin in the next, the numbers of the places, and the
        names themselves, one a line.
        """
        facts = self.meta["languages"][language]
        packed = zlib.decompress(self.arrays[language].tobytes())
        count, padding = facts["names"], facts["padding"]
        first = np.zeros(count + 1, np.uint32)
        np.cumsum(np.frombuffer(packed, np.uint8, count, count), out=first[1:])
        refs = np.frombuffer(packed, np.uint32, int(first[-1]), 2 * count + padding)
        return packed[:count], first, refs.copy(), packed[2 * count + padding + refs.nbytes :].decode()

    def place(self, ref: int) -> Place:
        """The place numbered `ref`."""
        found = self._places.get(ref)
        if found is None:
            kind, country, admin, population, since = self.arrays["places"][ref].tolist()
            found = Place(kind, self._codes[country], self._codes[admin], population, since)
            self._places[ref] = found
        return found

    def table(self, language: str, rules: RegionRules | None = None) -> Table:
        """The table for a BCP 47 `language` with the owner's names in it; English where the language is not known."""
        base = language.partition("-")[0].lower()
        if base not in self.meta["languages"]:
            base = self.meta["same_as"].get(base, "en")
        if rules is not None and (rules.names or rules.ignore or rules.rules):
            held = self._owned.get(base)
            if held is None or held[0] is not rules:
                held = self._owned[base] = (rules, Table(self, base, owned(rules)))
            return held[1]
        found = self._tables.get(base)
        if found is None:
            found = self._tables[base] = Table(self, base)
        return found


def owned(rules: RegionRules) -> Iterator[tuple[str, Entry, bool]]:
    """The owner's names and ignored phrases as entries, and whether they replace what the gazetteer says of the name.

    The name of a rule does not: it only has to be found.
    """
    for name, code in rules.names.items():
        yield fold(name), Entry((owned_place(code),), OWN | _case(name)), True
    for phrase in rules.ignore:
        yield fold(phrase), Entry((Place(STOP, "", "", 0, 0),), ANY_CASE), True
    for rule in rules.rules:
        if rule.code:
            yield fold(rule.name), Entry((owned_place(rule.code),), OWN | _case(rule.name)), False


def _case(name: str) -> int:
    return 0 if name[:1].isupper() else ANY_CASE


def owned_place(code: str) -> Place:
    """The place an owner's code names: a country, a subdivision or a world region."""
    region = m49_code(code)
    if region is not None:
        return Place(REGION, region, "", 0, 0)
    if "-" in code:
        return Place(ADMIN, code[:2], code, 5_000_000, 0)
    return Place(COUNTRY, code, "", 0, 0)
