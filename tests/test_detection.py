"""Bytes in: the right encoding, language and spans, or an honest None."""

from __future__ import annotations

import codecs
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mojibake_fix import Detection, decode, detect, fix_bytes
from mojibake_fix.detect.encoding.catalogue import CATALOGUE, answer_name
from mojibake_fix.detect.encoding.declared import declared_encoding, editorconfig_charset
from mojibake_fix.detect.encoding.decoders import clean_text, decode_marked
from mojibake_fix.detect.encoding.language import language_of
from mojibake_fix.encodings import lookup
from mojibake_fix.encodings.viscii import CHARACTERS
from mojibake_fix.errors import MojibakeFixError, UndecodableInputError, UnknownEncodingError

HANS = "昨天下午我们在图书馆里读书，外面下着大雨。"
HANT = "昨天下午我們在圖書館裡讀書，外面下著大雨。"
JA = "昨日の午後、図書館で本を読んでいると、雨が降ってきた。"
KO = "어제 오후에 도서관에서 책을 읽는데 밖에 비가 많이 왔다."
RU = "Вчера мы весь день читали книги в библиотеке."
DE = "Gestern haben wir während des Regens schöne Bücher gelesen, natürlich über Vögel."
TR = "Dün bütün gün kütüphanede kitap okuduk, yağmur yağıyordu, şimdi değil."
PL = "Wczoraj cały dzień czytaliśmy książki w bibliotece, a później poszliśmy na spacer."
FR = "Hier, l'élève a été très étonné de voir la forêt brûlée."
VI = "Hôm qua chúng tôi đọc sách ở thư viện suốt buổi chiều."
TH = "เมื่อวานนี้เราอ่านหนังสืออยู่ในห้องสมุดทั้งวัน"

TEXTS = [
    ("utf-8", HANS), ("gbk", HANS), ("gb18030", HANS), ("gb2312", HANS), ("hz", HANS), ("big5", HANT), ("cp950", HANT),
    ("big5-hkscs", "我哋喺度睇書，佢哋唔嚟嘅喎。"), ("euc-tw", HANT), ("cp932", JA), ("euc-jp", JA),
    ("iso-2022-jp", JA),
    ("euc-kr", KO), ("cp949", KO), ("johab", KO), ("iso-2022-kr", KO), ("utf-16-le", HANS), ("utf-16-be", JA),
    ("utf-16-le", DE), ("utf-32-le", KO), ("utf-32-be", DE), ("cp1251", RU), ("koi8-r", RU), ("cp866", RU),
    ("iso-8859-5", RU), ("mac-cyrillic", RU), ("cp1252", DE), ("latin-1", FR),
    ("iso-8859-15", "Das kostet 20 € für Gäste."),
    ("cp850", DE), ("mac-roman", FR), ("cp1258", VI), ("cp874", TH),
    ("cp1253", "Χθες διαβάζαμε βιβλία στη βιβλιοθήκη όλη μέρα."), ("cp1254", TR),
    ("cp1255", "אתמול קראנו ספרים בספרייה כל היום"), ("cp1256", "قرأنا أمس الكتب في المكتبة طوال اليوم"),
    ("cp1250", PL),
    ("cp852", PL),
]  # fmt: skip


def encoded(text: str, name: str) -> bytes:
    data = lookup(name).encode(text)
    if data is None:
        import unicodedata

        data = lookup(name).encode(unicodedata.normalize("NFD", text))
    assert data is not None, name
    return data


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_the_text_of_a_sentence_comes_back(name: str, text: str) -> None:
    import unicodedata

    data = text.encode("cp1258", "ignore") if name == "cp1258" else encoded(text, name)
    found = detect(data)
    expected = lookup(name).decode(data)
    assert found.encoding is not None
    assert decode(data) == expected, found
    if name not in ("cp1258",):
        assert unicodedata.normalize("NFC", decode(data)) == text


@pytest.mark.parametrize(
    ("name", "answer"),
    [("gbk", "gb18030"), ("gb2312", "gb18030"), ("shift_jis", "cp932"), ("euc-kr", "cp949"), ("big5", "cp950")],
)
def test_the_answer_is_the_superset_that_real_files_mean(name: str, answer: str) -> None:
    text = {"gb18030": HANS, "cp932": JA, "cp949": KO, "cp950": HANT}[answer]
    assert detect(encoded(text, name)).encoding == answer
    assert answer_name(name) == answer


