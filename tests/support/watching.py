"""A browser that tells what happens on a page beside the showing of text."""

from __future__ import annotations

from hostile import EVIL, Texts
from looking import open_page, settled
from playwright.sync_api import Locator, Page, expect

# Elements that may bear text from the data, outside of links to the program's own pages.
BEARS = {
    *("html", "body", "main", "header", "div", "section", "p", "span", "label", "button", "ul"),
    *("li", "details", "summary", "h3", "table", "tbody", "thead", "tr", "td", "th", "canvas"),
    *("h2", "svg", "g", "text", "tspan"),
}
WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI}) => {
  // Streamlit's library of long integers asks for WebAssembly and does without.
  if (blockedURI !== "wasm-eval") broken.push(`policy: ${violatedDirective} ${blockedURI}`);
});
window.lookAround = ({bears, evil}) => {
  const found = [...broken];
  const quiet = /^(aria-label|title|value|alt|placeholder|data-unformatted|content)$/;
  const own = (element) => element.closest("a[href]")?.href.startsWith(location.origin + "/");
  for (const element of document.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    for (const {name, value} of element.attributes) {
      const told = `${tag} ${name}="${value.slice(0, 200)}"`;
      if (name.startsWith("on")) found.push(told);
      if (!value.includes(evil) && !value.includes("〔")) continue;
      if (!quiet.test(name) && !(name === "href" && own(element))) found.push(told);
    }
    if (tag !== "a" && !bears.includes(tag) && element.textContent.includes("〔"))
      found.push(`within ${tag}: ${element.textContent.slice(0, 200)}`);
    if (tag === "a" && !own(element)) found.push(`link to ${element.getAttribute("href")}`);
  }
  if (window.length) found.push(`${window.length} frames`);
  return found;
};
"""
TOLD = {"bears": sorted(BEARS), "evil": EVIL}
HOVER = """async (chart, told) => {
  const ground = chart.querySelector(".nsewdrag"), rows = new Set(), seen = new Map();
  chart.scrollIntoView({block: "center"});
  for (const mark of chart.querySelectorAll(".point path, path.point, .sankey-link")) {
    const {x, y, width, height} = mark.getBoundingClientRect();
    if (rows.has(y) || (rows.add(y).size - 1) % told.every) continue;  // of a row, one
    const at = {clientX: x + width / 2, clientY: y + height / 2, bubbles: true};
    for (const type of ["mouseover", "mousemove"]) (ground ?? mark).dispatchEvent(new MouseEvent(type, at));
    await new Promise((done) => setTimeout(done, 60));
    const label = chart.querySelector(".hoverlayer").textContent;
    if (label) seen.set(label, lookAround(told));
  }
  return [...seen];
}"""


class Watched:
    """A page, and whatever happened on it that text does not do."""

    def __init__(self, page: Page, address: str, texts: Texts) -> None:
        self.page, self.address, self.texts = page, address, texts
        self.happened: list[str] = []
        own = (f"{address}/", "data:", "blob:", address.replace("http", "ws") + "/")
        for event, told in {
            "request": lambda r: None if r.url.startswith(own) else f"request of {r.url}",
            "websocket": lambda s: None if s.url.startswith(own) else f"socket to {s.url}",
            "dialog": lambda d: f"dialog {d.message}",
            "popup": lambda p: f"window {p.url}",
            "pageerror": lambda e: f"error {e}",
            "console": lambda m: f"console {m.text}" if "Security Policy" in m.text else None,
            "frameattached": lambda f: f"frame {f.url}",
            "framenavigated": lambda f: None if f.url.startswith(own) else f"at {f.url}",
        }.items():
            page.on(event, lambda it, told=told: self.happened.append(told(it)))  # type: ignore[call-overload]
        page.add_init_script(WATCH)

    def open(self, path: str) -> str:
        open_page(self.page, f"{self.address}/{path}")
        return self.look(path)

    def look(self, where: str, *also: str) -> str:
        """See that nothing has happened and nothing is there but text; all the text there is.

        ``also``: elements in which the page itself puts text from the data.
        """
        found = [it for it in self.happened if it]
        told = {**TOLD, "bears": [*TOLD["bears"], *also]}
        found += self.page.evaluate("told => lookAround(told)", told)
        # Tabs and lists that are not open are in the document as well, styles and scripts too.
        shown = self.page.locator("html").evaluate("html => html.textContent")
        found += self.texts.distorted(shown)
        assert not found, (where, found)
        return str(shown)

    def click(self, what: Locator) -> None:
        what.click()
        self.rest()

    def fill(self, what: Locator, text: str) -> None:
        what.fill(text)
        what.press("Enter")
        self.rest()
        assert what.input_value() == text

    def rest(self) -> None:
        """Wait until the script has run, and nothing of the run before is left on the page."""
        settled(self.page)
        expect(self.page.locator("[data-stale=true]")).to_have_count(0)

    def hover(self, where: str, every: int = 1) -> None:
        """Hold the pointer over marks of each chart; the label that it shows is text as well."""
        for chart in self.page.locator(".js-plotly-plot").all():
            labels = chart.evaluate(HOVER, {**TOLD, "every": every})
            assert labels, where
            for label, found in labels:
                assert not found + self.texts.distorted(label), (where, label, found)
