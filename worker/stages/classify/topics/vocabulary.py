"""The IPTC Media Topics tree: labels, parents, retired codes. Pure look-ups; the table comes as an artefact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy.typing as npt

PREFIX = "medtop:"
FALLBACK_LANGUAGE = "en-GB"
# Our language subtags → the vocabulary's label languages.
LABEL_LANGUAGES = {"en": "en-GB", "pt": "pt-PT", "zh": "zh-Hans", "no": "nb"}


class Vocabulary:
    """All concepts of one release, live and retired, with their place in the tree and labels by language."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Read the arrays `codes`, `parents`, `live_ancestors` (row numbers, -1: none), `retired` and `labels_…`.

        Raises ValueError when they do not fit together.
        """
        self.release: str = str(meta["release"])
        self.languages: tuple[str, ...] = tuple(meta["languages"])
        self._codes = [f"{PREFIX}{code:08d}" for code in arrays["codes"].tolist()]
        self._row = {code: row for row, code in enumerate(self._codes)}
        self._parents: list[int] = arrays["parents"].tolist()
        self._ancestors: list[int] = arrays["live_ancestors"].tolist()
        self._retired: list[bool] = arrays["retired"].astype(bool).tolist()
        self._label_bytes = {language: arrays[f"labels_{language}"] for language in self.languages}
        self._labels: dict[str, list[str]] = {}
        self._label: dict[tuple[str, str], str] = {}  # those asked for
        rows = {len(column) for column in (self._codes, self._parents, self._ancestors, self._retired)}
        if len(rows) != 1:
            raise ValueError("the columns of the vocabulary have different lengths")

    def __contains__(self, code: str) -> bool:
        return normal(code) in self._row

    def __iter__(self) -> Iterator[str]:
        """The live codes, parents before children."""
        return (code for code, retired in zip(self._codes, self._retired, strict=True) if not retired)

    def is_retired(self, code: str) -> bool:
        """Whether `code` is known and no longer in use."""
        row = self._row.get(normal(code))
        return row is not None and self._retired[row]

    def live(self, code: str) -> str | None:
        """The code to use for `code`: itself, the nearest live ancestor of a retired one, or None when unknown.

        The ancestor is our derivation from the tree, not a mapping of IPTC's.
        """
        row = self._row.get(normal(code))
        if row is None:
            return None
        if not self._retired[row]:
            return self._codes[row]
        ancestor = self._ancestors[row]
        return self._codes[ancestor] if ancestor >= 0 else None

    def path(self, code: str) -> tuple[str, ...]:
        """The codes from the first level down to `code`; empty when unknown."""
        row = self._row.get(normal(code), -1)
        path: list[str] = []
        while row >= 0:
            path.append(self._codes[row])
            row = self._parents[row]
        return tuple(reversed(path))

    def is_within(self, code: str, parent: str) -> bool:
        """Whether `code` is `parent` or stands anywhere below it."""
        return normal(parent) in self.path(code)

    def children(self, code: str) -> tuple[str, ...]:
        """The live codes one level below `code`."""
        row = self._row.get(normal(code))
        return tuple(c for c in self if row is not None and self._parents[self._row[c]] == row)

    def label(self, code: str, language: str = FALLBACK_LANGUAGE) -> str:
        """The label in `language`, else in English, else the code itself."""
        known = self._label.get((code, language))
        if known is not None:
            return known
        row = self._row.get(normal(code))
        if row is None:
            return code
        wanted = LABEL_LANGUAGES.get(language, language)
        label = self._column(wanted)[row] or self._column(FALLBACK_LANGUAGE)[row] or code
        self._label[code, language] = label
        return label

    def _column(self, language: str) -> list[str]:
        column = self._labels.get(language)
        if column is None:
            packed = self._label_bytes.get(language)
            column = packed.tobytes().decode().split("\n") if packed is not None else [""] * len(self._codes)
            self._labels[language] = column
        return column


def normal(code: str) -> str:
    """The one spelling of a code: `medtop:` and eight digits; a bare number gets the prefix.

    >>> normal("11000000")
    'medtop:11000000'
    """
    return code if code.startswith(PREFIX) else PREFIX + code
