// Scopes folded on the page: the page's data with a box for all values of a scope, and the picture without its gaps.

// Return for each box the outermost folded scope around it; undefined without one.
function foldOf({ boxes, scopes }, closed) {
  return boxes.map((box) => {
    let found;
    for (let scope = box.in; scope !== undefined; scope = scopes[scope].parent) if (closed.has(scope)) found = scope;
    return found;
  });
}

// Return the data of the page with some scopes folded, and which arrow each of the picture's has become.
function foldData(data, closed, ends) {
  const fold = foldOf(data, closed);
  const keys = data.boxes.map((_, place) => (fold[place] === undefined ? `b${place}` : `s${fold[place]}`));
  const place = new Map([...new Set(keys)].map((key, at) => [key, at]));
  const now = (old) => place.get(keys[old]);
  const members = new Map([...place.keys()].map((key) => [key, []]));
  keys.forEach((key, old) => members.get(key).push(old));
  const isFold = (at) => foldBoxes.has(at);
  const foldBoxes = new Map();
  for (const [key, old] of members) if (key[0] === "s") foldBoxes.set(place.get(key), old);
  const last = new Map(); // from a box to its last step of the chain rule
  for (const scene of data.scenes) if (scene.kind === "backward" || scene.kind === "seed") last.set(scene.box, scene);
  const boxes = [...members].map(([key, old]) => (key[0] === "b" ? { ...data.boxes[old[0]] } : foldBox(data, Number(key.slice(1)), old, last)));
  const arrows = new Map(); // from a pair of ends to the number of the arrow
  const numberOf = ends.map(([from, to]) => {
    if (from === to) return undefined;
    if (!arrows.has(`${from} ${to}`)) arrows.set(`${from} ${to}`, arrows.size);
    return arrows.get(`${from} ${to}`);
  });
  const renumbered = (numbers) => [...new Set(numbers.map((number) => numberOf[number]).filter((x) => x !== undefined))];
  const moved = (scene) => ({
    ...scene, box: now(scene.box), through: now(scene.through), arrows: renumbered(scene.arrows),
    ...(scene.operands ? { operands: scene.operands.map(now) } : {}),
  });
  const isKept = (scene) => !isFold(now(scene.box)) && !isFold(now(scene.through));
  const of = (kind) => data.scenes.filter((scene) => scene.kind === kind);
  const forward = forwardScenes();
  const rank = new Map(forward.map((scene, at) => [scene.box, at]));
  return {
    ...data, boxes, root: now(data.root), arrows: [...arrows.keys()].map((pair) => pair.split(" ")),
    scenes: [...forward, ...of("seed").map(moved), ...backwardScenes(), ...updateScenes()],
  };

  function forwardScenes() {
    const made = new Map(); // from a box to its steps
    for (const scene of of("forward")) made.set(now(scene.box), [...(made.get(now(scene.box)) ?? []), scene]);
    const needed = new Map([...made].map(([at, scenes]) => [at, new Set(scenes.flatMap((scene) => scene.operands).map(now)
      .filter((operand) => operand !== at && made.has(operand)))]));
    const found = [];
    while (needed.size) { // operands before results; in a cycle the first comes first
      const [at] = [...needed].find(([, operands]) => ![...operands].some((operand) => needed.has(operand))) ?? [...needed][0];
      needed.delete(at);
      const scenes = made.get(at);
      found.push(!isFold(at) ? moved(scenes[0]) : {
        kind: "forward", box: at, through: at, operands: [], arrows: renumbered(scenes.flatMap((scene) => scene.arrows)),
        shapes: [], line: `compute ${boxes[at].called}`, at: Math.max(...scenes.map((scene) => scene.at)),
      });
    }
    return found;
  }

  function backwardScenes() {
    const found = new Map();
    for (const scene of of("backward")) {
      const [to, from] = [now(scene.box), now(scene.through)];
      const key = isKept(scene) ? found.size : `${from} ${to}`;
      found.set(key, [...(found.get(key) ?? []), scene]);
    }
    const isWithin = (scene) => now(scene.box) === now(scene.through);
    const inOrder = [...found.values()].sort(([a], [b]) => rank.get(now(b.through)) - rank.get(now(a.through)) || isWithin(b) - isWithin(a));
    return inOrder.map((scenes) => {
      const [box, through] = [now(scenes[0].box), now(scenes[0].through)];
      if (isKept(scenes[0])) return moved(scenes[0]);
      const uses = scenes.flatMap((scene) => scene.uses);
      const [inner, count] = [box === through, uses.length / 2];
      const [to, from] = [boxes[box].called, boxes[through].called];
      return {
        kind: "backward", box, through, uses, shapes: [], isMerged: true, tint: 0, numbers: "",
        arrows: inner ? [] : renumbered(scenes.flatMap((scene) => scene.arrows)), at: Math.max(...scenes.map((scene) => scene.at)),
        line: inner ? `${to}: ${count} step${count === 1 ? "" : "s"} of the chain rule inside` : `${to}.grad += contribution from ${from}`,
        ...(scenes.every((scene) => scene.spare) ? { spare: true } : {}),
        ...(inner || count > 1 ? { steps: count } : {}),
        ...(!inner && !isFold(box) && !boxes[box].inside && boxes[box].nodes.length === 1 ? { before: 0, sum: 0, ...(count > 1 ? { total: 0 } : {}) } : {}),
      };
    });
  }

  function updateScenes() {
    const found = new Map();
    for (const scene of of("update")) found.set(now(scene.box), [...(found.get(now(scene.box)) ?? []), scene]);
    return [...found].map(([at, scenes]) => {
      if (!isFold(at)) return moved(scenes[0]);
      const updated = scenes.flatMap((scene) => scene.updated);
      return {
        kind: "update", box: at, through: at, arrows: [], shapes: [], updated, steps: updated.length,
        line: `${boxes[at].called}: ${updated.length} update${updated.length === 1 ? "" : "s"} inside`,
        after: rangeOf(scenes.map((scene) => recordedNumber(scene.after))), at: Math.max(...scenes.map((scene) => scene.at)),
      };
    });
  }
}

