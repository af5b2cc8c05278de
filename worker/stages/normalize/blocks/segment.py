"""A page → its text blocks and its block tags, as flat arrays.

A block is the text between two block tags (`br` is one); inline tags do not cut. The tree is written out once
and split at the tags: on 91 real pages that took 1/13 of the time of a whole extraction by trafilatura, and
walking the tree in Python more than the parsing.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from worker.stages.normalize.product import product

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

# Never text of the page; the last four hold raw text, which would not be escaped when written out.
INVISIBLE = (
    "script style svg template noscript head iframe select option object canvas audio video textarea math "
    "xmp plaintext noembed noframes"
).split()
INLINE = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr img picture source input nobr ruby rt rb rp rtc amp-img o:p"
).split()
VOID = "area base br col embed hr link meta param track".split()
NAMES = (
    "? body div p li ul ol h1 h2 h3 h4 h5 h6 article main section aside nav footer header figure figcaption "
    "blockquote td tr th table tbody form button dl dt dd pre br hr center fieldset address details summary"
).split()
ID = {name: number for number, name in enumerate(NAMES)}

INSIDE, OPEN, CLOSE, ALONE, LINK_ON, LINK_OFF, BOLD_ON, BOLD_OFF = range(1, 9)
TAG = re.compile(r'<(!--.*?--|[^">]*(?:"[^"]*"[^">]*)*)>', re.S)  # attributes are written out in double quotes
# An attribute whose name holds a quotation mark, as `<a href="x"">` has one: TAG would read on to the next such mark.
QUOTED_NAME = re.compile(r' [^\s"=<>]*"[^\s=<>]*=""')
KINDS = 16  # room for the kinds in a code, which is never 0


def _codes() -> dict[str, int]:
    """The code of each known tag: its name's number times KINDS, plus its kind."""
    codes = {"!doctype": INSIDE}
    for name in NAMES[1:]:
        codes[name], codes["/" + name] = ID[name] * KINDS + OPEN, ID[name] * KINDS + CLOSE
    for name in VOID:
        codes[name] = ID.get(name, 0) * KINDS + ALONE
    for name in INLINE:
        codes[name] = codes["/" + name] = INSIDE
    codes |= {"a": LINK_ON, "/a": LINK_OFF}
    for name in ("b", "strong"):
        codes |= {name: BOLD_ON, "/" + name: BOLD_OFF}
    return codes


CODES = _codes()
BLOCK_KIND = np.array([kind in (OPEN, CLOSE, ALONE) for kind in range(KINDS)])

# What each byte of UTF-8 is. Bytes above 127 count as letters: their script is all they tell.
LETTER, DIGIT, SPACE, STOP, COMMA, UPPER = range(6)
BYTE_CLASS = np.zeros((6, 256), np.uint8)
for _byte in range(256):
    _char = chr(_byte)
    BYTE_CLASS[:, _byte] = (
        _byte > 127 or _char.isalpha(),
        _byte < 128 and _char.isdigit(),
        _byte <= 32,
        _char in ".!?",
        _char in ",;:",
        _byte < 128 and _char.isupper(),
    )
_SORTS, _sort_of_byte = np.unique(BYTE_CLASS, axis=1, return_inverse=True)
SORTS = _SORTS.shape[1]  # of bytes: the classes a byte may be of, all at once
CLASSES_OF_SORT = _SORTS.astype(np.float32)
BYTE_SORT = _sort_of_byte.reshape(256).astype(np.uint8)
CLOSING = np.zeros(256, np.float32)
CLOSING[list("\"'.!?:)]”。".encode())] = 1  # the last byte of a closing mark


class Blocks(NamedTuple):
    """The text blocks of a page, in order. Lengths in bytes of UTF-8, one entry a block."""

    texts: list[str]
    gap: Ints  # how many block tags stand before it
    pieces: Floats  # text nodes in it
    link_share: Floats  # of its characters
    bold_share: Floats
    link_pieces: Floats
    length: Floats
    words: Floats
    letters: Floats
    digits: Floats
    stops: Floats  # . ! ?
    commas: Floats  # , ; :
    uppers: Floats
    short_words: Floats  # up to three bytes
    first: Bytes  # its first and last byte
    last: Bytes


class BlockTags(NamedTuple):
    """The block tags of a page, in order."""

    source: list[str]  # what stands between < and >
    name: Ints  # number in NAMES
    kind: Ints  # OPEN, CLOSE or ALONE


