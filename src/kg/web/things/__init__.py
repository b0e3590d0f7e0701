"""Pages of things: each kind of thing has a row in `kinds.py`, a module, a query and a template."""