const MOST_INSIDE = 60; // values of a box that are listed

function foldBox({ boxes, scopes, scenes, foldFill }, scope, old, last) {
  const line = new Map(scenes.filter(({ kind }) => kind === "forward").map((scene) => [scene.box, scene.line]));
  const rows = [];
  for (const at of old) { // in the order of the nodes
    const { called, data, inside, more } = boxes[at];
    rows.push(...(inside ?? [[called, (line.get(at) ?? "").split(" = ").slice(1).join(" = "), data, last.get(at)?.number ?? 0]]));
    if (more) break;
  }
  const nodes = old.flatMap((at) => boxes[at].nodes);
  const name = make("mtext", {}, scopes[scope].called).outerHTML;
  return {
    name: `s${scope}`, called: scopes[scope].called, math: name, data: "", start: "", zero: "0", kind: "scope", fill: foldFill,
    nodes, inside: rows.slice(0, MOST_INSIDE), isClosed: true, ...(nodes.length > MOST_INSIDE ? { more: nodes.length - MOST_INSIDE } : {}),
  };
}

// --- the picture --------------------------------------------------------------------------------------

const [FOLD_WIDTH, FOLD_HEIGHT, KEPT, SPARE_GAP] = [128, 64, 26, 14]; // points
function svgElement(tag, attributes = {}, ...content) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, x] of Object.entries(attributes)) element.setAttribute(name, x);
  element.append(...content);
  return element;
}

// Return for each arrow the shapes at its ends when scopes are folded; the same ones where it is inside.
function endsOf(svg, data, closed) {
  const fold = foldOf(data, closed);
  const shapes = new Map([...svg.querySelectorAll("[data-name]")].map((shape) => [shape.dataset.name, shape]));
  const placeOf = new Map(data.boxes.map((box, at) => [box.name, at]));
  const owner = (name) => placeOf.get(shapes.get(name).dataset.copyOf ?? name) ?? placeOf.get(`v${name.slice(1)}`);
  const foldAt = (name) => fold[owner(name)];
  const arrows = [...svg.querySelectorAll("g.arrow")];
  const users = new Map(); // from a copy to the folds that use it
  for (const { dataset } of arrows) users.set(dataset.from, (users.get(dataset.from) ?? new Set()).add(foldAt(dataset.to)));
  const isSpare = (name) => shapes.get(name).dataset.copyOf && foldAt(name) === undefined && !users.get(name)?.has(undefined);
  const end = (name) => (foldAt(name) !== undefined ? `s${foldAt(name)}` : isSpare(name) ? shapes.get(name).dataset.copyOf : name);
  return {
    ends: arrows.map(({ dataset }) => [end(dataset.from), end(dataset.to)]),
    gone: [...shapes.keys()].filter((name) => foldAt(name) !== undefined || isSpare(name)).map((name) => shapes.get(name)),
    arrows,
  };
}

