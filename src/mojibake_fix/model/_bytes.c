/* The evidence of detect/encoding/scoring.py and of detect/encoding/single.py, in C: the same results in one pass. */

#include "_kernel.h"

#include <stddef.h>
#include <stdlib.h>

enum {
    LATIN = 2, /* kinds of letters, as detect/encoding/scripts.py has them */
    CJK = 4,
    KINDS = 6,
    MOST_IN_A_BURST = 16,
};

/* What the characters of a reading are worth beside what the model says of them. */
typedef struct {
    const float *styles;    /* [style][65536]: of its form */
    const uint8_t *kinds;   /* [65536] */
    const float *next_to;   /* [KINDS][KINDS]: of the letter before it */
    float alone[3];         /* of a CJK character with no other, by how many of its neighbours are Latin */
    float symbol_in_word;
    float private_use;
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
    uint16_t before = 0;
    start_line(&found);
    for (int64_t i = 0; i < size; i++) {
        uint32_t point = points[i];
        uint16_t code = fold_point(m, point);
        if (point == BOUNDARY) {
            if (score)
                score[line] = (float)sum;
            end_line(&found, out, line++);
            start_line(&found);
            sum = 0.0;
            before = code;
            continue;
        }
        int marked = is_marked(point);
        int counts = code >= 0x80 || (i > 0 && before >= 0x80);
        int is_rare = marked || ((counts || score) && i > 0 && is_unseen(m, before, code));
        found.errors += marked;
        found.counted += counts;
        if (counts && is_rare)
            note_rare(&found, burst, i);
        if (score && marked) {
            sum += (double)w->error;
        } else if (score) {
            float value = logp ? logp[i] : by_itself(m, w, code, is_rare);
            value += by_form(w->styles + ((size_t)styles[line] << 16), w, point);
            value += beside(w, points, i, size);
            sum += (double)value;
        }
        before = code;
    }
}

/* The rarities of the lines of bytes in an encoding of one byte a character, of which errors are those of no code. */
EXPORT void mojibake_table_lines(const model *m, const uint16_t *codes, const uint8_t *no_code, const uint8_t *bytes,
                                 int64_t size, int32_t many, int32_t of, float *rare, float *counted, float *errors,
                                 uint8_t *bursts)
{
    const rarities out = {rare, counted, errors, bursts};
    const burst_size burst = {many, of};
    rarity found;
    int64_t line = 0;
    uint8_t before = 0;
    start_line(&found);
    for (int64_t i = 0; i < size; i++) {
        uint8_t byte = bytes[i];
        if (byte == BOUNDARY) {
            end_line(&found, out, line++);
            start_line(&found);
        } else if ((byte | before) >= 0x80) {
            found.counted++;
            found.errors += no_code[byte];
            if (no_code[byte] || (i > 0 && is_unseen(m, codes[before], codes[byte])))
                note_rare(&found, burst, i);
        }
        before = byte;
    }
    end_line(&found, out, line);
}

/* Which bytes there are, and where pairs begin of which one is beyond ASCII and the second no line end; how many. */
EXPORT int64_t mojibake_telling(const uint8_t *bytes, int64_t size, uint8_t *used, int64_t *places)
{
    int64_t count = 0;
    for (int byte = 0; byte < 256; byte++)
        used[byte] = 0;
    for (int64_t i = 0; i < size; i++)
        used[bytes[i]] = 1;
    for (int64_t i = 0; i + 1 < size; i++) {
        places[count] = i;
        count += (bytes[i] | bytes[i + 1]) >= 0x80 && bytes[i + 1] != BOUNDARY;
    }
    return count;
}

/* The pairs of bytes at places, in encodings of one byte a character: of each encoding (a row of codes and kinds, 256
 * each) the nats of all of them, and how many are rare. */
EXPORT void mojibake_singles(const model *m, const worth *w, const uint16_t *codes, const uint8_t *kinds,
                             const int64_t *rows, int64_t row_count, const uint8_t *bytes, const int64_t *places,
                             int64_t place_count, double *scores, int64_t *rares)
{
    for (int64_t r = 0; r < row_count; r++) {
        const uint16_t *code = codes + rows[r] * 256;
        const uint8_t *kind = kinds + rows[r] * 256;
        double score = 0.0;
        int64_t rare_count = 0;
        for (int64_t k = 0; k < place_count; k++) {
            uint8_t first = bytes[places[k]], second = bytes[places[k] + 1];
            int rare = is_unseen(m, code[first], code[second]);
            rare_count += rare;
            score += (double)(by_itself(m, w, code[second], rare) + w->next_to[kind[first] * KINDS + kind[second]]);
        }
        scores[r] = score;
        rares[r] = rare_count;
    }
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
