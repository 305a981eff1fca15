/* The evidence of detect/encoding/scoring.py and of detect/encoding/single.py, in C: the same results in one pass. */

#include "_kernel.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    LATIN = 2, /* kinds of letters, as detect/encoding/scripts.py has them */
    CJK = 4,
    KINDS = 6,
    MOST_IN_A_BURST = 16,
    CASED = 0x2000, /* of detect/encoding/capitals.py */
    SMALL = 1,
    REACH = 3,
    MOST_TABLES = 64,
};

/* What the characters of a reading are worth beside what the model says of them. */
typedef struct {
    const float *styles;    /* [style][65536]: of its form */
    const uint8_t *kinds;   /* [65536] */
    const float *next_to;   /* [KINDS][KINDS]: of the letter before it */
    const uint16_t *cases;  /* [CASED]: a capital in lower case, SMALL for other letters, 0 for all else */
    float alone[3];         /* of a CJK character with no other, by how many of its neighbours are Latin */
    float symbol_in_word;
    float private_use;
    float capital; /* of a letter that is taken to be in lower case */
    float least_of_lowered;
    float unwritten;
    float error;
    float unseen_below;
    float lowest;
    float seen_share;
} worth;

static inline int is_marked(uint32_t point) { return point - 0xDC00 < 0x100; }

static inline uint8_t kind_of(const worth *w, uint32_t point) { return w->kinds[point > 0xFFFF ? 0xFFFF : point]; }

/* quick_logp of scoring.py. */
static inline float by_itself(const model *m, const worth *w, uint16_t code, int rare)
{
    float unigram = m->unigram[code];
    if (!rare)
        return unigram * w->seen_share;
    float unseen = unigram - w->unseen_below;
    return unseen < w->lowest ? w->lowest : unseen;
}

/* What a pair of characters is worth by its second, and whether it is rare. */
typedef struct {
    float logp;
    int rare;
} pair;

static inline int may_be_in_capitals(uint16_t case_first, uint16_t case_second)
{
    return case_second != SMALL && (case_first > SMALL || case_second > SMALL);
}

/* pair_logp of scoring.py. */
static inline pair pair_of(const model *m, const worth *w, uint16_t first, uint16_t second, uint16_t case_first,
                           uint16_t case_second, int behind)
{
    int rare = is_unseen(m, first, second);
    pair found = {by_itself(m, w, second, rare), rare};
    if (behind && may_be_in_capitals(case_first, case_second)) {
        uint16_t low_first = case_first > SMALL ? case_first : first;
        uint16_t low_second = case_second > SMALL ? case_second : second;
        entry stored = get(&m->levels[0], key2_of(low_first, low_second));
        float logp = stored.found ? logp_of(&m->levels[0], stored.value) : by_itself(m, w, low_second, 1);
        float low = logp + (case_second > SMALL ? w->capital : 0.0f);
        found.logp = low > found.logp ? low : found.logp;
        found.rare = rare && (!stored.found || logp < w->least_of_lowered);
    }
    return found;
}

/* Whether it is rare, only. */
static inline int is_rare_pair(const model *m, const worth *w, uint16_t first, uint16_t second, uint16_t case_first,
                               uint16_t case_second, int behind)
{
    if (!is_unseen(m, first, second))
        return 0;
    return !behind || pair_of(m, w, first, second, case_first, case_second, behind).rare;
}

static inline uint16_t case_of(const worth *w, uint32_t point) { return point < CASED ? w->cases[point] : 0; }

/* script_logp of scripts.py, for the point at i; there are some before and behind it, unless i is at an end. */
static inline float beside(const worth *w, const uint32_t *points, int64_t i, int64_t size)
{
    uint8_t here = kind_of(w, points[i]);
    float found = 0.0f;
    if (i > 0)
        found = w->next_to[kind_of(w, points[i - 1]) * KINDS + here];
    int inside = i > 0 && i + 1 < size;
    if (inside && here == CJK) {
        uint8_t before = kind_of(w, points[i - 1]), behind = kind_of(w, points[i + 1]);
        if (before != CJK && behind != CJK)
            found += w->alone[(before == LATIN) + (behind == LATIN)];
    }
    if (points[i] - 0xE000 < 0xF900 - 0xE000)
        found += w->private_use;
    if (inside && here == 0 && points[i] >= 0x80 && points[i] != 0x2019 && kind_of(w, points[i - 1]) == LATIN &&
        kind_of(w, points[i + 1]) == LATIN)
        found += w->symbol_in_word;
    return found;
}

