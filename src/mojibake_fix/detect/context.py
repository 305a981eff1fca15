"""Tell prose from markup, data, source code and URLs, where escapes belong.

Used only once an escape has been seen, so clean text never pays for it.  It judges by the look of a line and of the
whole text; it parses no language, and whenever in doubt it says that the text is code, since code that is left
alone is not harmed.
"""

from __future__ import annotations

import bisect
import re
from functools import cached_property

from mojibake_fix.lazy import lazy_pattern

__all__ = ["TextContext"]

_TAG = lazy_pattern(r"<(/?)([A-Za-z][\w:.-]{0,40})((?:\s[^<>]{0,400})?)(/?)>")
_LEADING_MARKUP = lazy_pattern(r"\s*<(?:[!?][A-Za-z-]|[A-Za-z][\w:.-]*[\s/>])")
_VOID_TAGS = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "base", "source"})

_JSON_KEY = lazy_pattern(r"[\"'][\w .$-]{1,60}[\"']\s{0,8}:")
_FENCED = lazy_pattern(r"```.*?(?:```|\Z)|~~~\n.*?(?:~~~|\Z)|`[^`\n]+`", re.DOTALL)
_URL = lazy_pattern(r"(?:[A-Za-z][A-Za-z+.-]{1,10}:/{2}|\bwww\.|\bmailto:)[^\s\"'<>()\[\]\x80-\U0010ffff]+")

_CODE_LINE = lazy_pattern(
    r"""
      <[!?/]?[A-Za-z][\w:.-]*(?:\s+[\w:.-]+\s*=|\s*/?>)      # a tag, closed or not
    | (?:[{}]|[A-Za-z0-9_)\]}"'];)\s*$                         # a block or a statement ends
    | ^\s*[\w.$@-]+\s*(?::=|[-+*|.]?=(?!=))                    # an assignment, a line of an .ini or .properties file
    | [=(\[,]\s*["'](?=[^"'\n]{0,400}["']\s*[;,)\]])           # a string as a value or an argument
    | [\w$]\(\s*["'/]                                          # a call with a string or a pattern
    | ["'][\w.$-]+["']\s*:                                     # a key of JSON
    | ^\s*(?://|/\*|\*\s|\#(?:include|define|if|endif|!)|--\s|%%)   # a comment, the preprocessor
    | ^\s*(?:def|class|function|public|private|static|import|from|var|let|const|return|echo|printf?)\b.*[(:=;"'{]
    | (?:=>|->|&&|\|\||[!=]=|::|\+\+|\\[nrtu"'])               # operators and escapes that prose has not
    | \{\{|\[\[|''' | \\[a-z]+\{                               # wikitext, LaTeX
    """,
    re.VERBOSE,
)
_MAX_LINE = 2000
"""Only so many characters about a place are looked at, so that a text of one long line stays linear."""

_CODE_LINE_SHARE = 0.25
"""A text with this share of code lines is source code throughout."""

_JUDGED_LINES = 400
"""How many lines, from the start, decide whether a text is source code."""

_ENTITY = lazy_pattern(r"&(?:(?:amp|#\w{1,3});)*#?\w{1,10};")


class TextContext:
    """Answers, for one text, whether a place in it is code."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_verdicts: dict[int, bool] = {}

    @cached_property
    def is_markup(self) -> bool:
        """Whether the whole text is HTML or XML: a pair of tags, a void or self-closing tag, or one with attributes.

        A stray closing tag alone is what careless extraction leaves in plain text.
        """
        if _LEADING_MARKUP.match(self._text):
            return True
        opened: set[str] = set()
        closed: set[str] = set()
        for slash, name, attributes, self_closing in _TAG.findall(self._text):
            if self_closing or "=" in attributes or name.lower() in _VOID_TAGS:
                return True
            (closed if slash else opened).add(name.lower())
        return not opened.isdisjoint(closed)

    @cached_property
    def is_code(self) -> bool:
        """Whether the whole text is markup, JSON or source code."""
        if self.is_markup:
            return True
        head = self._text.lstrip()[:1]
        if head in ("{", "[") and _JSON_KEY.search(self._text, 0, 4000):
            return True
        lines = [line for line in self._text[: _JUDGED_LINES * 200].split("\n", _JUDGED_LINES) if line.strip()]
        code = sum(_looks_like_code(line[:_MAX_LINE]) for line in lines)
        return len(lines) > 1 and code >= _CODE_LINE_SHARE * len(lines)

    @cached_property
    def _code_spans(self) -> tuple[list[int], list[int]]:
        starts: list[int] = []
        ends: list[int] = []
        spans = sorted(match.span() for pattern in (_FENCED, _URL) for match in pattern.finditer(self._text))
        for start, end in spans:
            if ends and start < ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        return starts, ends

    def is_quoted_as_code(self, position: int) -> bool:
        """Whether ``position`` stands in a URL, between backticks or in a fenced block."""
        starts, ends = self._code_spans
        index = bisect.bisect_right(starts, position) - 1
        return index >= 0 and position < ends[index]

    def is_code_at(self, position: int) -> bool:
        """Whether an HTML entity at ``position`` is where entities belong: in markup, data, source code or a URL."""
        return self.is_code or self.is_quoted_as_code(position) or self._is_code_line(position)

    def _is_code_line(self, position: int) -> bool:
        block = position // _MAX_LINE * _MAX_LINE
        start = max(self._text.rfind("\n", block - _MAX_LINE if block else 0, position) + 1, block - _MAX_LINE, 0)
        if start not in self._line_verdicts:
            end = self._text.find("\n", start, start + 3 * _MAX_LINE)
            line = self._text[start : end if end >= 0 else start + 3 * _MAX_LINE]
            self._line_verdicts[start] = _looks_like_code(line)
        return self._line_verdicts[start]


def _looks_like_code(line: str) -> bool:
    # The semicolon that ends an entity is no sign of a statement.
    return _CODE_LINE.search(_ENTITY.sub("\N{OBJECT REPLACEMENT CHARACTER}", line)) is not None
