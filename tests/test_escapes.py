"""Escapes: found where they are damage, left where they are meant, decoded strictly or not at all."""

from __future__ import annotations

import itertools
import json
import quopri
import re
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mojibake_fix.config import Unescape
from mojibake_fix.detect.escapes import FORMS, find_escapes
from mojibake_fix.repair.escapes import DECODERS, decode_escape

CHINESE = "敏捷的棕色狐狸跳过了懒狗，然后去喝茶。"
JAPANESE = "猫はカタカナを読めないが、漢字は少し読める。"
KOREAN = "고양이는 한글을 읽지 못하지만 잠은 잘 잔다."


def unescaped(text: str, mode: Unescape = "auto") -> str:
    """Decode all that is found, as an engine would that believes every span."""
    pieces: list[str] = []
    position = 0
    for span in find_escapes(text, mode):
        decoded = decode_escape(text[span.start : span.end], span.form)
        if decoded is not None:
            pieces += (text[position : span.start], decoded)
            position = span.end
    return "".join([*pieces, text[position:]])


def each_byte(text: str, form: str) -> str:
    return "".join(c if c.isascii() else "".join(form % byte for byte in c.encode()) for c in text)


AUTO_DAMAGE = [
    ("decimal entities", "&#20013;&#25991;", "中文"),
    ("hexadecimal entities", "&#x4E2D;&#X6587;", "中文"),
    ("one character that the target lacked", "他叫朱&#37780;基。", "他叫朱鎔基。"),
    ("an apostrophe in a word", "We don&#8217;t know", "We don’t know"),
    ("a dash between words", "rain &#8211; and more rain", "rain – and more rain"),
    ("cp1252 by its numbers", "don&#146;t", "don’t"),
    ("a surrogate pair", "好&#55357;&#56832;！", "好😀！"),
    ("escaped twice", "&amp;#20013;&#38;#25991;", "中文"),
    ("ASCII beside more", "&#20013; &#39;&#25991;&#39;", "中 '文'"),
    ("ASCII that is markup stays", "&#20013; &#38; &#60;b&#62;", "中 &#38; &#60;b&#62;"),
    ("a semicolon that ends a clause", "&#1044;&#1072;;", "Да;"),
    ("HZ", "A ~{VPND~} B", "A 中文 B"),
    ("ESC whole", "\x1b$B$3$l\x1b(B, \x1b$B$=$l\x1b(J", "これ, それ"),
    ("ESC whole, never closed", "\x1b$B$3$l", "これ"),
    ("ESC lost", "$B$3$l(B", "これ"),
    ("ESC lost, the old sequences", "$@$3$l(J", "これ"),
    ("ESC lost, kanji alone", "in $BF|K\\(B", "in 日本"),
    ("first ESC lost", "$B$3$l\x1b(B", "これ"),
    ("nothing closes", 'say("$B$3$NCM$O;H$($^$;$s")', 'say("この値は使えません")'),
    ("nothing closes, at the end", "-> $B$3$NCM$O;H$($^$;$s.", "-> この値は使えません."),
    ("ESC as a question mark", "?$B$3$l?(B", "これ"),
    ("ESC as U+FFFD", "\ufffd$B$3$l\ufffd(B", "これ"),
    ("ESC as a symbol", "\u241b$B$3$l\u241b(B", "これ"),
    ("ESC in caret notation", "^[$B$3$l^[(B", "これ"),
    ("a kanji that looks like a caret ESC", "$B$3$l^[(B", "これ渟"),
    ("a question mark that is one", "what?$B$3$l(B", "what?これ"),
    ("letters and digits among surer spans", "$BUzMx(B $B$3$l$O(B", "尹利 これは"),
    ("row 13 of NEC", "$B-!$3$l(B", "①これ"),
    ("half-width kana", "\x1b(I:]\x1b(B", "ｺﾝ"),
    ("JIS X 0212", "\x1b$(D0!\x1b(B", "丂"),
    ("ISO-2022-KR", "\x1b$)C\n\x0e>H3g\x0f!", "\n안녕!"),
    ("ISO-2022-KR, ESC lost", "$)C\x0e>H3g\x0f", "안녕"),
    ("ISO-2022-KR, designation lost", "\x0e>H3g\x0f \x0e>H3g\x0f", "안녕 안녕"),
    ("ISO-2022-CN", "\x1b$)A\x0eVPND\x0f", "中文"),
]

