"""Names that only look like places: people, papers, streets, languages and dishes, told by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.stages.classify.regions.gazetteer import (
    ADMIN,
    CAPITAL,
    CITY,
    COUNTRY,
    CURRENCY,
    FIRST_NAME,
    LAST_NAME,
    PERSONAL,
    SPEAK_FOR_THEMSELVES,
    Gazetteer,
)
from worker.stages.classify.regions.match import Mention
from worker.stages.classify.regions.words import (
    AILMENTS,
    BESIDE,
    DIRECTIONS,
    GOODS,
    INTO_LANGUAGE,
    INTO_LANGUAGE_SMALL,
    MANNER,
    PAPERS,
    PEERS,
    POSSESSIVES,
    SEATED,
    SHIPS,
    SPEAKING,
    STREETS,
    TITLES,
    WATERS,
    WITHIN,
)

_CAPITALS = re.compile(r"(?: [A-Z][\w'’-]*){2,5}")
_LETTERS = re.compile(r"(?:[^\W\d_]|['’-])+")
_LAST_LETTERS = re.compile(r"(?:[^\W\d_]|['’-])*\Z")
_BLANKS = (" ", "\n")  # one line end: a text with its lines broken
_GOODS_BEGIN = frozenset(word[:3] for word in GOODS)
_RIVER = "river"
_THINGS = STREETS | {_RIVER}
_LEADS = {"the "} | {word[-3:] + " " for word in SHIPS}  # the four letters before a ship or a sea
_WATERS_END = frozenset(word[-3:] for word in WATERS)
_PEERS_END = frozenset(word[-3:] for word in (*PEERS, "bank"))
_AGED = re.compile(r", \d{1,3},")  # "Holland, 28, plays"
_IN_A_NAME = re.compile(r"-(?:on|upon|in|by|le|la|les|sur|under|next|super|de)-", re.I)  # "Weston-on-the-Green"

Before = tuple[str, str]  # the word before a name in small letters, and what stands between
_NOTHING: Before = ("", "")


def places_only(mentions: Sequence[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """The mentions that may be places. A name that is once a person's is that person's in the whole story."""
    kept: list[Mention] = []
    people: set[str] = set()
    surname_at = -1  # where the last name begins that belongs to the first name just met
    for n, mention in enumerate(mentions):
        entry = mention.entry
        flags, kind = entry.flags, entry.kind
        if entry.clear:
            kept.append(mention)
        elif entry.manner or kind in SPEAK_FOR_THEMSELVES:
            if flags & PERSONAL and _is_last_name(mention, gazetteer):
                people.add(mention.surface.lower())
            elif not entry.manner or not _is_manner(mention):
                kept.append(mention)
        else:
            text, start, end = mention.text, mention.start, mention.end
            after = _after(mention) if text[end + 1 : end + 2].isupper() else ""
            lead = text[start - 4 if start > 4 else 0 : start]
            small = lead[:1] == " " and lead.islower()  # behind "of" or "in", most
            before = _NOTHING if small or (kind == COUNTRY and not flags & PERSONAL) else _before(mention)
            of = text[start - 7 : start - 4].lower() if lead == " of " else ""  # the end of the word before "of"
            personal = flags & PERSONAL and (before[0] or text[end : end + 1] == ",")
            if (after or personal) and _is_full_name(mention, before, after, gazetteer):
                people.add(mention.surface.lower())
                surname_at = end + 1
            elif start == surname_at and flags & LAST_NAME:
                people.add(mention.surface.lower())
            elif (after in _THINGS or of in _WATERS_END or lead in _LEADS) and _is_thing(mention, after):
                continue
            elif before[0] and kind == CITY and not mention.titled and _is_after_a_first_name(before, gazetteer):
                people.add(mention.surface.lower())
            elif kind == COUNTRY:
                if not (flags & FIRST_NAME and after and _is_first_name(mention, after, mentions, n, gazetteer)):
                    kept.append(mention)
            elif not (
                _is_joined(mention, lead, of, after)
                or ((after or before[0]) and _is_part_of_a_name(mention, before, after, mentions, n))
            ):
                kept.append(mention)
            elif kind == CITY and not mention.titled and _is_rare_last_name(after, gazetteer):
                people.add(mention.surface.lower())
    if people and (again := [m for m in kept if m.surface.lower() in people]):
        people -= {m.surface.lower() for m in again if _word_before(m) in WITHIN}
        kept = [m for m in kept if m.surface.lower() not in people]
    return kept


def _is_full_name(mention: Mention, before: Before, after: str, gazetteer: Gazetteer) -> bool:
    """Whether a name stands beside a first or last name: "Paris Hilton", "Booker T. Washington"."""
    flags = mention.entry.flags
    if after and after in gazetteer.last_names and after not in BESIDE and after not in TITLES:
        if flags & FIRST_NAME:
            return True
        large = mention.entry.kind in (COUNTRY, CAPITAL)
        if large and (not mention.titled or mention.field == "text") and after not in gazetteer.everyday:
            return True
    if not flags & PERSONAL:
        return False
    if mention.text[mention.end : mention.end + 1] == "," and _AGED.match(mention.text, mention.end):
        return True
    low, gap = before
    if gap == " ":
        return low not in BESIDE and (low in TITLES or (low in gazetteer.first_names and bool(flags & LAST_NAME)))
    initial = len(low) == 1 and mention.text[: mention.start - 3].endswith(" ")  # not "N.W. Rochester"
    return initial or (low in TITLES and len(low) <= 4)


def _is_last_name(mention: Mention, gazetteer: Gazetteer) -> bool:
    """Whether an adjective or a coin is a person's last name: "Monica French", "Ayn Rand", "Senator Rand Paul"."""
    if mention.surface[0].islower():
        return False
    low, gap = _before(mention)
    if mention.entry.kind == CURRENCY and (low in TITLES or _after(mention) in gazetteer.last_names):
        return True  # "Rand Paul", "Senator Rand Paul"
    named = low in gazetteer.first_names and low not in BESIDE
    return named and gap == " " and bool(mention.entry.flags & LAST_NAME)


