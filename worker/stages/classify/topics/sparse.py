"""Matrices of small whole numbers that are nearly all zero: a term speaks for one topic, rarely for two."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Entries(NamedTuple):
    """What stands in the rows of a matrix, row by row, zeros left out."""

    row: Ints  # place of the row among those asked for
    column: Ints
    value: Ints


class Sparse:
    """A matrix kept by its entries."""

    def __init__(self, dense: npt.NDArray[Any]) -> None:
        self.columns = dense.shape[1]
        row, self._column = np.nonzero(dense)
        self._value = dense[row, self._column].astype(np.int64)
        self._first = row.searchsorted(np.arange(len(dense) + 1))

    def rows(self, wanted: Ints) -> Entries:
        """The entries of the rows `wanted`, in that order."""
        begin = self._first[wanted]
        size = self._first[wanted + 1] - begin
        row = np.arange(len(wanted)).repeat(size)
        at = np.arange(len(row)) + (begin - size.cumsum() + size).repeat(size)
        return Entries(row, self._column[at], self._value[at])


def tally(cell: Ints, value: Ints, rows: int, columns: int) -> Ints:
    """The sums of `value` by `cell` (row * `columns` + column) as a matrix of whole numbers."""
    summed: Ints = np.bincount(cell, value, rows * columns).astype(np.int64).reshape(rows, columns)
    return summed