// Fold scopes in the picture, and leave out the empty space.
function foldPicture(svg, data, closed, { ends, gone, arrows }, numbers) {
  const [frames, titles] = [[...svg.querySelectorAll("g.scope:not(.folded)")], [...svg.querySelectorAll("g.scope-name")]];
  const isInside = (scope) => { for (; scope !== undefined; scope = data.scopes[scope].parent) if (closed.has(scope)) return true; return false; };
  const sheets = [...svg.querySelectorAll("rect.sheet")];
  for (const shape of gone) {
    const face = shape.querySelector(".face");
    const near = (sheet) => face && Math.abs(sheet.getAttribute("x") - face.getAttribute("x") - 4) < 0.02 && Math.abs(sheet.getAttribute("y") - face.getAttribute("y") + 4) < 0.02;
    sheets.find(near)?.remove();
    shape.remove();
  }
  const last = svg.querySelector("g.value:last-of-type") ?? svg.lastElementChild;
  for (const scope of closed) {
    const { parent, called } = data.scopes[scope];
    if (parent !== undefined && isInside(parent)) continue;
    const rect = frames[scope].querySelector("rect");
    const get = (name) => Number(rect.getAttribute(name));
    const [x, y] = [get("x") + get("width") / 2, get("y") + get("height") / 2];
    last.before(foldShape(`s${scope}`, called, x, y, data.foldFill));
  }
  frames.forEach((frame, scope) => { if (isInside(scope)) { frame.remove(); titles[scope].remove(); } });
  arrows.forEach((arrow, old) => {
    const [from, to] = ends[old];
    const isFirst = ends.findIndex(([a, b]) => a === from && b === to) === old;
    if (from === to || !isFirst) return arrow.remove();
    if (from === arrow.dataset.from && to === arrow.dataset.to) return;
    Object.assign(arrow.dataset, { from, to });
    arrow.dataset.bent = "yes";
  });
  squeeze(svg);
  const order = new Map(numbers.map((pair, at) => [pair.join(" "), at]));
  const kept = [...svg.querySelectorAll("g.arrow")].sort((a, b) => order.get(`${a.dataset.from} ${a.dataset.to}`) - order.get(`${b.dataset.from} ${b.dataset.to}`));
  const before = kept[0]?.previousElementSibling;
  if (before) before.after(...kept);
}

function foldShape(name, called, x, y, fill) {
  const [left, top] = [x - FOLD_WIDTH / 2, y - FOLD_HEIGHT / 2];
  const text = (dx, dy, attributes, said) => svgElement("text", { x: left + dx, y: top + dy, ...attributes }, said);
  const title = text(FOLD_WIDTH / 2, 20, { class: "label", "font-weight": "bold", "text-anchor": "middle", "font-size": 13 }, called);
  if (6.9 * called.length > FOLD_WIDTH - 14) for (const [key, x] of [["textLength", FOLD_WIDTH - 14], ["lengthAdjust", "spacingAndGlyphs"]]) title.setAttribute(key, x);
  return svgElement("g", { class: "folded scope closed", "data-name": name },
    svgElement("rect", { x: left + 4, y: top - 4, width: FOLD_WIDTH, height: FOLD_HEIGHT, rx: 4, class: "behind" }),
    svgElement("rect", { x: left, y: top, width: FOLD_WIDTH, height: FOLD_HEIGHT, rx: 4, class: "face", fill, stroke: "#4a5568", "stroke-width": 1.4 }),
    title, text(9, 42, { class: "key" }, "grad"), text(FOLD_WIDTH - 9, 42, { class: "grad", "text-anchor": "end" }, ""),
    text(9, 57, { class: "key" }, "click to open"));
}

