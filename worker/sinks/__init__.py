"""Deliveries in, receipts out. Opened by name (`worker.plugins`); a sink never imports another."""
