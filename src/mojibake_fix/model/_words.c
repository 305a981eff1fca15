/* Words of which one letter may have been misread, and those that a reading gives: detect/odd_words.py and
 * repair/glance.py, in C. */

#include "_kernel.h"

#include <string.h>

enum { LONGEST_WORD = 40, MOST_OWN_WORDS = 64 };

/* What a character is in a word: a letter, no text, a symbol between letters, or one beside a letter. */
enum { IS_LETTER = 1, IS_NO_TEXT = 2, IS_BETWEEN = 4, IS_ODD = 8 };

/* What a character may have been misread from; 0 for one that is of no interest. */
enum { A_LETTER = 1, A_LETTER_ALONE = 2, OPENS_QUESTION = 4, OPENS_CRY = 8, A_MARK = 16 };

/* Letters before a mark that may be one of them: "l’été" and "qu’il" have fewer. */
enum { BEFORE_MARK = 3 };

static int is_plain_letter(uint32_t p) { return (p | 0x20) - 'a' < 26; }

static uint32_t small_letter(const lexis *x, uint32_t p)
{
    if (p < 0x80)
        return is_plain_letter(p) ? p | 0x20 : 0;
    return p < x->limit ? x->small[p] : 0;
}

static int nature_of(const lexis *x, uint32_t p) { return p < x->limit ? x->natures[p] : 0; }

static int64_t add_utf8(uint8_t *bytes, int64_t at, uint32_t p)
{
    if (p < 0x80)
        bytes[at++] = (uint8_t)p;
    else if (p < 0x800) {
        bytes[at++] = (uint8_t)(0xC0 | p >> 6);
        bytes[at++] = (uint8_t)(0x80 | (p & 0x3F));
    } else {
        bytes[at++] = (uint8_t)(0xE0 | p >> 12);
        bytes[at++] = (uint8_t)(0x80 | (p >> 6 & 0x3F));
        bytes[at++] = (uint8_t)(0x80 | (p & 0x3F));
    }
    return at;
}

/* The key of the word of a stretch, of which the character at one place is another letter, in the first language:
 * word_keys of model/words.py. */
