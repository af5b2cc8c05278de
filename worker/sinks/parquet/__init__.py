"""Deliveries as rows of Parquet files in a partitioned folder. Guarantee: at least once; repeats within the window
are dropped."""

from worker.sinks.parquet.sink import ParquetOptions, ParquetSink

__all__ = ["ParquetOptions", "ParquetSink"]
