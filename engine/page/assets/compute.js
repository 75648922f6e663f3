// Both passes computed anew, with the numbers that the reader changed; everything that the page shows follows.
//
// A local derivative or a gradient is a number; FLAT, where there is no way along an edge; or undefined, where it does
// not exist. A number that does not exist is undefined, too. See engine/slope.py.

const edits = new Map(); // from a node to the number that it has been given
const learnt = new Map(); // from a parameter to the number that it has learnt; see train.js
const isRenewed = () => edits.size + learnt.size > 0;
const recorded = live?.numbers.map((x) => (x === null ? x : recordedNumber(x)));
for (const { nodes, data } of live ? everything.boxes : []) if (recorded[nodes[0]] === null) recorded[nodes[0]] = recordedNumber(data);
const multiplied = (a, b) => (a === FLAT || b === FLAT ? FLAT : a === undefined || b === undefined ? undefined : a * b);
const added = (a, b) => (b === FLAT ? a : a === FLAT ? (b === undefined ? b : 0 + b)
  : a === undefined || b === undefined ? undefined : a + b);


if (folded) completeFolds();
const original = { boxes: boxes.map((box) => ({ ...box })), scenes: everyScene.map((scene) => ({ ...scene })) };
const placeOfNode = new Map(boxes.flatMap((box, place) => box.nodes.map((node) => [node, place])));

function recordedNumber(x) {
  return typeof x === "number" ? x : Number(x.replace("inf", "Infinity"));
}

// Compute the steps of the chain rule in their new order, with those from and to folded boxes.
function completeFolds() {
  const gradients = live.nodes.map((_, node) => recordedNumber(live.before[node] ?? 0));
  for (const box of boxes) if (box.isClosed) box.zero = rangeOf(box.nodes.map((node) => gradients[node]));
  const passes = backwardPass(recorded);
  for (const scene of everyScene.filter((each) => !isOfNumber(each))) {
    const { numbers } = scene; // which stay
    delete scene.numbers;
    renewBackward(scene, recorded, passes, gradients);
    if (numbers !== undefined) scene.numbers = numbers;
  }
  retint(gradients);
}

// Return a number as the page's data has it.
function written(x) {
  if (x === FLAT) return 0;
  if (x === undefined) return "undefined";
  return Number.isFinite(x) ? x : String(x).toLowerCase().replace("infinity", "inf");
}

// Return the value of a function, undefined where it has none.
function tried(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}

// Compute the forward pass; what does not depend on a changed number keeps the number that was recorded.
function forwardPass() {
  const numbers = [];
  const troubles = new Map(); // from a node without a number to why
  const isNew = [];
  live.nodes.forEach(([code, ...operands], node) => {
    isNew.push(edits.has(node) || learnt.has(node) || operands.some((operand) => isNew[operand]));
    if (edits.has(node)) return numbers.push(edits.get(node));
    if (learnt.has(node)) return numbers.push(learnt.get(node));
    if (!isNew[node]) return numbers.push(recorded[node]);
    const missing = operands.find((operand) => numbers[operand] === undefined);
    if (missing !== undefined) {
      troubles.set(node, `It is not computed, since ${calledNode(missing)} has no value.`);
      return numbers.push(undefined);
    }
    const given = operands.map((operand) => numbers[operand]);
    numbers.push(tried(() => operations[code].value(...given)));
    if (numbers[node] === undefined) troubles.set(node, refusal(live.table[code], given));
  });
  return { numbers, troubles };
}

function refusal(entry, given) {
  const where = entry.operands.map((name, place) => `${name} = ${shown(written(given[place]))}`).join(", ");
  return `${entry.written} has no value at ${where}. ${entry.needs}`;
}

function calledNode(node) {
  const place = placeOfNode.get(node);
  return place === undefined ? "a partial sum" : boxes[place].called;
}

// Compute the backward pass in the engine's order: local derivatives, gradients and contributions of each node.
function backwardPass(numbers) {
  const gradients = live.nodes.map(() => FLAT);
  const [locals, upstream, contributions] = [[], [], []];
  const last = live.nodes.length - 1;
  if (numbers[last] !== undefined) gradients[last] = live.seed;
  for (let node = last; node >= 0; node--) {
    const [code, ...operands] = live.nodes[node];
    const given = operands.map((operand) => numbers[operand]);
    const isThere = numbers[node] !== undefined && !edits.has(node);
    upstream[node] = gradients[node];
    locals[node] = operands.map((_, at) => (isThere
      ? tried(() => operations[code].locals[at](...given, numbers[node])) : FLAT));
    contributions[node] = locals[node].map((local) => multiplied(local, gradients[node]));
    operands.forEach((operand, at) => { gradients[operand] = added(gradients[operand], contributions[node][at]); });
  }
  return { locals, upstream, contributions, gradients };
}

