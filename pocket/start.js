// The window's side of the pocket: installs the service worker and says how far it is, starts
// Python in its worker beside the drawing engine, and carries what the two say to each other.
// Python cannot reach the window by itself: `ANSWERS` is all that it may ask of it.

const told = document.getElementById('start').dataset;
const here = new URL('.', location.href.split('#')[0]);
const at = (path) => new URL(path, here).href;
const begun = performance.now();
const boot = { build: told.build };

const WORDS = {
  install: [
    'Installation… {n} %', 'Installing… {n}%', 'Instalando… {n} %', 'A instalar… {n}%',
    'جارٍ التثبيت… {n}%',
  ],
  update: [
    'Mise à jour… {n} %', 'Updating… {n}%', 'Actualizando… {n} %', 'A atualizar… {n}%',
    'جارٍ التحديث… {n}%',
  ],
  start: [
    'Ouverture… {n} %', 'Opening… {n}%', 'Abriendo… {n} %', 'A abrir… {n}%', 'جارٍ الفتح… {n}%',
  ],
  failed: [
    'L’application n’a pas pu s’ouvrir. Vérifiez le réseau, puis réessayez.',
    'The application could not open. Check the network, then try again.',
    'La aplicación no ha podido abrirse. Compruebe la red y vuelva a intentarlo.',
    'Não foi possível abrir a aplicação. Verifique a rede e tente novamente.',
    'تعذّر فتح التطبيق. تحقّق من الشبكة ثم أعد المحاولة.',
  ],
  old: [
    'Ce navigateur est trop ancien pour Quittance. Mettez-le à jour.',
    'This browser is too old for Quittance. Update it.',
    'Este navegador es demasiado antiguo para Quittance. Actualícelo.',
    'Este navegador é demasiado antigo para a Quittance. Atualize-o.',
    'هذا المتصفح قديم جدا لتشغيل Quittance. حدّثه.',
  ],
  again: ['Réessayer', 'Try again', 'Reintentar', 'Tentar novamente', 'إعادة المحاولة'],
};
const word = (name, n = 0) => quittanceWord(WORDS[name]).replace('{n}', n);

let registration = null; // of the service worker

// -- the boot page -------------------------------------------------------------------------------

const words = document.getElementById('loading-words');
const bar = document.getElementById('loading-bar');
let shown = '';
let stopped = false; // once said to have failed: files still arriving must not take the words back
function progress(name, part) {
  if (stopped) return;
  const percent = Math.max(0, Math.min(100, Math.round(part * 100)));
  if (bar) bar.value = percent;
  // Read out by tenths: a screen reader that counts to a hundred is no help.
  const said = word(name, shown.startsWith(name) ? percent : Math.floor(percent / 10) * 10);
  if (words && words.textContent !== said) words.textContent = said;
  shown = name;
}
function failed(name, error) {
  console.error(error);
  if (!words || !words.isConnected) return;
  stopped = true;
  words.textContent = word(name);
  if (bar) bar.hidden = true;
  const again = document.getElementById('loading-again');
  again.textContent = word('again');
  if (!again.hidden) return;
  again.hidden = false;
  // A version that does not open must not keep the next one waiting.
  again.addEventListener('click', async () => {
    again.disabled = true;
    await registration?.update().catch(() => {});
    if (!await ANSWERS.apply_update()) location.reload();
  });
}

// -- the service worker --------------------------------------------------------------------------

// A version is whole or absent: the page goes on once this one is kept, or without one where
// there can be none (no HTTPS, private window).
async function install(kind) {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', (event) => {
    const { kept, size } = event.data || {};
    if (size && !navigator.serviceWorker.controller) progress('install', 0.8 * kept / size);
  });
  try {
    registration = await navigator.serviceWorker.register(
      `sw.js?renderer=${kind}`, { scope: './', updateViaCache: 'none' });
  } catch (error) {
    console.warn('no service worker', error);
    return;
  }
  registration.addEventListener('updatefound', watch);
  watch();
  if (navigator.serviceWorker.controller) return;
  const first = registration.installing || registration.waiting || registration.active;
  await new Promise((done, refused) => {
    const look = () => {
      if (first.state === 'redundant') refused(new Error('the installation stopped'));
      if (first.state === 'activated') done();
    };
    first.addEventListener('statechange', look);
    look();
  });
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => {
      navigator.serviceWorker.addEventListener('controllerchange', done, { once: true });
      setTimeout(done, 2000); // a forced reload stays without one
    });
  }
}