@pytest.mark.parametrize(
    ("text", "name", "answer"),
    [("繁體中文", "big5", "cp950"), ("你好", "big5", "cp950"), ("你好", "gbk", "gb18030"), ("测试", "gbk", "gb18030")],
)
def test_two_characters_are_enough(text: str, name: str, answer: str) -> None:
    assert detect(text.encode(name)).encoding == answer


def test_every_answer_but_four_is_a_python_codec() -> None:
    without = {"euc-tw", "viscii"}
    for name in CATALOGUE.keys() - without:
        codecs.lookup(name)


@pytest.mark.parametrize(("name", "mark"), [("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE)])
def test_a_byte_order_mark_is_believed_and_left_out(name: str, mark: bytes) -> None:
    data = mark + HANS.encode(name)
    assert (detect(data).encoding, detect(data).bom) == (name, len(mark))
    assert decode(data) == HANS


@pytest.mark.parametrize("text", ["яют все дополнительные сведения", "юя с дополнительными сведениями"])
def test_two_letters_are_no_byte_order_mark(text: str) -> None:
    assert decode(text.encode("cp1251")) == text


@pytest.mark.parametrize("data", [b"", b"plain", b"C++ and 1+1=2", b"~{ not HZ", b"a\x1b[31mred\x1b[0m", b"+foo+ bar"])
def test_ascii_stays_ascii(data: bytes) -> None:
    assert detect(data).encoding == "ascii"


def test_utf_7_is_seen_where_it_reads_as_text() -> None:
    assert detect(JA.encode("utf-7")).encoding == "utf-7"
    assert decode(JA.encode("utf-7")) == JA


def test_cesu_8_pairs_are_joined() -> None:
    text = "你好，这是表情😀，还有一个😀。"
    data = b"".join(
        char.encode("utf-8") if char < "\U00010000" else _surrogates(char).encode("utf-8", "surrogatepass")
        for char in text
    )
    assert detect(data).encoding == "cesu-8"
    assert decode(data) == text


def _surrogates(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(chr(int.from_bytes(units[i : i + 2], "big")) for i in (0, 2))


def test_viscii_reads_vietnamese() -> None:
    table = {char: bytes((byte,)) for byte, char in enumerate(CHARACTERS)}
    data = b"".join(table[char] for char in VI)
    assert clean_text("viscii", data) == VI
    assert detect(data).encoding == "viscii"


def test_iso_2022_cn_decodes() -> None:
    assert decode(b"\x1b$)A\x0e" + bytes(b & 0x7F for b in HANS[:8].encode("gb2312")) + b"\x0f ok") == HANS[:8] + " ok"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", DE), ("tr", TR), ("pl", PL), ("fr", FR), ("vi", VI), ("th", TH), ("ru", RU), ("ja", JA), ("ko", KO),
        ("zh-Hans", HANS), ("zh-Hant", HANT),
        ("en", "The night before, we read in the library and it rained for hours."),
        ("es", "Ayer por la tarde leímos en la biblioteca mientras llovía mucho."),
        ("it", "Ieri sera la biblioteca era chiusa, perché non c'è più il custode."),
        ("pt", "Ontem à tarde não lemos na biblioteca, porque estava uma confusão."),
        ("cs", "Včera jsme se četli v knihovně, protože venku pršelo."),
        ("uk", "Учора ми цілий день читали книжки в бібліотеці, її зачинили пізно."),
        ("bg", "Вчера четохме в библиотеката, защото навън валеше силен дъжд и вятър."),
    ],
)  # fmt: skip
def test_the_language_is_told_by_letters_and_words(language: str, text: str) -> None:
    assert language_of(text) == language


PAGE = (
    "<html><head><title>%s</title><link rel=stylesheet href='/css/main.css'></head>\n"
    '<body class="page"><ul><li><a href="/item/1.html">%s</a></li><li><a href="/item/2.html">%s</a></li></ul></body>\n'
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gb18030", ("博物馆在哪里？", "他看见了", "夜里的雨")),
        ("cp949", ("도서관은 어디에", "책을 읽는", "비가 많이")),
        ("johab", ("도서관은 어디에", "책을 읽는", "비가 많이")),
        ("euc-tw", ("圖書館在哪裡？", "他看見了", "夜裡的雨")),
        ("cp932", ("図書館はどこですか", "本を読む", "雨が降る")),
        ("cp1255", ("איפה הספרייה הגדולה", "קראנו ספרים", "בערב ירד גשם")),
    ],
)
def test_a_page_with_a_few_words_is_told_by_them(name: str, words: tuple[str, str, str]) -> None:
    data = encoded(PAGE % words, name)
    assert detect(data).encoding == name
    assert decode(data) == PAGE % words


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp1251", RU),
        ("koi8-r", RU),
        ("cp866", RU),
        ("cp1253", "Χθες διαβάζαμε βιβλία στη βιβλιοθήκη."),
        ("cp1250", PL),
        ("cp1252", "La porta è chiusa, e non c'è più nessuno: verrà domani."),
    ],
)
def test_text_in_capitals_is_read_as_its_small_letters_are(name: str, text: str) -> None:
    capitals = text.upper()
    assert decode(capitals.encode(name)) == capitals
    lines = [text, capitals, text, text]
    assert detect("\n".join(lines).encode(name)).encoding == name


