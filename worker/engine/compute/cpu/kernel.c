/* Attention on a CPU: each row of a step stores its key and value, then attends to those of its request up to itself.
 *
 * kernel.py builds it for one shape of heads, KEY_WIDTH and VALUE_WIDTH, and with BFLOAT16 where numbers are not float.
 * A vector has LANES numbers; the sums of a value are made SLICE numbers at a time, which fit into the registers.
 * Keys and values are read as they are stored, sums are float32. What a row sees does not depend on others.
 */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TOGETHER 4     /* queries that share each key and value that is read */
#define AHEAD 32       /* tokens: memory is asked for so long before it is needed */
#define LINE 64        /* bytes that come at once */
#define WORTH 400000   /* numbers to read from which on a second thread gains more than it costs to wake it */
#define PAIR (2 * LANES)
#define INLINE static inline __attribute__((always_inline))

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef float vector8 __attribute__((vector_size(32)));
typedef float vector4 __attribute__((vector_size(16)));
typedef int32_t order4 __attribute__((vector_size(16)));

typedef struct { /* 2 * LANES numbers in a row, in whichever order is cheap */
    vector left, right;
} Pair;

#ifdef BFLOAT16
typedef uint16_t number;
typedef uint32_t bits __attribute__((vector_size(4 * LANES), aligned(2), may_alias));

INLINE Pair widen(const number *from) { /* those at even places to the left */
    bits both = *(const bits *)from;
    return (Pair){(vector)(both << 16), (vector)(both & 0xffff0000)};
}

INLINE bits round_off(vector wide) { /* to the nearest, ties to even */
    bits exact = (bits)wide, nothing = (bits)(wide != wide);
    return ((exact + 0x7fff + (exact >> 16 & 1)) & ~nothing) | (nothing & 0x7fc00000);
}

INLINE void narrow(number *to, Pair wide) {
    *(bits *)to = round_off(wide.left) >> 16 | (round_off(wide.right) & 0xffff0000);
}
#else
typedef float number;

INLINE Pair widen(const number *from) { return (Pair){*(const vector *)from, *(const vector *)(from + LANES)}; }
INLINE void narrow(number *to, Pair wide) {
    *(vector *)to = wide.left;
    *(vector *)(to + LANES) = wide.right;
}
#endif

typedef struct { /* a tensor (rows, heads, width): its first number, and the steps to the next row and the next head */
    number *first;
    int64_t row, head;
} Rows;

typedef struct {
    Rows query, key, value, out;
    number *keys, *values;                      /* the arena */
    const int64_t *starts, *sizes, *positions;  /* each row's extent, and its own position in it, in tokens */
    int64_t rows, heads, kv_heads;
    int64_t window;                             /* the tokens that a row sees; 0: all */
    float scale;
} Step;

typedef struct { /* one head of one row, which sees the tokens from `first` up to, without, `end` */
    const number *query;
    number *out;
    int64_t first, end;
} Query;

