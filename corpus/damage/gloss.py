"""A converter's readings: Traditional GBK text in which byte pairs got their reading written behind them.

The converter knows a set of characters, another set for each page, and replaces the *bytes* of each by
the same bytes and the reading in parentheses, in one scan from left to right that ignores where
characters begin.  Read as GBK, a pair matched astride two characters mis-pairs all that follows, up to
the next byte that cannot be a trail.  Readings are those of a dictionary, the first of each character.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pypinyin import Style, pinyin

from corpus.damage.facts import Damage, Facts, Outcome, changed_span
from corpus.damage.post import then
from corpus.damage.stream import decode_pieces, mark_pattern, split_blindly
from mojibake_fix.encodings import lookup
from mojibake_fix.plan import Fault, Misread

__all__ = [
    "CONVERTER_SPLITS",
    "TRADITIONAL",
    "Converter",
    "gloss",
    "gloss_aligned",
    "gloss_astride",
    "gloss_toneless",
    "reading",
]

TRADITIONAL = (
    "萬與專業東兩嚴個豐臨為麗舉義樂習鄉書買亂爭於雲產親億僅從倉儀們價眾優會偉傳傷倫偽體餘側傑備債傾償"
    "兒內冊寫軍農決況凍淨準減幾鳳憑凱擊劃劉則剛創刪別劇劍辦務動勞勢勵勝區醫華協單賣盧衛卻廠廳歷壓縣參雙發變"
    "敘葉號聽啟員問喚喪喬團園國圖圓聖場塊堅壇壞墳塵處備複夢頭夾奪奮獎婦媽孫學寧寶實審寵將爾對導層屬歲豈島崗"
    "嶺幣帥師帳帶幫幹廣莊慶庫應廟廢開異張彌彎彈強歸當錄徹徵憶懷態憐總戀懇惡慣憂慮懸戰戲戶執擴掃揚擾撫拋搶護報擔"
    "擬擁擇掛擋揮損換據擠敵數齊斷無舊時曠顯晉曉曆術機殺雜權條來楊極構槍樓標樹樣橋檢櫃歐歡殘殼毀畢"
    "氣漢湯溝沒滅淪滄滬澤潔淺濟測漸滲溫灣濕滿濾瀏濤漲潤營靈災燈爐點煉熱愛爺獨獲獵環現瑪電畫暢療瘋監蓋盤"
    "睜確礦碼磚礎種積稱穩窮竊競筆節範築簡簽籃糧緊紀約級紅純紙紛線練組細織終紹經結繞給絡絕統絲繼績續維綜綠緣編"
    "緩總繳網羅罰職聯聰肅腸膚腎腫脹脅勝腦腳脫臉舉艦藝蘇蘭薦藥虛蟲雖蝦補裝襯製見觀規視覺覽計訂訊討讓訓議託記講許"
    "論設訪證評詞譯試詩誠話該詳語誤說請諸課調談謀諧謝識譜豬貝負財責賢敗貨質販貪購貫貴貸費賀資賓賞賽贊贏趙趕"
    "躍車軌軟轉輪輕載較輔輛輩輸辭邊達遷過邁運還這進遠違連遲適選遺鄰鄭釋裡鑒針鐘鋼錢鐵銀銷鎖鍋錯鍵鎮鏡長門閃"
    "閉問間閱闊隊陽陰陣階際陸陳險隨隱難霧靜韓響頁頂項順須預領頗頻題顏額願類風飛飯飲館馬駐駕驅驗騙驚髮鬥鬧魚鮮"
    "鳥鳴鹽麥黃點黨龍龜養導關頒齒癥癒臺塗賬屆臍諍闡縮輯輿嘗營葦顧鋪銜"
)
"""Common characters of Traditional text whose Simplified form is another character."""

CONVERTER_SPLITS: tuple[re.Pattern[bytes], ...] = (mark_pattern("！？", behind=b"\xa1"), mark_pattern("，"))
"""Where the converter's pages were split at bytes of full-width marks.

