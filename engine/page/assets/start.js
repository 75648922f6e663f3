"use strict";
// The page starts, and starts again with other data when scopes are folded or unfolded.

const everything = JSON.parse(document.getElementById("data").textContent);
const isScript = (element) => element.tagName === "SCRIPT";
const pristine = [...document.body.children].filter((element) => !isScript(element)).map((element) => element.cloneNode(true));
let stop = new AbortController();

function restart(again) {
  stop.abort();
  stop = new AbortController();
  for (const child of [...document.body.children]) if (!isScript(child)) child.remove();
  document.body.prepend(...pristine.map((element) => element.cloneNode(true)));
  start(again);
}

function start(again) {
