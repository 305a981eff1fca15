"""The command line: options in, calls to the engine and the files, exit codes out.  No logic of its own.

Exit codes: 0, done or clean; 1, something would change under ``--check`` or ``--diff``, or did under
``--exit-non-zero-on-fix``; 2, a usage error, or an input or output that failed (named on standard error, the others
are done); 129, 130 and 143, ended by SIGHUP, SIGINT or SIGTERM; 141, the reader of standard output went away.
Modules that load models are imported by the commands that need them, so that ``--help`` answers at once.  In modules
that each start imports, small values are named tuples: such a class is made in 0.1 ms, a frozen dataclass in 0.9.
"""

from __future__ import annotations

from mojibake_fix.cli.app import main

__all__ = ["main"]
