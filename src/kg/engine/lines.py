"""Binary outputs for the engine to write to: one that counts lines and stops, one that marks a head."""

import io
from typing import IO

_MEMORY_BYTES = 256 << 10
"""Lines beyond this go to the overflow file."""


class CapReached(Exception):
    """Raised in `LineBuffer.write` to stop the engine; it comes back from `serialize` unchanged."""


class LineBuffer:
    """Lines in memory, moved to a file once they are long; stops the writer at a cap."""

    def __init__(
        self, overflow: IO[bytes], max_lines: int, max_bytes: int, *, header: bool = False
    ) -> None:
        """With `header`, the first line counts neither as a line nor for the bytes."""
        self._overflow, self._max_lines, self._max_bytes = overflow, max_lines, max_bytes
        self._in_header = header
        self._size = 0
        self._memory = bytearray()
        self.in_memory = True
        self.lines = 0
        self.cut = ""
        """`rows` or `bytes` once a cap was reached."""

    def write(self, block: bytes) -> int:
        """Takes a block; at a cap takes what fits and raises CapReached."""
        size = len(block)
        if self._in_header:
            head, end, block = block.partition(b"\n")
            self._in_header = not end
            self._append(head + end)
        if self.lines + block.count(b"\n") > self._max_lines:
            self.cut, block = "rows", _first_lines(block, self._max_lines - self.lines)
        if self._size + len(block) > self._max_bytes:
            self.cut, block = "bytes", block[: self._max_bytes - self._size]
        self._append(block)
        self.lines += block.count(b"\n")
        self._size += len(block)
        if self.cut:
            raise CapReached
        return size

    def _append(self, block: bytes) -> None:
        if self.in_memory and len(self._memory) + len(block) > _MEMORY_BYTES:
            self.in_memory = False
            self._overflow.seek(0)
            self._overflow.truncate()
            self._overflow.write(self._memory)
        if self.in_memory:
            self._memory += block
        else:
            self._overflow.write(block)

    def flush(self) -> None:
        """Nothing to do; the engine asks."""

    def read_whole(self) -> IO[bytes]:
        """The lines that are complete, from their start."""
        lines: IO[bytes] = io.BytesIO(self._memory) if self.in_memory else self._overflow
        if self.cut == "bytes":
            _drop_partial_line(lines)
        lines.seek(0)
        return lines


def _first_lines(block: bytes, count: int) -> bytes:
    end = 0
    for _ in range(count):
        end = block.index(b"\n", end) + 1
    return block[:end]


def _drop_partial_line(file: IO[bytes]) -> None:
    """Cuts the file after its last line feed."""
    end = file.seek(0, 2)
    while end > 0:
        start = max(0, end - (1 << 16))
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            file.truncate(start + found + 1)
            return
        end = start
    file.truncate(0)


class HeadWriter(io.RawIOBase):
    """Passes blocks on and inserts a text after the first occurrence of another, if one is given."""

    def __init__(self, target: IO[bytes], after: bytes, text: bytes) -> None:
        super().__init__()
        self._target, self._after, self._text = target, after, text
        self._head = bytearray()

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, block: bytes) -> int:  # type: ignore[override]  # the engine writes bytes
        """Takes a block."""
        if not self._after:
            return self._target.write(block)
        self._head += block
        if self._after in self._head:
            head, found, rest = bytes(self._head).partition(self._after)
            self._target.write(head + found + self._text + rest)
            self._after = b""
        return len(block)

    def finish(self, tail: bytes) -> None:
        """Passes on what is left, and a tail."""
        self._target.write((bytes(self._head) if self._after else b"") + tail)
