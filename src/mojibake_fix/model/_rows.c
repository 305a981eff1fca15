/* The quick look at many rows of text: which of them have anything that a stage of the engine would look at.
 *
 * One pass over the buffer that holds them, without a Python object a row.  What it decides, engine/batch.py decides
 * with NumPy and regular expressions; where floating-point sums are compared it leaves a margin, so that it may mark a
 * row too many and never one too few.
 */

#include "_kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HAS_MARKER = 1, HAS_READING = 2, HAS_SPLIT = 4, IS_UNLIKELY = 8, IS_SHIFTED = 16, IS_INVALID = 32, HAS_LETTER = 64, HAS_WRITTEN = 128 };

enum { OPENS = 1, QUESTION = 2, ODD = 4, MARKER = 8, HIGH = 128 };

/* Lines with no more marks of lost bytes are never left out of a document (engine/misaligned.py). */
enum { FEW_MARKS = 3 };

enum { SCANNED_AT_ONCE = 64 };

enum { MOST_MARKERS = 32, MARKER_BYTES = 8, MOST_ENCODINGS = 8 };

static const double MARGIN = 0.01;


/* One encoding whose characters are pairs of bytes: detect/misaligned.py. */
typedef struct {
    const uint16_t *encode; /* of a code point: its two bytes, or one of ASCII; 0 for all others */
    const uint16_t *pairs;  /* of two bytes: the folded character; 0 where there is none */
    uint32_t first;
    uint32_t last;
    double least_letter_gain; /* infinite where a letter is no second byte */
} pairing;

typedef struct {
    uint8_t markers[MOST_MARKERS][MARKER_BYTES]; /* padded with NUL */
    int32_t marker_count;
    int32_t pairing_count;
    pairing pairings[MOST_ENCODINGS];
    /* Of detect/misread.py: what a line must weigh. */
    double least_weight;
    double least_weight_among_letters;
    double least_weight_of_letters;
    /* Of detect/misaligned.py. */
    int64_t before;
    int64_t behind;
    int64_t near;
    int64_t longest;
    double least_share;
    int64_t around;
    double least_gain;
    double most_rejoined;
    double encodable; /* share of the characters around a letter that an encoding must have */
    float marked;
    float unmarked;
    float no_code;
    float most_backoff; /* the highest back-off weight of a history of two characters */
    const lexis *words;
    int32_t readings; /* whether readings are looked for */
    /* Of detect/round_trip.py: the letter of a mark, and what the byte before it has beside its high bits. */
    uint32_t mark_letter;
    uint32_t mark_payload;
} gate;

typedef struct {
    int64_t start, end;
} span;

/* All rows: UTF-8 bytes (wide == 0) or code points. */
typedef struct {
    const void *data;
    int wide;
    int64_t start, end; /* of the row */
    int is_counted;
    uint8_t eligible[MOST_ENCODINGS];
} row_view;

/* Scratch space, grown to the longest line. */
typedef struct {
    int64_t capacity;
    uint32_t *points;
    uint16_t *codes;
    float *logp;
    /* Of a stretch, with a boundary before and behind it. */
    uint16_t *own, *new;
    float *standing, *anew;
    uint8_t *kinds, *asked;
    stored *bigrams;
    span *spans;
    int64_t span_count, span_capacity;
    /* The stretches of a line that rang, as mojibake_alarms has them. */
    int64_t *starts, *ends;
    int64_t rung;
    uint8_t classes[128];
    uint16_t fold_ascii[128];
} scratch;

static int grow(scratch *s, int64_t size, const gate *g)
{
    if (!s->own) {
        size_t stretch = (size_t)g->longest + 2;
        s->own = malloc(stretch * sizeof *s->own);
        s->new = malloc(stretch * sizeof *s->new);
        s->standing = malloc(stretch * sizeof *s->standing);
        s->anew = malloc(stretch * sizeof *s->anew);
        s->kinds = malloc(stretch * sizeof *s->kinds);
        s->asked = malloc(stretch * sizeof *s->asked);
        s->bigrams = malloc(stretch * sizeof *s->bigrams);
        if (!s->own || !s->new || !s->standing || !s->anew || !s->kinds || !s->asked || !s->bigrams)
            return 0;
    }
    if (size <= s->capacity)
        return 1;
    int64_t capacity = size + size / 8 + 256;
    free(s->points);
    free(s->codes);
    free(s->logp);
    free(s->starts);
    free(s->ends);
    s->points = malloc(((size_t)capacity + 2) * sizeof *s->points);
    s->codes = malloc(((size_t)capacity + 2) * sizeof *s->codes);
    s->logp = malloc(((size_t)capacity + 2) * sizeof *s->logp);
    s->starts = malloc(((size_t)capacity / 2 + 2) * sizeof *s->starts);
    s->ends = malloc(((size_t)capacity / 2 + 2) * sizeof *s->ends);
    s->capacity = s->points && s->codes && s->logp && s->starts && s->ends ? capacity : 0;
    return s->capacity > 0;
}

