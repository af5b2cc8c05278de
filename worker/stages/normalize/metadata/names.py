"""Printed names: cut out of a line, and told apart: a person, a single word, an organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.stages.normalize.lines import PRINTED_DAY
from worker.stages.normalize.metadata.facts import unescaped
from worker.stages.normalize.syndication import find_organisation

ORGANISATION, HANDLE, PERSON = range(3)  # how well a name says who wrote

MAX_LINE_CHARS = 500
MAX_NAME_CHARS = 60
MAX_NAME_WORDS = 5

# Before any name. "Di", "Da", "Von" and the like also begin surnames: those count in printed bylines only.
BY = re.compile(
    r"^\W*(?:(?:written|posted|published|reported|words|text|story|article|authored)\s+by\b|by\b|por\b|par\b|"
    r"(?:escrito|publicado|redactado|redigido|texto|reporte|reportaje|reportagem)\s+(?:de|por)\b|"
    r"(?:écrit|publié|rédigé|(?:propos )?recueillis?)\s+par\b|"
    r"(?:geschrieben|verfasst|veröffentlicht|text)\s+von\b|(?:scritto|pubblicato|redatto)\s+da\b|a\s+cura\s+di\b|"
    r"(?:geschreven|gepubliceerd|tekst)\s+door\b|(?:skriven|skrevet|publicerad|publisert|text|tekst)\s+a[vf]\b|"
    r"(?:napisała?|opracowała?|oleh|penulis|yazan|írta|kirjoittanut)\b|"
    r"(?:authors?|author\(s\)|contributors?|autora?|autor(?:es|en|in)?|auteure?s?|autor[ei]|szerző|författare|"
    r"forfatter|skribent|автор[ыи]?|текст|tekst|texto?|testo|作者|文|撰文|記者|记者|글|كتب|بقلم)\s*[:：]|(?:本[报報])?[记記]者\s|بقلم\s)\s*[:：]?\s*",
    re.I,
)
PRINTED_BY = re.compile(r"^\W*(?:von|di|da|door|av|af|przez|od|от)\s*:?\s+", re.I)
SMALL_BY = re.compile(r"^(?:von|di|da|door|av|af|przez|od|от)\s+(?=\S+\s+\S)")
# Joining words are written small, a middle initial ("John E Smith") is not.
JOINED = re.compile(
    r"\s*(?:,(?:\s*(?:and|&|und|et|y|e)\s)?|;|\||•|·|、|，|\s/\s)\s*|\s+(?:&|and|und|et|y|e|i|и|en|och|og|och|ve|و)\s+"
)
TAIL = re.compile(
    r"\s*(?:\s[–—-]\s|\b(?:on|updated?|published|posted|for|special to|is an?|is the|has)\b\s|\d).*$|\s*[(\[].*$|"
    r"\s*@\w.*$|(?<=\w)\s*/(?-i:[A-Z]{2,}).*$|\s+[기記记][자者]$",
    re.I,
)
DATED = re.compile(rf"\s{PRINTED_DAY}.*$")
CREDENTIAL = re.compile(
    r"(?:[,\s]+(?:md|m\.d\.?|phd|ph\.\s?d\.?|dvm|rn|rdn?|ms|msc|mba|mph|cfa|cpa|cfp|jd|jr\.?|sr\.?|esq\.?|ii|iii|faclm|"
    r"dds|do|ea|pmp|lcsw|psy\.?d\.?|ldn|bsc|fand))+$",
    re.I,
)
JOB = re.compile(
    r"\b(?:editors?|writers?|reporters?|correspondent|contributors?|columnist|redakteur(?:in)?|journalist(?:e|in|a)?|"
    r"producer|photographer|fotograf|director|manager|officer|founder|president|ceo|cto|cfo|coo|cmo|head of|chief|"
    r"expert|specialist|executive|coordinator|analyst|strategist|professor|lecturer|researcher|engineer|developer|designer|"
    r"consultant|attorney|lawyer|owner|partner|associate|intern|author|blogger|korrespondent(?:in)?|chefredakteur(?:in)?|"
    r"corresponsal|periodista|redactora?|repórter|jornalista|editora?|journaliste|giornalista|корреспондент|редактор|"
    r"обозреватель|dziennikarz|redaktor|marketing|reviewer|advisor|adviser|teacher|coach)\b",
    re.I,
)
COLLECTIVE = re.compile(
    r"\b(?:news|press|media|team|staff|editorial|desk|newsroom|agency|agencies|times|magazine|journal|university|"
    r"college|institute|department|association|inc|llc|ltd|gmbh|group|company|redaktion|redazione|redacci[oó]n|redação|"
    r"rédaction|редакция|redactie|redakcja|services?|networks?|tv|radio|online|daily|gazette|herald|tribune|telegram|enquirer|inquirer|examiner|chronicle|dispatch|sentinel|bulletin|globe|"
    r"guardian|telegraph|independent|observer|reporter|advertiser|"
    r"official|foundation|center|centre|council|society|bureau|agencia|agence|agenzia|agentur|wire|reuters|report|"
    r"reports|blog|digital|studio|studios|labs?|corporation|corp|committee|ministry|school|academy|club|"
    r"communications|relations|support|community|solutions|technologies|systems|insurance|health|firm)\b",
    re.I,
)
NOT_A_NAME = re.compile(
    r"https?:|www\.|[@<>{}\[\]=#?!:]|\w\.\w{3,}\.\w|"
    r"\b(?:photos?|photograph(?:y|s)|images?|illustrations?|videos?|fotos?|bilder) (?:by|von|de|par|di|por)\b|"
    r"\b(?:admin|administrator|webmaster|unknown|anonymous|click here|read more|(?:view|see) all|about|share|follow|"
    r"subscribe|comments?|min(?:ute)?s? read|posts?|profile|website|email|twitter|facebook|linkedin|instagram|updated|"
    r"ago|more from|published|reviewed|fact[- ]checked|bio|biography|all articles|articles?|stories|"
    r"latest|continue|privacy|policy|learn|more|top|see|view|join|buy)\b|"
    r"^(?:by|authors?|written|the|null|none|n/?a|undefined|guest|user|login|home|default|editor|news|staff|team|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|"
    r"june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)$",
    re.I,
)
PARTICLES = frozenset(
    "de da do dos das di del della der den des du la le el al bin ibn van von vom zu zur ten ter af av y e i bint abu "
    "ben o mac mc st".split()
)
UNSPACED = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # compiled when needed: wide ranges take 5 ms of each start


def split_names(text: str, *, printed: bool = False) -> Iterator[str]:
    """The single names in a line such as "By A. Brown and C. Diaz", without jobs and credentials.

    `printed`: the line stands in the page, where "Von" before a name is no part of it.

    >>> list(split_names("By A. Brown, Science Editor, and C. Diaz"))
    ['A. Brown', 'C. Diaz']
    """
    text = BY.sub("", DATED.sub("", unescaped(text[:MAX_LINE_CHARS])))
    text = (PRINTED_BY if printed else SMALL_BY).sub("", text)
    for part in _parts(text):
        name = CREDENTIAL.sub("", TAIL.sub("", BY.sub("", part))).strip(" .,:;-–—'\"|/•·")
        if 1 < len(name) <= MAX_NAME_CHARS and not NOT_A_NAME.search(name) and not JOB.search(name):
            yield name


def house_name(text: str) -> str | None:
    """The name of an organisation, which is not taken apart: "Morgan & Morgan"."""
    name = BY.sub("", unescaped(text[:MAX_LINE_CHARS])).partition(" (")[0].strip(" .,:;-–—'\"|/•·")
    return name if 1 < len(name) <= MAX_NAME_CHARS and not NOT_A_NAME.search(name) else None


def rank(name: str) -> int:
    """What a name is, by its looks alone.

    >>> rank("Ana Ruiz") == PERSON, rank("katie") == HANDLE, rank("The Example Gazette") == ORGANISATION
    (True, True, True)
    """
    words = name.split()
    if COLLECTIVE.search(name) or name.lower().endswith((".com", ".org", ".net")) or find_organisation(name):
        return ORGANISATION
    if not name.isascii() and re.search(UNSPACED, name):
        return PERSON if len(name) <= 12 else ORGANISATION
    if words[0].lower() == "the" or any(sign.isdigit() for sign in name):
        return ORGANISATION
    if len(words) == 1:
        return ORGANISATION if (name.isupper() and len(name) < 6) else HANDLE
    spelt = [word for word in words if word.lower() not in PARTICLES]
    if len(words) <= MAX_NAME_WORDS and len(spelt) > 0 and not any(word[:1].islower() for word in spelt):
        return PERSON
    return ORGANISATION


def _parts(text: str) -> Iterator[str]:
    """`text` cut at commas and joining words, but not inside "Ortega y Gasset" or "Telegram & Gazette"."""
    start = 0
    for joint in JOINED.finditer(text):
        left, right = text[start : joint.start()], text[joint.end() :]
        spoken = joint[0].lstrip()[0] not in ",;|•·、，/"
        if spoken and len(left.split()) > 1 and len(JOINED.split(right)[0].split()) == 1:
            continue
        yield left
        start = joint.end()
    yield text[start:]
