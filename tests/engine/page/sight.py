"""Walk a page through all its steps in a browser, and count where what a step is about is not whole in sight."""

WALK = """([isPhone, stride]) => {
  const found = { steps: 0, cell: [], line: [], card: [], player: [], result: [], small: [], label: [], wide: [] };
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const area = (element) => element.getBoundingClientRect();
  const text = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  const holds = (outer, inner, by = 1) => inner.left >= outer.left - by && inner.right <= outer.right + by
    && inner.top >= outer.top - by && inner.bottom <= outer.bottom + by;
  const isClipped = (element) => {  // by any element around it that cuts off or scrolls
    const inner = text(element);
    for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
      if (getComputedStyle(outer).overflow !== 'visible' && !holds(area(outer), inner)) return true;
    }
    return inner.left < -1 || inner.right > innerWidth + 1;
  };
  const get = (place) => document.querySelector(place);
  const isSmall = (element) => {
    const drawing = element.tagName === 'text' && getComputedStyle(element.ownerSVGElement).transform;
    const scale = drawing && drawing !== 'none' ? new DOMMatrix(drawing).a : 1;
    return scale * parseFloat(getComputedStyle(element).fontSize) < 11.9;
  };
  // Texts of the graph that lie on one another, by more than a pixel of the drawing.
  const colliding = () => {
    const scale = new DOMMatrix(getComputedStyle(get('#graph svg')).transform).a;
    const texts = [...document.querySelectorAll('#graph text')].filter((one) => one.textContent.trim()
      && getComputedStyle(one).visibility === 'visible').map(area).sort((a, b) => a.left - b.left);
    return texts.some((one, place) => {
      for (const other of texts.slice(place + 1)) {
        if (other.left >= one.right - scale) return false;
        if (Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3 * scale) return true;
      }
      return false;
    });
  };
  press('Home');
  for (let step = 1; ; step++) {
    press('ArrowRight');
    if (get('#position').textContent.startsWith('done')) break;
    if (step % stride) continue;
    found.steps += 1;
    const cell = get('td.changed');
    if (cell.textContent && (isClipped(cell) || cell.scrollWidth > cell.clientWidth)) found.cell.push(step);
    const line = get('#lines [aria-current] code');
    if (isClipped(line) || line.scrollWidth > line.parentElement.clientWidth) found.line.push(step);
    const card = get('#card');
    const isCut = [...card.querySelectorAll('dd, .math')].some((part) => part.scrollWidth > part.clientWidth + 1);
    const isScrolled = card.scrollHeight > card.clientHeight + 1 || card.scrollWidth > card.clientWidth + 1;
    if (isScrolled || isCut) found.card.push(step);
    const graph = area(get('#graph'));
    const players = [...document.querySelectorAll('#graph .value.lit, #graph .value.source, #graph .folded.lit, '
      + '#graph .folded.source, #graph .operation.lit')];
    if (!players.length || !players.every((player) => holds(graph, area(player.querySelector('.face') ?? player)))) {
      found.player.push(step);
    }
    const isText = (element) => element.checkVisibility() && element.textContent.trim() && !element.closest('.help dl');
    const around = 'main td, main code, main dt, main mn, main mi, #card p, nav *, header *';
    if ([...document.querySelectorAll(around)].filter(isText).some(isSmall)) found.small.push(step);
    // Texts of the step are smaller than 12 pixels only where its boxes would not fit into the view otherwise.
    const faces = players.map((player) => area(player.querySelector('.face') ?? player));
    const spread = (from, to) => Math.max(...faces.map((face) => face[to]))
      - Math.min(...faces.map((face) => face[from]));
    const fits = spread('left', 'right') < graph.width - 40 && spread('top', 'bottom') < graph.height - 40;
    if (fits && players.flatMap((player) => [...player.querySelectorAll('text')]).some(isSmall)) found.small.push(step);
    if (colliding()) found.label.push(step);
    if (document.documentElement.scrollWidth > innerWidth) found.wide.push(step);
    const rows = document.querySelectorAll('#card dd');
    const inSight = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    scrollTo(0, 0);
    if (!holds(inSight, area(rows[rows.length - 1])) || !holds(inSight, area(get('#graph')))) found.result.push(step);
  }
  return found;
}"""
COLUMNS = "cell", "line", "card", "player", "result", "small", "label", "wide"
SIZES = (1280, 800), (1920, 1080), (1000, 760), (390, 844)
ZOOMED = [(width // 2, height // 2) for width, height in SIZES[:2]]  # to 200 %; on a phone that only magnifies


def walk_in_sight(page, stride=1):
    """Return how many steps were looked at, and the steps at which each thing was not whole in sight."""
    return page.evaluate(WALK, [page.viewport_size["width"] < 900, stride])
