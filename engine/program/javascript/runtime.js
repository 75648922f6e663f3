function _trouble() { throw new RangeError("there is no value here"); }

// As in Python's module math: what is not finite is refused, unless an argument was so already.
function _checked(result, ...given) {
  if (Number.isFinite(result)) return result;
  if (Number.isNaN(result) ? given.some(Number.isNaN) : !given.every(Number.isFinite)) return result;
  return _trouble();
}

// A whole number of Python: not -0, and exact.
const _whole = (x) => (Math.abs(x) < 2 ** 53 ? x + 0 : _trouble());

// A whole number or a float: one that both would be.
const _either = (x) => (Math.abs(x) < 2 ** 53 && !Object.is(x, -0) ? x : _trouble());

const _itself = (x) => x;

const _add = (x, y) => x + y;

const _sub = (x, y) => x - y;

const _mul = (x, y) => x * y;

const _neg = (x) => -x;

const _quotient = (x, y) => (y === 0 ? _trouble() : x / y);

const _larger = (x, y) => (y > x ? y : x);

const _smaller = (x, y) => (y < x ? y : x);

const _fabs = (x) => Math.abs(x);

const _floor = (x) => (Number.isFinite(x) ? Math.floor(x) + 0 : _trouble());

const _ceil = (x) => (Number.isFinite(x) ? Math.ceil(x) + 0 : _trouble());

const _trunc = (x) => (Number.isFinite(x) ? Math.trunc(x) + 0 : _trouble());

// The sign of what is not a number is not the same everywhere.
function _copysign(x, y) {
  if (Number.isNaN(y)) return _trouble();
  return y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x);
}

const _fmod = (x, y) => _checked(x % y, x, y);

const _exp2 = (x) => _checked(2 ** x, x);

const _cbrt = (x) => Math.cbrt(x);

const _degrees = (x) => x * (180 / Math.PI);

const _radians = (x) => x * (Math.PI / 180);

const _atan = (x) => Math.atan(x);

const _atan2 = (y, x) => Math.atan2(y, x);

const _hypot = (x, y) => _checked(Math.hypot(x, y), x, y);

const _acos = (x) => _checked(Math.acos(x), x);

const _acosh = (x) => _checked(Math.acosh(x), x);

const _asin = (x) => _checked(Math.asin(x), x);

const _asinh = (x) => _checked(Math.asinh(x), x);

const _atanh = (x) => _checked(Math.atanh(x), x);

const _cos = (x) => _checked(Math.cos(x), x);

const _cosh = (x) => _checked(Math.cosh(x), x);

const _exp = (x) => _checked(Math.exp(x), x);

const _expm1 = (x) => _checked(Math.expm1(x), x);

const _log = (x) => (x === 0 ? _trouble() : _checked(Math.log(x), x));

const _log10 = (x) => (x === 0 ? _trouble() : _checked(Math.log10(x), x));

const _log1p = (x) => (x === -1 ? _trouble() : _checked(Math.log1p(x), x));

const _log2 = (x) => (x === 0 ? _trouble() : _checked(Math.log2(x), x));

const _sin = (x) => _checked(Math.sin(x), x);

const _sinh = (x) => _checked(Math.sinh(x), x);

const _sqrt = (x) => _checked(Math.sqrt(x), x);

const _tan = (x) => _checked(Math.tan(x), x);

const _tanh = (x) => Math.tanh(x);

// In C, 1 to any power is 1, and so is -1 to an infinite one.
function _pow(x, y) {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return _checked(x ** y, x, y);
}

// e ** (-x * x): x is split, so that the rounding of its square does not count.
function _bell(x) {
  const near = Math.fround(x);
  return Math.exp(-near * near) * Math.exp((near - x) * (near + x));
}

// The series 2/sqrt(pi) e**(-x*x) (x + 2 x**3 / 3 + 4 x**5 / 15 + ...) of Abramowitz and Stegun, 7.1.6.
function _small_erf(x) {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * _bell(x) * sum;
}

// For x > 0.4: the trapezoidal rule on the integral of Abramowitz and Stegun, 7.4.11, and what it leaves out, by
// C. Chiarella and A. Reichel, "On the evaluation of integrals related to the error function", Math. Comp. 22 (1968).
function _large_erfc(x) {
  const h = 0.5;
  let sum = 1 / (2 * x * x);
  for (let k = 1; k < 14; k++) sum += Math.exp(-((k * h) ** 2)) / ((k * h) ** 2 + x * x);
  const rest = x < Math.PI / h ? 2 / Math.expm1((2 * Math.PI * x) / h) : 0;
  return ((2 * h * x) / Math.PI) * _bell(x) * sum - rest;
}

function _erf(x) {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < 0.5) return _small_erf(x);
  if (Math.abs(x) > 6) return Math.sign(x);
  return x > 0 ? 1 - _large_erfc(x) : _large_erfc(-x) - 1;
}

function _erfc(x) {
  if (Number.isNaN(x)) return x;
  if (x < 0.5) return 1 - _erf(x);
  return x > 28 ? 0 : _large_erfc(x);
}

// The series of Stirling for log(gamma(x)) - ((x - 1/2) log(x) - x + log(2 pi) / 2), from x = 10 on.
function _stirling(x) {
  const y = 1 / (x * x);
  return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y / 156)))))) / x;
}

function _gamma(x) {
  if (x === 0 || x === -Infinity || (x < 0 && Number.isInteger(x))) return _trouble();
  if (Number.isInteger(x) && x < 24) return _rising(1, x - 1);
  if (x < -200) return 0 * (Math.floor(x) % 2 ? -1 : 1);
  if (x < 0.5) return _checked(Math.PI / (_sine_of_pi(x) * _gamma(1 - x)), x);
  if (x < 10) return _gamma(x + 10) / _rising(x, 10);
  const half = x ** ((x - 0.5) / 2);
  return _checked(half * (Math.sqrt(2 * Math.PI) * Math.exp(-x) * Math.exp(_stirling(x))) * half, x);
}

// x (x + 1) ... (x + count - 1)
function _rising(x, count) {
  let product = 1;
  for (let k = 0; k < count; k++) product *= x + k;
  return product;
}

function _sine_of_pi(x) {
  const part = x - 2 * Math.round(x / 2); // from -1 to 1
  return Math.abs(part) <= 0.5 ? Math.sin(Math.PI * part) : Math.sign(part) * Math.sin(Math.PI * (1 - Math.abs(part)));
}

function _lgamma(x) {
  if (!Number.isFinite(x)) return Math.abs(x);
  if (x <= 0 && Number.isInteger(x)) return _trouble();
  if (Math.abs(x) < 1e-20) return -Math.log(Math.abs(x));
  if (x < 0.5) return Math.log(Math.PI / Math.abs(_sine_of_pi(x))) - _lgamma(1 - x);
  if (x < 10) return Math.log(Math.abs(_gamma(x)));
  return _checked((x - 0.5) * (Math.log(x) - 1) + (0.5 * Math.log(2 * Math.PI) - 0.5) + _stirling(x), x);
}