static void release(scratch *s)
{
    free(s->points);
    free(s->codes);
    free(s->logp);
    free(s->starts);
    free(s->ends);
    free(s->own);
    free(s->new);
    free(s->standing);
    free(s->anew);
    free(s->kinds);
    free(s->asked);
    free(s->bigrams);
    free(s->spans);
}

static int add_span(scratch *s, int64_t start, int64_t end)
{
    if (s->span_count == s->span_capacity) {
        int64_t capacity = s->span_capacity * 2 + 64;
        span *grown = realloc(s->spans, (size_t)capacity * sizeof *grown);
        if (!grown)
            return 0;
        s->spans = grown;
        s->span_capacity = capacity;
    }
    s->spans[s->span_count++] = (span){start, end};
    return 1;
}

/* --- What ASCII tells ------------------------------------------------------------------------------------------ */

static void classify(const gate *g, uint8_t *classes)
{
    memset(classes, 0, 128);
    for (int c = '@'; c <= '~'; c++)
        classes[c] |= ODD;
    classes['?'] |= QUESTION | ODD;
    classes['('] |= OPENS;
        for (int i = 0; i < g->marker_count; i++)
        classes[g->markers[i][0]] |= MARKER;
}

static int is_marker_at(const gate *g, const uint32_t *points, int64_t left)
{
    for (int i = 0; i < g->marker_count; i++) {
        const uint8_t *marker = g->markers[i];
        int64_t length = 0;
        while (length < MARKER_BYTES && marker[length] && length < left && points[length] == marker[length])
            length++;
        if (length == MARKER_BYTES || !marker[length])
            return 1;
    }
    return 0;
}

static int is_reading_letter(uint32_t p)
{
    return (p >= 'a' && p <= 'z') || (p >= 0xE0 && p <= 0x1DC) || p == 0x144 || p == 0x148 || p == 0x1F9 || p == 0x1E3F;
}

/* Whether one to six letters and a closing bracket stand here. */
static int is_reading_end(const uint32_t *points, int64_t left)
{
    int64_t letters = 0;
    while (letters < left && letters < 7 && is_reading_letter(points[letters]))
        letters++;
    return letters >= 1 && letters <= 6 && letters < left && (points[letters] == ')' || points[letters] == 0xFF09);
}

static int is_mark_of_loss(uint32_t p) { return p == '?' || p == 0xFFFD; }

static int is_split_at(const uint32_t *points, int64_t left)
{
    if (left < 2)
        return 0;
    if (points[1] == '!' || points[1] == 0xFF01 || points[1] == 0xFF1F)
        return 1;
    return points[1] == '?' && left > 2 && (is_mark_of_loss(points[2]) || (points[2] >= 0x3400 && points[2] <= 0x9FFF));
}

static int is_wide(uint32_t p)
{
    return (p >= 0x3000 && p <= 0x9FFF) || (p >= 0xAC00 && p <= 0xD7A3) || (p >= 0xFF00 && p <= 0xFFEF);
}

/* A text around a place: up to three characters before it, and up to two behind it, the end of the line being one. */
typedef struct {
    uint16_t before[3];
    uint16_t behind[2];
    int behind_count;
} surroundings;

/* How likely these characters, none of them 0, are there, and what follows them. */
static double score_between(const model *m, const surroundings *around, uint16_t first, uint16_t second)
{
    const uint16_t inside[4] = {first, second ? second : around->behind[0],
                                second ? around->behind[0] : around->behind[1], around->behind[1]};
    uint16_t c3 = around->before[0], c2 = around->before[1], c1 = around->before[2];
    int count = 1 + (second != 0) + around->behind_count;
    double sum = 0.0;
    for (int i = 0; i < count; i++) {
        float logp;
        mojibake_logp_next(m, &c3, &c2, &c1, &inside[i], 1, &logp);
        sum += (double)logp;
        c3 = c2;
        c2 = c1;
        c1 = inside[i];
    }
    return sum;
}

/* Whether clean text has a character, if it is one, between two others. */
static int fits(const model *m, uint32_t before, uint32_t code, uint32_t behind)
{
    return code && !is_unseen(m, before, code) && !is_unseen(m, code, behind);
}

/* How much likelier a text is if a byte was lost or gained in the two characters up to a letter: _letter_gain of
 * detect/misaligned.py. */
