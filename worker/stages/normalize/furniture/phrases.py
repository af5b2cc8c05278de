"""The form in which a language's furniture is written down."""

from __future__ import annotations

from typing import NamedTuple


class Phrases(NamedTuple):
    """The furniture of one language. Each is a text of phrases in lower case, separated by `|` or line ends."""

    comments: str = ""  # comment forms and their heads: the article has ended
    related: str = ""  # heads of lists of other articles
    labels: str = ""  # "read more" before a colon and another article's headline
    read_on: str = ""  # "read the full story": the text is an excerpt
    furniture: str = ""  # share bars, log-in, newsletters, cookies, print, legal, advertising
    openers: str = ""  # a short line that begins so is furniture, whatever follows
    navigation: str = ""  # words of menus: no proof by themselves, a sign for the line model
    home: str = ""  # the first part of a breadcrumb
    counted: str = ""  # what counters count: comments, shares, views
    bylines: str = ""  # "by"
    dates: str = ""  # "published", "updated": before a date