def test_a_letter_is_one_of_the_language_that_the_words_are_of() -> None:
    text = "Il ragazzo non mentì mai, ma chi era con lui alla fine della giornata non era sicuro di questo."
    assert detect(text.encode("cp1252")).encoding == "cp1252"


def test_lines_of_one_language_are_told_apart_by_its_letters() -> None:
    lines = ["¿Qué hora es en la ciudad de los niños?", "¿De qué color es el coche que está en la calle?", "No es así."]
    encoded_lines = [line.encode("cp850") for line in lines] + [line.encode("cp1252") for line in lines]
    assert decode(b"\n".join(encoded_lines)) == "\n".join(lines + lines)


def test_line_ends_of_windows_are_no_controls() -> None:
    text = "אתמול קראנו ספרים.\r\nבערב ירד גשם.\r\nמה אתה אוכל?\r\nאני בבית.\r\n"
    assert decode(text.encode("iso-8859-8")) == text


# Mixed


def test_lines_of_several_encodings_are_told_apart() -> None:
    lines = [(HANS, "utf-8"), (HANS, "gb18030"), (JA, "cp932"), ("plain", "ascii"), (KO, "cp949"), (HANS, "utf-8")]
    data = b"\n".join(text.encode(name) for text, name in lines)
    found = detect(data)
    assert found.mixed
    assert decode(data) == "\n".join(text for text, _ in lines)
    assert [span.encoding for span in found.spans] == ["utf-8", "gb18030", "cp932", "cp949", "utf-8"]


@pytest.mark.parametrize(
    "lines",
    [
        [("Die Straße ist heute früh naß geworden.", "utf-8"), ("Wir gingen spät nach Hause.", "cp1252")],
        [("Meine Mutter kommt morgen früh zurück.", "cp1252"), ("Wo ist nur die schöne Tasse?", "utf-8")],
        [("Der Zug fährt über die große Brücke.", "cp850"), ("Für die Gäste gibt es Käse.", "cp1252")],
        [(RU, "cp1251"), (RU, "koi8-r"), (RU, "utf-8")],
    ],
)
def test_an_accent_is_enough_to_tell_a_line_from_its_neighbours(lines: list[tuple[str, str]]) -> None:
    assert decode(b"\n".join(text.encode(name) for text, name in lines)) == "\n".join(text for text, _ in lines)


def test_a_mixture_names_the_likeliest_of_encodings_that_read_the_same() -> None:
    lines = [("Wir gingen spät nach Hause.", "cp1252"), (HANS, "utf-8"), ("Die Tasse ist schön.", "cp1252")]
    found = detect(b"\n".join(text.encode(name) for text, name in lines))
    assert [span.encoding for span in found.spans] == ["cp1252", "utf-8", "cp1252"]


def test_fields_of_one_line_are_told_apart() -> None:
    data = b"id=1," + HANS.encode() + b"," + HANS.encode("gbk") + b",end"
    assert decode(data) == f"id=1,{HANS},{HANS},end"


def test_spans_touch_and_cover_everything() -> None:
    data = b"\n".join([HANS.encode(), HANS.encode("gbk"), b"", b"x"])
    spans = detect(data).spans
    assert spans[0].start == 0
    assert spans[-1].end == len(data)
    assert all(a.end == b.start for a, b in itertools.pairwise(spans))


# Damaged


