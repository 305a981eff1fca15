/* The n-gram scores of model/ngram.py and the running sums of detect/scan.py, in C: the same results, bit for bit.
 *
 * Optional: where no compiler was at hand, the NumPy versions do the same more slowly.
 */

#include "_kernel.h"

#include <math.h>

#define BLOCK 256

void mojibake_stored_bigrams(const model *m, const uint16_t *codes, const uint8_t *asked, int64_t size, stored *out)
{
    const stored nothing = {0, 0.0f, 0.0f};
    slots at[BLOCK];
    int wanted[BLOCK];
    for (int64_t start = 1; start < size; start += BLOCK) {
        int count = size - start < BLOCK ? (int)(size - start) : BLOCK, found = 0;
        for (int i = 0; i < count; i++) {
            out[start + i] = nothing;
            wanted[found] = i;
            found += asked[start + i] != 0;
        }
        for (int k = 0; k < found; k++) {
            int64_t i = start + wanted[k];
            at[k] = slots_of(&m->levels[0], key2_of(codes[i - 1], codes[i]));
            fetch(&m->levels[0], at[k]);
        }
        for (int k = 0; k < found; k++) {
            entry e = entry_at(&m->levels[0], at[k]);
            stored bigram = {e.found, logp_of(&m->levels[0], e.value), backoff_of(&m->levels[0], e.value)};
            if (e.found)
                out[start + wanted[k]] = bigram;
        }
    }
}

uint32_t mojibake_kernel_sources(void) { return KERNEL_SOURCES; }

/* In blocks, each order by itself, so that the look-ups of one order do not wait for each other. */
void mojibake_logp(const model *m, const uint16_t *codes, int64_t size, float *out)
{
    const entry nothing = {0, 0};
    entry second[BLOCK + 1], third[BLOCK + 1], fourth[BLOCK + 1];
    slots at[BLOCK];
    int wanted[BLOCK];
    uint64_t padded[BLOCK + 3] = {BOUNDARY, BOUNDARY, BOUNDARY};
    const uint64_t *c3 = padded, *c2 = padded + 1, *c1 = padded + 2, *c0 = padded + 3;
    second[0] = third[0] = nothing;
    for (int64_t start = 0; start < size; start += BLOCK) {
        int count = size - start < BLOCK ? (int)(size - start) : BLOCK, found = 0;
        for (int i = 0; i < count; i++) {
            padded[i + 3] = codes[start + i];
            at[i] = slots_of(&m->levels[0], key2_of(c1[i], c0[i]));
            fetch(&m->levels[0], at[i]);
        }
        for (int i = 0; i < count; i++) {
            second[i + 1] = entry_at(&m->levels[0], at[i]);
            third[i + 1] = fourth[i + 1] = nothing;
            wanted[found] = i;
            found += second[i + 1].found && c1[i] != BOUNDARY;
        }
        for (int k = 0; k < found; k++) {
            int i = wanted[k];
            at[k] = slots_of(&m->levels[1], key3_of(c2[i], c1[i], c0[i]));
            fetch(&m->levels[1], at[k]);
        }
        for (int k = 0; k < found; k++)
            third[wanted[k] + 1] = entry_at(&m->levels[1], at[k]);
        found = 0;
        for (int i = 0; i < count; i++) {
            wanted[found] = i;
            found += third[i + 1].found && third[i].found && second[i].found && c2[i] != BOUNDARY;
        }
        for (int k = 0; k < found; k++) {
            int i = wanted[k];
            at[k] = slots_of(&m->levels[2], key4_of(c3[i], c2[i], c1[i], c0[i]));
            fetch(&m->levels[2], at[k]);
        }
        for (int k = 0; k < found; k++)
            fourth[wanted[k] + 1] = entry_at(&m->levels[2], at[k]);
        for (int i = 0; i < count; i++)
            out[start + i] = combine(m, c2[i], c1[i], c0[i], second[i + 1], second[i], third[i + 1], third[i],
                                     fourth[i + 1]);
        second[0] = second[count];
        third[0] = third[count];
        for (int i = 0; i < 3; i++)
            padded[i] = padded[count + i];
    }
}

void mojibake_logp_next(const model *m, const uint16_t *c3, const uint16_t *c2, const uint16_t *c1, const uint16_t *c0,
                        int64_t size, float *out)
{
    for (int64_t i = 0; i < size; i++) {
        entry second = get(&m->levels[0], key2_of(c1[i], c0[i]));
        entry history2 = {0, 0}, third = {0, 0}, history3 = {0, 0}, fourth = {0, 0};
        if (c1[i] != BOUNDARY) {
            history2 = get(&m->levels[0], key2_of(c2[i], c1[i]));
            if (second.found && history2.found)
                third = get(&m->levels[1], key3_of(c2[i], c1[i], c0[i]));
            if (history2.found && c2[i] != BOUNDARY)
                history3 = get(&m->levels[1], key3_of(c3[i], c2[i], c1[i]));
            if (third.found && history3.found)
                fourth = get(&m->levels[2], key4_of(c3[i], c2[i], c1[i], c0[i]));
        }
        out[i] = combine(m, c2[i], c1[i], c0[i], second, history2, third, history3, fourth);
    }
}

