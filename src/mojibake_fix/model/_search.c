/* The beam search of repair/search.py over graphs that are laid out as arrays: the same states, the same order.
 *
 * A wave takes every node of one level, of all graphs.  What it keeps, and what it leaves behind in joining, is said
 * there; scores are the same but for the last bit of the logarithms of the document's cache.
 */

#include "_kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 64, NOTHING = -1, MARK_BITS = 4 };

/* What a document says elsewhere: model/cache.py. */
typedef struct {
    const uint64_t *keys2;
    const float *counts2;
    const uint64_t *keys3;
    const float *counts3;
    const float *histories1;
    int64_t size2;
    int64_t size3;
    float share;
    float other_share; /* its logarithm */
    float unseen_count;
    float smallest;
} cache;

/* Nodes and edges of all graphs, edges by the level of their source, and the numbers of the search. */
typedef struct {
    const int32_t *source;
    const int32_t *target;
    const float *cost;
    const int64_t *begin; /* of an edge's candidates, and how many they are */
    const int64_t *count;
    const uint8_t *empty; /* whether an edge adds no character */
    const int64_t *edges_to; /* by level: where the edges begin that leave it */
    const int64_t *level; /* of each node */
    const int64_t *position;
    const uint8_t *is_last;
    const uint32_t *points; /* of the candidates, their codes, and how likely their forms are */
    const uint16_t *codes;
    const float *forms;
    const uint8_t *opens; /* by code: the kind of mark that opens, and that closes: repair/brackets.py */
    const uint8_t *closes;
    cache cached;
    int64_t levels;
    int64_t positions;
    int64_t expansions;
    int64_t fewest;
    int64_t beam;
    int64_t runners_up;
    float margin;
    float close;
    float unmatched;
    float opened_before;
    int32_t deepest;
} lattice;

typedef struct {
    int32_t node;
    int32_t stack;
    int32_t parent;
    int32_t point;
    float score;
    uint16_t c3, c2, c1;
    uint8_t certain;
} state;

/* A way through the lattice that was as good as over in a join, by the state that stayed. */
typedef struct {
    int64_t leader;
    float delta;
    int32_t parent;
    int32_t point;
    int32_t certain;
} left_behind;

/* A state at the end of a graph. */
typedef struct {
    int64_t number;
    int32_t node;
    int32_t stack;
    float score;
    int32_t padding;
} ending;

/* All states that were kept, in the order in which they were. */
typedef struct {
    int32_t *parents;
    int32_t *points;
    uint8_t *certain;
    int64_t size;
    left_behind *behind;
    int64_t behind_count;
    ending *endings;
    int64_t ending_count;
} trellis;

typedef struct {
    state *items;
    int64_t size, capacity;
} states;

/* What the language model says of a state's history. */
typedef struct {
    entry history2;
    entry history3;
    int is_open; /* whether a fourth character of history matters */
} past;

/* A state among others that no later character can tell from it. */
typedef struct {
    uint64_t where, history;
    float score;
    int32_t index;
} sorted;

/* A state that stays. */
typedef struct {
    int32_t node;
    float score;
    int32_t place, index;
} winner;

/* A character that may follow a state. */
typedef struct {
    int32_t from;
    int32_t edge;
    int32_t chosen;
} step;

typedef struct {
    const model *m;
    const lattice *l;
    states *pending;
    states now;
    float *best_at;
    past *pasts, *kept_pasts;
    sorted *order;
    winner *winners;
    int32_t *number; /* of the states that stay */
    step *steps;
    float *scores;
    state *grown;
    int64_t capacity, step_capacity, trellis_capacity, behind_capacity, ending_capacity;
    trellis *out;
} search;

static int reserve(void **array, int64_t *capacity, int64_t size, size_t width)
{
    if (size <= *capacity)
        return 1;
    int64_t wanted = size + size / 2 + 64;
    void *grown = realloc(*array, (size_t)wanted * width);
    if (!grown)
        return 0;
    *array = grown;
    *capacity = wanted;
    return 1;
}