/* _style_logp of scoring.py. */
static inline float by_form(const float *style, const worth *w, uint32_t point)
{
    if (point <= 0xFFFF)
        return style[point];
    int written = point - 0x1F000 < 0x1FB00 - 0x1F000 || point - 0x20000 < 0x323B0 - 0x20000;
    return written ? style[0xFFFF] : w->unwritten;
}

/* How much of a line is not as clean text is. */
typedef struct {
    int64_t rare, counted, errors;
    int burst;
    int64_t last[MOST_IN_A_BURST]; /* where the last rare bigrams are */
} rarity;

/* Where rarities go, one a line: the arrays of Rarity of detect/encoding/scoring.py. */
typedef struct {
    float *rare, *counted, *errors;
    uint8_t *bursts;
} rarities;

/* So many rare bigrams of so many in a row are a burst. */
typedef struct {
    int32_t many, of;
} burst_size;

static inline void start_line(rarity *r) { r->rare = r->counted = r->errors = r->burst = 0; }

static inline void end_line(const rarity *r, rarities out, int64_t line)
{
    out.rare[line] = (float)r->rare;
    out.counted[line] = (float)r->counted;
    out.errors[line] = (float)r->errors;
    out.bursts[line] = (uint8_t)r->burst;
}

static inline void note_rare(rarity *r, burst_size size, int64_t place)
{
    int64_t first = r->rare - (size.many - 1);
    r->last[r->rare % MOST_IN_A_BURST] = place;
    if (first >= 0 && place - r->last[first % MOST_IN_A_BURST] < size.of)
        r->burst = 1;
    r->rare++;
}

/* Readings of detect/encoding/readings.py: their rarities, and their scores.  These are quick ones where there is no
 * logp; none are wanted where there is no score. */
EXPORT void mojibake_readings(const model *m, const worth *w, const uint32_t *points, int64_t size,
                              const uint8_t *styles, const float *logp, int32_t many, int32_t of, float *score,
                              float *rare, float *counted, float *errors, uint8_t *bursts)
{
    const rarities out = {rare, counted, errors, bursts};
    const burst_size burst = {many, of};
    rarity found;
    double sum = 0.0;
    int64_t line = 0;
    uint16_t before = 0, case_before = 0;
    int64_t capital = -REACH - 1; /* where the last letter is, if it is one */
    start_line(&found);
    for (int64_t i = 0; i < size; i++) {
        uint32_t point = points[i];
        uint16_t code = fold_point(m, point), letter = case_of(w, point);
        if (point == BOUNDARY) {
            if (score)
                score[line] = (float)sum;
            end_line(&found, out, line++);
            start_line(&found);
            sum = 0.0;
            before = code;
            case_before = 0;
            capital = -REACH - 1;
            continue;
        }
        int marked = is_marked(point);
        int counts = code >= 0x80 || (i > 0 && before >= 0x80);
        pair with_before = {0.0f, 0};
        if (i == 0)
            with_before.logp = by_itself(m, w, code, 0);
        else if (!marked && score)
            with_before = pair_of(m, w, before, code, case_before, letter, i - capital <= REACH);
        else if (!marked && counts)
            with_before.rare = is_rare_pair(m, w, before, code, case_before, letter, i - capital <= REACH);
        int is_rare = marked || with_before.rare;
        found.errors += marked;
        found.counted += counts;
        if (counts && is_rare)
            note_rare(&found, burst, i);
        if (score && marked) {
            sum += (double)w->error;
        } else if (score) {
            float value = logp ? logp[i] : with_before.logp;
            value += by_form(w->styles + ((size_t)styles[line] << 16), w, point);
            value += beside(w, points, i, size);
            sum += (double)value;
        }
        before = code;
        case_before = letter;
        if (letter)
            capital = letter > SMALL ? i : -REACH - 1;
    }
}

