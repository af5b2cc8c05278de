"""Who wrote a syndicated text: every printed form of saying so, read with its evidence.

Used for HTML and plain text alike. Each reader takes one line and returns what it says, or None; none of them
looks at the rest of the page. An organisation outside the table of `agencies.py` is believed only where the
words leave no doubt ("Courtesy of the Example Times").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from worker.models import Organisation, OriginalPublisher
from worker.stages.normalize.agencies import AGENCIES, PUBLISHERS

MAX_LINE = 1000  # characters; no printed credit or courtesy line is longer, and every pattern stays cheap


class Claim(NamedTuple):
    """One sign of who wrote the text."""

    organisation: Organisation
    evidence: str  # headline_suffix, caption_courtesy, courtesy_line, dateline, agency_credit, copyright_line


class Dateline(NamedTuple):
    """The printed opening of a paragraph ("CARACAS (Reuters) —") and what stands after it."""

    printed: str
    agency: Organisation | None
    rest: str


class Credit(NamedTuple):
    """A caption line in its two halves; either may be null."""

    caption: str | None
    credit: str | None


@cache
def _table() -> dict[str, Organisation]:
    found: dict[str, Organisation] = {}
    for row in (AGENCIES + PUBLISHERS).strip().splitlines():
        if not row.strip():
            continue
        name, domain, others = (part.strip() for part in row.split("|"))
        organisation = Organisation(name=name, domain=domain)
        for key in (name, *others.split(",")):
            if key.strip():
                found.setdefault(key.strip().casefold(), organisation)
    return found


@cache
def _short() -> frozenset[str]:
    """Names of up to four letters: these count in capitals only ("AP", not "ap"; "dpa" is written small)."""
    return frozenset(key for key in _table() if key.isascii() and len(key) <= 4)


def find_organisation(name: str) -> Organisation | None:
    """The agency or publisher that goes by `name`.

    >>> find_organisation("NYT").domain
    'nytimes.com'
    >>> find_organisation("ap") is None
    True
    """
    name = name.strip().strip(".,;:()[]").strip()
    key = name.casefold()
    if key in _short() and name.islower() and key != "dpa":
        return None
    return _table().get(key)


def organisation_at(domain: str) -> Organisation:
    """The agency or publisher whose registrable domain is `domain`; without a name where the table has none."""
    return next((known for known in _table().values() if known.domain == domain), Organisation(domain=domain))


# --- headline ---------------------------------------------------------------------------------------

_SUFFIX = re.compile(r"^(?P<headline>.+\S)(?:\s*[:|]\s*|\s+[–—-]\s+)(?P<name>[^:|–—]{2,40})$")


def _suffixed(headline: str) -> re.Match[str] | None:
    if len(headline) > MAX_LINE or not any(sign in headline for sign in ":|–—-"):
        return None
    return _SUFFIX.match(headline)


def split_headline(headline: str) -> tuple[str, Organisation | None]:
    """The headline without a publisher's name at its end, and that publisher.

    >>> split_headline("Officials Travel to Caracas: NYT")[0]
    'Officials Travel to Caracas'
    >>> split_headline("Coffee is good for you: study")
    ('Coffee is good for you: study', None)
    """
    found = _suffixed(headline)
    organisation = find_organisation(found["name"]) if found else None
    if found is None or organisation is None:
        return headline, None
    return found["headline"].rstrip(" :|–—-"), organisation


def supposed_publisher(headline: str, lines: Iterable[str]) -> tuple[str, Organisation] | None:
    """The headline without a name at its end that another of `lines` shows as the source, and that publisher.

    >>> supposed_publisher("Tea slumps: Meridian", ["Baskets. Photo: Peter Rotich/Meridian"])[0]
    'Tea slumps'
    """
    found = _suffixed(headline)
    name = found["name"].strip() if found else ""
    if found is None or not _looks_named(name):
        return None
    shown = re.compile(rf"(?:[/(©]\s?|(?:\b[Cc]ourtesy of|\bfor)\s+){re.escape(name)}\b")
    if not any(headline not in line and shown.search(line[:MAX_LINE]) for line in lines):
        return None
    return found["headline"].rstrip(" :|–—-"), find_organisation(name) or Organisation(name=name)


def _looks_named(name: str) -> bool:
    """Whether the words are capitalised and few, as a newspaper's or an agency's are."""
    words = [word for word in name.split() if len(word) > 3] or name.split()
    return 1 <= len(words) <= 4 and all(word[:1].isupper() for word in words) and not any(map(str.isdigit, name))


# --- where the text goes on ---------------------------------------------------------------------------

_GOES_ON = re.compile(
    r"^[\s:–—-]*(?:[^\W\d_]+ ){0,3}?(?:at|on|in|from|en|em|no|na|sur|dans|chez|auf|bei|su|nel|sul|на|в)\s+"
    r"(?P<name>\S.{1,50}?)[\s.»›>→…]*$"
)


def read_on_at(rest: str) -> Claim | None:
    """Who holds the full text, from what stands behind a read-on phrase ("… at Peach County Record")."""
    found = _GOES_ON.match(rest) if len(rest) <= 100 else None
    if found is None:
        return None
    name = _ARTICLE.sub("", found["name"])
    known = find_organisation(found["name"]) or find_organisation(name)
    if known is None and not _looks_named(name):
        return None
    return Claim(known or Organisation(name=found["name"]), "read_on_link")


# --- credits and courtesy lines ---------------------------------------------------------------------

_COURTESY = re.compile(
    r"(?:(?:courtesy of|originally (?:published|appeared) (?:in|by|at|on)"
    r"|(?:article|story|piece|post|report) (?:was )?(?:first|originally)? ?(?:appeared|published|ran) (?:in|on|by|at)"
    r"|(?:re)?published (?:with permission|courtesy) (?:of|from)|republished (?:from|with permission from)"
    r"|con informaci[oó]n de|tomado de|cortes[ií]a de|publicado originalmente (?:en|por)"
    r"|com informa[cç][oõ]es (?:da|do|de|das|dos)|publicado originalmente (?:em|no|na|por)"
    r"|mit material (?:von|der|des)|(?:zuerst|urspr[uü]nglich) (?:erschienen|ver[oö]ffentlicht) (?:in|bei|auf)"
    r"|publi[eé] (?:initialement|à l['’]origine) (?:par|dans|sur)"
    r"|pubblicato originariamente (?:su|da)|per gentile concessione d[ei]"
    r"|с использованием материалов|по материалам|по сообщению)\s+"
    r"|avec\s+(?:l['’])?(?=AFP|AP\b|Reuters|Belga|ATS))"
    r"(?P<name>[^.;:|()\[\]]{2,60})",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"^(?:copyright|\(c\)|©)[\s©(c)]*(?:\d{4}(?:\s*[-–]\s*\d{4})?)?[\s,]*(?:by )?(?P<name>[^.,;|©]{2,50})",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^(?:source|fuente|fonte|quelle|bron|źródło|источник|المصدر|来源|來源|出典)\s*[:：]\s*(?P<name>\S.{0,58}\S)\.?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:the|la|el|le|der|die|das|il|o|a|de)\s+", re.IGNORECASE)
_AGENCY_LINE = re.compile(r"^[(\[]?(?P<names>[^()\[\]]{2,60})[)\]]?\.?$")


def read_courtesy(line: str, *, inside: str = "courtesy_line") -> Claim | None:
    """What a courtesy, copyright or source line says about the writer; `inside` names the evidence.

    >>> read_courtesy("Courtesy of The New York Times.").organisation.domain
    'nytimes.com'
    """
    if len(line) > MAX_LINE:
        return None
    if found := _COURTESY.search(line):
        organisation = _named(found["name"])
        return Claim(organisation, inside) if organisation else None
    if (found := _COPYRIGHT.match(line)) and (known := _known(found["name"])):
        return Claim(known, "copyright_line")
    if (found := _SOURCE.match(line)) and (known := _known(found["name"])):
        return Claim(known, "source_line")
    return None


def read_agency_line(line: str) -> Claim | None:
    """The agency of a line that holds nothing else: "(Reuters)", "AFP/dpa", "Agencia EFE".

    >>> read_agency_line("(AP)").organisation.name
    'Associated Press'
    """
    found = _AGENCY_LINE.match(line) if len(line) <= 80 else None
    if found is None:
        return None
    names = re.split(r"\s*[/,|+&]\s*|\s+(?:and|y|e|und|et)\s+", found["names"])
    known = [find_organisation(name) for name in names if name]
    if known and known[0] and all(known):
        return Claim(known[0], "agency_credit")
    return None


def _known(name: str) -> Organisation | None:
    """The table's organisation that `name` begins with."""
    name = name.strip()
    words = name.split()
    for upto in range(min(len(words), 6), 0, -1):
        for candidate in (" ".join(words[:upto]), _ARTICLE.sub("", " ".join(words[:upto]))):
            if organisation := find_organisation(candidate):
                return organisation
    return None


