/* Programs for many samples: the runtime of what `samples.py` lays out.

   Numbers that vary from sample to sample stand in rows of the frame v: a row for a slot, and in it a number for each of
   n samples, which are computed side by side. A batch is computed in parts of n samples. Fixed numbers, which are the
   parameters p and what depends on them alone, f, are the same for all samples. Everything is added up in the order of
   eager mode, each sum from its first term to its last and each gradient from the first sample to the last; so the
   numbers are those of eager mode bit by bit. */

#include <stdatomic.h>
#ifdef _WIN32
#define YIELD()
#else
#include <pthread.h>
#include <sched.h>
#define YIELD sched_yield
#endif

#if defined(__AVX512F__)
#define BYTES 64
#define WIDE 4
#elif defined(__AVX__)
#define BYTES 32
#define WIDE 2
#else
#define BYTES 16
#define WIDE 4 /* columns are packed eight at a time */
#endif
enum { L = BYTES / sizeof(double), HIGH = 6, AT_ONCE = 128, MOST_THREADS = 8 };
typedef double V __attribute__((vector_size(BYTES), aligned(8), may_alias));

/* A matrix times the rows x, for the samples at `from` and after; `first` means that the results are set and not added to. */
typedef struct {
  int32_t rows, terms;
  const int64_t *out, *x;  /* offsets of rows in v */
  const int32_t *start;    /* slots of the numbers that the sums begin with; null: they begin with a product */
  const int32_t *slots;    /* slots of all weights, to be packed; null: they stand at equal distances */
  int64_t weights, row, term; /* slot of the first weight, and distances from row to row and from term to term */
  double *packed, *starts; /* room for all weights, if need be, and for what the sums begin with */
} Matrix;

/* Gradients that grow by the products of rows d and columns x, added up over the places. */
typedef struct {
  int32_t rows, columns, places;
  const int64_t *d, *x;    /* offsets in v: of a row's places, of a column's places */
  const int32_t *out;      /* gradients, row after row; null: they stand at equal distances from row to row */
  int64_t first, row;      /* the first gradient, and the distance from row to row */
} Outer;

/* A gradient that grows by products of two rows of v. */
typedef struct { int64_t out; int32_t pairs; const int64_t *factors; } Share;

typedef struct { int32_t kind, index; const int32_t *code, *end; } Phase;
enum { SEGMENT, MATRIX };

typedef struct {
  void (*before)(double *f, const int32_t *code, const int32_t *end, int phase);
  void (*segment)(double *v, int64_t n, int64_t from, int64_t to, int index, const int32_t *code, const int32_t *end);
  const int32_t *code, *end;   /* what is computed before the samples */
  const Phase *phases;
  const Matrix *matrices;
  const Outer *outers;
  const Share *shares;
  const int64_t *inputs;       /* offset of each input's row in v; -1: it is not used */
  const int64_t *spread;       /* fixed slots and the offsets of the rows that hold them for each sample */
  const int64_t *roots;        /* offsets of the rows of the roots */
  int64_t count_of_phases, count_of_matrices, count_of_outers, count_of_shares, count_of_inputs, count_of_spread,
      count_of_roots, parameters, gradients, n;
  int64_t given;               /* whether what is computed before the samples reads parameters in f */
  int64_t side_by_side;        /* how many of the first inputs have rows side by side */
  int64_t forward;             /* how many phases compute the roots */
  int64_t size_of_room;        /* for 32 columns of an outer product, for each thread */
  double *f, *v, *room;        /* the fixed numbers, the frame of those that vary, and that room */
} Program;

static inline double fixed(const Program *m, const double *f, const double *p, int64_t slot) {
  return slot < m->parameters ? p[slot] : f[slot];
}

/* --- matrices ---------------------------------------------------------------------------------------------------- */

