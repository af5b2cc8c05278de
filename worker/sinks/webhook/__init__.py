"""Deliveries as signed HTTP requests, one each (Standard Webhooks). Guarantee: at least once."""

from worker.sinks.webhook.sink import WebhookOptions, WebhookSink

__all__ = ["WebhookOptions", "WebhookSink"]