def _is_first_name(mention: Mention, after: str, mentions: Sequence[Mention], n: int, gazetteer: Gazetteer) -> bool:
    """Whether a word that is no everyday one follows a country that is also a first name: "Jordan Spieth"."""
    if mention.titled or after in BESIDE or after in TITLES or after in PAPERS or after in gazetteer.everyday:
        return False
    return not (n + 1 < len(mentions) and mentions[n + 1].start <= mention.end + 1)  # a place follows: "Jordan Iraq"


def _is_after_a_first_name(before: Before, gazetteer: Gazetteer) -> bool:
    """Whether a town's name stands behind a first name: "Daniel Sakai"."""
    low, gap = before
    return gap == " " and low in gazetteer.first_names and low not in BESIDE


def _is_rare_last_name(after: str, gazetteer: Gazetteer) -> bool:
    """Whether the word behind a town's name is a last name and no everyday word: "Kobe Bryant"."""
    return after in gazetteer.last_names and after not in gazetteer.everyday and after not in BESIDE


def _is_thing(mention: Mention, after: str) -> bool:
    """Whether the words beside a name make it a street, a school, a ship or a sea: "Cuba Street", "Gulf of Maine"."""
    if after in STREETS or (after == _RIVER and mention.entry.kind in (ADMIN, COUNTRY)):
        return True
    text, start = mention.text, mention.start
    lead = text[start - 4 : start]
    if lead == "the ":
        start -= 4
        lead = text[start - 4 : start]
    if lead != " of ":
        return start == mention.start and _word_before(mention) in SHIPS
    end = start - 4
    return text[end - 3 : end].lower() in _WATERS_END and text[max(0, end - 8) : end].split()[-1].lower() in WATERS