static double letter_gain(const model *m, const pairing *with, const surroundings *around, uint32_t point, uint32_t letter)
{
    uint32_t code = with->encode[point > 0xFFFF ? 0 : point], first = code >> 8, second = code & 0xFF;
    uint16_t own = fold_point(m, point), last, whole;
    if (code <= 0xFF)
        return -INFINITY;
    last = with->pairs[second << 8 | letter];
    whole = with->pairs[first << 8 | letter];
    double best = score_between(m, around, own, 0), stands = score_between(m, around, own, fold_point(m, letter));
    if (last)
        best = fmax(best, score_between(m, around, last, 0));
    if (whole)
        best = fmax(best, score_between(m, around, whole, 0));
    for (uint32_t byte = 0; byte < 0x100; byte++) {
        uint16_t end = with->pairs[byte << 8 | letter];
        if (fits(m, own, end, around->behind[0]))
            best = fmax(best, score_between(m, around, own, end));
        for (int way = 0; last && way < 2; way++) {
            uint16_t beginning = with->pairs[way ? first << 8 | byte : byte << 8 | first];
            if (fits(m, around->before[2], beginning, last))
                best = fmax(best, score_between(m, around, beginning, last));
        }
    }
    return best - stands;
}

/* Which encodings the text of a row can be in: as _shifted of detect/misaligned.py for a document, but that lines which
 * the engine leaves out for their marks of loss are counted; where there may be any, one character is enough. */
static void count_row(const gate *g, row_view *row)
{
    int64_t counts[MOST_ENCODINGS] = {0}, high = 0, marks = 0;
    const uint8_t *bytes = row->data;
    const uint32_t *points = row->data;
    if (row->is_counted)
        return;
    row->is_counted = 1;
    for (int64_t at = row->start; at < row->end;) {
        uint32_t p = row->wide ? points[at] : bytes[at];
        int64_t length = 1;
        if (!row->wide && p >= 0x80) {
            length = p < 0xE0 ? 2 : p < 0xF0 ? 3 : 4;
            if (length == 3 && at + 2 < row->end)
                p = (p & 0x0F) << 12 | (uint32_t)(bytes[at + 1] & 0x3F) << 6 | (bytes[at + 2] & 0x3F);
        }
        at += length;
        marks += is_mark_of_loss(p);
        if (p < 0x80 || p == 0xFFFD)
            continue;
        high++;
        for (int e = 0; e < g->pairing_count; e++)
            counts[e] += p - g->pairings[e].first < g->pairings[e].last - g->pairings[e].first;
    }
    for (int e = 0; e < g->pairing_count; e++)
        row->eligible[e] = (double)counts[e] > (marks > FEW_MARKS ? 0.0 : g->least_share * (double)high);
}

/* Whether an encoding has the East Asian characters of a stretch: _encodings_of of detect/misaligned.py, where all others
 * count as well, for some are single bytes. */
static int is_encodable(const gate *g, const pairing *with, const uint32_t *points, int64_t size)
{
    int64_t high = 0, able = 0;
    for (int64_t i = 0; i < size; i++) {
        uint32_t p = points[i];
        high += p >= 0x80 && p != 0xFFFD;
        able += p >= 0x80 && p != 0xFFFD && (p < 0x2E80 || p >= 0xD800 || with->encode[p]);
    }
    return (double)able >= g->encodable * (double)high;
}

/* Whether a sign behind a character may be a name together with it: "五P", "三~五". */
static int is_numeral(uint32_t point)
{
    static const uint32_t numerals[] = {0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341};
    for (size_t i = 0; i < sizeof numerals / sizeof *numerals; i++)
        if (point == numerals[i])
            return 1;
    return 0;
}

/* Whether a letter between two characters may be all that a lost or gained byte left of another: _lone_letters of
 * detect/misaligned.py, of the encodings that the row can be in. */
static int may_be_second_byte(const model *m, const gate *g, row_view *row, const uint32_t *points, int64_t at,
                              int64_t size)
{
    surroundings around = {{BOUNDARY, BOUNDARY, BOUNDARY}, {BOUNDARY, BOUNDARY}, 0};
    uint16_t letter = fold_point(m, points[at]), own = fold_point(m, points[at - 1]);
    int64_t from = at > g->around ? at - g->around : 0, to = at + g->around < size ? at + g->around : size;
    around.behind_count = at + 1 < size ? 2 : 1;
    for (int64_t i = 0; i < 3 && at - 2 - i >= 0; i++)
        around.before[2 - i] = fold_point(m, points[at - 2 - i]);
    for (int64_t i = 0; i < 2 && at + 1 + i < size; i++)
        around.behind[i] = fold_point(m, points[at + 1 + i]);
    if (!is_unseen(m, own, letter) && !is_unseen(m, letter, around.behind[0]))
        return 0;
    count_row(g, row);
    for (int e = 0; e < g->pairing_count; e++)
        if (row->eligible[e] && isfinite(g->pairings[e].least_letter_gain) &&
            is_encodable(g, &g->pairings[e], points + from, to - from) &&
            letter_gain(m, &g->pairings[e], &around, points[at - 1], points[at]) >
                g->pairings[e].least_letter_gain - MARGIN)
            return 1;
    return 0;
}

