"""Bytes of a file as text: by the encoding that the caller names, by a byte order mark, or as strict UTF-8.

An encoding is found out only where the caller asks for that, and only where it is sure: a wrong one is new damage.
What is in several encodings is read by :mod:`mojibake_fix.files.mixed`.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from mojibake_fix.config import Config
from mojibake_fix.encodings import Encoding, text_encoding
from mojibake_fix.errors import MojibakeFixError, UndecodableInputError, UnknownEncodingError
from mojibake_fix.files.content import BYTE_ORDER_MARKS, HEAD_BYTES, encoding_by_mark, is_binary
from mojibake_fix.files.mixed import MIXED, decode_mixed, is_mixed
from mojibake_fix.files.pieces import cut
from mojibake_fix.files.sources import Source
from mojibake_fix.windows import WINDOW

if TYPE_CHECKING:
    from mojibake_fix.detect.encoding import Detection

__all__ = [
    "AUTO",
    "Input",
    "Piece",
    "TooLargeError",
    "check_size",
    "decode_piece",
    "held",
    "open_input",
    "read_bytes",
    "scratch",
]

AUTO = "auto"
"""What to give as an encoding to have it found out."""

_LONGEST_CHARACTER = 4

_SURE = 0.99
"""Probability from which a detected encoding is used, where it was asked for."""

_LOOKED_AT = 1 << 20
_PLACES_BEHIND, _PLACE_BYTES = 16, 1 << 14
"""Bytes from which an encoding is found out: the first ones, and of a larger file so many places behind them."""

_LIKELY = 0.8
"""Probability from which a detected encoding is worth to be suggested."""

_SPOOLED_IN_MEMORY = 1 << 24

_NOT_REGULAR = "Not a regular file"


class TooLargeError(MojibakeFixError):
    """An input that is larger than the caller allows, or than its encoding allows to be read."""


class Piece(NamedTuple):
    """Bytes of an input, without a byte order mark, and where they are: offset in bytes, number of the line."""

    data: bytes
    offset: int
    line: int


class Input:
    """An input that has been opened, and how its bytes spell text.

    Attributes:
        source: What it is.
        encoding: Name of its encoding, or :data:`mojibake_fix.files.mixed.MIXED`.
        mark: The byte order mark that it begins with; empty where there is none.
        binary: Whether it is no text.
        stream: Its bytes, at their beginning.
        status: What the file system says of it; None for standard input.
    """

    def __init__(
        self, source: Source, stream: BinaryIO, encoding: str | None, status: os.stat_result | None = None
    ) -> None:
        self.source = source
        self.stream = stream
        self.status = status
        head = stream.read(HEAD_BYTES)
        # What comes through a pipe was sent to be repaired, and who names an encoding has said that it is text.
        self.binary = source.path is not None and encoding in (None, AUTO) and is_binary(head)
        self._named = encoding not in (None, AUTO)
        marked = encoding_by_mark(head)
        # A mark of the other byte order is no character in the one that was named.
        found = encoding if self._named and not _differ_in_order(encoding, marked) else marked
        if found is None and encoding == AUTO and not self.binary:
            found = _found_out(_looked_at(head, stream), source)
        # Lines of most encodings end as those of UTF-8 do.
        row = text_encoding("utf-8" if found is None or found == MIXED else found)
        self.encoding = MIXED if found == MIXED else row.name
        mark = BYTE_ORDER_MARKS.get(self.encoding, b"")
        self.mark = mark if mark and head.startswith(mark) else b""
        self.size = stream.seek(0, io.SEEK_END)
        self._row = row

    def pieces(self) -> Iterator[Piece]:
        """Yield its bytes, from the beginning, in pieces."""
        offset, line = len(self.mark), 1
        self.stream.seek(offset)
        for data in cut(self.stream, self._row):
            yield Piece(data, offset, line)
            offset += len(data)
            line += _count_lines(data, self._row)

    def check(self) -> None:
        """Decode all of it, for nothing but to know that it can be, before a part of its result is shown.

        Raises:
            UndecodableInputError: Its bytes are not in its encoding.
        """
        for piece in self.pieces():
            if self.encoding == MIXED:
                decode_mixed(piece.data, self.source.name, Config())
            else:
                decode_piece(piece, self.source.name, self.encoding, named=self._named)

    @property
    def output_encoding(self) -> str:
        """The encoding to write it in, unless another is asked for."""
        return "utf-8" if self.encoding == MIXED else self.encoding

    @property
    def named(self) -> bool:
        """Whether the caller named the encoding."""
        return self._named

    @property
    def is_one_piece(self) -> bool:
        """Whether it is done as one document, as its size shows."""
        return self.size - len(self.mark) <= WINDOW or self._row.structure == "stateful"


@contextmanager
def open_input(
    source: Source, encoding: str | None = None, *, for_writing: bool = False, max_size: int | None = None
) -> Iterator[Input]:
    """Open ``source`` as text.

    Args:
        source: What to read.
        encoding: Its encoding, taken at its word; None goes by a byte order mark, and is UTF-8 without one;
            :data:`AUTO` finds out what has no mark and is not UTF-8.
        for_writing: Whether its file is to be replaced: then it must be writable, and nobody may hold a lock on it.
        max_size: Most bytes that it may have.

    Raises:
        OSError: It cannot be read, or written where it must be.
        TooLargeError: It is larger than ``max_size``.
        UndecodableInputError: Its encoding was to be found out, and is not sure.
        UnknownEncodingError: ``encoding`` is no encoding.
    """
    with _open(source, for_writing=for_writing) as (stream, status):
        opened = Input(source, stream, encoding, status)
        check_size(opened.size, max_size, source.name)
        yield opened


def check_size(size: int, max_size: int | None, name: str) -> None:
    """Make sure that the ``size`` bytes of an input are not more than ``max_size``; None allows any number.

    Raises:
        TooLargeError: They are.
    """
    if max_size is not None and size > max_size:
        raise TooLargeError(f"{name}: {size} bytes are more than the {max_size} that were allowed")


@contextmanager
def held(path: Path) -> Iterator[os.stat_result]:
    """Hold the file at ``path`` to be replaced, and give what the file system says of it.

    Raises:
        OSError: It is no regular file, may not be written to, or somebody holds a lock on it.
    """
    with _open(Source(str(path), path), for_writing=True) as (_, status):
        assert status is not None
        yield status


def read_bytes(source: Source) -> bytes:
    """Return all bytes of ``source``.

    Raises:
        OSError: It cannot be read.
    """
    with _open(source, for_writing=False) as (stream, _):
        return stream.read()


def decode_piece(piece: Piece, name: str, encoding: str, *, named: bool = False) -> str:
    """Return ``piece`` as text.

    Args:
        piece: Whole characters.
        name: What an error calls the input.
        encoding: Its name.
        named: Whether it was the caller who named it.

    Raises:
        UndecodableInputError: Some byte is not in the encoding; the error gives its offset in the input.
    """
    row = text_encoding(encoding)
    text = row.decode(piece.data)
    if text is None:
        offset = _first_undecodable(piece.data, row)
        found = f"byte {piece.data[offset]:02X}" if offset < len(piece.data) else "the end"
        line = piece.line + piece.data.count(b"\n", 0, offset)
        if named:
            remedy = "give another encoding"
        else:
            from mojibake_fix.detect.encoding import detect

            remedy = _suggestion(detect(piece.data))
        advice = f"{found} on line {line} does not fit; {remedy}"
        raise UndecodableInputError(name, row.name, piece.offset + offset, advice)
    return text


def _differ_in_order(encoding: str | None, marked: str | None) -> bool:
    names = {encoding, marked}
    return names in ({"utf-16-le", "utf-16-be"}, {"utf-32-le", "utf-32-be"})


def _looked_at(head: bytes, stream: BinaryIO) -> bytes:
    """What an encoding is found out by: the first bytes, of which ``head`` are read, and lines from places behind."""
    first = head + stream.read(_LOOKED_AT - len(head))
    behind = stream.seek(0, io.SEEK_END) - len(first)
    # Lines of wide encodings do not end where a byte says so.
    if behind <= 0 or b"\0" in head:
        return first
    parts = [first[: first.rfind(b"\n") + 1] or first]
    for number in range(_PLACES_BEHIND):
        stream.seek(len(first) + behind * number // _PLACES_BEHIND)
        place = stream.read(_PLACE_BYTES)
        parts.append(place[place.find(b"\n") + 1 : place.rfind(b"\n") + 1])
    return b"".join(parts)


def _found_out(data: bytes, source: Source) -> str:
    """The encoding of a file that begins with ``data``, if it is sure; what ``.editorconfig`` says counts."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=len(data) < _LOOKED_AT)
    except UnicodeDecodeError as error:
        from mojibake_fix.detect.encoding import detect
        from mojibake_fix.files.editorconfig import charset_of

        declared = charset_of(source.path) if source.path else None
        found = detect(data, declared=declared, thorough=True)
        encoding, sure = _only_encoding(found)
        # What can be read and not written becomes UTF-8, too.
        if is_mixed(found) or (encoding is None and found.confidence >= _SURE):
            return MIXED
        if encoding is not None and sure >= _SURE:
            return encoding
        raise UndecodableInputError(
            source.name, "utf-8", error.start, f"no other encoding is sure; {_suggestion(found)}"
        ) from None
    return "utf-8"