@pytest.mark.parametrize(
    ("name", "text", "rights_itself"),
    [
        ("gbk", HANS, False),
        ("euc-jp", JA, False),
        ("euc-kr", KO, False),
        ("utf-8", HANS, False),
        ("utf-16-le", HANS, False),
        ("big5", HANT, True),
        ("cp932", JA, True),
    ],
)
@pytest.mark.parametrize("place", [0.1, 0.4, 0.9])
def test_a_lost_byte_does_not_hide_the_encoding(name: str, text: str, rights_itself: bool, place: float) -> None:
    whole = encoded(text * 4, name)
    at = int(len(whole) * place)
    while whole[at] < 0x80 and name != "utf-16-le":
        at += 1
    data = whole[:at] + whole[at + 1 :]
    found = detect(data)
    assert found.encoding == answer_name(name)
    # Where a reading astride is right again after a character or two, the damage may pass for a rare word.
    assert found.damage or rights_itself
    assert all(abs(offset - at) <= 12 for offset in found.damage)


def test_damage_in_one_of_several_encodings_is_mended() -> None:
    whole = ("中国人民解放军" + HANS).encode("gbk")
    lines = [HANS.encode(), HANS.encode(), whole[:5] + whole[6:]]
    assert detect(b"\n".join(lines)).mixed
    assert fix_bytes(b"\n".join(lines)) == "\n".join([HANS, HANS, "中国人民解放军" + HANS])


def test_a_byte_gained_is_left_out() -> None:
    whole = (HANS * 3).encode("gbk")
    data = whole[:40] + b"\xfe" + whole[40:]
    assert detect(data).encoding == "gb18030"
    assert fix_bytes(data) == HANS * 3


@pytest.mark.parametrize("before_the_end", [11, 13, 17])
def test_a_lost_byte_is_found_where_what_is_left_of_its_character_is_one(before_the_end: int) -> None:
    whole = (JA * 2).encode("cp932") + b"ABC"
    at = len(whole) - before_the_end
    data = whole[:at] + whole[at + 1 :]
    assert detect(data).encoding == "cp932"
    assert detect(data).damage == detect(data).replaced == (at,)


@pytest.mark.parametrize("other", [b"\x89", b"\xa3", b"\xa6"])
def test_a_byte_that_makes_another_character_is_found_and_put_right(other: bytes) -> None:
    text = "中国人民解放军在这里。" + HANS
    whole = text.encode("gbk")
    at = 2 * text.index("放")
    data = whole[:at] + other + whole[at + 1 :]
    assert detect(data).encoding == "gb18030"
    assert detect(data).damage == detect(data).replaced == (at,)
    # It is a character all the same, until the repairer is asked.
    assert "\ufffd" not in decode(data)
    assert fix_bytes(data) == text


@pytest.mark.parametrize("name", ["gbk", "utf-16-le", "utf-16-be"])
def test_a_character_that_no_text_has_is_found_and_put_right(name: str) -> None:
    text = HANS + "中国人民解放军在这里。"
    whole = text.encode(name)
    at = 2 * text.index("民")
    odd = b"\x81\xf1".decode("gbk") if name == "gbk" else "\u1911"
    data = whole[:at] + odd.encode(name) + whole[at + 2 :]
    assert detect(data).damage == detect(data).replaced == (at,)
    assert decode(data) == text.replace("民", odd)


def test_rare_characters_are_no_damage() -> None:
    for text in ("王昊燊、李垚、陈喆先生出席了仪式。", "我家住在邙山、灞桥、汨罗江边的小镇。"):
        for name in ("gb18030", "utf-16-le", "utf-8"):
            found = detect(encoded(text + HANS, name))
            assert (found.encoding, found.damage) == (name, ())


def test_a_lost_byte_is_restored() -> None:
    whole = ("中国人民解放军" + HANS).encode("gbk")
    data = whole[:5] + whole[6:]
    assert fix_bytes(data) == "中国人民解放军" + HANS


def test_a_byte_gained_inside_a_character_is_left_out() -> None:
    whole = (HANS * 3).encode("gbk")
    assert fix_bytes(whole[:41] + b"\xfe" + whole[41:]) == HANS * 3


@pytest.mark.parametrize(("name", "place"), [("utf-8", 13), ("utf-16-le", 40), ("utf-16-be", 41)])
def test_a_lost_byte_of_unicode_is_restored(name: str, place: int) -> None:
    whole = (HANS * 3).encode(name)
    assert fix_bytes(whole[:place] + whole[place + 1 :]) == HANS * 3


