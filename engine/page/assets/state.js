// The data of the page, and its state after a number of steps.

const byId = (id) => document.getElementById(id);
const { signal } = stop;
const closed = again?.closed ?? new Set(); // the folded scopes
const folded = closed.size ? endsOf(byId("graph").querySelector("svg"), everything, closed) : null;
const given = folded ? foldData(everything, closed, folded.ends) : copyOf(everything);
if (folded) foldPicture(byId("graph").querySelector("svg"), everything, closed, folded, given.arrows);
const { root, tints, boxes, scenes: everyScene, sentences, lines: colours, live, reason } = given;

// The steps that are shown: without gradients that no training needs, unless they are asked for.
let scenes = [];
let forwards = 0; // the number of steps of the forward pass
let backwards = 0; // and of the backward pass
let scenesOf = []; // for each box, the numbers of the steps that it takes part in
let changes = []; // for each box, how often its gradient changes

// Whether a step changes the number of a box, and not its gradient.
const isOfNumber = (scene) => scene.kind === "forward" || scene.kind === "update";

function choose(withSpare) {
  scenes = everyScene.filter((scene) => withSpare || !scene.spare);
  forwards = scenes.findIndex((scene) => scene.kind === "seed");
  backwards = scenes.filter((scene) => scene.kind === "backward").length;
  scenesOf = boxes.map(() => []);
  changes = boxes.map(() => 0);
  scenes.forEach((scene, place) => {
    for (const box of new Set([scene.box, scene.through])) scenesOf[box].push(place);
    if (!isOfNumber(scene)) scene.turn = ++changes[scene.box];
  });
}
choose(false);

// Return which boxes have their numbers after a number of steps, and which scene changed each gradient last. One more
// step than there are is the end, which tells what the gradients are for.
function stateAfter(taken) {
  const made = boxes.map((box) => Boolean(box.given));
  const [changed, updated] = [boxes.map(() => null), boxes.map(() => null)];
  for (const scene of scenes.slice(0, taken)) {
    if (scene.kind === "forward") made[scene.box] = true;
    else if (scene.kind === "update") updated[scene.box] = scene;
    else changed[scene.box] = scene;
  }
  const isDone = taken > scenes.length;
  return { taken, made, changed, updated, isDone, scene: taken && !isDone ? scenes[taken - 1] : null, isSeeded: taken > forwards };
}

// Return the number that a box has in a state, once it is made.
const dataOf = (place, state) => (state.updated[place] ? state.updated[place].after : boxes[place].data);

// Return the gradient that a box has in a state; empty before it has one.
function gradientOf(place, state) {
  const scene = state.changed[place];
  if (scene) return scene.number;
  return (state.isSeeded && (changes[place] || !boxes[place].given) ? boxes[place].zero : boxes[place].start) ?? "";
}

// Write a number in some significant digits, as Python does with "g".
function shown(number, digits = 6) {
  if (typeof number !== "number") return number;
  const [mantissa, exponent] = number.toExponential(digits - 1).split("e");
  const isLong = Number(exponent) < -4 || Number(exponent) >= digits;
  const size = isLong ? mantissa : number.toPrecision(digits);
  const brief = size.includes(".") ? size.replace(/\.?0+$/, "") : size;
  return isLong ? `${brief}e${exponent}` : Object.is(number, -0) ? "-0" : brief;
}

// Call a function when the size of an element changes, until the page starts again.
function observe(elements, call) {
  const observer = new ResizeObserver(call);
  for (const element of elements) observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
}

const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

// Make an element; labels and other texts of users enter as text alone.
function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

// Return a name that may break into lines behind its dots.
function breakable(name) {
  return make("bdi", {}, ...name.split(/(?<=[.\]])/).flatMap((part) => [part, make("wbr")]));
}

// Return the data with copies of its boxes and steps, which may be changed.
function copyOf(data) {
  const copies = (all) => all.map((each) => ({ ...each }));
  return { ...data, boxes: copies(data.boxes), scenes: copies(data.scenes) };
}
