"""Misreads of single bytes behind which a program changed the text: NFKC, or small letters only.

The bytes are not those of what stands there any more, so that no channel explains it.  A line that shows such a change
is searched as a whole, for bytes that give what stands there once misread and changed.  Not for what a change does:
that is :mod:`mojibake_fix.repair.posts`.
"""

from __future__ import annotations

from collections.abc import Iterator

from mojibake_fix.detect.mention import listing_evidence, mention_evidence
from mojibake_fix.detect.misread import READ_AS, TIERS, is_alphabetic
from mojibake_fix.encodings import lookup
from mojibake_fix.engine.changes import common_ends
from mojibake_fix.engine.decision import confidence, posterior
from mojibake_fix.engine.evidence import LIMITS
from mojibake_fix.engine.looks import prior_of
from mojibake_fix.engine.stage import Line
from mojibake_fix.lazy import lazy_pattern
from mojibake_fix.model import EMPTY_CACHE, NgramModel, code_points, document_forms
from mojibake_fix.plan import Alternative, Fault, Misread, Step
from mojibake_fix.repair.spans import as_it_stands, score_tracks

__all__ = ["posted_step", "shows_post"]

_SIGNS = {
    "nfkc": lazy_pattern(
        "[0-9]\u2044[0-9]| [\u0301\u0303\u0304\u0308\u0327]|[\u0080-\u00ff]\u03bc|\u03bc[\u0080-\u00ff]|"
        "[^\x00-\x7f](?:TM|\\.{3}|[123])[^\x00-\x7f]"
    ),
    "lower-case": lazy_pattern("^(?!.*[\u00c0-\u00d6\u00d8-\u00de]).*[\u00e0-\u00fe\u0153\u0161\u017e][^\x00-\x7f]"),
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


def shows_post(text: str) -> bool:
    """Tell whether a line of ``text`` shows that it was changed behind a misread of single bytes."""
    return any(next(_posts(line), "") for line in text.split("\n"))


def _posts(line: str) -> Iterator[str]:
    """The changes that a line shows."""
    if not line.isascii() and len(line) <= _LONGEST and _LOST not in line and is_alphabetic(line):
        from mojibake_fix.repair.posts import POSTS

        yield from (post for post, sign in _SIGNS.items() if sign.search(line) and POSTS[post](line) == line)


def posted_step(line: Line, to_beat: float, model: NgramModel) -> Step | None:
    """Return the step that undoes a misread and what was done behind it; None where no more speaks for one.

    Args:
        line: A suspicious line.
        to_beat: What speaks for a misread alone: nats.
        model: The language model.
    """
    best: tuple[float, Step] | None = None
    for post in _posts(line.text):
        for tier in _TIERS:
            found = [_judged(line, encoding, post, model) for encoding in tier]
            best = max([one for one in (best, *found) if one is not None], key=lambda one: one[0], default=None)
            if best is not None:
                break
    return best[1] if best is not None and best[0] > max(to_beat + _BETTER, 0.0) else None


def _judged(line: Line, encoding: str, post: str, model: NgramModel) -> tuple[float, Step] | None:
    """The likeliest text of ``encoding`` that became ``line``, and how much speaks for it: nats."""
    from mojibake_fix.repair.lattice import Context, Lattice, best_paths_many
    from mojibake_fix.repair.patterns import automaton
    from mojibake_fix.repair.posts import may_be_read_as, posted_arcs

    names = [name for name in _SINGLE_BYTES if name != encoding and may_be_read_as(line.text, name, post)]
    if not names:
        return None
    context = Context("", "", document_forms(code_points(""), model), EMPTY_CACHE)
    machine = automaton(encoding)
    lattices = [Lattice(posted_arcs(line.text, name, post), machine, context) for name in names]
    searched = zip(names, best_paths_many(lattices, model, best=_PATHS), strict=True)
    scored = [(paths[0].score + prior_of((encoding, name)), name, paths) for name, paths in searched if paths]
    if not scored:
        return None
    _, read_as, paths = max(scored, key=lambda one: one[0])
    top = paths[0]
    head, tail = common_ends(line.text, [path.text for path in paths])
    end, stop = len(line.text) - tail, len(top.text) - tail
    if head >= end:
        return None
    changed = line.text[head:end]
    own, new = code_points(line.text), code_points(top.text)
    plain, logp = score_tracks([own, new], model)
    evidence = float(logp.sum() - as_it_stands(own, plain).sum()) + prior_of((encoding, read_as)) + _PRIOR
    if lookup(encoding).structure == "utf8":
        evidence += LIMITS.most_of_validity
    evidence -= LIMITS.least_gain * sum(char >= "\x80" for char in changed)
    evidence -= mention_evidence(line.text, [(head, end)]) + listing_evidence(line.text, [(head, end)])
    shares = posterior([path.score for path in paths])
    step = Step(
        line.offset + head,
        line.offset + end,
        changed,
        top.text[head:stop],
        Fault.LOSSY,
        (Misread(encoding, read_as, then=post),),
        lossless=False,
        evidence=evidence,
        confidence=confidence(evidence),
        restored=tuple((max(a - head, 0), min(b, stop) - head) for a, b in top.restored if a < stop and b > head),
        alternatives=tuple(
            Alternative(path.text[head : len(path.text) - tail], share)
            for path, share in zip(paths[1:], shares[1:], strict=True)
        ),
    )
    return evidence, step
