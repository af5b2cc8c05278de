"""Words of a text, the same way in training and at run time."""

from __future__ import annotations

import re

# Two or more letters or digits, at least one a letter: `3g` and `covid` are words, `2019` and `'s` are not.
WORD = re.compile(r"\d*[^\W\d_]\w+|\d+[^\W\d_]")

# English is split as bytes, at a seventh of the cost of the expression above: ASCII letters and digits stay, in lower
# case, the rest of ASCII parts words. Beyond it U+0080–00BF and U+2000–2FFF are signs, all else is taken for letters.
TABLE = bytes(ord(chr(byte).lower()) if chr(byte).isalnum() else 32 for byte in range(128)) + bytes(range(128, 256))
ASCII = bytes(range(128))
SIGN = re.compile(rb"\xe2[\x80-\xbf]{2}")
LATIN_SIGN = re.compile(rb"\xc2[\x80-\xbf]")

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


def english_bytes(text: str) -> bytes:
    """English `text` as UTF-8, ready for `letters`."""
    if text.isascii():
        return text.encode()
    data = text.encode("utf-8", "replace")
    beyond = data.translate(None, ASCII).decode()
    # Most of it are quotes and dashes, which have no case; bytes are lowered at a tenth of the time.
    data = data.lower() if beyond == beyond.lower() else text.lower().encode("utf-8", "replace")
    return data.replace(b"\xe2\x80\x99", b"'")


def letters(data: bytes) -> bytes:
    """`data` of the same length with nothing but lower-case words and spaces.

    The training texts have `it 's` as well as `it's`: both lose the clitic.
    """
    if not data.isascii():
        data = LATIN_SIGN.sub(b"  ", SIGN.sub(b"   ", data))
    return data.replace(b"'s ", b"   ").translate(TABLE)


def english_words(text: str) -> list[bytes]:
    """The words of English `text` in lower case, in order, as UTF-8; numbers and single letters count as words.

    >>> english_words("Hip-hop’s 3G\\u00a0coup d'état of 2019")
    [b'hip', b'hop', b'3g', b'coup', b'd', b'\\xc3\\xa9tat', b'of', b'2019']
    """
    return letters(english_bytes(text) + b" ").split()