void mojibake_get(const void *cells, int32_t wide, uint64_t segments, uint64_t seed, uint32_t value_bits,
                  uint32_t fingerprint_bits, const uint64_t *keys, int64_t size, uint32_t *values, uint8_t *found)
{
    const level l = {cells, 0, 0, segments, seed, value_bits, fingerprint_bits, 0, (uint32_t)wide};
    for (int64_t i = 0; i < size; i++) {
        entry e = get(&l, keys[i]);
        values[i] = e.value;
        found[i] = (uint8_t)e.found;
    }
}

void mojibake_absent(const uint8_t *bitmap, uint32_t bits, const uint32_t *keys, int64_t size, uint8_t *out)
{
    for (int64_t i = 0; i < size; i++)
        out[i] = (uint8_t)is_absent(bitmap, bits, keys[i] >> 16, keys[i] & 0xFFFF);
}

int64_t mojibake_alarms(const model *m, const sums *k, const uint16_t *codes, int64_t size, int64_t *starts,
                        int64_t *ends)
{
    int64_t found = 0, begin = -1, last = -1, height = 0;
    int rings = 0, in_alphabet = 0;
    for (int64_t i = 0; i + 1 < size; i++) {
        uint32_t first = codes[i], second = codes[i + 1];
        if (first == BOUNDARY) {
            int64_t east_asian = 0, end = i + 1;
            for (; end < size && codes[end] != BOUNDARY; end++)
                east_asian += codes[end] >= FIRST_EAST_ASIAN;
            in_alphabet = is_alphabetic(k, east_asian, end - i - 1);
            height = 0;
        }
        if (!is_unseen(m, first, second) && !is_never_in_text(second) && !(in_alphabet && is_mixed(k->scripts, first, second)))
            continue;
        height -= i - last - 1;
        if (height <= 0) {
            if (rings) {
                starts[found] = begin;
                ends[found++] = last + 2;
            }
            begin = i;
            height = rings = 0;
        }
        height += alarm_step(k, first, second, in_alphabet);
        rings |= height >= k->alarm;
        last = i;
    }
    if (rings) {
        starts[found] = begin;
        ends[found++] = last + 2;
    }
    return found;
}

/* The highest running sum of a stretch of codes, given their scores. */
static double weight_of(const sums *k, const uint16_t *codes, const float *logp, int64_t start, int64_t end)
{
    double total = 0.0, lowest = 0.0, weight = 0.0;
    for (int64_t i = start; i < end; i++) {
        float excess = -logp[i] - k->rare;
        if (codes[i] < FIRST_EAST_ASIAN)
            excess *= k->letter_weight;
        if (is_mixed(k->scripts, codes[i - 1], codes[i]))
            excess += (float)k->mixed_scripts;
        total += (double)excess;
        if (total - lowest > weight)
            weight = total - lowest;
        if (total < lowest)
            lowest = total;
        if (is_never_in_text(codes[i]))
            return INFINITY;
    }
    return weight;
}

void mojibake_weights(const sums *k, const uint16_t *codes, const float *logp, const int64_t *starts,
                      const int64_t *ends, int64_t size, double *out)
{
    for (int64_t i = 0; i < size; i++)
        out[i] = weight_of(k, codes, logp, starts[i], ends[i]);
}

/* Characters that a score looks back at. */
enum { HISTORY = 3 };

double mojibake_weight(const model *m, const sums *k, const uint16_t *codes, int64_t size, const int64_t *starts,
                       const int64_t *ends, int64_t stretches, float *logp)
{
    double weight = 0.0;
    int64_t start = 1, end = 0;
    for (int64_t i = 0; i <= stretches; i++) {
        int64_t next = i < stretches ? starts[i] - k->beside : size;
        if (end && (i == stretches || next > end)) {
            int64_t seen = start > HISTORY ? start - HISTORY : 0;
            mojibake_logp(m, codes + seen, end - seen, logp + seen);
            double of_this = weight_of(k, codes, logp, start, end);
            if (of_this > weight)
                weight = of_this;
        }
        if (i < stretches) {
            if (!end || next > end)
                start = next > 1 ? next : 1;
            end = ends[i] + k->beside < size - 1 ? ends[i] + k->beside : size - 1;
        }
    }
    return weight;
}