/* Whether a letter and the character before it are what find_written_back of detect/round_trip.py looks for. */
static int is_written(const gate *g, uint32_t before, uint32_t letter)
{
    return letter == g->mark_letter &&
           (before == 0xFFFD || (before >= 0x80 && (before & 0x3F) == g->mark_payload));
}

/* Look at the characters of a line that mean something by themselves; single bytes between wide characters become
 * spans. */
static int look_at_marks(const model *m, const gate *g, scratch *s, row_view *row, int64_t size, int is_ascii,
                         uint8_t *flags)
{
    const uint32_t *points = s->points;
    for (int64_t i = 0; i < size; i++) {
        uint32_t p = points[i];
        int class = p < 0x80 ? s->classes[p] : p == 0xFF08 ? OPENS : p == 0xFFFD ? QUESTION | ODD : 0;
        if (!class)
            continue;
        int64_t left = size - i;
        if ((class & MARKER) && is_marker_at(g, points + i, left))
            *flags |= HAS_MARKER;
        if (class & QUESTION) {
            if (g->readings && is_reading_end(points + i + 1, left - 1))
                *flags |= HAS_READING;
            if (!is_ascii && is_split_at(points + i, left))
                *flags |= HAS_SPLIT;
        }
        if ((class & OPENS) && g->readings && i > 0 && points[i - 1] >= 0x80 &&
            is_reading_end(points + i + 1, left - 1))
            *flags |= HAS_READING;
        if (i > 0 && is_written(g, points[i - 1], p))
            *flags |= HAS_WRITTEN;
        if ((class & ODD) && !is_ascii &&
            (p == 0xFFFD || (i > 0 && is_wide(points[i - 1]) && (left == 1 || is_wide(points[i + 1]))))) {
            if (p == 0xFFFD)
                *flags |= HAS_SPLIT;
            if (p >= '@' && p <= '~' && !(*flags & HAS_LETTER) && !is_numeral(points[i - 1]) &&
                may_be_second_byte(m, g, row, points, i, size))
                *flags |= HAS_LETTER;
            if (!add_span(s, i, i + 1))
                return 0;
        }
    }
    return 1;
}

/* --- How likely a line is -------------------------------------------------------------------------------------- */

/* Whether a line weighs what it must to be looked at: least_weight of detect/misread.py. */
static int is_unlikely(const model *m, const sums *k, const gate *g, scratch *s, int64_t size, int64_t east_asian)
{
    double among = east_asian ? g->least_weight_among_letters : g->least_weight_of_letters;
    double least = is_alphabetic(k, east_asian, size) ? among : g->least_weight;
    return mojibake_weight(m, k, s->codes, size + 2, s->starts, s->ends, s->rung, s->logp) >= least;
}

/* --- Streams read astride their characters --------------------------------------------------------------------- */

enum { DOUBLE = 1, ALONE = 2, ENDS = 4, VALID = 8, MARK = 16 };

/* What the end of a shifted run gains beside itself: _rejoined of detect/misaligned.py. */
static double rejoined(const model *m, const scratch *s, int64_t at, int64_t end)
{
    int swallowed = !(s->kinds[at] & ALONE);
    uint16_t c2 = s->new[at > 0 ? at - 1 : 0], c1 = s->new[at], boundary = BOUNDARY;
    int64_t behind = at + 1 + swallowed < end ? at + 1 + swallowed : end;
    int64_t next = behind + 1 < end ? behind + 1 : end;
    int64_t bracket = at + 1 < end ? at + 1 : end;
    float first, second;
    mojibake_logp_next(m, &boundary, &c2, &c1, &s->own[behind], 1, &first);
    mojibake_logp_next(m, &c2, &c1, &s->own[behind], &s->own[next], 1, &second);
    first -= s->standing[behind];
    second -= s->standing[next];
    double gained = swallowed ? -s->standing[bracket] : 0.0;
    gained += first > 0 ? first : 0.0;
    if (s->own[behind] != BOUNDARY)
        gained += second > 0 ? second : 0.0;
    return gained;
}

/* Whether any run of a stretch (own[0] and own[size + 1] are boundaries) gains enough, given the scores as it stands,
 * exact or at least so high, and those read anew, exact or at most so high. */
