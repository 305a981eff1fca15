"""How often the encoding of bytes is told right, by test, side by side with other detectors.

    python benchmarks/detection.py --data DIR [--count N] [--labelled DIR] [--only NAME ...] [--tests NAME ...]

``DIR/clean/<language>.txt`` holds clean lines, from which the tests are made by encoding pieces of them and damaging
the bytes.  ``--labelled`` takes files named ``<encoding>/<file>``.  An answer is right if it decodes the bytes to the
true text, or names the true encoding or its superset; of damaged bytes, if it is of the true family.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detectors import Detector, available_detectors
from benchmarks.samples import clean_lines
from mojibake_fix.detect.encoding import Detection
from mojibake_fix.detect.encoding.catalogue import answer_name
from mojibake_fix.detect.encoding.decoders import clean_text
from mojibake_fix.encodings import lookup
from mojibake_fix.errors import UnknownEncodingError

CJK = (
    ("gbk", "zh-Hans"), ("gb18030", "zh-Hans"), ("big5", "zh-Hant"), ("big5-hkscs", "zh-Hant"), ("cp932", "ja"),
    ("euc-jp", "ja"), ("euc-kr", "ko"), ("cp949", "ko"),
)  # fmt: skip
WIDE = tuple((name, language) for name in ("utf-16-le", "utf-16-be") for language in ("zh-Hans", "zh-Hant", "ja", "ko"))
LEGACY = (
    ("cp1251", "ru"), ("koi8-r", "ru"), ("iso8859-5", "ru"), ("cp866", "ru"), ("cp1252", "fr"), ("latin-1", "fr"),
    ("iso8859-15", "fr"), ("cp850", "fr"), ("cp1252", "de"), ("latin-1", "de"), ("iso8859-15", "de"), ("cp850", "de"),
)  # fmt: skip
RARE = (("euc-tw", "zh-Hant"), ("johab", "ko"), ("hz", "zh-Hans"))
DAMAGED = (
    ("gbk", "zh-Hans"), ("gb18030", "zh-Hans"), ("big5", "zh-Hant"), ("cp932", "ja"), ("euc-jp", "ja"),
    ("euc-kr", "ko"), ("cp949", "ko"), ("utf-8", "zh-Hans"), ("utf-16-le", "ja"), ("utf-16-be", "zh-Hant"),
)  # fmt: skip
HOWS = ("lost", "gained", "overwritten", "cut")
MIXTURES = {
    "zh-Hans": ("utf-8", "gb18030"),
    "zh-Hant": ("utf-8", "cp950"),
    "ja": ("utf-8", "cp932", "euc-jp"),
    "ko": ("utf-8", "cp949"),
}
EUROPEAN = {
    "de": ("utf-8", "cp1252", "cp850", "mac-roman"),
    "fr": ("utf-8", "cp1252", "cp850"),
    "es": ("cp1252", "cp850"),
    "pl": ("utf-8", "cp1250", "cp852"),
    "cs": ("utf-8", "cp1250", "cp852"),
    "ru": ("utf-8", "cp1251", "koi8-r", "cp866"),
    "tr": ("utf-8", "cp1254"),
    "el": ("utf-8", "cp1253"),
}
FAMILIES = {"big5-hkscs": "cp950", "utf-16-be": "utf-16-le"}
PHRASES = (("繁體中文", "big5"), ("你好", "gbk"), ("你好", "big5"), ("测试", "gbk"), ("繁體中文", "gbk"))


@dataclass(frozen=True, slots=True)
class Case:
    """Bytes, the encoding that they are in, and their text; the text is None where damage took some of it."""

    data: bytes
    encoding: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A case, what its text was, and at which byte it was damaged."""

    case: Case
    text: str
    place: int


def family(name: str | None) -> str | None:
    answer = None if name is None else answer_name(name)
    return FAMILIES.get(answer or "", answer)


def is_right(case: Case, answer: str | None) -> bool:
    """Whether the answer reads the bytes right; of damaged ones, whether it is of the right family."""
    if answer is None:
        return False
    if case.text is None:
        return family(answer) == family(case.encoding)
    if answer_name(answer) == answer_name(case.encoding):
        return True
    try:
        return clean_text(answer_name(answer) or answer, case.data) == case.text
    except (UnknownEncodingError, LookupError):
        return False


