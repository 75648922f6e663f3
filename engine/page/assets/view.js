// The part of the graph in view: at first all of it, then what the step is about, as large as it can be read.

const [left, above, width, height] = picture.getAttribute("viewBox").split(" ").map(Number);
picture.setAttribute("width", width);
picture.setAttribute("height", height);
const LARGEST = 2.5; // pixels per point
const READABLE = 12 / 10.5; // the smallest texts are of 10.5 points, and then of 12 pixels
const AROUND = 14; // pixels around what a step is about
let wanted = null; // the scale that the reader chose; null for a readable one
let isFitted = false; // whether the reader wants to see the whole graph
let isByHand = false; // whether the reader has moved or zoomed since the last step
let view = { x: 0, y: 0, scale: 1 }; // the point in the middle, and pixels per point
let room = { across: 0, down: 0, whole: 1 }; // pixels, and the scale at which the whole graph is in view

function look() {
  const [x, y] = [room.across / 2 - (view.x - left) * view.scale, room.down / 2 - (view.y - above) * view.scale];
  picture.style.transform = `translate(${x}px, ${y}px) scale(${view.scale})`;
  showMap();
}

function measure() {
  const [across, down] = [graph.clientWidth, graph.clientHeight];
  room = { across, down, whole: Math.min(across / width, down / height) };
}

const isWhole = () => view.scale <= room.whole * 1.01;

function showWhole() {
  view = { x: left + width / 2, y: above + height / 2, scale: Math.min(room.whole, LARGEST / 1.5) };
  look();
}

function fit() {
  isFitted = true;
  wanted = null;
  showWhole();
}

// Return the corners of the smallest area around shapes, and the scale at which it just fits.
function around(names) {
  const found = names.map((name) => areas.get(name));
  const from = { x: Math.min(...found.map((area) => area.x)), y: Math.min(...found.map((area) => area.y)) };
  const to = {
    x: Math.max(...found.map((area) => area.x + area.width)),
    y: Math.max(...found.map((area) => area.y + area.height)),
  };
  const fitting = Math.min((room.across - 2 * AROUND) / (to.x - from.x), (room.down - 2 * AROUND) / (to.y - from.y));
  return { from, to, fitting };
}

// Show what a step is about: zoom out until all of it is in view, and in again when there is room. The other operands
// of the operation come along where the texts stay as large.
function follow(state) {
  isByHand = false;
  if (!state.scene || isFitted) return showWhole();
  const players = playersOf(state.scene);
  const usual = wanted ?? Math.max(READABLE, Math.min(room.whole, LARGEST / 1.5));
  const all = around([...players, ...companionsOf(state.scene)]);
  const { from, to, fitting } = all.fitting >= Math.min(usual, around(players).fitting) ? all : around(players);
  const scale = Math.min(usual, fitting, LARGEST);
  if (scale <= room.whole) return showWhole();
  const [across, down] = [room.across - 2 * AROUND, room.down - 2 * AROUND];
  view.scale = scale;
  const nearer = (middle, start, end, size) => {
    const half = size / 2 / scale;
    if (middle - half > start || middle + half < end) return (start + end) / 2;
    return middle;
  };
  view.x = nearer(view.x, from.x, to.x, across);
  view.y = nearer(view.y, from.y, to.y, down);
  lookWithin();
}

// Look where no more empty space than needed is beside the graph.
function lookWithin() {
  const kept = (middle, start, size, whole) => {
    const half = whole / 2 / view.scale;
    return size <= 2 * half ? start + size / 2 : Math.min(Math.max(middle, start + half), start + size - half);
  };
  view.x = kept(view.x, left, width, room.across);
  view.y = kept(view.y, above, height, room.down);
  look();
}

// Zoom around the point at x and y, in pixels from the middle.
function zoom(factor, x = 0, y = 0) {
  const scale = Math.min(Math.max(view.scale * factor, Math.min(room.whole, 1) / 2), LARGEST);
  view.x += x / view.scale - x / scale;
  view.y += y / view.scale - y / scale;
  view.scale = wanted = scale;
  [isFitted, isByHand] = [false, true];
  look();
}

function move(x, y) {
  isByHand = true;
  view.x -= x / view.scale;
  view.y -= y / view.scale;
  look();
}

// Bring a shape into view, if some of it is not.
function bringToView(name) {
  const area = areas.get(name);
  let isMoved = false;
  for (const [axis, size, pixels] of [["x", "width", room.across], ["y", "height", room.down]]) {
    const middle = area[axis] + area[size] / 2;
    if (Math.abs(middle - view[axis]) + area[size] / 2 > pixels / 2 / view.scale) [view[axis], isMoved] = [middle, true];
  }
  if (isMoved) lookWithin();
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

byId("zoom-in").addEventListener("click", () => zoom(1.3));
byId("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
byId("fit").addEventListener("click", fit);
observe([graph], () => {
  measure();
  if (isByHand) lookWithin();
  else follow(stateAfter(position));
});