#define UNROLL _Pragma("GCC unroll 16")
enum { GO_ON, FROM_START, FROM_PRODUCT }; /* what sums begin with: what they have, a number each, or their first product */
#define TILE(M, N)                                                                                                    \
  static void tile_##M##_##N(int64_t terms, const double *w, int64_t row, int64_t term, const double *v,              \
                             const int64_t *x, const int64_t *out, double *to, int from_what, const double *start) {  \
    V a[M][N];                                                                                                        \
    if (from_what == FROM_START) {                                                                                    \
      UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) a[i][j] = start[i] - (V){0};              \
    } else if (from_what == FROM_PRODUCT) {                                                                           \
      UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++)                                           \
        a[i][j] = w[i * row] * *(const V *)(v + x[0] + j * L);                                                        \
      terms--, x++, w += term;                                                                                        \
    } else {                                                                                                          \
      UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) a[i][j] = *(const V *)(to + out[i] + j * L); \
    }                                                                                                                 \
    for (int64_t k = 0; k < terms; k++, w += term) {                                                                  \
      const double *from = v + x[k];                                                                                  \
      V b[N];                                                                                                         \
      UNROLL for (int j = 0; j < N; j++) b[j] = *(const V *)(from + j * L);                                           \
      UNROLL for (int i = 0; i < M; i++) {                                                                            \
        const double factor = w[i * row];                                                                             \
        UNROLL for (int j = 0; j < N; j++) a[i][j] += factor * b[j];                                                  \
      }                                                                                                               \
    }                                                                                                                 \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) *(V *)(to + out[i] + j * L) = a[i][j];      \
  }
/* to[i][j] = share * sum over the samples of the sum over the places of x[.][s][j] * d[i][.][s], and of what is there if it goes on */
#define OUTER(M, N)                                                                                                   \
  static void outer_##M##_##N(int64_t samples, int places, const double *packed, int64_t place, const double *v,      \
                                  const int64_t *d, double *to, int64_t step, int goes_on, double share) {            \
    V a[M][N];                                                                                                        \
    if (goes_on) {                                                                                                    \
      UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) a[i][j] = *(const V *)(to + i * step + j * L); \
    } else {                                                                                                          \
      UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) a[i][j] = (V){0};                         \
    }                                                                                                                 \
    if (places == 1) {                                                                                                \
      const double *up[M];                                                                                            \
      UNROLL for (int i = 0; i < M; i++) up[i] = v + d[i];                                                            \
      for (int64_t s = 0; s < samples; s++, packed += WIDE * L) {                                                     \
        V b[N];                                                                                                       \
        UNROLL for (int j = 0; j < N; j++) b[j] = *(const V *)(packed + j * L);                                       \
        UNROLL for (int i = 0; i < M; i++) {                                                                          \
          const double factor = up[i][s];                                                                             \
          UNROLL for (int j = 0; j < N; j++) a[i][j] += b[j] * factor;                                                \
        }                                                                                                             \
      }                                                                                                               \
    } else                                                                                                            \
      for (int64_t s = 0; s < samples; s++, packed += WIDE * L)                                                       \
        for (int i = 0; i < M; i++)                                                                                   \
          for (int j = 0; j < N; j++) {                                                                               \
            V sum = *(const V *)(packed + j * L) * v[d[i * places] + s];                                              \
            for (int p = 1; p < places; p++) sum += *(const V *)(packed + p * place + j * L) * v[d[i * places + p] + s]; \
            a[i][j] += sum;                                                                                           \
          }                                                                                                           \
    UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < N; j++) *(V *)(to + i * step + j * L) = a[i][j] * share; \
  }
