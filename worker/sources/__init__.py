"""A location in, captures out. Opened by name (`worker.plugins`); a source never imports another."""
