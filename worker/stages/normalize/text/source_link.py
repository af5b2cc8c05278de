"""Lines that say where the text was first published, with its address: "Read the original at https://…"."""

from __future__ import annotations

import re
from typing import NamedTuple

from worker.stages.normalize.identity import clean_url, registrable_domain
from worker.stages.normalize.syndication import Claim, organisation_at

MOST_WORDS = 30  # of the line; longer ones are sentences of the article
_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]]+|(?<![\w@.])www\.[^\s<>\"'()\[\]]+", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^\W*(?:\S+\s+){0,7}?(?:original\w*|first (?:published|appeared)|republished|canonical|syndicated|crossposted"
    r"|originalmente|zuerst|urspr[uü]nglich|im original|à l['’]origine|initialement|version originale"
    r"|originariamente|in origine|oorspronkelijk|eerder verschenen|pierwotnie|oryginał\w*"
    r"|оригинал\w*|впервые опубликован\w*|первоначально|原文|原载|轉載自|转载自|初出|元記事|المصدر الأصلي)",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^\W*(?:source|via|link|fuente|fonte|quelle|bron|źródło|источник|来源|來源|出典|المصدر)\s*[:：]\s*\S+$",
    re.IGNORECASE,
)


class SourceLink(NamedTuple):
    url: str
    claim: Claim


def read_source_link(line: str) -> SourceLink | None:
    """Where the text was first published, by a line that says so and ends with the address.

    >>> read_source_link("Read the original at https://www.reuters.com/a/?utm_source=x.").url
    'https://www.reuters.com/a/'
    >>> read_source_link("Tickets are sold at https://www.reuters.com/a/") is None
    True
    """
    found = next(reversed(list(_ADDRESS.finditer(line))), None)
    if found is None or len(line[found.end() :].split()) > 2:
        return None
    before = line[: found.start()]
    if len(before.split()) > MOST_WORDS or not (_ORIGINAL.search(before) or _SOURCE.search(line)):
        return None
    printed = found[0].rstrip(".,;:!?…。")
    url = clean_url(printed if "://" in printed else f"https://{printed}")
    domain = registrable_domain(url)
    if url is None or domain is None:
        return None
    return SourceLink(url, Claim(organisation_at(domain), "source_link"))
