"""Which language a decoded text is in, as far as its characters tell.

Scripts decide first; within a script, form tables (Chinese) and letters that few languages have.  A text that gives no
sign has no language: None.  Not for running text of any of a hundred languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mojibake_fix.model import STYLES, code_points, load_model

__all__ = ["language_of"]

_MOST = 800

_SCRIPTS: Sequence[tuple[str, str]] = (
    ("ja", "ぁ-ゖァ-ヺｦ-ﾟ"),
    ("ko", "가-힣ㄱ-ㆎ"),
    ("han", "㐀-鿿豈-﫿\U00020000-\U0003ffff"),
    ("el", "Ͱ-Ͽ"),
    ("cyrillic", "Ѐ-ӿ"),
    ("he", "֐-׿"),
    ("arabic", "؀-ۿ"),
    ("th", "ก-๛"),
    ("latin", "A-Za-zÀ-ɏḀ-ỿ"),
)
_SCRIPT_PATTERNS = tuple((name, re.compile(f"[{chars}]")) for name, chars in _SCRIPTS)

_WITHIN: dict[str, Sequence[tuple[str, str]]] = {
    "cyrillic": (("uk", "[іїєґ]"), ("ru", "[ыэъё]"), ("sr", "[ђћљњџј]"), ("bg", "ъ(?=[лрнт])")),
    "arabic": (("fa", "[پچژگی]"), ("ar", "[ةىيك]")),
    "latin": (
        ("vi", "[ăơưđạảấầẩậắằẳặẹẻẽếềểễệịỉọỏốồổỗộớờởợụủứừửữựỳỷỹ]"),
        ("tr", r"[ğışİ]|\b(?:bir|ve|için)\b"),
        ("pl", r"[ąęłńśźż]|\b(?:się|jest|nie|na)\b"),
        ("cs", r"[ěřůčž]|\b(?:se|je|že)\b"),
        ("hu", r"[őű]|\b(?:hogy|egy|az)\b"),
        ("ro", r"[ăâîșțşţ]|\b(?:și|este|din)\b"),
        ("de", r"[äöüß]|\b(?:der|die|das|und|ist|nicht|ein|eine)\b"),
        ("fr", r"[éèêàçùœ]|\b(?:le|la|les|des|une|est|et|dans|que)\b"),
        ("es", r"[ñ¿¡íóá]|\b(?:el|la|los|de|que|y|en|una)\b"),
        ("pt", r"[ãõçê]|\b(?:o|os|da|do|que|não|uma|em)\b"),
        ("it", r"[èàòùì]|\b(?:il|di|che|la|per|una|non)\b"),
        ("en", r"\b(?:the|of|and|to|in|is|that|for)\b"),
    ),
}
_WITHIN_PATTERNS = {
    script: [(language, re.compile(chars, re.IGNORECASE)) for language, chars in rows]
    for script, rows in _WITHIN.items()
}


_BY_ENCODING = {"cp932": "ja", "euc-jp": "ja", "cp949": "ko", "johab": "ko", "cp950": "zh-Hant", "euc-tw": "zh-Hant"}


def language_of(text: str, encoding: str = "utf-8") -> str | None:
    """Return the BCP 47 tag of the language of ``text``, which was in ``encoding``; None where nothing tells."""
    text = text[:_MOST]
    if encoding in _BY_ENCODING and not text.isascii():
        return _BY_ENCODING[encoding]
    if encoding == "gb18030" and not text.isascii():
        return _chinese(text[:200])
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPT_PATTERNS}
    if counts["ko"] > 0.2 * (counts["ko"] + counts["han"] + counts["ja"]):
        return "ko"
    if counts["ja"] > 0.08 * (counts["ja"] + counts["han"]):
        return "ja"
    # A Chinese or a Russian text names things in Latin letters, more than the other way round.
    script = max(counts, key=lambda name: counts[name] * (1 if name == "latin" else 4))
    if not counts[script]:
        return None
    if script == "han":
        return _chinese(text)
    rows = _WITHIN_PATTERNS.get(script)
    if rows is None:
        return script
    hits = [(len(pattern.findall(text)), language) for language, pattern in rows]
    most = max(count for count, _ in hits)
    if not most:
        return "ru" if script == "cyrillic" else "ar" if script == "arabic" else None
    return next(language for count, language in hits if count == most)


def _chinese(text: str) -> str:
    forms = load_model().form_logp(code_points(text)).sum(axis=1)
    hans, hant, ja = (float(forms[STYLES.index(style)]) for style in ("zh-Hans", "zh-Hant", "ja"))
    if ja > max(hans, hant) + 3:
        return "ja"
    return "zh-Hant" if hant > hans else "zh-Hans"