def _named(name: str) -> Organisation | None:
    """The table's organisation, else the name as printed when it looks like a name."""
    if known := _known(name):
        return known
    name = re.split(r",| and | und | y | et ", name)[0].strip()
    words = name.split()
    if 1 <= len(words) <= 6 and words[-1][:1].isupper():
        return Organisation(name=name)
    return None


_CREDIT = re.compile(
    r"(?:(?<=[.!?”\"»)…])|(?<=[.!?”\"»)…|—–-]\s)|(?<=\()|^)(?P<mark>"
    r"credits?\s*(?:\.{3}|…|:)|(?-i:Credit)(?=(?-i:[A-Z]))|photo(?:graph)?/"
    r"|(?:photo(?:graph)?s?|image|picture)s?(?: credits?)?\s*(?:by\b|:|courtesy)"
    r"|fotos?\s*[:/]|fotografía\s*:|foto(?:graf)? de\b|crédits?(?: photo)?\s*:"
    r"|crédito(?:s)?(?: da foto)?\s*:|imagen?\s*:"
    r"|bild\s*:|bildquelle\s*:|fotó\s*:|photo d['’]|фото\s*[:/]|© (?=\D)|zdjęcie\s*:|fot\.\s|beeld\s*[:©]"
    r"|写真\s*[:：=＝]|撮影\s*[:：]|图\s*[:：/]|图片来源\s*[:：]?|تصوير\s*:?|صورة\s*:|courtesy of\b"
    r")",
    re.IGNORECASE,
)
_WIRE_CREDIT = re.compile(
    # Of the words before the agency none ends a sentence: they are a name.
    r"(?<![^\s(\[])[(\[]?(?P<credit>(?:(?:[^\s()/]*[^\s()/.,;:!?…]|[^\W\d_]{1,2}\.) ){0,4}[^\s()/]+\s?/\s?"
    r"(?:AP|AFP|Reuters|REUTERS|EPA|EFE|Getty|dpa|ANSA|TASS|ТАСС|Xinhua|NurPhoto|Shutterstock)\b"
    r"[^()\[\]]{0,60}|(?:AP|AFP|Reuters|REUTERS|EPA|EFE|Getty Images) (?:Photo|File)[^()\[\]]{0,40}"
    r"|via (?:Shutterstock|Getty Images|Getty|AP|Reuters|AFP)\b[^()\[\]]{0,20})[)\]]?\.?$"
)


