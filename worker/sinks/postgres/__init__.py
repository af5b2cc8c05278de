"""Articles in PostgreSQL, one row each, with full-text search and JSONB. Guarantee: idempotent."""

from worker.sinks.postgres.sink import PostgresOptions, PostgresSink

__all__ = ["PostgresOptions", "PostgresSink"]
