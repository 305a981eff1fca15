/* How much can speak for each misread of a suspicious line, at most: engine/evidence.py, in C.
 *
 * A window of the line is read anew through every channel, as repair/transcode.py does, and both tracks are scored, as
 * repair/spans.py does.  Where the spans would be taken anew is not decided: the best of all ways to take them bounds
 * the evidence from above, so that channels below what can matter are left out, and no other.
 */

#include "_kernel.h"
#include "_tracks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SINGLE, MULTI, UTF8 };

/* Codes of four bytes. */
enum { NO_QUADS, QUADS_GB18030, QUADS_EUC_TW };

/* Of characters beyond the BMP, when they are encoded: none has bytes, all have four, it depends. */
enum { NO_ASTRAL, ASTRAL_IN_ORDER, SOME_ASTRAL };

enum { PLACEHOLDER = 0xFF, HOLES = 0xDC00, REPLACEMENT = 0xFFFD, MIDDLE_DOT = 0x30FB, NO_WAY_BACK = 0x7FFFFFFF };

/* 90 30 81 30 in order of the codes of four bytes of GB 18030. */
enum { FIRST_ASTRAL_FOUR = 189000 };

enum { UNKNOWN = -1, NO_MEMORY = -2 };

enum { LONGEST_CODE = 4 };

/* What is taken below for each byte that the window may have. */
enum { FIRST_OF_THREE_BYTES = 0x800 };

enum { BYTES_OF_MOST = 4 * 4 + 1 + 4 + 2 * 4 + 4 + 2 + 4 + 2 * 8 + 3 + 2 * 8 + 4 + 4 };

/* One encoding: encodings/tables.py.  A code whose character is encoded in more bytes, or whose characters are two, is
 * NO_WAY_BACK: text that has it cannot be aligned with its bytes. */
typedef struct {
    const uint32_t *encode;
    const uint32_t *bytes;
    const uint32_t *pairs;   /* NULL unless it is one of pairs */
    const uint32_t *triples; /* of EUC-JP: what follows 8F */
    const uint32_t *fours;   /* of GB 18030: of the BMP, in order; of EUC-TW: its planes */
    int32_t structure;
    int32_t astral;
    int32_t quads;
    int32_t four_count;
    int32_t is_jis;
} charset;

/* The numbers of repair/tracks.py, repair/spans.py and engine/evidence.py. */
typedef struct {
    scoring tracks;
    double enter;
    double hole;
    double unmarked_hole;
    double most_lost;
    double most_holes;
    double complete;
    double partly;
    double partly_broken;
    double valid_sequence;
    double valid_long_sequence;
    double most_of_validity;
    double elsewhere_invalid; /* what is left of it where other bytes are holes */
    double least_gain;
    int32_t finalists;
} terms;

/* What was said of a pair of encodings. */
enum { TRIED = 0, SAME_LAYOUT = 1, SAME_ENCODING = 2 };

typedef struct {
    const charset *read_as;
    uint8_t *data;
    int32_t *bounds;
    uint8_t *passed;
    int32_t size;
    int32_t high;
    int is_tried;
    int has_passed;
} stream;

/* A window's bytes read anew. */
typedef struct {
    uint32_t *points;
    int32_t *ends;
    int32_t count;
    int32_t holes;
} track;

typedef struct {
    scorer t;
    const model *m;
    const terms *k;
    const uint32_t *points;
    int32_t size;
    double *own, own_sum;
    track new, other;
    uint8_t *changed;
    int32_t *marks;
    int32_t *bad;
    int32_t *at_byte;
    double *scores;
    uint8_t *broken, *are_text;
    double *gains, *open; /* of each unit: between boundaries that both tracks share */
    int32_t *unit_ends;
} workspace;

typedef struct {
    int32_t source, target, place;
    double share;
    int stays, is_finalist;
} candidate;

static inline int is_hole(uint32_t point) { return (point & 0xFFFFFF00u) == HOLES; }

static uint32_t decode_utf8(const uint8_t *bytes, int32_t left, int32_t *length)
{
    uint32_t b = bytes[0], p;
    if (b < 0x80) {
        *length = 1;
        return b;
    }
    if (b >= 0xC2 && b < 0xE0 && left > 1 && (bytes[1] & 0xC0) == 0x80) {
        *length = 2;
        return (b & 0x1F) << 6 | (bytes[1] & 0x3F);
    }
    if (b >= 0xE0 && b < 0xF0 && left > 2 && (bytes[1] & 0xC0) == 0x80 && (bytes[2] & 0xC0) == 0x80) {
        p = (b & 0x0F) << 12 | (uint32_t)(bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F);
        if (p >= 0x800 && p - 0xD800 >= 0x800) {
            *length = 3;
            return p;
        }
    }
    if (b >= 0xF0 && b < 0xF5 && left > 3 && (bytes[1] & 0xC0) == 0x80 && (bytes[2] & 0xC0) == 0x80 &&
        (bytes[3] & 0xC0) == 0x80) {
        p = (b & 0x07) << 18 | (uint32_t)(bytes[1] & 0x3F) << 12 | (uint32_t)(bytes[2] & 0x3F) << 6 | (bytes[3] & 0x3F);
        if (p >= 0x10000 && p <= 0x10FFFF) {
            *length = 4;
            return p;
        }
    }
    *length = 0;
    return 0;
}

/* Whether a character may be one code together with the one before it. */
static inline int is_part_of_code(uint32_t point) { return point == 0x304 || point == 0x30C; }

/* The bytes of the window; how many of its characters mark lost ones, or UNKNOWN. */
static int32_t encode_window(const charset *e, const uint32_t *points, int32_t n, stream *out)
{
    int32_t at = 0, lost = 0;
    out->read_as = e;
    out->high = out->has_passed = 0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t p = points[i], code = 0;
        out->bounds[i] = at;
        if (p == REPLACEMENT || (e->is_jis && p == MIDDLE_DOT))
            code = 0;
        else if (p < 0x10000) {
            code = e->encode[p];
            /* Two characters may be one code there. */
            if (!code && e->astral == SOME_ASTRAL && is_part_of_code(p))
                return UNKNOWN;
        } else if (e->astral == ASTRAL_IN_ORDER) {
            uint32_t number = p - 0x10000;
            code = (0x90 + number / 12600) << 24 | (0x30 + number / 1260 % 10) << 16 | (0x81 + number / 10 % 126) << 8 |
                   (0x30 + number % 10);
        } else if (e->astral == SOME_ASTRAL && p >> 16 == 2)
            return UNKNOWN;
        out->passed[i] = !code;
        if (!code) {
            out->has_passed = 1;
            lost += p == REPLACEMENT || (e->is_jis && p == MIDDLE_DOT);
            out->data[at++] = PLACEHOLDER;
        } else if (code >> 24 > LONGEST_CODE) {
            for (int shift = 24; shift >= 0; shift -= 8)
                out->data[at++] = (uint8_t)(code >> shift);
        } else
            for (uint32_t k = 0; k < code >> 24; k++)
                out->data[at++] = (uint8_t)(code >> (16 - 8 * k));
    }
    out->bounds[n] = out->size = at;
    for (int32_t i = 0; i < at; i++)
        out->high += out->data[i] >= 0x80;
    return lost;
}

