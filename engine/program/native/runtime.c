/* The runtime of native programs: what is computed for one sample, and the steps of a training.

   Everything is computed in the same order as in Python, so that rounding does not differ. */

#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const int TROUBLE = FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW;

/* Compute the sums of loss and gradients over the rows of an order, times a share. */
typedef double (*Backpropagate)(const void *program, const double *parameters, const double *rows, const int64_t *order,
                                int64_t count, double share, double *gradients);

/* Compute loss and gradients; return whether an operation may have left its domain. */
int evaluate(Backpropagate backpropagate, const void *program, const double *parameters, const double *rows,
             const int64_t *order, int64_t count, double share, double *loss, double *gradients) {
  feclearexcept(FE_ALL_EXCEPT);
  *loss = backpropagate(program, parameters, rows, order, count, share, gradients);
  return fetestexcept(TROUBLE) != 0;
}

/* Take training steps: step i computes the gradients over the rows of the order from starts[i] on, and updates. The
   columns are parameters, gradients, and the own states of each parameter; what they share is in `common`, behind the
   rate. Return the count of complete steps, fewer than asked for where an operation may have left its domain; *changed
   then says whether the update of the last one was begun. */
int64_t train(Backpropagate backpropagate, const void *program,
              void (*update)(double *common, double *columns, int64_t count, int64_t from, int64_t to), double *common,
              double *columns, int64_t count, const double *rows, const int64_t *order, const int64_t *starts,
              const int64_t *counts, const double *rates, double *losses, int64_t steps, int *changed) {
  *changed = 0;
  for (int64_t done = 0; done < steps; done++) {
    feclearexcept(FE_ALL_EXCEPT);
    losses[done] = 0.0 + backpropagate(program, columns, rows, order + starts[done], counts[done], 1.0 / counts[done], columns + count);
    if (fetestexcept(TROUBLE)) return done;
    common[0] = rates[done];
    update(common, columns, count, 0, count);
    if (fetestexcept(TROUBLE)) {
      *changed = 1;
      return done;
    }
  }
  return steps;
}

/* --- one sample --------------------------------------------------------------------------------------------------- */

typedef struct {
  void (*run)(double *s, const int32_t *code, const int32_t *end, int phase);
  const int32_t *code, *end; /* instructions; unused by straight-line code */
  double *s;                 /* the number of each slot */
  int64_t parameters, inputs, gradients, loss;
  int64_t count_of_parameters, count_of_inputs, count_of_gradients;
} Single;

double backpropagate_single(const void *program, const double *parameters, const double *rows, const int64_t *order,
                            int64_t count, double share, double *gradients) {
  const Single *m = program;
  double loss = 0.0;
  memset(gradients, 0, m->count_of_gradients * sizeof *gradients);
  memcpy(m->s + m->parameters, parameters, m->count_of_parameters * sizeof *parameters);
  for (int64_t i = 0; i < count; i++) {
    memcpy(m->s + m->inputs, rows + order[i] * m->count_of_inputs, m->count_of_inputs * sizeof *rows);
    m->run(m->s, m->code, m->end, 0);
    loss = i ? loss + m->s[m->loss] : m->s[m->loss];
    for (int64_t j = 0; j < m->count_of_gradients; j++) gradients[j] += m->s[m->gradients + j];
  }
  if (count > 1) for (int64_t j = 0; j < m->count_of_gradients; j++) gradients[j] *= share;
  return loss * share;
}

/* --- a large graph as a tape; see tape.py ---------------------------------------------------------------------------- */

typedef struct {
  void (*run)(int64_t first, int64_t last, int64_t root, const uint8_t *operation, const int32_t *x, double *v, double *g);
  int64_t leaves, nodes, root, count_of_parameters, count_of_inputs, count_of_gradients;
  const uint8_t *operation; /* of each node behind the leaves */
  const int32_t *operands, *parameters, *inputs, *gradients; /* places; negative: it is not in the graph */
  double *v, *g;            /* the number and the gradient of each node */
} Tape;

double backpropagate_tape(const void *program, const double *parameters, const double *rows, const int64_t *order,
                          int64_t count, double share, double *gradients) {
  const Tape *m = program;
  double loss = 0.0;
  memset(gradients, 0, m->count_of_gradients * sizeof *gradients);
  for (int64_t i = 0; i < m->count_of_parameters; i++)
    if (m->parameters[i] >= 0) m->v[m->parameters[i]] = parameters[i];
  for (int64_t i = 0; i < count; i++) {
    const double *row = rows + order[i] * m->count_of_inputs;
    for (int64_t j = 0; j < m->count_of_inputs; j++)
      if (m->inputs[j] >= 0) m->v[m->inputs[j]] = row[j];
    memset(m->g, 0, m->nodes * sizeof *m->g);
    m->run(m->leaves, m->nodes, m->root, m->operation, m->operands, m->v, m->g);
    loss = i ? loss + m->v[m->root] : m->v[m->root];
    for (int64_t j = 0; j < m->count_of_gradients; j++)
      if (m->gradients[j] >= 0) gradients[j] += m->g[m->gradients[j]];
  }
  if (count > 1) for (int64_t j = 0; j < m->count_of_gradients; j++) gradients[j] *= share;
  return loss * share;
}