def test_an_overwritten_byte_is_restored() -> None:
    whole = (HANS * 3).encode()
    for place in (12, 13, 14):
        assert fix_bytes(whole[:place] + b"?" + whole[place + 1 :]) == HANS * 3


def test_what_is_mended_is_steps_of_a_plan() -> None:
    from mojibake_fix import Config, apply_plan
    from mojibake_fix.engine.decoding import decode_and_mend, repair_mended

    whole = ("中国人民解放军" + HANS).encode("gbk")
    data = whole[:5] + whole[6:]
    text, plan = decode_and_mend(data, detect(data), Config())
    assert text == decode(data)
    [step] = plan.steps
    assert (step.lossless, step.before, step.after) == (False, "\ufffd", "人")
    repair = repair_mended(text, plan, Config())
    assert repair.text == apply_plan(text, repair.plan) == "中国人民解放军" + HANS
    unsure, reported = decode_and_mend(data, detect(data), Config(min_confidence=1.0))
    assert (unsure, len(reported.steps), len(reported.reported)) == (text, 0, 1)


def test_a_cut_tail_keeps_the_encoding() -> None:
    data = (HANS * 3).encode("gbk")[:-1]
    assert detect(data).encoding == "gb18030"
    assert detect(data).damage == (len(data) - 1,)
    cut = detect((HANS * 3).encode()[:-1])
    assert (cut.encoding, cut.mixed) == ("utf-8", False)
    assert cut.damage == (len(HANS * 3) * 3 - 3, len(HANS * 3) * 3 - 2)


def test_damaged_utf_8_is_still_utf_8() -> None:
    data = HANS.encode()[:10] + b"\xff" + HANS.encode()[10:]
    assert detect(data).encoding == "utf-8"
    assert detect(data).damage


# Hints


@pytest.mark.parametrize(
    "head",
    [
        b'<meta charset="gbk">',
        b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">',
        b'<?xml version="1.0" encoding="GB18030"?>',
        b'@charset "gbk";',
        b"#!/usr/bin/python\n# -*- coding: gbk -*-\n",
        b"From: x\nContent-Type: text/plain; charset=GBK\n",
    ],
)
def test_a_document_declares_its_encoding(head: bytes) -> None:
    assert declared_encoding(head) == "gb18030"


def test_a_declaration_is_evidence_and_no_order() -> None:
    data = b'<meta charset="big5">' + HANS.encode("gbk")
    assert detect(data).encoding == "gb18030"
    assert detect(HANS.encode(), declared="gbk").encoding == "utf-8"


@pytest.mark.parametrize(
    "value",
    [
        "gbk",
        ' "GB2312" ',
        "text/html; charset=gb2312",
        'text/html;charset="GBK"',
        "text/plain; CharSet = 'gb18030'",
        "text/html; boundary=x; charset=GB_2312-80;",
    ],
)
def test_a_header_declares_an_encoding(value: str) -> None:
    data = "测".encode("gbk")
    plain = {candidate.encoding: candidate.confidence for candidate in detect(data).candidates}
    hinted = {candidate.encoding: candidate.confidence for candidate in detect(data, declared=value).candidates}
    assert hinted["gb18030"] > plain.get("gb18030", 0.0)


@pytest.mark.parametrize("value", ["", "text/html", "text/html; charset=", "none such", "a/b; charset=x-none", "="])
def test_a_header_that_names_no_encoding_says_nothing(value: str) -> None:
    data = '<meta charset="gbk">测'.encode("gbk")
    assert detect(data, declared=value) == detect(data)


def test_candidates_bound_the_answer() -> None:
    assert detect(HANS.encode("gbk"), candidates=["big5", "cp949"]).encoding in (None, "cp950", "cp949")
    with pytest.raises(UnknownEncodingError):
        detect(b"\xff", candidates=["no such thing"])


def test_hints_count_where_text_is_asked_for() -> None:
    data = "ябл".encode("cp866")
    for call in (decode, fix_bytes):
        assert call(data, candidates=["cp866"]) == "ябл"
        assert call(data, declared="text/plain; charset=ibm866", language="ru") == "ябл"
        with pytest.raises(UnknownEncodingError):
            call(data, candidates=["no such thing"])


def test_a_language_and_a_declaration_tip_the_balance() -> None:
    data = "ябл".encode("cp1251")
    plain = {candidate.encoding: candidate.confidence for candidate in detect(data).candidates}
    for hint in ({"language": "ru"}, {"declared": "cp1251"}):
        hinted = {c.encoding: c.confidence for c in detect(data, **hint).candidates}
        assert hinted["cp1251"] > plain.get("cp1251", 0.0)


