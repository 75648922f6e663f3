// Predict: the reader types a number before it is shown.

let isPredicting = false;
const answered = new Set(); // scenes whose numbers have been seen
let right = 0;
let asked = 0;

const isAsked = (scene) => isPredicting && scene && expected(scene) !== null && !answered.has(scene);

// Return the number to predict, or null.
function expected(scene) {
  if (scene.steps || scene.cut || scene.isMissing || (scene.kind === "forward" && !scene.locals)) return null;
  const found = { forward: boxes[scene.box].data, update: scene.after }[scene.kind] ?? scene.contribution;
  return typeof found === "number" ? found : null;
}

function question(scene) {
  const [box, through] = [boxes[scene.box].called, boxes[scene.through].called];
  if (scene.kind === "forward") return `What is ${box}?`;
  if (scene.kind === "update") return `What is ${box} after the update?`;
  if (scene.kind === "seed") return `What is the gradient of ${box} with respect to itself?`;
  return `What does ${through} add to the gradient of ${box}?`;
}

// The names whose numbers are in sight, which an answer may contain.
function namesInSight() {
  const { made } = stateAfter(position - 1);
  const known = boxes.filter((box, place) => made[place] && !box.plain && typeof box.data === "number");
  return Object.fromEntries(known.map((box) => [box.called, box.data]));
}

// Return what is asked in a step, as the judge has it; the page's data has the mistakes, with marks for names.
function itemOf(scene) {
  const named = (at) => sentences[at].replaceAll("\ua66e", boxes[scene.through].called).replaceAll("\ua699", boxes[scene.box].called);
  const mistakes = (scene.mistakes ?? []).map(([number, at]) => [number, named(at)]);
  return { number: expected(scene), mistakes, known: namesInSight() };
}

function askFor(scene) {
  const input = make("input", { type: "text", inputmode: "text", autocomplete: "off", size: "12", "aria-label": question(scene) });
  const reply = make("p", { class: "reply", role: "status" });
  const form = make("form", { class: "ask" }, make("label", {}, bdi(question(scene)), " ", input),
    make("button", { type: "submit", class: "main" }, "Check"), make("button", { type: "button", id: "show" }, "Show"), reply);
  let isFirst = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    let verdict;
    try {
      verdict = judge(itemOf(scene), input.value);
    } catch (error) {
      reply.textContent = `${error.message}.`;
      return;
    }
    const { isRight, says } = verdict;
    if (isFirst) asked += 1;
    if (isFirst && isRight) right += 1;
    isFirst = false;
    if (isRight) return reveal(scene, [`Correct: ${shown(expected(scene))}.`, ...says].join(" "));
    reply.textContent = `${says.join(" ") || "Not quite."} Try again, or press Show.`;
    showScore();
    input.select();
  });
  form.querySelector("#show").addEventListener("click", () => {
    if (isFirst) asked += 1;
    reveal(scene, `It is ${shown(expected(scene))}.`);
  });
  byId("question").replaceWith(form);
  input.focus({ preventScroll: true });
}

function reveal(scene, text) {
  answered.add(scene);
  showScore();
  show();
  card.querySelector("h2").after(make("p", { class: "reply" }, text));
  byId("said").textContent = text;
  byId("next").focus({ preventScroll: true });
}

function showScore() {
  byId("score").textContent = asked ? `${right} of ${asked} right` : "";
}

function predict(isOn) {
  isPredicting = isOn;
  byId("predict").setAttribute("aria-pressed", String(isOn));
  if (isOn) closeEditor();
  if (isOn) scenes.slice(0, position).forEach((scene) => answered.add(scene));
  if (isOn) byId("legend").open = false;
  show();
}
