// The card: this step in symbols and in numbers.

const card = byId("card");

// Show a formula, which may break into lines before equals signs.
function math(...parts) {
  const sides = [[]];
  for (const part of parts) {
    if (part === EQUALS) sides.push([]);
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
const TIMES = "<mo>·</mo>";
const UNKNOWN = '<mtext class="unknown">?</mtext>';

function showCard(state, isHidden) {
  const { scene } = state;
  card.replaceChildren(...(scene ? told(scene, isHidden) : beginning()));
}

function beginning() {
  return [
    make("h2", {}, "Nothing has been computed yet"),
    make("p", {}, `First the forward pass, ${forwards} steps, computes every value, operands before results. `
      + `Then the backward pass, ${scenes.length - forwards - 1} steps, applies the chain rule from `
      + `${boxes[root].called} back to the leaves, one operand at a time.`),
    make("p", {}, "Press → or the arrow above."),
  ];
}

function told(scene, isHidden) {
  const box = boxes[scene.box];
  const title = make("h2", {}, make("span", { class: `phase ${scene.kind}` }, scene.kind), " ", bdi(headline(scene)));
  const rows = make("dl", {}, ...rowsOf(scene, isHidden).flatMap(([name, what]) => [
    make("dt", {}, name), make("dd", {}, what),
  ]));
  const place = [box.scope, scene.kind === "forward" ? box.source : ""].filter(Boolean);
  return [title, rows, ...place.map((text) => make("p", { class: "place" }, bdi(text))), stepsOf(scene.box)];
}

function headline(scene) {
  const [box, through] = [boxes[scene.box].called, boxes[scene.through].called];
  if (scene.kind === "seed") return `${box}: the seed`;
  if (scene.kind === "forward") return box;
  return scene.box === scene.through ? `inside ${box}` : `from ${through} to ${box}`;
}

function rowsOf(scene, isHidden) {
  return { forward: rowsForward, seed: rowsSeed, backward: rowsBackward }[scene.kind](scene, isHidden);
}

function rowsForward(scene, isHidden) {
  const box = boxes[scene.box];
  const result = isHidden ? UNKNOWN : number(box.data);
  if (!scene.math) {
    return [[scene.operands.length ? "values" : "given", math(box.math, EQUALS, number(box.data))]];
  }
  const formulas = [scene.math, scene.numbers].filter(Boolean).flatMap((formula) => [EQUALS, formula]);
  const rows = [["value", math(box.math, ...formulas, EQUALS, result)]];
  if (scene.locals && !isHidden) {
    const each = scene.locals.map((x, place) => math(local(box.math, operand(scene, place)), EQUALS, number(x)));
    rows.push(["local gradients, for the backward pass", make("div", { class: "each" }, ...each)]);
  }
  return rows;
}

const operand = (scene, place) => boxes[scene.operands[place]].math;

function rowsSeed(scene) {
  const box = boxes[scene.box];
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
  const hidden = (x) => (isHidden ? UNKNOWN : number(x));
  const rule = [scene.math, isHidden ? "" : scene.numbers].filter(Boolean).flatMap((formula) => [EQUALS, formula]);
  const rows = [
    ["local gradient", math(local(of, wrt), ...rule, EQUALS, hidden(scene.local))],
    ["upstream gradient", math(total(whole, of), EQUALS, number(scene.upstream))],
    ["chain rule: multiply", math(
      local(of, wrt), TIMES, total(whole, of), EQUALS,
      ...(isHidden ? [UNKNOWN] : scene.steps ? [number(scene.contribution)]
        : [bracketed(scene.local), TIMES, bracketed(scene.upstream), EQUALS, number(scene.contribution)]),
    )],
  ];
  const share = `${scene.turn} of ${changes[scene.box]}${scene.steps ? `, ${times(scene.steps)}` : ""}`;
  const sum = scene.steps ? [number(scene.number)]
    : [number(scene.before), "<mo>+</mo>", isHidden ? UNKNOWN : bracketed(scene.contribution), EQUALS, hidden(scene.number)];
  rows.push([`${scene.steps ? "sum" : "old + contribution"} (${share})`, math(total(whole, wrt), EQUALS, ...sum)]);
  return rows;
}

const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);
const range = (text) => (String(text).includes(" … ") ? `between ${text.replace(" … ", " and ")}` : text);

// The steps that a box takes part in, as buttons that jump to them.
function stepsOf(place) {
  const buttons = scenesOf[place].slice(0, 24).map((step) => {
    const button = make("button", { class: "step", title: scenes[step].line }, String(step + 1));
    button.addEventListener("click", () => goTo(step + 1));
    if (step + 1 === position) button.setAttribute("aria-current", "step");
    return button;
  });
  const more = scenesOf[place].length > 24 ? ` and ${scenesOf[place].length - 24} more` : "";
  return make("p", { class: "steps" }, "steps of ", bdi(boxes[place].called), ": ", ...buttons, more);
}

const bdi = (text) => make("bdi", {}, text);
