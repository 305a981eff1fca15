"""Standard output and standard error of the commands: bytes out as they are, and an end where nobody reads."""

from __future__ import annotations

import errno
import os
import sys
from typing import BinaryIO

import click

__all__ = ["BROKEN_PIPE", "say", "write_stdout"]

BROKEN_PIPE = 141
"""What the shell reports of a program that SIGPIPE (13) ended: 128 + 13."""


def write_stdout(data: bytes) -> None:
    """Write ``data`` to standard output, now.

    Raises:
        SystemExit: Its reader went away.
        OSError: It cannot be written; the file name is ``<stdout>``.
    """
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        _write_all(sys.stdout.buffer, data)
    except BrokenPipeError:
        _discard_stdout()
        raise SystemExit(BROKEN_PIPE) from None
    except OSError as error:
        _discard_stdout()
        raise OSError(error.errno, error.strerror, "<stdout>") from error


def say(message: str) -> None:
    """Write one line to standard error: names of files in it are whatever somebody made of them."""
    from mojibake_fix.report.text import on_one_line

    click.echo(f"mojibake-fix: {on_one_line(message)}", err=True)


def _write_all(stream: BinaryIO, data: bytes) -> None:
    # Under PYTHONUNBUFFERED the stream is raw, and one write may take only a part.
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) :]
    stream.flush()


def _discard_stdout() -> None:
    """Send what is still in the buffer nowhere, or the interpreter fails on it again when it ends."""
    if sys.stdout is None:
        return
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