// Move everything closer together: gaps between shapes in either direction become as small as a gap needs to be.
function squeeze(svg) {
  const number = (element, name) => Number(element.getAttribute(name));
  const solids = { x: [], y: [] };
  const add = (area) => {
    solids.x.push([area.x - KEPT, area.x + area.width + KEPT]);
    solids.y.push([area.y - SPARE_GAP / 2, area.y + area.height + SPARE_GAP / 2]);
  };
  const shapes = [...svg.querySelectorAll("[data-name]")];
  shapes.map(areaOf).forEach(add);
  for (const text of svg.querySelectorAll("g.arrow:not([data-bent]) text")) add({ x: number(text, "x") - 20, y: number(text, "y") - 9, width: 40, height: 10 });
  for (const rect of svg.querySelectorAll("g.scope:not(.folded) rect")) for (const y of [number(rect, "y"), number(rect, "y") + number(rect, "height")]) solids.y.push([y - 2, y + (y === number(rect, "y") ? 24 : 4)]);
  const to = { x: monotone(solids.x), y: monotone(solids.y) };
  const shift = (element, x, y) => {
    const [dx, dy] = [to.x(x) - x, to.y(y) - y];
    for (const part of [element, ...element.querySelectorAll("*")]) {
      for (const [names, by] of [[["x", "cx"], dx], [["y", "cy"], dy]]) {
        for (const name of names) if (part.hasAttribute(name)) part.setAttribute(name, (number(part, name) + by).toFixed(2));
      }
      if (part.tagName === "path") part.setAttribute("d", shifted(part.getAttribute("d"), dx, dy));
    }
  };
  for (const rect of svg.querySelectorAll("rect.sheet")) shift(rect, number(rect, "x"), number(rect, "y"));
  for (const arrow of svg.querySelectorAll("g.arrow:not([data-bent])")) {
    const [line, tip, ...texts] = arrow.children;
    line.setAttribute("d", line.getAttribute("d").replace(/(-?[\d.]+),(-?[\d.]+)/g, (_, x, y) => `${to.x(Number(x)).toFixed(2)},${to.y(Number(y)).toFixed(2)}`));
    const [, x, y] = /M(-?[\d.]+),(-?[\d.]+)/.exec(tip.getAttribute("d")).map(Number);
    shift(tip, x, y);
    for (const text of texts) shift(text, number(text, "x"), number(text, "y"));
  }
  for (const rect of svg.querySelectorAll("g.scope:not(.folded) rect")) {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => number(rect, name));
    const [left, top] = [to.x(x), to.y(y)];
    for (const [name, value] of Object.entries({ x: left, y: top, width: to.x(x + width) - left, height: to.y(y + height) - top })) rect.setAttribute(name, value);
  }
  for (const title of svg.querySelectorAll("g.scope-name")) shift(title, number(title.querySelector("text"), "x"), number(title.querySelector("text"), "y"));
  for (const shape of shapes) {
    const area = areaOf(shape);
    shift(shape, area.x + area.width / 2, area.y + area.height / 2);
  }
  const [x0, y0, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const [x, y] = [to.x(x0), to.y(y0)];
  const [wide, high] = [to.x(x0 + width) - x, to.y(y0 + height) - y];
  svg.setAttribute("viewBox", `${x} ${y} ${wide} ${high}`);
  for (const [name, value] of Object.entries({ x, y, width: wide, height: high })) svg.querySelector("rect").setAttribute(name, value);
  const named = new Map(shapes.map((shape) => [shape.dataset.name, shape]));
  for (const arrow of svg.querySelectorAll("g.arrow[data-bent]")) bend(arrow, areaOf(named.get(arrow.dataset.from)), areaOf(named.get(arrow.dataset.to)));
}

const shifted = (d, dx, dy) => d.replace(/([ML ]?)(-?[\d.]+),(-?[\d.]+)|H(-?[\d.]+)/g, (_, sign, x, y, along) => (along !== undefined
  ? `H${(Number(along) + dx).toFixed(2)}` : `${sign}${(Number(x) + dx).toFixed(2)},${(Number(y) + dy).toFixed(2)}`));

// Draw an arrow between two areas anew, from the side of one to the side of the other.
function bend(arrow, from, to) {
  const middle = (area) => [area.x + area.width / 2, area.y + area.height / 2];
  const [[ax, ay], [bx, by]] = [middle(from), middle(to)];
  const isAcross = Math.abs(bx - ax) - (from.width + to.width) / 2 >= Math.abs(by - ay) - (from.height + to.height) / 2;
  const way = isAcross ? Math.sign(bx - ax) || 1 : Math.sign(by - ay) || 1;
  const [x1, y1] = isAcross ? [ax + way * from.width / 2, ay] : [ax, ay + way * from.height / 2];
  const [tx, ty] = isAcross ? [bx - way * to.width / 2, by] : [bx, by - way * to.height / 2];
  const [x2, y2] = isAcross ? [tx - 7 * way, ty] : [tx, ty - 7 * way];
  const [cx, cy] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const curve = isAcross ? `${cx},${y1} ${cx},${y2}` : `${x1},${cy} ${x2},${cy}`;
  const [line, tip, ...texts] = arrow.children;
  line.setAttribute("d", `M${x1},${y1}C${curve} ${x2},${y2}`);
  const [px, py] = isAcross ? [0, 3.5] : [3.5, 0];
  tip.setAttribute("d", `M${tx},${ty}L${x2 + px},${y2 + py}L${x2 - px},${y2 - py}Z`);
  for (const text of texts) text.remove();
}

// Return a map of coordinates that keeps intervals as they are and makes the gaps between them small.
function monotone(intervals) {
  const merged = [];
  for (const [start, end] of intervals.sort(([a], [b]) => a - b)) {
    if (merged.length && start <= merged.at(-1)[1]) merged.at(-1)[1] = Math.max(merged.at(-1)[1], end);
    else merged.push([start, end]);
  }
  let gone = 0; // what is left out before each interval
  const parts = merged.map(([start, end], at) => {
    const gap = at ? start - merged[at - 1][1] : 0;
    gone += Math.max(gap - SPARE_GAP, 0);
    return { start, end, gone };
  });
  return (x) => {
    let at = parts.findLastIndex(({ start }) => start <= x);
    if (at < 0) return x - (parts[0]?.gone ?? 0);
    const { end, gone: before } = parts[at];
    if (x <= end || at === parts.length - 1) return x - before;
    const next = parts[at + 1];
    return end - before + ((x - end) / (next.start - end)) * (next.start - next.gone - (end - before));
  };
}
