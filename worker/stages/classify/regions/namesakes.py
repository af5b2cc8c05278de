"""Names that only look like places: people, papers, streets, languages and dishes, told by the words beside them."""

from __future__ import annotations

from collections.abc import Sequence

from worker.stages.classify.regions.gazetteer import (
    CAPITAL,
    COUNTRY,
    COUNTY,
    CURRENCY,
    DEMONYM,
    FIRST_NAME,
    INSTITUTION,
    LAST_NAME,
    LEADER,
    OWN,
    REGION,
    Gazetteer,
)
from worker.stages.classify.regions.match import Mention
from worker.stages.classify.regions.words import (
    BESIDE,
    INTO_LANGUAGE,
    INTO_LANGUAGE_SMALL,
    MANNER,
    PAPERS,
    PEERS,
    POSSESSIVES,
    SPEAKING,
    TITLES,
    WITHIN,
)

_SPEAKS_FOR_ITSELF = (CURRENCY, REGION, LEADER, INSTITUTION, COUNTY)


def places_only(mentions: Sequence[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """The mentions that may be places. A name that is once a person's is that person's in the whole story."""
    kept: list[Mention] = []
    people: set[str] = set()
    surname_at = -1  # where the last name begins that belongs to the first name just met
    for n, mention in enumerate(mentions):
        flags, kind = mention.entry.flags, mention.entry.places[0].kind
        if flags & OWN or kind in _SPEAKS_FOR_ITSELF:
            kept.append(mention)
        elif kind == DEMONYM or any(place.kind == DEMONYM for place in mention.entry.places):
            if not _is_manner(mention):
                kept.append(mention)
        elif _is_full_name(mention, gazetteer):
            people.add(mention.surface)
            surname_at = mention.end + 1
        elif mention.start == surname_at and flags & LAST_NAME:
            people.add(mention.surface)
        elif not _is_part_of_a_name(mention, mentions, n, gazetteer):
            kept.append(mention)
    if people:
        people -= {m.surface for m in kept if _word_before(m) in WITHIN}
        kept = [m for m in kept if m.surface not in people]
    return kept


def _is_full_name(mention: Mention, gazetteer: Gazetteer) -> bool:
    """Whether a name stands beside a first or last name: "Paris Hilton", "Booker T. Washington"."""
    flags = mention.entry.flags
    after = _after(mention).lower()
    if after in gazetteer.last_names and after not in BESIDE and after not in TITLES:
        if flags & FIRST_NAME:
            return True
        large = mention.entry.places[0].kind in (COUNTRY, CAPITAL)
        if large and not mention.titled and after not in gazetteer.common_names:
            return True
    if not flags & (FIRST_NAME | LAST_NAME):
        return False
    before, gap = _before(mention)
    low = before.lower()
    if gap == " ":
        return low not in BESIDE and (low in TITLES or (low in gazetteer.first_names and bool(flags & LAST_NAME)))
    initial = len(low) == 1 and mention.text[: mention.start - 3].endswith(" ")  # not "N.W. Rochester"
    return initial or (low in TITLES and len(low) <= 4)


def _is_part_of_a_name(mention: Mention, mentions: Sequence[Mention], n: int, gazetteer: Gazetteer) -> bool:
    """Whether capitalised words beside a name make it a person, a paper or a street."""
    if mention.entry.places[0].kind == COUNTRY:
        return False
    after = _after(mention).lower()
    place_follows = n + 1 < len(mentions) and mentions[n + 1].start <= mention.end + 1
    if after in PAPERS and not place_follows:
        return True
    *_, peer, of = ("", "", *mention.text[max(0, mention.start - 20) : mention.start].lower().split())
    if of == "of" and peer in PEERS:
        return True
    before, gap = _before(mention)
    low = before.lower()
    if low in TITLES and (gap == " " or len(low) <= 4):
        return True
    if mention.titled:
        return False
    if low and gap == " " and low not in BESIDE and not (n and mentions[n - 1].end == mention.start - 1):
        surname = bool(mention.entry.flags & LAST_NAME)
        return surname or not _begins_sentence(mention.text, mention.start - 1 - len(before))
    return bool(after) and after not in BESIDE and not place_follows


def _is_manner(mention: Mention) -> bool:
    """Whether an adjective names a language, a dish or a breed, or is a verb: "Polish your shoes"."""
    follows, ends = _word_after(mention)
    if follows in MANNER or (follows in POSSESSIVES and not mention.surface.endswith("s")):
        return True
    leads = _word_before(mention)
    if mention.surface[0].islower() and leads in INTO_LANGUAGE_SMALL:
        return True
    return leads in SPEAKING or (ends and leads in INTO_LANGUAGE)


def _word_after(mention: Mention) -> tuple[str, bool]:
    """The word after a mention in small letters, and whether the mention ends its clause."""
    rest = mention.text[mention.end : mention.end + 25]
    if rest[:1] not in (" ", "-"):
        return "", True
    return rest[1:].partition(" ")[0].partition("-")[0].rstrip(".,;:!?)").lower(), False


def _word_before(mention: Mention) -> str:
    return mention.text[max(0, mention.start - 15) : mention.start].rstrip(" ").rpartition(" ")[2].lower()


def _begins_sentence(text: str, start: int) -> bool:
    return start <= 0 or text[max(0, start - 2) : start].rstrip()[-1:] in ("", ".", "!", "?", ":", "\n")


def _after(mention: Mention) -> str:
    """The capitalised word right after a mention, one space away; empty when there is none."""
    text, end = mention.text, mention.end
    if text[end : end + 1] != " " or not text[end + 1 : end + 2].isupper():
        return ""
    stop = end + 1
    limit = min(len(text), end + 25)
    while stop < limit and (text[stop].isalpha() or text[stop] in "'’-"):
        stop += 1
    word = text[end + 1 : stop]
    return word.removesuffix("'s").removesuffix("’s")


def _before(mention: Mention) -> tuple[str, str]:
    """The capitalised word right before a mention and what stands between; empty when there is none."""
    text, start = mention.text, mention.start
    if start == 0 or text[start - 1] not in " ":
        return "", ""
    stop = start - 1
    gap = " "
    if stop and text[stop - 1] == ".":
        stop -= 1
        gap = ". "
    begin = stop
    limit = max(0, stop - 25)
    while begin > limit and (text[begin - 1].isalpha() or text[begin - 1] in "'’-"):
        begin -= 1
    word = text[begin:stop]
    return (word, gap) if word[:1].isupper() else ("", "")
