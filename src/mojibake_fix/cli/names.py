"""``mojibake-fix names``: file names that were misread, shown or repaired; names in zip archives, shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mojibake_fix.cli.streams import say, write_stdout
from mojibake_fix.config import Config
from mojibake_fix.errors import MojibakeFixError

if TYPE_CHECKING:
    from mojibake_fix.files.names import TrueName
    from mojibake_fix.files.renaming import Rehearsal, Renamer

__all__ = ["names"]

_FAILED = 2


@click.command(
    help="Repair the names of files and folders that an archiver or a server misread: of PATHS, and of all that is "
    "below the folders among them.  Only shows what it would do, unless -w is given.  Of a zip archive, lists what "
    "is in it under its true names.",
)
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("-w", "--write", is_flag=True, help="Rename.  Nothing is overwritten, and a record to undo it is kept.")
@click.option("--undo", metavar="RECORD", help="Take back the renamings of a record.")
@click.option("--undo-file", metavar="FILE", help="The record to keep.  [default: mojibake-fix-undo-N.jsonl, here]")
@click.option("--encoding", metavar="NAME", help="True encoding of names whose bytes are not text.")
@click.option(
    "--min-confidence",
    metavar="P",
    type=float,
    default=Config().min_confidence,
    show_default=True,
    help="Repair a name only if that is right with this probability.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not list what is renamed; errors only.")
def names(**options: Any) -> None:
    """Show or repair names; what fails is named and the others are done."""
    undone = options["undo"]
    good = _repair(options) if undone is None else _undo(Path(undone), quiet=options["quiet"])
    if not good:
        raise SystemExit(_FAILED)


def _repair(options: dict[str, Any]) -> bool:
    import zipfile

    from mojibake_fix.cli.requests import encoding_of
    from mojibake_fix.errors import ConfigError
    from mojibake_fix.files.names import true_names
    from mojibake_fix.files.renaming import Rehearsal, Renamer, free_record

    encoding = encoding_of(options["encoding"])
    try:
        config = Config(min_confidence=options["min_confidence"])
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    record = Path(options["undo_file"]) if options["undo_file"] else free_record(Path())
    if record.exists():
        raise click.UsageError(f"{record}: exists already: give another file for the record")
    good = True
    with Renamer(record) as renamer:
        stage = renamer if options["write"] else Rehearsal()
        for path in map(Path, options["paths"] or ["."]):
            try:
                if path.is_file() and zipfile.is_zipfile(path):
                    _list_zip(path, config, encoding)
                    continue
                places = list(_places(path))
            except (OSError, zipfile.BadZipFile) as error:
                say(f"{path}: {getattr(error, 'strerror', None) or error}")
                good = False
                continue
            true = true_names([place.name for place in places], config, encoding)
            for place in places:
                if (found := true.get(place.name)) is not None:
                    good &= _rename(place, found, stage, quiet=options["quiet"])
        if renamer.count:
            say(f"{renamer.count} renamed; to undo: mojibake-fix names --undo {record}")
    return good


def _places(path: Path) -> Iterator[Path]:
    """``path`` itself if it is a file, or what is below it if it is a folder."""
    from mojibake_fix.files.names import names_in_folder

    if path.is_dir():
        yield from names_in_folder(path)
    else:
        path.lstat()
        yield path


def _rename(place: Path, true: TrueName, stage: Rehearsal | Renamer, *, quiet: bool) -> bool:
    from mojibake_fix.report.text import error_line, on_one_line

    try:
        stage.rename(place, true.text)
    except (OSError, MojibakeFixError) as error:
        say(error_line(error, str(place)))
        return False
    if not quiet:
        _print(f"{on_one_line(str(place))} → {on_one_line(true.text)}  ({true.what})")
    return True


def _list_zip(path: Path, config: Config, encoding: str | None) -> None:
    from mojibake_fix.files.names import names_in_zip, true_names
    from mojibake_fix.report.text import on_one_line

    spelt = names_in_zip(path)
    parts = [part for name in spelt for part in name.split("/") if part]
    true = true_names(parts, config, encoding)
    for name in spelt:
        _print(on_one_line("/".join(true[part].text if part in true else part for part in name.split("/"))))


def _undo(record: Path, *, quiet: bool) -> bool:
    from mojibake_fix.files.renaming import undo
    from mojibake_fix.report.text import on_one_line

    good = True
    try:
        for new, old, problem in undo(record):
            if problem is not None:
                say(f"{new}: {problem}")
                good = False
            elif not quiet:
                _print(on_one_line(f"{new} → {old.name}"))
    except (OSError, MojibakeFixError) as error:
        say(f"{record}: {error.strerror}" if isinstance(error, OSError) else str(error))
        return False
    return good


def _print(line: str) -> None:
    write_stdout((line + "\n").encode("utf-8", "surrogateescape"))
