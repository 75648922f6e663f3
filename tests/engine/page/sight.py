"""Walk a page through all its steps in a browser, and count where what a step is about is not whole in sight."""

WALK = """([isPhone, stride]) => {
  const found = { steps: 0, cell: [], line: [], card: [], player: [], result: [], small: [] };
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
    const rows = document.querySelectorAll('#card dd');
    const inSight = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    scrollTo(0, 0);
    if (!holds(inSight, area(rows[rows.length - 1])) || !holds(inSight, area(get('#graph')))) found.result.push(step);
  }
  return found;
}"""
COLUMNS = "cell", "line", "card", "player", "result"
SIZES = (1280, 800), (1920, 1080), (1000, 760), (390, 844)


def walk_in_sight(page, stride=1):
    """Return how many steps were looked at, and the steps at which each thing was not whole in sight."""
    return page.evaluate(WALK, [page.viewport_size["width"] < 900, stride])
