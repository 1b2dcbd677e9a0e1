// Python runs here, in a worker of its own: Pyodide, the packages and the app, all from files that
// the service worker keeps. No package is looked for anywhere else.

import { loadPyodide } from './pyodide.mjs';

const say = (kind, more) => self.postMessage({ kind, ...more });
const phase = (name, part) => say('phase', { name, part });

// -- between Python and the window ---------------------------------------------------------------

const asked = new Map();
const listeners = new Set();
const unheard = []; // events told before anybody listened
let turn = 0;
let config = {};

const door = {
  // A question to the window (start.js, ANSWERS), as JSON both ways.
  ask: (name, args) => new Promise((done, refused) => {
    turn += 1;
    asked.set(turn, { done, refused });
    say('ask', { id: turn, name, args: JSON.parse(args) });
  }),
  listen: (listener) => {
    listeners.add(listener);
    for (const { name, data } of unheard.splice(0)) listener(name, JSON.stringify(data));
  },
  config: () => JSON.stringify(config),
  // One HTTP exchange. Cookies are neither sent nor kept: the pocket shows its token itself.
  fetch: async (method, url, headers, body, timeout) => {
    const stop = new AbortController();
    const bell = timeout > 0 ? setTimeout(() => stop.abort('timeout'), timeout) : 0;
    let step = 'connect';
    try {
      const response = await fetch(url, {
        method, headers: JSON.parse(headers), body: body ?? undefined, signal: stop.signal,
        credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
      });
      step = 'read';
      const content = new Uint8Array(await response.arrayBuffer());
      return {
        status: response.status, headers: JSON.stringify([...response.headers]), content, fault: '',
      };
    } catch (error) {
      // The text of the error would name the address: only its kind goes further.
      return { status: 0, headers: '[]', content: undefined, fault: stop.signal.aborted ? 'timeout' : step };
    } finally {
      clearTimeout(bell);
    }
  },
};

// -- files ---------------------------------------------------------------------------------------

// A pack: the length of its index (4 bytes, little-endian), the index [[path, size], …], the bytes.
function unpack(FS, buffer, root) {
  const length = new DataView(buffer).getUint32(0, true);
  const index = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let offset = 4 + length;
  const made = new Set();
  for (const [path, size] of index) {
    const whole = `${root}/${path}`;
    const folder = whole.slice(0, whole.lastIndexOf('/'));
    if (!made.has(folder)) {
      FS.mkdirTree(folder);
      made.add(folder);
    }
    FS.writeFile(whole, new Uint8Array(buffer, offset, size), { canOwn: true });
    offset += size;
  }
}

async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.arrayBuffer();
}

// -- bytecode ------------------------------------------------------------------------------------

// Compiling thousands of lines takes longer than running them. After its first start the worker
// keeps what Python compiled, for this build only; the next starts read it.
const WARM = 'quittance-bytecode';
const warmUrl = () => `${config.base}bytecode-${config.build}`;

async function warm() {
  try {
    const found = await (await caches.open(WARM)).match(warmUrl());
    return found ? await found.arrayBuffer() : null;
  } catch {
    return null; // no storage here: every start is a first one
  }
}

async function keepWarm(pyodide) {
  try {
    const cache = await caches.open(WARM);
    const packed = await pyodide.runPythonAsync('await quittance_boot.packed()');
    const content = packed.toJs();
    packed.destroy();
    for (const old of await cache.keys()) await cache.delete(old);
    await cache.put(warmUrl(), new Response(content));
  } catch (error) {
    console.warn('bytecode not kept', error);
  }
}

// -- start ---------------------------------------------------------------------------------------

async function start() {
  const [kept, ...packs] = await Promise.all([warm(), ...config.packs.map(bytes)]);
  phase('read', 0.15);
  const bridge = { args: null, documentUrl: config.url };
  const pyodide = await loadPyodide({
    indexURL: new URL('./', import.meta.url).href,
    stdLibURL: new URL('./python_stdlib.zip', import.meta.url).href,
    packageBaseUrl: new URL('./', import.meta.url).href,
    env: { PYTHONPATH: '/warm:/app:/packages' },
    fsInit: async (FS) => {
      FS.mkdirTree('/warm');
      for (const pack of packs) unpack(FS, pack, '');
      if (kept) unpack(FS, kept, '');
    },
    stdout: (text) => console.log(text),
    stderr: (text) => console.error(text),
  });
  phase('python', 0.45);
  pyodide.registerJsModule('flet_js', bridge);
  pyodide.registerJsModule('quittance_js', door);
  pyodide.registerJsModule('quittance_device', { ...await import('./device.js') });
  await pyodide.runPythonAsync('import quittance_boot\nquittance_boot.run()');
  phase('imported', 0.8);
  await bridge.start_connection((message) => {
    const content = message.toJs();
    self.postMessage(content, [content.buffer]);
  });
  toPython = (data) => bridge.send(data);
  for (const data of early.splice(0)) toPython(data);
  say('ready');
  if (!kept) setTimeout(() => keepWarm(pyodide), 4000);
}

const early = [];
let toPython = (data) => early.push(data);

self.addEventListener('message', ({ data }) => {
  if (data instanceof Uint8Array) toPython(data);
  else if (data.kind === 'start') {
    config = data;
    start().catch((error) => say('failed', { text: String(error?.stack || error) }));
  } else if (data.kind === 'answer') {
    const { done, refused } = asked.get(data.id);
    asked.delete(data.id);
    if (data.error === undefined) done(JSON.stringify(data.value));
    else refused(new Error(data.error));
  } else if (data.kind === 'event') {
    if (!listeners.size) unheard.push(data);
    for (const listener of listeners) listener(data.name, JSON.stringify(data.data));
  }
});
