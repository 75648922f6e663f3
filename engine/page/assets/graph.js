// The graph: its highlights and its numbers; `view.js` says which part of it is in view.

const graph = byId("graph");
const picture = graph.querySelector("svg");
const arrows = [...picture.querySelectorAll("g.arrow")];
const shapes = new Map([...picture.querySelectorAll("[data-name]")].map((shape) => [shape.dataset.name, shape]));

// For each box, its shapes: a leaf that is used in many places is drawn at each.
const drawn = boxes.map((box) => ({ faces: [], seen: "" }));
const placeOf = new Map(boxes.map((box, place) => [box.name, place]));
for (const [name, shape] of shapes) {
  const place = placeOf.get(shape.dataset.copyOf ?? name);
  if (place === undefined) continue;
  const [data, face] = [shape.querySelector(".data, .out"), shape.querySelector(".face")];
  drawn[place].faces.push({ shape, data, made: data?.textContent ?? "", grad: shape.querySelector(".grad"), face });
  placeOf.set(name, place);
}
const areas = new Map([...shapes].map(([name, shape]) => [name, areaOf(shape)]));
let passedBy = [];
let lit = [];

// Write the local gradients of arrows, and draw the arrows as thick as their contributions are.
const drawnArrows = arrows.map((arrow) => ({
  local: arrow.querySelector(".local"), text: arrow.querySelector(".local")?.textContent, fill: arrow.getAttribute("fill"),
  path: arrow.querySelector("path[stroke]"), width: arrow.querySelector("path[stroke]").getAttribute("stroke-width"),
}));

function renewArrows() {
  const along = new Map(everyScene.filter((scene) => scene.kind === "backward").flatMap(
    (scene) => scene.arrows.map((number) => [number, scene])));
  const sizes = [...along.values()].map(({ contribution }) => Math.abs(contribution)).filter(Number.isFinite);
  const largest = Math.max(0, ...sizes);
  arrows.forEach((arrow, number) => {
    const { local, text, fill, path, width } = drawnArrows[number];
    const scene = along.get(number);
    const isNew = (isRenewed() || scene?.isMerged) && scene && typeof scene.contribution === "number";
    const share = isNew && largest ? Math.sqrt(Math.abs(scene.contribution) / largest) : 0;
    const colour = !isNew ? fill : scene.contribution < 0 ? colours.falling : scene.contribution > 0 ? colours.rising : colours.arrow;
    const [said, thickness] = [isRenewed() && scene ? shownRounded(scene.local) : text, isNew ? (1.2 + 3.8 * share).toFixed(1) : width];
    const seen = drawnArrows[number].seen ?? { colour: fill, said: text, thickness: width };
    if (local && seen.said !== said) local.textContent = said;
    if (seen.colour !== colour) for (const [element, name] of [[arrow, "fill"], [path, "stroke"]]) element.setAttribute(name, colour);
    if (seen.thickness !== thickness) path.setAttribute("stroke-width", thickness);
    drawnArrows[number].seen = { colour, said, thickness };
  });
}

const shownRounded = (x) => (typeof x === "number" ? rounded(x) : x);

function areaOf(shape) {
  const face = shape.querySelector(".face") ?? shape.querySelector("ellipse");
  const get = (name) => Number(face.getAttribute(name));
  return face.tagName === "ellipse"
    ? { x: get("cx") - get("rx"), y: get("cy") - get("ry"), width: 2 * get("rx"), height: 2 * get("ry") }
    : { x: get("x"), y: get("y"), width: get("width"), height: get("height") };
}

// Return the names of the shapes that a step is about: those of its boxes at the ends of its arrows, and operations.
function playersOf(scene) {
  const names = new Set(scene.shapes);
  for (const number of scene.arrows) {
    names.add(arrows[number].dataset.from);
    names.add(arrows[number].dataset.to);
  }
  for (const place of [scene.through, scene.box]) {
    const isThere = [...names].some((name) => placeOf.get(name) === place);
    if (!isThere) names.add(boxes[place].name);
  }
  return [...names];
}

// Return the names of the other operands of a step of the chain rule, whose numbers make the local gradient.
function companionsOf(scene) {
  if (scene.kind !== "backward") return [];
  const heads = new Set(scene.arrows.map((number) => arrows[number].dataset.to).filter((name) => !placeOf.has(name)));
  return arrows.filter((arrow) => heads.has(arrow.dataset.to)).map((arrow) => arrow.dataset.from);
}

