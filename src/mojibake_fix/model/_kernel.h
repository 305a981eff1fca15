/* The language model and the scan as the compiled kernel sees them: the layouts that kernel.py fills in. */

#ifndef MOJIBAKE_FIX_KERNEL_H
#define MOJIBAKE_FIX_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* CRC-32 of the sources, as build_kernel.py computes it. */
#ifndef KERNEL_SOURCES
#define KERNEL_SOURCES 0
#endif

enum {
    BOUNDARY = 0x0A,
    FIRST_EAST_ASIAN = 0x2E80,
    ASTRAL_HAN = 0xE001,
    ASTRAL_OTHER = 0xE002,
};

/* Set in the number of a letter that looks like a Latin one, or a mark like another: model/scripts.py. */
enum { LOOKS_ALIKE = 0x80 };

/* The stored n-grams of one order: a static function (model/fuse.py) and what its values stand for. */
typedef struct {
    const void *cells;
    const float *logp;
    const float *backoff;
    uint64_t segments;
    uint64_t seed;
    uint32_t value_bits;
    uint32_t fingerprint_bits;
    uint32_t logp_bits;
    uint32_t wide; /* whether cells are of 32 bits, and not of 16 */
} level;

typedef struct {
    const uint16_t *fold;
    const uint8_t *scan;
    const float *unigram;
    const float *unigram_backoff;
    const float *floor;
    level levels[3];
    uint32_t scan_bits;
} model;

/* Of detect/scan.py: what an unseen bigram adds to the running sum, where that rings, and what a character may cost. */
typedef struct {
    int32_t unseen_step;
    int32_t unseen_letter_step;
    int32_t alarm;
    float rare;
    float letter_weight;
    double few; /* share of East Asian characters below which a line is one of an alphabet */
    double mixed_scripts; /* nats for two letters of different alphabets side by side */
    const uint8_t *scripts; /* of each code: the alphabet it is a letter of, or 0 */
    int64_t beside; /* characters beside what rang that are weighed with it */
} sums;

static inline uint16_t fold_point(const model *m, uint32_t point)
{
    if (point <= 0xFFFF)
        return m->fold[point];
    return point >= 0x20000 && point < 0x40000 ? ASTRAL_HAN : ASTRAL_OTHER;
}

/* Whether clean text has no such bigram (model/scan.py), of which a bitmap has 2 to the power of bits. */
static inline int is_absent(const uint8_t *bitmap, uint32_t bits, uint32_t first, uint32_t second)
{
    uint32_t mixed = first << 16 | second;
    mixed ^= mixed >> 15;
    mixed *= 0x9E3779B1u;
    mixed ^= mixed >> 13;
    mixed *= 0x85EBCA6Bu;
    mixed >>= 32 - bits;
    return !(bitmap[mixed >> 3] >> (mixed & 7) & 1);
}

static inline int is_unseen(const model *m, uint32_t first, uint32_t second)
{
    return is_absent(m->scan, m->scan_bits, first, second);
}

/* C1 controls, private use and U+FFFD. */
static inline int is_never_in_text(uint32_t code)
{
    return code - 0x80 < 0x20 || (code - 0xE000 < 0xF900 - 0xE000 && code - ASTRAL_HAN >= 2) || code == 0xFFFD;
}

static inline int is_letter(uint32_t code)
{
    return code >= 0x80 && code < FIRST_EAST_ASIAN;
}

/* What detect/misread.py counts as East Asian. */
static inline int is_east_asian(uint32_t point) { return point >= FIRST_EAST_ASIAN && point <= 0xFFEF; }

/* Whether a line of so many characters is one of an alphabet. */
static inline int is_alphabetic(const sums *k, int64_t east_asian, int64_t size)
{
    return (double)east_asian < k->few * (double)size;
}

/* Whether two letters are of different alphabets, neither looking like a Latin one. */
static inline int is_mixed(const uint8_t *scripts, uint32_t first, uint32_t second)
{
    uint8_t a = scripts[first], b = scripts[second];
    return a && b && a != b && !((a | b) & LOOKS_ALIKE);
}