static int gains_enough(const model *m, const gate *g, const scratch *s, int64_t size, int is_exact)
{
    double total = 0.0, lowest = INFINITY;
    for (int64_t i = 1; i <= size; i++) {
        int kind = s->kinds[i];
        if (kind & DOUBLE) {
            if (total < lowest)
                lowest = total;
            total += (double)(float)(s->anew[i] - s->standing[i]);
        }
        if (!(kind & (ENDS | MARK)))
            continue;
        double best = total - lowest + MARGIN;
        if (kind & MARK) {
            if (best > g->least_gain)
                return 1;
            continue;
        }
        if (best > g->least_gain - g->most_rejoined && (kind & DOUBLE) && (kind & VALID)) {
            double most = best;
            for (int64_t j = i + 1; j <= i + 2 + !(kind & ALONE); j++)
                most -= s->standing[j < size + 1 ? j : size + 1];
            if (most > g->least_gain)
                best = is_exact ? best + rejoined(m, s, i, size + 1) : most;
        }
        if (best > g->least_gain)
            return 1;
        total = 0.0;
        lowest = INFINITY;
    }
    /* The last run of the whole ends with it. */
    return total - lowest + MARGIN > g->least_gain;
}

/* What a double-byte character reads as from its second byte on, where that is no character. */
static inline float missing(const gate *g, int next_kind)
{
    return next_kind & DOUBLE ? g->no_code : next_kind & MARK ? g->marked : g->unmarked;
}

/* Read a stretch from the middle of its characters: kinds[1 .. size] and new[1 .. size]. */
static void shift(const pairing *with, scratch *s, const uint32_t *points, int64_t size)
{
    uint32_t code, next = with->encode[points[0] > 0xFFFF ? 0 : points[0]];
    s->new[0] = s->new[size + 1] = BOUNDARY;
    s->kinds[0] = s->kinds[size + 1] = 0;
    for (int64_t i = 1; i <= size; i++) {
        uint32_t point = points[i - 1], next_point = i < size ? points[i] : BOUNDARY, anew;
        code = next;
        next = with->encode[next_point > 0xFFFF ? 0 : next_point];
        int kind = code > 0xFF ? DOUBLE : is_mark_of_loss(point) ? MARK : ENDS;
        if (kind == DOUBLE && (code & 0xFF) < 0x80) {
            kind |= ALONE | ENDS;
            anew = s->fold_ascii[code & 0xFF];
        } else
            anew = with->pairs[(kind == DOUBLE ? code & 0xFF : 0) << 8 | (next > 0xFF ? next >> 8 : next)];
        if ((kind & DOUBLE) && next <= 0xFF && !is_mark_of_loss(next_point))
            kind |= ENDS;
        s->kinds[i] = (uint8_t)(anew ? kind | VALID : kind);
        s->new[i] = anew ? (uint16_t)anew : BOUNDARY;
    }
}

/* At most what model.logp gives for new[1 .. size], without a look at trigrams: most bigrams are not even known to the
 * scan, which has all that are stored but those of letters. */
static void bound_anew(const model *m, const gate *g, scratch *s, int64_t size)
{
    float backoff = 0.0f;
    int was_stored = 0;
    for (int64_t i = 1; i <= size; i++) {
        uint32_t first = s->new[i - 1], second = s->new[i];
        int may_be_stored = (second < FIRST_EAST_ASIAN) | !is_unseen(m, first, second);
        s->asked[i] = (uint8_t)may_be_stored;
    }
    mojibake_stored_bigrams(m, s->new, s->asked, size + 1, s->bigrams);
    for (int64_t i = 1; i <= size; i++) {
        uint32_t first = s->new[i - 1], second = s->new[i];
        stored bigram = s->bigrams[i];
        if (!(s->kinds[i] & VALID))
            s->anew[i] = missing(g, s->kinds[i + 1]);
        else {
            float logp = m->unigram[second];
            was_stored &= first != BOUNDARY;
            if (bigram.found)
                logp = was_stored ? 0.0f : bigram.logp > logp ? bigram.logp : logp;
            else if (was_stored && backoff + g->most_backoff > 0.0f)
                logp += backoff + g->most_backoff;
            s->anew[i] = logp;
        }
        was_stored = bigram.found;
        backoff = bigram.backoff;
    }
}

static void score_anew(const model *m, const gate *g, scratch *s, int64_t size)
{
    mojibake_logp(m, s->new + 1, size, s->anew + 1);
    for (int64_t i = 1; i <= size; i++) {
        if (!(s->kinds[i] & VALID))
            s->anew[i] = missing(g, s->kinds[i + 1]);
        else if (s->anew[i] < m->unigram[s->new[i]])
            s->anew[i] = m->unigram[s->new[i]];
    }
}

