// Folding and unfolding scopes: by a click on the name of a frame or on a folded box, and by keyboard.

const canFold = (scope) => !isAround(scope, everything.boxes[everything.root].in);
function isAround(scope, inner) {
  for (; inner !== undefined; inner = everything.scopes[inner].parent) if (inner === scope) return true;
  return false;
}

// Fold a scope, or unfold it; the page starts again with other data, at the same step and with the same numbers.
function toggleFold(scope) {
  if (!live || !canFold(scope)) return;
  const now = new Set(closed);
  if (!now.delete(scope)) now.add(scope);
  pause();
  restart({
    closed: now, taken: scenes[Math.min(position, scenes.length) - 1]?.at ?? 0, isDone: position > scenes.length, edits, past, iterations, iteration,
    withSpare: byId("spare").checked, isPredicting, rate: rateInput.value, optimiser: optimiser.value, right, asked,
    focus: now.has(scope) ? `s${scope}` : scope,
  });
}

const scopeNames = [...picture.querySelectorAll("g.scope-name")];
const openScopes = (everything.scopes ?? []).map((_, scope) => scope).filter((scope) => {
  for (let outer = scope; outer !== undefined; outer = everything.scopes[outer].parent) if (closed.has(outer)) return false;
  return true;
});
scopeNames.forEach((name, at) => {
  const scope = openScopes[at];
  if (!live || !canFold(scope)) return;
  name.dataset.scope = scope;
  name.setAttribute("role", "button");
  name.setAttribute("aria-label", `Fold ${everything.scopes[scope].called}`);
  name.setAttribute("tabindex", -1);
});
const foldable = scopeNames.filter((name) => name.dataset.scope);
foldable[0]?.setAttribute("tabindex", 0);
[...picture.querySelectorAll("g.scope:not(.folded)")].forEach((frame, at) => { frame.dataset.frame = openScopes[at]; });

graph.addEventListener("click", ({ target }) => {
  const scope = target.closest("[data-scope]")?.dataset.scope;
  if (scope && dragged <= 4) toggleFold(Number(scope));
});
graph.addEventListener("dblclick", ({ target }) => {
  const scope = target.closest("[data-frame]")?.dataset.frame;
  if (scope) toggleFold(Number(scope));
});
graph.addEventListener("keydown", (event) => {
  const at = foldable.indexOf(event.target);
  if (at < 0 || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Enter" || event.key === " ") toggleFold(Number(event.target.dataset.scope));
  else if (way) {
    foldable[at].setAttribute("tabindex", -1);
    const next = foldable[(at + way + foldable.length) % foldable.length];
    next.setAttribute("tabindex", 0);
    next.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

// Fold the innermost scope around a box that can be folded.
function foldAround(place) {
  let scope = boxes[place].in;
  while (scope !== undefined && !canFold(scope)) scope = everything.scopes[scope].parent;
  if (scope !== undefined) toggleFold(scope);
}

// Continue after a restart where the page was.
function resume({ taken, isDone, focus, past: before, iterations: all, iteration: at, ...kept }) {
  for (const [node, x] of kept.edits) edits.set(node, x);
  past = before;
  iterations = all;
  visit(at);
  byId("spare").checked = kept.withSpare;
  choose(kept.withSpare);
  makeLines();
  layPhases();
  rateInput.value = kept.rate;
  optimiser.value = kept.optimiser;
  [right, asked] = [kept.right, kept.asked];
  recompute();
  renewArrows();
  if (edits.size) editor.hidden = false;
  position = isDone ? scenes.length + 1 : scenes.findLastIndex((scene) => scene.at <= taken) + 1;
  if (kept.isPredicting) predict(true);
  else show();
  address();
  const found = typeof focus === "string" ? shapes.get(focus) : scopeNames.find((name) => name.dataset.scope === String(focus));
  found?.focus({ preventScroll: true });
  hideAccount();
  byId("said").textContent = typeof focus === "string" ? `Folded ${everything.scopes[focus.slice(1)].called}.` : `Unfolded ${everything.scopes[focus].called}.`;
}