def pieces(data: Path, encoding: str, language: str, length: int, count: int) -> Iterator[Case]:
    """Yield pieces of clean lines in ``encoding``, at least half of them beyond ASCII where the script is."""
    rng = random.Random(f"{encoding} {language} {length}")
    lines = [line for line in clean_lines(data, language) if len(line) >= length]
    own_script = language in ("zh-Hans", "zh-Hant", "ja", "ko", "ru")
    for _ in range(40 * count):
        line = rng.choice(lines)
        start = rng.randrange(len(line) - length + 1)
        text = line[start : start + length]
        beyond = sum(char > "\x7f" for char in text)
        if beyond < (length / 2 if own_script else 1) or not text.strip():
            continue
        encoded = lookup(encoding).encode(text) if encoding not in ("iso8859-5",) else _plain(text, encoding)
        if encoded is None or clean_text(answer_name(encoding) or encoding, encoded) != text:
            continue
        count -= 1
        yield Case(encoded, encoding, text)
        if not count:
            return


def _plain(text: str, encoding: str) -> bytes | None:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return None


def damaged(data: Path, encoding: str, language: str, count: int, how: str, size: int = 256) -> Iterator[Damaged]:
    """Yield ``size`` characters each with one byte lost, gained or overwritten, or cut within the last character."""
    rng = random.Random(f"{encoding} {language} {how}")
    lines = clean_lines(data, language)
    for _ in range(count):
        text = ""
        while len(text) < size:
            text += rng.choice(lines)
        encoded = lookup(encoding).encode(text[:size])
        if encoded is None:
            continue
        at = rng.randrange(len(encoded))
        byte = bytes((rng.randrange(256),))
        left = {
            "lost": encoded[:at] + encoded[at + 1 :],
            "gained": encoded[:at] + byte + encoded[at:],
            "overwritten": encoded[:at] + byte + encoded[at + 1 :],
            "cut": encoded[:-1],
        }[how]
        yield Damaged(Case(left, encoding, None), text[:size], at if how != "cut" else len(left))


def mixed_file(data: Path, rng: random.Random, languages: Sequence[str], lines: int) -> list[Case]:
    """Make a file of ``lines`` lines, in runs of one to eight of an encoding each."""
    made: list[Case] = []
    while len(made) < lines:
        language = rng.choice(languages)
        encoding = rng.choice((MIXTURES | EUROPEAN)[language])
        for line in rng.sample(clean_lines(data, language), rng.randint(1, 8)):
            encoded = lookup(encoding).encode(line)
            if encoded is not None and len(made) < lines:
                made.append(Case(encoded, encoding, line))
    return made


def ours_by_line(file: Sequence[Case], found: Detection) -> int:
    right, offset = 0, 0
    for case in file:
        middle = offset + len(case.data) // 2
        span = next((span for span in found.spans if span.start <= middle < span.end), None)
        right += case.data.isascii() or is_right(case, span and span.encoding)
        offset += len(case.data) + 1
    return right


def as_one(file: Sequence[Case], answer: str | None) -> int:
    return sum(case.data.isascii() or is_right(case, answer) for case in file)


def score(name: str, cases: Sequence[Case], detectors: dict[str, Detector]) -> None:
    """Print one row: the share of right answers of each detector."""
    shares = {who: sum(is_right(case, call(detect, case.data)) for case in cases) for who, detect in detectors.items()}
    row(name, [f"{100 * right / max(len(cases), 1):7.2f}" for right in shares.values()], len(cases))


def call(detect: Detector, data: bytes) -> str | None:
    try:
        return detect(data)
    except Exception:
        return None


def row(name: str, values: Sequence[str], count: int) -> None:
    print(f"{name:44}" + "".join(f"{value:>20}" for value in values) + f"{count:>8}", flush=True)


