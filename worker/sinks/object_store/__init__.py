"""Articles as objects in S3, Google Cloud Storage, Azure or a folder, one each. Guarantee: idempotent."""

from worker.sinks.object_store.options import ObjectStoreOptions
from worker.sinks.object_store.sink import ObjectStoreSink

__all__ = ["ObjectStoreOptions", "ObjectStoreSink"]
