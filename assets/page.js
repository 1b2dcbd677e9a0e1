// What the client cannot say by itself in a browser: its accessibility tree is open from the first
// frame, the page may be zoomed, its parts are landmarks with a link past the menu, fields hold what
// they show and are tied to their hint or error, totals are read out once the typing rests, amounts
// are typed on digits with a comma, and the focus of the keyboard is seen.
//
// The app marks what is meant by an identifier of its tree, "kind|words" (app/components/heard.py);
// words are the app's, in the person's language.
(() => {
  'use strict';

  const REST = 1000; // ms without a key or a change before a total is read out
  const host = () => document.querySelector('flt-semantics-host');
  const put = (element, name, value) => {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

  // -- the tree and the page -----------------------------------------------------------------------

  // Flutter keeps its semantics behind a button that only screen readers find. Open it for all:
  // it is also what keyboards, voice control and translation read.
  let opened = false;
  // On phones it covers the page and heeds only a tap at its very middle, as screen readers make.
  const openTree = () => {
    const button = document.querySelector('flt-semantics-placeholder');
    if (!button) return Boolean(host());
    const box = button.getBoundingClientRect();
    button.dispatchEvent(new MouseEvent('click', {
      bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2,
    }));
    return false; // until the tree is there
  };

  // The engine forbids zooming: a person who needs it may.
  const zoom = () => {
    const meta = document.querySelector('meta[flt-viewport]');
    if (meta) put(meta, 'content', 'width=device-width, initial-scale=1');
  };

  // -- what is read out ----------------------------------------------------------------------------

  const said = document.createElement('p');
  said.id = 'said';
  said.setAttribute('role', 'status');
  const say = (text) => {
    said.textContent = '';
    requestAnimationFrame(() => { said.textContent = text; });
  };

  // Another screen is another title, which nothing else reads out.
  let title = '';
  let offered = false; // the link past the menu, on this screen
  const titled = () => {
    const now = document.title.split(' – ')[0];
    if (title && now !== title) {
      say(now);
      offered = false;
    }
    title = now;
  };

  let resting = 0;
  let moved = 0;
  const totals = new Map(); // what each total said last, by the words that name it
  const total = (element, name) => {
    const now = element.getAttribute('aria-label') || element.textContent;
    if (!totals.has(name)) totals.set(name, now);
    if (totals.get(name) === now) return;
    totals.set(name, now);
    moved = performance.now();
    const look = () => {
      resting = 0;
      if (performance.now() - moved < REST) resting = setTimeout(look, REST / 4);
      else say(totals.get(name));
    };
    if (!resting) resting = setTimeout(look, REST);
  };
  addEventListener('keydown', () => { moved = performance.now(); }, { capture: true });

  // -- fields --------------------------------------------------------------------------------------

  // Labels are written in every language of the app.
  const PURPOSES = [
    [/nouveau mot de passe|new password|choisissez un mot de passe|choose a password|nueva contraseña|elija una contraseña|nova palavra-passe|escolha uma palavra-passe|كلمة مرور جديدة|اختر كلمة مرور|كلمة المرور الجديدة|اختيار كلمة مرور/i, 'new-password'],
    [/mot de passe|password|contraseña|palavra-passe|كلمة (ال)?مرور/i, 'current-password'],
    [/code de connexion|sign-in code|código de conexión|código de acceso|código de início de sessão|código de acesso|رمز الدخول|رمز الاتصال|رمز تسجيل الدخول/i, 'one-time-code'],
    [/adresse e-mail|e-mail address|correo electrónico|endereço de e-mail|عنوان البريد الإلكتروني|البريد الإلكتروني/i, 'username'],
  ];
  const purpose = (field) => {
    const label = field.getAttribute('aria-label') || '';
    const found = PURPOSES.find(([pattern]) => pattern.test(label));
    if (found) put(field, 'autocomplete', found[1]);
    // Flutter asks for bare digits; a pad with a comma serves amounts, and numbers no less. A cell
    // of a table is named by two headings at least (keys.js), and holds an amount too.
    const cell = field.tagName === 'TEXTAREA' && /^.+, [^,]+, .+$/.test(label);
    const digits = field.getAttribute('inputmode') === 'numeric' && !/code|código|رمز/i.test(label);
    if (cell || digits) put(field, 'inputmode', 'decimal');
  };

  // The client tells the tree what a field holds once it has the focus; until then it would be heard
  // as empty. What was typed since stands: only another word of the app replaces it.
  const holds = (field, value) => {
    if (field.dataset.told === value) return;
    field.dataset.told = value;
    if (document.activeElement !== field && field.value !== value) field.value = value;
  };

  const fields = (marked) => {
    const notes = new Map();
    for (const [element, kind, name] of marked) {
      if (kind === 'error' || kind === 'hint') notes.set(name, [kind, element]);
    }
    for (const [element, kind, name, value] of marked) {
      if (kind !== 'field') continue;
      const field = element.matches('input, textarea') ? element
        : element.querySelector('input, textarea, [role=radiogroup], [role=group], [role=button]')
          || element;
      const [what, note] = notes.get(name) || [];
      put(field, 'aria-describedby', note ? note.id : null);
      if (what === 'error') put(field, 'aria-invalid', 'true');
      else if (field.getAttribute('aria-invalid') === 'true') put(field, 'aria-invalid', 'false');
      if (value !== undefined && field.matches('input, textarea')) holds(field, value);
    }
  };

  // -- landmarks -----------------------------------------------------------------------------------

  const skip = document.createElement('a');
  skip.id = 'skip';
  skip.hidden = true;
  const content = () => host()?.querySelector('[role=main] h1') || host()?.querySelector('[role=main]');
  skip.addEventListener('click', (event) => {
    event.preventDefault();
    const target = content();
    if (!target) return;
    target.tabIndex = -1;
    target.focus();
  });

  // Tab goes as the tree is read: the client alone would go by rows of the window, between menu and
  // content. Of radio buttons that have a choice, only the choice is a stop; arrows go to the others.
  const stops = () => [...host().querySelectorAll('[tabindex="0"], input, textarea')].filter((e) => {
    if (e.disabled || e.getAttribute('aria-disabled') === 'true' || e.tabIndex < 0) return false;
    if (e.getAttribute('role') !== 'radio' || e.getAttribute('aria-checked') === 'true') return true;
    return !e.closest('[role=radiogroup]')?.querySelector('[role=radio][aria-checked=true]');
  });
  addEventListener('keydown', (event) => {
    if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey || !host()) return;
    const active = document.activeElement;
    const nowhere = !active || active === document.body || active.matches('flutter-view');
    let to;
    if (nowhere) {
      if (event.shiftKey || offered || skip.hidden) return; // as the client remembers
      to = skip;
    } else if (active === skip || host().contains(active)) {
      const before = event.shiftKey ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
      const all = stops();
      if (event.shiftKey) all.reverse();
      const inside = Node.DOCUMENT_POSITION_CONTAINS | Node.DOCUMENT_POSITION_CONTAINED_BY;
      to = all.find((e) => {
        const place = active.compareDocumentPosition(e);
        return e !== active && place & before && !(place & inside);
      });
    }
    if (!to) return;
    offered = byKey = true;
    event.preventDefault();
    event.stopImmediatePropagation();
    to.focus();
  }, { capture: true });

  const LANDMARKS = { main: 'main', nav: 'navigation', top: 'banner' };
  let dressed = new Set();
  const landmarks = (marked) => {
    let main = null;
    const now = new Set(marked.filter(([, kind]) => LANDMARKS[kind]).map(([element]) => element));
    for (const element of dressed) {
      if (now.has(element)) continue; // the client gave this element to something else
      if (Object.values(LANDMARKS).includes(element.getAttribute('role'))) put(element, 'role', null);
      put(element, 'aria-label', null);
    }
    dressed = now;
    for (const [element, kind, words] of marked) {
      const role = LANDMARKS[kind];
      if (!role) continue;
      put(element, 'role', role);
      if (kind === 'main') main = element;
      if (kind === 'main' && skip.textContent !== words) skip.textContent = words;
      if (kind === 'main') put(skip, 'href', `${location.pathname}${location.search}#${element.id}`);
      if (kind !== 'main') put(element, 'aria-label', words);
      if (kind === 'nav') places(element);
    }
    skip.hidden = !main;
    // A window that failed is drawn without the frame of the screens.
    const view = document.querySelector('flutter-view');
    if (view) put(view, 'role', main ? null : 'main');
  };

  // Entries of the menu lead to other screens: links, not tabs of one.
  const places = (menu) => {
    for (const list of menu.querySelectorAll('[role=tablist]')) put(list, 'role', 'group');
    for (const entry of menu.querySelectorAll('[role=tab], [role=button], [role=link]')) {
      const here = entry.getAttribute('aria-selected') ?? entry.getAttribute('aria-current');
      put(entry, 'role', 'link');
      put(entry, 'aria-selected', null);
      put(entry, 'aria-current', here === 'true' || here === 'page' ? 'page' : null);
      const [name, ...rest] = entry.textContent.split('\n'); // "Home", then "Tab 1 of 6"
      if (rest.length) put(entry, 'aria-label', name);
    }
  };

  // -- where the keyboard is -----------------------------------------------------------------------

  const ring = document.createElement('div');
  ring.id = 'ring';
  ring.hidden = true;
  let byKey = false;
  let drawing = 0;
  const draw = () => {
    drawing = 0;
    const active = document.activeElement;
    const shown = byKey && active && host()?.contains(active) && active !== host();
    ring.hidden = !shown;
    if (!shown) return;
    const box = active.getBoundingClientRect();
    for (const side of ['left', 'top', 'width', 'height']) ring.style[side] = `${box[side]}px`;
    drawing = requestAnimationFrame(draw); // what is focused scrolls and moves with the screen
  };
  const follow = () => { if (!drawing) draw(); };
  addEventListener('keydown', (event) => {
    if (!/^(Tab|Arrow.*|Enter| |Home|End|Page.*)$/.test(event.key)) return;
    byKey = true;
    follow();
  }, { capture: true });
  addEventListener('pointerdown', () => { byKey = false; }, { capture: true });
  addEventListener('focusin', follow, { capture: true });

  // The client draws a node anew when its role changes, and forgets its identifier then.
  const MARK = 'flt-semantics-identifier';
  const known = new Map(); // by the id of the node: its element and its mark
  const recall = () => {
    for (const [id, { element, mark }] of known) {
      const now = document.getElementById(id);
      if (now && now !== element && !now.hasAttribute(MARK)) now.setAttribute(MARK, mark);
      else if (!now || !now.hasAttribute(MARK)) known.delete(id);
    }
    const all = [...document.querySelectorAll(`[${MARK}]`)];
    for (const element of all) known.set(element.id, { element, mark: element.getAttribute(MARK) });
    return all;
  };

  // -- together ------------------------------------------------------------------------------------

  const watch = () => {
    if (!opened) opened = openTree();
    zoom();
    titled();
    const marked = recall().map((element) => {
      const [kind, name, ...value] = element.getAttribute(MARK).split('|');
      return [element, kind, name, value.length ? value.join('|') : undefined];
    });
    landmarks(marked);
    fields(marked);
    for (const [element, kind, name] of marked) if (kind === 'total') total(element, name);
    document.querySelectorAll('flt-semantics-host input, flt-semantics-host textarea').forEach(purpose);
  };
  document.body.prepend(skip);
  document.body.append(said, ring);
  new MutationObserver(watch).observe(document.documentElement, {
    childList: true, subtree: true, characterData: true, attributes: true,
    attributeFilter: ['aria-label', 'autocomplete', 'flt-semantics-identifier', 'role',
      'aria-selected', 'aria-current', 'content', 'inputmode'],
  });
  watch();
})();
