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

// Read a number or a fraction; return null for anything else.
function read(text) {
  const parts = text.trim().replaceAll("−", "-").replace(",", ".").split("/");
  const numbers = parts.map((part) => (part.trim() === "" ? NaN : Number(part)));
  const value = parts.length <= 2 ? numbers.reduce((a, b) => a / b) : NaN;
  return Number.isFinite(value) ? value : null;
}

// Return whether an answer is right to about three digits.
const isNear = (answer, wanted) => Math.abs(answer - wanted) <= Math.max(5e-3 * Math.abs(wanted), 1e-9);

// Return what to tell about a wrong answer: the page's data has the numbers that classic mistakes give, and sentences.
function hint(scene, answer) {
  const mistake = (scene.mistakes ?? []).find(([number]) => isNear(answer, number));
  const sentence = mistake ? sentences[mistake[1]] : "Not quite.";
  return sentence.replaceAll("\ua66e", boxes[scene.through].called).replaceAll("\ua699", boxes[scene.box].called);
}

function askFor(scene) {
  const input = make("input", { type: "text", inputmode: "text", autocomplete: "off", size: "12", "aria-label": question(scene) });
  const reply = make("p", { class: "reply", role: "status" });
  const form = make("form", { class: "ask" }, make("label", {}, bdi(question(scene)), " ", input),
    make("button", { type: "submit", class: "main" }, "Check"), make("button", { type: "button", id: "show" }, "Show"), reply);
  let isFirst = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const answer = read(input.value);
    if (answer === null) {
      reply.textContent = "Type a number, such as -0.5 or 3/4.";
      return;
    }
    const isRight = isNear(answer, expected(scene));
    if (isFirst) asked += 1;
    if (isFirst && isRight) right += 1;
    isFirst = false;
    if (isRight) return reveal(scene, `Correct: ${shown(expected(scene))}.`);
    reply.textContent = `${hint(scene, answer)} Try again, or press Show.`;
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