/* What an unseen bigram, letters of two alphabets, or a character that is in no text, adds to the running sum of a line. */
static inline int alarm_step(const sums *k, uint32_t first, uint32_t second, int in_alphabet)
{
    if (second == BOUNDARY)
        return 0;
    if (is_never_in_text(second) || (in_alphabet && is_mixed(k->scripts, first, second)))
        return k->alarm;
    if (in_alphabet || (is_letter(second) && first < FIRST_EAST_ASIAN) || (is_letter(first) && second < FIRST_EAST_ASIAN))
        return k->unseen_letter_step;
    return k->unseen_step;
}

/* Of detect/words.py: words that have letters that ASCII lacks, and what may have become of one of these. */
typedef struct {
    level words;
    const uint16_t *small;      /* of each code point: the small letter of a Latin one, or 0 */
    const uint8_t *natures;     /* of each code point: what it may have been */
    const uint16_t *starts;     /* of each code point: where the letters that it may have been begin */
    const uint8_t *candidates;  /* those, as numbers */
    const uint16_t *letters;    /* of each number: the letter */
    const uint32_t *contexts;   /* of each number: what words have before it and behind it */
    const uint32_t *crc;        /* CRC-32 of each byte */
    const uint8_t *kinds;       /* of each code point: what it is in a word */
    uint64_t of_next;           /* what makes the key of a word of one language that of the next */
    uint32_t languages;         /* the number behind the last is that of whatever language */
    uint32_t limit;             /* code points */
    uint32_t least_plain;       /* letters of ASCII beside each character that is not ASCII */
} lexis;

#ifdef _MSC_VER
#define PREFETCH(address) ((void)(address))
#else
#define PREFETCH(address) __builtin_prefetch(address)
#endif

static inline uint64_t mix(uint64_t key, uint64_t seed)
{
    uint64_t h = key ^ seed;
    h ^= h >> 33;
    h *= 0xFF51AFD7ED558CCDu;
    h ^= h >> 33;
    h *= 0xC4CEB9FE1A85EC53u;
    h ^= h >> 33;
    return h;
}

/* Where the three cells of a key are, and what tells that it is there. */
typedef struct {
    uint32_t a, b, c;
    uint32_t check;
} slots;

static inline slots slots_of(const level *l, uint64_t key)
{
    uint64_t h = mix(key, l->seed);
    uint64_t first = ((h >> 32) * l->segments >> 32) << 12;
    slots at = {
        (uint32_t)(first + (h & 4095)),
        (uint32_t)(first + 4096 + (h >> 12 & 4095)),
        (uint32_t)(first + 8192 + (h * 0x9E3779B97F4A7C15u >> 52)),
        (uint32_t)(h >> 24) & ((1u << l->fingerprint_bits) - 1),
    };
    return at;
}

static inline void fetch(const level *l, slots at)
{
    size_t width = l->wide ? 4 : 2;
    const char *cells = l->cells;
    PREFETCH(cells + at.a * width);
    PREFETCH(cells + at.b * width);
    PREFETCH(cells + at.c * width);
}

/* What is known of a stored n-gram or history. */
typedef struct {
    uint32_t value;
    int found;
} entry;

/* The value of a key and whether it is there: StaticFunction.get of model/fuse.py. */
static inline entry entry_at(const level *l, slots at)
{
    uint32_t cell;
    if (l->wide) {
        const uint32_t *cells = l->cells;
        cell = cells[at.a] ^ cells[at.b] ^ cells[at.c];
    } else {
        const uint16_t *cells = l->cells;
        cell = cells[at.a] ^ cells[at.b] ^ cells[at.c];
    }
    entry e = {cell & ((1u << l->value_bits) - 1), cell >> l->value_bits == at.check};
    return e;
}

static inline entry get(const level *l, uint64_t key) { return entry_at(l, slots_of(l, key)); }

static inline float logp_of(const level *l, uint32_t value)
{
    return l->logp[value & ((1u << l->logp_bits) - 1)];
}

static inline float backoff_of(const level *l, uint32_t value)
{
    return l->backoff[value >> l->logp_bits];
}

