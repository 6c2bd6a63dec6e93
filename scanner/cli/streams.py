"""Standard output and error, whatever they are: closed, full, a pipe that is not read, short of characters.

What a command found decides its exit code, and what it was asked to write is written; what cannot be printed is not
printed, and standard error says so where it can. A service or a cron job may start a program without any stream, and
Python then has none: the first file that is opened would take the stream's number, and receive what is meant for it.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_LEFT = {errno.EPIPE, errno.ECONNRESET, errno.EIO}  # its reader has seen enough, or the terminal is gone


@contextmanager
def lenient() -> Iterator[None]:
    """In the body, printing to standard output and error never fails, and neither is None."""
    _open_descriptors()
    before = sys.stdout, sys.stderr
    out, err = Lenient(before[0]), Lenient(before[1])
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        out.flush()
        if out.failure is not None and out.failure.errno not in _LEFT:
            err.write(f"scanner: standard output cannot be written: {out.failure.strerror}\n")
        err.flush()
        sys.stdout, sys.stderr = before
        for stream, descriptor in ((out, 1), (err, 2)):
            if stream.failure is not None:
                _drain(stream, descriptor)


class Lenient(io.TextIOBase):
    """A stream that takes whatever is written; after its first failure it forgets it. A character that the stream's
    encoding lacks is escaped."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        if self._stream is not None and self.failure is None:
            try:
                try:
                    self._stream.write(text)
                except UnicodeEncodeError:
                    self._stream.write(text.encode(self.encoding, "backslashreplace").decode(self.encoding))
            except OSError as error:
                self.failure = error
            except ValueError:  # closed in the meantime
                self._stream = None
        return len(text)

    def flush(self) -> None:
        if self._stream is not None and self.failure is None:
            try:
                self._stream.flush()
            except OSError as error:
                self.failure = error
            except ValueError:
                self._stream = None

    def isatty(self) -> bool:
        with suppress(OSError, ValueError):
            return self._stream is not None and self._stream.isatty()
        return False

    def fileno(self) -> int:
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def writable(self) -> bool:
        return True


def takes_every_character(stream: TextIO) -> bool:
    """Whether what is printed there needs no escapes, in which JSON could not be read."""
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") in {"utf8", "utf16", "utf32"}


def _open_descriptors() -> None:
    """See that 0, 1 and 2 are open, so that no file of ours becomes one of them."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.dup(descriptor)
    os.close(descriptor)


def _drain(stream: Lenient, descriptor: int) -> None:
    """What is still held back goes nowhere: the interpreter would write it at its end, and fail again."""
    with suppress(OSError, ValueError):
        if stream.fileno() == descriptor:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
