// What Python needs of this browser to keep things on the device. Imported by worker.js, and by
// Python as `quittance_device`. Each value is encrypted (AES-GCM 256, a fresh nonce each time, its
// name as associated data). Without a code the key lies in IndexedDB and cannot be extracted; with
// one it lies there wrapped (see "a code on the key").
export const version = 3;

let opened;
let pending; // what a code was derived into, between its proof and the answer
let mine; // { key, generation }: the key that this page holds
const held = new Map();
const ROUNDS = 600_000; // of PBKDF2-SHA256
const others = 'BroadcastChannel' in globalThis ? new BroadcastChannel('quittance') : null;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function written(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

function base() {
  opened ??= (async () => {
    const request = indexedDB.open('quittance', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('values');
      request.result.createObjectStore('keys');
    };
    return done(request);
  })();
  return opened;
}

async function table(name, mode) {
  const transaction = (await base()).transaction(name, mode, { durability: 'strict' });
  return [transaction.objectStore(name), transaction];
}

async function row(name) {
  const [keys] = await table('keys', 'readonly');
  return done(keys.get(name));
}

// Changes the keys, and the values with them, in one transaction.
async function rewrite(change) {
  const transaction = (await base()).transaction(
    ['keys', 'values'], 'readwrite', { durability: 'strict' });
  change(transaction.objectStore('keys'), transaction.objectStore('values'));
  await written(transaction);
}

// Values are written one by one, the key is changed alone.
const beside = (mode, work) => navigator.locks.request('quittance:store', { mode }, work);

async function freshKey() {
  const fresh = await crypto.subtle.generateKey(
    { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const [keys, transaction] = await table('keys', 'readwrite');
  // Another window may have written one meanwhile: the first stays.
  const other = await done(keys.get('data'));
  const locked = await done(keys.get('lock'));
  if (!other && !locked) keys.put(fresh, 'data');
  await written(transaction);
  if (locked) throw new Error('locked');
  return other ?? fresh;
}

// The key of this moment: another window may have changed it, or set a code on it.
async function unlocked() {
  const generation = await row('generation');
  if (mine && mine.generation === generation) return mine.key;
  mine = undefined;
  if (await row('lock')) throw new Error('locked');
  mine = { key: await row('data') ?? await freshKey(), generation };
  return mine.key;
}

const bound = (name) => new TextEncoder().encode(name);

async function seal(key, name, value) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: bound(name) }, key, value);
  return { nonce, sealed };
}

// What was sealed, or undefined when the key is not the right one.
async function unseal(key, name, found) {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: found.nonce, additionalData: bound(name) }, key, found.sealed));
  } catch {
    return undefined;
  }
}

export async function put(name, value) {
  await beside('shared', async () => {
    const sealed = await seal(await unlocked(), name, value);
    const [values, transaction] = await table('values', 'readwrite');
    values.put(sealed, name);
    await written(transaction);
  });
}

export async function get(name) {
  const key = await unlocked();
  const [values] = await table('values', 'readonly');
  const found = await done(values.get(name));
  // Undefined too when it was written under a key that was erased since.
  return found && unseal(key, name, found);
}

export async function remove(name) {
  const [values, transaction] = await table('values', 'readwrite');
  values.delete(name);
  await written(transaction);
}

export async function list(prefix) {
  const [values] = await table('values', 'readonly');
  return (await done(values.getAllKeys())).filter((name) => name.startsWith(prefix)).sort();
}

export async function size() {
  const [values] = await table('values', 'readonly');
  const found = await done(values.getAll());
  return found.reduce((sum, one) => sum + one.sealed.byteLength + one.nonce.byteLength, 0);
}

export async function erase() {
  await rewrite((keys, values) => {
    keys.clear();
    values.clear();
    keys.put(crypto.randomUUID(), 'generation');
  });
  mine = pending = undefined;
}

// -- a code on the key ---------------------------------------------------------------------------

// The code and a salt make a master (PBKDF2); the master makes a proof for the collector, a key
// with the half that the collector answers, and a key without it for a start without a network.

const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');
const unhex = (text) => new Uint8Array(text.match(/../g).map((pair) => parseInt(pair, 16)));