function watch() {
  const next = registration.installing || registration.waiting;
  if (!next || !navigator.serviceWorker.controller) return;
  const look = () => { if (next.state === 'installed') tell('update', true); };
  next.addEventListener('statechange', look);
  look();
}

// -- Python --------------------------------------------------------------------------------------

let worker = null;
let toDart = null;
let pythonReady = null;
const waiting = []; // events told before Python listens

function startPython() {
  pythonReady = new Promise((ready, refused) => {
    worker = new Worker(at(told.python + 'worker.js'), { type: 'module', name: 'quittance' });
    worker.addEventListener('error', (event) => refused(new Error(event.message)));
    worker.addEventListener('message', ({ data }) => {
      if (data instanceof Uint8Array) toDart?.(data);
      else if (data.kind === 'phase') {
        boot[data.name] = Math.round(performance.now() - begun);
        if (!boot.shown) progress('start', data.part);
      } else if (data.kind === 'ready') {
        ready();
        for (const message of waiting.splice(0)) worker.postMessage(message);
      } else if (data.kind === 'failed') refused(new Error(data.text));
      else if (data.kind === 'ask') answer(data);
    });
    worker.postMessage({
      kind: 'start', base: here.href, url: document.URL, build: told.build,
      packs: told.packs.split(' ').map(at), backend: told.backend || location.origin,
      languages: quittanceAsked.join(','),
      wishes: globalThis.quittanceWishes || '',
    });
  });
  pythonReady.catch((error) => failed('failed', error));
}

function tell(name, data = null) {
  const message = { kind: 'event', name, data };
  if (boot.python) worker.postMessage(message);
  else waiting.push(message);
}

// A version being kept, once it is; null when it could not be.
function kept(next) {
  if (!next) return null;
  return new Promise((done) => {
    const look = () => {
      if (next.state === 'installed') done(next);
      else if (next.state !== 'installing') done(null);
    };
    next.addEventListener('statechange', look);
    look();
  });
}

// What Python may ask of the window. Arguments and answers are plain JSON values.
const ANSWERS = {
  persist: async () => Boolean(await navigator.storage?.persist?.()),
  estimate: async () => {
    const found = await navigator.storage?.estimate?.();
    return found ? { usage: found.usage, quota: found.quota } : null;
  },
  boot: async () => boot,
  standalone: async () => matchMedia('(display-mode: standalone)').matches,
  reload: async () => location.reload(),
  // Asks once; the browser offers again when it sees fit.
  install: async () => {
    const asked = question;
    question = null;
    await asked?.prompt();
    return (await asked?.userChoice)?.outcome ?? null;
  },
  // Another version was kept beside this one: it takes over now, and this window with it.
  apply_update: async () => {
    const next = await kept(registration?.installing) || registration?.waiting;
    if (!next) return false;
    navigator.serviceWorker.addEventListener(
      'controllerchange', () => location.reload(), { once: true });
    next.postMessage('take over');
    return true;
  },
  check_update: async () => {
    await registration?.update();
    return Boolean(registration?.waiting);
  },
};

async function answer({ id, name, args }) {
  try {
    if (!Object.hasOwn(ANSWERS, name)) throw new Error(`nothing answers to ${name}`);
    worker.postMessage({ kind: 'answer', id, value: (await ANSWERS[name](args)) ?? null });
  } catch (error) {
    worker.postMessage({ kind: 'answer', id, error: String(error?.message || error) });
  }
}

addEventListener('online', () => tell('online'));
addEventListener('offline', () => tell('offline'));
document.addEventListener('visibilitychange', () => {
  tell(document.hidden ? 'hidden' : 'shown');
  // A phone keeps a window for weeks: look for a new version when it comes back, once an hour.
  const now = Date.now();
  if (!document.hidden && registration && now - (boot.looked || now) > 3_600_000) {
    boot.looked = now;
    registration.update().catch(() => {});
  }
});
boot.looked = Date.now();

// Python counts the time without activity; scrolling and reading by keyboard are activity.
let active = 0;
for (const name of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchmove']) {
  addEventListener(name, () => {
    const now = Date.now();
    if (now - active < 10_000) return;
    active = now;
    if (boot.python) tell('active');
  }, { capture: true, passive: true });
}

