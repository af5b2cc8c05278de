"""Articles in one SQLite file, one row each, with full-text search. Guarantee: idempotent."""

from worker.sinks.sqlite.sink import SqliteOptions, SqliteSink

__all__ = ["SqliteOptions", "SqliteSink"]
