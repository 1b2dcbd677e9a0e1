// The first thing drawn, and all that the page does until the app's first screen: it asks for the
// large files before anything else, says how far they are, and leaves when a screen is there.
// The server names in `quittanceClient` the folder of its cut and compressed client and the sizes of
// its large files; without it (`flet run`) the client's own loader starts the app.
(() => {
  'use strict';
  const told = globalThis.quittanceClient || { base: '/', sizes: {}, wire: {}, small: [] };
  const served = Boolean(globalThis.quittanceClient);
  const begun = performance.now();
  const boot = globalThis.quittanceBoot = {};
  const mark = (name) => { boot[name] ??= Math.round(performance.now() - begun); };

  const WORDS = {
    load: [
      'Chargement de l’application : {n} %', 'Loading the application: {n}%',
      'Cargando la aplicación: {n} %', 'A carregar a aplicação: {n}%', 'جارٍ تحميل التطبيق: {n}%',
    ],
    open: [
      'Ouverture de votre page : {n} %', 'Opening your page: {n}%', 'Abriendo su página: {n} %',
      'A abrir a sua página: {n}%', 'جارٍ فتح صفحتك: {n}%',
    ],
    failed: [
      'L’application n’a pas pu s’ouvrir. Vérifiez le réseau, puis réessayez.',
      'The application could not open. Check the network, then try again.',
      'La aplicación no ha podido abrirse. Compruebe la red y vuelva a intentarlo.',
      'Não foi possível abrir a aplicação. Verifique a rede e tente novamente.',
      'تعذّر فتح التطبيق. تحقّق من الشبكة ثم أعد المحاولة.',
    ],
    old: [
      'Ce navigateur est trop ancien. Mettez-le à jour.',
      'This browser is too old. Update it.',
      'Este navegador es demasiado antiguo. Actualícelo.',
      'Este navegador é demasiado antigo. Atualize-o.',
      'هذا المتصفح قديم جدا. حدّثه.',
    ],
    again: ['Réessayer', 'Try again', 'Reintentar', 'Tentar novamente', 'إعادة المحاولة'],
    about: [
      'Déclarer ses revenus, voir ce que l’on doit, garder la preuve.',
      'Declare your income, see what you owe, keep the proof.',
      'Declare sus ingresos, vea lo que debe, guarde la prueba.',
      'Declare os seus rendimentos, veja o que deve, guarde a prova.',
      'صرّح بدخلك، واعرف ما عليك، واحتفظ بالإثبات.',
    ],
  };
  const word = (name) => quittanceWord(WORDS[name]);
  const find = (id) => document.getElementById(id);

  // -- what is shown -----------------------------------------------------------------------------

  let stage = '';
  let reached = 0;
  let size = '';
  let stopped = false; // once said to have failed: bytes still arriving must not take the words back
  function progress(name, part) {
    const words = find('loading-words');
    if (!words || stopped) return;
    reached = Math.max(reached, Math.min(99, Math.floor(part * 100)));
    find('loading-bar').value = reached;
    // Seen at each percent, read out by quarters: a screen reader that counts is no help.
    words.textContent = word(name).replace('{n}', reached)
      + (name === 'load' && size ? ` · ${size}` : '');
    const said = `${name}${Math.floor(reached / 25)}`;
    if (said !== stage) find('loading-said').textContent = words.textContent;
    stage = said;
  }

  function failed(name, error) {
    console.error(error);
    if (!find('loading')) return;
    stopped = true;
    find('loading-words').textContent = find('loading-said').textContent = word(name);
    find('loading-bar').hidden = true;
    const again = find('loading-again');
    again.hidden = false;
    again.onclick = () => location.reload();
  }

  // Called by the page once its welcome is there, before it is drawn.
  globalThis.quittanceWelcome = () => {
    find('loading-about').textContent = word('about');
    find('loading-again').textContent = word('again');
    if (typeof WebAssembly === 'undefined' || !('structuredClone' in globalThis)) {
      failed('old', new Error('no WebAssembly'));
    } else progress('load', 0);
  };

  // -- a simulation kept in a link ------------------------------------------------------------------

  // What a browser never sends is the fragment of an address: a simulation's link keeps it there. The
  // app reads the query, so it stands there while the app opens, and goes back once it has.
  const linked = /^#s=([\w-]{1,4000})$/.exec(location.hash);
  if (linked && location.pathname.endsWith('/simulateur')) {
    history.replaceState(history.state, '', `${location.pathname}?s=${linked[1]}`);
    document.addEventListener('quittance-shown', () => {
      if (location.pathname.endsWith('/simulateur')) {
        history.replaceState(history.state, '', `${location.pathname}#s=${linked[1]}`);
      }
    }, { once: true });
  }

  // -- the large files ---------------------------------------------------------------------------

  const at = (name) => new URL(told.base + name, document.baseURI).href;
  const kind = typeof WebAssembly === 'undefined' ? 'canvaskit' : renderer();
  boot.renderer = kind;
  const large = {
    skwasm: ['main.dart.wasm', 'canvaskit/skwasm.wasm'],
    canvaskit: ['main.dart.js', 'canvaskit/canvaskit.wasm'],
  }[kind];
  const total = large.reduce((sum, name) => sum + (told.sizes[name] || 0), 0);
  const wire = large.reduce((sum, name) => sum + (told.wire[name] || 0), 0);
  // Kept by this browser since another visit: its bytes come at once and are not counted.
  const KEY = 'quittance-client';
  let kept = false;
  try { kept = localStorage.getItem(KEY) === told.base; } catch { /* a browser that keeps nothing */ }
  if (wire && !kept) {
    size = new Intl.NumberFormat(quittanceLanguage,
      { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(wire / 1e6);
  }

  let received = 0;
  function counted(response) {
    if (!response.ok) throw new Error(`${response.status} ${response.url}`);
    if (kept || typeof TransformStream === 'undefined') return response;
    const count = new TransformStream({
      transform(chunk, out) {
        received += chunk.byteLength;
        progress('load', 0.9 * received / total);
        out.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(count), { headers: response.headers });
  }

  // Asked now rather than when the loader has been read; it receives these same answers.
  const early = new Map();
  const ask = globalThis.fetch.bind(globalThis);
  if (served) {
    for (const name of large) early.set(at(name), ask(at(name)).then(counted));
    for (const name of told.scripts[kind]) {
      const link = document.createElement('link');
      link.rel = 'modulepreload';
      link.href = at(name);
      document.head.append(link);
    }
    for (const name of told.small) ask(at(name), { priority: 'low' }).catch(() => {});
    globalThis.fetch = (input, init) => {
      const url = new URL(typeof input === 'object' && 'url' in input ? input.url : input,
        document.baseURI).href;
      const found = early.get(url);
      early.delete(url);
      return found || ask(input, init);
    };
  }
  const later = Promise.all([...early.values()]).then(() => {}, (error) => failed('failed', error));

  // -- until the first screen --------------------------------------------------------------------

  // WebKit brings a Flutter page back from its cache with its frames stopped: only a reload helps.
  addEventListener('pageshow', (event) => {
    if (event.persisted && navigator.vendor?.startsWith('Apple')) location.reload();
  });

  // Nothing here plays Rive animations: the client must not fetch their runtime from elsewhere.
  const source = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, 'src');
  Object.defineProperty(HTMLScriptElement.prototype, 'src', {
    ...source,
    set(url) { source.set.call(this, String(url).includes('rive_native') ? at('rive.js') : url); },
  });

  // What the device asks of every page: the app hears of it when the window opens.
  const asks = (query) => globalThis.matchMedia?.(query).matches;
  const wishes = globalThis.quittanceWishes =
    asks('(prefers-contrast: more)') || asks('(forced-colors: active)') ? 'contrast' : '';

  // The first frame is the client's own wait: the welcome stays until the app said what to draw.
  let spoken = false;
  const Socket = globalThis.WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(url, ...given) {
      super(wishes ? `${url}${String(url).includes('?') ? '&' : '?'}wishes=${wishes}` : url, ...given);
      if (spoken) return;
      mark('socket');
      progress('open', 0.96);
      this.addEventListener('message', () => { spoken = true; mark('spoken'); }, { once: true });
    }
  };
  addEventListener('flutter-first-frame', () => { mark('frame'); progress('open', 0.95); });
  const drawn = new MutationObserver(() => {
    if (!spoken || document.querySelectorAll('flt-semantics').length < 3) return;
    drawn.disconnect();
    mark('shown');
    find('loading')?.remove();
    try { localStorage.setItem(KEY, told.base); } catch { /* the next visit counts again */ }
    document.dispatchEvent(new CustomEvent('quittance-shown', { detail: boot }));
  });
  drawn.observe(document.documentElement, { childList: true, subtree: true });

  // What Flet's client reads.
  globalThis.flet = {
    pyodide: false, multiView: false, noCdn: true, webSocketEndpoint: '/ws',
    entrypointBaseUrl: told.base, assetBase: told.base, routeUrlStrategy: 'path',
    canvasKitBaseUrl: `${told.base}canvaskit/`, pyodideUrl: '/pyodide/pyodide.mjs',
    webRenderer: served ? kind : 'auto', fontFallbackBaseUrl: `${told.base}assets/fonts/`,
    appPackageUrl: 'app.tar.gz',
  };
  flet.flutterAppLoaded = new Promise((resolve) => { flet.flutterAppResolve = resolve; });

  const parsed = new Promise((then) => { addEventListener('DOMContentLoaded', then, { once: true }); });

  // Called by the loader that the server hands out.
  globalThis.quittanceStart = () => {
    mark('loader');
    const config = {
      renderer: kind, entrypointBaseUrl: flet.entrypointBaseUrl, assetBase: flet.assetBase,
      canvasKitBaseUrl: flet.canvasKitBaseUrl, fontFallbackBaseUrl: flet.fontFallbackBaseUrl,
      // Two threads would draw and measure letters with one store of glyphs that nothing guards: the
      // page then stops for good, a core at full load (flutter/flutter#190039).
      forceSingleThreadedSkwasm: true,
    };
    later.then(() => { mark('asked'); });
    _flutter.loader.load({
      config,
      async onEntrypointLoaded(initializer) {
        mark('compiled');
        progress('open', 0.92);
        const engine = await initializer.initializeEngine(config);
        mark('engine');
        await parsed; // the client's connection is back.js's, however late that comes
        flet.flutterApp = await engine.runApp();
        flet.flutterAppResolve(flet.flutterApp);
      },
    }).catch((error) => failed('failed', error));
  };
})();
