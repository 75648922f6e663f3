/* The runtime of native programs, the same for straight-line code and for lists of instructions.

   A unit describes a program. Its frame holds a number for each slot or, if the program runs for many rows at once, one
   for each of LANES lanes. Everything is computed in the same order as in Python, so that rounding does not differ. */

#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BEFORE, EACH, AFTER };

typedef struct {
  void (*run)(double *s, const int *code, const int *end, int phase);
  const int *code[3], *end[3]; /* instructions of each phase; unused by straight-line code */
  const int *sums;             /* slots that add up over the rows */
  const int *roots;            /* slots of the roots */
  int count_of_sums, count_of_roots;
  int lanes, samples;
  int parameters, count_of_parameters;
  int inputs, count_of_inputs;
  int seed, loss;
  int gradients, count_of_gradients;
} Unit;

static void spread(double *s, int slot, int lanes, double number) {
  for (int k = 0; k < lanes; k++) s[(int64_t)slot * lanes + k] = number;
}

static double total(const double *s, int slot, int lanes) {
  double sum = 0.0;
  for (int k = 0; k < lanes; k++) sum += s[(int64_t)slot * lanes + k];
  return sum;
}

static void run_phase(const Unit *unit, double *s, int phase) {
  unit->run(s, unit->code[phase], unit->end[phase], phase);
}

/* Load the inputs of some rows into the lanes; lanes after the last row repeat it. */
static void load(const Unit *unit, double *s, const double *rows, int64_t first, int64_t count, int64_t row, int64_t column) {
  const int lanes = unit->lanes;
  for (int i = 0; i < unit->count_of_inputs; i++) {
    double *slot = s + (int64_t)(unit->inputs + i) * lanes;
    const double *from = rows + i * column;
    if (row == 1 && lanes == LANES && first + LANES <= count) memcpy(slot, from + first, LANES * sizeof *slot);
    else for (int k = 0; k < lanes; k++) slot[k] = from[(first + k < count ? first + k : count - 1) * row];
  }
}

/* Compute the sums of loss and gradients over rows, times a weight. */
static double backpropagate(const Unit *unit, double *s, const double *parameters, const double *rows, int64_t count,
                            double weight, double *gradients) {
  const int lanes = unit->lanes;
  for (int i = 0; i < unit->count_of_parameters; i++) spread(s, unit->parameters + i, lanes, parameters[i]);
  if (!unit->samples) {
    load(unit, s, rows, 0, 1, 0, 1);
    spread(s, unit->seed, lanes, 1.0);
    run_phase(unit, s, BEFORE);
  } else {
    for (int i = 0; i < unit->count_of_sums; i++) spread(s, unit->sums[i], lanes, 0.0);
    run_phase(unit, s, BEFORE);
    for (int64_t first = 0; first < count; first += lanes) {
      load(unit, s, rows, first, count, unit->count_of_inputs, 1);
      for (int k = 0; k < lanes; k++) s[(int64_t)unit->seed * lanes + k] = first + k < count ? weight : 0.0;
      run_phase(unit, s, EACH);
    }
    for (int i = 0; i < unit->count_of_sums; i++) spread(s, unit->sums[i], lanes, total(s, unit->sums[i], lanes));
    run_phase(unit, s, AFTER);
  }
  for (int i = 0; i < unit->count_of_gradients; i++)
    gradients[i] = 0.0 + s[(int64_t)(unit->gradients + i) * lanes]; /* as in backward(), a gradient is never -0.0 */
  return s[(int64_t)unit->loss * lanes];
}

/* Update the columns of parameters, gradients and own states; what the columns share is in the unit's parameters. */
static void update(const Unit *unit, double *s, double *common, int count_of_common, double *columns, int64_t count) {
  const int lanes = unit->lanes;
  for (int i = 0; i < unit->count_of_parameters; i++) spread(s, unit->parameters + i, lanes, common[i]);
  run_phase(unit, s, BEFORE);
  for (int64_t first = 0; first < count; first += lanes) {
    load(unit, s, columns, first, count, 1, count);
    run_phase(unit, s, EACH);
    for (int i = count_of_common; i < unit->count_of_roots; i++) {
      const double *slot = s + (int64_t)unit->roots[i] * lanes;
      const int column = i == count_of_common ? 0 : i - count_of_common + 1; /* 1 holds the gradients */
      double *to = columns + column * count + first;
      if (lanes == LANES && first + LANES <= count) memcpy(to, slot, LANES * sizeof *to);
      else memcpy(to, slot, (first + lanes <= count ? lanes : count - first) * sizeof *to);
    }
  }
  for (int i = 0; i < count_of_common; i++) common[i + 1] = s[(int64_t)unit->roots[i] * lanes]; /* 0 is the rate */
}

