// The judge of answers, in the quiz and where a number is predicted: it reads a number, a fraction, or an expression of
// the names that have numbers, and names the mistake that gives a wrong one.

const SIGNS = { "−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "²": "**2", "³": "**3", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)" };
const FUNCTIONS = { abs: Math.abs, sqrt: Math.sqrt, exp: Math.exp, log: Math.log, ln: Math.log, tanh: Math.tanh, sin: Math.sin, cos: Math.cos,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)), relu: (x) => Math.max(0, x) };
const CONSTANTS = { pi: Math.PI, "π": Math.PI, e: Math.E };
const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([\p{L}_][\p{L}\d_]*)|(\*\*|[-+*/^()|]))/uy;
const HOW = "write a number, a fraction or an expression, such as -3/4 or 2*b";

// Return the number of an answer, and how it was read where that may surprise; throw an Error with a remedy.
function read(text, known) {
  const notes = [];
  const mixed = /(\d+)\s*([½¼¾])/.exec(text);
  if (mixed) throw Error(`write ${mixed[1]} + ${SIGNS[mixed[2]].slice(1, -1)} for ${mixed[0]}`);
  let bare = text.normalize("NFKC").replaceAll("⁄", "/");
  bare = [...text].some((sign) => sign in SIGNS) ? text.replace(/[−–·⋅×÷²³½¼¾]/g, (sign) => SIGNS[sign]) : bare;
  bare = bare.replace(/^\s*([d∂][\p{L}\d_]+\s*\/\s*[d∂][\p{L}\d_]+|[\p{L}_][\p{L}\d_.]*)?\s*[=≈~](?!=)/u, "").replace(/[.,;…\s]+$/, "").trim();
  if (/^[-+]?[1-9]\d{0,2},\d{3}$/.test(bare)) throw Error(`${bare} can be read as ${bare.replace(",", "")} or as ${bare.replace(",", ".")}; write the one that is meant`);
  bare = bare.replace(/√\s*(\d+\.?\d*|[\p{L}_][\p{L}\d_]*)/gu, "sqrt($1)").replaceAll("√", "sqrt");
  const comma = /^([-+]?\d+),(\d+)$/.exec(bare);
  if (comma) notes.push(`${bare} is read as ${comma[1]}.${comma[2]}, a decimal.`);
  if (comma) bare = `${comma[1]}.${comma[2]}`;
  if (bare.endsWith("%")) throw Error(`write ${bare} without %: 50% is 0.5 or 50/100`);
  if (bare.includes("^")) notes.push("^ is read as **, which is how Python writes a power.");
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < bare.length) {
    const begin = TOKEN.lastIndex;
    const found = TOKEN.exec(bare);
    if (!found) throw Error(`${bare.slice(begin).trim().slice(0, 20)} cannot be read; ${HOW}`);
    tokens.push(found[1] !== undefined ? Number(found[1]) : found[2] ?? found[3]);
  }
  let at = 0;
  const isName = (token) => typeof token === "string" && /^[\p{L}_]/u.test(token);

  function sum() {
    let value = product();
    while (tokens[at] === "+" || tokens[at] === "-") value = tokens[at++] === "+" ? value + product() : value - product();
    return value;
  }
  function product() {
    let value = signed();
    let isDivided = false;
    for (;;) {
      if (tokens[at] === "*") { at++; value *= signed(); }
      else if (tokens[at] === "/") { at++; value /= signed(); isDivided = true; }
      else if (typeof tokens[at - 1] === "number" && (isName(tokens[at]) || tokens[at] === "(")) {
        if (isDivided) throw Error("a product without * behind / can be read in two ways; write the one that is meant");
        if (tokens[at] === "e" && !Object.hasOwn(known, "e")) notes.push("e is the number 2.71828...");
        value *= power();
      } else return value;
    }
  }
  function signed() {
    if (tokens[at] === "-") { at++; return -signed(); }
    if (tokens[at] === "+") { at++; return signed(); }
    return power();
  }
  function power() {
    const base = atom();
    if (tokens[at] !== "**" && tokens[at] !== "^") return base;
    at++;
    return base ** signed();
  }
  function atom() {
    const token = tokens[at++];
    if (typeof token === "number") return token;
    if (token === "(" || token === "|") {
      const value = sum();
      if (tokens[at++] !== (token === "(" ? ")" : "|")) throw Error(`a ${token} is not closed`);
      return token === "(" ? value : Math.abs(value);
    }
    if (isName(token) && !Object.hasOwn(known, token) && Object.hasOwn(FUNCTIONS, token)) {
      if (tokens[at] !== "(") throw Error(`write ${token}(...), with parentheses`);
      return FUNCTIONS[token](atom());
    }
    if (isName(token) && Object.hasOwn(known, token)) return known[token];
    if (isName(token) && Object.hasOwn(CONSTANTS, token)) return CONSTANTS[token];
    if (isName(token)) throw Error(`${token} has no number here; ${Object.keys(known).length ? `the names are ${Object.keys(known).sort().join(", ")}` : HOW}`);
    throw Error(token === undefined ? `a number or a name is missing; ${HOW}` : `${token} cannot stand here; ${HOW}`);
  }

  const value = sum();
  if (at < tokens.length) throw Error(`an operator is missing in front of ${tokens[at]}; ${HOW}`);
  if (!Number.isFinite(value)) throw Error("this has no value; do not divide by 0");
  return { value, notes };
}

const isClose = (x, y, relative, absolute = 0) => Math.abs(x - y) <= Math.max(relative * Math.max(Math.abs(x), Math.abs(y)), absolute);
const isNear = (number, wanted) => (isClose(Math.round(wanted * 1e4) / 1e4, wanted, 1e-9, 1e-9)
  ? isClose(number, wanted, 1e-9, 1e-9) : isClose(number, wanted, 2e-3));

// Return whether an answer is right, and what to say to it.
function judge(item, answer) {
  if (item.options) {
    if (item.right.includes(answer)) return { isRight: true, says: [] };
    return { isRight: false, says: [item.wrong[answer]] };
  }
  const { value, notes } = read(answer, item.known);
  if (isNear(value, item.number)) return { isRight: true, says: notes };
  const mistake = item.mistakes.find(([number]) => isNear(value, number));
  return { isRight: false, says: [...notes, ...(mistake ? [mistake[1]] : [])] };
}