/* Whether a stretch of a line is likelier when it is read from the middle of its characters: _shifted and _gains. */
static int is_shifted(const model *m, const gate *g, scratch *s, span stretch, int64_t length, const uint8_t *eligible)
{
    int64_t size = stretch.end - stretch.start, from = stretch.start > g->around ? stretch.start - g->around : 0;
    int64_t to = stretch.end + g->around < length ? stretch.end + g->around : length;
    int is_scored = 0;
    s->own[0] = s->own[size + 1] = BOUNDARY;
    memcpy(s->own + 1, s->codes + 1 + stretch.start, (size_t)size * sizeof *s->own);
    /* Nothing is less likely than the floor: that may be enough to see that nothing can be gained. */
    for (int64_t i = 0; i <= size + 1; i++)
        s->standing[i] = m->floor[s->own[i]];
    for (int e = 0; e < g->pairing_count; e++) {
        if (!eligible[e])
            continue;
        shift(&g->pairings[e], s, s->points + stretch.start, size);
        bound_anew(m, g, s, size);
        if (!gains_enough(m, g, s, size, is_scored) || !is_encodable(g, &g->pairings[e], s->points + from, to - from))
            continue;
        if (!is_scored) {
            mojibake_logp(m, s->own, size + 2, s->standing);
            is_scored = 1;
            if (!gains_enough(m, g, s, size, 1))
                continue;
        }
        score_anew(m, g, s, size);
        if (gains_enough(m, g, s, size, 1))
            return 1;
    }
    return 0;
}