/* What four bytes are, 0 for nothing. */
static uint32_t decode_four(const charset *e, const uint8_t *b)
{
    if (e->quads == QUADS_EUC_TW) {
        uint32_t row = b[2] - 0xA1u, column = b[3] - 0xA1u, place = ((b[1] - 0xA1u) * 94 + row) * 94 + column;
        return b[0] == 0x8E && b[1] > 0xA0 && row < 94 && column < 94 && place < (uint32_t)e->four_count
                   ? e->fours[place]
                   : 0;
    }
    if (b[0] - 0x81u > 0x7D || b[1] - 0x30u > 9 || b[2] - 0x81u > 0x7D || b[3] - 0x30u > 9)
        return 0;
    uint32_t number = (((b[0] - 0x81u) * 10 + b[1] - 0x30u) * 126 + b[2] - 0x81u) * 10 + b[3] - 0x30u;
    if (number < (uint32_t)e->four_count)
        return e->fours[number];
    return number - FIRST_ASTRAL_FOUR < 0x100000 ? number - FIRST_ASTRAL_FOUR + 0x10000 : 0;
}

/* The character that bytes begin with, and its length: 0 where there is none. */
static inline uint32_t decode_one(const charset *e, const uint8_t *data, int32_t left, int32_t *length)
{
    uint32_t b = data[0], p = 0;
    *length = 0;
    if (e->structure == UTF8)
        return decode_utf8(data, left, length);
    if (!b || e->bytes[b]) {
        *length = 1;
        return e->bytes[b];
    }
    if (e->structure == MULTI && b >= 0x80 && left > 1) {
        const uint8_t *next = data + 1;
        if ((p = e->pairs[b << 8 | next[0]]))
            *length = 2;
        else if (e->triples && b == 0x8F && left > 2 && (p = e->triples[next[0] << 8 | next[1]]))
            *length = 3;
        else if (e->quads && left > 3 && (p = decode_four(e, data)))
            *length = 4;
    }
    return p;
}

/* Decode; bytes that make no character are holes.  Whether the text can be aligned with its bytes. */
static int decode(const charset *e, const uint8_t *data, int32_t size, track *out)
{
    int32_t at = 0, count = 0;
    while (at < size) {
        int32_t length;
        uint32_t p = decode_one(e, data + at, size - at, &length);
        if (p == NO_WAY_BACK)
            return 0;
        if (!length) {
            p = HOLES + data[at];
            length = 1;
        }
        out->ends[count] = at;
        out->points[count++] = p;
        at += length;
    }
    out->ends[count] = size;
    out->count = count;
    return 1;
}

/* Whether bytes are all characters of an encoding. */
static int is_valid(const charset *e, const uint8_t *data, int32_t size)
{
    int32_t length;
    for (int32_t at = 0; at < size; at += length)
        if (decode_one(e, data + at, size - at, &length) == NO_WAY_BACK || !length)
            return 0;
    return 1;
}

/* Offsets of what may stand for lost bytes. */
static int32_t find_marks(const stream *s, int32_t n, int32_t *marks)
{
    int32_t count = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t at = s->bounds[i];
        int is_question = s->data[at] == '?' && ((at > 0 && s->data[at - 1] >= 0x80) ||
                                                 (at + 1 < s->size && s->data[at + 1] >= 0x80));
        if (is_question || s->passed[i])
            marks[count++] = at;
    }
    return count;
}

/* One of the two readings of what follows marks, and how odd it is up to each mark. */
static int decode_behind(workspace *w, const charset *e, const stream *s, int32_t marks, int skipped, track *out,
                         int32_t *bad)
{
    memcpy(w->changed, s->data, (size_t)s->size);
    for (int32_t k = 0; k < marks; k++)
        w->changed[w->marks[k]] = PLACEHOLDER;
    for (int32_t k = 0; k < marks; k++) {
        int32_t behind = w->marks[k] + skipped;
        if (behind < s->size && w->changed[behind] >= 0x80)
            w->changed[behind] = PLACEHOLDER;
    }
    if (!decode(e, w->changed, s->size, out))
        return 0;
    memset(bad, 0, (size_t)(marks + 1) * sizeof *bad);
    uint32_t before = BOUNDARY;
    int32_t run = 0;
    for (int32_t i = 0; i < out->count; i++) {
        int32_t start = out->ends[i];
        if (w->changed[start] == PLACEHOLDER)
            out->points[i] = HOLES + s->data[start];
        while (run < marks && w->marks[run] <= start)
            run++;
        uint32_t code = fold_point(w->m, out->points[i]);
        bad[run] += is_unseen(w->m, before, code) + is_hole(out->points[i]);
        before = code;
    }
    return 1;
}

static int decode_both_parities(workspace *w, const charset *e, const stream *s, int32_t marks)
{
    int32_t *bad0 = w->bad, *bad1 = w->bad + marks + 1;
    if (!decode_behind(w, e, s, marks, 0, &w->new, bad0) || !decode_behind(w, e, s, marks, 1, &w->other, bad1))
        return 0;
    /* The runs of the better one, in order; it is written behind where it is read, for the first track. */
    track *from[2] = {&w->new, &w->other};
    int32_t place[2] = {0, 0}, count = 0;
    uint32_t *points = (uint32_t *)w->scores;
    int32_t *ends = (int32_t *)(points + s->size + 1);
    for (int32_t run = 0; run <= marks; run++) {
        int32_t stop = run < marks ? w->marks[run] : s->size;
        int better = bad1[run] < bad0[run];
        for (int t = 0; t < 2; t++) {
            for (; place[t] < from[t]->count && from[t]->ends[place[t]] < stop; place[t]++) {
                if (t != better)
                    continue;
                points[count] = from[t]->points[place[t]];
                ends[count++] = from[t]->ends[place[t]];
            }
        }
    }
    memcpy(w->new.points, points, (size_t)count * sizeof *points);
    memcpy(w->new.ends, ends, (size_t)count * sizeof *ends);
    w->new.ends[count] = s->size;
    w->new.count = count;
    return 1;
}

