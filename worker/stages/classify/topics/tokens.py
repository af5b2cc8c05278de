"""Words of a text, the same way in training and at run time."""

from __future__ import annotations

import re

# Two or more letters or digits, at least one a letter: `3g` and `covid` are words, `2019`, `u.s.` and `'s` are not.
# So `it 's` and `it's` give the same words, as the training texts have both forms.
WORD = re.compile(r"\d*[^\W\d_]\w+|\d+[^\W\d_]")

# The commonest words of running English: a text almost without them is a table, a list or code.
FUNCTION_WORDS = frozenset(
    """the of and to in that is was for on with as it by at from be has have had are an were not this which but his her
    he she they their its who will would been or after said when also more than about into there one two new over up out
    you your we our my all if can do what how why so no just like""".split()
)


def words(text: str) -> list[str]:
    """The words of `text` in lower case, in order.

    >>> words("Hip-hop's 3G coup d'état of 2019")
    ['hip', 'hop', '3g', 'coup', 'état', 'of']
    """
    return WORD.findall(text.lower())
