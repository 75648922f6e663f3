// The editor: any number is changed, by typing or with a slider, and released again.

const editor = byId("edit");
const numberInput = byId("edit-number");
const editSlider = byId("edit-slider");
let chosen = null; // the place of the box in the editor
let past = []; // the changes before each change, for Undo
let isDragging = false;

const nodeOf = (place) => boxes[place].nodes[0];
const isOnlyOne = (place) => !boxes[place].inside && boxes[place].nodes.length === 1;

// Go to the next step of a box, and offer to change its number.
function choosePlace(place) {
  goToBox(place);
  if (!isPredicting && isOnlyOne(place)) openEditor(place);
}

function openEditor(place) {
  chosen = place;
  editor.hidden = false;
  byId("edit-said").textContent = live ? "" : reason;
  showEditor();
  byId("graph-panel").scrollIntoView({ block: "nearest" }); // with the graph
}

function closeEditor() {
  chosen = null;
  editor.hidden = true;
}

// Edit the number of this step, for readers without a pointer.
function editHere() {
  const place = scenes[position - 1]?.box ?? boxes.findIndex((_, each) => isOnlyOne(each));
  if (isPredicting || place < 0 || !isOnlyOne(place)) return;
  openEditor(place);
  numberInput.focus();
  numberInput.select();
}

function showEditor() {
  if (editor.hidden) return;
  const isOne = chosen !== null;
  byId("edit-one").hidden = editSlider.hidden = byId("release").hidden = !isOne;
  byId("undo").disabled = !past.length;
  byId("reset").disabled = !edits.size;
  if (live) byId("edit-said").textContent = (isOne && boxes[chosen].trouble) || changesInWords();
  if (!isOne) return;
  const box = boxes[chosen];
  byId("edit-name").textContent = box.plain ? "constant" : box.called;
  numberInput.disabled = editSlider.disabled = !live;
  byId("release").disabled = !box.edited;
  if (document.activeElement !== numberInput) numberInput.value = String(box.data);
  if (!isDragging) editSlider.value = typeof box.data === "number" ? 100 * (box.data - middleOfSlider()) / spanOfSlider() : 0;
}

// The slider reaches as far from the recorded number as that is from 0, at least by 2.
const middleOfSlider = () => { const x = original.boxes[chosen].data; return typeof x === "number" ? x : 0; };
const spanOfSlider = () => Math.max(2 * Math.abs(middleOfSlider()), 2);

function changesInWords() {
  if (!edits.size) return "";
  const last = boxes[root].data;
  const why = boxes.find((box) => box.trouble?.includes(" at "))?.trouble ?? "";
  const count = boxes.filter((box) => box.edited).length;
  return `${count} ${count === 1 ? "number" : "numbers"} set. ${boxes[root].called} was `
    + `${shown(original.boxes[root].data)}, now ${shown(last)}.${last === "no value" ? ` ${why}` : ""}`;
}

// Set the number of a node, or release it with null; a drag is one change to undo.
function setNumber(node, x, isNewChange = true) {
  if (!live) return;
  if (isNewChange) past.push(new Map(edits));
  if (x === null) edits.delete(node);
  else edits.set(node, x);
  renew();
}

function renew() {
  recompute();
  renewArrows();
  show();
  address();
}

function typed() {
  let x;
  try {
    x = read(numberInput.value, {}).value;
  } catch (error) {
    byId("edit-said").textContent = `${error.message}.`;
    return;
  }
  if (Object.is(x, boxes[chosen].data)) return;
  setNumber(nodeOf(chosen), x);
  byId("said").textContent = byId("edit-said").textContent;
}

numberInput.addEventListener("change", typed);
numberInput.addEventListener("keydown", (event) => {
  if (event.key === "Enter") typed();
});
editSlider.addEventListener("input", () => {
  const x = Number((middleOfSlider() + spanOfSlider() * Number(editSlider.value) / 100).toPrecision(4));
  const isFirst = !isDragging;
  isDragging = true;
  setNumber(nodeOf(chosen), x, isFirst);
});
for (const end of ["change", "blur"]) editSlider.addEventListener(end, () => { isDragging = false; });
byId("release").addEventListener("click", () => setNumber(nodeOf(chosen), null));
byId("undo").addEventListener("click", undo);
byId("reset").addEventListener("click", () => {
  past.push(new Map(edits));
  edits.clear();
  renew();
});
byId("edit-close").addEventListener("click", closeEditor);
editor.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeEditor();
  byId("next").focus();
});

function undo() {
  const before = past.pop();
  if (!before) return;
  edits.clear();
  for (const [node, x] of before) edits.set(node, x);
  renew();
}

// --- the address keeps the changes -------------------------------------------------------------------

const editsInAddress = () => (edits.size ? `&set=${[...edits].map(([node, x]) => `${node}:${x}`).join(",")}` : "");

function editsFromAddress(text) {
  if (!live || text === editsInAddress().slice(5)) return;
  edits.clear();
  for (const part of text.split(",")) {
    const [node, x] = part.split(":").map((each) => (each ? Number(each) : NaN));
    if (Number.isInteger(node) && node >= 0 && node < live.nodes.length && Number.isFinite(x)) edits.set(node, x);
  }
  recompute();
  renewArrows();
  if (edits.size) editor.hidden = false;
  show();
}
