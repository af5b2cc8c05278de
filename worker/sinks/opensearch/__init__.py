"""Articles in an OpenSearch or Elasticsearch index, one document each. Guarantee: idempotent."""

from worker.sinks.opensearch.client import OpenSearchOptions
from worker.sinks.opensearch.sink import OpenSearchSink

__all__ = ["OpenSearchOptions", "OpenSearchSink"]