def segment(tree: LexborHTMLParser) -> tuple[Blocks, BlockTags] | None:
    """The blocks and block tags of a page; None when it has no text. Takes what is invisible out of the tree."""
    tree.strip_tags(INVISIBLE)
    written = tree.body.html if tree.body is not None else None
    if not written:
        return None
    for unseen in ("&nbsp;", "\u200b", "\xad", "\u2060"):
        if unseen in written:
            written = written.replace(unseen, " " if unseen == "&nbsp;" else "")
    if '"=""' in written:
        written = QUOTED_NAME.sub("", written)
    parts = TAG.split(written)
    nodes, tags = parts[0::2], parts[1::2]
    known = CODES.get
    codes = np.array(
        [known(tag) or known(name := tag.partition(" ")[0]) or _code(name) for tag in tags],  # most have no attributes
        np.int32,
    )
    kinds = codes % KINDS
    is_block = BLOCK_KIND[kinds]
    filled = [index for index, node in enumerate(nodes) if node and not node.isspace()]
    if not filled:
        return None
    where = np.flatnonzero(is_block)
    chosen = BlockTags([tags[index] for index in where.tolist()], codes[where] // KINDS, kinds[where])
    gap_of_node = _running(is_block)
    filled_at = np.array(filled, np.int32)
    gaps = gap_of_node[filled_at]
    starts = np.flatnonzero(np.diff(gaps, prepend=-1))
    linked = _running((kinds == LINK_ON) * 1 - (kinds == LINK_OFF))[filled_at] > 0
    bold = _running((kinds == BOLD_ON) * 1 - (kinds == BOLD_OFF))[filled_at] > 0
    return _blocks(nodes, filled, starts=starts, gap=gaps[starts], linked=linked, bold=bold), chosen


def _code(name: str) -> int:
    """The code of a tag nobody knows: an element of its own making is a block, a comment is nothing."""
    if name[:1] in "!?":
        return INSIDE
    return CLOSE if name[:1] == "/" else OPEN


def _running(steps: npt.NDArray[Any]) -> Ints:
    """The sum of `steps` before each node: node i stands between tag i - 1 and tag i."""
    total = np.zeros(len(steps) + 1, np.int32)
    np.cumsum(steps, out=total[1:])
    return total


def _blocks(
    nodes: list[str],
    filled: list[int],
    *,
    starts: npt.NDArray[np.intp],
    gap: Ints,
    linked: npt.NDArray[np.bool_],
    bold: npt.NDArray[np.bool_],
) -> Blocks:
    ends = np.append(starts[1:], len(filled))
    texts = [
        " ".join("".join(nodes[filled[start] : filled[end - 1] + 1]).split())
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    joined = "\n".join(texts)
    if "&" in joined:
        joined = joined.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        texts = joined.split("\n")
    data = np.frombuffer((joined + "\n").encode("utf-8", "replace"), np.uint8)
    line_ends = np.flatnonzero(data == 10)
    line_starts = np.concatenate(([0], line_ends[:-1] + 1))
    cells = np.repeat(np.arange(0, SORTS * len(texts), SORTS), line_ends - line_starts + 1)
    cells += BYTE_SORT[data]
    tally = np.bincount(cells, minlength=SORTS * len(texts)).reshape(-1, SORTS).astype(np.float32)
    counts = product(CLASSES_OF_SORT, tally.T)
    space_at = np.flatnonzero(data <= 32)
    short = space_at[np.diff(space_at, prepend=-1) <= 4]
    sizes = np.array([len(nodes[index]) for index in filled], np.float32)
    total = np.add.reduceat(sizes, starts)

    def share(of: npt.NDArray[np.bool_]) -> Floats:
        return (np.add.reduceat(sizes * of, starts) / total).astype(np.float32)

    return Blocks(
        texts=texts,
        gap=gap,
        pieces=(ends - starts).astype(np.float32),
        link_share=share(linked),
        bold_share=share(bold),
        link_pieces=np.add.reduceat(linked.astype(np.float32), starts),
        length=(line_ends - line_starts).astype(np.float32),
        words=counts[SPACE],
        letters=counts[LETTER],
        digits=counts[DIGIT],
        stops=counts[STOP],
        commas=counts[COMMA],
        uppers=counts[UPPER],
        short_words=np.diff(short.searchsorted(np.append(line_starts, len(data)))).astype(np.float32),
        first=data[line_starts],
        last=data[np.maximum(line_ends - 1, 0)],
    )