def test_editorconfig_sections_match_by_pattern() -> None:
    text = "root = true\n[*]\ncharset = utf-8\n[*.{bat,cmd}]\ncharset = latin1\n[old/*.txt]\ncharset = gbk\n"
    assert editorconfig_charset(text, "a.md") == "utf-8"
    assert editorconfig_charset(text, "x/a.cmd") == "cp1252"
    assert editorconfig_charset(text, "old/a.txt") == "gb18030"
    assert editorconfig_charset("[*.c]\ncharset = utf-8", "a.md") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iso-8859-2", "Wczoraj cały dzień czytaliśmy książki, później poszliśmy na spacer."),
        ("iso-8859-7", "Χθες διαβάζαμε βιβλία στη βιβλιοθήκη όλη μέρα."),
        ("iso-8859-8", "אתמול קראנו ספרים בספרייה כל היום"),
        ("iso-8859-9", TR),
        ("cp1257", "Vakar visą dieną skaitėme knygas bibliotekoje, o vėliau išėjome pasivaikščioti."),
        ("iso-8859-13", "Vakar visą dieną skaitėme knygas bibliotekoje, o vėliau išėjome pasivaikščioti."),
        ("koi8-u", "Учора ми читали книжки в бібліотеці, а її зачинили пізно."),
        ("cp437", DE),
        ("tis-620", TH),
    ],
)
def test_the_rest_of_the_alphabets_come_back(name: str, text: str) -> None:
    assert decode(text.encode(name)) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iso-8859-3", "Ĉu vi ŝatas la ĝardenon, kie la aŭtuno ĵus finiĝis kaj ĉiuj ĥoroj kantas?"),
        ("iso-8859-4", "Kā ēdīsim šodien? Mūsu māte vāra zupu, bet tēvs cep zivis uz lielās krāsns."),
        ("iso-8859-5", RU),
        ("iso-8859-6", "قرأنا أمس الكتب في المكتبة طوال اليوم"),
        ("iso-8859-10", "Það er gott að búa á Íslandi, þótt veðrið sé oft slæmt og sólin sjáist ekki."),
        ("iso-8859-14", "Ble mae'r tŷ gwyn? Mae ŵyr y dyn yn chwarae yn y dŵr wrth ymyl y môr."),
        ("iso-8859-16", "Școala și țara noastră sunt în inima fiecărui copil când învață să scrie."),
    ],
)
def test_every_part_of_iso_8859_comes_back_from_its_encoding_alone(name: str, text: str) -> None:
    found = detect(text.encode(name), candidates=[name, "utf-8"])
    assert found.encoding == name
    assert decode(text.encode(name), candidates=[name, "utf-8"]) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp737", "Χθες διαβάζαμε βιβλία στη βιβλιοθήκη όλη μέρα και γυρίσαμε αργά."),
        ("mac-greek", "Χθες διαβάζαμε βιβλία στη βιβλιοθήκη όλη μέρα και γυρίσαμε αργά."),
        ("cp855", RU),
        ("cp862", "אתמול קראנו ספרים בספרייה כל היום ולא הלכנו הביתה"),
        ("cp037", "The night before, we read in the library and it rained for hours."),
    ],
)
def test_encodings_that_hardly_any_file_is_in_are_asked_last(name: str, text: str) -> None:
    assert detect(text.encode(name)).encoding == name
    assert decode(text.encode(name)) == text
    assert detect(text.encode(name)).confidence <= 0.95


@pytest.mark.parametrize("data", [b"\xc0\xaf", b"caf\xc1\xa9 au lait", b"\xe0\x80\xaf..", b"\xf0\x80\x80\xaf"])
def test_over_long_utf_8_is_not_decoded(data: bytes) -> None:
    found = detect(data)
    assert found.encoding != "utf-8" or found.damage
    assert "/" not in decode(data)


def test_too_little_evidence_is_no_answer_but_a_ranking() -> None:
    found = detect(b"\xe4")
    assert (found.encoding, found.confidence, found.binary) == (None, 0.0, False)
    assert found.reason == "too little evidence"
    assert len(found.candidates) > 1
    shares = [candidate.confidence for candidate in found.candidates]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("data", ["字母".encode("gbk")[:3], "换に".encode("gbk")[:3], "衣搭".encode("gbk")[:3]])
