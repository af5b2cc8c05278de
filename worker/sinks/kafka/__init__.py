"""Records on a Kafka topic, keyed by article. Guarantee: at least once."""

from worker.sinks.kafka.options import KafkaOptions
from worker.sinks.kafka.sink import KafkaSink

__all__ = ["KafkaOptions", "KafkaSink"]
