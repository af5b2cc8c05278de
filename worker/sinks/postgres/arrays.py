"""A column of a batch as an array in the server's own binary form: one value for psycopg and one for the server.

Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c, `array_recv`: the number of dimensions, whether one is null, the
type of an element; for the dimension its length and its first index; for each element its length (-1: null) and bytes.
All numbers have four bytes, the highest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_TEXT, _TSVECTOR = 25, 3614  # types of every server, and
_ARRAY_OF = {_TEXT: 1009, _TSVECTOR: 3643}
_NULL = (-1).to_bytes(4, signed=True)


class Texts(bytes):
    """An array of text, ready to be sent."""


class Vectors(bytes):
    """An array of tsvector, ready to be sent."""


class _TextsDumper(Dumper):
    format = Format.BINARY
    oid = _ARRAY_OF[_TEXT]

    def dump(self, obj: Texts) -> Buffer:
        return obj


class _VectorsDumper(_TextsDumper):
    oid = _ARRAY_OF[_TSVECTOR]


def register(connection: psycopg.Connection[object]) -> None:
    """Let `connection` take Texts and Vectors as values."""
    connection.adapters.register_dumper(Texts, _TextsDumper)
    connection.adapters.register_dumper(Vectors, _VectorsDumper)


def texts(column: Sequence[str | None]) -> Texts:
    """
    >>> texts(["a", None]).hex(" ", -4)
    '00000001 00000001 00000019 00000002 00000001 00000001 61ffffff ff'
    """
    told = [None if value is None else value.encode() for value in column]
    return Texts(_array(_TEXT, told))


def vectors(column: Sequence[bytes]) -> Vectors:
    """An array of what `worker.sinks.postgres.vector` made."""
    return Vectors(_array(_TSVECTOR, column))


def _array(kind: int, values: Sequence[bytes | None]) -> bytes:
    head = (1, int(None in values), kind, len(values), 1)
    return b"".join(chain((number.to_bytes(4) for number in head), _elements(values)))


def _elements(values: Sequence[bytes | None]) -> Iterable[bytes]:
    for value in values:
        if value is None:
            yield _NULL
        else:
            yield len(value).to_bytes(4)
            yield value