AUTO_KEPT = [
    ("ASCII entities alone", "Tom &#39;n&#39; Jerry &#38; friends"),
    ("named entities", "fish &amp; chips &lt;3 &nbsp;"),
    ("HTML", "<p>&#20013;&#25991;</p>"),
    ("a line of HTML", "&#20013;&#25991;<br>"),
    ("a tag cut off", '<img alt="&#20013;'),
    ("HTML elsewhere in the text", "<div>\n&#20013;&#25991;\n</div>"),
    ("XML", '<?xml version="1.0"?>\n<a>&#x4E2D;</a>'),
    ("JSON", '{"title": "&#20013;&#25991;"}'),
    ("JSON over lines", '{\n"title":\n"&#20013;&#25991;"\n}'),
    ("JavaScript", "var title = '&#20013;&#25991;';"),
    ("a call", 'print("&#20013;")'),
    ("a comment", "// &#20013; is a character"),
    ("properties", "title=&#20013;&#25991;"),
    ("wikitext", "[[File:x.png|&#20013;&#25991;]]"),
    ("a URL", "https://example.org/?q=&#20013;&#25991;"),
    ("code in prose", "Write `&#20013;` for it"),
    ("a fenced block", "Like so:\n```\n&#20013;&#25991;\n```\n"),
    ("a text about entities", "The entity &#8217; is a quotation mark."),
    ("a text about entities, in Chinese", "实体 &#8217; 是右单引号。"),
    ("not a character", "&#0; &#1114112; &#55357; &#57345; &#65535; &#129;"),
    ("unfinished", "&#20013 &# &#; &#x; R&#D"),
    ("shell", 'make $BUILD(BAR) "$B" $(BASE) ${B} $B(B'),
    ("Perl", "$B->name(BLESS); $@ and $OB(J)"),
    ("price list", "US$B5 (B) and A$B7(B"),
    ("variables side by side", 'echo "$B$H$M$S$D$F$Y" > $B%d%s%Y%m'),
    ("a pattern of what variables are", r"s/$B([$@%&])\^$/${1}{^}/"),
    ("pairs that nothing closes, and few", "$B$3$l. $B$O$9$!"),
    ("regular expressions of Perl", "m~{foo}~; s~{a}~{b}~"),
    ("a path of home", "~{user,admin}~ and ~{}~}"),
    ("HZ quoted as code", "In HZ, `~{VPND~}` is it"),
    ("ISO-2022-JP quoted as code", "without ESC: `$B$3$l(B`"),
    ("ISO-2022-JP in a program", r'b"\x1b$B$3$l\x1b(B"'),
    ("a terminal that resets its character set", "\x1b(B\x1b[m plain \x1b[0m"),
    ("odd number of bytes", "$B$3$(B"),
    ("undefined row", "$B*x+y(B"),
    ("SO and SI about ASCII", "\x0ehello world\x0f"),
    (
        "forms for which only all asks",
        r"\u4e2d %E4%B8%AD =E4=B8=AD =?UTF-8?B?5Lit?= \xE4\xB8\xAD \344\270\255 +Ti1lhw-",
    ),
    ("prose", CHINESE + JAPANESE + KOREAN),
]