def mixed_rows(data: Path, count: int, detectors: dict[str, Detector]) -> None:
    from mojibake_fix import detect as detect_ours

    kinds: list[tuple[str, Sequence[Sequence[str]]]] = [
        ("one language", [[language] for language in MIXTURES]),
        ("several languages", [list(MIXTURES)]),
        ("one European language", [[language] for language in EUROPEAN]),
        ("several European languages", [list(EUROPEAN)]),
    ]
    for kind, groups in kinds:
        rng = random.Random(kind)
        files = [mixed_file(data, rng, rng.choice(groups), 60) for _ in range(count)]
        total = sum(map(len, files))
        joined = [b"\n".join(case.data for case in file) for file in files]
        values = []
        for who, detect in detectors.items():
            if who == "ours":
                right = sum(ours_by_line(f, detect_ours(d)) for f, d in zip(files, joined, strict=True))
            else:
                right = sum(as_one(f, call(detect, d)) for f, d in zip(files, joined, strict=True))
            values.append(f"{100 * right / total:7.2f}")
        row(f"mixed, {kind}: lines right", values, total)
        values = []
        for detect in detectors.values():
            right = sum(
                case.data.isascii() or is_right(case, call(detect, case.data)) for file in files[:8] for case in file
            )
            values.append(f"{100 * right / sum(map(len, files[:8])):7.2f}")
        row("  the same, asked line by line", values, sum(map(len, files[:8])))


def field_rows(data: Path, count: int) -> None:
    """Long lines of fields between commas, each in one of two encodings: whether the text comes out right."""
    from mojibake_fix import decode

    for language, (first, second, *_) in MIXTURES.items():
        rng = random.Random(language)
        rights = []
        for _ in range(count):
            fields = [
                (text.replace(",", " "), rng.choice((first, second)))
                for text in rng.sample(clean_lines(data, language), 6)
            ]
            encoded = [lookup(name).encode(text) for text, name in fields]
            if all(part is not None for part in encoded):
                rights.append(call(decode, b",".join(filter(None, encoded))) == ",".join(text for text, _ in fields))
        row(f"mixed fields of a line, {language}: text right", [f"{100 * sum(rights) / len(rights):7.2f}"], len(rights))


def phrase_rows(detectors: dict[str, Detector]) -> None:
    for text, encoding in PHRASES:
        encoded = text.encode(encoding)
        row(f"{text} in {encoding}", [str(call(detect, encoded)) for detect in detectors.values()], 1)


def labelled_rows(folder: Path, detectors: dict[str, Detector]) -> None:
    """One row for each folder that is named for an encoding."""
    for sub in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = [path.read_bytes() for path in sorted(sub.iterdir()) if path.is_file()]
        try:
            texts = [clean_text(answer_name(sub.name) or sub.name, content) for content in files]
        except (UnknownEncodingError, LookupError):
            texts = [None for _ in files]
        cases = [Case(content, sub.name, text) for content, text in zip(files, texts, strict=True)]
        score(f"labelled {sub.name}", cases, detectors)


