"""What is wrong with the owner's region rules, seen without an article."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from worker.rules import RegionRules
from worker.stages.classify.regions.fold import fold
from worker.stages.classify.regions.m49 import BY_SLUG, COUNTRIES, m49_code

# Codes that people write for others; ISO 3166 reserves or never gave them.
_MEANT = {"UK": "GB", "EN": "GB", "SU": "RU", "YU": "RS", "BU": "MM", "ZR": "CD", "TP": "TL", "KS": "XK", "EL": "GR"}


def problems(rules: RegionRules, names: Mapping[str, str]) -> list[str]:
    """A sentence for each key that cannot be meant; none when all is well. `names`: code → English name."""
    return [*_names(rules, names), *_rules(rules, names), *_boosts(rules, names)]


def _names(rules: RegionRules, names: Mapping[str, str]) -> Iterator[str]:
    ignored = {fold(phrase) for phrase in rules.ignore}
    for name, code in rules.names.items():
        if not fold(name).strip():
            yield f"names: {name!r} has no letter"
        elif fold(name) in ignored:
            yield f"names: {name!r} stands in `ignore` as well"
        if not _is_place(code, names):
            yield f"names: {name!r} has the unknown code {code!r}{_suggestion(code, names)}"
    for phrase in rules.ignore:
        if not fold(phrase).strip():
            yield f"ignore: {phrase!r} has no letter"


def _rules(rules: RegionRules, names: Mapping[str, str]) -> Iterator[str]:
    taken = {fold(name): "names" for name in rules.names} | {fold(phrase): "ignore" for phrase in rules.ignore}
    for number, rule in enumerate(rules.rules, 1):
        where = f"[[rules]] {number}"
        if not fold(rule.name).strip():
            yield f"{where}: {rule.name!r} has no letter"
        elif fold(rule.name) in taken:
            yield f"{where}: {rule.name!r} stands in `{taken[fold(rule.name)]}` as well"
        if rule.code and not _is_place(rule.code, names):
            yield f"{where}: {rule.name!r} has the unknown code {rule.code!r}{_suggestion(rule.code, names)}"
        if not rule.words and not rule.exclude and not rule.code:
            yield f"{where}: {rule.name!r} decides nothing; give it `words`, `exclude` or `code`"
        for word in (*rule.words, *rule.exclude):
            if not fold(word.rstrip("*")).strip():
                yield f"{where}: {word!r} has no letter"


def _boosts(rules: RegionRules, names: Mapping[str, str]) -> Iterator[str]:
    for code in rules.boosts:
        if code not in COUNTRIES:
            yield f"boosts: {code!r} is no country code{_suggestion(code, names)}"


def _is_place(code: str, names: Mapping[str, str]) -> bool:
    return code in COUNTRIES or code in names or m49_code(code) is not None


def _suggestion(code: str, names: Mapping[str, str]) -> str:
    upper = code.upper()
    meant = _MEANT.get(upper) or (upper if _is_place(upper, names) else None)
    if meant is None:
        by_name = {name.lower(): known for known, name in names.items()}
        close = difflib.get_close_matches(code.lower(), by_name, n=1, cutoff=0.8)
        slug = difflib.get_close_matches(code.lower().removeprefix("region:"), BY_SLUG, n=1, cutoff=0.8)
        same_country = [known for known in names if "-" in code and known.startswith(f"{upper[:2]}-")]
        near = difflib.get_close_matches(upper, same_country, n=1)
        meant = by_name[close[0]] if close else f"region:{slug[0]}" if slug else near[0] if near else None
    return f"; did you mean {meant!r}?" if meant else "; codes are such as 'VE', 'US-FL', 'm49:005'"
