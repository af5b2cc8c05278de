"""Which brokers and topic, and who asks: in our words, and in those of the client."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from worker.plugins import Options


class KafkaOptions(Options):
    brokers: tuple[str, ...] = Field(min_length=1)  # "host:9092": some of them, the others are found
    topic: str = Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")
    tls: bool = True
    ca_file: Path | None = None  # PEM; instead of the system's
    username: str | None = None
    password: SecretStr | None = None
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    compression: Literal["zstd", "lz4", "gzip", "snappy", "none"] = "zstd"
    max_record_bytes: int = Field(default=1_000_000, ge=1000)  # as the topic's max.message.bytes; larger is rejected
    timeout_s: float = Field(default=30, ge=1, le=120)  # until a record has to be acknowledged

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` belong together")
        if self.ca_file and not self.tls:
            raise ValueError("`ca_file` needs `tls`")
        return self

    def client(self) -> dict[str, str | int | bool]:
        """The configuration of the client library."""
        sasl = self.username is not None
        found: dict[str, str | int | bool] = {
            "bootstrap.servers": ",".join(self.brokers),
            "client.id": "copydesk",
            "security.protocol": ("SASL_" if sasl else "") + ("SSL" if self.tls else "PLAINTEXT"),
            "enable.idempotence": True,  # acks of all replicas in sync; the client's own repeats are dropped there
            "compression.type": self.compression,
            "message.max.bytes": self.max_record_bytes,
            "message.timeout.ms": int(self.timeout_s * 1000),
            "socket.connection.setup.timeout.ms": 10_000,
            "linger.ms": 5,
        }
        if self.ca_file:
            found["ssl.ca.location"] = str(self.ca_file)
        if self.username is not None and self.password is not None:
            found["sasl.mechanism"] = self.mechanism
            found["sasl.username"] = self.username
            found["sasl.password"] = self.password.get_secret_value()
        return found
