/* How likely a text is as it stands, character by character: repair/tracks.py. */

#ifndef MOJIBAKE_FIX_TRACKS_H
#define MOJIBAKE_FIX_TRACKS_H

#include "_kernel.h"

enum { STYLES = 4, CLASSES = 4 };

/* The numbers and tables of repair/tracks.py and model/scripts.py. */
typedef struct {
    const uint8_t *scripts;
    const uint8_t *symbols;
    double form_unit;
    double astral_form;
    double form_of_no_use;
    double mixed_scripts;
    double symbol_in_word;
    double look_alike;
    double no_text[CLASSES];
    double no_text_enter;
    double no_text_next;
    double no_text_again;
    double lost;
    int32_t longest_period;
    uint32_t first_of_no_use;
} scoring;

/* What scores tracks, and room for as many characters as the longest one has. */
typedef struct {
    const model *m;
    const scoring *k;
    const int8_t *forms;
    uint16_t *codes;
    float *logp, *signs;
    uint8_t *flags;
} scorer;

/* What alphabets and symbols (s->signs) and forms (out) add to the language model: all of it. */
double mojibake_score_signs(scorer *s, const uint32_t *points, int32_t n, double *out);

/* With mojibake_score_signs: score_tracks, for one track, to the last bit. */
void mojibake_add_model(scorer *s, const uint32_t *points, int32_t n, double *out);

/* as_it_stands, in place, to the last bit; flat and ways are room for as many. */
void mojibake_stand(const scoring *k, const uint32_t *points, int32_t n, double *own, double *flat, uint8_t *ways);

EXPORT int32_t mojibake_score_tracks(const model *m, const scoring *k, const int8_t *forms, const uint32_t *points,
                                     const int64_t *offsets, int64_t tracks, float *out);
EXPORT int32_t mojibake_as_it_stands(const scoring *k, const uint32_t *points, int64_t size, const float *logp,
                                     float *out);

#endif
