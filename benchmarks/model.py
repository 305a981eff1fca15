"""Measure the language model: size, load time, held-out entropy by language, scoring speed.

    python benchmarks/model.py --data DIR [--model FILE]

``DIR/clean/<lang>.txt`` holds clean lines.  Entropy is of the folded alphabet, in nats a character, each line scored on
its own; the forms column is what telling Traditional from Simplified and full-width from ASCII adds.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from mojibake_fix.model import code_points, load_model, read_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()

    started = time.perf_counter()
    model = read_model(arguments.model) if arguments.model else load_model()
    print(f"loaded in {(time.perf_counter() - started) * 1000:.1f} ms")
    print(f"{'':10}{'nats/char':>10}{'forms':>8}{'MB/s':>8}")
    for path in sorted((arguments.data / "clean").glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        size = path.stat().st_size
        started = time.perf_counter()
        total = float(model.score(lines).sum())
        elapsed = time.perf_counter() - started
        forms = sum(float(model.form_logp(code_points(line)).sum(axis=1).max()) for line in lines)
        characters = sum(map(len, lines)) + len(lines)
        print(f"{path.stem:10}{-total / characters:10.3f}{-forms / characters:8.3f}{size / 1e6 / elapsed:8.1f}")
    codes = model.fold("\n".join(lines))
    print(f"unigram floor {float(np.min(model.unigram)):.2f}; {len(codes):,} characters in the last sample")


if __name__ == "__main__":
    main()
