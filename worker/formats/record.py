"""Our own record: one JSON object for one delivery. The base format of all sinks; `docs/schema/` publishes its schema.

The major number of `schema_version` changes only when a reader would break.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, create_model
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import to_json

from worker.models import (
    Action,
    Article,
    ArticleId,
    Capture,
    CleanArticle,
    Delivery,
    DeliveryId,
    DuplicateVerdict,
    Message,
    Provenance,
    RegionVerdict,
    TopicVerdict,
    json_of,
)

SCHEMA_VERSION = "1.0"
WITHDRAWN: dict[str, Any] = {
    "headline": None,
    "alt_headlines": (),
    "description": None,
    "text": (),
    "lead_image": None,
}  # of a retracted article only the shell is told on

_PRIVATE: Any = {"body": {"at"}}  # a place in our own spool
_APART: Any = {"capture", "article_id", "text"}
_COMMENT = re.compile(r"^    (\w+): .*?  # (.+)$", re.MULTILINE)
_KEPT = [name for name in Article.model_fields if name not in ("capture", "article_id", "text")]

if TYPE_CHECKING:

    class ArticleRecord(Message):
        text: str

else:
    ArticleRecord = create_model(
        "ArticleRecord",
        __base__=Message,
        __doc__=Article.__doc__,
        text=(str, Field(description="paragraphs joined by a blank line, as evidence offsets count them")),
        **{name: (Article.model_fields[name].annotation, Article.model_fields[name]) for name in _KEPT},
    )


class DeliveryRecord(Message):
    """What brought the record to its reader."""

    delivery_id: DeliveryId
    action: Action
    route: str


class Record(Message):
    """A clean article as copydesk delivers it: what was captured, what it says, how it was judged, and by what."""

    schema_version: str
    article_id: ArticleId
    version: int  # the higher one wins
    delivery: DeliveryRecord | None
    capture: Capture
    article: ArticleRecord
    duplicate: DuplicateVerdict
    regions: RegionVerdict
    topics: TopicVerdict
    provenance: Provenance


def text_of(clean: CleanArticle) -> str:
    """The body as one text: paragraphs joined by a blank line, as evidence offsets count it."""
    return _joined(clean.article)


def _joined(article: Article) -> str:
    return "\n\n".join(article.text)


def record(clean: CleanArticle, delivery: Delivery | None = None) -> dict[str, Any]:
    """The record of an article, as plain values that JSON knows.

    Every key is always there; null means that the world lacks it. The record of a retraction tells no text.
    """
    told: dict[str, Any] = json.loads(_told(clean, delivery))
    return told


def line(clean: CleanArticle, delivery: Delivery | None = None) -> bytes:
    """The record as one line of UTF-8 JSON, with its newline."""
    return _told(clean, delivery).encode() + b"\n"


def without_text(clean: CleanArticle, delivery: Delivery) -> str:
    """The record as JSON that leaves out `article.text`, for stores that keep the text beside it."""
    return _told(clean, delivery, text=False)


def clean_of(record: Mapping[str, Any]) -> CleanArticle:
    """The article that a record tells of. Raises ValueError when it is none."""
    try:
        article = {**record["article"], "article_id": record["article_id"], "capture": record["capture"]}
        article["text"] = article["text"].split("\n\n") if article["text"] else []
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"no record: {exc}") from exc
    return CleanArticle.model_validate({**record, "schema_version": "1", "article": article})


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the record. Keys may be added within a major version."""
    made = Record.model_json_schema(mode="serialization", schema_generator=_Published)
    body = made["$defs"]["BodyRef"]
    body["properties"].pop("at")
    body["required"].remove("at")
    _describe(made, Record)
    for name, model in _models().items():
        if name in made["$defs"]:
            _describe(made["$defs"][name], model)
    _describe(made["$defs"]["ArticleRecord"], Article)
    return {"$schema": _Published.schema_dialect, "$id": "urn:copydesk:article:1"} | made


class _Published(GenerateJsonSchema):
    """No defaults and no titles: every key is written, and its name says it."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def _models() -> dict[str, type[Message]]:
    found, waiting = {}, [Message]
    while waiting:
        for model in waiting.pop().__subclasses__():
            found[model.__name__] = model
            waiting.append(model)
    return found


def _describe(schema: dict[str, Any], model: type[Message]) -> None:
    """The comment beside a field of the model describes it in the schema too."""
    for base in model.__mro__[::-1]:
        if base is not Message and issubclass(base, Message) and base is not ArticleRecord:
            for name, comment in _COMMENT.findall(inspect.getsource(base)):
                if name in schema["properties"]:
                    schema["properties"][name].setdefault("description", comment)


def _told(clean: CleanArticle, delivery: Delivery | None, *, text: bool = True) -> str:
    """The fields of `Record` in their order, put together from JSON: to make the models of it first took as long as
    all of the writing."""
    article = clean.article
    if delivery is not None and delivery.action == "retract":
        article = article.model_copy(update=WITHDRAWN)
    rest = article.model_dump_json(exclude=_APART)[1:]
    if text:
        rest = f'"text":{to_json(_joined(article)).decode()},{rest}'
    sent = "null"
    if delivery is not None:
        route = to_json(delivery.route).decode()
        sent = f'{{"delivery_id":"{delivery.delivery_id}","action":"{delivery.action}","route":{route}}}'
    return (
        f'{{"schema_version":"{SCHEMA_VERSION}","article_id":"{article.article_id}","version":{clean.version},'
        f'"delivery":{sent},"capture":{article.capture.model_dump_json(exclude=_PRIVATE)},"article":{{{rest},'
        f'"duplicate":{clean.duplicate.model_dump_json()},"regions":{json_of(clean.regions)},'
        f'"topics":{json_of(clean.topics)},"provenance":{json_of(clean.provenance)}}}'
    )