static int push(states *s, const state *item)
{
    if (!reserve((void **)&s->items, &s->capacity, s->size + 1, sizeof *s->items))
        return 0;
    s->items[s->size++] = *item;
    return 1;
}

/* --- Joining --------------------------------------------------------------------------------------------------- */

static int by_past(const void *first, const void *second)
{
    const sorted *a = first, *b = second;
    if (a->where != b->where)
        return a->where < b->where ? -1 : 1;
    if (a->history != b->history)
        return a->history < b->history ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

static int by_score(const void *first, const void *second)
{
    const winner *a = first, *b = second;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* Room for so many states of one wave. */
static int make_room(search *s, int64_t size)
{
    if (size <= s->capacity)
        return 1;
    int64_t wanted = size + size / 2 + 64;
    free(s->pasts);
    free(s->kept_pasts);
    free(s->order);
    free(s->winners);
    free(s->number);
    s->pasts = malloc((size_t)wanted * sizeof *s->pasts);
    s->kept_pasts = malloc((size_t)wanted * sizeof *s->kept_pasts);
    s->order = malloc((size_t)wanted * sizeof *s->order);
    s->winners = malloc((size_t)wanted * sizeof *s->winners);
    s->number = malloc((size_t)wanted * sizeof *s->number);
    s->capacity = s->pasts && s->kept_pasts && s->order && s->winners && s->number ? wanted : 0;
    return s->capacity > 0;
}

static void look_up_pasts(search *s)
{
    const level *second = &s->m->levels[0], *third = &s->m->levels[1];
    for (int64_t start = 0; start < s->now.size; start += AT_ONCE) {
        int64_t count = s->now.size - start < AT_ONCE ? s->now.size - start : AT_ONCE;
        slots at2[AT_ONCE], at3[AT_ONCE];
        for (int64_t i = 0; i < count; i++) {
            const state *one = &s->now.items[start + i];
            at2[i] = slots_of(second, key2_of(one->c2, one->c1));
            at3[i] = slots_of(third, key3_of(one->c3, one->c2, one->c1));
            fetch(second, at2[i]);
            fetch(third, at3[i]);
        }
        for (int64_t i = 0; i < count; i++) {
            const state *one = &s->now.items[start + i];
            past *known = &s->pasts[start + i];
            known->history2 = entry_at(second, at2[i]);
            known->history3 = entry_at(third, at3[i]);
            known->is_open = one->c1 != BOUNDARY && one->c2 != BOUNDARY && known->history2.found && known->history3.found;
        }
    }
}

/* Note what was left behind in joining. */
static int remember(search *s, int64_t size)
{
    trellis *out = s->out;
    int64_t leader = 0;
    for (int64_t i = 0; i < size; i++) {
        const sorted *one = &s->order[i];
        if (one->where != s->order[leader].where || one->history != s->order[leader].history)
            leader = i;
        int32_t number = s->number[s->order[leader].index];
        float delta = s->order[leader].score - one->score;
        if (i == leader || i - leader > s->l->runners_up || !(delta <= s->l->close) || number < 0)
            continue;
        if (!reserve((void **)&out->behind, &s->behind_capacity, out->behind_count + 1, sizeof *out->behind))
            return 0;
        const state *from = &s->now.items[one->index];
        left_behind entry = {out->size + number, delta, from->parent, from->point, from->certain};
        out->behind[out->behind_count++] = entry;
    }
    return 1;
}

/* Keep one of each set of states that no later character can tell apart, and the best of those at each node: in
 * s->now, with what the model says of them in s->pasts. */
static int join(search *s)
{
    const lattice *l = s->l;
    states *now = &s->now;
    int64_t kept = 0, winners = 0;
    if (now->size > 1) {
        for (int64_t i = 0; i < now->size; i++)
            if (now->items[i].score >= s->best_at[l->position[now->items[i].node]] - l->margin)
                now->items[kept++] = now->items[i];
        now->size = kept;
    }
    if (!make_room(s, now->size))
        return 0;
    look_up_pasts(s);
    if (now->size < 2)
        return 1;
    for (int64_t i = 0; i < now->size; i++) {
        const state *one = &now->items[i];
        sorted *place = &s->order[i];
        place->where = (uint64_t)(uint32_t)one->node << 16 | (uint16_t)one->stack;
        place->history = key3_of(s->pasts[i].is_open ? one->c3 : 0, one->c2, one->c1);
        place->score = one->score;
        place->index = (int32_t)i;
        s->number[i] = NOTHING;
    }
    qsort(s->order, (size_t)now->size, sizeof *s->order, by_past);
    for (int64_t i = 0; i < now->size; i++) {
        const sorted *one = &s->order[i];
        if (i > 0 && one->where == one[-1].where && one->history == one[-1].history)
            continue;
        winner found = {now->items[one->index].node, one->score, (int32_t)i, one->index};
        s->winners[winners++] = found;
    }
    qsort(s->winners, (size_t)winners, sizeof *s->winners, by_score);
    kept = 0;
    for (int64_t i = 0, first = 0; i < winners; i++) {
        if (s->winners[i].node != s->winners[first].node)
            first = i;
        if (i - first < l->beam) {
            s->number[s->winners[i].index] = (int32_t)kept;
            s->winners[kept++] = s->winners[i];
        }
    }
    if (winners < now->size && !remember(s, now->size))
        return 0;
    /* In the order of the winners. */
    if (!reserve((void **)&s->grown, &s->step_capacity, kept, sizeof *s->grown))
        return 0;
    for (int64_t i = 0; i < kept; i++) {
        s->grown[i] = now->items[s->winners[i].index];
        s->kept_pasts[i] = s->pasts[s->winners[i].index];
    }
    memcpy(now->items, s->grown, (size_t)kept * sizeof *now->items);
    past *others = s->pasts;
    s->pasts = s->kept_pasts;
    s->kept_pasts = others;
    now->size = kept;
    return 1;
}

/* --- Growing --------------------------------------------------------------------------------------------------- */

/* The stack of open marks after a code, and what a mark costs that does not match: follow of repair/brackets.py. */
static inline float follow(const lattice *l, int32_t *stack, uint16_t code)
{
    int32_t opened = l->opens[code], closed = l->closes[code], before = *stack, top = before & 15;
    if (!opened && !closed)
        return 0.0f;
    int matched = closed && top == closed;
    if (matched)
        *stack = before >> MARK_BITS;
    else if (opened)
        *stack = before % (1 << MARK_BITS * (l->deepest - 1)) * 16 + opened;
    if ((opened && top == opened) || (closed && !matched))
        return closed && !before ? l->opened_before : l->unmatched;
    return 0.0f;
}

static inline float count_of(const uint64_t *keys, const float *counts, int64_t size, uint64_t key)
{
    int64_t low = 0, high = size;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < size && keys[low] == key ? counts[low] : 0.0f;
}

/* DocumentCache.mix of model/cache.py. */
static float mixed(const cache *c, float logp, uint16_t c2, uint16_t c1, uint16_t c0)
{
    if (!c->size2 || c->histories1[c1] == 0.0f)
        return logp;
    float count2 = count_of(c->keys2, c->counts2, c->size2, key2_of(c1, c0));
    if (count2 <= 0.0f)
        return logp;
    float count3 = count_of(c->keys3, c->counts3, c->size3, key3_of(c2, c1, c0));
    float total3 = count_of(c->keys2, c->counts2, c->size2, key2_of(c2, c1));
    float p2 = count2 / (c->histories1[c1] + c->unseen_count), p3 = count3 / (total3 + c->unseen_count);
    float first = logp + c->other_share, second = logf(c->share * (p2 > p3 ? p2 : p3) + c->smallest);
    return first > second ? first + log1pf(expf(second - first)) : second + log1pf(expf(first - second));
}

/* Score the characters that may follow, a block at a time, so that the look-ups of one order do not wait for each
 * other: model, cache, forms and brackets.  Writes s->scores[i], and the stack of s->grown[i]. */
static void score_steps(search *s, int64_t size)
{
    const model *m = s->m;
    const lattice *l = s->l;
    const entry nothing = {0, 0};
    for (int64_t start = 0; start < size; start += AT_ONCE) {
        int64_t count = size - start < AT_ONCE ? size - start : AT_ONCE;
        entry second[AT_ONCE], third[AT_ONCE], fourth[AT_ONCE];
        slots at[AT_ONCE];
        for (int64_t i = 0; i < count; i++) {
            const step *one = &s->steps[start + i];
            at[i] = slots_of(&m->levels[0], key2_of(s->now.items[one->from].c1, l->codes[one->chosen]));
            fetch(&m->levels[0], at[i]);
        }
        for (int64_t i = 0; i < count; i++) {
            const step *one = &s->steps[start + i];
            const state *from = &s->now.items[one->from];
            second[i] = entry_at(&m->levels[0], at[i]);
            third[i] = fourth[i] = nothing;
            if (second[i].found && from->c1 != BOUNDARY && s->pasts[one->from].history2.found)
                third[i] = get(&m->levels[1], key3_of(from->c2, from->c1, l->codes[one->chosen]));
            if (third[i].found && s->pasts[one->from].is_open)
                fourth[i] = get(&m->levels[2], key4_of(from->c3, from->c2, from->c1, l->codes[one->chosen]));
        }
        for (int64_t i = 0; i < count; i++) {
            const step *one = &s->steps[start + i];
            const state *from = &s->now.items[one->from];
            const past *known = &s->pasts[one->from];
            float score = from->score - l->cost[one->edge];
            int32_t stack = from->stack;
            if (!l->empty[one->edge]) {
                uint16_t c0 = l->codes[one->chosen];
                float logp = combine(m, from->c2, from->c1, c0, second[i], known->history2, third[i], known->history3,
                                     fourth[i]);
                logp = mixed(&l->cached, logp, from->c2, from->c1, c0);
                score += logp + l->forms[one->chosen] + follow(l, &stack, c0);
            }
            s->scores[start + i] = score;
            s->grown[start + i].stack = stack;
        }
    }
}

static int reserve_steps(search *s, int64_t size, int64_t *steps, int64_t *scores)
{
    return reserve((void **)&s->steps, steps, size, sizeof *s->steps) &&
           reserve((void **)&s->scores, scores, size, sizeof *s->scores) &&
           reserve((void **)&s->grown, &s->step_capacity, size, sizeof *s->grown);
}

/* Add one character to every state of a level: those that are worth it go to the levels they reach. */
static int expand(search *s, int64_t at, int64_t *steps, int64_t *scores)
{
    const lattice *l = s->l;
    const states *now = &s->now;
    int64_t size = 0;
    int32_t base = (int32_t)(s->out->size - now->size);
    for (int64_t e = l->edges_to[at]; e < l->edges_to[at + 1]; e++) {
        int64_t first = 0, high = now->size, here = 0, most = l->expansions / l->count[e];
        while (first < high) {
            int64_t middle = (first + high) / 2;
            if (now->items[middle].node < l->source[e])
                first = middle + 1;
            else
                high = middle;
        }
        if (most < l->fewest)
            most = l->fewest;
        while (here < most && first + here < now->size && now->items[first + here].node == l->source[e])
            here++;
        if (!reserve_steps(s, size + here * l->count[e], steps, scores))
            return 0;
        for (int64_t i = first; i < first + here; i++)
            for (int64_t c = 0; c < l->count[e]; c++) {
                step one = {(int32_t)i, (int32_t)e, (int32_t)(l->begin[e] + c)};
                s->steps[size++] = one;
            }
    }
    score_steps(s, size);
    for (int64_t i = 0; i < size; i++) {
        float *best = &s->best_at[l->position[l->target[s->steps[i].edge]]];
        if (s->scores[i] > *best)
            *best = s->scores[i];
    }
    for (int64_t i = 0; i < size; i++) {
        const step *one = &s->steps[i];
        const state *from = &now->items[one->from];
        int32_t target = l->target[one->edge];
        if (!(s->scores[i] >= s->best_at[l->position[target]] - l->margin))
            continue;
        state next = *from;
        next.node = target;
        next.stack = s->grown[i].stack;
        next.parent = base + one->from;
        next.point = NOTHING;
        next.score = s->scores[i];
        next.certain = l->count[one->edge] == 1;
        if (!l->empty[one->edge]) {
            next.point = (int32_t)l->points[one->chosen];
            next.c3 = from->c2;
            next.c2 = from->c1;
            next.c1 = l->codes[one->chosen];
        }
        if (!push(&s->pending[l->level[target]], &next))
            return 0;
    }
    return 1;
}

/* Put the states of a wave into the trellis. */
static int record(search *s)
{
    trellis *out = s->out;
    int64_t size = out->size + s->now.size, capacity = s->trellis_capacity, same = capacity, again = capacity;
    if (!reserve((void **)&out->parents, &capacity, size, sizeof *out->parents) ||
        !reserve((void **)&out->points, &same, size, sizeof *out->points) ||
        !reserve((void **)&out->certain, &again, size, sizeof *out->certain))
        return 0;
    s->trellis_capacity = capacity;
    for (int64_t i = 0; i < s->now.size; i++) {
        const state *one = &s->now.items[i];
        out->parents[out->size + i] = one->parent;
        out->points[out->size + i] = one->point;
        out->certain[out->size + i] = one->certain;
        if (!s->l->is_last[one->node])
            continue;
        if (!reserve((void **)&out->endings, &s->ending_capacity, out->ending_count + 1, sizeof *out->endings))
            return 0;
        ending found = {out->size + i, one->node, one->stack, one->score, 0};
        out->endings[out->ending_count++] = found;
    }
    out->size = size;
    return 1;
}

/* --- Reading off ----------------------------------------------------------------------------------------------- */

/* A way to an end that is the end's own up to a state, and then that of a state left behind there: repair/trellis.py. */
typedef struct {
    double score;
    int64_t end;
    int64_t node;
    int64_t entry; /* NOTHING: the end's own to the last */
} way;

typedef struct {
    way found;
    int64_t order;
} ranked;

/* Whether a way is worth less than another, found sooner or later. */
static inline int is_less(const ranked *a, const ranked *b)
{
    return a->found.score != b->found.score ? a->found.score < b->found.score : a->order > b->order;
}

static int best_first(const void *first, const void *second)
{
    const ranked *a = first, *b = second;
    return is_less(a, b) - is_less(b, a);
}

/* Let the root of a heap, whose least is at its root, sink to its place. */
static void sink(ranked *heap, int64_t size)
{
    for (int64_t at = 0;;) {
        int64_t child = 2 * at + 1;
        if (child + 1 < size && is_less(&heap[child + 1], &heap[child]))
            child++;
        if (child >= size || !is_less(&heap[child], &heap[at]))
            return;
        ranked other = heap[at];
        heap[at] = heap[child];
        heap[child] = other;
        at = child;
    }
}

/* Keep a way among the ``most`` best: until there are as many, in any order; then as a heap. */
static void keep(ranked *heap, int64_t *size, int64_t most, const ranked *one)
{
    if (*size < most) {
        int64_t at = (*size)++;
        while (at > 0 && is_less(one, &heap[(at - 1) / 2])) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = *one;
    } else if (is_less(&heap[0], one)) {
        heap[0] = *one;
        sink(heap, *size);
    }
}

EXPORT int64_t mojibake_ways(const int32_t *parents, int64_t states, const left_behind *behind, int64_t behind_count,
                             const double *scores, const int64_t *numbers, int64_t ends, int64_t most, way *out);

/* The best ways to these ends, best first: how many, at most ``most``; -1 if there is no memory. */
int64_t mojibake_ways(const int32_t *parents, int64_t states, const left_behind *behind, int64_t behind_count,
                      const double *scores, const int64_t *numbers, int64_t ends, int64_t most, way *out)
{
    int64_t *first = malloc(((size_t)states + 1) * sizeof *first), size = 0, order = 0;
    ranked *heap = malloc(((size_t)most + 1) * sizeof *heap);
    int well = first && heap;
    for (int64_t i = 0; well && i < states; i++)
        first[i] = behind_count;
    for (int64_t i = behind_count; well && i-- > 0;)
        first[behind[i].leader] = i;
    for (int64_t e = 0; well && e < ends; e++) {
        ranked own = {{scores[e], e, numbers[e], NOTHING}, order++};
        keep(heap, &size, most, &own);
        for (int64_t node = numbers[e]; node >= 0; node = parents[node])
            for (int64_t i = first[node]; i < behind_count && behind[i].leader == node; i++) {
                ranked other = {{scores[e] - (double)behind[i].delta, e, node, i}, order++};
                keep(heap, &size, most, &other);
            }
    }
    if (well) {
        qsort(heap, (size_t)size, sizeof *heap, best_first);
        for (int64_t i = 0; i < size; i++)
            out[i] = heap[i].found;
    }
    free(first);
    free(heap);
    return well ? size : -1;
}

/* --- All of it ------------------------------------------------------------------------------------------------- */

EXPORT void mojibake_forget(trellis *out);
EXPORT int32_t mojibake_search(const model *m, const lattice *l, const int32_t *nodes, const uint16_t *histories,
                               const int32_t *stacks, int64_t places, trellis *out);

void mojibake_forget(trellis *out)
{
    free(out->parents);
    free(out->points);
    free(out->certain);
    free(out->behind);
    free(out->endings);
}

/* Search from the first node of each place, with the three characters and the open marks before it; 0, or -1 if there
 * is no memory.  The trellis is to be forgotten in any case. */
int32_t mojibake_search(const model *m, const lattice *l, const int32_t *nodes, const uint16_t *histories,
                        const int32_t *stacks, int64_t places, trellis *out)
{
    search s;
    int64_t steps = 0, scores = 0;
    memset(&s, 0, sizeof s);
    memset(out, 0, sizeof *out);
    s.m = m;
    s.l = l;
    s.out = out;
    s.pending = calloc((size_t)l->levels, sizeof *s.pending);
    s.best_at = malloc((size_t)l->positions * sizeof *s.best_at);
    int well = s.pending && s.best_at;
    for (int64_t i = 0; well && i < l->positions; i++)
        s.best_at[i] = -INFINITY;
    for (int64_t i = 0; well && i < places; i++) {
        const uint16_t *c = histories + 3 * i;
        state first = {nodes[i], stacks[i], NOTHING, NOTHING, 0.0f, c[0], c[1], c[2], 1};
        well = push(&s.pending[0], &first);
    }
    for (int64_t at = 0; well && at < l->levels; at++) {
        if (!s.pending[at].size)
            continue;
        s.now = s.pending[at];
        memset(&s.pending[at], 0, sizeof s.pending[at]);
        well = join(&s) && record(&s) && expand(&s, at, &steps, &scores);
        free(s.now.items);
        memset(&s.now, 0, sizeof s.now);
    }
    for (int64_t at = 0; s.pending && at < l->levels; at++)
        free(s.pending[at].items);
    free(s.pending);
    free(s.best_at);
    free(s.pasts);
    free(s.kept_pasts);
    free(s.order);
    free(s.winners);
    free(s.number);
    free(s.steps);
    free(s.scores);
    free(s.grown);
    return well ? 0 : -1;
}
