// The program, a line for each step, and the table of numbers.

const lines = byId("lines");
const rows = byId("rows");
const table = rows.closest(".list");
const ROW = 24; // pixels, as in the style

const lineOf = scenes.map((scene, place) => {
  const result = scene.kind === "forward" && scene.math ? make("span", { class: "result" }) : "";
  const text = make("code", { dir: "ltr" }, scene.line, result);
  const button = make("button", { class: scene.kind, tabindex: "-1" }, make("span", { class: "index" }, String(place + 1)), text);
  button.addEventListener("click", () => goTo(place + 1));
  lines.append(make("li", {}, button));
  return { button, result, seen: "" };
});

const rowOf = boxes.map((box, place) => {
  const name = make("button", { tabindex: "-1", title: box.called }, bdi(box.called));
  name.addEventListener("click", () => goToBox(place));
  const [data, grad] = [make("td"), make("td")];
  const row = make("tr", { class: box.kind }, make("th", { scope: "row" }, name), data, grad);
  rows.append(row);
  return { row, name, data, grad, seen: "" };
});

let litLine = null;
let litCell = null;

function showLists(state, isHidden) {
  lineOf.forEach((line, place) => showLine(line, place, place < state.taken, isHidden && place === state.taken - 1));
  boxes.forEach((box, place) => showRow(box, place, state, isHidden && place === state.scene.box));
  litLine?.removeAttribute("aria-current");
  litCell?.classList.remove("changed");
  litLine = litCell = null;
  if (!state.scene) return scrollTo(lines, 0);
  litLine = lineOf[state.taken - 1].button;
  litLine.setAttribute("aria-current", "step");
  litCell = rowOf[state.scene.box][state.scene.kind === "forward" ? "data" : "grad"];
  litCell.classList.add("changed");
  scrollTo(lines, (state.taken - 1) * ROW);
  scrollTo(table, (state.scene.box + 1) * ROW);
  reach(litLine, rowOf[state.scene.box].name);
}

function showLine(line, place, isTaken, isHidden) {
  const seen = `${isTaken}|${isHidden}`;
  if (line.seen === seen) return;
  line.seen = seen;
  line.button.classList.toggle("taken", isTaken);
  if (line.result) line.result.textContent = isTaken ? `  = ${isHidden ? "?" : shown(boxes[scenes[place].box].data)}` : "";
}

function showRow(box, place, state, isHidden) {
  const row = rowOf[place];
  const isForward = state.scene?.kind === "forward";
  const data = !state.made[place] ? "" : isHidden && isForward ? "?" : shown(box.data);
  const slope = state.changed[place]?.number ?? (state.isSeeded ? box.zero : box.start);
  const grad = isHidden && !isForward ? "?" : shown(slope);
  if (row.seen === `${data}|${grad}`) return;
  row.seen = `${data}|${grad}`;
  row.data.textContent = data;
  row.grad.textContent = grad;
  row.data.title = state.made[place] ? String(box.data) : "";
  row.grad.title = isHidden ? "" : String(slope);
}

// Scroll a line into view if it is not. Positions are remembered, since asking the browser takes longer than a step.
const heights = new Map();
const tops = new Map();
function scrollTo(list, down) {
  const [room, top] = [heights.get(list) ?? 0, tops.get(list) ?? 0];
  if (down >= top + ROW && down <= top + room - 3 * ROW) return;
  tops.set(list, Math.max(down - room / 2, 0));
  list.scrollTop = tops.get(list);
}
for (const list of [lines, table]) {
  heights.set(list, list.clientHeight);
  new ResizeObserver(() => heights.set(list, list.clientHeight)).observe(list);
  list.addEventListener("scroll", () => tops.set(list, list.scrollTop), { passive: true });
}

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
  for (const button of reached) button.tabIndex = -1;
  reached = buttons;
  for (const button of reached) button.tabIndex = 0;
}
reach(lineOf[0].button, rowOf[0].name);
