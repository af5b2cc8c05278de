"""The dateline at the head of a text: "CARACAS, Venezuela (AP) —"."""

from __future__ import annotations

import re

REACH = 120  # characters; the longest of a hundred agency datelines read for this had 96
_AGENCY = r"(?:\([^()\n]{2,40}\)|\[[^\[\]\n]{2,40}\]|/[^/\n]{2,30}/)"
_CLOSE = r"(?:\.?\s?[—–―]+|\s-{1,2}|\.-|--)\s?|:\s|\s?\|\s"
_CAPS = re.compile(rf"\s*(?P<head>[^\W\d_a-z][^\n()\[\]—–]{{2,80}}?)\s*(?P<agency>{_AGENCY})?\s*(?P<close>{_CLOSE})")
_SOLID = re.compile(r"\s*(?P<head>[【（(]?[^\n]{2,30}?(?:电|電|讯|訊|日|】|）|\)|=))")


def dateline(text: str) -> int:
    """How many characters at the head of `text` are its dateline; 0 when there is none.

    A head counts when its first word is in capitals, or when an agency in brackets follows it.
    """
    head = text[:REACH]
    solid = _SOLID.match(head) if head[:1] >= "\u3000" else None
    begin = head.lstrip()[:3]
    if begin != begin.upper() and not ("(" in head or "[" in head or "/" in head):  # most texts: spare them the search
        return solid.end() if solid is not None else 0
    found = _CAPS.match(head)
    if found is not None:
        words = found["head"].split(",")[0].split()
        capitals = words and len(words[0]) > 2 and words[0].isupper() and len(words) <= 4
        dashed = found["close"].strip() != ":" and found["close"].strip() != "|"
        if (capitals and (dashed or len(found["head"]) <= 40)) or (found["agency"] and dashed and len(words) <= 5):
            return found.end()
    return solid.end() if solid is not None else 0
