"""An output for the engine to write a table to: it counts rows, and stops the engine at a cap.

The engine writes the format asked for, in blocks that end anywhere. Rows are counted in the text
itself, so a result is written once and is always cut at the end of a row. Text is looked at from
the start of a row on, where no string is open; what follows the last whole row waits for more.
"""

import os
import re
import shutil
from collections.abc import Iterator
from itertools import accumulate
from typing import IO, Final

_MEMORY_BYTES = 1 << 20
"""A result beyond this goes to the overflow file."""
_BLOCK_BYTES: Final = 64 << 10
"""Rows are looked for in pieces of at least this length: searching then costs little beside writing."""


class CapReached(Exception):
    """Raised in `write` to stop the engine; it comes back from `serialize` unchanged."""


class Rows:
    """Where rows of a table format end; here of TSV, which writes a line feed in a value as `\\n`."""

    head_end: bytes = b"\n"
    """What the part before the first row ends with."""
    foot: bytes = b""
    """What stands behind the last row, and closes a cut result."""

    def count(self, text: bytes) -> int:
        """Number of whole rows."""
        return text.count(b"\n")

    def ends(self, text: bytes) -> Iterator[int]:
        """Where each whole row ends."""
        return (found.end() for found in re.finditer(b"\n", text))

    def last_end(self, text: bytes) -> int:
        """Where the last whole row ends; 0 where there is none."""
        return text.rfind(b"\n") + 1


