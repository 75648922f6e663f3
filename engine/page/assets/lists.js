// The program, a line for each step, and the table of numbers.

const lines = byId("lines");
const rows = byId("rows");
const exact = byId("exact");
const table = rows.closest(".list");
const DIGITS = 4; // in the table; the line below it has all

let lineOf = [];

function makeLines() {
  lines.replaceChildren();
  lineOf = scenes.map((scene, place) => {
    const result = (scene.kind === "forward" && scene.math) || scene.kind === "update" ? make("span", { class: "result" }) : "";
    const [said, text] = [make("span"), make("code", { dir: "ltr" })];
    text.append(said, result);
    const button = make("button", { class: scene.kind, tabindex: "-1" }, make("span", { class: "index" }, String(place + 1)), text);
    button.addEventListener("click", () => goTo(place + 1));
    lines.append(make("li", {}, button));
    return { button, said, result, seen: "" };
  });
}

const rowOf = boxes.map((box, place) => {
  const name = make("button", { tabindex: "-1", title: box.called }, breakable(box.called));
  name.addEventListener("click", () => (box.inside ? goToBox(place) : choosePlace(place)));
  const [data, grad] = [make("td"), make("td")];
  const row = make("tr", { class: box.inside ? `${box.kind} several` : box.kind }, make("th", { scope: "row" }, name), data, grad);
  rows.append(row);
  return { row, name, data, grad, seen: "" };
});

let litLine = null;
let litCell = null;

function showLists(state, isHidden) {
  lineOf.forEach((line, place) => showLine(line, place, place < state.taken, isUnknown(scenes[place], place, state)));
  boxes.forEach((box, place) => showRow(box, place, state, isHidden && place === state.scene.box));
  litLine?.removeAttribute("aria-current");
  litCell?.classList.remove("changed");
  litLine = litCell = null;
  showExact(state, isHidden);
  if (!state.scene) return;
  litLine = lineOf[state.taken - 1].button;
  litLine.setAttribute("aria-current", "step");
  litCell = rowOf[state.scene.box][isOfNumber(state.scene) ? "data" : "grad"];
  litCell.classList.add("changed");
  reach(litLine, rowOf[state.scene.box].name);
}

// Return whether the line of a step would give away what is asked.
function isUnknown(scene, place, state) {
  return isPredicting && place >= state.taken - 1 && isAsked(scene);
}

// Return a statement without its right side.
const masked = (line) => line.replace(/( \+?= ).*$/s, "$1?");

function showLine(line, place, isTaken, isHidden) {
  const scene = scenes[place];
  const result = scene.after ?? boxes[scene.box].data;
  const seen = `${isTaken}|${isHidden}|${isRenewed() && result}|${scene.line}|${scene.cut}`;
  if (line.seen === seen) return;
  line.seen = seen;
  line.button.classList.toggle("taken", isTaken);
  const text = lineFor(scene);
  line.said.textContent = isHidden && scene.kind !== "forward" ? masked(text) : text;
  if (line.result) line.result.textContent = isTaken ? `  = ${isHidden ? "?" : shown(result)}` : "";
}

// Return the line of a step; one that is cut off from its operands does nothing.
function lineFor(scene) {
  if (!scene.cut) return scene.line;
  const name = boxes[scene.kind === "forward" ? scene.box : scene.through].called;
  return scene.kind === "forward" ? `${name} is set` : `(nothing: ${name} is set)`;
}

function showRow(box, place, state, isHidden) {
  const row = rowOf[place];
  row.row.hidden = box.kind === "constant" && !changes[place];
  const isForward = state.scene && isOfNumber(state.scene);
  const all = dataOf(place, state);
  const data = !state.made[place] ? "" : isHidden && isForward ? "?" : shown(all, DIGITS);
  const slope = gradientOf(place, state);
  const grad = isHidden && !isForward ? "?" : shown(slope, DIGITS);
  const seen = `${data && all}|${data}|${slope}|${grad}|${box.edited}|${box.differs}`;
  if (row.seen === seen) return;
  row.seen = seen;
  row.row.classList.toggle("edited", Boolean(box.edited));
  row.row.classList.toggle("differs", Boolean((box.differs || state.updated[place]) && data));
  row.data.textContent = data;
  row.grad.textContent = grad;
  row.data.title = state.made[place] && data !== "?" ? String(all) : "";
  if (state.updated[place]) row.row.title = `was ${box.data}`;
  else if (box.differs && row.data.title) row.row.title = `was ${original.boxes[place].data}`;
  else row.row.removeAttribute("title");
  row.grad.title = grad === "?" ? "" : String(slope);
}

// Write the row of this step with all digits.
function showExact(state, isHidden) {
  if (!state.scene) return exact.replaceChildren();
  const place = state.scene.box;
  const isForward = isOfNumber(state.scene);
  const data = state.made[place] ? (isHidden && isForward ? "?" : String(dataOf(place, state))) : "";
  const grad = isHidden && !isForward ? "?" : String(gradientOf(place, state));
  const pairs = [["data", data], ["grad", state.scene.kind === "forward" ? "" : grad]].filter(([, text]) => text !== "");
  exact.replaceChildren(breakable(boxes[place].called), ...pairs.flatMap(([name, text]) => [
    " ", make("span", { class: "pair" }, `${name} `, make("b", {}, text))]));
}

// Measure where the lines of a step are in the lists; return what scrolls those into view that are not.
const HEAD = 30; // pixels of the head of the table
function scrolling(state) {
  const places = state.scene
    ? [[lines, lineOf[state.taken - 1].button.parentElement], [table, rowOf[state.scene.box].row]]
    : [[lines, state.isDone ? lineOf.at(-1).button.parentElement : null], [table, null]];
  return places.flatMap(([list, line]) => {
    const [top, room] = [list.scrollTop, list.clientHeight];
    const [start, size] = line ? [line.offsetTop, line.offsetHeight] : [0, 0];
    if (line && start >= top + HEAD && start + size <= top + room - 8) return [];
    const wanted = line ? Math.max(start - Math.max((room - size) / 2, HEAD), 0) : top && state.taken ? top : 0;
    return wanted === top ? [] : [() => { list.scrollTop = wanted; }];
  });
}

// Measure everything first and change it then, so that the browser lays the page out once for each step.
function settle(state) {
  for (const change of [...shrinking(), ...scrolling(state)]) change();
}
observe([lines, table, card], () => settle(stateAfter(position)));

// Up and Down move through a list that has the focus.
for (const list of [lines, rows]) {
  list.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || event.shiftKey) return;
    const buttons = [...list.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + way]?.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}

// In each list, Tab reaches one button.
let reached = [];
function reach(...buttons) {
  if (buttons.every((button, place) => button === reached[place])) return;
  for (const button of reached) button.tabIndex = -1;
  reached = buttons;
  for (const button of reached) button.tabIndex = 0;
}
makeLines();
reach(lineOf[0].button, rowOf[0].name);
