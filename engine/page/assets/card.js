// The card: this step in symbols and in numbers.

const card = byId("card");
const NEARBY = 7; // steps of a box that are listed

// Show a formula, which may break into lines before equals signs and arrows.
function math(...parts) {
  const sides = [[]];
  for (const part of parts) {
    if (part === EQUALS || part === BECOMES) sides.push([]);
    sides.at(-1).push(part);
  }
  const holder = make("div", { class: "math" });
  // The parts are numbers and MathML that was made from the table of operations, with names escaped.
  holder.innerHTML = sides.map((side) => `<math>${side.join("")}</math>`).join(" ");
  return holder;
}

function number(x) {
  const text = shown(x);
  if (typeof x !== "number") return `<mtext>${escaped(text).replaceAll("-", "−")}</mtext>`;
  const [digits, exponent] = text.replace("-", "").split("e");
  const size = exponent
    ? `<mn>${digits}</mn><mo>·</mo><msup><mn>10</mn><mrow>${signed(Number(exponent))}</mrow></msup>`
    : `<mn>${digits}</mn>`;
  return text.startsWith("-") ? `<mrow><mo form="prefix">−</mo>${size}</mrow>` : size;
}

const signed = (exponent) => `${exponent < 0 ? "<mo form='prefix'>−</mo>" : ""}<mn>${Math.abs(exponent)}</mn>`;
const escaped = (text) => String(text).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const bracketed = (x) => (shown(x).startsWith("-") || shown(x).includes("e") || typeof x !== "number"
  ? `<mrow><mo>(</mo>${number(x)}<mo>)</mo></mrow>` : number(x));
// Local derivatives are partial, ∂; those of the root with respect to a value are total, d.
const fraction = (d, of, wrt) => `<mfrac><mrow>${d}${of}</mrow><mrow>${d}${wrt}</mrow></mfrac>`;
const local = (of, wrt) => fraction('<mo form="prefix">∂</mo>', of, wrt);
const total = (of, wrt) => fraction('<mi>d</mi><mspace width="0.12em"/>', of, wrt);
const EQUALS = '<mo form="infix">=</mo>';
const BECOMES = '<mo form="infix">←</mo>';
const TIMES = "<mo>·</mo>";
const PLUS = "<mo>+</mo>";
const UNKNOWN = '<mtext class="unknown">?</mtext>';
const bdi = (text) => make("bdi", {}, text);

function showCard(state, isHidden) {
  const { scene } = state;
  card.replaceChildren(...(scene ? told(scene, isHidden) : state.isDone ? ending(state) : beginning()));
  if (state.isDone) keepInSight();
}

// Measure the formulas that are wider than their place; return what makes them smaller, but never unreadably so.
function shrinking() {
  return [...card.querySelectorAll("dd")].map((formula) => [formula, formula.clientWidth / formula.scrollWidth])
    .filter(([, share]) => share && share < 1)
    .map(([formula, share]) => () => { formula.style.fontSize = `${Math.max(share, 0.75)}em`; });
}

function beginning() {
  return [
    make("h2", {}, "All given numbers are there"),
    make("p", {}, `First the forward pass, ${forwards} steps, computes every value, operands before results. `
      + `Then the backward pass, ${backwards} steps, applies the chain rule from `
      + `${boxes[root].called} back to the leaves, one operand at a time.`
      + (isUpdating() ? " At last the update moves the parameters." : "")),
    make("p", {}, "Press → or the arrow above."),
    ...(boxes.some((box) => box.inside) ? [make("p", {}, "Click a folded box to see what is inside.")] : []),
  ];
}


// Tell where the reader's changes left no value, or no way along an edge.
function exception(scene) {
  const { called } = boxes[scene.kind === "forward" ? scene.box : scene.through];
  const { trouble } = boxes[scene.box];
  if (scene.kind === "forward" && scene.cut) {
    return `${called} is set to ${shown(boxes[scene.box].data)}. Until you release it, it does not depend on its operands.`;
  }
  if (scene.kind === "forward" && trouble) return trouble;
  if (scene.isMissing) return `${boxes[root].called} has no value, so there is no gradient.`;
  if (scene.kind === "backward" && scene.cut) return `${called} is set, so nothing goes back to its operands.`;
  return "";
}

function told(scene, isHidden) {
  const box = boxes[scene.box];
  const special = exception(scene);
  const title = make("h2", {}, make("span", { class: `phase ${scene.kind}` }, scene.kind), " ", headline(scene));
  const rows = make("dl", {}, ...(special ? [["", bdi(special)]] : rowsOf(scene, isHidden)).map(([name, what]) => (
    make("div", {}, make("dt", {}, name), make("dd", {}, what)))));
  const place = [box.scope, scene.kind === "forward" ? box.source : ""].filter(Boolean);
  const question = isHidden ? [make("div", { id: "question" })] : [];
  const where = make("p", { class: "place" }, ...place.flatMap((text) => [bdi(text), " "]));
  return [title, ...question, rows, ...(place.length ? [where] : []), stepsOf(scene.box)];
}

function headline(scene) {
  const [box, through] = [boxes[scene.box].called, boxes[scene.through].called].map(breakable);
  if (scene.kind === "seed") return make("span", {}, box, ": the seed");
  if (isOfNumber(scene)) return box;
  return make("span", {}, ...(scene.box === scene.through ? ["inside ", box] : ["from ", through, " to ", box]));
}

function rowsOf(scene, isHidden) {
  return { forward: rowsForward, seed: rowsSeed, backward: rowsBackward, update: rowsUpdate }[scene.kind](scene, isHidden);
}

