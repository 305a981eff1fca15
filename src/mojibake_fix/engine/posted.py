"""Misreads of single bytes behind which a program changed the text: NFKC, or small letters only.

The bytes are not those of what stands there any more, so that no channel explains it.  A line that shows such a change
is searched as a whole, for bytes that give what stands there once misread and changed.  Not for what a change does:
that is :mod:`mojibake_fix.repair.posts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mojibake_fix.detect.mention import listing_evidence, mention_evidence
from mojibake_fix.detect.misread import READ_AS, TIERS, is_alphabetic
from mojibake_fix.encodings import lookup
from mojibake_fix.engine.changes import common_ends
from mojibake_fix.engine.decision import confidence
from mojibake_fix.engine.evidence import LIMITS
from mojibake_fix.engine.looks import prior_of
from mojibake_fix.engine.stage import Line
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import EMPTY_CACHE, NgramModel, code_points, document_forms
from mojibake_fix.plan import Fault, Misread, Step
from mojibake_fix.repair.tracks import as_it_stands, score_tracks

if TYPE_CHECKING:
    from mojibake_fix.repair.lattice import Path

__all__ = ["posted_step", "shows_post"]

_SIGNS = {
    "nfkc": lazy_pattern(
        "[0-9]\u2044[0-9]| [\u0301\u0303\u0304\u0308\u0327]|[\u0080-\u00ff]\u03bc|\u03bc[\u0080-\u00ff]|"
        "[^\x00-\x7f](?:TM|\\.{3}|[123])[^\x00-\x7f]"
    ),
    "lower-case": lazy_pattern("^(?!.*[A-Z\u00c0-\u00d6\u00d8-\u00de]).*[\u00e0-\u00fe\u0153\u0161\u017e][^\x00-\x7f]"),
}
"""What a line shows that was changed so: a fraction, a sign or an accent taken apart, or no capital letter among others
that have one."""
_SINGLE_BYTES = tuple(name for name in READ_AS if lookup(name).structure == "single")
_TIERS = tuple(tier.encodings for tier in TIERS if not tier.heavy)
"""What is tried: in rarer encodings, and among single bytes, whatever stands there makes some text."""
_PRIOR = -4.0
"""Nats for a change behind a misread.  Of 41,269 clean lines none is changed, nor of the same in small letters, or with
all that NFKC and NFKD make of them."""
_BETTER = 4.0
"""Nats by which this must explain a line better than a misread alone does.  Of 260 lines of 13 chains (16 to 60
characters) 255 come right where NFKC was behind the misread, and 233 where letters were made small; 26 and 43 do
without any of this."""
_LONGEST = 2000
"""Characters of a line beyond which it is not searched."""
_PATHS = 5
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may have happened to a line, how much speaks for it (nats), and what the line may have been, best first."""

    misread: Misread
    evidence: float
    paths: list[Path]


def shows_post(text: str) -> bool:
    """Tell whether a line of ``text`` shows that it was changed behind a misread of single bytes."""
    return any(next(_posts(line), "") for line in text.split("\n"))


def _posts(line: str) -> Iterator[str]:
    """The changes that a line shows."""
    if line.isascii() or len(line) > _LONGEST or _LOST in line or not is_alphabetic(line):
        return
    shown = [post for post, sign in _SIGNS.items() if sign.search(line)]
    if shown:
        # 20 ms to import, which hardly any text needs.
        from mojibake_fix.repair.posts import POSTS

        yield from (post for post in shown if POSTS[post](line) == line)


def posted_step(line: Line, to_beat: float, model: NgramModel) -> Step | None:
    """Return the step that undoes a misread and what was done behind it; None where no more speaks for one.

    Args:
        line: A suspicious line.
        to_beat: What speaks for a misread alone: nats.
        model: The language model.
    """
    found: list[_Candidate] = []
    for post in _posts(line.text):
        for encodings in _TIERS:
            judged = (_judged(line.text, encoding, post, model) for encoding in encodings)
            those = [candidate for candidate in judged if candidate is not None]
            found += those
            if those:
                break
    best = max(found, key=lambda candidate: candidate.evidence, default=None)
    if best is None or best.evidence <= to_beat + _BETTER:
        return None
    # 30 ms to import, with the search, which hardly any text needs.
    from mojibake_fix.engine.restored import restored_step

    return restored_step(
        line, 0, len(line.text), best.paths, best.evidence, fault=Fault.LOSSY, channel=(best.misread,), sure=confidence
    )


def _judged(line: str, encoding: str, post: str, model: NgramModel) -> _Candidate | None:
    """The likeliest texts of ``encoding`` that became ``line``, and how much speaks for the first."""
    from mojibake_fix.repair.lattice import Context, Lattice, best_paths_many
    from mojibake_fix.repair.patterns import automaton
    from mojibake_fix.repair.posts import may_be_read_as, posted_arcs

    names = [name for name in _SINGLE_BYTES if name != encoding and may_be_read_as(line, name, post)]
    context = Context("", "", document_forms(code_points(""), model), EMPTY_CACHE)
    lattices = [Lattice(posted_arcs(line, name, post), automaton(encoding), context) for name in names]
    searched = zip(names, best_paths_many(lattices, model, best=_PATHS), strict=True)
    scored = [(paths[0].score + prior_of((encoding, name)), name, paths) for name, paths in searched if paths]
    if not scored:
        return None
    _, read_as, paths = max(scored, key=lambda one: one[0])
    head, tail = common_ends(line, [paths[0].text])
    own, new = code_points(line), code_points(paths[0].text)
    plain, logp = score_tracks([own, new], model)
    evidence = float(logp.sum() - as_it_stands(own, plain, model).sum()) + prior_of((encoding, read_as)) + _PRIOR
    if lookup(encoding).structure == "utf8":
        evidence += LIMITS.most_of_validity
    evidence -= LIMITS.least_gain * int((own[head : len(own) - tail] >= 0x80).sum())
    spans = [(head, len(line) - tail)]
    evidence -= mention_evidence(line, spans) + listing_evidence(line, spans)
    return _Candidate(Misread(encoding, read_as, then=post), evidence, paths)