/* Of each encoding of one byte a character and byte, 256 a row: the tables of detect/encoding/single.py. */
typedef struct {
    const uint32_t *points;
    const uint16_t *codes, *cases;
    const uint8_t *kinds, *no_code;
} tables;

/* is_behind_capital of detect/encoding/capitals.py, of the byte at i. */
static inline int is_behind_capital(const uint16_t *cases, const uint8_t *bytes, int64_t i)
{
    for (int64_t k = i - 1; k >= 0 && k >= i - REACH && bytes[k] != BOUNDARY; k--)
        if (cases[bytes[k]])
            return cases[bytes[k]] > SMALL;
    return 0;
}

/* The pair of bytes at i - 1 and i in a row of the tables. */
static inline pair pair_at(const model *m, const worth *w, const uint16_t *codes, const uint16_t *cases,
                           const uint8_t *bytes, int64_t i)
{
    uint8_t first = bytes[i - 1], second = bytes[i];
    int behind = may_be_in_capitals(cases[first], cases[second]) && is_behind_capital(cases, bytes, i);
    return pair_of(m, w, codes[first], codes[second], cases[first], cases[second], behind);
}

/* Whether the eight bytes from there on are ASCII, and none of them ends a line. */
static inline int is_plain(const uint8_t *at)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
    uint64_t no_end = eight ^ ones * BOUNDARY;
    return !((eight | ((no_end - ones) & ~no_end)) & highs);
}

/* The rarities of the lines of bytes in the encoding of a row of the tables, of which errors are those of no code. */
EXPORT void mojibake_table_lines(const model *m, const worth *w, const tables *t, int64_t row, const uint8_t *bytes,
                                 int64_t size, int32_t many, int32_t of, float *rare, float *counted, float *errors,
                                 uint8_t *bursts)
{
    const rarities out = {rare, counted, errors, bursts};
    const burst_size burst = {many, of};
    const uint16_t *codes = t->codes + row * 256, *cases = t->cases + row * 256;
    const uint8_t *no_code = t->no_code + row * 256;
    rarity found;
    int64_t line = 0;
    uint8_t before = 0;
    start_line(&found);
    for (int64_t i = 0; i < size; i++) {
        /* Eight bytes of ASCII in a line count for nothing. */
        while (before < 0x80 && i + 8 <= size && is_plain(bytes + i)) {
            before = bytes[i + 7];
            i += 8;
        }
        if (i == size)
            break;
        uint8_t byte = bytes[i];
        if (byte == BOUNDARY) {
            end_line(&found, out, line++);
            start_line(&found);
        } else if ((byte | before) >= 0x80) {
            found.counted++;
            found.errors += no_code[byte];
            int is_rare = no_code[byte];
            if (!is_rare && i > 0 && is_unseen(m, codes[before], codes[byte]))
                is_rare = pair_at(m, w, codes, cases, bytes, i).rare;
            if (is_rare)
                note_rare(&found, burst, i);
        }
        before = byte;
    }
    end_line(&found, out, line);
}

/* Whether a pair tells: one of its bytes is beyond ASCII, and the second no line end. */
static inline int tells(const uint8_t *at) { return (at[0] | at[1]) >= 0x80 && at[1] != BOUNDARY; }

/* Places of pairs, and what they say in each row that is asked. */
typedef struct {
    int64_t *places;
    int64_t count;
} pairs;

static inline void add_pairs(const model *m, const worth *w, const tables *t, int64_t row, const uint8_t *bytes,
                             pairs these, double *score, int64_t *rare)
{
    const uint16_t *codes = t->codes + row * 256, *cases = t->cases + row * 256;
    const uint8_t *kind = t->kinds + row * 256;
    *score = 0.0;
    *rare = 0;
    for (int64_t k = 0; k < these.count; k++) {
        const uint8_t *at = bytes + these.places[k];
        pair found = pair_at(m, w, codes, cases, bytes, these.places[k] + 1);
        *rare += found.rare;
        *score += (double)(found.logp + w->next_to[kind[at[0]] * KINDS + kind[at[1]]]);
    }
}

