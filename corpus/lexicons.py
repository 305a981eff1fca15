"""Weighted character n-grams from the lexicons that anyone can install: vocabulary that running text lacks.

Fill a folder once (packages of Debian and of PyPI, by their ordinary clients), then read it with
`lexicon_phrases`, or write all of it out:

    python -m corpus.lexicons fill FOLDER
    python -m corpus.lexicons write FOLDER FILE.tsv.gz

The folder holds ``NAME/VERSION`` and, as ``NAME/FILE``, the files that ``LEXICONS`` names.
Counts are of each lexicon's own, real or notional, corpus.  This module does not weigh lexicons against each other
or against sentences, and does not train.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus import lexicon_readers as readers
from corpus.phrases import Phrase

__all__ = ["LEXICONS", "Lexicon", "LexiconPhrases", "fill", "lexicon_phrases", "lexicon_provenance", "write_tsv"]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Where a lexicon comes from and how it is read.

    Attributes:
        name: Its folder.
        index: ``"debian"`` or ``"pypi"``.
        package: The package's name there.
        files: Glob patterns of the files in the package that are needed.
        licence: SPDX expression of the data's licence.
        language: ``"zh-Hans"``, ``"zh-Hant"``, ``"ja"`` or ``"ko"``.
        counts: What its counts are counts of.
        read: Reader of the lexicon's folder.
    """

    name: str
    index: str
    package: str
    files: tuple[str, ...]
    licence: str
    language: str
    counts: str
    read: Callable[[Path], Iterator[Phrase]]


@dataclass(frozen=True, slots=True)
class LexiconPhrases:
    """A lexicon found in a folder, the version it has there, and its phrases (an iterator, read once)."""

    lexicon: Lexicon
    version: str
    phrases: Iterator[Phrase]


def lexicon_phrases(folder: Path) -> Iterator[LexiconPhrases]:
    """Yield each lexicon of ``LEXICONS`` that is in ``folder``, in that order."""
    for lexicon in LEXICONS:
        version = folder / lexicon.name / "VERSION"
        if version.exists():
            yield LexiconPhrases(lexicon, version.read_text().strip(), lexicon.read(folder / lexicon.name))


def lexicon_provenance(folder: Path) -> list[dict[str, str]]:
    """Return name, package, version, licence and language of each lexicon in ``folder``."""
    return [
        {
            "name": found.lexicon.name,
            "package": f"{found.lexicon.index}:{found.lexicon.package}",
            "version": found.version,
            "licence": found.lexicon.licence,
            "language": found.lexicon.language,
        }
        for found in lexicon_phrases(folder)
    ]


def write_tsv(folder: Path, path: Path, least: float = 1.0) -> None:
    """Write the phrases of ``folder`` with at least ``least``, gzipped, the same bytes each time.

    Columns: language, text, count, kind, first_end, last_start, lexicon.
    """
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        for found in lexicon_phrases(folder):
            language, name = found.lexicon.language, found.lexicon.name
            for phrase in found.phrases:
                if phrase.expected >= least:
                    text, count, first_end, last_start = phrase
                    row = f"{language}\t{text}\t{count:.6g}\t{phrase.kind}\t{first_end}\t{last_start}\t{name}\n"
                    out.write(row.encode())


def fill(folder: Path) -> None:
    """Put the lexicons' files and versions into ``folder``.

    Debian packages are fetched and unpacked, not installed; packages of PyPI must be installed in this environment.

    Raises:
        subprocess.CalledProcessError: ``apt-get download`` or ``dpkg-deb`` failed.
        importlib.metadata.PackageNotFoundError: A package of PyPI is not installed.
    """
    for lexicon in LEXICONS:
        with tempfile.TemporaryDirectory() as unpacked:
            root, version = _UNPACK[lexicon.index](lexicon.package, Path(unpacked))
            target = folder / lexicon.name
            target.mkdir(parents=True, exist_ok=True)
            for pattern in lexicon.files:
                for source in sorted(root.glob(pattern)):
                    shutil.copy(source, target / source.name)
            (target / "VERSION").write_text(f"{version}\n")


