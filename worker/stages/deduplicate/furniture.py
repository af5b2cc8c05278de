"""Lines that belong to the page, not to the story. The list is data: a language is a row."""

from __future__ import annotations

import re

# Calls to action: they open a line, and only a short tail may follow, so that a sentence that merely begins
# alike is kept. Written in folded words (words.py): no case, no punctuation.
CALLS: dict[str, tuple[str, ...]] = {
    "en": (
        r"(click |tap )?(here )?(to )?(read|view|see) (the |our |this )?(full|more|original|rest|entire|whole)",
        r"(keep|continue) reading",
        r"leave a (reply|comment)",
        r"please enter your (comment|name|email)",
        r"(click|tap) here",
        r"sign up",
        r"subscribe",
        r"(log|sign) in",
        r"share (this|on|via)",
        r"follow us",
        r"advertisement",
        r"save my name email",
        r"(originally published|first appeared)",
        r"this (article|story|post) (was )?(originally|first) (published|appeared)",
        r"all rights reserved",
    ),
    "de": (r"(jetzt )?weiterlesen", r"lesen sie (hier |auch |mehr)", r"jetzt abonnieren", r"anzeige", r"anmelden"),
    "fr": (r"lire (la suite|aussi|l article)", r"abonnez vous", r"se connecter", r"publicité", r"partager sur"),
    "es": (r"(seguir|sigue|continuar) leyendo", r"leer (más|la nota)", r"suscríbete", r"publicidad", r"iniciar sesión"),
    "pt": (r"(continue|continuar) lendo", r"leia (mais|também)", r"assine", r"publicidade"),
    "it": (r"continua a leggere", r"leggi (anche|tutto)", r"abbonati", r"pubblicità"),
}
TAIL = 60  # bytes after the call; the longest of the developer file had 46

LONGEST = 160  # bytes; no call is longer with its tail, so most lines need no second look

_CALL = re.compile(("(?:" + "|".join(sum(CALLS.values(), ())) + rf")(?: .{{0,{TAIL}}})?").encode())


def is_call_to_action(line: bytes) -> bool:
    """Whether a line of folded words asks the reader to do something instead of telling the story.

    >>> is_call_to_action(b"read the full story on example com")
    True
    >>> is_call_to_action(b"read the full text of the treaty and you find that " + b"article " * 12)
    False
    """
    return len(line) <= LONGEST and _CALL.fullmatch(line) is not None