/* reread of repair/transcode.py: writes w->new and w->at_byte.  Whether that gives something else. */
static int read_anew(workspace *w, const charset *e, const stream *s)
{
    int32_t n = w->size;
    int32_t marks = e->structure == MULTI && s->read_as->structure == MULTI ? find_marks(s, n, w->marks) : 0;
    if (!(marks ? decode_both_parities(w, e, s, marks) : decode(e, s->data, s->size, &w->new)))
        return 0;
    track *new = &w->new;
    memset(w->at_byte, 0xFF, (size_t)(s->size + 1) * sizeof *w->at_byte);
    for (int32_t i = 0; i <= new->count; i++)
        w->at_byte[new->ends[i]] = i;
    if (s->has_passed)
        for (int32_t i = 0; i < n; i++)
            if (s->passed[i]) {
                uint32_t p = w->points[i];
                int32_t at = w->at_byte[s->bounds[i]];
                new->points[at] = p == REPLACEMENT || (s->read_as->is_jis && p == MIDDLE_DOT) ? HOLES + PLACEHOLDER : p;
            }
    if (new->count == n && !memcmp(new->points, w->points, (size_t)n * sizeof *new->points))
        return 0;
    new->holes = 0;
    for (int32_t i = 0; i < new->count; i++)
        new->holes += is_hole(new->points[i]);
    return 1;
}

/* --- Scores ---------------------------------------------------------------------------------------------------- */

/* with_holes of repair/spans.py; says which characters are broken. */
static void score_holes(workspace *w, const charset *e, const stream *s, double *scores)
{
    const track *new = &w->new;
    memset(w->broken, 0, (size_t)new->count);
    int length = e->structure == SINGLE ? 1 : e->structure == UTF8 ? 3 : 2;
    for (int32_t start = 0, end; start < new->count; start = end + 1) {
        int is_broken = 0, is_marked = 0;
        for (end = start; end < new->count; end++) {
            uint32_t p = new->points[end];
            if (!is_hole(p) && p != '?')
                break;
            is_broken |= is_hole(p) || (s->read_as->structure == MULTI && end > start && new->points[end - 1] == '?');
            is_marked |= p == '?' || p == HOLES + PLACEHOLDER || p == HOLES + '?';
        }
        for (int32_t i = start; i < end; i++)
            w->broken[i] = (uint8_t)is_broken;
        for (int32_t i = start; is_broken && i < end; i++) {
            double cost = is_marked || !is_hole(new->points[i]) ? w->k->hole : w->k->unmarked_hole;
            scores[i] = (i - start) % length == 0 ? cost : 0.0;
        }
    }
}

/* The best of all sets of runs of units, at least one, each with a character that is text, where each character that
 * is to be explained gains a bonus. */
static double best_of_runs(const workspace *w, int32_t units, double bonus)
{
    double empty = -INFINITY, inside = -INFINITY, best = -INFINITY;
    for (int32_t u = 0; u < units; u++) {
        double gain = w->gains[u] + bonus * w->open[u], before = best + w->k->enter;
        if (before < 0.0)
            before = 0.0;
        empty = (empty > before ? empty : before) + gain;
        inside += gain;
        if (w->are_text[u]) {
            if (empty > inside)
                inside = empty;
            empty = -INFINITY;
        }
        if (inside > best)
            best = inside;
    }
    return best;
}

/* Lay out the units between the boundaries that both tracks share, and what each gains if w->new is read; w->scores has
 * score_signs of it.  How many there are. */
static int32_t lay_out_units(workspace *w, const charset *e, const stream *s, double *all_open)
{
    const terms *k = w->k;
    const track *new = &w->new;
    int both_single = e->structure == SINGLE && s->read_as->structure == SINGLE;
    int32_t units = 0, last = 0, last_new = 0, text = 0;
    double gain = 0.0, highs = 0.0, open = 0.0;
    *all_open = 0.0;
    mojibake_add_model(&w->t, new->points, new->count, w->scores);
    if (new->holes)
        score_holes(w, e, s, w->scores);
    for (int32_t i = 1; i <= w->size; i++) {
        int32_t at = w->at_byte[s->bounds[i]];
        if (at < 0 || (both_single && i < w->size))
            continue;
        for (int32_t j = last_new; j < at; j++) {
            gain += w->scores[j];
            text |= new->points[j] >= 0x80 && !is_hole(new->points[j]);
        }
        for (int32_t j = last; j < i; j++) {
            /* What was read and is the same in both readings needs no explanation. */
            int alike = !s->passed[j] && i - last == at - last_new && new->points[last_new + j - last] == w->points[j];
            gain -= w->own[j];
            highs += w->points[j] >= 0x80;
            open += w->points[j] >= 0x80 && !alike;
        }
        last = i;
        last_new = at;
        /* No run ends inside what is broken. */
        if (new->holes && at < new->count && w->broken[at - 1] && w->broken[at])
            continue;
        w->are_text[units] = (uint8_t)text;
        w->gains[units] = gain - k->least_gain * highs;
        w->unit_ends[units] = i;
        w->open[units++] = open;
        *all_open += open;
        gain = highs = open = text = 0;
    }
    return units;
}

/* What speaks for w->new because all of its bytes can be UTF-8, at most. */
static double validity_of(const workspace *w, const charset *e, const stream *s)
{
    const terms *k = w->k;
    const track *new = &w->new;
    double said = 0.0;
    if (e->structure != UTF8 || s->read_as->structure != SINGLE)
        return 0.0;
    for (int32_t i = 0; i < new->count && said < k->most_of_validity; i++)
        if (new->points[i] >= 0x80 && !is_hole(new->points[i]))
            said += new->points[i] < FIRST_OF_THREE_BYTES ? k->valid_sequence : k->valid_long_sequence;
    return (said < k->most_of_validity ? said : k->most_of_validity) * (new->holes ? k->elsewhere_invalid : 1.0);
}