def _suggestion(found: Detection) -> str:
    encoding, sure = _only_encoding(found)
    if is_mixed(found) or (encoding not in (None, "utf-8") and sure >= _LIKELY):
        return f"give its encoding, probably --encoding {AUTO if is_mixed(found) else encoding}"
    return "give its encoding, such as --encoding gb18030"


def _only_encoding(found: Detection) -> tuple[str | None, float]:
    """The one encoding that was found, if it can be written, too, and its probability."""
    if found.encoding is None or found.mixed:
        return None, 0.0
    try:
        return text_encoding(found.encoding).name, found.confidence
    except UnknownEncodingError:
        return None, 0.0


def _count_lines(data: bytes, row: Encoding) -> int:
    """How many newlines, CRLF, CR or LF, ``data`` has; a wide encoding's are counted as text."""
    if row.structure == "wide":
        text = row.decode(data) or ""
        return text.count("\n") + text.count("\r") - text.count("\r\n")
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _first_undecodable(data: bytes, row: Encoding) -> int:
    """Return the offset of the first character of ``data`` that ``row`` cannot decode, by bisection.

    A prefix decodes if it ends between two characters before that offset: of as many prefixes in a row as a
    character has bytes, one does up to there, and none does after it.
    """
    decodable, undecodable = 0, len(data)
    while undecodable - decodable > 1:
        middle = (decodable + undecodable) // 2
        ends = range(min(middle + _LONGEST_CHARACTER, len(data)) - 1, middle - 1, -1)
        # What is decodable need not be decoded again, unless an escape in it governs what follows.
        start = 0 if row.structure == "stateful" else decodable
        boundary = next((end for end in ends if row.decode(data[start:end]) is not None), None)
        if boundary is None:
            undecodable = middle
        else:
            decodable = boundary
    return decodable