function rowsForward(scene, isHidden) {
  const box = boxes[scene.box];
  const result = isHidden ? UNKNOWN : number(box.data);
  if (!scene.math) return [[box.inside ? "computed" : "value", math(box.math, ...(box.data === "" ? [] : [EQUALS, result]))]];
  const formulas = [scene.math, scene.numbers].filter(Boolean).flatMap((formula) => [EQUALS, formula]);
  const rows = [["value", math(box.math, ...formulas, EQUALS, result)]];
  if (scene.locals && !isHidden) {
    const each = scene.locals.map((x, place) => math(local(box.math, operand(scene, place)), EQUALS, number(x)));
    rows.push(["local gradients, for the backward pass", make("div", { class: "each" }, ...each)]);
  }
  return rows;
}

const operand = (scene, place) => boxes[scene.operands[place]].math;

function rowsSeed(scene, isHidden) {
  const box = boxes[scene.box];
  if (isHidden) return [["seed", math(total(box.math, box.math), EQUALS, UNKNOWN)]];
  return [
    ["seed", math(total(box.math, box.math), EQUALS, number(scene.contribution))],
    ["why", bdi(scene.contribution === 1
      ? `A change in ${box.called} changes ${box.called} by just as much, so the backward pass starts from 1. All other gradients start from 0.`
      : "The backward pass was given this seed. All other gradients start from 0.")],
  ];
}

function rowsBackward(scene, isHidden) {
  const [wrt, of, whole] = [boxes[scene.box].math, boxes[scene.through].math, boxes[root].math];
  if (scene.box === scene.through) {
    return [["inside", `The chain rule was applied ${times(scene.steps)} in here; the gradients are now ${range(scene.number)}.`]];
  }
  const share = `${scene.turn} of ${changes[scene.box]}${scene.steps ? `, ${times(scene.steps)}` : ""}`;
  if (isHidden) {
    const made = everyScene.find((each) => each.kind === "forward" && each.box === scene.through);
    return [
      ["given", math(of, ...(made?.math ? [EQUALS, made.math] : []))],
      ["upstream gradient", math(total(whole, of), EQUALS, number(scene.upstream))],
      ["chain rule: multiply", math(local(of, wrt), TIMES, total(whole, of), EQUALS, UNKNOWN)],
      [`old + contribution (${share})`, math(total(whole, wrt), EQUALS, number(scene.before), PLUS, UNKNOWN)],
    ];
  }
  const rule = [scene.math, scene.numbers].filter(Boolean).flatMap((formula) => [EQUALS, formula]);
  const rows = [
    ["local gradient", math(local(of, wrt), ...rule, EQUALS, number(scene.local))],
    ["upstream gradient", math(total(whole, of), EQUALS, number(scene.upstream))],
    ["chain rule: multiply", math(
      local(of, wrt), TIMES, total(whole, of), EQUALS,
      ...(scene.steps ? [number(scene.contribution)]
        : [bracketed(scene.local), TIMES, bracketed(scene.upstream), EQUALS, number(scene.contribution)]),
    )],
  ];
  const added = scene.total ?? scene.contribution;
  const isOne = typeof scene.before === "number" || typeof added === "number";
  const sum = isOne ? [number(scene.before), PLUS, bracketed(added), EQUALS, number(scene.sum)] : [number(scene.number)];
  const what = !isOne ? "sum" : scene.steps ? "old + sum of contributions" : "old + contribution";
  rows.push([`${what} (${share})`, math(total(whole, wrt), EQUALS, ...sum)]);
  return rows;
}

const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);
const range = (text) => (String(text).includes(" … ") ? `between ${text.replace(" … ", " and ")}` : text);

// The steps around this one that a box takes part in, as buttons that jump to them.
function stepsOf(place) {
  const all = scenesOf[place];
  const here = Math.max(all.findIndex((step) => step + 1 >= position), 0);
  const first = Math.max(Math.min(here - Math.floor(NEARBY / 2), all.length - NEARBY), 0);
  const buttons = all.slice(first, first + NEARBY).map((step) => {
    const button = make("button", { class: "step", title: `Step ${step + 1}` }, String(step + 1));
    button.addEventListener("click", () => goTo(step + 1));
    if (step + 1 === position) button.setAttribute("aria-current", "step");
    return button;
  });
  const more = all.length > NEARBY ? ` of ${all.length}` : "";
  return make("p", { class: "steps" }, "steps of ", bdi(boxes[place].called), ": ", ...buttons, more);
}

// Show what is inside a box of several values, with the numbers of now and the gradients of the end.
function open(place) {
  const box = boxes[place];
  const state = stateAfter(position);
  const [isMade, isOver] = [state.made[place], position >= scenes.length];
  const cell = (x) => make("td", { title: String(x) }, shown(x, 4));
  const rows = box.inside.map(([name, formula, data, grad]) => make("tr", {},
    make("th", { scope: "row" }, breakable(name)), make("td", { class: "formula" }, bdi(formula)),
    cell(isMade || !formula ? data : ""), cell(isOver ? grad : "")));
  const head = ["name", "computed as", "data", "grad"].map((title) => make("th", { scope: "col" }, title));
  const close = make("button", { class: "close" }, "Close");
  const panel = byId("inside");
  close.addEventListener("click", () => panel.close());
  panel.replaceChildren(
    make("h2", {}, "Inside ", bdi(box.called)), make("div", { class: "scroll" },
      make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows))),
    ...(box.more ? [make("p", { class: "place" }, `and ${box.more} more values`)] : []),
    make("p", {}, close, " ", ...(scenesOf[place].length ? [stepsOf(place)] : [])),
  );
  panel.showModal();
}
