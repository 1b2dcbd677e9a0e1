// Passkeys need the window: this page asks the service what to sign, the device to sign it, and
// gives the answer back. It holds no secret and keeps nothing.
(() => {
  'use strict';
  const main = document.querySelector('main'), form = document.querySelector('form');
  const button = document.querySelector('button'), box = document.querySelector('output');
  const say = (name) => { box.textContent = box.dataset[name] || box.dataset.failed; };

  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  class Refused extends Error {
    constructor(problem) { super(problem.code); this.problem = problem; }
  }
  const send = async (path, body, headers = {}) => {
    const answer = await fetch(`/api/v1${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const told = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) throw new Refused(told);
    return told;
  };
  const SAID = {
    'second-factor-needed': 'over', 'challenge-over': 'over', 'account-frozen': 'frozen', 'passkey-refused': 'refused',
    throttled: 'throttled', 'not-authenticated': 'signin', 'email-not-confirmed': 'email',
    'invalid-input': 'password',
  };
  const failed = (error) => {
    if (error instanceof Refused) say(SAID[error.problem.code] || 'failed');
    else if (error.name === 'InvalidStateError') say('known');
    else say(error instanceof DOMException ? 'cancelled' : 'failed');
  };

  const plain = (made, fields) => {
    const response = {};
    for (const name of fields) if (made.response[name]) response[name] = text(made.response[name]);
    return { id: made.id, rawId: text(made.rawId), type: made.type, response };
  };

  const make = async () => {
    const name = form.querySelector('#name').value.trim();
    const current = form.querySelector('#current').value;
    if (!name || !current) return say('missing');
    const { ceremony, options } = await send('/me/passkeys/options', { current_password: current });
    say('waiting');
    const made = await navigator.credentials.create({ publicKey: {
      ...options, challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    } });
    const credential = plain(made, ['clientDataJSON', 'attestationObject']);
    await send('/me/passkeys', { ceremony, name, credential });
    // Another address each time: the app, back at one it left, would show the list it knew.
    location.assign(`/securite?fait=cle&n=${Date.now()}`);
  };

  const use = async () => {
    const challenge = main.dataset.challenge || null;
    const { ceremony, options } = await send('/passkeys/options', { challenge });
    say('waiting');
    const found = await navigator.credentials.get({ publicKey: {
      ...options, challenge: bytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
    } });
    const credential = plain(
      found, ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']);
    const { token } = await send('/sessions/passkey', { ceremony, credential });
    const { path } = await send('/sessions/handoff', {}, { Authorization: `Bearer ${token}` });
    location.assign(`${path}&next=${encodeURIComponent(main.dataset.next || '/home')}`);
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) return say('unable');
    button.disabled = true;
    try { await (main.dataset.page === 'new' ? make() : use()); } catch (error) { failed(error); }
    button.disabled = false;
  });
})();