#if WIDE == 4
#define EACH_N(DO, M) DO(M, 1) DO(M, 2) DO(M, 3) DO(M, 4)
#define ROW(KIND, M) {0, KIND##_##M##_1, KIND##_##M##_2, KIND##_##M##_3, KIND##_##M##_4}
#else
#define EACH_N(DO, M) DO(M, 1) DO(M, 2)
#define ROW(KIND, M) {0, KIND##_##M##_1, KIND##_##M##_2}
#endif
#define EACH(DO) EACH_N(DO, 1) EACH_N(DO, 2) EACH_N(DO, 4) EACH_N(DO, 6)
EACH(TILE)
EACH(OUTER)
typedef void (*Tile)(int64_t, const double *, int64_t, int64_t, const double *, const int64_t *, const int64_t *, double *, int, const double *);
typedef void (*Outward)(int64_t, int, const double *, int64_t, const double *, const int64_t *, double *, int64_t, int, double);
static const Tile tiles[HIGH + 1][WIDE + 1] = {[1] = ROW(tile, 1), [2] = ROW(tile, 2), [4] = ROW(tile, 4), [6] = ROW(tile, 6)};
static const Outward outwards[HIGH + 1][WIDE + 1] = {[1] = ROW(outer, 1), [2] = ROW(outer, 2), [4] = ROW(outer, 4), [6] = ROW(outer, 6)};

static int height(int64_t left) { return left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1; }

static void multiply(const Program *m, const Matrix *k, const double *f, const double *p, double *v, int64_t from, int64_t to) {
  const double *w = k->slots ? k->packed : (k->weights < m->parameters ? p : f) + k->weights;
  const int64_t row = k->row, term = k->term;
  for (int64_t s = from; s < to;) {
    const int wide = (int)((to - s) / L < WIDE ? (to - s) / L : WIDE);
    int begin = k->start ? FROM_START : FROM_PRODUCT;
    for (int64_t t = 0; t < k->terms; t += AT_ONCE, begin = GO_ON) {
      const int64_t some = k->terms - t < AT_ONCE ? k->terms - t : AT_ONCE;
      for (int64_t i = 0; i < k->rows;) {
        const int high = height(k->rows - i);
        tiles[high][wide](some, w + i * row + t * term, row, term, v + s, k->x + t, k->out + i, v + s, begin, k->starts + i);
        i += high;
      }
    }
    s += wide * L;
  }
}

#define SWAPPED(A, B, ...) __builtin_shuffle(A, B, (I8){__VA_ARGS__})
typedef double V8 __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t I8 __attribute__((vector_size(64)));

