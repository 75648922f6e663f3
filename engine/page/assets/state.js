"use strict";
// The data of the page, and its state after a number of steps.

const byId = (id) => document.getElementById(id);
const { root, tints, boxes, scenes, sentences } = JSON.parse(byId("data").textContent);
const forwards = scenes.findIndex((scene) => scene.kind === "seed");

// For each box, the scenes that it takes part in.
const scenesOf = boxes.map(() => []);
scenes.forEach((scene, place) => {
  for (const box of new Set([scene.box, scene.through])) scenesOf[box].push(place);
});

// For each scene that changes a gradient, the count of its changes so far.
const changes = boxes.map(() => 0);
for (const scene of scenes) if (scene.kind !== "forward") scene.turn = ++changes[scene.box];

// Return which boxes have their numbers after a number of steps, and which scene changed each gradient last.
function stateAfter(taken) {
  const made = boxes.map(() => false);
  const changed = boxes.map(() => null);
  for (const scene of scenes.slice(0, taken)) {
    if (scene.kind === "forward") made[scene.box] = true;
    else changed[scene.box] = scene;
  }
  return { taken, made, changed, scene: taken ? scenes[taken - 1] : null, isSeeded: taken > forwards };
}

// Write a number in six significant digits.
function shown(number) {
  if (typeof number !== "number") return number;
  const [digits, exponent] = number.toPrecision(6).split("e");
  const brief = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return exponent ? `${brief}e${exponent}` : Object.is(number, -0) ? "-0" : brief;
}

// Make an element; labels and other texts of users enter as text alone.
function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}
