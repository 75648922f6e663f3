// The graph: its highlights, its numbers, and the part of it in view.

const graph = byId("graph");
const picture = graph.querySelector("svg");
const arrows = [...picture.querySelectorAll("g.arrow")];
const shapes = new Map([...picture.querySelectorAll("[data-name]")].map((shape) => [shape.dataset.name, shape]));
const drawn = boxes.map((box) => {
  const shape = shapes.get(box.name);
  const [data, face] = [shape.querySelector(".data, .out"), shape.querySelector(".face")];
  const area = Object.fromEntries(["x", "y", "width", "height"].map((name) => [name, Number(face.getAttribute(name))]));
  return { shape, data, made: data?.textContent ?? "", grad: shape.querySelector(".grad"), face, area, seen: "" };
});
const passedBy = arrows.map((arrow, number) => scenes.findIndex(
  (scene) => scene.kind === "backward" && scene.arrows.includes(number)));
let lit = [];

function showGraph(state, isHidden) {
  boxes.forEach((box, place) => showBox(box, place, state, isHidden && place === state.scene.box));
  arrows.forEach((arrow, number) => {
    arrow.classList.toggle("passed", passedBy[number] >= 0 && passedBy[number] < state.taken);
  });
  for (const element of lit) element.classList.remove("lit", "source", "back", "forth");
  lit = [];
  if (!state.scene) return;
  const { kind, box, through, arrows: along, shapes: operations, operands = [] } = state.scene;
  const mark = (element, ...marks) => { element.classList.add(...marks); lit.push(element); };
  for (const number of along) mark(arrows[number], "lit", kind === "forward" ? "forth" : "back");
  for (const name of operations) mark(shapes.get(name), "lit");
  for (const operand of operands) mark(drawn[operand].shape, "source");
  if (through !== box) mark(drawn[through].shape, "source");
  mark(drawn[box].shape, "lit");
  follow(drawn[through].area, drawn[box].area);
}

function showBox(box, place, state, isHidden) {
  const { shape, data, made, grad, face } = drawn[place];
  const scene = state.changed[place];
  const isMade = state.made[place];
  const slope = scene ? scene.shown : state.isSeeded ? box.zero : box.start;
  const tint = scene && scene.tint !== null ? scene.tint : null;
  const seen = `${isMade}|${slope}|${tint}|${isHidden}`;
  if (seen === drawn[place].seen) return;
  drawn[place].seen = seen;
  const isForward = state.scene?.kind === "forward";
  if (data) data.textContent = !isMade ? "" : isHidden && isForward ? "?" : made;
  if (grad) grad.textContent = isHidden && !isForward ? "?" : slope;
  shape.classList.toggle("unmade", !isMade);
  face.setAttribute("fill", tint === null || isHidden ? box.fill : tints[tint]);
}

// --- the part in view ---------------------------------------------------------------------------

const [left, above, width, height] = picture.getAttribute("viewBox").split(" ").map(Number);
picture.setAttribute("width", width);
picture.setAttribute("height", height);
const LARGEST = 2.5; // pixels per point
const READABLE = 0.75;
let isMoved = false; // by the reader
let view = { x: 0, y: 0, scale: 1 }; // the point in the middle, and pixels per point
let room = { across: 0, down: 0, whole: 1 }; // pixels, and the scale at which the whole graph is in view

function look() {
  const [x, y] = [room.across / 2 - (view.x - left) * view.scale, room.down / 2 - (view.y - above) * view.scale];
  picture.style.transform = `translate(${x}px, ${y}px) scale(${view.scale})`;
}

function measure() {
  const [across, down] = [graph.clientWidth, graph.clientHeight];
  room = { across, down, whole: Math.min(across / width, down / height) };
}

const isWhole = () => view.scale <= room.whole * 1.01;

function fit() {
  view = { x: left + width / 2, y: above + height / 2, scale: Math.min(room.whole, LARGEST / 1.5) };
  isMoved = false;
  look();
}

// Zoom around the point at x and y, in pixels from the middle.
function zoom(factor, x = 0, y = 0) {
  const scale = Math.min(Math.max(view.scale * factor, Math.min(room.whole, 1) / 2), LARGEST);
  view.x += x / view.scale - x / scale;
  view.y += y / view.scale - y / scale;
  view.scale = scale;
  isMoved = true;
  look();
}

function move(x, y) {
  view.x -= x / view.scale;
  view.y -= y / view.scale;
  isMoved = true;
  look();
}

// Move just far enough to bring areas into view, above all the last.
function follow(...areas) {
  if (isWhole()) return;
  const nearer = (middle, from, size, across) => {
    const margin = Math.min(60, across / 4);
    if (from < middle - across / 2 + margin) return from - margin + across / 2;
    if (from + size > middle + across / 2 - margin) return from + size + margin - across / 2;
    return middle;
  };
  for (const area of areas) {
    view.x = nearer(view.x, area.x, area.width, room.across / view.scale);
    view.y = nearer(view.y, area.y, area.height, room.down / view.scale);
  }
  look();
}

function middleOf(event) {
  const frame = graph.getBoundingClientRect();
  return [event.clientX - frame.x - frame.width / 2, event.clientY - frame.y - frame.height / 2];
}

// The wheel zooms with Ctrl, as pinching does, and moves a graph that does not fit; otherwise it scrolls the page.
graph.addEventListener("wheel", (event) => {
  const isZoom = event.ctrlKey || event.metaKey;
  if (!isZoom && isWhole()) return;
  event.preventDefault();
  const unit = event.deltaMode ? 20 : 1;
  if (isZoom) zoom(Math.exp(-event.deltaY * unit / 400), ...middleOf(event));
  else move(-event.deltaX * unit, -event.deltaY * unit);
}, { passive: false });

// One pointer moves the graph, two zoom it.
const pointers = new Map();
let dragged = 0;
graph.addEventListener("pointerdown", (event) => {
  pointers.set(event.pointerId, event);
  dragged = 0;
});
graph.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
  pointers.set(event.pointerId, event);
  dragged += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
  if (dragged > 4) graph.setPointerCapture(event.pointerId);
  if (!other) return move(event.clientX - before.clientX, event.clientY - before.clientY);
  const apart = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
  zoom(apart(event) / Math.max(apart(before), 1), ...middleOf(other));
});
for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
  graph.addEventListener(end, (event) => pointers.delete(event.pointerId));
}

graph.addEventListener("click", (event) => {
  const name = event.target.closest("[data-name]")?.dataset.name;
  if (name && dragged <= 4) goToBox(boxes.findIndex((box) => box.name === `v${name.slice(1)}`));
});

byId("zoom-in").addEventListener("click", () => zoom(1.3));
byId("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
byId("fit").addEventListener("click", fit);

// Show a large graph at first at a scale at which its numbers can be read.
function begin() {
  fit();
  if (view.scale >= READABLE) return;
  view.scale = READABLE;
  const scene = scenes[position - 1];
  follow(drawn[scene ? scene.box : 0].area);
  look();
}
new ResizeObserver(() => {
  measure();
  if (isMoved) look();
  else begin();
}).observe(graph);
