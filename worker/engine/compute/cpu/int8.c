/* Products with int8 weights on a CPU: each row of a step is turned into 16-bit integers with a scale of its own, and
 * multiplied by the weights as they are stored, (outputs, inputs). Sums of integers have no order: what a row gets does
 * not depend on how many others are read.
 *
 * A weight is read once for TOGETHER rows. 14 bits of a row's largest number are kept, which is finer than bfloat16, and
 * few enough for sums of up to 32,768 products in each of 16 lanes. int8.py checks that `inputs` is a multiple of STEP.
 */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#define TOGETHER 4        /* rows, and outputs, of a tile: 16 sums, which fit into the registers */
#define STEP 32           /* inputs of a turn */
#define BLOCK 32          /* outputs that one thread takes at a time */
#define AHEAD 4           /* rows of weights: memory is asked for so long before it is needed */
#define LARGEST 8191.0f
#define WORTH 100000      /* weights from which on a second thread gains more than it costs to wake it */
#define INLINE static inline __attribute__((always_inline))

#ifdef BFLOAT16
typedef uint16_t number;

INLINE float widen(number from) {
    uint32_t bits = (uint32_t)from << 16;
    float wide;
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

INLINE number narrow(float wide) { /* to the nearest, ties to even */
    uint32_t bits;
    memcpy(&bits, &wide, sizeof bits);
    return wide != wide ? 0x7fc0 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}
#else
typedef float number;

INLINE float widen(number from) { return from; }
INLINE number narrow(float wide) { return wide; }
#endif

#if defined __AVX512BW__ && defined __AVX512VNNI__
typedef __m512i Sums;
INLINE Sums add_products(Sums sums, const int8_t *weights, const int16_t *row) {
    __m512i wide = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)weights));
    return _mm512_dpwssd_epi32(sums, wide, _mm512_loadu_si512(row));
}
INLINE float add_up(Sums sums) { return _mm512_reduce_add_ps(_mm512_cvtepi32_ps(sums)); }
#elif defined __AVX2__
typedef struct { __m256i left, right; } Sums;
INLINE __m256i add_half(__m256i sums, const int8_t *weights, const int16_t *row) {
    __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)weights));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(wide, _mm256_loadu_si256((const __m256i *)row)));
}
INLINE Sums add_products(Sums sums, const int8_t *weights, const int16_t *row) {
    return (Sums){add_half(sums.left, weights, row), add_half(sums.right, weights + 16, row + 16)};
}
INLINE float add_up(Sums sums) {
    float lanes[8], total = 0;
    _mm256_storeu_ps(lanes, _mm256_add_ps(_mm256_cvtepi32_ps(sums.left), _mm256_cvtepi32_ps(sums.right)));
    for (int lane = 0; lane < 8; lane++) total += lanes[lane];
    return total;
}
#else
typedef struct { int32_t lanes[16]; } Sums;
INLINE Sums add_products(Sums sums, const int8_t *weights, const int16_t *row) {
    for (int at = 0; at < STEP; at++) sums.lanes[at % 16] += (int32_t)weights[at] * row[at];
    return sums;
}
INLINE float add_up(Sums sums) {
    float total = 0;
    for (int lane = 0; lane < 16; lane++) total += (float)sums.lanes[lane];
    return total;
}
#endif

typedef struct { /* a layer: weights (outputs, inputs), each output's scale, and its bias or NULL */
    const int8_t *weights;
    const float *scales;
    const number *bias;
    int64_t outputs, inputs;
} Layer;

INLINE void quantize(const number *row, int64_t inputs, int16_t *to, float *scale) {
    float highest = 0;
    int nan = 0;
    #pragma omp simd reduction(max : highest) reduction(| : nan)
    for (int64_t at = 0; at < inputs; at++) {
        float size = fabsf(widen(row[at]));
        highest = size > highest ? size : highest;
        nan |= size != size;
    }
    float times = highest > 0 ? LARGEST / highest : 0;
    #pragma omp simd
    for (int64_t at = 0; at < inputs; at++) to[at] = (int16_t)(int32_t)rintf(widen(row[at]) * times);
    *scale = nan ? NAN : highest / LARGEST;
}

/* `outputs` and `rows` are constants wherever this is called, so that the inner loops vanish into registers. */
INLINE void multiply_tile(const int8_t *weights, const int16_t *given, int64_t inputs, const int outputs, const int rows,
                          float *results) {
    Sums sums[TOGETHER][TOGETHER] = {0};
    for (int64_t at = 0; at < inputs; at += STEP) {
        #pragma GCC unroll 4
        for (int output = 0; output < outputs; output++) {
            const int8_t *from = weights + output * inputs + at;
            __builtin_prefetch(from + AHEAD * inputs);
            #pragma GCC unroll 4
            for (int row = 0; row < rows; row++)
                sums[output][row] = add_products(sums[output][row], from, given + row * inputs + at);
        }
    }
    #pragma GCC unroll 4
    for (int output = 0; output < outputs; output++)
        #pragma GCC unroll 4
        for (int row = 0; row < rows; row++) results[row * BLOCK + output] = add_up(sums[output][row]);
}

INLINE void multiply_outputs(const Layer *layer, int64_t first, int64_t count, const int16_t *given, const float *scales,
                             const int rows, number *out) {
    float results[TOGETHER * BLOCK];
    int64_t at = 0;
    for (; at + TOGETHER <= count; at += TOGETHER)
        multiply_tile(layer->weights + (first + at) * layer->inputs, given, layer->inputs, TOGETHER, rows,
                      results + at);
    for (; at < count; at++)
        multiply_tile(layer->weights + (first + at) * layer->inputs, given, layer->inputs, 1, rows,
                      results + at);
    for (int row = 0; row < rows; row++)
        for (at = 0; at < count; at++) {
            float bias = layer->bias ? widen(layer->bias[first + at]) : 0;
            out[row * layer->outputs + first + at] =
                narrow(results[row * BLOCK + at] * (scales[row] * layer->scales[first + at]) + bias);
        }
}

/* rows: (count, inputs). out: (count, outputs). Returns 0, or -1 when there is no memory. */
int multiply(const Layer *layer, const number *rows, number *out, int64_t count, int threads) {
    int64_t inputs = layer->inputs, outputs = layer->outputs, blocks = (outputs + BLOCK - 1) / BLOCK;
    int16_t *given = malloc(count * inputs * sizeof(int16_t) + count * sizeof(float) + sizeof(float));
    if (!given) return -1;
    float *scales = (float *)(given + count * inputs);
    if (inputs * outputs * count < WORTH) threads = 1;
    #pragma omp parallel num_threads(threads) if (threads > 1)
    {
        #pragma omp for
        for (int64_t row = 0; row < count; row++) quantize(rows + row * inputs, inputs, given + row * inputs, scales + row);
        #pragma omp for
        for (int64_t block = 0; block < blocks; block++) {
            int64_t first = block * BLOCK, width = outputs - first < BLOCK ? outputs - first : BLOCK, row = 0;
            for (; row + TOGETHER <= count; row += TOGETHER)
                multiply_outputs(layer, first, width, given + row * inputs, scales + row, TOGETHER, out + row * outputs);
            for (; row < count; row++)
                multiply_outputs(layer, first, width, given + row * inputs, scales + row, 1, out + row * outputs);
        }
    }
    free(given);
    return 0;
}
