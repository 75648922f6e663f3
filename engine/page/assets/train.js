// The fourth phase: updates. Parameters learn from their gradients, and every iteration can be visited again.

const rateInput = byId("rate");
const iterationSlider = byId("iteration");
const [rule, training] = [byId("rule"), byId("training")];
const optimiser = byId("optimiser");
const RECORDED = "recorded"; // the walk's optimiser
const MOMENTUM = 0.9;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];
let iterations = [{ learnt: new Map(), states: rememberedAtFirst(), loss: boxes[root].data }];
let iteration = 0;
let stopped = ""; // why no further step was taken

// The rules of nn/optimisers.py: from a number, its gradient, the learning rate and the state to the next of both.
const OPTIMISERS = {
  "gradient descent": (p, g, rate) => [p - rate * g],
  momentum: (p, g, rate, last) => {
    const direction = last === undefined ? g : MOMENTUM * last + g;
    return [p - rate * direction, direction];
  },
  Adam: (p, g, rate, { steps = 0, mean = 0, square = 0 } = {}) => {
    const now = {
      steps: steps + 1, mean: mean + (1 - BETA1) * (g - mean), square: BETA2 * square + (1 - BETA2) * g * g,
    };
    const spread = Math.sqrt(now.square) / (1 - BETA2 ** now.steps) ** 0.5 + EPSILON;
    return [p - rate / (1 - BETA1 ** now.steps) * (now.mean / spread), now];
  },
};

// Take an optimiser's step: return the next number of a parameter, and what is remembered of it.
function stepped(node, p, g, states) {
  const [name, last] = [optimiser.value, states.get(node)];
  const [next, state] = OPTIMISERS[name](p, g, Number(rateInput.value), last?.by === name ? last.state : undefined);
  return [next, { by: name, state }];
}

// What the walk's optimiser remembers before its update.
function rememberedAtFirst() {
  return new Map(Object.entries(live?.rule?.states ?? {}).map(([node, state]) => [Number(node), { by: RECORDED, state }]));
}

function visit(place) {
  iteration = Math.min(Math.max(place, 0), iterations.length - 1);
  learnt.clear();
  for (const [node, x] of iterations[iteration].learnt) learnt.set(node, x);
}

// Take training steps from this iteration on; those that came after it before are forgotten.
function train(count) {
  iterations.length = iteration + 1;
  iterations[iteration].loss = boxes[root].data; // with the numbers that the reader has set since
  stopped = "";
  for (let i = 0; i < count && !stopped; i++) takeStep();
  renew();
  byId("said").textContent = trainingInWords();
}

function takeStep() {
  const [{ numbers }, { states }] = [forwardPass(), iterations[iteration]];
  const { gradients } = backwardPass(numbers);
  const [next, following] = [new Map(), new Map()];
  for (const node of live.trained) {
    const isHeld = edits.has(node); // by the reader
    const [p, g] = [numbers[node], written(gradients[node])];
    const [moved, after] = isHeld ? [p, states.get(node)] : stepped(node, p, g, states);
    if (isHeld && !iterations[iteration].learnt.has(node)) continue;
    next.set(node, moved);
    following.set(node, after);
  }
  if (numbers.at(-1) === undefined) stopped = `${boxes[root].called} has no value, so there is no gradient to follow.`;
  else if (![...next.values()].every(Number.isFinite)) stopped = "The next update is not a finite number: try a lower learning rate.";
  if (stopped) return;
  iterations.push({ learnt: next, states: following });
  visit(iteration + 1);
  iterations[iteration].loss = written(forwardPass().numbers.at(-1) ?? NaN);
}

// The walk's optimiser has a rate of its own; the curve along the gradient is drawn for that one.
function showRate() {
  const isOwn = optimiser.value === RECORDED;
  if (isOwn) rateInput.value = live.rule.settings.lr ?? rateInput.value;
  rateInput.disabled = isOwn;
}

const trainingInWords = () => `Iteration ${iteration} of ${iterations.length - 1}: ${shown(boxes[root].data)}. ${stopped}`;