def split_credit(line: str) -> Credit | None:
    """A caption line cut at its first credit mark; None without a mark.

    >>> split_credit("The harbour at dawn.Credit...Ana Ruiz/EPA")
    Credit(caption='The harbour at dawn.', credit='Ana Ruiz/EPA')
    """
    if len(line) > MAX_LINE:
        return None
    if found := _CREDIT.search(line):
        mark = found["mark"].casefold()
        spoken = mark.startswith(("courtesy", "©"))
        start = found.start() if spoken else found.end()
        credit = line[start:].strip(" .…:-–—") if not spoken else line[start:].strip()
        if courtesy := re.search(r"\.\s+courtesy of\b", credit, re.IGNORECASE):
            credit = credit[: courtesy.start()]
        return Credit(line[: found.start()].strip(" (|") or None, credit.strip(" ).") or None)
    if found := _WIRE_CREDIT.search(line):
        return Credit(line[: found.start()].strip(" |–—-") or None, found["credit"].strip())
    return None


# --- dateline ---------------------------------------------------------------------------------------

_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|fev|set|out|dez|janv|févr|avr|mai|juin|juil|août"
    "|déc|okt|gen|mag|giu|lug|ott|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек"
)
_DATELINE = re.compile(
    r"^(?P<printed>(?P<place>[^\W\d_][^()—–:;!?]{1,60}?)"
    r"\s*(?:[(（/]\s*(?P<agency>[^()（）—–]{2,40}?)\s*[)）])(?:\s*[—–:.-]+)?)\s+(?P<rest>\S.*)$",
    re.DOTALL,
)
_BARE = re.compile(
    r"^(?P<printed>(?P<place>(?:[^\W\d_a-zа-я][^\W\d_a-zа-я.'’-]+)(?:[ -][^\W\d_a-zа-я][^\W\d_a-zа-я.'’-]*){0,3}"
    r"(?:, (?:[A-Z][\w.]+)(?: [A-Z][\w.]+){0,2})?(?:, (?:\d{1,2} )?(?i:"
    + _MONTHS
    + r")\w*\.?(?: \d{1,2})?(?:, \d{4})?)?)"
    r"\s*(?:[—–]|--))\s*(?P<rest>\S.*)$",
    re.DOTALL,
)
_AGENCY_FIRST = re.compile(
    r"^(?P<printed>[(（](?P<agency>[^()（）]{2,30})[)）]\s*[—–:.-]*"
    r"(?:\s*[A-ZÀ-Ý][A-ZÀ-Ý' ]{2,30}(?:, \d{1,2} [A-ZÀ-Ý]{3,9})? [—–-](?=\s))?)\s*(?P<rest>\S.*)$",
    re.DOTALL,
)
HEAD = 160  # characters a dateline may take