def speed_rows(data: Path, detectors: dict[str, Detector]) -> None:
    """Median milliseconds for files of 4 KB, and MB/s at 10 MB: of processor time, so that a busy machine may be used."""  # noqa: E501
    kinds = [
        ("ascii", "en"), ("utf-8", "zh-Hans"), ("gb18030", "zh-Hans"), ("cp950", "zh-Hant"), ("cp932", "ja"),
        ("euc-jp", "ja"), ("cp949", "ko"), ("cp1251", "ru"), ("cp1252", "fr"), ("utf-16-le", "ja"),
    ]  # fmt: skip
    for encoding, language in kinds:
        text = "\n".join(clean_lines(data, language))
        encoded = b"".join(_parts(text, encoding, 4096))
        small = list(_parts(text, encoding, 4096))[:20]
        big = encoded * (10_000_000 // len(encoded) + 1)
        values = []
        for detect in detectors.values():
            times = sorted(timed(detect, part) for part in small for _ in range(3))
            once = timed(detect, big) if times[len(times) // 2] < 0.004 else float("nan")
            values.append(f"{1000 * times[len(times) // 2]:.3f}/{len(big) / 1e6 / once:.0f}")
        row(f"{encoding}: ms at 4 KB / MB/s at 10 MB", values, len(small))


def _parts(text: str, encoding: str, size: int) -> Iterator[bytes]:
    """Yield whole lines in ``encoding``, some ``size`` bytes at a time."""
    part = b""
    for line in text.split("\n"):
        encoded = line.encode("ascii", "ignore") if encoding == "ascii" else lookup(encoding).encode(line)
        end = b"\n\0" if encoding == "utf-16-le" else b"\n"
        part += encoded + end if encoded else b""
        if len(part) >= size:
            yield part
            part = b""


def timed(detect: Detector, data: bytes) -> float:
    start = time.process_time()
    call(detect, data)
    return time.process_time() - start


def accuracy_rows(data: Path, count: int, detectors: dict[str, Detector]) -> None:
    tests: list[tuple[str, Sequence[tuple[str, str]], Sequence[int]]] = [
        ("CJK", CJK, (4, 8, 16)),
        ("UTF-16 without mark", WIDE, (4, 8, 16)),
        ("ru fr de, legacy", LEGACY, (8, 16)),
        ("rare", RARE, (16,)),
    ]
    for name, encodings, lengths in tests:
        for length in lengths:
            every: list[Case] = []
            for encoding, language in encodings:
                cases = list(pieces(data, encoding, language, length, count))
                every += cases
                if name == "rare" or count >= 100:
                    score(f"  {encoding}, {language}, {length} characters", cases, detectors)
            score(f"{name}, {length} characters", every, detectors)


def damage_rows(data: Path, count: int, detectors: dict[str, Detector]) -> None:
    for how in HOWS:
        every: list[Case] = []
        for encoding, language in DAMAGED:
            cases = [one.case for one in damaged(data, encoding, language, count, how)]
            every += cases
            if count >= 100:
                score(f"  {encoding}, {language}", cases, detectors)
        score(f"one byte {how} in 256 characters", every, detectors)


def mending_rows(data: Path, count: int) -> None:
    """How often the damage is found within eight bytes, and the whole text restored, of 64 characters each."""
    from mojibake_fix import detect, fix_bytes

    print(f"{'':44}{'seen':>20}{'near':>20}{'restored':>20}")
    for how in HOWS:
        for encoding, language in DAMAGED:
            cases = list(damaged(data, encoding, language, count, how, size=64))
            found = [detect(one.case.data).damage for one in cases]
            near = [any(abs(at - one.place) <= 8 for at in places) for places, one in zip(found, cases, strict=True)]
            restored = [call(fix_bytes, one.case.data) == one.text for one in cases]
            shares = [f"{100 * sum(map(bool, values)) / len(cases):7.2f}" for values in (found, near, restored)]
            row(f"one byte {how}: {encoding}, {language}", shares, len(cases))


def reliability_rows(data: Path, count: int) -> None:
    """How often answers of a given confidence are right, over short texts of all kinds."""
    from mojibake_fix import detect

    bins: dict[str, list[bool]] = {}
    edges = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.01)
    for encoding, language in (*CJK, *WIDE, *LEGACY):
        for length in (2, 3, 4, 6, 8):
            for case in pieces(data, encoding, language, length, count):
                found = detect(case.data)
                edge = next(edge for edge in edges if found.confidence < edge)
                bins.setdefault("none" if found.encoding is None else f"below {edge}", []).append(
                    is_right(case, found.encoding or (found.candidates[0].encoding if found.candidates else None))
                )
    for name, rights in sorted(bins.items()):
        print(f"confidence {name:14} right {100 * sum(rights) / len(rights):7.2f} % of {len(rights)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100, help="cases of each encoding, language and length")
    parser.add_argument("--labelled", type=Path)
    parser.add_argument("--only", nargs="*", help="detectors to run")
    parser.add_argument(
        "--tests",
        nargs="*",
        default=["accuracy", "damage", "mending", "mixed", "fields", "phrases", "speed", "reliability"],
    )
    arguments = parser.parse_args()
    detectors = available_detectors(arguments.only)
    row("", list(detectors), 0)
    runs: dict[str, Callable[[], None]] = {
        "accuracy": lambda: accuracy_rows(arguments.data, arguments.count, detectors),
        "damage": lambda: damage_rows(arguments.data, arguments.count, detectors),
        "mending": lambda: mending_rows(arguments.data, max(arguments.count // 10, 4)),
        "mixed": lambda: mixed_rows(arguments.data, max(arguments.count // 2, 4), detectors),
        "fields": lambda: field_rows(arguments.data, arguments.count // 2),
        "phrases": lambda: phrase_rows(detectors),
        "speed": lambda: speed_rows(arguments.data, detectors),
        "reliability": lambda: reliability_rows(arguments.data, arguments.count),
    }
    for name in arguments.tests:
        runs[name]()
    if arguments.labelled:
        labelled_rows(arguments.labelled, detectors)


if __name__ == "__main__":
    main()
