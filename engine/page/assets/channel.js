// What the page and its widget in a notebook tell each other: the numbers that are set or learnt, and the step.

let lastTold = "";

function tell() {
  const numbers = Object.fromEntries([...learnt, ...edits].map(([node, x]) => [node, written(x)]));
  const news = { numbers, step: position };
  if (JSON.stringify(news) === lastTold) return;
  lastTold = JSON.stringify(news);
  parent.postMessage({ stepgrad: news }, "*");
}

function hear({ source, data }) {
  if (source !== parent || !data?.stepgrad) return;
  const { numbers, step } = data.stepgrad;
  if (live && numbers) {
    past.push(new Map(edits));
    edits.clear();
    learnt.clear();
    for (const [node, x] of Object.entries(numbers)) {
      if (Number(node) < live.nodes.length && Number.isFinite(x)) edits.set(Number(node), x);
    }
    if (edits.size) editor.hidden = false;
    renew();
  }
  if (Number.isInteger(step)) goTo(step);
}

addEventListener("shown", tell, { signal });
addEventListener("message", hear, { signal });