static inline uint64_t key2_of(uint64_t c1, uint64_t c0) { return c1 << 16 | c0; }
static inline uint64_t key3_of(uint64_t c2, uint64_t c1, uint64_t c0) { return c2 << 32 | c1 << 16 | c0; }
static inline uint64_t key4_of(uint64_t c3, uint64_t c2, uint64_t c1, uint64_t c0)
{
    return c3 << 48 | c2 << 32 | c1 << 16 | c0;
}

/* NgramModel.logp_next, given the entries of the n-gram and of its histories; longer ones are looked at only where the
 * shorter ones inside them are stored. */
static inline float combine(const model *m, uint64_t c2, uint64_t c1, uint64_t c0, entry second, entry history2,
                            entry third, entry history3, entry fourth)
{
    float score = second.found ? logp_of(&m->levels[0], second.value) : m->unigram_backoff[c1] + m->unigram[c0];
    if (c1 != BOUNDARY) {
        int known = second.found && history2.found && third.found;
        if (known)
            score = logp_of(&m->levels[1], third.value);
        else
            score = (history2.found ? backoff_of(&m->levels[0], history2.value) : 0.0f) + score;
        if (c2 != BOUNDARY && history2.found && history3.found) {
            if (known && fourth.found)
                score = logp_of(&m->levels[2], fourth.value);
            else
                score = backoff_of(&m->levels[1], history3.value) + score;
        }
    }
    return score < m->floor[c0] ? m->floor[c0] : score;
}

/* A bigram of the model, if it is stored, and its back-off weight as a history. */
typedef struct {
    int found;
    float logp;
    float backoff;
} stored;

/* Those of codes[i - 1], codes[i], for each i from 1 that is asked for; the others are not. */
void mojibake_stored_bigrams(const model *m, const uint16_t *codes, const uint8_t *asked, int64_t size, stored *out);

EXPORT uint32_t mojibake_kernel_sources(void);
EXPORT void mojibake_logp(const model *m, const uint16_t *codes, int64_t size, float *out);
EXPORT void mojibake_logp_next(const model *m, const uint16_t *c3, const uint16_t *c2, const uint16_t *c1,
                               const uint16_t *c0, int64_t size, float *out);
EXPORT void mojibake_get(const void *cells, int32_t wide, uint64_t segments, uint64_t seed, uint32_t value_bits,
                         uint32_t fingerprint_bits, const uint64_t *keys, int64_t size, uint32_t *values,
                         uint8_t *found);
EXPORT void mojibake_absent(const uint8_t *bitmap, uint32_t bits, const uint32_t *keys, int64_t size, uint8_t *out);
EXPORT int64_t mojibake_alarms(const model *m, const sums *k, const uint16_t *codes, int64_t size, int64_t *starts,
                               int64_t *ends);
EXPORT void mojibake_weights(const sums *k, const uint16_t *codes, const float *logp, const int64_t *starts,
                             const int64_t *ends, int64_t size, double *out);

/* How much the codes of one line, boundaries included, weigh about the stretches that rang in it, given as
 * mojibake_alarms gives them: weigh of detect/scan.py.  logp is room for the scores of so many codes. */
double mojibake_weight(const model *m, const sums *k, const uint16_t *codes, int64_t size, const int64_t *starts,
                       const int64_t *ends, int64_t stretches, float *logp);

/* The characters of a line, at most so many, that may be misread letters: odd_words of detect/words.py. */
int64_t mojibake_odd_words(const lexis *x, const uint32_t *points, int64_t size, int64_t most, int64_t *places);

/* Those of all lines; places has room for as many as there are code points. */
EXPORT int64_t mojibake_odd_words_of_lines(const lexis *x, const uint32_t *points, int64_t size, int64_t *places);

/* Whether a reading of a text gives a word that is listed and that the text does not have, or a mark that opens a
 * question or a cry: repair/glance.py.  What has no bytes, and so was not read, is passed. */
int mojibake_gives_words(const lexis *x, const uint32_t *text, int64_t text_size, const uint32_t *reading,
                         const uint8_t *passed, int64_t size);

#endif
