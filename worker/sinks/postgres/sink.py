"""Deliveries into PostgreSQL: one transaction a batch, sorted by article, so that two writers never lock crosswise.

One bad row fails the whole batch; then each item is tried alone and only the culprit is rejected.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

import psycopg
from psycopg import errors, sql
from pydantic import Field, SecretStr

from worker.errors import TransientError
from worker.formats.row import Row, row_of
from worker.models import Receipt, ReceiptStatus, SinkItem
from worker.plugins import Guarantee, Options
from worker.query import Found, Query
from worker.sinks.postgres.arrays import register, texts, vectors
from worker.sinks.postgres.schema import COLUMNS, LOCK, MIGRATIONS, held, migration, readable, upsert
from worker.sinks.postgres.search import search
from worker.sinks.postgres.vector import vector

# A statement that fails so would fail again: bad text, too long, a constraint, an index row that is too large.
_ROW_ERRORS = (psycopg.DataError, psycopg.IntegrityError, errors.ProgramLimitExceeded)
MAY_WRITE = """
    SELECT current_setting('server_version'), found.oid IS NOT NULL,
        CASE WHEN found.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
        ELSE has_schema_privilege(found.oid, 'USAGE') END
    FROM (SELECT to_regnamespace(%(schema)s)::oid AS oid) found
