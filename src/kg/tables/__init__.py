"""Lists in: tables and a mapping become triples, and every dirty row is reported."""
