"""One piece of an input through the engine: bytes in, bytes out, and the plan of what lies between.

It runs in this process or in a worker; what it takes and gives can be sent between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mojibake_fix.config import Config
from mojibake_fix.encodings import text_encoding
from mojibake_fix.files.mixed import MIXED, decode_mixed
from mojibake_fix.files.newlines import split_off
from mojibake_fix.files.read import Piece, decode_piece
from mojibake_fix.files.structure import keep_structure
from mojibake_fix.files.write import encode
from mojibake_fix.plan import Plan, Repair

if TYPE_CHECKING:
    from mojibake_fix.normalise import NormaliseOptions

__all__ = ["RepairedPiece", "repair_piece"]


class RepairedPiece(NamedTuple):
    """A piece after its repair.

    Attributes:
        data: Its bytes in the output's encoding, newlines as they were; the same bytes where nothing changed.
        text: Its text before the repair, with line feeds for newlines.
        repair: The repair of ``text``.
        before, after: Its text before and after the repair, newlines as they were.
    """

    data: bytes
    text: str
    repair: Repair
    before: str
    after: str


def repair_piece(
    piece: Piece,
    name: str,
    encoding: str,
    output_encoding: str,
    config: Config,
    style: NormaliseOptions | None = None,
    *,
    named: bool = False,
) -> RepairedPiece:
    """Repair ``piece``, and normalise it if that was asked for, as a document of its own.

    Lines that do not change keep their bytes, even such as their encoding spells in two ways.

    Args:
        piece: Whole lines.
        name: What errors call the input; its suffix tells JSON.
        encoding: Encoding of the piece, or :data:`mojibake_fix.files.mixed.MIXED`.
        output_encoding: Encoding of the result.
        config: What to repair.
        style: What to normalise afterwards; None nothing.
        named: Whether it was the caller who named the encoding.

    Raises:
        OutputError: A character that the output's encoding lacks.
        UndecodableInputError: Bytes that are not in the encoding.
    """
    if encoding == MIXED:
        # No encoding that is found in one file with others has the bytes of newlines in its characters.
        plain, newlines = split_off(piece.data.decode("latin-1"))
        text, mending = decode_mixed(plain.encode("latin-1"), name, config)
        original = newlines.restore(text)
    else:
        original = decode_piece(piece, name, encoding, named=named)
        text, newlines = split_off(original)
        mending = Plan()
    repair = keep_structure(text, _repaired(text, mending, config, style), name)
    if repair.text == text and encoding == output_encoding:
        return RepairedPiece(piece.data, text, repair, original, original)
    result = newlines.restore(repair.text)
    data = encode(result, output_encoding, name)
    if encoding == output_encoding and text_encoding(encoding).encode(original) != piece.data:
        data = _unchanged_lines_kept(piece.data, data, text, repair.text)
    return RepairedPiece(data, text, repair, original, result)


def _repaired(text: str, mending: Plan, config: Config, style: NormaliseOptions | None) -> Repair:
    from mojibake_fix.engine import fix_and_explain

    if mending.steps:
        from mojibake_fix.engine.decoding import repair_mended

        repair = repair_mended(text, mending, config)
    else:
        repair = fix_and_explain(text, config)
    if style is None:
        return repair
    from mojibake_fix.normalise import normalise_and_explain

    next_round = max((step.round for step in repair.plan), default=-1) + 1
    styled = normalise_and_explain(repair.text, style, first_round=next_round)
    return Repair(styled.text, Plan((*repair.plan.steps, *styled.plan.steps), repair.plan.reported))


def _unchanged_lines_kept(before: bytes, after: bytes, text: str, repaired: str) -> bytes:
    """Lines of ``before`` where the text did not change, of ``after`` where it did."""
    lines, new_lines = before.split(b"\n"), after.split(b"\n")
    if not len(lines) == len(new_lines) == text.count("\n") + 1:
        return after
    triples = zip(lines, new_lines, text.split("\n"), repaired.split("\n"), strict=True)
    return b"\n".join(old if line == new_line else new for old, new, line, new_line in triples)