/* What the evidence of reading w->new is at most, or -INFINITY where that is less than a limit. */
static double most_evidence(workspace *w, const charset *e, const stream *s, double prior, double limit)
{
    const terms *k = w->k;
    const track *new = &w->new;
    int both_single = e->structure == SINGLE && s->read_as->structure == SINGLE;
    double all_open, signs = mojibake_score_signs(&w->t, new->points, new->count, w->scores);
    /* Where every byte is a character, all of a line is read anew, or nothing. */
    if (both_single && !new->holes && signs - w->own_sum + prior < limit)
        return -INFINITY;
    int32_t units = lay_out_units(w, e, s, &all_open);
    prior += validity_of(w, e, s);
    /* Runs that leave much as it was; and those that do not: whatever the multiplier, what is explained beyond the least
     * share is worth at least what the bonus adds too much (Lagrange), and the smallest of these bounds is the best. */
    double whole = best_of_runs(w, units, 0.0) + prior;
    double partial = whole + (new->holes || e->structure == SINGLE ? k->partly_broken : k->partly);
    for (double bonus = 0.5; bonus <= 16.0 && whole > partial && whole >= limit; bonus *= 2.0) {
        double most = best_of_runs(w, units, bonus) - bonus * k->complete * all_open + prior;
        if (most < whole)
            whole = most;
    }
    double most = whole > partial ? whole : partial;
    return most >= limit ? most : -INFINITY;
}

/* Whether what UTF-8 gives may have been misread itself: one character alone was hardly one of several bytes. */
static int may_be_twice(const track *new)
{
    int32_t high = 0;
    for (int32_t i = 0; i < new->count; i++) {
        int hole = is_hole(new->points[i]);
        if (hole && i < new->count - LONGEST_CODE)
            return 0;
        high += !hole && new->points[i] >= 0x80;
    }
    return high > 1;
}

/* --- Channels -------------------------------------------------------------------------------------------------- */

/* Of UTF-8 at a glance: _may_be of repair/transcode.py. */
static int may_be_utf8(const stream *s)
{
    int32_t going_on = 0, beginning = 0;
    for (int32_t i = 0; i < s->size; i++) {
        going_on += s->data[i] - 0x80u < 0x40;
        beginning += s->data[i] - 0xC2u < 0xF5 - 0xC2;
    }
    return beginning > 0 && going_on * 2 >= beginning;
}