！ and ？ only behind a byte A1, which 。 before another symbol brings about (A1A3 A1B1, A1A3 BFC9), and ，
anywhere: this explains every damaged place of the development article, and no undamaged one.
"""

Converter = Mapping[bytes, bytes]
"""What a converter does: the byte pair of each character it knows, and the bytes it writes for it."""


def gloss(
    characters: Iterable[str] | None = None,
    *,
    share: float = 0.3,
    toned: bool = True,
    repeats: int = 1,
    splits: Iterable[re.Pattern[bytes]] = (),
    policy: str = "pair-question",
) -> Damage:
    """Return the damage that a converter does which glosses ``characters``.

    Args:
        characters: The characters it knows; None for a share of :data:`TRADITIONAL`, drawn for each text.
        share: That share, 0 to 1.
        toned: Whether readings carry tone marks; ``(de)`` if not.
        repeats: At most how often one reading is written, one behind the other (some converters ran several times).
        splits: Where the bytes are split afterwards without regard to characters.
        policy: What the decoder of the result does with invalid bytes.
    """
    patterns = tuple(splits)

    def damage(text: str, rng: random.Random) -> Outcome | None:
        gbk = lookup("gbk")
        data = gbk.encode(text)
        if data is None:
            return None
        known = list(characters) if characters is not None else _draw(rng, share)
        converter: dict[bytes, bytes] = {}
        for char in known:
            pair, parenthesis = _entry(char, toned)
            if pair:
                converter[pair] = pair + parenthesis * rng.randint(1, repeats)
        glossed, aligned = _convert(data, converter, _starts(text))
        raw = decode_pieces(split_blindly(glossed, *patterns), "gbk", policy)
        if raw == text:
            return None
        if aligned and raw == gbk.decode(glossed):
            return raw, Facts(Fault.GLOSS, (), True, (changed_span(text, raw),))
        channel = (Misread("gbk", "gbk", policy),)
        lossless = gbk.encode(raw) == glossed
        return raw, Facts(Fault.GLOSS_ASTRIDE, channel, lossless, (changed_span(text, raw),))

    return damage


def gloss_aligned(text: str, rng: random.Random) -> Outcome | None:
    """Gloss some characters of ``text`` and nothing astride two."""
    return _until(gloss(), Fault.GLOSS, text, rng)


def gloss_astride(text: str, rng: random.Random) -> Outcome | None:
    """Gloss some byte pairs of ``text``, at least one of them astride two characters; then tidy as converters do."""
    damage = then(gloss(share=0.6, splits=CONVERTER_SPLITS), "private-drop", "fold")
    return _until(damage, Fault.GLOSS_ASTRIDE, text, rng)


def gloss_toneless(text: str, rng: random.Random) -> Outcome | None:
    """Gloss some characters of ``text`` by readings without tone marks, some readings several times over.

    Such converters take any character, not only those of Traditional text.
    """
    characters = sorted({char for char in text if "\u4e00" <= char <= "\u9fff"})
    if not characters:
        return None
    known = rng.sample(characters, max(1, len(characters) // 4))
    return gloss(known, toned=False, repeats=3)(text, rng)


def reading(char: str, *, toned: bool = True) -> str:
    """Return the first reading that the dictionary has for a character, with ü as ``v`` where toneless."""
    return str(pinyin(char, style=Style.TONE if toned else Style.NORMAL, heteronym=False)[0][0])


@lru_cache(maxsize=8192)
def _entry(char: str, toned: bool) -> tuple[bytes, bytes]:
    """Return the GBK bytes of a character, none if it has none, and of its reading in parentheses."""
    return lookup("gbk").encode(char) or b"", f"({reading(char, toned=toned)})".encode("gb18030")


def _draw(rng: random.Random, share: float) -> list[str]:
    pool = sorted(set(TRADITIONAL))
    return rng.sample(pool, max(1, round(share * len(pool))))


def _until(damage: Damage, fault: Fault, text: str, rng: random.Random, tries: int = 20) -> Outcome | None:
    """Try again until the fault is as asked, and readings stand at two places at least, as on any real page."""
    for _ in range(tries):
        outcome = damage(text, rng)
        if outcome is not None and outcome[1].fault is fault and outcome[0].count("(") >= text.count("(") + 2:
            return outcome
    return None


def _starts(text: str) -> frozenset[int]:
    """Return the byte offsets at which characters of ``text`` begin in GBK."""
    offsets, position = set(), 0
    for char in text:
        offsets.add(position)
        position += 1 if char.isascii() else 2
    return frozenset(offsets)


def _convert(data: bytes, converter: Converter, starts: frozenset[int]) -> tuple[bytes, bool]:
    """Return the converted bytes, and whether every match was a whole character."""
    out, position, aligned = bytearray(), 0, True
    while position < len(data):
        pair = data[position : position + 2]
        written = converter.get(pair)
        if written is None:
            out += pair[:1]
            position += 1
        else:
            aligned = aligned and position in starts
            out += written
            position += 2
    return bytes(out), aligned