/* Write eight numbers of each of eight rows as eight columns. */
static inline void transpose(const double *const *rows, int64_t at, double *to, int64_t step) {
  V8 a[8], b[8];
  UNROLL for (int i = 0; i < 8; i++) a[i] = *(const V8 *)(rows[i] + at);
  UNROLL for (int i = 0; i < 8; i += 2) {
    b[i] = SWAPPED(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = SWAPPED(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; i += 4) UNROLL for (int j = 0; j < 2; j++) {
    a[i + j] = SWAPPED(b[i + j], b[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[i + j + 2] = SWAPPED(b[i + j], b[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  UNROLL for (int j = 0; j < 4; j++) {
    *(V8 *)(to + j * step) = SWAPPED(a[j], a[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(V8 *)(to + (j + 4) * step) = SWAPPED(a[j], a[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

static int64_t part_of(int64_t whole, int64_t unit, int number, int threads) { /* where a thread's part begins */
  const int64_t units = (whole + unit - 1) / unit, start = (units * number / threads) * unit;
  return start < whole ? start : whole;
}

/* Let gradients grow over some samples, from 0 or from what they are, and multiply them by a share. */
static void learn(const Outer *k, const double *v, int64_t samples, int64_t n, int goes_on, double share, int me, int all,
                  double *room, double *g) {
  const int64_t first = part_of(k->rows, HIGH, me, all), last = part_of(k->rows, HIGH, me + 1, all);
  if (first == last) return;
  double(*packed)[n][WIDE * L] = (double(*)[n][WIDE * L])room;
  double tile[HIGH][WIDE * L] __attribute__((aligned(64)));
  for (int64_t c = 0; c < k->columns; c += WIDE * L) {
    const int64_t some = k->columns - c < WIDE * L ? k->columns - c : WIDE * L, wide = (some + L - 1) / L;
    for (int p = 0; p < k->places; p++) {
      double(*to)[WIDE * L] = packed[p];
      for (int64_t j = 0; j < some; j += 8) {
        const double *x[8]; /* the last row stands for those that there are not */
        for (int i = 0; i < 8; i++) x[i] = v + k->x[(c + (j + i < some ? j + i : some - 1)) * k->places + p];
        for (int64_t s = 0; s < samples; s += 8) transpose(x, s, to[s] + j, WIDE * L);
      }
    }
    const int whole = !k->out && some == wide * L;
    for (int64_t i = first; i < last;) {
      const int high = height(last - i);
      const Outward outward = outwards[high][wide];
      const int64_t *d = k->d + i * k->places, place = n * WIDE * L;
      if (whole) outward(samples, k->places, packed[0][0], place, v, d, g + k->first + i * k->row + c, k->row, goes_on, share);
      else {
        for (int r = 0; goes_on && r < high; r++)
          for (int64_t j = 0; j < some; j++) tile[r][j] = g[k->out ? k->out[(i + r) * k->columns + c + j] : k->first + (i + r) * k->row + c + j];
        outward(samples, k->places, packed[0][0], place, v, d, tile[0], WIDE * L, goes_on, share);
        for (int r = 0; r < high; r++)
          for (int64_t j = 0; j < some; j++) g[k->out ? k->out[(i + r) * k->columns + c + j] : k->first + (i + r) * k->row + c + j] = tile[r][j];
      }
      i += high;
    }
  }
}

/* --- everything else --------------------------------------------------------------------------------------------- */

static void prepare(const Program *m, double *f, const double *p) {
  if (m->given) memcpy(f, p, m->parameters * sizeof *f);
  if (m->before) m->before(f, m->code, m->end, 0);
  for (int64_t i = 0; i < m->count_of_matrices; i++) {
    const Matrix *k = m->matrices + i;
    if (k->start)
      for (int64_t j = 0; j < k->rows; j++) k->starts[j] = fixed(m, f, p, k->start[j]);
    if (k->slots)
      for (int64_t j = 0; j < (int64_t)k->rows * k->terms; j++) k->packed[j] = fixed(m, f, p, k->slots[j]);
  }
}

static void spread(const Program *m, const double *f, const double *p, double *v) {
  for (int64_t i = 0; i < m->count_of_spread; i++) {
    const double number = fixed(m, f, p, m->spread[2 * i]);
    double *row = v + m->spread[2 * i + 1];
    for (int64_t s = 0; s < m->n; s++) row[s] = number;
  }
}

/* Load samples; those after the last one repeat it. */
static void load(const Program *m, double *v, const double *rows, const int64_t *order, int64_t samples, int64_t from_sample,
                 int64_t to_sample) {
  const int64_t width = m->count_of_inputs;
  for (int64_t s = from_sample; s < to_sample; s += 8) {
    const double *from[8];
    for (int k = 0; k < 8; k++) from[k] = rows + order[s + k < samples ? s + k : samples - 1] * width;
    int64_t i = 0;
    for (; i + 8 <= m->side_by_side; i += 8) transpose(from, i, v + m->inputs[0] + i * m->n + s, m->n);
    for (; i < width; i++)
      if (m->inputs[i] >= 0)
        for (int k = 0; k < 8; k++) v[m->inputs[i] + s + k] = from[k][i];
  }
}

static void run_phases(const Program *m, const double *f, const double *p, double *v, int64_t count, int64_t from, int64_t to) {
  for (int64_t i = 0; i < count; i++) {
    const Phase *phase = m->phases + i;
    if (phase->kind == MATRIX) multiply(m, m->matrices + phase->index, f, p, v, from, to);
    else m->segment(v, m->n, from, to, phase->index, phase->code, phase->end);
  }
}

/* Let the gradients that are in no block grow, four at a time, so that their sums do not wait for each other. */
static void grow(const Program *m, const double *v, int64_t samples, double share, double *g) {
  int64_t i = 0;
  for (; i + 4 <= m->count_of_shares; i += 4) {
    const Share *k = m->shares + i;
    if (k[0].pairs != 1 || k[1].pairs != 1 || k[2].pairs != 1 || k[3].pairs != 1) break;
    const double *a = v + k[0].factors[0], *b = v + k[0].factors[1], *c = v + k[1].factors[0], *d = v + k[1].factors[1];
    const double *e = v + k[2].factors[0], *h = v + k[2].factors[1], *o = v + k[3].factors[0], *q = v + k[3].factors[1];
    double sums[4] = {g[k[0].out], g[k[1].out], g[k[2].out], g[k[3].out]};
    for (int64_t s = 0; s < samples; s++) {
      sums[0] += a[s] * b[s];
      sums[1] += c[s] * d[s];
      sums[2] += e[s] * h[s];
      sums[3] += o[s] * q[s];
    }
    for (int j = 0; j < 4; j++) g[k[j].out] = sums[j] * share;
  }
  for (; i < m->count_of_shares; i++) {
    const Share *k = m->shares + i;
    double sum = g[k->out];
    for (int64_t s = 0; s < samples; s++) {
      double own = 0.0;
      for (int j = 0; j < k->pairs; j++) own += v[k->factors[2 * j] + s] * v[k->factors[2 * j + 1] + s];
      sum += own;
    }
    g[k->out] = sum * share;
  }
}

/* Compute the roots for many rows, row after row; return whether an operation may have left its domain. */
int values(const Program *m, const double *parameters, const double *rows, const int64_t *order, int64_t count,
           double *out) {
  double *f = m->f, *v = m->v;
  feclearexcept(FE_ALL_EXCEPT);
  prepare(m, f, parameters);
  spread(m, f, parameters, v);
  for (int64_t done = 0; done < count; done += m->n) {
    const int64_t samples = count - done < m->n ? count - done : m->n, lanes = (samples + 7) / 8 * 8;
    load(m, v, rows, order + done, samples, 0, lanes);
    run_phases(m, f, parameters, v, m->forward, 0, lanes);
    for (int64_t i = 0; i < m->count_of_roots; i++)
      for (int64_t s = 0; s < samples; s++) out[s * m->count_of_roots + i] = v[m->roots[i] + s];
    out += samples * m->count_of_roots;
  }
  return fetestexcept(TROUBLE) != 0;
}

/* --- threads ------------------------------------------------------------------------------------------------------ */

/* Threads that compute something together: each its samples, and then its part of the gradients and parameters. No sum
   is split, so the numbers do not depend on how many threads there are. */
typedef struct {
  atomic_int threads; /* 0 until all have begun */
  atomic_int arrived, round;
} Team;

static void wait_for_all(Team *team) { /* and give the core away if the others are late */
  const int threads = atomic_load(&team->threads);
  if (threads == 1) return;
  const int round = atomic_load(&team->round);
  if (atomic_fetch_add(&team->arrived, 1) == threads - 1) {
    atomic_store(&team->arrived, 0);
    atomic_fetch_add(&team->round, 1);
  } else
    for (int spins = 0; atomic_load(&team->round) == round; spins++)
      if (spins > 2000) YIELD();
}

/* Compute a thread's part of the sums of loss and gradients over the rows of an order, times a share; return the loss. */
static double backpropagate_part(const Program *m, Team *team, int me, const double *p, const double *rows,
                                 const int64_t *order, int64_t count, double share, double *room, double *g) {
  double loss = 0.0, *f = m->f, *v = m->v;
  const int all = atomic_load(&team->threads);
  if (me == 0) {
    prepare(m, f, p);
    spread(m, f, p, v);
    for (int64_t i = 0; i < m->count_of_shares; i++) g[m->shares[i].out] = 0.0;
  }
  wait_for_all(team);
  for (int64_t done = 0; done < count; done += m->n) {
    const int64_t samples = count - done < m->n ? count - done : m->n, lanes = (samples + 7) / 8 * 8;
    const int64_t from = part_of(lanes, 8, me, all), to = part_of(lanes, 8, me + 1, all);
    const double part = done + samples == count ? share : 1.0;
    load(m, v, rows, order + done, samples, from, to);
    run_phases(m, f, p, v, m->count_of_phases, from, to);
    wait_for_all(team);
    for (int64_t i = 0; i < m->count_of_outers; i++)
      learn(m->outers + i, v, samples, m->n, done > 0, part, me, all, room, g);
    if (me == all - 1) grow(m, v, samples, part, g);
    const double *losses = v + m->roots[0];
    for (int64_t s = 0; s < samples; s++) loss = done + s ? loss + losses[s] : losses[s];
    wait_for_all(team);
  }
  return loss * share;
}

double backpropagate_samples(const void *program, const double *p, const double *rows, const int64_t *order,
                             int64_t count, double share, double *g) {
  const Program *m = program;
  Team alone = {.threads = 1};
  return backpropagate_part(m, &alone, 0, p, rows, order, count, share, m->room, g);
}

typedef struct {
  const Program *program;
  void (*update)(double *common, double *columns, int64_t count, int64_t from, int64_t to);
  double *common, *columns;
  int64_t count, shared;
  const double *rows;
  const int64_t *order, *starts, *counts;
  const double *rates;
  double *losses;
  int64_t steps, done;
  atomic_int trouble, changed;
  Team team;
} Training;
typedef struct { Training *training; int number; } Worker;

static void *work(void *given) {
  const Worker *worker = given;
  Training *t = worker->training;
  while (!atomic_load(&t->team.threads)) YIELD();
  const int me = worker->number, all = atomic_load(&t->team.threads);
  const int64_t from = part_of(t->count, 8, me, all), to = part_of(t->count, 8, me + 1, all);
  double common[t->shared], *room = t->program->room + me * t->program->size_of_room;
  for (int64_t step = 0; step < t->steps; step++) {
    feclearexcept(FE_ALL_EXCEPT);
    const double loss = backpropagate_part(t->program, &t->team, me, t->columns, t->rows, t->order + t->starts[step],
                                           t->counts[step], 1.0 / t->counts[step], room, t->columns + t->count);
    memcpy(common, t->common, t->shared * sizeof *common);
    common[0] = t->rates[step];
    if (fetestexcept(TROUBLE)) atomic_store(&t->trouble, 1);
    wait_for_all(&t->team);
    if (me == 0) t->losses[step] = 0.0 + loss; /* never -0.0, as in Python */
    if (atomic_load(&t->trouble)) break;
    t->update(common, t->columns, t->count, from, to);
    if (fetestexcept(TROUBLE)) atomic_store(&t->trouble, 1), atomic_store(&t->changed, 1);
    wait_for_all(&t->team);
    if (atomic_load(&t->trouble)) break;
    if (me == 0) memcpy(t->common, common, t->shared * sizeof *common), t->done = step + 1;
  }
  return 0;
}

/* Take training steps as `train` does, by some threads. */
int64_t train_samples(const Program *m, void (*update)(double *, double *, int64_t, int64_t, int64_t), double *common,
                      int64_t shared, double *columns, int64_t count, const double *rows, const int64_t *order,
                      const int64_t *starts, const int64_t *counts, const double *rates, double *losses, int64_t steps,
                      int threads, int *changed) {
  Training training = {
    .program = m, .update = update, .common = common, .columns = columns, .count = count, .shared = shared,
    .rows = rows, .order = order, .starts = starts, .counts = counts, .rates = rates, .losses = losses,
    .steps = steps,
  };
  Worker workers[MOST_THREADS];
  int begun = 1;
#ifndef _WIN32
  pthread_t others[MOST_THREADS];
  for (int i = 0; i < threads; i++) workers[i] = (Worker){&training, i};
  while (begun < threads && !pthread_create(others + begun, 0, work, workers + begun)) begun++;
#endif
  workers[0] = (Worker){&training, 0};
  atomic_store(&training.team.threads, begun);
  work(workers);
#ifndef _WIN32
  for (int i = 1; i < begun; i++) pthread_join(others[i], 0);
#endif
  *changed = atomic_load(&training.changed);
  return training.done;
}