"""
OLDER = "the table in schema {schema} is not that of this version; rename that schema, and a new one is made"


class PostgresOptions(Options):
    url: SecretStr  # postgresql://user:password@host:5432/database; use url_env to keep it out of the file
    schema_name: str = Field(default="copydesk", alias="schema", pattern=r"^[a-z_][a-z0-9_]{0,62}$")
    connect_timeout_s: int = Field(default=10, ge=2)
    statement_timeout_s: int = Field(default=60, gt=0)  # a batch that waits longer for locks is tried again later
    synchronous_commit: bool = True  # false: a crash of the server may take the last batches with it


class PostgresSink:
    Options: ClassVar[type[Options]] = PostgresOptions
    guarantee: ClassVar[Guarantee] = "idempotent"

    def __init__(self, options: PostgresOptions) -> None:
        self._options = options
        self._connection: psycopg.Connection[Any] | None = None
        self._upsert = upsert(options.schema_name)
        self._held = held(options.schema_name)

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        if not items:
            return []
        order = sorted(range(len(items)), key=lambda place: _order(items[place]))
        with self._told():
            connection = self._connection = self._connection or self._open()
            try:
                answers = self._write_all(connection, [items[place] for place in order])
            except _ROW_ERRORS:
                answers = [self._write_one(connection, items[place]) for place in order]
        return [answer for _, answer in sorted(zip(order, answers, strict=True), key=lambda pair: pair[0])]

    def search(self, query: Query) -> Iterator[Found]:
        with self._told("cannot be searched"), self._connect() as connection:
            yield from search(connection, self._options.schema_name, query)

    def reach(self) -> str:
        schema = self._options.schema_name
        with self._told(), self._connect() as connection:
            row = connection.execute(MAY_WRITE, {"schema": schema}).fetchone()
            version, there, allowed = row if row else ("?", False, False)
        if not allowed:
            what = f"use the schema {schema}" if there else f"make the schema {schema}"
            raise TransientError(f"PostgreSQL {version} lets this user not {what}; grant it the right")
        return f"PostgreSQL {version}, schema {schema}" + ("" if there else " will be made")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write_all(self, connection: psycopg.Connection[Any], items: Sequence[SinkItem]) -> list[Receipt]:
        """Write a sorted batch in one statement, all or nothing. Of an article that is in it twice the last counts."""
        last = {item.delivery.article_id: item for item in items}
        columns = zip(*(_values(row_of(item)) for item in last.values()), strict=True)
        told = [
            vectors(column) if name == "search" else texts(column)
            for name, column in zip(COLUMNS, columns, strict=True)
        ]
        wrote = {row[0] for row in connection.execute(self._upsert, told, prepare=True)}
        stands = {article_id: last[article_id].delivery.delivery_id for article_id in wrote}
        if kept := [article_id for article_id in last if article_id not in wrote]:
            stands |= connection.execute(self._held, (kept,)).fetchall()
        return [_receipt(item, item.delivery.article_id in wrote, stands) for item in items]

    def _write_one(self, connection: psycopg.Connection[Any], item: SinkItem) -> Receipt:
        try:
            return self._write_all(connection, [item])[0]
        except _ROW_ERRORS as exc:
            return Receipt(delivery_id=item.delivery.delivery_id, status="rejected", detail=_told_by_server(exc))

    @contextlib.contextmanager
    def _told(self, what: str = "takes no articles") -> Iterator[None]:
        try:
            yield
        except psycopg.Error as exc:  # away, deadlock, wrong password, no rights: it may be mended
            self.close()
            raise TransientError(f"PostgreSQL {what}: {_told_by_server(exc)}") from exc

    def _connect(self) -> psycopg.Connection[Any]:
        options = self._options
        commit = "on" if options.synchronous_commit else "off"
        return psycopg.connect(
            options.url.get_secret_value(),
            autocommit=True,
            connect_timeout=options.connect_timeout_s,
            application_name="copydesk",
            options=f"-c statement_timeout={options.statement_timeout_s}s -c synchronous_commit={commit}",
        )

    def _open(self) -> psycopg.Connection[Any]:
        connection = self._connect()
        try:
            register(connection)
            _migrate(connection, self._options.schema_name)
        except BaseException:
            connection.close()
            raise
        return connection


def _migrate(connection: psycopg.Connection[Any], schema: str) -> None:
    table = sql.Identifier(schema, "migrations")
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))  # several workers start at once
        found = connection.execute("SELECT to_regclass(%s)", (f"{schema}.migrations",)).fetchone()
        if found is None or found[0] is None:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            connection.execute(sql.SQL("CREATE TABLE {} (version int PRIMARY KEY)").format(table))
        row = connection.execute(sql.SQL("SELECT coalesce(max(version), 0) FROM {}").format(table)).fetchone()
        version = int(row[0]) if row else 0
        for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
            for statement in statements:
                connection.execute(migration(statement, schema))
            connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(table), (number,))
        try:
            connection.execute(readable(schema))
        except (errors.UndefinedColumn, errors.UndefinedTable) as exc:
            raise psycopg.ProgrammingError(f"{_told_by_server(exc)}: {OLDER.format(schema=schema)}") from exc


def _order(item: SinkItem) -> tuple[str, int, bool]:
    return item.delivery.article_id, item.delivery.version, item.delivery.action == "retract"


def _values(row: Row) -> tuple[Any, ...]:
    """The row in the order of COLUMNS, as the text that the server reads."""
    return (
        *(row.article_id, str(row.version), row.delivery_id, "t" if row.retracted else "f", row.headline, row.text),
        *(
            row.url,
            _time(row.published_at),
            _time(row.captured_at),
            row.language,
            row.publisher,
            row.domain,
            row.source,
        ),
        *(row.region, row.topic, _array(row.regions), _array(row.topics), row.duplicate, row.story_id, row.route),
        *(_jsonb(row.record), vector(row.headline or "", row.text)),
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _array(codes: list[str]) -> str:
    """An array inside an array of text."""
    return "{" + ",".join(json.dumps(code, ensure_ascii=False) for code in codes) + "}"


def _jsonb(text: str) -> str:
    """PostgreSQL takes no U+0000 in JSONB either."""
    return json.dumps(_without_nul(json.loads(text)), ensure_ascii=False) if "\\u0000" in text else text


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {name: _without_nul(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    return value


def _receipt(item: SinkItem, wrote: bool, stands: dict[str, str]) -> Receipt:
    ours, article_id = item.delivery.delivery_id, item.delivery.article_id
    status: ReceiptStatus = "superseded"
    if stands.get(article_id) == ours:
        status = "stored" if wrote else "unchanged"
    return Receipt(delivery_id=ours, status=status)


def _told_by_server(exc: psycopg.Error) -> str:
    """The server's own first line and code: never its detail, which may quote the article."""
    code = f" ({exc.sqlstate})" if exc.sqlstate else ""
    return (exc.diag.message_primary or str(exc).splitlines()[0] if str(exc) else type(exc).__name__) + code
