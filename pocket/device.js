// What Python needs of this browser to keep things on the device. Imported by worker.js, and by
// Python as `quittance_device`. Each value is encrypted (AES-GCM 256, a fresh nonce each time, its
// name as associated data); the key cannot be extracted and never leaves IndexedDB.
export const version = 2;

let opened;
let key;
const held = new Map();

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

async function theKey() {
  let [keys] = await table('keys', 'readonly');
  const found = await done(keys.get('data'));
  if (found) return found;
  const fresh = await crypto.subtle.generateKey(
    { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  let transaction;
  [keys, transaction] = await table('keys', 'readwrite');
  // Another window may have written one meanwhile: the first stays.
  const other = await done(keys.get('data'));
  if (!other) keys.put(fresh, 'data');
  await written(transaction);
  return other ?? fresh;
}

function unlocked() {
  key ??= theKey();
  return key;
}

const bound = (name) => new TextEncoder().encode(name);

export async function put(name, value) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: bound(name) }, await unlocked(), value);
  const [values, transaction] = await table('values', 'readwrite');
  values.put({ nonce, sealed }, name);
  await written(transaction);
}

export async function get(name) {
  const [values] = await table('values', 'readonly');
  const found = await done(values.get(name));
  if (!found) return undefined;
  try {
    return new Uint8Array(await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: found.nonce, additionalData: bound(name) }, await unlocked(),
      found.sealed));
  } catch {
    return undefined; // written under a key that was erased since
  }
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
  for (const name of ['values', 'keys']) {
    const [all, transaction] = await table(name, 'readwrite');
    all.clear();
    await written(transaction);
  }
  key = undefined;
}

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
