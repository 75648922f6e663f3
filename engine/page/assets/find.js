// Ways to a node of the graph: along its arrows by keyboard, by its name, and by pointing at it, which tells its account.

const tip = byId("account");
const finder = byId("find");
const nodes = [...shapes.keys()].filter((name) => placeOf.has(name));

// Return for each node the nodes at the other ends of its arrows, past the signs of operations.
function neighbours(near, far) {
  const direct = new Map();
  for (const { dataset } of arrows) direct.set(dataset[near], [...(direct.get(dataset[near]) ?? []), dataset[far]]);
  const past = (name) => (placeOf.has(name) ? [name] : (direct.get(name) ?? []).flatMap(past));
  const copies = (name) => drawn[placeOf.get(name)].faces.map(({ shape }) => shape.dataset.name);
  return new Map(nodes.map((name) => [name, [...new Set(copies(name).flatMap((copy) => direct.get(copy) ?? []).flatMap(past))]]));
}
const operandsOf = neighbours("to", "from");
const usersOf = neighbours("from", "to");

// Tell all about a node in a sentence; what is asked for stays unknown.
function account(name) {
  const place = placeOf.get(name);
  const [box, state] = [boxes[place], stateAfter(position)];
  const isHidden = state.scene?.box === place && isAsked(state.scene);
  const isForward = state.scene && isOfNumber(state.scene);
  const made = everyScene.find((scene) => scene.kind === "forward" && scene.box === place);
  const slope = isHidden && !isForward ? "?" : shown(gradientOf(place, state));
  const users = [...new Set(usersOf.get(name).map((each) => boxes[placeOf.get(each)].called))];
  const value = !state.made[place] ? "not computed yet" : isHidden && isForward ? "?" : shown(dataOf(place, state));
  return [
    box.isClosed ? box.called : box.plain ? value : `${made && !box.inside ? lineFor(made) : box.called} ${state.made[place] ? "= " : "is "}${value}`, state.updated[place] ? `updated from ${shown(box.data)}` : "",
    box.isClosed ? `${counted(box.nodes.length, "value")}, folded; Enter opens it` : box.inside ? "a folded box" : made ? "" : box.kind,
    box.edited ? "set by you" : "", slope === "" ? "" : `gradient ${slope}`, state.made[place] ? box.trouble ?? "" : "",
    users.length ? `used by ${users.join(", ")}` : "",
  ].filter(Boolean).join("; ");
}

function showAccount(name) {
  tip.textContent = account(name);
  tip.hidden = false;
  const [node, frame] = [shapes.get(name).getBoundingClientRect(), tip.parentElement.getBoundingClientRect()];
  const [across, down] = [frame.width - tip.offsetWidth - 4, node.bottom - frame.y + 4];
  tip.style.left = `${Math.max(Math.min(node.x - frame.x, across), 4)}px`;
  tip.style.top = `${down + tip.offsetHeight < frame.height ? down : Math.max(node.y - frame.y - tip.offsetHeight - 4, 0)}px`;
}

const hideAccount = () => { tip.hidden = true; };
const nodeAt = (target) => {
  const name = target.closest?.("[data-name]")?.dataset.name;
  return placeOf.has(name) ? name : undefined;
};

// --- by keyboard -------------------------------------------------------------------------------------

let here = ""; // the node that Tab reaches
let ring = []; // the nodes that the keys across go through: those at the other ends of the arrows we came along

picture.setAttribute("role", "application");
picture.setAttribute("aria-roledescription", "graph");
for (const name of nodes) {
  const shape = shapes.get(name);
  shape.setAttribute("role", "button");
  shape.setAttribute("aria-label", boxes[placeOf.get(name)].called);
  shape.setAttribute("tabindex", -1);
}

// Let Tab reach the node of this step, unless the reader is in the graph already.
function reachNode(state) {
  hideAccount();
  if (graph.contains(document.activeElement)) return describe(here);
  const ours = state.scene ? nodes.find((name) => placeOf.get(name) === state.scene.box) : nodes[0];
  settleOn(ours ?? nodes[0]);
}

const describe = (name) => shapes.get(name).setAttribute("aria-label", account(name));