/* Whether two rows read all the bytes that are used the same. */
static int reads_alike(const tables *t, int64_t one, int64_t two, const uint8_t *used, int used_count)
{
    for (int k = 0; k < used_count; k++)
        if (t->points[one * 256 + used[k]] != t->points[two * 256 + used[k]])
            return 0;
    return 1;
}

/* best_single of detect/encoding/single.py. */
typedef struct {
    double margin; /* how far from the best is close, nats */
    double bias;   /* that much farther for each pair, where no more pairs are rare */
    int64_t most_pairs, most_telling_pairs;
} closeness;

/* Those of count rows that are close to the best, in their order; how many. */
static int64_t keep_close(const closeness *c, int64_t *rows, const double *scores, const int64_t *rare, int64_t count,
                          int64_t pair_count)
{
    int64_t best = 0, kept = 0;
    for (int64_t k = 1; k < count; k++)
        if (scores[k] > scores[best])
            best = k;
    for (int64_t k = 0; k < count; k++) {
        double behind = scores[best] - scores[k];
        if (behind <= c->margin || (behind <= c->margin + c->bias * (double)pair_count && rare[k] <= rare[best]))
            rows[kept++] = rows[k];
    }
    return kept;
}

/* The rows (likeliest first) of which each reads the bytes in a way of its own and is close to the best, best first;
 * how many.  Counts are how many of the best one's pairs are rare, of how many.  Returns -1 if there is no room. */
EXPORT int64_t mojibake_best_single(const model *m, const worth *w, const tables *t, const closeness *c,
                                    const uint8_t *bytes, int64_t size, const int64_t *allowed, int64_t allowed_count,
                                    const double *priors, int64_t *rows, int64_t *counts)
{
    uint8_t seen[256] = {0}, used[256], differs[256] = {0};
    int used_count = 0;
    int64_t every = 0, count = 0;
    int64_t rare[MOST_TABLES];
    double scores[MOST_TABLES];
    for (int64_t i = 0; i < size; i++)
        seen[bytes[i]] = 1;
    for (int byte = 0; byte < 256; byte++)
        if (seen[byte])
            used[used_count++] = (uint8_t)byte;
    for (int64_t i = 0; i + 1 < size; i++)
        every += tells(bytes + i);
    for (int64_t r = 0; every && r < allowed_count; r++) {
        int fits = 1;
        for (int k = 0; fits && k < used_count; k++)
            fits = !t->no_code[allowed[r] * 256 + used[k]];
        for (int64_t k = 0; fits && k < count; k++)
            fits = !reads_alike(t, allowed[r], rows[k], used, used_count);
        if (fits)
            rows[count++] = allowed[r];
    }
    if (!count)
        return 0;
    int64_t step = every / c->most_pairs + 1;
    int64_t room = c->most_pairs > c->most_telling_pairs ? c->most_pairs : c->most_telling_pairs;
    pairs these = {malloc((size_t)(room + 1) * sizeof(int64_t)), 0};
    if (!these.places)
        return -1;
    for (int64_t i = 0, number = 0; i + 1 < size; i++)
        if (tells(bytes + i) && number++ % step == 0)
            these.places[these.count++] = i;
    for (int64_t k = 0; k < count; k++) {
        int64_t row = rows[k], at = k, odd;
        double score;
        add_pairs(m, w, t, row, bytes, these, &score, &odd);
        score += priors[row];
        for (; at > 0 && scores[at - 1] < score; at--) {
            rows[at] = rows[at - 1];
            scores[at] = scores[at - 1];
            rare[at] = rare[at - 1];
        }
        rows[at] = row;
        scores[at] = score;
        rare[at] = odd;
    }
    counts[0] = rare[0];
    counts[1] = these.count;
    count = keep_close(c, rows, scores, rare, count, these.count);
    if (count > 1) {
        /* They differ in a few letters, of which there may be more than among the pairs so far. */
        for (int64_t k = 1; k < count; k++)
            for (int byte = 0; byte < 256; byte++)
                differs[byte] |= t->points[rows[k] * 256 + byte] != t->points[rows[0] * 256 + byte];
        these.count = 0;
        for (int64_t i = 0; i + 1 < size && these.count < c->most_telling_pairs; i++)
            if (tells(bytes + i) && (differs[bytes[i]] || differs[bytes[i + 1]]))
                these.places[these.count++] = i;
        for (int64_t k = 0; k < count; k++) {
            add_pairs(m, w, t, rows[k], bytes, these, &scores[k], &rare[k]);
            scores[k] += priors[rows[k]];
        }
        count = keep_close(c, rows, scores, rare, count, these.count);
    }
    free(these.places);
    return count;
}

