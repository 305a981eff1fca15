"""The command line: options in, calls to the engine and the files, exit codes out.  No logic of its own.

Exit codes: 0, done; 2, a usage error, or an input or output that failed (named on standard error, the others
are done); 141, the reader of standard output went away, as the shell reports a program ended by SIGPIPE.
Modules that load models are imported by the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

from mojibake_fix.cli.app import main

__all__ = ["main"]