// Compute everything anew and put it where the page reads it.
function recompute() {
  boxes.forEach((box, place) => replace(box, original.boxes[place]));
  everyScene.forEach((scene, place) => replace(scene, original.scenes[place]));
  if (!isRenewed()) return;
  const { numbers, troubles } = forwardPass();
  const passes = backwardPass(numbers);
  boxes.forEach((box, place) => renewBox(box, original.boxes[place], numbers, troubles));
  const gradients = live.nodes.map((_, node) => recordedNumber(live.before[node] ?? 0));
  for (const scene of everyScene) {
    if (scene.kind === "forward") renewForward(scene, numbers, passes);
    else if (scene.kind === "update") renewUpdate(scene, numbers, gradients);
    else renewBackward(scene, numbers, passes, gradients);
    delete scene.mistakes;
  }
  retint(gradients);
  const plain = new Set([...edits.keys()].map((node) => placeOfNode.get(node)).filter((place) => boxes[place]?.plain));
  if (plain.size) everyScene.forEach((scene) => rewrite(scene, plain));
}

function replace(thing, by) {
  for (const key of Object.keys(thing)) if (!(key in by)) delete thing[key];
  Object.assign(thing, by);
}

function renewBox(box, before, numbers, troubles) {
  const all = box.nodes.map((node) => numbers[node]);
  const isMissing = all.includes(undefined);
  if (box.inside) box.inside = box.inside.map((row, i) => [row[0], row[1], isGone(all[i]) ? "no value" : written(all[i]), ""]);
  if (!box.inside) box.data = isMissing ? "no value" : written(all[0]);
  else if (box.data !== "") box.data = isMissing ? "no value" : rangeOf(all);
  const missing = box.nodes.find((node) => troubles.has(node));
  if (missing !== undefined) box.trouble = troubles.get(missing);
  box.edited = box.nodes.some((node) => edits.has(node));
  box.differs = box.data !== before.data;
  if (box.plain && box.edited) box.math = numberMath(box.data);
}

const isGone = (x) => x === undefined;

function renewForward(scene, numbers, passes) {
  const box = boxes[scene.box];
  const [node] = box.nodes;
  if (!scene.math && !scene.locals) return;
  const [code, ...operands] = live.nodes[node];
  const given = operands.map((operand) => numbers[operand]);
  if (scene.locals && numbers[node] === undefined) delete scene.locals;
  if (scene.locals) scene.locals = passes.locals[node].map(written);
  scene.numbers = !box.inside && !given.includes(undefined)
    ? filled(live.table[code].math, given.map((x) => bracketed(written(x)))) : "";
  if (box.edited) scene.cut = true;
}

function renewBackward(scene, numbers, passes, gradients) {
  const box = boxes[scene.box];
  const uses = [];
  for (let i = 0; i < (scene.uses ?? []).length; i += 2) uses.push([scene.uses[i], scene.uses[i + 1]]);
  const last = live.nodes.length - 1;
  const target = uses.length ? live.nodes[uses[0][0]][1 + uses[0][1]] : last;
  const before = gradients[target];
  for (const [node, at] of uses) {
    const operand = live.nodes[node][1 + at];
    gradients[operand] = added(gradients[operand], passes.contributions[node][at]);
  }
  if (scene.kind === "seed") {
    const seed = numbers[last] === undefined ? FLAT : live.seed;
    gradients[last] = added(gradients[last], seed);
    Object.assign(scene, { contribution: written(seed), before: written(before) });
  } else if (scene.arrows.length) {
    const [node, at] = uses[0];
    const said = { local: passes.locals, contribution: passes.contributions };
    for (const [name, all] of Object.entries(said)) scene[name] = together(uses.map(([from, place]) => all[from][place]));
    scene.upstream = together(uses.map(([from]) => passes.upstream[from]));
    if ("before" in scene) scene.before = written(before);
    if ("sum" in scene) scene.sum = written(gradients[target]);
    if ("total" in scene) scene.total = written(uses.map(([from, place]) => passes.contributions[from][place]).reduce(added, FLAT));
    const local = live.table[live.nodes[node][0]]?.locals[at];
    const given = live.nodes[node].slice(1).map((operand) => numbers[operand]);
    if (scene.numbers) {
      scene.numbers = local?.[1] && !given.includes(undefined) && numbers[node] !== undefined
        ? filled(local[1], given.map((x) => bracketed(written(x))), bracketed(written(numbers[node]))) : "";
    }
    if (uses.every(([from]) => edits.has(from))) scene.cut = true;
  }
  const all = box.nodes.map((node) => gradients[node]);
  if (numbers[last] === undefined) return Object.assign(scene, { shown: "none", number: "none", slope: FLAT, isMissing: true });
  scene.shown = rangeOf(all);
  scene.number = box.inside || box.nodes.length > 1 ? scene.shown : written(all[0]);
  scene.slope = all.reduce((most, x) => (sizeOf(x) > sizeOf(most) ? x : most));
}