static const int TROUBLE = FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW;

/* Compute loss and gradients; return whether an operation may have left its domain. */
int evaluate(const Unit *unit, double *s, const double *parameters, const double *rows, int64_t count, double weight,
             double *loss, double *gradients) {
  feclearexcept(FE_ALL_EXCEPT);
  *loss = backpropagate(unit, s, parameters, rows, count, weight, gradients);
  return fetestexcept(TROUBLE) != 0;
}

/* Compute the roots for many rows, row after row; return whether an operation may have left its domain. */
int outputs(const Unit *unit, double *s, const double *parameters, const double *rows, int64_t count, double *out) {
  const int lanes = unit->lanes;
  feclearexcept(FE_ALL_EXCEPT);
  for (int i = 0; i < unit->count_of_parameters; i++) spread(s, unit->parameters + i, lanes, parameters[i]);
  run_phase(unit, s, BEFORE);
  for (int64_t first = 0; first < count; first += lanes) {
    load(unit, s, rows, first, count, unit->count_of_inputs, 1);
    run_phase(unit, s, EACH);
    for (int64_t k = 0; k < lanes && first + k < count; k++)
      for (int i = 0; i < unit->count_of_roots; i++)
        *out++ = s[(int64_t)unit->roots[i] * lanes + k];
  }
  return fetestexcept(TROUBLE) != 0;
}

/* Take training steps: step i computes the gradients over the rows from starts[i] on, and updates. The columns are
   parameters, gradients, and the own states of each parameter. Return the count of complete steps, fewer than asked for
   where the program or the update may have left its domain; that step is undone. */
int64_t train(const Unit *unit, double *s, const Unit *rule, double *u, double *common, int count_of_common,
           double *columns, int64_t count, const double *rows, const int64_t *starts, const int64_t *counts, int mean,
           const double *rates, double *kept, double *losses, int64_t steps) {
  int64_t done = 0;
  const int64_t size = count * rule->count_of_inputs; /* of the columns: numbers, gradients and own states */
  const int64_t width = unit->count_of_inputs;
  for (; done < steps; done++) {
    const double weight = mean ? 1.0 / counts[done] : 1.0;
    feclearexcept(FE_ALL_EXCEPT);
    losses[done] = backpropagate(unit, s, columns, rows + starts[done] * width, counts[done], weight, columns + count);
    if (fetestexcept(TROUBLE)) break;
    common[0] = rates[done];
    memcpy(kept, common, (1 + count_of_common) * sizeof *kept);
    memcpy(kept + 1 + count_of_common, columns, size * sizeof *kept);
    update(rule, u, common, count_of_common, columns, count);
    if (fetestexcept(TROUBLE)) {
      memcpy(common, kept, (1 + count_of_common) * sizeof *kept);
      memcpy(columns, kept + 1 + count_of_common, size * sizeof *kept);
      break;
    }
  }
  return done;
}

/* Blocks of sums, for the interpreter with one lane: code[1] is the first slot to set, code[2] the count of terms of each
   sum, code[3] the count of sums, code[4] and code[5] the distances between the slots of neighbouring sums; then come the
   pairs of the first sum. Eight sums are computed at once, each in its own order. */
typedef double W __attribute__((vector_size(64), aligned(8), may_alias));

static inline W eight(const double *from, int64_t step) {
  if (step == 0) { const double x = *from; return (W){x, x, x, x, x, x, x, x}; }
  if (step == 1) return *(const W *)from;
  return (W){from[0], from[step], from[2 * step], from[3 * step],
             from[4 * step], from[5 * step], from[6 * step], from[7 * step]};
}

#define EIGHT_SUMS(DX, DY)                                                          \
  for (; done + 8 <= count; done += 8) {                                            \
    const double *x = s + done * (DX), *y = s + done * (DY);                        \
    W sum = eight(x + pairs[0], DX) * eight(y + pairs[1], DY);                      \
    for (const int *p = pairs + 2; p < last; p += 2) sum += eight(x + p[0], DX) * eight(y + p[1], DY); \
    *(W *)(out + done) = sum;                                                       \
  }

static const int *block(double *s, const int *code) {
  const int *pairs = code + 6, *last = pairs + 2 * code[2];
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
    for (const int *p = pairs + 2; p < last; p += 2) sum += x[p[0]] * y[p[1]];
    out[done] = sum;
  }
  return last;
}
