// A quiz on a page: its questions, and the wrong answers that classic mistakes give, are the page's data.

const byId = (id) => document.getElementById(id);
const { first, quizzes, isWidget } = JSON.parse(byId("data").textContent);
const TRIES = 2;
let items, number, place, tried, score, answers; // number: which of the quizzes it is

// --- asking ---

// Begin the quiz whose seed stands in the address, if this page has it, else the first one.
function begin() {
  const found = /^#seed=(-?\d{1,15})$/.exec(location.hash);
  number = found && quizzes[Number(found[1]) - first] ? Number(found[1]) - first : 0;
  items = quizzes[number];
  byId("seed").textContent = first + number;
  byId("seed").href = `#seed=${first + number}`;
  place = 0;
  score = { right: 0, second: 0, asked: 0 };
  answers = [];
  ask();
}

function ask() {
  const item = items[place];
  tried = 0;
  byId("place").textContent = `Question ${place + 1} of ${items.length}: ${item.topic}${item.level ? `, level ${item.level}` : ""}`;
  byId("given").textContent = item.given.join("\n");
  byId("given").hidden = !item.given.length;
  byId("question").textContent = item.question;
  byId("options").replaceChildren(...(item.options ?? []).map(([answer, text]) => {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "option", value: answer });
    label.append(input, text);
    return label;
  }));
  byId("free").hidden = Boolean(item.options);
  byId("typed").value = "";
  byId("reply").textContent = "";
  byId("solution").hidden = byId("next").hidden = true;
  enable(true);
  byId("hint").hidden = !item.hint;
  showScore();
  if (place || location.hash) (item.options ? byId("question") : byId("typed")).focus({ preventScroll: true });
}

function enable(isOpen) {
  for (const id of ["check", "hint", "solve", "typed"]) byId(id).disabled = !isOpen;
  document.querySelectorAll("#options input").forEach((input) => { input.disabled = !isOpen; });
}

function end(isSolved) {
  const item = items[place];
  enable(false);
  byId("answer").textContent = `The answer is ${item.answer}`;
  byId("way").textContent = item.solution.join("\n");
  byId("solution").hidden = !isSolved;
  byId("next").hidden = false;
  byId("next").textContent = place + 1 < items.length ? "Next question" : "Again";
  byId("next").focus({ preventScroll: true });
  byId("next").scrollIntoView({ block: "nearest" });
  showScore();
}

function showScore() {
  const second = score.second ? `, and ${score.second} at the second try` : "";
  byId("score").textContent = score.asked ? `${score.right} of ${score.asked} right${second}` : "";
  if (isWidget) parent.postMessage({ stepgrad: { seed: first + number, score, answers } }, "*");
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const item = items[place];
  const answer = item.options ? document.querySelector("#options input:checked")?.value : byId("typed").value;
  if (!answer?.trim()) {
    byId("reply").textContent = item.options ? "Choose an answer." : `An answer is missing; ${HOW}.`;
    return;
  }
  let verdict;
  try {
    verdict = judge(item, answer);
  } catch (error) {
    byId("reply").textContent = `${error.message}.`;
    byId("typed").select();
    return;
  }
  tried += 1;
  score.asked += tried === 1;
  answers.push({ question: place + 1, answer, isRight: verdict.isRight });
  if (verdict.isRight) {
    score.right += tried === 1;
    score.second += tried === 2;
    byId("reply").textContent = ["Right.", ...verdict.says].join(" ");
    end(true);
  } else {
    byId("reply").textContent = ["Not yet.", ...verdict.says, ...(tried < TRIES ? ["Try once more."] : [])].join(" ");
    if (tried === TRIES) end(true);
    else if (!item.options) byId("typed").select();
    showScore();
  }
});
byId("hint").addEventListener("click", () => { byId("reply").textContent = items[place].hint; });
byId("solve").addEventListener("click", () => {
  score.asked += tried === 0;
  byId("reply").textContent = "";
  end(true);
});
byId("next").addEventListener("click", () => {
  place = (place + 1) % items.length;
  if (place === 0) begin();
  else ask();
});
byId("another").addEventListener("click", () => { location.hash = `seed=${first + ((number + 1) % quizzes.length)}`; });
window.addEventListener("hashchange", begin);
begin();