function showGraph(state, isHidden) {
  boxes.forEach((box, place) => showBox(box, place, state, isHidden && place === state.scene.box));
  passedBy = passedBy.length ? passedBy : arrows.map((arrow, number) => scenes.findIndex(
    (scene) => scene.kind === "backward" && scene.arrows.includes(number)));
  arrows.forEach((arrow, number) => {
    const isAsked = isHidden && passedBy[number] === state.taken - 1;
    arrow.classList.toggle("passed", passedBy[number] >= 0 && passedBy[number] < state.taken && !isAsked);
  });
  for (const element of lit) element.classList.remove("lit", "source", "back", "forth");
  lit = [];
  if (!state.scene) return;
  const { kind, box, arrows: along } = state.scene;
  const mark = (element, ...marks) => { element.classList.add(...marks); lit.push(element); };
  for (const number of along) mark(arrows[number], "lit", kind === "forward" ? "forth" : "back");
  for (const name of playersOf(state.scene)) {
    const place = placeOf.get(name);
    mark(shapes.get(name), place === undefined || place === box ? "lit" : "source");
  }
}

// Return a box's number as a drawing writes it, if an update or the reader's changes made it another one.
function renewed(box, place, state) {
  if (!box.differs && !box.edited && !state.updated[place]) return undefined;
  return shownRounded(dataOf(place, state));
}

const LETTER = 6.4; // the width of a digit, in points

// Write a number into a box, which was laid out for the numbers of the recording: longer ones are written closer.
function write(element, text, isNew) {
  if (element.textContent === text) return;
  element.textContent = text;
  element.removeAttribute("textLength");
  if (!isNew || !text) return;
  const key = element.previousElementSibling;
  const face = element.parentNode.querySelector(".face");
  const isRow = key?.tagName === "text" && key.getAttribute("y") === element.getAttribute("y");
  const room = Number(face.getAttribute("width")) - 18 - (isRow ? LETTER * key.textContent.length + 4 : 0);
  if (LETTER * text.length <= room) return; // an estimate: measuring would lay the page out again for each box
  element.setAttribute("textLength", room);
  element.setAttribute("lengthAdjust", "spacingAndGlyphs");
}

function showBox(box, place, state, isHidden) {
  const isMade = state.made[place];
  const scene = state.changed[place];
  const slope = scene ? scene.shown : shown(gradientOf(place, state));
  const tint = scene && scene.tint !== null ? scene.tint : null;
  const isUpdated = Boolean(state.updated[place]);
  const isNew = isRenewed() || isUpdated;
  const seen = `${isMade}|${slope}|${tint}|${isHidden}|${isNew && dataOf(place, state)}|${box.edited}`;
  if (seen === drawn[place].seen) return;
  drawn[place].seen = seen;
  const isForward = state.scene && isOfNumber(state.scene);
  for (const { shape, data, made, grad, face } of drawn[place].faces) {
    shape.classList.toggle("differs", isUpdated || Boolean(box.differs && !box.edited && isMade)); // before texts are measured
    if (data) write(data, !isMade ? "" : isHidden && isForward ? "?" : renewed(box, place, state) ?? made, isNew);
    if (grad) write(grad, isHidden && !isForward ? "?" : slope, isRenewed() || box.isClosed);
    shape.classList.toggle("edited", Boolean(box.edited));
    shape.classList.toggle("troubled", Boolean(box.trouble && isMade));
    shape.classList.toggle("unmade", !isMade);
    face.setAttribute("fill", tint === null || isHidden ? box.fill : tints[tint]);
  }
}

graph.addEventListener("click", (event) => {
  const name = event.target.closest("[data-name]")?.dataset.name;
  if (!name || dragged > 4) return;
  const place = placeOf.get(name) ?? placeOf.get(`v${name.slice(1)}`);
  take(place);
});

// Do what a click on a box does: open a folded one, go to the next step of another one and offer its number.
function take(place) {
  if (boxes[place].isClosed) toggleFold(Number(boxes[place].name.slice(1)));
  else if (boxes[place].inside) open(place);
  else choosePlace(place);
}
