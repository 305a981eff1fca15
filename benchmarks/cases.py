"""Cases of damage and their repair, as ftfy publishes its own: how many come out as they should, by file and tool.

    python benchmarks/cases.py --cases DIR

``DIR`` holds files of JSON, each a list of objects: ``original``, ``fixed``, and ``fixed-encoding`` where ``fixed``
does more than repair encodings; ``tests/test-cases`` of a checkout of ftfy is one.  Cases that are expected to fail are
left out.  Where ftfy leaves a replacement character, bytes were lost: a tool that restores them, or leaves them to be
restored, does not count as right, and ``--show`` names it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ftfy

from mojibake_fix import fix_text

TOOLS: dict[str, Callable[[str], str]] = {"ours": fix_text, "ftfy": ftfy.fix_encoding}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="what we make of the cases that are not as they should be")
    arguments = parser.parse_args()
    print("file                 cases  " + "  ".join(f"{name:>5}" for name in TOOLS))
    for path in sorted(arguments.cases.glob("*.json")):
        cases = [case for case in json.loads(path.read_text(encoding="utf-8")) if case.get("expect", "pass") == "pass"]
        right = {
            name: [repair(case["original"]) == case.get("fixed-encoding", case["fixed"]) for case in cases]
            for name, repair in TOOLS.items()
        }
        print(f"{path.stem:20} {len(cases):5}  " + "  ".join(f"{sum(flags):5}" for flags in right.values()))
        for case, is_right in zip(cases, right["ours"], strict=True):
            if arguments.show and not is_right:
                print(f"  {case['label']}\n    {case['original']}\n    {fix_text(case['original'])}")


if __name__ == "__main__":
    main()