static uint64_t key_of(const lexis *x, const uint32_t *points, int64_t start, int64_t end, int64_t at, uint32_t letter)
{
    uint8_t bytes[3 * LONGEST_WORD];
    int64_t size = 0;
    uint32_t low = 1, high = 0, crc = ~0u;
    for (int64_t i = start; i < end; i++)
        size = add_utf8(bytes, size, i == at ? letter : small_letter(x, points[i]));
    for (int64_t i = 0; i < size; i++) {
        low += bytes[i];
        high += low;
        crc = x->crc[(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    }
    return (uint64_t)(high % 65521 << 16 | low % 65521) << 32 | (uint32_t)~crc;
}

/* Whether that word is listed, of whatever language. */
static int is_listed(const lexis *x, const uint32_t *points, int64_t start, int64_t end, int64_t at, uint32_t letter)
{
    if (end - start > LONGEST_WORD)
        return 0;
    return get(&x->words, key_of(x, points, start, end, at, letter) ^ x->languages * x->of_next).found;
}

/* Where a letter stands in a word: behind, or before, which letter of ASCII, or anything else. */
static uint32_t place_of(const lexis *x, uint32_t p)
{
    uint32_t letter = small_letter(x, p) - 'a';
    return letter < 26 ? letter : 26;
}

/* Whether another letter in the place of the character at a place makes a listed word of the stretch around it. */
static int may_be_word(const lexis *x, const uint32_t *points, int64_t start, int64_t end, int64_t at)
{
    uint32_t p = points[at];
    uint32_t before = at > start ? place_of(x, points[at - 1]) : 26;
    uint32_t behind = at + 1 < end ? place_of(x, points[at + 1]) : 26;
    for (uint32_t i = x->starts[p]; i < x->starts[p + 1]; i++) {
        uint32_t letter = x->candidates[i];
        if (x->contexts[27 * letter + before] >> behind & 1 && is_listed(x, points, start, end, at, x->letters[letter]))
            return 1;
    }
    return 0;
}

static int is_wide_letter(uint32_t p)
{
    return (p >= 0x2E80 && p <= 0xFFEF && (p < 0xD7A4 || p >= 0xF900)) && !(p >= 0x3000 && p <= 0x303F) &&
           !(p >= 0xFF00 && p <= 0xFF65 && !is_plain_letter(p - 0xFEE0));
}

/* Whether a wide character, or two, stands among letters as if it were one of them. */
static int is_wide_among_letters(const lexis *x, const uint32_t *points, int64_t size, int64_t start, int64_t end)
{
    uint32_t before = start > 0 ? points[start - 1] : ' ', behind = end < size ? points[end] : ' ';
    if (end - start > 2)
        return 0;
    return small_letter(x, before) || small_letter(x, behind) || (end - start == 1 && before == ' ' && behind == ' ');
}

/* Whether a mark that opens a question or a cry may have stood before a word, and one that closes it follows. */
static int may_open(const uint32_t *points, int64_t size, int64_t end, int nature)
{
    for (int64_t i = end; i < size; i++)
        if ((points[i] == '?' && nature & OPENS_QUESTION) || (points[i] == '!' && nature & OPENS_CRY))
            return 1;
    return 0;
}

int64_t mojibake_odd_words(const lexis *x, const uint32_t *points, int64_t size, int64_t most, int64_t *places)
{
    int64_t found = 0;
    uint32_t plain = 0, high = 0;
    for (int64_t i = 0; i < size; i++) {
        plain += is_plain_letter(points[i]);
        high += points[i] >= 0x80;
    }
    if (plain < (uint64_t)x->least_plain * high)
        return 0;
    for (int64_t i = 0; i < size && found < most; i++) {
        uint32_t p = points[i];
        int64_t start = i, end = i + 1;
        if (p < 0x80)
            continue;
        if (is_wide_letter(p)) {
            while (end < size && is_wide_letter(points[end]))
                end++;
            if (is_wide_among_letters(x, points, size, start, end))
                places[found++] = i;
            i = end - 1;
            continue;
        }
        int nature = p < x->limit ? x->natures[p] : 0;
        if (!nature)
            continue;
        while (start > 0 && small_letter(x, points[start - 1]))
            start--;
        while (end < size && small_letter(x, points[end]))
            end++;
        if (nature & A_MARK && (i - start < BEFORE_MARK || end == i + 1))
            continue;
        if (small_letter(x, p) && is_listed(x, points, start, end, i, small_letter(x, p)))
            i = end - 1;
        else if (start == i && end > i + 1 && may_open(points, size, end, nature))
            places[found++] = i;
        else if (nature & (end - start > 1 ? A_LETTER : A_LETTER_ALONE) && may_be_word(x, points, start, end, i))
            places[found++] = i;
    }
    return found;
}

int64_t mojibake_odd_words_of_lines(const lexis *x, const uint32_t *points, int64_t size, int64_t *places)
{
    int64_t found = 0;
    for (int64_t at = 0, end; at < size; at = end + 1) {
        for (end = at; end < size && points[end] != BOUNDARY; end++)
            ;
        int64_t of_line = mojibake_odd_words(x, points + at, end - at, end - at, places + found);
        for (int64_t i = found; i < found + of_line; i++)
            places[i] += at;
        found += of_line;
    }
    return found;
}

/* --- Words that a reading gives --------------------------------------------------------------------------------- */

static int kind_of(const lexis *x, uint32_t p)
{
    if (p < x->limit)
        return x->kinds[p];
    return p < FIRST_EAST_ASIAN || p - 0xD800 < 0x800 ? IS_BETWEEN : IS_LETTER;
}

/* Find the next word of letters that the lists have, one of them not ASCII, from a place on: its key, and where it
 * ends; -1 where there is none. */
static int64_t next_word(const lexis *x, const uint32_t *points, const uint8_t *passed, int64_t size, int64_t at,
                         uint64_t *key)
{
    while (at < size) {
        int64_t start = at;
        int is_latin = 1, is_special = 0, before = 0;
        for (; at < size && !(passed && passed[at]); at++) {
            int kind = kind_of(x, points[at]);
            int behind = at + 1 < size && !(passed && passed[at + 1]) ? kind_of(x, points[at + 1]) : 0;
            int is_part = (kind & (IS_LETTER | IS_NO_TEXT)) || (kind & IS_BETWEEN && before & behind & IS_LETTER) ||
                          (kind & IS_ODD && (before | behind) & IS_LETTER);
            if (!is_part)
                break;
            uint32_t small = small_letter(x, points[at]);
            is_latin &= small > 0;
            is_special |= small >= 0x80;
            before = kind;
        }
        int64_t end = at;
        at += at < size;
        if (end == start || !is_latin || !is_special || end - start > LONGEST_WORD)
            continue;
        *key = key_of(x, points, start, end, start, small_letter(x, points[start]));
        return at;
    }
    return -1;
}

int mojibake_gives_words(const lexis *x, const uint32_t *text, int64_t text_size, const uint32_t *reading,
                         const uint8_t *passed, int64_t size)
{
    uint64_t own[MOST_OWN_WORDS], key;
    int32_t owned = 0;
    /* Words say nothing of what is East Asian. */
    for (int64_t i = 0; i < size; i++)
        if (reading[i] >= FIRST_EAST_ASIAN && reading[i] - 0xD800 >= 0x800)
            return 0;
    for (int64_t i = 0; i < size; i++)
        if ((reading[i] == 0xA1 || reading[i] == 0xBF) && !passed[i])
            return 1;
    for (int64_t at = 0; owned < MOST_OWN_WORDS && (at = next_word(x, text, NULL, text_size, at, &key)) >= 0;)
        own[owned++] = key;
    for (int64_t at = 0; (at = next_word(x, reading, passed, size, at, &key)) >= 0;) {
        int is_own = 0, is_found = 0;
        for (int32_t i = 0; i < owned; i++)
            is_own |= own[i] == key;
        for (uint32_t language = 0; !is_own && !is_found && language <= x->languages; language++)
            is_found = get(&x->words, key ^ language * x->of_next).found;
        if (is_found)
            return 1;
    }
    return 0;
}
