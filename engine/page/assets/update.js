// The updates: those of the walk, and those that the gradients at its end would make.

const recordedRule = live?.rule;
const isUpdating = () => scenes.some((scene) => scene.kind === "update");

// The rule of the walk's optimiser, read from its own code; see updates.py.
if (recordedRule?.name === "gradient descent") rateInput.value = recordedRule.settings.lr ?? rateInput.value;
else if (recordedRule) {
  OPTIMISERS[RECORDED] = (p, g, _, state = {}) => updatedBy(p, g, state) ?? [NaN, state];
  optimiser.prepend(make("option", { value: RECORDED }, recordedRule.name));
  optimiser.value = RECORDED;
  showRate();
}

// Return the next number of a parameter and what is remembered of it; undefined if the rule cannot be read.
function updatedBy(p, g, state) {
  const names = Object.keys(state).sort();
  const call = optimiserRules[names.join(",")];
  return call && tried(() => call(p, g, names.map((name) => recordedNumber(state[name]))));
}

function stateOf(node) {
  const last = iterations[iteration].states.get(node);
  return last ? (last.by === RECORDED ? last.state ?? {} : {}) : recordedRule.states[node] ?? {};
}

// Compute the updates of the walk anew.
function renewUpdate(scene, numbers, gradients) {
  const moved = scene.updated.map((node) => {
    const [p, g] = [numbers[node], written(gradients[node])];
    const found = typeof g === "number" && numbers.at(-1) !== undefined ? updatedBy(p, g, stateOf(node)) : undefined;
    return found?.[0];
  });
  const isMissing = moved.includes(undefined);
  scene.after = isMissing ? "no value" : scene.steps ? rangeOf(moved) : written(moved[0]);
  if (scene.steps) return;
  const [node] = scene.updated;
  Object.assign(scene, { before: written(numbers[node]), gradient: written(gradients[node]), isMissing });
}

// Tell how an update computes its number: with what, and by which formulas.
function rowsUpdate(scene, isHidden) {
  const box = boxes[scene.box];
  if (scene.steps) return [["after the update", `${scene.steps} numbers in here are updated; they are now ${range(scene.after)}.`]];
  const state = recordedRule ? stateOf(scene.updated[0]) : {};
  const given = { p: scene.before, g: scene.gradient, ...state, ...recordedRule?.settings };
  const formulas = recordedRule?.formulas ?? [];
  const used = new Set(formulas.flatMap(([, text]) => text.match(/\w+/g) ?? []));
  const after = updatedBy(scene.before, scene.gradient, state)?.[1] ?? recordedRule?.after[scene.updated[0]] ?? {};
  const isSame = Object.keys(state).length === Object.keys(recordedRule?.states[scene.updated[0]] ?? {}).length;
  const code = (text) => make("code", {}, text);
  const list = (parts) => make("div", { class: "each" }, ...parts);
  const numbers = Object.entries(given).filter(([name]) => used.has(name) || "pg".includes(name))
    .map(([name, x]) => code(`${name} = ${shown(x)}`));
  const name = make("bdi", {}, box.called);
  return [
    ["given", list(numbers)],
    ...(formulas.length && isSame ? [["the rule", make("div", {}, ...formulas.map(([of, text]) => make("div", {}, code(
      `${of} = ${text} = ${of === "p" ? (isHidden ? "?" : shown(scene.after)) : isHidden ? "…" : shown(after[of] ?? "")}`))))]] : []),
    ["update", list([name, math(number(scene.before), "<mo>→</mo>", isHidden ? UNKNOWN : number(scene.after))])],
  ];
}

// Tell what the gradients are for: the update of each parameter, or without any of each input, and training.
function ending(state) {
  const isTrained = boxes.some((box) => box.kind === "parameter");
  const isOne = ({ box, grad }) => !box.edited && typeof box.data === "number" && typeof grad === "number";
  const isMoved = (place) => (isUpdating() ? Boolean(state.updated[place])
    : boxes[place].kind === (isTrained ? "parameter" : "input"));
  const all = boxes.map((box, place) => ({ box, place, grad: gradientOf(place, state) })).filter(({ place }) => isMoved(place)).filter(isOne);
  const row = ({ box, place, grad }) => {
    const next = isUpdating() && optimiser.value === RECORDED ? state.updated[place].after
      : stepped(box.nodes[0], box.data, grad, iterations[iteration].states)[0];
    const cells = [box.data, grad, next].map((x) => make("td", { title: String(x) }, shown(x, DIGITS)));
    return make("tr", { class: "update" }, make("th", { scope: "row" }, breakable(box.called)), ...cells);
  };
  const head = ["", "data", "grad", "next"].map((name) => make("th", { scope: "col" }, name));
  return [
    make("h2", {}, make("span", { class: "phase backward" }, "done"), " these are the gradients"),
    ...(all.length || isTraining() ? [rule] : []),
    ...(all.length ? [
      make("p", {}, isUpdating() ? "The update:" : "An update would be:",
        ...(optimiser.value === "gradient descent" ? [" next = data − rate · grad"] : [])),
      make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...all.map(row))),
    ] : []),
    ...trainingFromHere(),
  ];
}

// Leave out those updates at the end for which there is no room, but for one.
const [FEWEST, MOST] = [1, 12];
function keepInSight() {
  const all = [...card.querySelectorAll("tr.update")];
  const more = make("p", { class: "place" });
  let kept = Math.min(all.length, MOST);
  const leave = () => {
    all.slice(kept).forEach((each) => each.remove());
    if (kept === all.length) return;
    more.textContent = `and ${all.length - kept} more`;
    card.querySelector("table").after(more);
  };
  leave();
  while (kept > FEWEST && card.scrollHeight > card.clientHeight + 1) {
    kept -= 1;
    leave();
  }
}