class CsvRows(Rows):
    """A line feed outside quotes ends a row; a quote in a value is doubled, which changes nothing."""

    def count(self, text: bytes) -> int:
        """Number of whole rows."""
        return sum(part.count(b"\n") for part in text.split(b'"')[::2])

    def ends(self, text: bytes) -> Iterator[int]:
        """Where each whole row ends."""
        found = re.finditer(rb'"[^"]*+(?:"|\Z)|\n', text)
        return (match.end() for match in found if match[0] == b"\n")

    def last_end(self, text: bytes) -> int:
        """Where the last whole row ends."""
        parts = text.split(b'"')
        starts = list(accumulate((len(part) + 1 for part in parts), initial=0))
        for number in range((len(parts) - 1) // 2 * 2, -1, -2):
            if (end := parts[number].rfind(b"\n")) >= 0:
                return starts[number] + end + 1
        return 0


class XmlRows(Rows):
    """`</result>` cannot stand in a value, where `<` is escaped."""

    head_end = b"<results>"
    foot = b"</results></sparql>"

    def count(self, text: bytes) -> int:
        """Number of whole rows."""
        return text.count(b"</result>")

    def ends(self, text: bytes) -> Iterator[int]:
        """Where each whole row ends."""
        return (found.end() for found in re.finditer(b"</result>", text))

    def last_end(self, text: bytes) -> int:
        """Where the last whole row ends."""
        end = text.rfind(b"</result>")
        return end + len(b"</result>") if end >= 0 else 0


class JsonRows(Rows):
    """`},{` outside strings parts rows; the comma counts to the row behind it.

    In a string `"` is escaped, so `},{"` either parts rows or ends a string, and then `}` or `,`
    follows, which begin no name of a variable. Rows without any value, `{}`, need a closer look.
    """

    head_end = b'"bindings":['
    foot = b"]}}"

    def count(self, text: bytes) -> int:
        """Number of rows in a text that ends with one."""
        if b"{}" in text:
            return sum(1 for _ in self.ends(text))
        parts = text.count(b'},{"') - text.count(b'},{"}') - text.count(b'},{",')
        return parts + bool(text)

    def ends(self, text: bytes) -> Iterator[int]:
        """Where each row ends, in a text that ends with one."""
        yield from _json_parts(text)
        if text:
            yield len(text)

    def last_end(self, text: bytes) -> int:
        """Where the last row ends that another one follows."""
        if b"{}" in text:
            return max(_json_parts(text), default=0)
        end = text.rfind(b'},{"')
        while end >= 0 and text[end + 4 : end + 5] in (b"}", b",", b""):
            end = text.rfind(b'},{"', 0, end + 3)
        return end + 1


def _json_parts(text: bytes) -> Iterator[int]:
    """Where each row ends that another one follows."""
    found = re.finditer(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|\}(?=,\{)', text, re.DOTALL)
    return (match.end() for match in found if match[0] == b"}")


def count_json_rows(text: bytes, first: str) -> int:
    """Rows of a whole JSON result whose first variable no row leaves unbound; 0.5 ms a megabyte.

    In a string `"` is escaped, and behind the one that ends it stands no name. -1 where the rows
    are not written as expected.
    """
    start = text.find(JsonRows.head_end) + len(JsonRows.head_end)
    if not text.endswith(JsonRows.foot) or start < len(JsonRows.head_end):
        return -1
    if start == len(text) - len(JsonRows.foot):
        return 0
    name = b'{"%s":{' % first.encode()
    return 1 + text.count(b"}," + name, start) if text.startswith(name, start) else -1


ROWS: Final = {"json": JsonRows(), "xml": XmlRows(), "csv": CsvRows(), "tsv": Rows()}
"""How rows end, by name of the format; the lines of N-Triples end like those of TSV."""


class Spool:
    """Bytes in memory, moved to the overflow file once they are many."""

    def __init__(self, overflow: IO[bytes], whole: bytes = b"") -> None:
        """With `whole`, what it holds from the start to the end."""
        self._overflow, self._memory = overflow, bytearray()
        self._whole = whole
        self.in_memory = len(whole) <= _MEMORY_BYTES
        self.size = len(whole)

    def write(self, block: bytes) -> int:
        """Takes a block."""
        self.size += len(block)
        if self.in_memory and self.size > _MEMORY_BYTES:
            self.in_memory = False
            empty(self._overflow)
            self._overflow.write(self._memory)
        if self.in_memory:
            self._memory += block
        else:
            self._overflow.write(block)
        return len(block)

    def flush(self) -> None:
        """Nothing to do; the engine asks."""

    def copy_to(self, target: IO[bytes]) -> None:
        """Writes what was written, from its start."""
        if self._whole or self.in_memory:
            target.write(self._whole or self._memory)
            return
        self._overflow.seek(0)
        shutil.copyfileobj(self._overflow, target, _MEMORY_BYTES)


def empty(file: IO[bytes]) -> None:
    """Gives back the room on the disk that a file takes, also where the disk was too small for it."""
    os.ftruncate(file.fileno(), 0)  # first, so that there is room for what its buffer still holds
    file.seek(0)
    file.truncate()


class RowBuffer:
    """Takes a table as the engine writes it; at a cap keeps the whole rows that fit and stops it."""

    def __init__(self, rows: Rows, spool: Spool, max_rows: int, max_bytes: int) -> None:
        """The bytes are those of the rows; what stands before the first and after the last is free."""
        self._rows, self._spool = rows, spool
        self._max_rows, self._max_bytes = max_rows, max_bytes
        self._blocks: list[bytes] = []
        self._waiting = 0
        self._in_rows = False
        self.piece_bytes = _BLOCK_BYTES
        self.head = b""
        """What stands before the first row."""
        self.count = 0
        self.cut = ""
        """`rows` or `bytes` once a cap was reached."""

    def write(self, block: bytes) -> int:
        """Takes a block. Raises CapReached at a cap."""
        self._blocks.append(block)
        self._waiting += len(block)
        if self._waiting >= self.piece_bytes:
            self._take_rows()
        return len(block)

    def flush(self) -> None:
        """Nothing to do; the engine asks."""

    def finish(self) -> None:
        """Takes what is left, once the engine has written its last. Raises CapReached at a cap."""
        rest = self._take_rows()
        row = rest.removesuffix(self._rows.foot) if self._in_rows else b""
        if row:
            self._check(1, len(row))
            self.count += 1
        self._spool.write(rest)

    def _take_rows(self) -> bytes:
        """Moves the whole rows on; what is left."""
        text = b"".join(self._blocks)
        if not self._in_rows:
            head, found, rest = text.partition(self._rows.head_end)
            if found:
                self.head, text, self._in_rows = head + found, rest, True
        end = self._rows.last_end(text) if self._in_rows else 0
        rows, rest = text[:end], text[end:]
        found_rows = self._rows.count(rows)
        if self.count + found_rows > self._max_rows or self._spool.size + end > self._max_bytes:
            self._cut(rows)
        self.count += found_rows
        self._spool.write(rows)
        self._blocks, self._waiting = [rest], 0  # a long row is looked at again after 64 KiB more
        if self._in_rows and len(rest) > _BLOCK_BYTES:
            self._check(0, len(rest))
        return rest

    def _cut(self, text: bytes) -> None:
        """Keeps the rows of the text that fit, and stops the engine."""
        end = 0
        for here in self._rows.ends(text):
            try:
                self._check(1, here)
            except CapReached:
                self._spool.write(text[:end])
                raise
            self.count, end = self.count + 1, here

    def _check(self, rows: int, size: int) -> None:
        """Raises CapReached where that many rows and bytes more would pass a cap."""
        if self.count + rows > self._max_rows:
            self.cut = "rows"
        elif self._spool.size + size > self._max_bytes:
            self.cut = "bytes"
        if self.cut:
            raise CapReached