function showIterations() {
  byId("iterations").hidden = iterations.length < 2 || isPredicting;
  iterationSlider.max = iterations.length - 1;
  iterationSlider.value = iteration;
  byId("iteration-said").textContent = `${iteration} of ${iterations.length - 1}`;
}

const isTraining = () => live && live.trained.length > 0;

// Return the buttons that take steps, the curve of the loss, and that of the loss along the gradient.
function trainingFromHere() {
  if (!isTraining()) return [];
  const said = iterations.length > 1 || stopped ? [make("p", { class: "trained" }, trainingInWords())] : [];
  const course = iterations.map(({ loss }, place) => [place, loss]);
  return [
    training,
    ...said,
    make("div", { class: "charts" },
      ...(iterations.length > 1 ? [chart(`At each iteration: ${boxes[root].called}`, [course], iteration)] : []), ...along()),
  ];
}

// Draw the root's number along the gradient from here; to first order it is L - lr |g|^2.
function along() {
  const rate = Number(rateInput.value);
  const { numbers } = forwardPass();
  const { gradients } = backwardPass(numbers);
  const moved = live.trained.filter((node) => typeof gradients[node] === "number" && !edits.has(node));
  const square = moved.reduce((sum, node) => sum + gradients[node] ** 2, 0);
  if (!(square > 0 && rate > 0) || !Number.isFinite(square * rate) || numbers.at(-1) === undefined) return [];
  const kept = new Map(learnt);
  const actual = Array.from({ length: 25 }, (_, i) => (2 * rate * i) / 24).map((step) => {
    for (const node of moved) learnt.set(node, numbers[node] - step * gradients[node]);
    return [step, forwardPass().numbers.at(-1)];
  });
  learnt.clear();
  for (const [node, x] of kept) learnt.set(node, x);
  const predicted = [0, 2 * rate].map((step) => [step, numbers.at(-1) - step * square]);
  const title = `After a step against the gradient (dashed: as it predicts): ${boxes[root].called}`;
  return [chart(title, [actual, predicted], rate)];
}

const [WIDTH, HEIGHT] = [300, 90];

function chart(title, curves, marked) {
  const drawing = svgElement("svg", {});
  const isThere = ([, y]) => Number.isFinite(y);
  const [xs, ys] = [curves[0].map(([x]) => x), curves[0].filter(isThere).map(([, y]) => y)];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = ([x, y]) => [
    5 + (WIDTH - 10) * ((x - left) / (right - left || 1)),
    HEIGHT - 5 - (HEIGHT - 10) * ((y - low) / (high - low || 1)),
  ].map((each) => each.toFixed(1));
  curves.forEach((curve, number) => drawing.append(svgElement("polyline", {
    points: curve.filter(isThere).map((point) => place(point).join(",")).join(" "), class: number ? "predicted" : "actual",
  })));
  const here = curves[0].filter(isThere).find(([x]) => Math.abs(x - marked) <= 1e-9 * Math.abs(marked));
  if (here) {
    const [cx, cy] = place(here);
    drawing.append(svgElement("circle", { cx, cy, r: 4 }));
  }
  const ends = `${shown(low, 4)} to ${shown(high, 4)}`;
  drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  drawing.setAttribute("preserveAspectRatio", "none"); // lower in a low window
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", `${title}: ${ends}`);
  return make("figure", {}, make("figcaption", {}, bdi(title)), drawing,
    make("p", { class: "place" }, `from ${shown(left, 4)} to ${shown(right, 4)}; ${ends}`));
}

for (const count of [1, 10, 100]) byId(`train-${count}`).addEventListener("click", () => {
  train(count);
  byId(`train-${count}`).focus();
});
iterationSlider.addEventListener("input", () => {
  visit(Number(iterationSlider.value));
  renew();
});
for (const control of [rateInput, optimiser]) {
  control.addEventListener("input", () => {
    showRate();
    showCard(stateAfter(position), false);
    settle(stateAfter(position));
    control.focus();
  });
}
