// The position in time, and everything that moves it.

let position = 0; // the number of steps taken
let playing = null;

function goTo(step) {
  const wanted = Math.min(Math.max(Math.round(step), 0), scenes.length + 1);
  if (wanted === position) return;
  position = wanted;
  show();
  announce();
  address();
}

// Go to the next step that a box takes part in, or back to its first.
function goToBox(place) {
  if (!scenesOf[place].length) return;
  const later = scenesOf[place].find((step) => step + 1 > position);
  goTo((later ?? scenesOf[place][0]) + 1);
}

function show() {
  const state = stateAfter(position);
  const isHidden = Boolean(isAsked(state.scene));
  showIterations(); // first, since the bar may become higher
  showGraph(state, isHidden);
  markInMap(state);
  follow(state);
  showCard(state, isHidden);
  showLists(state, isHidden);
  showEditor();
  reachNode(state);
  settle(state);
  byId("slider").value = position;
  byId("slider").max = scenes.length + 1;
  const where = state.isDone ? `done, ${scenes.length} steps` : `step ${position} of ${scenes.length}`;
  byId("slider").setAttribute("aria-valuetext", where);
  byId("position").textContent = where;
  byId("first").disabled = byId("back").disabled = position === 0;
  byId("last").disabled = byId("next").disabled = state.isDone;
  if (isHidden) {
    pause();
    askFor(state.scene);
  }
  dispatchEvent(new Event("shown"));
}

function announce() {
  const scene = scenes[position - 1];
  const line = isAsked(scene) && scene.kind !== "forward" ? masked(scene.line) : scene && lineFor(scene);
  const said = [scene ? `Step ${position}, ${scene.kind}: ${line}` : position ? "Done: these are the gradients." : "At the start."];
  if (isAsked(scene)) said.push(`. ${question(scene)}`);
  else if (scene?.math !== undefined && scene.kind === "forward") said.push(` = ${shown(boxes[scene.box].data)}`);
  else if (scene?.kind === "update") said.push(` = ${shown(scene.after)}`);
  else if (scene?.kind === "backward") said.push(`; the gradient is now ${shown(scene.number)}`);
  byId("said").textContent = said.join("");
}

function address() {
  try {
    history.replaceState(null, "", `#step=${position}${editsInAddress()}`);
  } catch {
    // a notebook's frame has no address to keep the step in
  }
}

// Go to where a debugger stands, by the count of steps of the walk that it has taken; see the editor's view.
function followDebugger(taken) {
  goTo(scenes.findLastIndex((scene) => scene.at <= taken) + 1);
}

function fromAddress() {
  const found = /^#step=(\d+)(?:&set=([-+\w.,:]*))?$/.exec(location.hash);
  if (!found) return;
  editsFromAddress(found[2] ?? "");
  goTo(Number(found[1]));
}

// --- playing -----------------------------------------------------------------------------------------

function play() {
  if (position > scenes.length) goTo(0);
  const tick = () => {
    goTo(position + 1);
    if (position > scenes.length) pause();
  };
  playing = setInterval(tick, 1000 / Number(byId("speed").value));
  byId("play").textContent = "Pause";
  byId("play").setAttribute("aria-pressed", "true");
}

function pause() {
  clearInterval(playing);
  playing = null;
  byId("play").textContent = "Play";
  byId("play").setAttribute("aria-pressed", "false");
}

const toggle = () => (playing ? pause() : play());

// --- input ------------------------------------------------------------------------------

byId("first").addEventListener("click", () => goTo(0));
byId("back").addEventListener("click", () => goTo(position - 1));
byId("next").addEventListener("click", () => goTo(position + 1));
byId("last").addEventListener("click", () => goTo(scenes.length + 1));
byId("slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
byId("play").addEventListener("click", toggle);
byId("speed").addEventListener("change", () => {
  if (playing) {
    pause();
    play();
  }
});
byId("predict").addEventListener("click", () => predict(!isPredicting));
addEventListener("hashchange", fromAddress, { signal });
addEventListener("message", ({ data }) => Number.isInteger(data?.steps) && followDebugger(data.steps), { signal });

// Gradients that no training needs are left out until they are asked for.
byId("spare").addEventListener("change", () => {
  const [scene, isDone] = [scenes[position - 1], position > scenes.length];
  choose(byId("spare").checked);
  passedBy = [];
  makeLines();
  layPhases();
  position = isDone ? scenes.length + 1 : scene ? scenes.indexOf(scene) + 1 : 0;
  show();
  address();
});
byId("spare").closest("label").hidden = !everyScene.some((scene) => scene.spare);

const KEYS = {
  ArrowRight: () => goTo(position + 1), ArrowLeft: () => goTo(position - 1),
  Home: () => goTo(0), End: () => goTo(scenes.length + 1),
  " ": toggle, p: () => predict(!isPredicting), e: editHere, "/": () => finder.focus(),
  "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: fit,
};
const MOVES = { ArrowRight: [-60, 0], ArrowLeft: [60, 0], ArrowDown: [0, -60], ArrowUp: [0, 60] };

addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = target.matches("input[type=text], input[type=search], input[type=number], select, #edit-slider") || byId("inside").open;
  const isPressed = key === " " && target.matches("button, summary");
  if (isTyping || isPressed) return;
  const action = event.shiftKey && MOVES[key] ? () => move(...MOVES[key]) : KEYS[key];
  if (!action) return;
  event.preventDefault();
  action();
}, { signal });

function layPhases() {
  document.querySelector(".phases .forward").style.flexGrow = forwards;
  document.querySelector(".phases .backward").style.flexGrow = backwards + 1;
  const updates = scenes.length - forwards - 1 - backwards;
  document.querySelector(".phases .update").style.flexGrow = updates;
  document.querySelector(".phases .update").hidden = !updates;
}
layPhases();
byId("legend").open = innerWidth >= 1200 && innerHeight >= 900;
measure();
if (again) resume(again);
else {
  show();
  fromAddress();
  if (document.body.dataset.steps) followDebugger(Number(document.body.dataset.steps));
}