def split_dateline(paragraph: str) -> Dateline | None:
    """The dateline a paragraph opens with, and the rest of the paragraph.

    >>> split_dateline("CARACAS (Reuters) - Officials met on Saturday.").rest
    'Officials met on Saturday.'
    """
    head = paragraph[:HEAD]
    patterns = (_DATELINE, _AGENCY_FIRST) if any(sign in head for sign in "(（/") else ()
    for pattern in patterns:
        if found := pattern.match(head):
            name = re.split(r"[,/]", found["agency"])[0]
            agency = find_organisation(name)
            if agency is None and "place" in pattern.groupindex and _is_unknown_agency(found, name):
                agency = Organisation(name=name.strip())
            if agency:
                start = found.start("rest")
                return Dateline(found["printed"].strip(), agency, paragraph[start:])
    may_be_bare = any(dash in head for dash in ("—", "–", "--"))
    if may_be_bare and (found := _BARE.match(head)) and _is_place(found["place"]):
        return Dateline(found["printed"].strip(), None, paragraph[found.start("rest") :])
    return None


def _is_unknown_agency(found: re.Match[str], name: str) -> bool:
    """Whether "BIRMINGHAM, Ala. (Meridian) —" leaves no doubt: a city in capitals, a name, a dash."""
    dashed = found["printed"].rstrip()[-1:] in "—–-"
    return dashed and _is_place(found["place"]) and len(name.split()) <= 3 and _looks_named(name.strip())


def _is_place(place: str) -> bool:
    """Whether the words before the dash are a dateline's: the city in capitals, three letters or more."""
    city = place.split(",", maxsplit=1)[0]
    return city.isupper() and len(city) >= 3


# --- the verdict ------------------------------------------------------------------------------------


def original_publisher(claims: Iterable[Claim]) -> OriginalPublisher | None:
    """The organisation most claims agree on (the first of equals), with its evidence in order."""
    grouped: dict[Organisation, list[str]] = {}
    for claim in claims:
        evidence = grouped.setdefault(claim.organisation, [])
        if claim.evidence not in evidence:
            evidence.append(claim.evidence)
    if not grouped:
        return None
    best, evidence = max(grouped.items(), key=lambda item: len(item[1]))
    return OriginalPublisher(name=best.name, domain=best.domain, evidence=tuple(evidence))
