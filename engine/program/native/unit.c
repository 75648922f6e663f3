/* What the code of a program begins with. */

#include <fenv.h>
#include <math.h>
#include <stdint.h>

/* For a trial: whether the calls since then reported trouble. */
void expect_no_trouble(void) { feclearexcept(FE_ALL_EXCEPT); }
int has_trouble(void) { return fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW) != 0; }

typedef double V8 __attribute__((vector_size(64), aligned(8), may_alias));
#define S1(i) s[i]
#define S8(i) (*(V8 *)(s + (i) * 8))
#define AT(row) (*(V8 *)(v + (row) * n + k))

/* Runs of sums, for the interpreter of one sample: code[1] is the first slot to set, code[2] the count of terms of each
   sum, code[3] the count of sums, code[4] and code[5] the distances between the slots of neighbouring sums; then come the
   pairs of the first sum. Eight sums are computed at once, each in its own order. */
static inline V8 eight(const double *from, int64_t step) {
  if (step == 0) { const double x = *from; return (V8){x, x, x, x, x, x, x, x}; }
  if (step == 1) return *(const V8 *)from;
  return (V8){from[0], from[step], from[2 * step], from[3 * step],
             from[4 * step], from[5 * step], from[6 * step], from[7 * step]};
}

#define EIGHT_SUMS(DX, DY)                                                          \
  for (; done + 8 <= count; done += 8) {                                            \
    const double *x = s + done * (DX), *y = s + done * (DY);                        \
    V8 sum = eight(x + pairs[0], DX) * eight(y + pairs[1], DY);                      \
    for (const int32_t *p = pairs + 2; p < last; p += 2) sum += eight(x + p[0], DX) * eight(y + p[1], DY); \
    *(V8 *)(out + done) = sum;                                                       \
  }

static const int32_t *run(double *s, const int32_t *code) {
  const int32_t *pairs = code + 6, *last = pairs + 2 * code[2];
  const int64_t count = code[3], dx = code[4], dy = code[5];
  double *out = s + code[1];
  int64_t done = 0;
  if (dx == 1 && dy == 0) { EIGHT_SUMS(1, 0) }
  else if (dx == 0 && dy == 1) { EIGHT_SUMS(0, 1) }
  else if (dx == 1 && dy == 1) { EIGHT_SUMS(1, 1) }
  else { EIGHT_SUMS(dx, dy) }
  for (; done < count; done++) {
    const double *x = s + done * dx, *y = s + done * dy;
    double sum = x[pairs[0]] * y[pairs[1]];
    for (const int32_t *p = pairs + 2; p < last; p += 2) sum += x[p[0]] * y[p[1]];
    out[done] = sum;
  }
  return last;
}
