// The map: where the view is, if some of the graph is outside. It stands in the bar, so that nothing lies beneath it.

const map = byId("map");
const seenPart = svgElement("rect", { class: "seen", "vector-effect": "non-scaling-stroke" });
const nowPart = svgElement("g");
map.setAttribute("viewBox", `${left} ${above} ${width} ${height}`);
map.append(...nodes.map((name) => svgElement("rect", areas.get(name))), nowPart, seenPart);

// Return the part of the picture that is in view.
function partInView() {
  const [across, down] = [room.across / view.scale, room.down / view.scale];
  return { x: view.x - across / 2, y: view.y - down / 2, width: across, height: down };
}

function showMap() {
  const part = partInView();
  const isIn = (axis, size, start, length) => part[axis] <= start + 1 && part[axis] + part[size] >= start + length - 1;
  map.toggleAttribute("hidden", isIn("x", "width", left, width) && isIn("y", "height", above, height));
  const inside = (axis, size, start, length) => {
    const from = Math.min(Math.max(part[axis], start), start + length);
    seenPart.setAttribute(axis, from);
    seenPart.setAttribute(size, Math.max(Math.min(part[axis] + part[size], start + length) - from, 0));
  };
  inside("x", "width", left, width);
  inside("y", "height", above, height);
}

// Mark what this step is about.
function markInMap({ scene }) {
  nowPart.replaceChildren(...(scene ? playersOf(scene).map((name) => svgElement("rect", areas.get(name))) : []));
}

// A click moves the middle of the view, and a drag takes it along.
function lookAt(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  [view.x, view.y] = [point.x, point.y];
  isFitted = false;
  lookWithin();
}
map.addEventListener("pointerdown", (event) => {
  map.setPointerCapture(event.pointerId);
  lookAt(event);
});
map.addEventListener("pointermove", (event) => {
  if (map.hasPointerCapture(event.pointerId)) lookAt(event);
});
