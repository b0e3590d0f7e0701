"""The answers researchers come for, as small functions of query rows and of networkx graphs.

`registry.ANALYSES` has a row for each; command, page and REST path read that table.
"""
