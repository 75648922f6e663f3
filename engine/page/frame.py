"""A page in a notebook as a widget: what the page and Python tell each other.

The page is in a frame of its own, which may run its script and nothing else: no cookies, no network, no access to the
notebook. Messages go between the frame and the widget alone; Python reads them as data.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import StepgradError

try:
    import traitlets as traitlets
    from anywidget import AnyWidget
except ImportError:
    raise StepgradError("a widget needs the package anywidget: pip install 'stepgrad[widget]'") from None

SCRIPT = """
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-forms"); // whose policy lets no form go anywhere
  frame.title = model.get("title");
  frame.style.cssText = `width:100%;height:${model.get("height")}px;border:1px solid #8888;border-radius:6px`;
  const ask = () => {
    const asked = model.get("asked");
    if (Object.keys(asked).length) frame.contentWindow?.postMessage({ stepgrad: asked }, "*");
  };
  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || !data?.stepgrad) return;
    model.set("told", data.stepgrad);
    model.save_changes();
  };
  addEventListener("message", hear);
  frame.addEventListener("load", ask);
  model.on("change:asked", ask);
  frame.srcdoc = model.get("page");
  el.append(frame);
  return () => {
    removeEventListener("message", hear);
    model.off("change:asked", ask);
  };
}
export default { render };
"""


class PageFrame(AnyWidget):
    """A page in a notebook.

    Attributes:
        page, height, title: what is shown.
        told: what the page told last.
        asked: what Python asked of the page.
    """

    _esm = SCRIPT
    page = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)
    asked = traitlets.Dict().tag(sync=True)
    _is_hearing = False

    @traitlets.observe("told")
    def _told(self, change: Any) -> None:
        self._is_hearing = True
        try:
            self._hear(self.told)
        finally:
            self._is_hearing = False

    def _hear(self, told: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def _wish(self) -> dict[str, Any]:
        raise NotImplementedError

    def _ask(self) -> None:
        """Ask the page for what Python has set, unless it follows from what the page has told."""
        if not self._is_hearing:
            self.asked = {**self._wish(), "turn": self.asked.get("turn", 0) + 1}  # different each time
