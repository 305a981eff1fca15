/* Scores of texts and of what they may be read as, character by character: repair/tracks.py, in C. */

#include "_tracks.h"

#include <stdlib.h>

enum { REPLACEMENT = 0xFFFD };

static inline uint32_t in_bmp(uint32_t point) { return point > 0xFFFF ? 0xFFFF : point; }

/* The alphabet that a letter is of; 0 for all others. */
static inline int alphabet_of(const uint8_t *scripts, uint32_t point) { return scripts[in_bmp(point)] & ~LOOKS_ALIKE; }

double mojibake_score_signs(scorer *s, const uint32_t *points, int32_t n, double *out)
{
    const scoring *k = s->k;
    int64_t forms[STYLES] = {0};
    double sum = 0.0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t p = in_bmp(points[i]);
        s->signs[i] = i > 0 && is_mixed(k->scripts, in_bmp(points[i - 1]), p) ? (float)k->mixed_scripts : 0.0f;
        for (int style = 0; points[i] <= 0xFFFF && style < STYLES; style++)
            forms[style] += s->forms[(style << 16) + p];
        s->flags[i] = 0;
        if (k->symbols[p] && i > 0 && k->symbols[in_bmp(points[i - 1])])
            s->flags[i] = s->flags[i - 1];
        else if (k->symbols[p] && i > 0 && alphabet_of(k->scripts, points[i - 1])) {
            int32_t end = i + 1;
            while (end < n && k->symbols[in_bmp(points[end])])
                end++;
            s->flags[i] = end < n && alphabet_of(k->scripts, points[end]);
        }
        if (s->flags[i])
            s->signs[i] += (float)k->symbol_in_word;
    }
    int best = 0;
    for (int style = 1; style < STYLES; style++)
        if (forms[style] > forms[best])
            best = style;
    for (int32_t i = 0; i < n; i++) {
        out[i] = points[i] >= k->first_of_no_use ? k->form_of_no_use
                 : points[i] > 0xFFFF            ? k->astral_form
                                                 : k->form_unit * s->forms[(best << 16) + points[i]];
        sum += out[i] + s->signs[i];
    }
    return sum;
}

void mojibake_add_model(scorer *s, const uint32_t *points, int32_t n, double *out)
{
    for (int32_t i = 0; i < n; i++)
        s->codes[i] = fold_point(s->m, points[i]);
    mojibake_logp(s->m, s->codes, n, s->logp);
    for (int32_t i = 0; i < n; i++)
        out[i] = s->logp[i] + s->signs[i] + (float)out[i];
}

static int class_of(uint32_t p)
{
    if (p < 0x80)
        return 0;
    if (p < 0xA0 || p - 0xD800 < 0xF900 - 0xD800 || p == REPLACEMENT)
        return 3;
    return p < 0x2E80 || p >= 0xFF61 ? 1 : 2;
}

/* Whether a letter has one of another alphabet beside it. */
static int differs(const uint8_t *scripts, uint32_t letter, uint32_t beside)
{
    int a = alphabet_of(scripts, letter), b = alphabet_of(scripts, beside);
    return a && b && a != b;
}

/* Whether a character looks like another: look_alikes of model/scripts.py. */
static int is_look_alike(const uint8_t *scripts, const uint32_t *points, int32_t n, int32_t i)
{
    return scripts[in_bmp(points[i])] & LOOKS_ALIKE &&
           (!alphabet_of(scripts, points[i]) || (i > 0 && differs(scripts, points[i], points[i - 1])) ||
            (i + 1 < n && differs(scripts, points[i], points[i + 1])));
}

void mojibake_stand(const scoring *k, const uint32_t *points, int32_t n, double *own, double *flat, uint8_t *ways)
{
    for (int32_t i = 0; i < n; i++) {
        flat[i] = k->no_text[class_of(points[i])];
        if (points[i] == REPLACEMENT)
            own[i] = flat[i] = k->lost;
        if (own[i] < k->look_alike && is_look_alike(k->scripts, points, n, i))
            own[i] = k->look_alike;
        if (i > 0 && points[i] != REPLACEMENT && (int64_t)points[i] - points[i - 1] + 1 >= 0 &&
            (int64_t)points[i] - points[i - 1] <= 1)
            flat[i] = k->no_text_next;
    }
    for (int32_t period = 1; period <= k->longest_period; period++) {
        int32_t alike = 0;
        for (int32_t i = period; i < n; i++) {
            alike = points[i] == points[i - period] && points[i] != REPLACEMENT ? alike + 1 : 0;
            if (alike >= 2 * period)
                flat[i] = k->no_text_again;
        }
    }
    double outside = 0.0, inside = k->no_text_enter;
    for (int32_t i = 0; i < n; i++) {
        int enters = outside + k->no_text_enter > inside;
        inside = (enters ? outside + k->no_text_enter : inside) + flat[i];
        int leaves = inside > outside + own[i];
        ways[i] = (uint8_t)(enters | leaves << 1);
        outside = leaves ? inside : outside + own[i];
    }
    int within = 0;
    for (int32_t i = n - 1; i >= 0; i--) {
        within |= ways[i] >> 1;
        if (within) {
            own[i] = (float)(flat[i] + (ways[i] & 1 ? k->no_text_enter : 0.0));
            within = !(ways[i] & 1);
        }
    }
}

/* Score tracks, points[offsets[t] .. offsets[t + 1]), each by itself; -1 if there is no memory. */
int32_t mojibake_score_tracks(const model *m, const scoring *k, const int8_t *forms, const uint32_t *points,
                              const int64_t *offsets, int64_t tracks, float *out)
{
    int64_t longest = 1;
    for (int64_t t = 0; t < tracks; t++)
        if (offsets[t + 1] - offsets[t] > longest)
            longest = offsets[t + 1] - offsets[t];
    size_t most = (size_t)longest;
    scorer s = {m, k, forms, malloc(most * sizeof *s.codes), malloc(most * sizeof *s.logp),
                malloc(most * sizeof *s.signs), malloc(most)};
    double *scores = malloc(most * sizeof *scores);
    int well = s.codes && s.logp && s.signs && s.flags && scores;
    for (int64_t t = 0; t < tracks && well; t++) {
        const uint32_t *track = points + offsets[t];
        int32_t size = (int32_t)(offsets[t + 1] - offsets[t]);
        mojibake_score_signs(&s, track, size, scores);
        mojibake_add_model(&s, track, size, scores);
        for (int32_t i = 0; i < size; i++)
            out[offsets[t] + i] = (float)scores[i];
    }
    free(s.codes);
    free(s.logp);
    free(s.signs);
    free(s.flags);
    free(scores);
    return well ? 0 : -1;
}

/* The track of a text as it stands, given its scores; -1 if there is no memory. */
int32_t mojibake_as_it_stands(const scoring *k, const uint32_t *points, int64_t size, const float *logp, float *out)
{
    size_t most = (size_t)size + 1;
    double *own = malloc(most * sizeof *own), *flat = malloc(most * sizeof *flat);
    uint8_t *ways = malloc(most);
    int well = own && flat && ways;
    for (int64_t i = 0; i < size && well; i++)
        own[i] = logp[i];
    if (well)
        mojibake_stand(k, points, (int32_t)size, own, flat, ways);
    for (int64_t i = 0; i < size && well; i++)
        out[i] = (float)own[i];
    free(own);
    free(flat);
    free(ways);
    return well ? 0 : -1;
}