/* The exponential of numbers up to 0: Cephes' expf, in a form that compilers vectorize. */
INLINE float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    float whole = rintf(x * 1.44269504f);
    float rest = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    float sum = 1.9875691500e-4f;
    sum = sum * rest + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * rest * rest + rest + 1.0f;
    uint32_t bits = (uint32_t)((int32_t)whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

INLINE vector4 fold(vector of) {
    union {
        vector all;
        vector8 halves[2];
        vector4 quarters[4];
    } in = {of};
#if LANES == 16
    in.halves[0] += in.halves[1];
#endif
#if LANES >= 8
    in.quarters[0] += in.quarters[1];
#endif
    return in.quarters[0];
}

INLINE vector4 add_pairs(vector4 left, vector4 right) {
    return __builtin_shuffle(left, right, (order4){0, 2, 4, 6}) + __builtin_shuffle(left, right, (order4){1, 3, 5, 7});
}

/* The sum of each of 1 or 4 vectors. */
INLINE vector4 add_up(const vector *of, const int count) {
    vector4 first = fold(of[0]);
    if (count == 1) return add_pairs(add_pairs(first, first), first);
    return add_pairs(add_pairs(first, fold(of[1])), add_pairs(fold(of[2]), fold(of[3])));
}

INLINE void fetch(const number *row, int width) {
    for (int at = 0; at < width; at += LINE / sizeof(number)) __builtin_prefetch(row + at);
}

/* Turn scores into weights, 0 for tokens that a query does not see; returns their sum. */
INLINE float softmax(float *scores, int64_t from, int64_t to, int64_t length) {
    float highest = -INFINITY, total = 0;
    #pragma omp simd reduction(max : highest)
    for (int64_t token = from; token < to; token++) highest = scores[token] > highest ? scores[token] : highest;
    #pragma omp simd reduction(+ : total)
    for (int64_t token = from; token < to; token++) total += scores[token] = exponential(scores[token] - highest);
    for (int64_t token = 0; token < from; token++) scores[token] = 0;
    for (int64_t token = to; token < length; token++) scores[token] = 0;
    return total;
}

/* `count` is a constant wherever this is called, so that the inner loops vanish into registers. */
INLINE void attend_queries(const Query *queries, const int count, const number *keys, const number *values,
                           float scale, float *room) {
    int64_t first = queries[0].first, length = queries[count - 1].end - first;
    float *weights[TOGETHER], totals[TOGETHER];
    Pair scaled[TOGETHER][KEY_WIDTH / PAIR];
    for (int one = 0; one < count; one++) {
        weights[one] = room + one * length;
        for (int at = 0; at < KEY_WIDTH; at += PAIR) {
            Pair wide = widen(queries[one].query + at);
            scaled[one][at / PAIR] = (Pair){wide.left * scale, wide.right * scale};
        }
    }
    for (int64_t token = 0; token < length; token++) {
        const number *key = keys + (first + token) * KEY_WIDTH;
        vector products[TOGETHER] = {0};
        if (token + AHEAD < length) fetch(key + AHEAD * KEY_WIDTH, KEY_WIDTH);
        else fetch(values + (first + token + AHEAD - length) * VALUE_WIDTH, VALUE_WIDTH);
        #pragma GCC unroll 32
        for (int at = 0; at < KEY_WIDTH; at += PAIR) {
            Pair wide = widen(key + at);
            #pragma GCC unroll 4
            for (int one = 0; one < count; one++) {
                products[one] += scaled[one][at / PAIR].left * wide.left;
                products[one] += scaled[one][at / PAIR].right * wide.right;
            }
        }
        vector4 scores = add_up(products, count);
        #pragma GCC unroll 4
        for (int one = 0; one < count; one++) weights[one][token] = scores[one];
    }
    for (int one = 0; one < count; one++)
        totals[one] = softmax(weights[one], queries[one].first - first, queries[one].end - first, length);
    for (int slice = 0; slice < VALUE_WIDTH; slice += SLICE) {
        Pair sums[TOGETHER][SLICE / PAIR] = {0};
        for (int64_t token = 0; token < length; token++) {
            const number *value = values + (first + token) * VALUE_WIDTH + slice;
            if (token + AHEAD < length) fetch(value + AHEAD * VALUE_WIDTH, SLICE);
            #pragma GCC unroll 32
            for (int at = 0; at < SLICE; at += PAIR) {
                Pair wide = widen(value + at);
                #pragma GCC unroll 4
                for (int one = 0; one < count; one++) {
                    sums[one][at / PAIR].left += weights[one][token] * wide.left;
                    sums[one][at / PAIR].right += weights[one][token] * wide.right;
                }
            }
        }
        #pragma GCC unroll 32
        for (int at = 0; at < SLICE; at += PAIR) {
            #pragma GCC unroll 4
            for (int one = 0; one < count; one++) {
                Pair sum = sums[one][at / PAIR];
                narrow(queries[one].out + slice + at, (Pair){sum.left / totals[one], sum.right / totals[one]});
            }
        }
    }
}

INLINE number *find(const Rows *rows, int64_t row, int64_t head) {
    return rows->first + row * rows->row + head * rows->head;
}

INLINE int64_t cache_row(const Step *step, int64_t row, int64_t head) {
    return step->starts[row] * step->kv_heads + head * step->sizes[row];
}

static void store(const Step *step, int64_t row) {
    for (int64_t head = 0; head < step->kv_heads; head++) {
        int64_t at = cache_row(step, row, head) + step->positions[row];
        memcpy(step->keys + at * KEY_WIDTH, find(&step->key, row, head), KEY_WIDTH * sizeof(number));
        memcpy(step->values + at * VALUE_WIDTH, find(&step->value, row, head), VALUE_WIDTH * sizeof(number));
    }
}

/* Rows of one request that follow each other, and the heads that share one key head. */
static void attend_block(const Step *step, int64_t row, int64_t rows, int64_t kv_head, float *room) {
    int64_t group = step->heads / step->kv_heads, count = 0, done = 0, at = cache_row(step, row, kv_head);
    const number *keys = step->keys + at * KEY_WIDTH, *values = step->values + at * VALUE_WIDTH;
    Query queries[rows * group];
    for (int64_t end = row + rows; row < end; row++) {
        int64_t seen = step->positions[row] + 1, first = step->window && seen > step->window ? seen - step->window : 0;
        for (int64_t head = kv_head * group; head < (kv_head + 1) * group; head++)
            queries[count++] = (Query){find(&step->query, row, head), find(&step->out, row, head), first, seen};
    }
    for (; done + TOGETHER <= count; done += TOGETHER)
        attend_queries(queries + done, TOGETHER, keys, values, step->scale, room);
    for (; done < count; done++) attend_queries(queries + done, 1, keys, values, step->scale, room);
}

/* 0, or -1 when there is no memory. */
int attend(const Step *step, int threads) {
    int64_t blocks = 0, seen = 0, longest = 0, firsts[step->rows + 1];
    for (int64_t row = 0; row < step->rows; row++) {
        int64_t length = step->positions[row] + 1;
        seen += length * step->heads;
        longest = length > longest ? length : longest;
        if (!row || step->starts[row] != step->starts[row - 1] || row - firsts[blocks - 1] == TOGETHER)
            firsts[blocks++] = row;
    }
    firsts[blocks] = step->rows;
    for (int64_t row = 0; row < step->rows; row++) store(step, row); /* sooner done than threads have met for it */
    if (seen * KEY_WIDTH < WORTH) threads = 1;
    float *room = malloc(threads * TOGETHER * longest * sizeof(float));
    if (!room) return -1;
    #pragma omp parallel for schedule(dynamic, 4) num_threads(threads) if (threads > 1)
    for (int64_t task = 0; task < blocks * step->kv_heads; task++) {
        int64_t block = task % blocks;
        attend_block(step, firsts[block], firsts[block + 1] - firsts[block], task / blocks,
                     room + omp_get_thread_num() * TOGETHER * longest);
    }
    free(room);
    return 0;
}