def _is_joined(mention: Mention, lead: str, of: str, after: str) -> bool:
    """Whether small words or a hyphen make a name part of a longer one: "Vienna sausages", "Duke of York"."""
    text, start, end = mention.text, mention.start, mention.end
    follows = text[end : end + 4].lower()
    if follows[:1] == "-" and _IN_A_NAME.match(text, end):
        return True
    if not after and follows[1:] in _GOODS_BEGIN and _word_after(mention)[0] in GOODS:
        return True
    if "of" not in lead.lower() or (of and of not in _PEERS_END and not of[-1].isspace()):
        return False
    words = text[start - 20 if start > 20 else 0 : start].lower().rsplit(None, 2)
    if len(words) < 2 or words[-1] != "of":
        return False
    return words[-2] in PEERS or (words[-2] == "bank" and mention.entry.kind in (CITY, ADMIN))


def _is_part_of_a_name(mention: Mention, before: Before, after: str, mentions: Sequence[Mention], n: int) -> bool:
    """Whether capitalised words beside a name make it a person, a paper or a street."""
    named = bool(after) and not (n + 1 < len(mentions) and mentions[n + 1].start <= mention.end + 1)  # no place follows
    if named and after in PAPERS:
        return True
    if after in DIRECTIONS and mention.entry.kind == CITY and mention.entry.flags & FIRST_NAME and not mention.titled:
        return True  # "Adam West"
    low, gap = before
    if low in TITLES and (gap == " " or len(low) <= 4):
        return True
    if mention.titled:
        return False
    if low and gap == " " and low not in BESIDE and not (n and mentions[n - 1].end == mention.start - 1):
        surname = bool(mention.entry.flags & LAST_NAME)
        return surname or not _begins_sentence(mention.text, mention.start - 1 - len(low))
    return named and after not in BESIDE and not _is_seated(mention)


def _is_seated(mention: Mention) -> bool:
    """Whether the capitalised words after a name end in what stands at its place: "Boston Children's Hospital"."""
    found = _CAPITALS.match(mention.text, mention.end)
    return found is not None and found[0].rpartition(" ")[2].removesuffix("'s").lower() in SEATED


def _is_manner(mention: Mention) -> bool:
    """Whether an adjective names a language, a dish or a breed, or is a verb: "Polish your shoes"."""
    follows, ends = _word_after(mention)
    if follows in MANNER or (follows in POSSESSIVES and not mention.surface.endswith("s")):
        return True
    leads = _word_before(mention)
    if mention.surface[0].islower() and leads in INTO_LANGUAGE_SMALL:
        return True
    return leads in SPEAKING or leads in AILMENTS or (ends and leads in INTO_LANGUAGE)


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
    """The capitalised word right after a mention, one space away, in small letters; empty when there is none."""
    text, end = mention.text, mention.end
    if text[end : end + 1] not in _BLANKS or not text[end + 1 : end + 2].isupper():
        return ""
    found = _LETTERS.match(text, end + 1, end + 25)
    word = found[0] if found is not None else ""
    return word.removesuffix("'s").removesuffix("’s").lower()


def _before(mention: Mention) -> Before:
    """The capitalised word right before a mention in small letters, and what stands between; empty when none is."""
    text, stop = mention.text, mention.start - 1
    if stop < 0 or text[stop] not in _BLANKS:
        return _NOTHING
    gap = " "
    if stop and text[stop - 1] == ".":
        gap, stop = ". ", stop - 1
    least = stop - 25 if stop > 25 else 0
    word = text[text.rfind(" ", least, stop) + 1 or least : stop]
    if not word or word.islower():  # most
        return _NOTHING
    if not word.isalpha():
        found = _LAST_LETTERS.search(word)
        word = found[0] if found is not None else ""
    return (word.lower(), gap) if word[:1].isupper() else _NOTHING
