"""The forms a name takes in running text, made offline for each entry: nothing is ever stripped from a word later."""

from __future__ import annotations

from collections.abc import Callable

from worker.artefacts.build_regions.endings import AGREEING, RULES, Rules


def _spanish(base: str) -> list[str]:
    if base.endswith("o"):
        return [base, base[:-1] + "a", base + "s", base[:-1] + "as"]
    for accented, plain in (("és", "es"), ("án", "an"), ("ín", "in"), ("ón", "on")):
        if base.endswith(accented):
            stem = base[: -len(accented)] + plain
            return [base, stem + "a", stem + "es", stem + "as"]
    if base.endswith(("í", "ú")):
        return [base, base + "es", base + "s"]
    if base.endswith(("e", "a", "i")):
        return [base, base + "s"]
    return [base, base + "a", base + "es", base + "as"]


def _portuguese(base: str) -> list[str]:
    if base.endswith("ão"):
        stem = base[:-2]
        return [base, stem + "ã", stem + "ães", stem + "ãos", stem + "ãs", stem + "ões"]
    if base.endswith("o"):
        return [base, base[:-1] + "a", base + "s", base[:-1] + "as"]
    if base.endswith("ês"):
        stem = base[:-2] + "es"
        return [base, stem + "a", stem + "es", stem + "as"]
    if base.endswith("ol"):
        return [base, base + "a", base[:-2] + "óis", base + "as"]
    if base.endswith("eu"):
        return [base, base[:-2] + "eia", base + "s", base[:-2] + "eias"]
    return [base, base + "s"]


def _french(base: str) -> list[str]:
    if base.endswith(("ais", "ois")):
        return [base, base + "e", base + "es"]
    if base.endswith(("ien", "éen", "on")):
        return [base, base + "ne", base + "s", base + "nes"]
    if base.endswith("ec"):
        return [base, base[:-1] + "cque", base + "s", base[:-1] + "cques", base[:-1] + "que", base[:-1] + "ques"]
    if base.endswith("rc"):
        return [base, base[:-1] + "que", base + "s", base[:-1] + "ques"]
    if base.endswith("e"):
        return [base, base + "s"]
    return [base, base + "e", base + "s", base + "es"]


def _italian(base: str) -> list[str]:
    if base.endswith("co"):
        stem = base[:-1]
        return [base, stem + "a", stem + "i", stem + "hi", stem + "he"]
    if base.endswith("o"):
        return [base, *(base[:-1] + ending for ending in "aie")]
    if base.endswith("ita"):
        return [base, base[:-1] + "i", base[:-1] + "e"]
    if base.endswith("e"):
        return [base, base[:-1] + "i"]
    return [base]


def _german(base: str) -> list[str]:
    if base[0].islower():
        return [base, *(base + ending for ending in ("e", "er", "es", "en", "em"))]
    if base.endswith("er"):
        return [base, base + "s", base + "n", base + "in", base + "innen"]
    if base.endswith("e"):
        return [base, base + "n", base[:-1] + "in", base[:-1] + "innen"]
    return [base, base + "s", base + "n", base + "en"]


def _dutch(base: str) -> list[str]:
    forms = [base, base + "e", base + "s", base + "en"]
    if base.endswith("aans") and len(base) >= 8:  # Keniaans: Keniaan, Kenianen
        forms += [base[:-1], base[:-4] + "anen"]
    return forms


def _turkish(base: str) -> list[str]:
    back = next((char in "aıouâ" for char in reversed(base.lower()) if char in "aeıioöuüâ"), False)
    plural = "lar" if back else "ler"
    endings = ("a", "ı", "ın", "dan", "la") if back else ("e", "i", "in", "den", "le")
    return [base, base + plural, *(base + plural + ending for ending in endings)]


def _arabic(base: str) -> list[str]:
    bare = [base, *(base + ending for ending in ("ة", "ين", "ون", "ات"))]
    return [*bare, *("ال" + form for form in bare)]


def _english(base: str) -> list[str]:
    return [base, base + "s"]


PATTERNS: dict[str, Callable[[str], list[str]]] = {
    "en": _english,
    "es": _spanish,
    "ca": _spanish,
    "pt": _portuguese,
    "fr": _french,
    "it": _italian,
    "de": _german,
    "nl": _dutch,
    "tr": _turkish,
    "ar": _arabic,
}


def demonym_forms(language: str, base: str) -> list[str]:
    """The forms of an adjective or inhabitant; a form marked "=" stands as it is."""
    if base.startswith("="):
        return [base[1:]]
    pattern = PATTERNS.get(language)
    return pattern(base) if pattern else name_forms(language, base)


def name_forms(language: str, name: str) -> list[str]:
    """The cases of a place name, or the name with what Arabic writes before it; else the name itself.

    >>> name_forms("ru", "Россия")[:3]
    ['Россия', 'России', 'Россию']
    """
    if language == "ar":
        return _with_clitics(name)
    if language == "hi":
        return list(dict.fromkeys((name, name.replace("\u093c", ""))))  # the dot below is often left out
    if language == "de":
        return [name] if name.endswith(("s", "z", "x")) else [name, name + "s"]
    rules = RULES.get(language)
    if rules is None or name.isupper():
        return [name]
    words = name.split(" ")
    if len(words) == 1:
        return [name, *_inflected(name, rules)]
    if len(words) == 2:
        return [name, *_agreed(language, words[0], words[1], rules)]
    return [name]


def _inflected(word: str, rules: Rules) -> list[str]:
    low = word.lower()
    for ending, listed in rules:
        if low.endswith(ending):
            stem = word[: len(word) - len(ending)]
            if len(stem) < 2:
                return []
            return [stem + form for form in dict.fromkeys(listed.split(" ")) if stem + form != word]
    return []


def _with_clitics(name: str) -> list[str]:
    """`name` after "and", "in", "to", "so", "as", which Arabic writes as one with it; "to the" contracts."""
    plain = [name, *(clitic + name for clitic in ("و", "ب", "ف", "ك", "وب"))]
    if name.startswith("ال"):
        return [*plain, "لل" + name[2:], "ولل" + name[2:]]
    return [*plain, "ل" + name, "ول" + name]


def _agreed(language: str, first: str, second: str, rules: Rules) -> list[str]:
    for ending, listed in AGREEING.get(language, ()):
        if first.lower().endswith(ending):
            stem = first[: len(first) - len(ending)]
            heads = [first, *(stem + form for form in listed.split(" "))]
            tails = [second, *_inflected(second, rules)]
            return [f"{head} {tail}" for head in heads for tail in tails]
    return [f"{first} {tail}" for tail in _inflected(second, rules)]