static int by_start(const void *first, const void *second)
{
    const span *a = first, *b = second;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* Where a shift must have ended: _ALONE of detect/misaligned.py. */
static int64_t next_alone(const uint32_t *points, int64_t from, int64_t size)
{
    while (from < size) {
        uint32_t p = points[from];
        if ((p >= 0x20 && p <= 0x3E) || p == BOUNDARY)
            break;
        from++;
    }
    return from;
}

/* _stretches of detect/misaligned.py, each looked at. */
static int any_shifted(const model *m, const gate *g, scratch *s, int64_t size, const uint8_t *eligible)
{
    int64_t begin = 0, finish = -1, last = 0;
    qsort(s->spans, (size_t)s->span_count, sizeof *s->spans, by_start);
    for (int64_t i = 0; i <= s->span_count; i++) {
        int64_t start = i < s->span_count ? s->spans[i].start - g->before : INT64_MAX;
        int64_t end = i < s->span_count ? s->spans[i].end : 0;
        if (start < 0)
            start = 0;
        if (start >= finish) {
            for (int64_t piece = begin; piece < finish; piece += g->longest) {
                span stretch = {piece, piece + g->longest < finish ? piece + g->longest : finish};
                if (is_shifted(m, g, s, stretch, size, eligible))
                    return 1;
            }
            begin = start;
            last = 0;
        }
        if (end > last)
            last = end;
        finish = next_alone(s->points, last, last + g->behind < size ? last + g->behind : size);
    }
    return 0;
}

/* --- Lines and rows -------------------------------------------------------------------------------------------- */

/* A stretch of a line that rang: from the bigram at one place to that at another, as places of the characters or
 * boundaries before their second ones. */
static int add_rung(scratch *s, int64_t first, int64_t last, int64_t size)
{
    s->starts[s->rung] = first;
    s->ends[s->rung++] = last + 2;
    return add_span(s, first > 0 ? first - 1 : 0, last + 1 < size ? last + 1 : size);
}

/* Of a bigram of a line, given the place of its second character. */
static int add_bigram(scratch *s, int64_t second, int64_t size)
{
    return add_span(s, second > 0 ? second - 1 : 0, second + 1 < size ? second + 1 : size);
}

/* The bigrams of a line that is not ASCII: where does the sum ring, and where are those that clean text does not have,
 * but those far from any other.
 * Writes codes[0 .. size + 1], boundaries included, what rang, and the spans. */
static int scan_line(const model *m, const sums *k, const gate *g, scratch *s, int64_t size)
{
    int64_t last = -1, begin = 0, height = 0, unseen = -1, east_asian = 0;
    int rung = 0, was_near = 0, in_alphabet;
    uint16_t *codes = s->codes;
    codes[0] = codes[size + 1] = BOUNDARY;
    for (int64_t i = 0; i < size; i++)
        east_asian += (codes[i + 1] = fold_point(m, s->points[i])) >= FIRST_EAST_ASIAN;
    in_alphabet = is_alphabetic(k, east_asian, size);
    for (int64_t block = 0; block <= size; block += SCANNED_AT_ONCE) {
        /* First without a branch: the look-ups do not wait for each other. */
        int64_t count = size + 1 - block < SCANNED_AT_ONCE ? size + 1 - block : SCANNED_AT_ONCE;
        uint8_t odd[SCANNED_AT_ONCE];
        memset(odd, 0, sizeof odd);
        for (int64_t i = 0; i < count; i++) {
            uint32_t first = codes[block + i], second = codes[block + i + 1];
            odd[i] = (uint8_t)(is_unseen(m, first, second) | is_never_in_text(second) << 1);
        }
        for (int64_t i = 0; in_alphabet && i < count; i++)
            odd[i] |= (uint8_t)(is_mixed(k->scripts, codes[block + i], codes[block + i + 1]) << 1);
        for (int64_t j = 0; j < count; j++) {
            uint64_t eight;
            if (j % 8 == 0) {
                memcpy(&eight, odd + j, 8);
                if (!eight) {
                    j += 7;
                    continue;
                }
            }
            if (!odd[j])
                continue;
            /* i is the place of the boundary or character before it, plus one. */
            int64_t i = block + j;
            if (odd[j] & 1) {
                int is_near = unseen >= 0 && i - unseen <= g->near;
                if (is_near && !was_near && !add_bigram(s, unseen, size))
                    return 0;
                if (is_near && !add_bigram(s, i, size))
                    return 0;
                unseen = i;
                was_near = is_near;
            }
            height -= i - last - 1;
            if (height <= 0) {
                if (rung && !add_rung(s, begin, last, size))
                    return 0;
                begin = i;
                height = rung = 0;
            }
            height += alarm_step(k, codes[i], codes[i + 1], in_alphabet);
            rung |= height >= k->alarm;
            last = i;
        }
    }
    return !rung || add_rung(s, begin, last, size);
}

/* One line, in s->points: its flags. */
static int look_at_line(const model *m, const sums *k, const gate *g, scratch *s, row_view *row, int64_t size,
                        int classes, uint8_t *flags)
{
    int is_ascii = !(classes & HIGH);
    s->span_count = s->rung = 0;
    if ((classes & (OPENS | QUESTION | MARKER)) || (!is_ascii && (classes & ODD)))
        if (!look_at_marks(m, g, s, row, size, is_ascii, flags))
            return 0;
    if (is_ascii || (*flags & IS_SHIFTED))
        return 1;
    if (!scan_line(m, k, g, s, size))
        return 0;
    if (s->rung) {
        int64_t east_asian = 0;
        for (int64_t i = 0; i < size; i++)
            east_asian += is_east_asian(s->points[i]);
        if (is_unlikely(m, k, g, s, size, east_asian))
            *flags |= IS_UNLIKELY;
    }
    int64_t odd;
    if (!(*flags & IS_UNLIKELY) && mojibake_odd_words(g->words, s->points, size, 1, &odd))
        *flags |= IS_UNLIKELY;
    if (!s->span_count)
        return 1;
    count_row(g, row);
    if (any_shifted(m, g, s, size, row->eligible))
        *flags |= IS_SHIFTED;
    return 1;
}

/* Decode a line of UTF-8; whether it is UTF-8. */
static int decode_line(const uint8_t *bytes, int64_t size, scratch *s, int64_t *points, int *classes)
{
    int64_t at = 0, count = 0;
    int seen = 0;
    uint32_t *out = s->points;
    while (at < size) {
        uint32_t b = bytes[at];
        if (b < 0x80) {
            seen |= s->classes[b];
            out[count++] = b;
            at++;
            continue;
        }
        seen |= HIGH;
        if (b >= 0xE0 && b < 0xF0 && at + 2 < size) {
            uint32_t b1 = bytes[at + 1], b2 = bytes[at + 2];
            uint32_t p = (b & 0x0F) << 12 | (b1 & 0x3F) << 6 | (b2 & 0x3F);
            if ((b1 & 0xC0) != 0x80 || (b2 & 0xC0) != 0x80 || p < 0x800 || p - 0xD800 < 0x800)
                return 0;
            if (p >= 0xFF08)
                seen |= p == 0xFF08 ? OPENS : p == 0xFFFD ? QUESTION | ODD : 0;
            out[count++] = p;
            at += 3;
        } else if (b >= 0xC2 && b < 0xE0 && at + 1 < size && (bytes[at + 1] & 0xC0) == 0x80) {
            out[count++] = (b & 0x1F) << 6 | (bytes[at + 1] & 0x3F);
            at += 2;
        } else if (b >= 0xF0 && b < 0xF5 && at + 3 < size && (bytes[at + 1] & 0xC0) == 0x80 &&
                   (bytes[at + 2] & 0xC0) == 0x80 && (bytes[at + 3] & 0xC0) == 0x80) {
            uint32_t p = (b & 0x07) << 18 | (uint32_t)(bytes[at + 1] & 0x3F) << 12 |
                         (uint32_t)(bytes[at + 2] & 0x3F) << 6 | (bytes[at + 3] & 0x3F);
            if (p < 0x10000 || p > 0x10FFFF)
                return 0;
            out[count++] = p;
            at += 4;
        } else
            return 0;
    }
    *points = count;
    *classes = seen;
    return 1;
}

static int copy_line(const uint32_t *source, int64_t size, scratch *s)
{
    int seen = 0;
    for (int64_t at = 0; at < size; at++) {
        uint32_t p = source[at];
        seen |= p < 0x80 ? s->classes[p] : p == 0xFF08 ? OPENS | HIGH : p == 0xFFFD ? QUESTION | ODD | HIGH : HIGH;
        s->points[at] = p;
    }
    return seen;
}

static int64_t line_end(const row_view *row, int64_t at)
{
    if (!row->wide) {
        const uint8_t *bytes = row->data, *found = memchr(bytes + at, '\n', (size_t)(row->end - at));
        return found ? found - bytes : row->end;
    }
    const uint32_t *points = row->data;
    while (at < row->end && points[at] != '\n')
        at++;
    return at;
}

/* Whether a character of a row of ASCII, which may mean something, means nothing: no marker begins here, and nothing
 * that a reading may be. */
static int is_plain(const gate *g, const uint8_t *bytes, int64_t left)
{
    if (bytes[0] >= 0x80)
        return 0;
    if (bytes[0] == '?' && left > 1 && (bytes[1] >= 0x80 || (bytes[1] >= 'a' && bytes[1] <= 'z')))
        return 0;
    for (int i = 0; i < g->marker_count; i++) {
        const uint8_t *marker = g->markers[i];
        int64_t length = 0;
        while (length < MARKER_BYTES && marker[length] && length < left && bytes[length] == marker[length])
            length++;
        if (length == MARKER_BYTES || !marker[length])
            return 0;
    }
    return 1;
}

/* Whether a row is ASCII in which nothing means anything: most text of most files, and looked at as such. */
static int has_only_plain_ascii(const gate *g, const uint8_t *bytes, int64_t size, const uint8_t *interesting)
{
    for (int64_t at = 0; at < size; at += 16) {
        int64_t end = at + 16 < size ? at + 16 : size;
        int seen = 0;
        if (end - at == 16)
            for (int i = 0; i < 16; i++)
                seen |= interesting[bytes[at + i]];
        else
            for (int64_t i = at; i < end; i++)
                seen |= interesting[bytes[i]];
        for (int64_t i = at; seen && i < end; i++)
            if (interesting[bytes[i]] && !is_plain(g, bytes + i, size - i))
                return 0;
    }
    return 1;
}

/* Look at every row of an Arrow buffer (wide == 0: UTF-8 bytes) or of an array of code points (wide == 1).
 *
 * Row r is data[offsets[r] .. offsets[r + 1]).  Writes what was found in it, as flags, and, unless lines is NULL, in each
 * line of all of them, none left out for what another has shown; -1 if there is no memory. */
EXPORT int64_t mojibake_rows(const model *m, const sums *k, const gate *g, const void *data, int32_t wide,
                             const int64_t *offsets, int64_t rows, uint8_t *flags, uint8_t *lines);

int64_t mojibake_rows(const model *m, const sums *k, const gate *g, const void *data, int32_t wide,
                      const int64_t *offsets, int64_t rows, uint8_t *flags, uint8_t *lines)
{
    scratch s;
    uint8_t interesting[256];
    memset(&s, 0, sizeof s);
    classify(g, s.classes);
    for (int c = 0; c < 128; c++)
        s.fold_ascii[c] = m->fold[c];
    memset(interesting + 128, 1, 128);
    for (int c = 0; c < 128; c++)
        interesting[c] = (s.classes[c] & (MARKER | QUESTION)) != 0;
    int well = 1;
    for (int64_t row = 0; well && row < rows; row++) {
        row_view view = {data, wide, offsets[row], offsets[row + 1], 0, {0}};
        int64_t at = view.start, end = view.end;
        flags[row] = 0;
        if (!wide && !lines && has_only_plain_ascii(g, (const uint8_t *)data + at, end - at, interesting))
            continue;
        for (; well && (at < end || (lines && at == end)); at++) {
            int64_t size, end_of_line = line_end(&view, at);
            int classes = 0;
            uint8_t *of_line = lines ? lines++ : &flags[row];
            if (lines)
                *of_line = 0;
            if (!(well = grow(&s, end_of_line - at, g)))
                break;
            if (wide)
                classes = copy_line((const uint32_t *)data + at, size = end_of_line - at, &s);
            else if (!decode_line((const uint8_t *)data + at, end_of_line - at, &s, &size, &classes)) {
                flags[row] |= IS_INVALID;
                break;
            }
            well = look_at_line(m, k, g, &s, &view, size, classes, of_line);
            flags[row] |= *of_line;
            at = end_of_line;
        }
    }
    release(&s);
    return well ? 0 : -1;
}
