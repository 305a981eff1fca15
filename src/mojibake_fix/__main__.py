"""``python -m mojibake_fix`` is the command ``mojibake-fix``."""

from __future__ import annotations

from mojibake_fix.cli import main

if __name__ == "__main__":
    main()