ALL_DAMAGE = [
    ("\\u", r"\u4e2d\u6587", "中文"),
    ("\\u with the backslash doubled", r"\\u4e2d\\u6587", "中文"),
    ("surrogate pairs", r"\ud83d\uDE00!", "😀!"),
    ("\\U and braces", r"\U0001f600\u{1F600}", "😀😀"),
    ("quotation marks stay escaped", r"\u4e2d\u0022\u6587", r"中\u0022文"),
    ("%u", "%u4E2D%u6587", "中文"),
    ("hexadecimal bytes", r"\xE4\xB8\xAD\xe6\x96\x87", "中文"),
    ("octal bytes", r"\344\270\255.txt", "中.txt"),
    ("percent", "a/%E4%B8%AD%20%E6%96%87?x=%20", "a/中 文?x=%20"),
    ("quoted-printable", "=E4=B8=AD a=3Db=\n c", "中 a=b c"),
    ("a soft line break in a character", "=E4=B8=\r\n=AD", "中"),
    ("encoded word, B", "Re: =?UTF-8?B?5Lit?=", "Re: 中"),
    ("encoded word, Q", "=?gb2312?Q?=D6=D0_=CE=C4?=", "中 文"),
    ("a character over two encoded words", "=?utf-8?B?5A==?=\r\n =?utf-8?B?uK0=?=", "中"),
    ("UTF-7", "+Ti1lhw-", "中文"),
    ("UTF-7 without hyphens", "+ycTJ3A +xcTQ3MbFx0A", "진짜 엄태웅은"),
    ("entities in markup", "<p title='&#34;&#20013;'>&#60;</p>", "<p title='&#34;中'>&#60;</p>"),
]

ALL_KEPT = [
    ("ASCII alone", r"\u0041 %20%41 \x41\x42 \101 =3D a=\n"),
    ("surrogate alone", r"\ud83d x"),
    ("not UTF-8", r"%D6%D0%CE%C4 \xD6\xD0 =D6=D0 \326\320"),
    ("not all of it UTF-8", "%E4%B8%AD%FF"),
    ("unassigned", r"\uFFFF"),
    ("formats", "100%E 5%d a=b c==d %s%02x"),
    ("sums", "1+abc-2 +foo-bar+baz- C++-"),
    ("an unknown character set", "=?x-unknown?B?5Lit?="),
    ("broken base64", "=?utf-8?B?5?="),
    ("Windows path", r"C:\users\new\344"),
]


@pytest.mark.parametrize(("label", "damaged", "true"), AUTO_DAMAGE, ids=[case[0] for case in AUTO_DAMAGE])
def test_damage_is_decoded_under_auto(label: str, damaged: str, true: str) -> None:
    assert unescaped(damaged) == true


@pytest.mark.parametrize(("label", "text"), AUTO_KEPT, ids=[case[0] for case in AUTO_KEPT])
def test_what_is_meant_is_left_under_auto(label: str, text: str) -> None:
    assert find_escapes(text, "auto") == []


@pytest.mark.parametrize(("label", "damaged", "true"), ALL_DAMAGE, ids=[case[0] for case in ALL_DAMAGE])
def test_every_form_is_decoded_under_all(label: str, damaged: str, true: str) -> None:
    assert unescaped(damaged, "all") == true


@pytest.mark.parametrize(("label", "text"), ALL_KEPT, ids=[case[0] for case in ALL_KEPT])
def test_what_is_no_text_is_left_under_all(label: str, text: str) -> None:
    assert unescaped(text, "all") == text


@pytest.mark.parametrize("damaged", [case[1] for case in AUTO_DAMAGE + ALL_DAMAGE])
def test_nothing_is_found_under_none(damaged: str) -> None:
    assert find_escapes(damaged, "none") == []


def test_every_form_has_a_decoder_and_every_decoder_a_form() -> None:
    assert FORMS.keys() == DECODERS.keys()


def test_more_escapes_are_more_evidence() -> None:
    one, two = find_escapes("&#20013;", "auto")[0], find_escapes("&#20013;&#25991;", "auto")[0]
    assert 0 < one.evidence < two.evidence


def test_an_unknown_form_is_an_error() -> None:
    with pytest.raises(KeyError):
        decode_escape("x", "no such form")