// -- installing ----------------------------------------------------------------------------------

// The browser's question is asked when the person taps our button, not over what they are doing.
let question = null;
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  question = event;
  tell('installable', true);
});
addEventListener('appinstalled', () => {
  question = null;
  tell('installable', false);
});

// -- what Flet's client calls --------------------------------------------------------------------

globalThis.jsConnect = async (_app, _args, dartOnMessage) => {
  toDart = dartOnMessage;
  // A start that failed is told by the boot page: the client has nothing to add.
  await pythonReady.catch(() => new Promise(() => {}));
  boot.python = Math.round(performance.now() - begun);
};
globalThis.jsSend = async (_app, data) => worker.postMessage(data, [data.buffer]);
globalThis.jsDisconnect = async () => worker?.terminate();

// WebKit brings a Flutter page back from its cache with its frames stopped: only a reload helps.
addEventListener('pageshow', (event) => {
  if (event.persisted && navigator.vendor?.startsWith('Apple')) location.reload();
});

addEventListener('flutter-first-frame', () => { boot.engine = Math.round(performance.now() - begun); });

// The first frame is an empty page: the boot page stays until Python drew a screen on it.
function uncover() {
  const drawn = new MutationObserver(() => {
    const button = document.querySelector('flt-semantics-placeholder');
    button?.click();
    // Until Python answers, what is drawn is the client's own wait.
    if (!boot.python || document.querySelectorAll('flt-semantics').length < 3) return;
    drawn.disconnect();
    boot.shown = Math.round(performance.now() - begun);
    document.getElementById('loading')?.remove();
    document.dispatchEvent(new CustomEvent('quittance-shown', { detail: boot }));
  });
  drawn.observe(document.documentElement, { childList: true, subtree: true });
}

function script(path) {
  return new Promise((done, refused) => {
    const tag = document.createElement('script');
    tag.src = at(path);
    tag.onload = done;
    tag.onerror = () => refused(new Error(path));
    document.head.append(tag);
  });
}

async function main() {
  if (typeof WebAssembly === 'undefined' || !('structuredClone' in globalThis)) {
    failed('old', new Error('no WebAssembly'));
    return;
  }
  // Nothing here plays Rive animations: the client must not look for their runtime elsewhere.
  const source = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, 'src');
  Object.defineProperty(HTMLScriptElement.prototype, 'src', {
    ...source,
    set(url) {
      source.set.call(this, String(url).includes('rive_native') ? at(told.client + 'rive.js') : url);
    },
  });
  const kind = renderer();
  boot.renderer = kind;
  await install(kind);
  boot.installed = Math.round(performance.now() - begun);
  progress('start', 0.05);
  startPython();
  uncover();
  globalThis.flet = {
    pyodide: true, multiView: false, noCdn: true, webSocketEndpoint: 'ws',
    entrypointBaseUrl: at(told.client), assetBase: at(told.client), routeUrlStrategy: 'hash',
    canvasKitBaseUrl: at(told.client + 'canvaskit/'), pyodideUrl: '', webRenderer: kind,
    fontFallbackBaseUrl: at(told.client + 'assets/fonts/'), appPackageUrl: '',
    pythonModuleName: 'main', micropipIncludePre: false,
  };
  flet.flutterAppLoaded = new Promise((resolve) => { flet.flutterAppResolve = resolve; });
  await script(told.client + 'flutter.js');
  await import(at(told.client + 'keys.js')); // it hears keys before the client does
  import(at(told.client + 'page.js'));
  const config = {
    renderer: kind, entrypointBaseUrl: flet.entrypointBaseUrl, assetBase: flet.assetBase,
    canvasKitBaseUrl: flet.canvasKitBaseUrl, fontFallbackBaseUrl: flet.fontFallbackBaseUrl,
    forceSingleThreadedSkwasm: true, // as in assets/boot.js
  };
  await _flutter.loader.load({
    config,
    async onEntrypointLoaded(initializer) {
      const engine = await initializer.initializeEngine(config);
      flet.flutterApp = await engine.runApp();
      flet.flutterAppResolve(flet.flutterApp);
    },
  });
}

main().catch((error) => failed('failed', error));
