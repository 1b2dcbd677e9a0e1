"""How large things are on a screen: what can be pressed, and what stands out of the window."""

from __future__ import annotations

from playwright.sync_api import Page

TARGET = 44  # CSS pixels, on a phone: WCAG 2.5.5, more than the 24 of 2.5.8
POINTED = 40  # with a mouse, where the client draws radio buttons and boxes closer

SMALL = """(least) => {
  const host = document.querySelector('flt-semantics-host');
  const pressed = '[role=button], [role=link], [role=checkbox], [role=radio], [role=switch],'
    + '[role=slider], [role=tab], [role=menuitem], a[href], input, textarea';
  const frame = (e) => {
    for (let up = e.parentElement; up && up !== host; up = up.parentElement) {
      if (up.style.overflowY === 'scroll' || up.style.overflowX === 'scroll') {
        return up.getBoundingClientRect();
      }
    }
    return { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  };
  return [...host.querySelectorAll(pressed)].flatMap((e) => {
    if (e.querySelector('input, textarea')) return [];
    const box = e.getBoundingClientRect();
    // The edge of what scrolls cuts the one that it crosses.
    const { left, top, right, bottom } = frame(e);
    // A field stands in a node of its own, and it is the node that is cut.
    const node = (e.closest('flt-semantics') || e).getBoundingClientRect();
    const edge = (one) => Math.abs(one.bottom - bottom) < 2 || Math.abs(one.top - top) < 2;
    // What waits beyond the edge is drawn a little ahead, and cut there.
    const beyond = box.top >= bottom || box.bottom <= top;
    const cut = beyond || edge(box) || (node.height < 2 * least && edge(node))
      || (Math.abs(box.right - right) < 2 && box.width < least) || box.left < left - 1;
    if (!box.width || cut || (box.width >= least && box.height >= least)) return [];
    const name = e.getAttribute('aria-label') || e.textContent || e.tagName;
    return [`${name.slice(0, 60)} ${Math.round(box.width)}×${Math.round(box.height)}`];
  });
}"""
BEYOND = """() => [...document.querySelector('flt-semantics-host').querySelectorAll(
    'flt-semantics, h1, h2, h3, input, textarea')].flatMap((e) => {
  const box = e.getBoundingClientRect();
  if (!box.width || (box.right <= innerWidth + 1 && box.left >= -1)) return [];
  const name = e.getAttribute('aria-label') || e.textContent || '';
  return [`${name.slice(0, 60)} ${Math.round(box.left)}..${Math.round(box.right)}`];
})"""


def too_small(page: Page, least: int = TARGET) -> list[str]:
    """What can be pressed and has a side under `least` pixels."""
    found: list[str] = page.evaluate(SMALL, least)
    return found


def beyond(page: Page) -> list[str]:
    """What stands out of the window on the left or on the right."""
    found: list[str] = page.evaluate(BEYOND)
    return found