ENCODERS = [
    ("numeric-entity", CHINESE, lambda text: text.encode("ascii", "xmlcharrefreplace").decode(), "auto"),
    ("hz", CHINESE, lambda text: text.encode("hz").decode(), "auto"),
    ("iso-2022-jp", JAPANESE, lambda text: text.encode("iso2022_jp").decode(), "auto"),
    ("iso-2022-jp", JAPANESE, lambda text: text.encode("iso2022_jp").decode().replace("\x1b", ""), "auto"),
    ("iso-2022-kr", KOREAN, lambda text: text.encode("iso2022_kr").decode(), "auto"),
    ("iso-2022-kr", KOREAN, lambda text: text.encode("iso2022_kr").decode().replace("\x1b", ""), "auto"),
    ("unicode-escape", KOREAN, lambda text: json.dumps(text)[1:-1], "all"),
    ("hex-bytes", CHINESE, lambda text: each_byte(text, "\\x%02x"), "all"),
    ("octal-bytes", JAPANESE, lambda text: each_byte(text, "\\%03o"), "all"),
    ("percent", KOREAN, lambda text: each_byte(text, "%%%02X"), "all"),
    ("quoted-printable", CHINESE * 3, lambda text: quopri.encodestring(text.encode()).decode(), "all"),
    ("encoded-word", JAPANESE * 3, lambda text: Header(text, "utf-8").encode(), "all"),
    ("encoded-word", JAPANESE * 3, lambda text: Header(text, "iso-2022-jp").encode(), "all"),
    ("utf-7", KOREAN, lambda text: text.encode("utf-7").decode(), "all"),
]


@pytest.mark.parametrize(("form", "text", "encode", "mode"), ENCODERS, ids=[case[0] for case in ENCODERS])
def test_what_was_escaped_comes_back(form: str, text: str, encode, mode: Unescape) -> None:  # type: ignore[no-untyped-def]
    damaged = encode(text)
    assert {span.form for span in find_escapes(damaged, mode)} == {form}
    assert unescaped(damaged, mode) == text


def test_a_long_document_of_markup_keeps_its_entities_and_one_of_prose_does_not() -> None:
    prose = "\n".join(["&#20013;&#25991; without any tag"] * 300)
    assert unescaped(prose) == prose.replace("&#20013;&#25991;", "中文")
    assert find_escapes("<html>\n" + prose, "auto") == []


PIECES = [
    *("&#", ";", "20013", "x4E2D", "amp;", "&", "$B", "$@", "(B", "(J", "$3$l", "\x1b", "?", "^[", "~{", "~}", "VPND"),
    *("\\u", "4e2d", "\\x", "E4", "B8", "AD", "\\344", "\\270", "\\255", "%", "%u", "=", "=\n", "=?", "?B?", "?="),
    *("utf-8", "5Lit", "+", "-", "Ti1lhw", "\x0e", "\x0f", "$)C", "$)A", "<", ">", "p", "/", '"', "`", " ", "\n", "中"),
]
MODES: st.SearchStrategy[Unescape] = st.sampled_from(["auto", "all"])


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)), MODES)
def test_spans_are_sorted_disjoint_in_range_and_decoding_never_raises(text: str, mode: Unescape) -> None:
    position = 0
    for span in find_escapes(text, mode):
        assert position <= span.start < span.end <= len(text)
        assert span.form in FORMS
        position = span.end
        decoded = decode_escape(text[span.start : span.end], span.form)
        assert decoded is None or not re.search("[\ud800-\udfff\x00-\x08]", decoded)


@given(st.text(), st.sampled_from(sorted(DECODERS)))
def test_decoding_anything_never_raises(text: str, form: str) -> None:
    decode_escape(text, form)


@given(st.text())
def test_text_without_a_marker_has_no_escapes(text: str) -> None:
    plain = re.sub(r"[&~$\x0e\x1b\\%=+]", "", text)
    assert find_escapes(plain, "all") == []


@given(st.text(st.characters(min_codepoint=0xA0, exclude_categories=("C",)), min_size=2))
def test_entities_of_any_text_decode_to_it(text: str) -> None:
    damaged = text.encode("ascii", "xmlcharrefreplace").decode()
    assert unescaped(damaged) == text


@pytest.mark.parametrize(
    "unit",
    [
        "&#",
        "&#20013;",
        "&#20013; ",
        "$B",
        "$B$",
        "$B)!",
        "?$B$3?(B",
        "~{",
        "~{!!",
        "=E4",
        "%",
        "%E4%B8%AD",
        "\\u4e2d",
        "+a",
        "\x0e0!",
        "\x1b$B\x80",
        "=?a?B?",
        "<a ",
        "`",
    ],
)
def test_a_megabyte_of_one_marker_is_answered(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    for mode in ("auto", "all"):
        spans = find_escapes(text, mode)  # type: ignore[arg-type]
        assert all(left.end <= right.start for left, right in itertools.pairwise(spans))