enum { ARRIVALS = 4 }; /* ways to get to a byte that are kept */

/* A way to get to a byte: its nats, the character before, and what it goes on from. */
typedef struct {
    double score;
    int32_t from;
    uint16_t before;
    uint8_t slot, skipped;
} arrival;

typedef struct {
    arrival ways[ARRIVALS];
    int count;
} arrivals;

/* The best way for each character before; of more than are kept, the best. */
static inline void arrive(arrivals *a, arrival way)
{
    int at = -1;
    for (int k = 0; k < a->count && at < 0; k++)
        if (a->ways[k].before == way.before)
            at = k;
    if (at < 0 && a->count < ARRIVALS) {
        a->ways[a->count++] = way;
        return;
    }
    if (at < 0) {
        at = 0;
        for (int k = 1; k < a->count; k++)
            if (a->ways[k].score < a->ways[at].score)
                at = k;
    }
    if (a->ways[at].score < way.score)
        a->ways[at] = way;
}

/* The bytes that are best left over: skips of detect/encoding/slip.py.  What begins at each byte, and how many bytes
 * it takes, are points and widths (0: nothing); each byte that is left over though it may be is worth skip nats, one
 * that nothing begins at the nats of an error.  Returns 0 if there is no room. */
EXPORT int32_t mojibake_skips(const model *m, const worth *w, const uint32_t *points, const uint8_t *widths,
                              const uint8_t *may_skip, int64_t size, int32_t style, double skip, uint8_t *skipped)
{
    const float *form = w->styles + ((size_t)style << 16);
    arrivals *at = calloc((size_t)size + 1, sizeof *at);
    if (!at)
        return 0;
    const arrival start = {0.0, -1, BOUNDARY, 0, 0};
    arrive(&at[0], start);
    for (int64_t i = 0; i < size; i++) {
        int64_t behind = i + widths[i];
        uint16_t code = widths[i] ? fold_point(m, points[i]) : 0;
        float formed = widths[i] ? by_form(form, w, points[i]) : 0.0f;
        for (int k = 0; k < at[i].count; k++) {
            const arrival here = at[i].ways[k];
            arrival next = {here.score, (int32_t)i, here.before, (uint8_t)k, 0};
            if (widths[i] && behind <= size) {
                next.before = code;
                next.score += (double)(by_itself(m, w, code, is_unseen(m, here.before, code)) + formed);
                arrive(&at[behind], next);
            }
            if (may_skip[i] || !widths[i] || behind > size) {
                next.before = here.before;
                next.skipped = 1;
                next.score = here.score + (widths[i] && behind <= size ? skip : (double)w->error);
                arrive(&at[i + 1], next);
            }
        }
    }
    int best = 0;
    for (int k = 1; k < at[size].count; k++)
        if (at[size].ways[k].score > at[size].ways[best].score)
            best = k;
    for (int64_t i = size; i > 0;) {
        const arrival here = at[i].ways[best];
        for (int64_t k = here.from; k < i; k++)
            skipped[k] = here.skipped;
        best = here.slot;
        i = here.from;
    }
    free(at);
    return 1;
}