async function part(master, use, half) {
  const key = await crypto.subtle.importKey('raw', master, 'HKDF', false, ['deriveBits']);
  return crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: half, info: new TextEncoder().encode(`quittance ${use}`) },
    key, 256);
}

async function wrapping(use, half = new Uint8Array(0)) {
  const raw = await part(pending.master, use, half);
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

export async function lock_record() {
  const found = await row('lock');
  return JSON.stringify(found
    ? { id: found.id, offline: Boolean(found.offline), tries: found.tries, biometric: false } : null);
}

// The proof of a code; `fresh` for one being chosen.
export async function derive(code, fresh) {
  const salt = fresh ? crypto.getRandomValues(new Uint8Array(16)) : (await row('lock')).salt;
  const typed = await crypto.subtle.importKey(
    'raw', new TextEncoder().encode(code), 'PBKDF2', false, ['deriveBits']);
  const master = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }, typed, 256);
  pending = { salt, master };
  return hex(await part(master, 'proof', new Uint8Array(0)));
}

// A new key, which the disk never sees bare, for all that is kept.
export async function protect(id, half, offline) {
  await beside('exclusive', async () => {
    const before = await unlocked();
    const raw = crypto.getRandomValues(new Uint8Array(32));
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', true, ['encrypt', 'decrypt']);
    const lock = {
      id, salt: pending.salt, tries: 0,
      online: await seal(await wrapping('online', unhex(half)), 'online', raw),
      offline: offline ? await seal(await wrapping('offline'), 'offline', raw) : undefined,
    };
    raw.fill(0);
    const again = [];
    for (const name of await list('')) {
      const [values] = await table('values', 'readonly');
      const value = await unseal(before, name, await done(values.get(name)));
      if (value) again.push([name, await seal(key, name, value)]);
    }
    const generation = crypto.randomUUID();
    await rewrite((keys, values) => {
      values.clear();
      for (const [name, value] of again) values.put(value, name);
      keys.delete('data');
      keys.put(lock, 'lock');
      keys.put(generation, 'generation');
    });
    mine = { key, generation };
    pending = undefined;
  });
}

// True when the code derived last opens the key, with the collector's half or ('') without.
export async function open_with(half) {
  const lock = await row('lock');
  const [use, sealed] = half ? ['online', lock.online] : ['offline', lock.offline];
  const raw = sealed && await unseal(
    await wrapping(use, half ? unhex(half) : undefined), use, sealed);
  pending = undefined;
  if (!raw) return false;
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', true, ['encrypt', 'decrypt']);
  raw.fill(0);
  mine = { key, generation: await row('generation') };
  return true;
}

export function close() {
  mine = pending = undefined;
}

// The code goes; the key lies beside what it reads again, and cannot be extracted.
export async function unprotect() {
  const raw = await crypto.subtle.exportKey('raw', await unlocked());
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  await rewrite((keys) => {
    keys.put(key, 'data');
    keys.delete('lock');
  });
  mine = { key, generation: mine.generation };
}

// Adds to the wrong codes; how many there are. Two windows that count at once count both.
export async function count(change) {
  const [keys, transaction] = await table('keys', 'readwrite');
  const lock = await done(keys.get('lock'));
  if (lock) keys.put({ ...lock, tries: change ? lock.tries + change : 0 }, 'lock');
  await written(transaction);
  return lock ? (change ? lock.tries + change : 0) : 0;
}

// -- between windows -----------------------------------------------------------------------------

export function hear(listener) {
  if (others) others.onmessage = ({ data }) => listener(String(data));
}

export function tell(name) {
  others?.postMessage(name);
}

// -- claims --------------------------------------------------------------------------------------

// One window at a time; the browser ends the claim of a window that is gone.
export async function claim(name) {
  if (held.has(name)) return false;
  return new Promise((resolve) => {
    navigator.locks.request(`quittance:${name}`, { ifAvailable: true }, (lock) => {
      if (!lock) { resolve(false); return undefined; }
      return new Promise((release) => { held.set(name, release); resolve(true); });
    });
  });
}

export async function release(name) {
  held.get(name)?.();
  held.delete(name);
}
