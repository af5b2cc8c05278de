"""Words of a text, the same way in training and at run time."""

from __future__ import annotations

import re

# Two or more letters or digits, at least one a letter: `3g` and `covid` are words, `2019`, `u.s.` and `'s` are not.
# So `it 's` and `it's` give the same words, as the training texts have both forms.
WORD = re.compile(r"\d*[^\W\d_]\w+|\d+[^\W\d_]")


def words(text: str) -> list[str]:
    """The words of `text` in lower case, in order.

    >>> words("Hip-hop's 3G coup d'état of 2019")
    ['hip', 'hop', '3g', 'coup', 'état', 'of']
    """
    return WORD.findall(text.lower())