def _unpack_debian(package: str, directory: Path) -> tuple[Path, str]:
    subprocess.run(["apt-get", "-q", "download", package], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    (archive,) = directory.glob("*.deb")
    root = directory / "root"
    subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    field = subprocess.run(["dpkg-deb", "-f", archive, "Version"], check=True, capture_output=True, text=True)
    return root, field.stdout.strip()


def _locate_pypi(package: str, _directory: Path) -> tuple[Path, str]:
    distribution = importlib.metadata.distribution(package)
    return Path(str(distribution.locate_file(""))), distribution.version


_UNPACK: dict[str, Callable[[str, Path], tuple[Path, str]]] = {"debian": _unpack_debian, "pypi": _locate_pypi}


LEXICONS: tuple[Lexicon, ...] = (
    Lexicon(
        "sunpinyin",
        "debian",
        "sunpinyin-data",
        ("usr/lib/*/sunpinyin/data/lm_sc.t3g", "usr/lib/*/sunpinyin/data/pydict_sc.bin"),
        "CC-BY-SA-3.0",
        "zh-Hans",
        "words, pairs, triples in the 460 million words (forums, news, novels) of open-gram",
        readers.read_sunpinyin,
    ),
    Lexicon(
        "libime",
        "debian",
        "libime-data-language-model",
        ("usr/lib/*/libime/zh_CN.lm",),
        "LGPL-2.1-or-later",
        "zh-Hans",
        "words, pairs, triples expected in 100 million words of encyclopaedic text",
        readers.read_libime,
    ),
    Lexicon(
        "jieba",
        "pypi",
        "jieba",
        ("jieba/dict.txt",),
        "MIT",
        "zh-Hans",
        "words in the 60 million of its corpus",
        readers.read_jieba,
    ),
    Lexicon(
        "wordfreq-zh",
        "pypi",
        "wordfreq",
        ("wordfreq/data/large_zh.msgpack.gz",),
        "CC-BY-SA-4.0",
        "zh-Hans",
        "words expected in 100 million (Traditional mapped to Simplified)",
        readers.read_wordfreq,
    ),
    Lexicon(
        "opencc-hans",
        "pypi",
        "opencc-python-reimplemented",
        ("opencc/dictionary/STPhrases.txt",),
        "Apache-2.0",
        "zh-Hans",
        "phrases, one sighting each",
        readers.read_opencc_simplified,
    ),
    Lexicon(
        "essay",
        "debian",
        "rime-essay",
        ("usr/share/rime-data/essay.txt",),
        "LGPL-3.0-only",
        "zh-Hant",
        "words, floor taken off; built from libchewing's, OpenCC's, Android's and moedict's lists",
        readers.read_essay,
    ),
    Lexicon(
        "chewing",
        "debian",
        "libchewing3-data",
        ("usr/share/libchewing/dictionary.dat", "usr/share/libchewing/index_tree.dat"),
        "LGPL-2.1-only",
        "zh-Hant",
        "words and phrases in Taiwanese web, news and government text",
        readers.read_chewing,
    ),
    Lexicon(
        "opencc-hant",
        "pypi",
        "opencc-python-reimplemented",
        ("opencc/dictionary/STPhrases.txt", "opencc/dictionary/TWPhrases.txt"),
        "Apache-2.0",
        "zh-Hant",
        "phrases, one sighting each",
        readers.read_opencc_traditional,
    ),
    Lexicon(
        "wordfreq-ja",
        "pypi",
        "wordfreq",
        ("wordfreq/data/large_ja.msgpack.gz",),
        "CC-BY-SA-4.0",
        "ja",
        "words expected in 100 million",
        readers.read_wordfreq,
    ),
    Lexicon(
        "ipadic",
        "debian",
        "mecab-ipadic",
        ("usr/share/mecab/dic/ipadic/*.csv",),
        "NAIST-2003",
        "ja",
        "surfaces, one sighting each",
        readers.read_ipadic,
    ),
    Lexicon(
        "wordfreq-ko",
        "pypi",
        "wordfreq",
        ("wordfreq/data/small_ko.msgpack.gz",),
        "CC-BY-SA-4.0",
        "ko",
        "words expected in 100 million",
        readers.read_wordfreq,
    ),
)
"""Left out: libpinyin's and libkkc's data, which are GPL-3 only; mozc's, which no Debian package installs as text."""


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fill").add_argument("folder", type=Path)
    write = commands.add_parser("write")
    write.add_argument("folder", type=Path)
    write.add_argument("path", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "fill":
        fill(arguments.folder)
    else:
        write_tsv(arguments.folder, arguments.path)


if __name__ == "__main__":
    _main()