@contextmanager
def _open(source: Source, *, for_writing: bool) -> Iterator[tuple[BinaryIO, os.stat_result | None]]:
    if source.path is None:
        if sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF), "<stdin>")
        with _spooled(sys.stdin.buffer) as spool:
            yield spool, None
        return
    with _opened(source.path, for_writing=for_writing) as stream:
        status = os.fstat(stream.fileno())
        if for_writing:
            _check_replaceable(stream, status, source.name)
        if stream.seekable():
            yield stream, status
        else:
            with _spooled(stream) as spool:
                yield spool, status


def _opened(path: Path, *, for_writing: bool) -> BinaryIO:
    try:
        return path.open("r+b" if for_writing else "rb")
    except io.UnsupportedOperation:
        # To read and write, only what one can go back in is opened: no pipe.
        raise OSError(errno.EINVAL, _NOT_REGULAR, str(path)) from None
    except IsADirectoryError:
        # Of folders only those are read that could not be listed, and this says why.
        with os.scandir(path):
            raise


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """All of ``stream``, where one can go back in it."""
    import shutil

    with scratch() as spool:
        shutil.copyfileobj(stream, spool)
        spool.seek(0)
        yield spool


@contextmanager
def scratch() -> Iterator[BinaryIO]:
    """Give room for bytes that are gone again in the end: in memory, or on a disk where they are many."""
    # 4 ms to import, for what a file on a disk can do without.
    import tempfile

    with tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY) as spool:
        yield cast(BinaryIO, spool)


def _check_replaceable(stream: BinaryIO, status: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, _NOT_REGULAR, name)
    if not status.st_mode & 0o222:
        # Root may write to it all the same; that it is read-only was somebody's wish.
        raise PermissionError(errno.EACCES, "Read-only file", name)
    _lock(stream, name)


def _lock(stream: BinaryIO, name: str) -> None:
    """Make sure that no other process holds a lock on the file, where there are such locks.

    Raises:
        OSError: One does.
    """
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(error.errno, "Locked by another process", name) from error
    except OSError as error:
        # Some network file systems have no locks.
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS):
            raise