static uint64_t hash_of(const track *new)
{
    uint64_t h = 0xCBF29CE484222325u ^ (uint64_t)new->count;
    for (int32_t i = 0; i < new->count; i++) {
        h = (h ^ new->points[i]) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    return h;
}

/* How odd w->new is: bigrams that clean text does not have, and holes. */
static double share_of(const workspace *w)
{
    int32_t odd = 0;
    uint32_t before = BOUNDARY;
    for (int32_t i = 0; i < w->new.count; i++) {
        uint32_t code = fold_point(w->m, w->new.points[i]);
        odd += is_unseen(w->m, before, code);
        before = code;
    }
    return (double)odd + 2.0 * (double)w->new.holes;
}

/* Find the candidates that are looked at closely, the least odd first: _finalists of engine/evidence.py. */
static void find_finalists(candidate *all, int32_t count, int32_t most, int32_t *best)
{
    int32_t kept = 0;
    for (int32_t c = 0; c < count; c++) {
        int32_t place = kept;
        while (place > 0 && all[c].share < all[best[place - 1]].share)
            place--;
        if (place == most)
            continue;
        kept += kept < most;
        memmove(best + place + 1, best + place, (size_t)(kept - place - 1) * sizeof *best);
        best[place] = c;
    }
    for (int32_t place = 0; place < kept; place++)
        all[best[place]].is_finalist = 1;
}

static void *take(char **arena, size_t count, size_t width)
{
    char *taken = *arena;
    *arena += (count * width + 15) / 16 * 16;
    return taken;
}

/* A window of a line, what it may have been read as, and the room to judge what it may have been. */
typedef struct {
    workspace w;
    stream *all;
    int32_t streams;
    candidate *candidates;
    uint64_t *hashes;
    int32_t *best;
    char *memory;
} inquiry;

/* Encode a window as each of the sources, and score it as it stands; 0, UNKNOWN or NO_MEMORY. */
static int32_t open_window(inquiry *o, const model *m, const terms *k, const int8_t *forms, const uint32_t *points,
                           int32_t size, const charset *const *sources, int32_t source_count, int32_t target_count)
{
    size_t n = (size_t)size, most = 4 * n + 8, streams = (size_t)source_count;
    size_t tried = streams * (size_t)target_count;
    size_t bytes = n * 8 + most * BYTES_OF_MOST + streams * (most + (n + 1) * 5 + sizeof(stream)) +
                   tried * (sizeof(candidate) + 8) + (size_t)k->finalists * 4 + (27 + 3 * streams) * 16;
    char *arena = o->memory = malloc(bytes);
    if (!arena)
        return NO_MEMORY;
    workspace w = {{m, &k->tracks, forms, 0, 0, 0, 0}, m, k, points, size, take(&arena, n + 1, 8), 0.0, {0}, {0}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    w.new.points = take(&arena, most, 4);
    w.new.ends = take(&arena, most, 4);
    w.other.points = take(&arena, most, 4);
    w.other.ends = take(&arena, most, 4);
    w.changed = take(&arena, most, 1);
    w.marks = take(&arena, most, 4);
    w.bad = take(&arena, 2 * most, 4);
    w.at_byte = take(&arena, most, 4);
    w.t.codes = take(&arena, most, 2);
    w.t.logp = take(&arena, most, 4);
    w.t.signs = take(&arena, most, 4);
    w.scores = take(&arena, 2 * most, 8);
    w.t.flags = take(&arena, most, 1);
    w.broken = take(&arena, most, 1);
    w.are_text = take(&arena, most, 1);
    w.gains = take(&arena, most, 8);
    w.open = take(&arena, most, 8);
    w.unit_ends = take(&arena, most, 4);
    o->all = take(&arena, streams, sizeof *o->all);
    o->candidates = take(&arena, tried, sizeof *o->candidates);
    o->hashes = take(&arena, tried, sizeof *o->hashes);
    o->best = take(&arena, (size_t)k->finalists, sizeof *o->best);
    o->streams = source_count;
    for (size_t i = 0; i < streams; i++) {
        stream *s = &o->all[i];
        s->data = take(&arena, most, 1);
        s->bounds = take(&arena, n + 1, 4);
        s->passed = take(&arena, n, 1);
        int32_t lost = encode_window(sources[i], points, size, s);
        if (lost < 0)
            return UNKNOWN;
        s->is_tried = 1;
        for (size_t j = 0; j < i && s->is_tried; j++)
            s->is_tried = o->all[j].size != s->size || memcmp(o->all[j].data, s->data, (size_t)s->size);
        s->is_tried &= (double)lost <= k->most_lost * (double)s->size;
    }
    mojibake_score_signs(&w.t, points, size, w.own);
    mojibake_add_model(&w.t, points, size, w.own);
    mojibake_stand(&k->tracks, points, size, w.own, w.scores, w.t.flags);
    for (int32_t i = 0; i < size; i++)
        w.own_sum += w.own[i];
    o->w = w;
    return 0;
}

/* Read a stream as a target; whether that gives what no other of so many results is, and is no worse than it may be. */
static int reads_otherwise(inquiry *o, const charset *e, const stream *s, uint8_t pairing, int is_utf8_like,
                           int32_t *results)
{
    workspace *w = &o->w;
    if (pairing == SAME_ENCODING || (e->structure == UTF8 && !is_utf8_like))
        return 0;
    if (!read_anew(w, e, s) || (double)w->new.holes > w->k->most_holes * (double)s->high)
        return 0;
    uint64_t hash = hash_of(&w->new);
    for (int32_t same = 0; same < *results; same++)
        if (o->hashes[same] == hash)
            return 0;
    o->hashes[(*results)++] = hash;
    return !(w->new.holes && pairing == SAME_LAYOUT);
}

/* The different readings of a window as some targets, in the order in which they are tried; those that are finalists
 * are looked at closely.  How many there are.  Pairings are of rows of so many targets, from the first of these on;
 * row[i] is that of source i. */
static int32_t gather(inquiry *o, const charset *const *targets, int32_t target_count, const uint8_t *pairings,
                      const int32_t *row, int32_t stride, int32_t with_twice)
{
    workspace *w = &o->w;
    int32_t count = 0, results = 0, sources = 0;
    for (int32_t i = 0; i < o->streams; i++)
        sources += o->all[i].is_tried;
    int is_chosen = sources * target_count > w->k->finalists;
    for (int32_t i = 0; i < o->streams; i++) {
        const stream *s = &o->all[i];
        int is_utf8_like = s->is_tried && may_be_utf8(s);
        for (int32_t t = 0; t < target_count && s->is_tried; t++) {
            const charset *e = targets[t];
            int32_t place = (row ? row[i] : i) * stride + t;
            if (!reads_otherwise(o, e, s, pairings[place], is_utf8_like, &results))
                continue;
            candidate now = {i, t, place, is_chosen ? share_of(w) : 0.0,
                             with_twice && e->structure == UTF8 && may_be_twice(&w->new), !is_chosen};
            o->candidates[count++] = now;
        }
    }
    if (is_chosen)
        find_finalists(o->candidates, count, w->k->finalists, o->best);
    return count;
}

/* The channels of a window whose evidence may be as high as a limit: numbers of source and target, in the order in which
 * they are tried, and how high it may be; how many there are.  Priors are as pairings of gather, which see. */
static int32_t judge(inquiry *o, const charset *const *targets, int32_t target_count, const double *priors,
                     const uint8_t *pairings, double limit, int32_t with_twice, int32_t *found, double *bounds)
{
    workspace *w = &o->w;
    int32_t count = gather(o, targets, target_count, pairings, NULL, target_count, with_twice), answer = 0;
    for (int32_t c = 0; c < count; c++) {
        const candidate *now = &o->candidates[c];
        const charset *e = targets[now->target];
        const stream *s = &o->all[now->source];
        if (!now->is_finalist)
            continue;
        bounds[answer] = INFINITY;
        if (!now->stays) {
            read_anew(w, e, s);
            bounds[answer] = most_evidence(w, e, s, priors[now->place], limit);
        }
        if (bounds[answer] < limit)
            continue;
        found[2 * answer] = now->source;
        found[2 * answer + 1] = now->target;
        answer++;
    }
    return answer;
}

EXPORT int32_t mojibake_channels(const model *m, const terms *k, const int8_t *forms, const uint32_t *points, int32_t size,
                                 const charset *const *sources, int32_t source_count, const charset *const *targets,
                                 int32_t target_count, const double *priors, const uint8_t *pairings, double limit,
                                 int32_t with_twice, int32_t *found, double *bounds);

/* The channels whose evidence may be as high as a limit: pairs of numbers of a source and a target, in the order in which
 * they are tried, and how high it may be; how many there are, -1 where that cannot be said here, -2 if there is no memory. */
int32_t mojibake_channels(const model *m, const terms *k, const int8_t *forms, const uint32_t *points, int32_t size,
                          const charset *const *sources, int32_t source_count, const charset *const *targets,
                          int32_t target_count, const double *priors, const uint8_t *pairings, double limit,
                          int32_t with_twice, int32_t *found, double *bounds)
{
    inquiry o;
    int32_t answer = open_window(&o, m, k, forms, points, size, sources, source_count, target_count);
    if (answer == 0)
        answer = judge(&o, targets, target_count, priors, pairings, limit, with_twice, found, bounds);
    free(o.memory);
    return answer;
}

/* --- A look at many lines -------------------------------------------------------------------------------------- */

/* What a line may have been read as, and what it may have been: detect/misread.py. */
typedef struct {
    const terms *k;
    const uint64_t *masks; /* of each class of characters: the encodings that have them */
    const uint16_t *classes;
    const charset *const *sources;
    const uint8_t *bits; /* of each source: its place in the masks */
    const charset *const *targets;
    const double *priors; /* of each source and target */
    const uint8_t *pairings;
    double least_weight, least_weight_among_letters, least_weight_of_letters;
    double heavy;
    double least_share; /* of suspicious characters that a source must have */
    double slack; /* nats by which the evidence of what is near suspicious stretches may be too low */
    double most_of_words, most_without_words; /* nats that words may say, and readings that have none */
    int32_t source_count, usual_sources; /* the usual ones are the first ones; others are for heavy lines */
    int32_t target_count, usual_targets;
    int32_t tiers[4]; /* where each begins among the targets, and where the last one ends */
    int32_t tier_count;
    int32_t window, margin, nearby, nearby_letters;
    uint32_t class_limit; /* code points from here on are of no class */
} look;

enum { MOST_SOURCES = 64 };

/* ASK_LATIN where no channel can be it, but there is more that repairs lines of an alphabet; the highest one counts. */
enum { CANNOT_BE = 0, ASK_LATIN = 1, TO_BE_ASKED = 2, MAY_BE = 3 };

/* A line as the scan sees it: scan of detect/scan.py.  A code behind a boundary is that of a character. */
typedef struct {
    uint16_t *codes;
    float *logp;
    int64_t *starts, *ends;
    int64_t stretches;
} scanned;

/* The sources that can have given what is suspicious in a line: readable_as of detect/misread.py.  How many; UNKNOWN
 * where that cannot be said. */
static int32_t find_sources(const look *g, const uint32_t *points, const scanned *line, int32_t of, int32_t *rows)
{
    int64_t able[MOST_SOURCES] = {0}, counted = 0, from = 0;
    int32_t count = 0;
    for (int64_t stretch = 0; stretch < line->stretches; stretch++) {
        for (int64_t i = line->starts[stretch] > from ? line->starts[stretch] : from; i < line->ends[stretch]; i++) {
            uint32_t p = points[i];
            if (p < 0x80 || p == REPLACEMENT)
                continue;
            if (p >= g->class_limit)
                return UNKNOWN;
            uint64_t mask = g->masks[g->classes[p]];
            counted++;
            for (int32_t s = 0; s < of; s++)
                able[s] += mask >> g->bits[s] & 1;
        }
        from = line->ends[stretch];
    }
    for (int32_t s = 0; counted && s < of; s++)
        if ((double)able[s] / (double)counted >= g->least_share)
            rows[count++] = s;
    return count;
}

/* Whether words may say something for a reading: may_have_words of repair/words.py, where in doubt they may. */
static int may_have_words(const sums *k, const model *m, const uint32_t *points, int32_t size)
{
    int32_t plain = 0, others = 0;
    for (int32_t i = 0; i < size; i++) {
        uint32_t p = points[i];
        if (p < 0x80)
            plain += (p | 0x20) - 'a' < 26;
        else
            others += (p >= 0x3041 && p <= 0x3096) || (p >= 0x30A1 && p <= 0x30FA) || (p >= 0x3400 && p <= 0x9FFF) ||
                      (p >= 0xAC00 && p <= 0xD7A3) || k->scripts[fold_point(m, p)];
    }
    return plain > others;
}

/* What is to be explained of a line: characters of it, what they may have been read as, and what has a say. */
typedef struct {
    const uint32_t *points;
    int32_t size;
    const charset *const *sources;
    const int32_t *rows; /* of each source: its number */
    int32_t source_count;
    int is_heavy;
    const lexis *words; /* NULL where these have no say */
} question;

/* Whether w->new, which may have so much evidence without its words, may have enough with them. */
static int may_by_words(const look *g, const question *q, workspace *w, const stream *s, double most, double limit)
{
    if (!q->words || most < limit - g->most_of_words)
        return 0;
    if (most >= limit - g->most_without_words)
        return 1;
    for (int32_t j = 0; j < w->new.count; j++)
        w->t.flags[j] = 0;
    for (int32_t i = 0; s->has_passed && i < w->size; i++)
        if (s->passed[i])
            w->t.flags[w->at_byte[s->bounds[i]]] = 1;
    return mojibake_gives_words(q->words, w->points, w->size, w->new.points, w->t.flags, w->new.count);
}

/* Whether any channel may explain what is asked. */
static int32_t try_tiers(const look *g, const model *m, const int8_t *forms, const question *q, double limit)
{
    inquiry o;
    workspace *w = &o.w;
    double least = q->words ? limit - g->most_of_words : limit;
    int32_t answer = open_window(&o, m, g->k, forms, q->points, q->size, q->sources, q->source_count, g->target_count);
    int32_t tiers = answer == 0 ? g->tier_count : 0;
    for (int32_t tier = 0; tier < tiers && answer < MAY_BE && (q->is_heavy || g->tiers[tier] < g->usual_targets); tier++) {
        int32_t begin = g->tiers[tier];
        int32_t count = gather(&o, g->targets + begin, g->tiers[tier + 1] - begin, g->pairings + begin, q->rows,
                               g->target_count, 1);
        for (int32_t c = 0; c < count && answer < MAY_BE; c++) {
            const candidate *now = &o.candidates[c];
            const charset *e = g->targets[begin + now->target];
            const stream *s = &o.all[now->source];
            if (!now->is_finalist)
                continue;
            double most = INFINITY;
            if (!now->stays) {
                read_anew(w, e, s);
                most = most_evidence(w, e, s, g->priors[begin + now->place], least);
            }
            answer = most >= limit ? MAY_BE : may_by_words(g, q, w, s, most, limit) ? TO_BE_ASKED : answer;
        }
    }
    free(o.memory);
    return answer;
}

/* The same of what is near the stretches that rang alone, if that is at most three quarters of a window: elsewhere
 * nothing is gained by another reading.  MAY_BE where it is more. */
static int32_t try_nearby(const look *g, const model *m, const int8_t *forms, const question *q, const scanned *line,
                          int64_t first, int64_t nearby, double limit)
{
    int64_t near = 0, last = 0, size = 0;
    uint32_t *pieces;
    for (int pass = 0; pass < 2; pass++) {
        if (pass && (4 * near > 3 * (int64_t)q->size || !(pieces = malloc((size_t)near * sizeof *pieces))))
            return MAY_BE;
        last = 0;
        for (int64_t stretch = 0; stretch < line->stretches; stretch++) {
            int64_t start = line->starts[stretch] - first - nearby, end = line->ends[stretch] - first + nearby;
            int goes_on = size > 0 && start <= last;
            start = start > last ? start : last;
            end = end < q->size ? end : q->size;
            if (start >= end)
                continue;
            if (!pass)
                near += end - start + 1;
            else {
                size -= goes_on;
                memcpy(pieces + size, q->points + start, (size_t)(end - start) * sizeof *pieces);
                size += end - start;
                pieces[size++] = BOUNDARY;
            }
            last = end;
        }
    }
    question of_pieces = *q;
    of_pieces.points = pieces;
    of_pieces.size = (int32_t)size;
    int32_t answer = try_tiers(g, m, forms, &of_pieces, limit);
    free(pieces);
    return answer;
}

/* Whether some misread may explain a line in which the scan rang: may_be_misread of engine/suspects.py. */
static int32_t may_be_misread(const look *g, const model *m, const sums *k, const lexis *x, const int8_t *forms,
                              const uint32_t *points, int64_t size, const scanned *line, double weight, int in_alphabet,
                              double limit)
{
    int64_t first = line->starts[0] > g->margin ? line->starts[0] - g->margin : 0;
    int32_t length = (int32_t)(size - first < g->window ? size - first : g->window);
    int32_t rows[MOST_SOURCES], is_heavy = in_alphabet || weight >= g->heavy;
    const charset *sources[MOST_SOURCES];
    int32_t count = find_sources(g, points, line, is_heavy ? g->source_count : g->usual_sources, rows);
    if (count < 0)
        return TO_BE_ASKED;
    for (int32_t i = 0; i < count; i++)
        sources[i] = g->sources[rows[i]];
    question q = {points + first, length, sources, rows, count, is_heavy,
                  may_have_words(k, m, points + first, length) ? x : NULL};
    int32_t answer = try_nearby(g, m, forms, &q, line, first, in_alphabet ? g->nearby_letters : g->nearby,
                                limit - g->slack);
    if (answer != CANNOT_BE)
        answer = try_tiers(g, m, forms, &q, limit);
    return answer < 0 ? TO_BE_ASKED : answer == CANNOT_BE && in_alphabet ? ASK_LATIN : answer;
}

/* Scan a line; what it weighs, or -1 where nothing rang or that is too little to look further. */
static double scan_and_weigh(const look *g, const model *m, const sums *k, const uint32_t *points, int64_t size,
                             scanned *line, int *in_alphabet)
{
    int64_t east_asian = 0;
    line->codes[0] = BOUNDARY;
    for (int64_t i = 0; i < size; i++) {
        line->codes[i + 1] = fold_point(m, points[i]);
        east_asian += is_east_asian(points[i]);
    }
    line->codes[size + 1] = BOUNDARY;
    line->stretches = mojibake_alarms(m, k, line->codes, size + 2, line->starts, line->ends);
    if (!line->stretches)
        return -1.0;
    *in_alphabet = is_alphabetic(k, east_asian, size);
    double among = east_asian ? g->least_weight_among_letters : g->least_weight_of_letters;
    double weight = mojibake_weight(m, k, line->codes, size + 2, line->starts, line->ends, line->stretches, line->logp);
    /* From places among the codes to places in the line. */
    for (int64_t i = 0; i < line->stretches; i++) {
        line->starts[i] -= line->starts[i] > 0;
        line->ends[i] = line->ends[i] - 1 < size ? line->ends[i] - 1 : size;
    }
    return weight < (*in_alphabet ? among : g->least_weight) ? -1.0 : weight;
}

/* Room for the scan of any line of some rows; whether there is. */
static int open_scan(scanned *line, const int64_t *offsets, int64_t rows)
{
    int64_t longest = 0;
    for (int64_t row = 0; row < rows; row++)
        if (offsets[row + 1] - offsets[row] > longest)
            longest = offsets[row + 1] - offsets[row];
    size_t most = (size_t)longest + 2;
    scanned opened = {malloc(most * 2), malloc(most * 4), malloc(most * 8), malloc(most * 8), 0};
    *line = opened;
    return line->codes && line->logp && line->starts && line->ends;
}

static void close_scan(scanned *line)
{
    free(line->codes);
    free(line->logp);
    free(line->starts);
    free(line->ends);
}

EXPORT int32_t mojibake_misread_rows(const look *g, const model *m, const sums *k, const lexis *x, const int8_t *forms,
                                     const uint32_t *points, const int64_t *offsets, int64_t rows, double limit, uint8_t *out);

/* Which rows, points[offsets[r] .. offsets[r + 1]), have a line that may have been misread, the evidence for it
 * reaching a limit: CANNOT_BE, MAY_BE, or what is to be asked elsewhere; -2 if there is no memory. */
int32_t mojibake_misread_rows(const look *g, const model *m, const sums *k, const lexis *x, const int8_t *forms,
                              const uint32_t *points, const int64_t *offsets, int64_t rows, double limit, uint8_t *out)
{
    scanned line;
    int32_t answer = open_scan(&line, offsets, rows) ? 0 : NO_MEMORY;
    for (int64_t row = 0; row < rows && answer == 0; row++) {
        out[row] = CANNOT_BE;
        for (int64_t at = offsets[row]; at < offsets[row + 1] && out[row] != MAY_BE; at++) {
            int64_t begin = at;
            int in_alphabet;
            while (at < offsets[row + 1] && points[at] != '\n')
                at++;
            int64_t size = at - begin;
            int64_t odd;
            if (out[row] < TO_BE_ASKED && mojibake_odd_words(x, points + begin, size, 1, &odd))
                out[row] = TO_BE_ASKED;
            double weight = scan_and_weigh(g, m, k, points + begin, size, &line, &in_alphabet);
            if (weight < 0.0)
                continue;
            int32_t said = may_be_misread(g, m, k, x, forms, points + begin, size, &line, weight, in_alphabet, limit);
            if (said > out[row])
                out[row] = (uint8_t)said;
        }
    }
    close_scan(&line);
    return answer;
}

/* --- Lines that one misread explains beyond doubt ---------------------------------------------------------------- */

/* What is asked of such a reading: engine/evident.py. */
typedef struct {
    double least;        /* nats for it, at least */
    double apart;        /* nats by which all other readings must have less, at most */
    double change;       /* nats for each change of track */
    double alike;        /* nats by which leaving some characters unexplained may be better */
    int32_t most_points; /* of a line */
} certainty;

/* A line's evident reading: numbers of source and target; what is read anew of the line, and what that gives. */
typedef struct {
    int32_t source, target;
    int32_t start, end;
    double evidence, rival; /* of it at least, of any other at most */
    int64_t text_end; /* among the points given of all rows */
} evident;

static inline double larger(double a, double b) { return a > b ? a : b; }

/* What speaks for w->new, at least, if all that is to be explained is read anew, in one run of units from the first to
 * the last; -INFINITY where the best way to change tracks leaves any of it, and is much better. */
static double least_evidence(const workspace *w, const stream *s, int32_t units, const certainty *c, int32_t *first,
                             int32_t *last)
{
    double sum = 0.0, between = 0.0;
    /* The best way so far, on each track, that has left nothing, and that has left something. */
    double inside = 0.0, outside = 0.0, inside_but = -INFINITY, outside_but = -INFINITY;
    *first = *last = -1;
    if (w->new.holes || s->has_passed)
        return -INFINITY;
    for (int32_t u = 0; u < units; u++) {
        double gain = w->gains[u], left = larger(outside, inside + c->change);
        double left_but = larger(outside_but, inside_but + c->change);
        inside = larger(inside, outside + c->change) + gain;
        inside_but = larger(inside_but, outside_but + c->change) + gain;
        outside = w->open[u] ? -INFINITY : left;
        outside_but = w->open[u] ? larger(left_but, left) : left_but;
        between += gain;
        if (w->open[u]) {
            sum += *first < 0 ? gain : between;
            between = 0.0;
            *first = *first < 0 ? u : *first;
            *last = u;
        }
    }
    int is_whole = larger(inside, outside) >= larger(inside_but, outside_but) - c->alike;
    return *first >= 0 && is_whole ? sum : -INFINITY;
}

/* The best of all sets of runs of units, at least one. */
static double best_gain(const workspace *w, int32_t units)
{
    double inside = -INFINITY, best = -INFINITY;
    for (int32_t u = 0; u < units; u++) {
        inside = larger(larger(inside, best + w->k->enter), 0.0) + w->gains[u];
        best = larger(best, inside);
    }
    return best;
}

/* Judge w->new, a candidate of an open window, beside the best one so far. */
static void judge_evident(const look *g, const certainty *c, inquiry *o, const candidate *now, double *best_most,
                          evident *out)
{
    workspace *w = &o->w;
    const stream *s = &o->all[now->source];
    const charset *e = g->targets[now->target];
    double more = g->priors[now->place] + validity_of(w, e, s), most = INFINITY, all_open;
    int32_t first, last;
    mojibake_score_signs(&w->t, w->new.points, w->new.count, w->scores);
    int32_t units = lay_out_units(w, e, s, &all_open);
    double least = least_evidence(w, s, units, c, &first, &last) + more;
    /* What UTF-8 gives may have been misread itself. */
    if (!now->stays)
        most = best_gain(w, units) + more;
    out->rival = larger(out->rival, least > out->evidence ? *best_most : most);
    if (least <= out->evidence)
        return;
    out->source = now->source;
    out->target = now->target;
    out->evidence = least;
    *best_most = most;
}

/* Whether there is any reading of an open window, of a usual target, without a loss. */
static int has_lossless(const look *g, const inquiry *o, const int32_t *row)
{
    for (int32_t i = 0; i < o->streams; i++) {
        const stream *s = &o->all[i];
        for (int32_t t = 0; t < g->usual_targets && s->is_tried && !s->has_passed; t++)
            if (g->pairings[row[i] * g->target_count + t] != SAME_ENCODING && is_valid(g->targets[t], s->data, s->size))
                return 1;
    }
    return 0;
}

/* Every reading of an open window, tier by tier; whether one is evident, which is then w->new. */
static int find_evident(const look *g, const certainty *c, inquiry *o, const int32_t *row, evident *out)
{
    workspace *w = &o->w;
    double best_most = -INFINITY, all_open;
    if (!has_lossless(g, o, row))
        return 0;
    out->evidence = out->rival = -INFINITY;
    for (int32_t tier = 0; tier < g->tier_count && g->tiers[tier] < g->usual_targets && out->evidence < c->least; tier++) {
        int32_t begin = g->tiers[tier], end = g->tiers[tier + 1];
        int32_t count = gather(o, g->targets + begin, end - begin, g->pairings + begin, row, g->target_count, 1);
        for (int32_t i = 0; i < count; i++) {
            candidate now = o->candidates[i];
            if (!now.is_finalist)
                continue;
            now.target += begin;
            now.place += begin;
            read_anew(w, g->targets[now.target], &o->all[now.source]);
            judge_evident(g, c, o, &now, &best_most, out);
        }
    }
    if (out->evidence < c->least || out->evidence - out->rival < c->apart)
        return 0;
    const stream *s = &o->all[out->source];
    const charset *e = g->targets[out->target];
    int32_t first, last;
    read_anew(w, e, s);
    mojibake_score_signs(&w->t, w->new.points, w->new.count, w->scores);
    int32_t units = lay_out_units(w, e, s, &all_open);
    least_evidence(w, s, units, c, &first, &last);
    out->start = first ? w->unit_ends[first - 1] : 0;
    out->end = w->unit_ends[last];
    return 1;
}

EXPORT int32_t mojibake_evident_rows(const look *g, const certainty *c, const model *m, const sums *k, const int8_t *forms,
                                     const uint32_t *points, const int64_t *offsets, int64_t rows, evident *out,
                                     uint32_t *text, int64_t room);

/* The evident reading of each row, points[offsets[r] .. offsets[r + 1]), that is a line and has one; the source is -1
 * where there is none.  What each gives is written to text, as long as there is room; 0, or -2 if there is no memory. */
int32_t mojibake_evident_rows(const look *g, const certainty *c, const model *m, const sums *k, const int8_t *forms,
                              const uint32_t *points, const int64_t *offsets, int64_t rows, evident *out,
                              uint32_t *text, int64_t room)
{
    scanned line;
    int32_t answer = open_scan(&line, offsets, rows) ? 0 : NO_MEMORY;
    int64_t written = 0;
    for (int64_t r = 0; r < rows && answer == 0; r++) {
        const uint32_t *of_row = points + offsets[r];
        int64_t size = offsets[r + 1] - offsets[r], plain = 0, high = 0;
        int32_t rows_of[MOST_SOURCES];
        const charset *sources[MOST_SOURCES];
        int in_alphabet;
        out[r].source = -1;
        out[r].text_end = written;
        for (int64_t i = 0; i < size; i++) {
            plain += of_row[i] < 0x80 && (of_row[i] | 0x20) - 'a' < 26;
            high += of_row[i] >= 0x80;
            if (of_row[i] == '\n' || of_row[i] == REPLACEMENT || of_row[i] > 0xFFFF || is_part_of_code(of_row[i]))
                high = -2 * size;
        }
        /* Words have a say where most letters are of ASCII. */
        if (high < 1 || plain > high || size > c->most_points)
            continue;
        if (scan_and_weigh(g, m, k, of_row, size, &line, &in_alphabet) < g->heavy)
            continue;
        int32_t count = find_sources(g, of_row, &line, g->source_count, rows_of);
        for (int32_t i = 0; i < count; i++)
            sources[i] = g->sources[rows_of[i]];
        inquiry o;
        int32_t opened = count > 0 ? open_window(&o, m, g->k, forms, of_row, (int32_t)size, sources, count, g->target_count)
                                   : UNKNOWN;
        if (opened == 0 && find_evident(g, c, &o, rows_of, &out[r])) {
            const workspace *w = &o.w;
            const stream *s = &o.all[out[r].source];
            int32_t from = w->at_byte[s->bounds[out[r].start]], to = w->at_byte[s->bounds[out[r].end]];
            if (written + to - from <= room) {
                memcpy(text + written, w->new.points + from, (size_t)(to - from) * sizeof *text);
                written += to - from;
                out[r].text_end = written;
                out[r].source = rows_of[out[r].source];
            } else
                out[r].source = -1;
        } else {
            out[r].source = -1;
            answer = opened == NO_MEMORY ? NO_MEMORY : 0;
        }
        if (count > 0)
            free(o.memory);
    }
    close_scan(&line);
    return answer;
}
