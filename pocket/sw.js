// The pocket's service worker. A version is a list of files with their hashes: all of them are
// kept before it serves anything, and it takes over only when nobody uses the one before, or when
// the person says so.
'use strict';

const BUILD = '@build@';
const FILES = @files@; // [path, sha256 in base64, bytes, renderer or ""]
const NAME = `quittance-files-${BUILD}`;
const PREFIX = 'quittance-files-';
const INDEX = 'kept-by-hash';
const scope = self.registration.scope;
const kind = new URL(self.location.href).searchParams.get('renderer') || 'skwasm';
const wanted = FILES.filter(([, , , only]) => !only || only === kind); // "none": when asked

async function told(kept, size) {
  const windows = await self.clients.matchAll({ includeUncontrolled: true, type: 'window' });
  for (const one of windows) one.postMessage({ kept, size });
}

// Where other versions keep a file of the same content, whatever its name: it is not asked twice.
async function known() {
  const found = new Map();
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === NAME) continue;
    const cache = await caches.open(name);
    const index = await cache.match(scope + INDEX);
    if (!index) continue;
    for (const [hash, path] of Object.entries(await index.json())) found.set(hash, [cache, path]);
  }
  return found;
}

async function keep() {
  const cache = await caches.open(NAME);
  const others = await known();
  const size = wanted.reduce((sum, file) => sum + file[2], 0);
  let kept = 0;
  let last = 0;
  const one = async ([path, hash, bytes]) => {
    const url = scope + path;
    const [other, name] = others.get(hash) || [];
    let response = other && await other.match(scope + name);
    if (!response) {
      response = await fetch(url, { cache: 'no-cache', integrity: `sha256-${hash}` });
      if (!response.ok) throw new Error(`${response.status} ${path}`);
    }
    await cache.put(url, response);
    kept += bytes;
    if (kept - last > size / 50 || kept === size) {
      last = kept;
      await told(kept, size);
    }
  };
  const queue = [...wanted].sort((a, b) => b[2] - a[2]);
  const hands = Array.from({ length: 6 }, async () => {
    while (queue.length) await one(queue.shift());
  });
  try {
    await Promise.all(hands);
  } catch (error) {
    await caches.delete(NAME); // all or nothing
    throw error;
  }
  const index = Object.fromEntries(wanted.map(([path, hash]) => [hash, path]));
  await cache.put(scope + INDEX, new Response(JSON.stringify(index)));
}

self.addEventListener('install', (event) => event.waitUntil(keep()));

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    await self.clients.claim();
    // A window opened under the version before may still read a file of it: that one stays.
    const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
    for (const name of names.slice(0, -1)) await caches.delete(name);
  })());
});

self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

async function answer(request, url) {
  const cache = await caches.open(NAME);
  const path = request.mode === 'navigate' ? 'index.html' : url.pathname.slice(new URL(scope).pathname.length);
  const found = await cache.match(scope + path);
  if (found) return found;
  for (const name of await caches.keys()) {
    const old = name.startsWith(PREFIX) && await (await caches.open(name)).match(scope + path);
    if (old) return old;
  }
  return fetch(request);
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || !url.href.startsWith(scope)) return;
  event.respondWith(answer(event.request, url));
});
