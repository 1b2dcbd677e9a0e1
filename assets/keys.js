// What is typed reaches the app. The browser gives a field the focus before the app listens to it:
// a key pressed in between would show in the field and be heard by nobody. Such keys wait here, and
// are written once the app holds the field. In a table, the keys of a spreadsheet go from cell to
// cell: where the next one is, the screen knows, and a server across a slow network would move the
// focus behind a figure already being typed.
(() => {
  'use strict';

  const CALM = 60; // ms that a cell must keep the focus: the app may still be leaving the last one
  const PATIENCE = 1500; // ms after which keys are written whatever the app says
  const LOOK = 20; // ms between two looks

  const isField = (element) => /^(INPUT|TEXTAREA)$/.test(element?.tagName || '')
    && Boolean(element.closest('flt-semantics-host'));
  // A cell is a field of several lines named by two headings at least: "Maison, Mars, Brut".
  const CELL = /^.+, [^,]+, .+$/;
  const isCell = (element) => element?.tagName === 'TEXTAREA' && isField(element)
    && CELL.test(element.getAttribute('aria-label') || '');
  const cells = () => [...document.querySelectorAll('flt-semantics-host textarea')].filter(isCell);

  // -- what waits ----------------------------------------------------------------------------------

  let held = null; // the field that the app listens to
  let wanted = null; // the cell to which a key goes
  let left = null; // the one it comes from
  let kept = null; // the cell just reached, which the app may still take the focus from
  let whole = false; // the cell to reach is selected whole, so that typing replaces it
  let tries = 0;
  let since = 0;
  let calm = 0;
  let timer = 0;
  let replaying = false;
  const waiting = []; // keys pressed meanwhile

  function move(to, from = null) {
    wanted = to;
    left = from;
    whole = Boolean(from);
    since = performance.now();
    calm = 0;
    to.focus();
    look();
  }

  function look() {
    clearTimeout(timer);
    const now = performance.now();
    const active = document.activeElement;
    if (wanted) {
      // Another field than these two was asked for by the person or by the app.
      const elsewhere = active !== wanted && active !== left && isField(active);
      if (!wanted.isConnected || elsewhere || (active !== wanted && tries <= 0)) return forget();
      if (active !== wanted) {
        tries -= 1;
        calm = 0;
        wanted.focus();
      } else if (held !== wanted) calm = 0;
      else calm ||= now;
      if ((calm && now - calm >= CALM) || now - since > PATIENCE) return reached();
    } else if (waiting.length) {
      if (!isField(active)) return forget();
      if (active === held || now - since > PATIENCE) return write();
    } else return;
    timer = setTimeout(look, LOOK);
  }

  function forget() {
    wanted = left = kept = null;
    waiting.length = 0;
  }

  function reached() {
    const cell = wanted;
    wanted = null;
    kept = { cell, until: performance.now() + 500 };
    if (whole) cell.select();
    write();
  }

  function write() {
    while (waiting.length && !wanted) {
      const { key, text } = waiting.shift();
      const field = document.activeElement;
      if (!isField(field)) return forget();
      const end = field.value.length;
      replaying = true;
      if (text) document.execCommand('insertText', false, text);
      else if (key === 'Backspace') document.execCommand('delete');
      else if (key === 'Delete') document.execCommand('forwardDelete');
      else if (key === 'All') field.select();
      else if (key === 'Home') field.setSelectionRange(0, 0);
      else if (key === 'End') field.setSelectionRange(end, end);
      else if (/^Shift\+Arrow/.test(key)) stretch(field, [key.slice(6)]);
      else if (isCell(field) && leaves(field, key)) go(field, key);
      else if (isCell(field)) {
        const at = field.selectionStart + (key === 'ArrowLeft' ? -1 : 1);
        field.setSelectionRange(at, at);
      }
      replaying = false;
    }
  }

  // The engine writes this attribute in a field each time it starts to listen to it.
  new MutationObserver((records) => {
    for (const { target } of records) if (target === document.activeElement) held = target;
    look();
  }).observe(document.documentElement, {
    subtree: true, attributes: true, attributeFilter: ['autocomplete'],
  });

  addEventListener('focusout', (event) => {
    // Another window in front leaves the field where it was.
    if (document.activeElement === event.target) return;
    if (held === event.target) held = null;
    const { cell, until } = kept || {};
    if (wanted || event.target !== cell || isField(event.relatedTarget)) return;
    kept = null;
    if (performance.now() < until && tries > 0) {
      tries -= 1;
      queueMicrotask(() => { if (!isField(document.activeElement)) move(cell); });
    }
  }, { capture: true });

  // A finger or a mouse says where to go; with Shift, how far a block of cells goes.
  let clicked = false; // that a click chose a block: the client is not to hear of it
  addEventListener('pointerdown', (event) => {
    const from = document.activeElement;
    clicked = event.shiftKey && event.button === 0 && isCell(from) && isCell(event.target)
      && !late(from);
    if (!clicked) return forget();
    take(event);
    stretch(from, ['Escape', ...way(from, event.target)]);
  }, { capture: true });
  for (const kind of ['mousedown', 'pointerup', 'mouseup', 'click']) {
    addEventListener(kind, (event) => { if (clicked) take(event); }, { capture: true });
  }

  // -- from cell to cell ---------------------------------------------------------------------------

  // The nearest cell on the way that the key shows.
  function neighbour(from, key) {
    if (key === 'Tab' || key === 'Shift+Tab') {
      const all = cells();
      return all[all.indexOf(from) + (key === 'Tab' ? 1 : -1)];
    }
    const [along, across] = /Up|Down/.test(key) ? ['y', 'x'] : ['x', 'y'];
    const way = /Down|Right/.test(key) ? 1 : -1;
    const at = from.getBoundingClientRect();
    let found = null;
    let nearest = Infinity;
    for (const cell of cells()) {
      const box = cell.getBoundingClientRect();
      const far = way * (box[along] - at[along]);
      if (Math.abs(box[across] - at[across]) > at.height / 2 || far < at.height / 2) continue;
      if (far < nearest) [found, nearest] = [cell, far];
    }
    return found;
  }

  // Whether there was somewhere to go.
  function go(from, pressed) {
    const key = { 'Enter': 'ArrowDown', 'Shift+Enter': 'ArrowUp' }[pressed] || pressed;
    const to = neighbour(from, key);
    tries = 5;
    if (to) move(to, from);
    return Boolean(to);
  }

  // Inside an amount the arrows move the caret; from its edge, or while it is wholly selected, they
  // leave it.
  function leaves({ selectionStart: start, selectionEnd: end, value }, key) {
    if (!/Left|Right/.test(key) || (start === 0 && end === value.length)) return true;
    return start === end && start === (key === 'ArrowLeft' ? 0 : value.length);
  }

  // -- a block of cells ----------------------------------------------------------------------------

  // The app chooses the cells, by the keys that it hears; the focus stays where the block begins.
  function stretch(field, keys) {
    const before = replaying;
    replaying = true;
    for (const key of keys) {
      for (const kind of ['keydown', 'keyup']) {
        field.dispatchEvent(new KeyboardEvent(kind, {
          key, code: key, shiftKey: true, bubbles: true, cancelable: true,
        }));
      }
    }
    replaying = before;
  }

  // The arrows that lead from one cell to another.
  function way(from, to) {
    const [a, b] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
    const between = (along, across, box) => cells().map((cell) => cell.getBoundingClientRect())
      .filter((one) => Math.abs(one[across] - box[across]) < a.height / 2
        && (one[along] - a[along]) * (one[along] - b[along]) <= 0).length - 1;
    return [
      ...Array(between('x', 'y', a)).fill(b.x > a.x ? 'ArrowRight' : 'ArrowLeft'),
      ...Array(between('y', 'x', a)).fill(b.y > a.y ? 'ArrowDown' : 'ArrowUp'),
    ];
  }

  // What the block holds, the app wrote in its tree as it was chosen: some browsers let a page write
  // to the clipboard at this very moment only.
  addEventListener('copy', (event) => {
    const MARK = 'flt-semantics-identifier';
    const block = document.querySelector(`[${MARK}^="block|"]`);
    if (!block || !isCell(document.activeElement)) return;
    event.clipboardData.setData('text/plain', block.getAttribute(MARK).slice('block|'.length));
    take(event);
  }, { capture: true });

  // -- what is typed, pressed or pasted ------------------------------------------------------------

  // Whether it waits for the app to hold the field.
  function late(field) {
    return Boolean(wanted) || (isField(field) && field !== held);
  }

  function wait(event, what) {
    if (!wanted && !waiting.length) since = performance.now();
    waiting.push(what);
    take(event);
    look();
  }

  function take(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  addEventListener('keydown', (event) => {
    const { target: field, key } = event;
    if (replaying || event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() === 'a' && !event.shiftKey && late(field)) wait(event, { key: 'All' });
      return;
    }
    if (key.length === 1) {
      if (late(field)) wait(event, { text: key });
      return;
    }
    if (/^(Backspace|Delete|Home|End)$/.test(key)) {
      if (late(field)) wait(event, { key });
      return;
    }
    if (!/^(Enter|Tab|Arrow.*)$/.test(key)) return;
    const pressed = event.shiftKey ? `Shift+${key}` : key;
    if (/^Shift\+Arrow/.test(pressed)) {
      if (!isCell(field)) return;
      if (wanted || late(field)) wait(event, { key: pressed });
      // From the edge of an amount, or while it is wholly selected, the app chooses cells; inside,
      // the browser selects figures.
      else if (leaves(field, key)) event.preventDefault();
      else event.stopImmediatePropagation();
      return;
    }
    if (wanted || (isCell(field) && waiting.length)) {
      // A key held down does not run ahead of what is seen.
      if (event.repeat && waiting.length) take(event);
      else wait(event, { key: pressed });
      return;
    }
    if (waiting.length) write();
    if (!isCell(field) || !leaves(field, pressed)) return;
    if (!go(field, pressed) && key === 'Tab') return; // out of the table
    take(event); // Enter adds no line to an amount, and the page does not scroll
  }, { capture: true });

  addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain');
    if (text && late(event.target)) wait(event, { text });
  }, { capture: true });
})();