function sizeOf(x) {
  return x === FLAT ? 0 : Number.isFinite(x) ? Math.abs(x) : Infinity;
}

function together(all) {
  return all.length === 1 ? written(all[0]) : rangeOf(all);
}

// Colour the gradients again, as engine/drawing/svg.py does: by the largest one.
function retint(gradients, among = everyScene) {
  const slopes = boxes.filter((box, place) => place !== root && box.kind !== "constant")
    .flatMap((box) => box.nodes.map((node) => sizeOf(gradients[node]))).filter(Number.isFinite);
  const steepest = Math.max(0, ...slopes);
  const middle = (tints.length - 2) / 2;
  for (const scene of among) {
    if (scene.tint === null || scene.slope === undefined && scene.kind === "forward") continue;
    if (!("tint" in scene)) continue;
    const slope = scene.slope === FLAT ? 0 : scene.slope;
    let strength = 0;
    while (strength < middle && Math.abs(slope) > steepest * (strength / middle) ** 2) strength += 1;
    scene.tint = !Number.isFinite(slope) ? tints.length - 1 : middle + (slope > 0 ? strength : -strength);
  }
}

// Write formulas again in which a changed constant stands.
function rewrite(scene, plain) {
  if (scene.kind === "seed" || !scene.uses && scene.kind !== "forward") return;
  const [node, at] = scene.kind === "forward" ? boxes[scene.box].nodes : scene.uses;
  const [code, ...operands] = live.nodes[node];
  const places = operands.map((operand) => placeOfNode.get(operand));
  if (code < 0 || !places.some((place) => plain.has(place)) || places.includes(undefined)) return;
  const name = (place) => (boxes[place].plain ? signedText(boxes[place].data) : boxes[place].called);
  const [names, maths, result] = [places.map(name), places.map((place) => boxes[place].math), boxes[placeOfNode.get(node)]];
  const entry = live.table[code];
  if (scene.kind === "forward") {
    if (!scene.math) return;
    scene.line = `${result.called} = ${filled(entry.text, names)}`;
    scene.math = filled(entry.math, maths);
  } else if (scene.math !== undefined || scene.line.includes("*")) {
    const [text, math] = entry.locals[at] ?? [];
    if (!text) return;
    const target = boxes[places[at]];
    scene.line = `${target.plain ? `f'(${shown(target.data)})` : target.called}.grad += `
      + filled(text, names, result.called, `${result.called}.grad`);
    if (math) scene.math = filled(math, maths, result.math);
  }
}

const signedText = (x) => (shown(x).startsWith("-") ? `(${shown(x)})` : shown(x));

// Put operands, result and gradient into a template.
function filled(template, operands, result = "", gradient = "") {
  return template.replace(/[\ue100-\uf8ff]/g, (letter) => {
    const place = letter.charCodeAt(0) - 0xe100;
    return place === 0 ? result : place === 1 ? gradient : operands[place - 2];
  });
}

function numberMath(x) {
  const text = number(x);
  return String(x).startsWith("-") ? `<mrow><mo>(</mo>${text}<mo>)</mo></mrow>` : text;
}

// Write a number in four digits as drawings do: trailing zeros mark a rounded one; see engine/support/text.py.
function rounded(x) {
  const plain = written(x);
  if (typeof plain !== "number") return plain;
  const isClose = (a) => Math.abs(a - plain) <= 1e-12 * Math.max(Math.abs(a), Math.abs(plain));
  if (Math.abs(plain) < 1e6 && isClose(Math.round(plain))) return Object.is(Math.round(plain), -0) ? "-0" : String(Math.round(plain));
  const exponent = Number(plain.toExponential(3).split("e")[1]);
  const brief = isClose(Number(shown(plain, 4))) ? shown(plain, 4)
    : exponent < -4 || exponent >= 4 ? plain.toExponential(3) : plain.toPrecision(4);
  return brief.replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`);
}

function rangeOf(all) {
  const numbers = all.map((x) => (x === FLAT ? 0 : x));
  const strange = numbers.filter((x) => !Number.isFinite(x));
  if (strange.length) return rounded(strange[0]) + (numbers.length > 1 ? ` in ${strange.length.toLocaleString("en")}` : "");
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)].map(rounded);
  return least === most ? least : `${least} … ${most}`;
}
