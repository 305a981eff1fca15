/* The passes over all characters of a text that normalise/passes.py makes, in C: the same results. */

#include "_kernel.h"

#include <string.h>

enum { LINE_FEED = 0x0A, ONE = 1, OTHER = 2 };

EXPORT uint32_t mojibake_classify(const uint32_t *points, int64_t size, const uint8_t *table, const uint32_t *kinds,
                                  uint32_t marks, uint32_t rare, uint8_t *classes, uint32_t *room, int64_t *counts);
EXPORT int64_t mojibake_meetings(const uint8_t *classes, int64_t size, const uint32_t *kinds, uint32_t one,
                                 uint32_t other, int64_t *out);
EXPORT void mojibake_count_kind(const uint8_t *classes, const int64_t *starts, const int64_t *ends, int64_t spans,
                                const uint32_t *kinds, uint32_t kind, int64_t *out);
EXPORT void mojibake_splice(const uint32_t *points, int64_t size, const int64_t *starts, const int64_t *ends,
                            const int64_t *which, int64_t edits, const uint32_t *words, const int64_t *offsets,
                            uint32_t *out);

/* The class of each character, the places of the marks and of the rare ones of them, where lines begin and which kinds
 * each has, and which there are at all.  There is room for four lists of size + 1: what is written before it is known
 * whether it counts needs no branch that may be mispredicted.
 */
uint32_t mojibake_classify(const uint32_t *restrict points, int64_t size, const uint8_t *restrict table,
                           const uint32_t *restrict kinds, uint32_t marks, uint32_t rare, uint8_t *restrict classes,
                           uint32_t *restrict room, int64_t *restrict counts)
{
    uint32_t *places = room, *rare_places = room + (size + 1);
    uint32_t *starts = room + 2 * (size + 1), *by_line = room + 3 * (size + 1);
    uint32_t present = 0, line = 0;
    int64_t found = 0, rare_found = 0, lines = 0;
    starts[0] = 0;
    for (int64_t i = 0; i < size; i++) {
        uint32_t point = points[i];
        uint8_t class = table[point];
        uint32_t own = kinds[class];
        classes[i] = class;
        line |= own;
        places[found] = (uint32_t)i;
        found += (own & marks) != 0;
        if (point == LINE_FEED) {
            present |= line;
            by_line[lines++] = line;
            starts[lines] = (uint32_t)i + 1;
            line = 0;
        }
    }
    by_line[lines] = line;
    for (int64_t i = 0; i < found; i++) {
        rare_places[rare_found] = places[i];
        rare_found += (kinds[classes[places[i]]] & rare) != 0;
    }
    counts[0] = found;
    counts[1] = rare_found;
    counts[2] = lines + 1;
    return present | line;
}

/* Where a character of one kind follows one of the other, in either order. */
int64_t mojibake_meetings(const uint8_t *restrict classes, int64_t size, const uint32_t *restrict kinds, uint32_t one,
                          uint32_t other, int64_t *restrict out)
{
    uint8_t sides[256], wanted[256];
    for (int i = 0; i < 256; i++) {
        sides[i] = (kinds[i] & one ? ONE : 0) | (kinds[i] & other ? OTHER : 0);
        wanted[i] = (kinds[i] & one ? OTHER : 0) | (kinds[i] & other ? ONE : 0);
    }
    int64_t found = 0;
    uint8_t last = 0;
    for (int64_t i = 0; i < size; i++) {
        out[found] = i;
        found += (last & sides[classes[i]]) != 0;
        last = wanted[classes[i]];
    }
    return found;
}

/* How many characters of a kind each span has. */
void mojibake_count_kind(const uint8_t *classes, const int64_t *starts, const int64_t *ends, int64_t spans,
                         const uint32_t *kinds, uint32_t kind, int64_t *out)
{
    uint8_t counts[256];
    for (int i = 0; i < 256; i++)
        counts[i] = (kinds[i] & kind) != 0;
    for (int64_t span = 0; span < spans; span++) {
        int64_t count = 0;
        for (int64_t i = starts[span]; i < ends[span]; i++)
            count += counts[classes[i]];
        out[span] = count;
    }
}

/* The text with edits made, which are in order and disjoint: edit i writes words[offsets[w]] to words[offsets[w + 1]],
 * w being which[i]. */
void mojibake_splice(const uint32_t *points, int64_t size, const int64_t *starts, const int64_t *ends,
                     const int64_t *which, int64_t edits, const uint32_t *words, const int64_t *offsets, uint32_t *out)
{
    int64_t position = 0;
    for (int64_t i = 0; i < edits; i++) {
        int64_t kept = starts[i] - position;
        memcpy(out, points + position, (size_t)kept * sizeof *out);
        out += kept;
        int64_t first = offsets[which[i]], written = offsets[which[i] + 1] - first;
        memcpy(out, words + first, (size_t)written * sizeof *out);
        out += written;
        position = ends[i];
    }
    memcpy(out, points + position, (size_t)(size - position) * sizeof *out);
}