function settleOn(name) {
  shapes.get(here)?.setAttribute("tabindex", -1);
  here = name;
  shapes.get(name).setAttribute("tabindex", 0);
  describe(name);
}

function walkTo(name, among) {
  settleOn(name);
  ring = among;
  bringToView(name);
  shapes.get(name).focus({ preventScroll: true });
}

// In a drawing from left to right, Left and Right go along the arrows, and in one that goes down Up and Down do.
const lengthOf = (size, side) => arrows.reduce((sum, { dataset: { from, to } }) => {
  const [start, end] = [areas.get(from), areas.get(to)];
  return start && end ? sum + Math.abs(end[side] + end[size] / 2 - start[side] - start[size] / 2) : sum;
}, 0);
const isDownward = lengthOf("height", "y") > lengthOf("width", "x");
const [TO_OPERANDS, TO_USERS, BEFORE, AFTER] = isDownward
  ? ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] : ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

function goAlong(name, key) {
  const { called } = boxes[placeOf.get(name)];
  if (key === TO_OPERANDS || key === TO_USERS) {
    const found = (key === TO_USERS ? usersOf : operandsOf).get(name);
    if (found.length) walkTo(found[0], found);
    else byId("said").textContent = key === TO_USERS ? `Nothing uses ${called}.` : `${called} has no operands.`;
    return;
  }
  const others = ring.includes(name) ? ring : operandsOf.get(usersOf.get(name)[0]) ?? [name];
  const next = others.indexOf(name) + (key === AFTER ? 1 : -1);
  walkTo(others[(next + others.length) % others.length], others);
}

graph.addEventListener("keydown", (event) => {
  const name = nodeAt(event.target);
  if (!name || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return hideAccount();
  if ([TO_OPERANDS, TO_USERS, BEFORE, AFTER].includes(event.key)) goAlong(name, event.key);
  else if (event.key === "Enter" || event.key === " ") take(placeOf.get(name));
  else if (event.key === "f") foldAround(placeOf.get(name));
  else return;
  event.preventDefault();
  event.stopPropagation();
});
graph.addEventListener("focusin", ({ target }) => {
  const name = nodeAt(target);
  if (!name || !shapes.get(name).matches(":focus-visible")) return;
  if (name !== here) settleOn(name);
  bringToView(name);
  showAccount(name);
});
graph.addEventListener("focusout", hideAccount);

// --- by pointing -------------------------------------------------------------------------------------

graph.addEventListener("pointerover", ({ target, pointerType, buttons }) => {
  const name = nodeAt(target);
  if (name && pointerType === "mouse" && !buttons) showAccount(name);
  else hideAccount();
});
graph.addEventListener("pointerleave", hideAccount);
graph.addEventListener("pointerdown", hideAccount);

// --- by name -----------------------------------------------------------------------------------------

let matches = [];
let match = 0;

// Find the nodes with a text in their names: first those called so, then those whose names begin so.
function find() {
  const text = finder.value.trim().toLowerCase();
  const rank = (name) => {
    const called = boxes[placeOf.get(name)].called.toLowerCase();
    return called === text ? 0 : called.startsWith(text) ? 1 : called.includes(text) ? 2 : 3;
  };
  const isCalled = (name) => !boxes[placeOf.get(name)].plain && rank(name) < 3;
  matches = text ? nodes.filter(isCalled).sort((a, b) => rank(a) - rank(b)) : [];
  match = 0;
  for (const name of nodes) shapes.get(name).classList.toggle("found", matches.includes(name));
  showMatch();
}

function showMatch() {
  const name = matches[match];
  byId("found").textContent = name ? `${match + 1} of ${matches.length}` : finder.value.trim() ? "none" : "";
  if (!name) return hideAccount();
  bringToView(name);
  showAccount(name);
  byId("said").textContent = `${match + 1} of ${matches.length}: ${account(name)}`;
}

finder.addEventListener("input", find);
finder.addEventListener("blur", hideAccount);
finder.addEventListener("keydown", (event) => {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    finder.value = "";
    find();
  } else if (way && matches.length) {
    match = (match + way + matches.length) % matches.length;
    showMatch();
  } else if (event.key === "Enter" && matches.length) walkTo(matches[match], matches);
  else return;
  event.preventDefault();
});