def test_three_bytes_are_no_sure_evidence(data: bytes) -> None:
    assert detect(data).confidence <= 0.95


def test_a_byte_beyond_ascii_is_seen_wherever_it_is() -> None:
    data = b"a" * 9000 + b"\xe4" + b"b" * 9000
    assert detect(data).encoding != "ascii"
    assert "ascii" not in [candidate.encoding for candidate in detect(data).candidates]


def test_noise_is_told_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    import random

    from mojibake_fix.detect.encoding import mixed

    seen: list[int] = []
    lines_of = mixed._lines
    monkeypatch.setattr(mixed, "_lines", lambda data: seen.append(len(data)) or lines_of(data))
    noise = bytes(byte | 0x80 for byte in random.Random(3).randbytes(60_000))
    found = detect(b"\n".join(noise[at : at + 60] for at in range(0, len(noise), 60)), thorough=True)
    assert found.binary
    assert sum(seen) < 20_000


def test_ascii_and_utf_8_need_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from mojibake_fix.detect.encoding import scoring, single

    def no_model() -> None:
        raise AssertionError("the model was asked for")

    for module in (scoring, single):
        monkeypatch.setattr(module, "load_model", no_model)
    assert detect(b"plain text, 1+1=2 and nothing else\n" * 100).encoding == "ascii"
    assert detect((HANS * 100).encode()).encoding == "utf-8"


def test_what_is_said_of_large_data_rests_on_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    from mojibake_fix.detect.encoding import decoders, detector, ranking, readings

    seen: list[int] = []
    for module in (decoders, detector, ranking, readings):
        read = module.decode_marked
        monkeypatch.setattr(module, "decode_marked", lambda n, d, read=read: seen.append(len(d)) or read(n, d))
    data = (HANS + "\n").encode("gbk") * 50_000
    assert detect(data).encoding == "gb18030"
    assert 0 < sum(seen) < 100_000


# No text


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(40), b"PK\x03\x04" + bytes(range(256)), bytes(range(1, 9)) * 30]
)
def test_binary_data_is_said_to_be_binary(data: bytes) -> None:
    found = detect(data)
    assert found.encoding is None
    assert found.binary
    assert found.reason
    with pytest.raises(UndecodableInputError):
        decode(data)


def test_noise_is_no_text() -> None:
    import random

    assert detect(random.Random(7).randbytes(4000)).binary


def test_colours_and_nuls_do_not_matter() -> None:
    data = b"\x1b[1;31m" + HANS.encode("gbk") + b"\x1b[0m\0"
    assert detect(data).encoding == "gb18030"


# Invariants


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_detection_and_a_text_or_our_error(data: bytes) -> None:
    found = detect(data)
    assert isinstance(found, Detection)
    assert 0.0 <= found.confidence <= 1.0
    assert (found.encoding is None) == (found.confidence == 0.0)
    if found.encoding is not None and data:
        assert found.spans[0].start == 0
        assert found.spans[-1].end == len(data)
    try:
        assert isinstance(decode(data), str)
    except MojibakeFixError:
        assert found.encoding is None


@given(
    st.lists(
        st.sampled_from(
            [HANS.encode("gbk"), HANT.encode("big5"), JA.encode("cp932"), KO.encode(), b"\n", b"\xff", b"\x81", b" "]
        ),
        max_size=12,
    ).map(b"".join)
)
@settings(max_examples=60, deadline=None)
def test_any_mixture_gives_a_text(data: bytes) -> None:
    try:
        decode(data)
    except UndecodableInputError:
        assert detect(data).encoding is None


@given(st.text(alphabet="你好世界中国한국어日本ÄÖа \n", max_size=40))
@settings(max_examples=60, deadline=None)
def test_utf_8_decodes_to_itself(text: str) -> None:
    data = text.encode()
    if len(data) > 16:
        assert decode(data) == text


@pytest.mark.parametrize("name", [name for name in CATALOGUE if CATALOGUE[name].kind != "wide"])
def test_marked_bytes_keep_their_number(name: str) -> None:
    text = decode_marked(name, b"a\xffb\n")
    assert text.startswith("a")
    assert text.endswith("b\n")
    assert len(text) == 4


def test_the_room_of_that_name_does_not_hide_the_function() -> None:
    import mojibake_fix.detect.scan

    assert callable(mojibake_fix.detect)
