"""Bulk requests with external versions: the index itself keeps the higher version. Every item's answer is read.

A conflict means that the index holds this version or a later one. What it holds is asked then: the same delivery is
unchanged, a later version supersedes, and the same version with other content is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

from worker.errors import TransientError
from worker.models import Receipt, ReceiptStatus, SinkItem
from worker.plugins import Guarantee
from worker.sinks.opensearch.client import Client, OpenSearchOptions
from worker.sinks.opensearch.index import document, external_version, template

CONFLICT, TOO_LARGE = 409, 413
_PASSES = {408, 429, 500, 502, 503, 504}


class _Line(NamedTuple):
    """One item of a bulk request."""

    place: int  # in the batch
    item: SinkItem
    source: bytes

    def body(self, index: str, version_type: str) -> bytes:
        head = {
            "_index": index,
            "_id": self.item.delivery.article_id,
            "version": external_version(self.item),
            "version_type": version_type,
        }
        return json.dumps({"index": head}).encode() + b"\n" + self.source + b"\n"


class OpenSearchSink:
    Options: ClassVar[type[OpenSearchOptions]] = OpenSearchOptions
    guarantee: ClassVar[Guarantee] = "idempotent"

    def __init__(self, options: OpenSearchOptions) -> None:
        self._options = options
        self._client = Client(options)
        self._is_ready = False

    def write(self, items: Sequence[SinkItem]) -> list[Receipt]:
        if not items:
            return []
        self._prepare()
        receipts: dict[int, Receipt] = {}
        for turn in _one_of_an_article(items):
            lines = [_Line(place, item, _json(document(item))) for place, item in turn]
            conflicts = self._send(lines, "external", receipts)
            if conflicts:
                self._send(self._compare(conflicts, receipts), "external_gte", receipts)
        if all(receipt.status == "retry" for receipt in receipts.values()):
            raise TransientError(f"{self._client.host} takes no articles: {receipts[0].detail}")
        return [receipts[place] for place in range(len(items))]

    def reach(self) -> str:
        version = self._client.ask("GET", "/", b"").body.get("version") or {}
        name = version.get("distribution", "elasticsearch")
        return f"{self._client.host} answers: {name} {version.get('number', '?')}"

    def close(self) -> None:
        self._client.close()

    def _prepare(self) -> None:
        if self._is_ready or not self._options.template:
            return
        options = self._options
        name = quote(options.index, safe="")
        self._client.ask("PUT", f"/_index_template/{name}", template(options.index, options.shards, options.replicas))
        self._is_ready = True

    def _send(self, lines: Sequence[_Line], version_type: str, receipts: dict[int, Receipt]) -> list[_Line]:
        """Index the lines and note a receipt for each, but for those that met a version as high: these are returned."""
        conflicts: list[_Line] = []
        for group in self._groups(lines):
            body = b"".join(line.body(self._options.index, version_type) for line in group)
            answer = self._client.ask("POST", "/_bulk", body)
            if answer.status == TOO_LARGE:
                if len(group) == 1:
                    receipts[group[0].place] = _receipt(group[0].item, "rejected", "too large for the server (413)")
                else:
                    half = len(group) // 2
                    conflicts += self._send(group[:half], version_type, receipts)
                    conflicts += self._send(group[half:], version_type, receipts)
                continue
            told = answer.body.get("items", ())
            if len(told) != len(group):
                raise TransientError(f"{self._client.host} answers for {len(told)} of {len(group)} items")
            for line, one in zip(group, told, strict=True):
                found = one.get("index", {})
                status = int(found.get("status", 500))
                if status == CONFLICT and version_type == "external":
                    conflicts.append(line)
                else:
                    receipts[line.place] = _receipt(line.item, *_meaning(status, found))
        return conflicts

    def _compare(self, lines: Sequence[_Line], receipts: dict[int, Receipt]) -> list[_Line]:
        """The lines whose version stands with other content; the others get their receipt."""
        asked = {"docs": [{"_id": line.item.delivery.article_id, "_source": ["delivery_id"]} for line in lines]}
        answer = self._client.ask("POST", f"/{quote(self._options.index, safe='')}/_mget", asked)
        held = {one["_id"]: one for one in answer.body.get("docs", ()) if one.get("found")}
        differ = []
        for line in lines:
            found = held.get(line.item.delivery.article_id)
            if found is not None and found.get("_source", {}).get("delivery_id") == line.item.delivery.delivery_id:
                receipts[line.place] = _receipt(line.item, "unchanged")
            elif found is None or found["_version"] > external_version(line.item):  # not found: deleted in a later one
                receipts[line.place] = _receipt(line.item, "superseded")
            else:
                differ.append(line)
        return differ

    def _groups(self, lines: Sequence[_Line]) -> Iterator[list[_Line]]:
        """The lines in requests of a size the server takes."""
        group: list[_Line] = []
        size = 0
        for line in lines:
            more = len(line.source) + 300
            if group and size + more > self._options.max_request_bytes:
                yield group
                group, size = [], 0
            group.append(line)
            size += more
        if group:
            yield group


def _one_of_an_article(items: Sequence[SinkItem]) -> Iterator[list[tuple[int, SinkItem]]]:
    """The items in turns, so that no turn holds two deliveries of one article: servers order those as they like."""
    left = list(enumerate(items))
    while left:
        turn: dict[str, tuple[int, SinkItem]] = {}
        later = []
        for pair in left:
            if turn.setdefault(pair[1].delivery.article_id, pair) is not pair:
                later.append(pair)
        yield list(turn.values())
        left = later


def _meaning(status: int, found: dict[str, Any]) -> tuple[ReceiptStatus, str]:
    if status < 300:
        return "stored", ""
    if status == CONFLICT:
        return "superseded", ""
    error = found.get("error")
    kind = error.get("type", "") if isinstance(error, dict) else ""
    return "retry" if status in _PASSES else "rejected", f"{status} {kind}".strip()


def _receipt(item: SinkItem, status: ReceiptStatus, detail: str = "") -> Receipt:
    return Receipt(delivery_id=item.delivery.delivery_id, status=status, detail=detail)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
