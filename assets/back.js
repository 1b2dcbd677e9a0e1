// A line that comes back. Phones change networks and pass under bridges: the client's own answer to
// that is to hide the screen, ask less and less often, and compare the whole of it when it returns,
// in a time that doubles with each of its levels. Here the client never hears of it: what it sends
// waits, is sent again if the server did not get it, and what it missed opens the page afresh.
// app/services/window.py is the other end.
(() => {
  'use strict';

  const SOON = [0, 300, 1000, 2000, 5000]; // ms before each try, the last again and again
  const HIDDEN = 30_000; // ms between two tries of a page that nobody looks at
  const PATIENCE = 10_000; // ms that a try may take: a network that swallows everything says nothing
  const QUIET = 1500; // ms that a cut may take without a word
  const DRAIN = 500; // ms for what was typed, before the page opens afresh
  const LEAVE = 2000; // ms after which it does so whatever the network says
  const READ = 20_000; // ms of a word that nothing follows
  const KEPT = 500_000; // bytes sent that are kept in case they did not arrive
  const LOST = 'quittance-lost';
  const WORDS = {
    away: [
      'Connexion perdue. Ce que vous tapez est gardé et partira dès son retour.',
      'Connection lost. What you type is kept and will be sent as soon as it is back.',
      'Conexión perdida. Lo que escribe se conserva y se enviará en cuanto vuelva.',
      'Ligação perdida. O que escreve é guardado e será enviado assim que voltar.',
      'انقطع الاتصال. ما تكتبه محفوظ وسيُرسل فور عودته.',
    ],
    lost: [
      'La connexion est revenue. Vérifiez ce que vous avez tapé en dernier.',
      'The connection is back. Check what you typed last.',
      'La conexión ha vuelto. Compruebe lo último que escribió.',
      'A ligação voltou. Verifique o que escreveu por último.',
      'عاد الاتصال. تحقّق من آخر ما كتبته.',
    ],
  };

  // -- what is said --------------------------------------------------------------------------------

  let notice = null;
  const unsay = () => { notice?.remove(); notice = null; };
  const say = (name, more = '') => {
    unsay();
    notice = document.createElement('p');
    notice.id = 'line';
    notice.setAttribute('role', 'status');
    notice.style.cssText = 'position:fixed;inset:8px 8px auto;margin:0 auto;max-width:32rem;z-index:9;'
      + 'padding:12px 16px;border:1px solid #8fa6b8;border-radius:12px;background:#20303f;color:#fff;'
      + 'box-shadow:0 2px 8px #0006;text-align:center;font:500 1rem/1.4 sans-serif;pointer-events:none';
    document.body.append(notice);
    // After its place: a change is what is read out.
    notice.textContent = quittanceWord(WORDS[name]) + more;
  };

  const typed = () => { // in the field that has the focus, to be read again on the next page
    const { tagName, type, value } = document.activeElement || {};
    return /^(INPUT|TEXTAREA)$/.test(tagName) && type !== 'password' && value ? ` « ${value} »` : ' ';
  };

  // -- the protocol --------------------------------------------------------------------------------

  const session = (data) => { // of a registration, in MessagePack
    const said = String.fromCharCode(...new Uint8Array(data).subarray(0, 100));
    return /session_id\xb0([\x20-\x7e]{16})/.exec(said)?.[1] || '';
  };
  const question = (id, heard) => {
    const count = [24, 16, 8, 0].map((shift) => String.fromCharCode((heard >>> shift) & 255)).join('');
    return Uint8Array.from(`\0\x92\x01\x82\xaasession_id\xb0${id}\xa5heard\xce${count}`,
      (letter) => letter.charCodeAt(0));
  };

  // -- the line --------------------------------------------------------------------------------------

  const Socket = globalThis.WebSocket;
  const page = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join('');

  globalThis.WebSocket = class extends EventTarget {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    protocol = '';
    extensions = '';
    bufferedAmount = 0;
    binaryType = 'arraybuffer';
    readyState = 0;
    #given;
    #socket = null;
    #session = '';
    #heard = 0; // messages, of all connections
    #sent = []; // frames, from the one whose number is #from
    #from = 0;
    #size = 0;
    #waiting = false; // whether one of them was sent without a connection
    #asking = false; // what the server has of ours
    #unanswered = 0; // times that a server closed instead: it does not know the question
    #leaving = false; // the page is about to open afresh
    #tries = 0;
    #timer = 0;
    #patience = 0;
    #word = 0;

    constructor(url, ...given) {
      super();
      const at = new URL(url, location.href);
      at.searchParams.set('line', page);
      this.url = at.href;
      this.#given = given;
      this.#open();
      addEventListener('online', () => this.#now());
      addEventListener('offline', () => this.#cut());
      document.addEventListener('visibilitychange', () => { if (!document.hidden) this.#now(); });
    }

    send(data) {
      const frame = new Uint8Array(data); // a copy: the client may write over its own
      this.#sent.push(frame);
      this.#size += frame.length;
      while (this.#size > KEPT && this.#sent.length > 1) {
        this.#size -= this.#sent.shift().length;
        this.#from += 1;
      }
      if (!this.#asking && this.#socket?.readyState === Socket.OPEN) this.#socket.send(frame);
      else this.#waiting = true;
    }

    close(...given) {
      this.readyState = 2;
      clearTimeout(this.#timer);
      if (this.#socket) this.#socket.close(...given);
      else this.#over({ code: 1005, reason: '', wasClean: true });
    }

    #open() {
      const socket = new Socket(this.url, ...this.#given);
      this.#socket = socket;
      socket.binaryType = 'arraybuffer';
      if (this.#session) this.#patience = setTimeout(() => this.#cut(), PATIENCE);
      const ours = (name, then) => socket.addEventListener(name, (event) => {
        if (socket === this.#socket) then(event);
      });
      ours('open', () => {
        if (this.#session) this.#ask();
        else {
          this.readyState = 1;
          this.dispatchEvent(new Event('open'));
        }
      });
      ours('message', (event) => this.#hear(event.data));
      ours('error', () => { if (!this.#session) this.dispatchEvent(new Event('error')); });
      ours('close', (event) => {
        this.#socket = null;
        if (this.#asking && ++this.#unanswered > 2) this.#afresh(0);
        else if (this.#session && this.readyState < 2) this.#later();
        else this.#over(event);
      });
    }

    #over({ code, reason, wasClean }) {
      this.readyState = 3;
      this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }));
    }

    #hear(data) {
      if (this.#asking) {
        this.#told(typeof data === 'string' ? JSON.parse(data) : {});
        return;
      }
      this.#heard += 1;
      if (this.#leaving) return;
      this.#session ||= session(data);
      this.dispatchEvent(new MessageEvent('message', { data }));
    }

    // Nobody says so when a network goes: the socket would wait for minutes.
    #cut() {
      const socket = this.#socket;
      if (!this.#session || !socket || this.readyState > 1) return;
      this.#socket = null;
      socket.close();
      this.#later();
    }

    #later() {
      clearTimeout(this.#patience);
      if (this.#leaving) return;
      this.#asking = false;
      this.#word ||= setTimeout(say, QUIET, 'away');
      // Everybody was cut at once where a server was: they do not all come back at once.
      const pause = SOON[Math.min(this.#tries, SOON.length - 1)] * (0.5 + Math.random());
      this.#tries += 1;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), document.hidden ? Math.max(pause, HIDDEN) : pause);
    }

    #now() {
      if (this.#socket || !this.#session || this.readyState > 1 || this.#leaving) return;
      clearTimeout(this.#timer);
      this.#open();
    }

    #ask() {
      this.#asking = true;
      this.#socket.send(question(this.#session, this.#heard));
    }

    // `had`: frames that the server got, where it still has the session.
    #told({ had = -1, missed = false }) {
      const whole = had >= this.#from;
      clearTimeout(this.#patience);
      this.#asking = false;
      this.#tries = this.#unanswered = 0;
      if (whole) {
        this.#sent = this.#sent.slice(had - this.#from);
        this.#from = had;
        this.#size = this.#sent.reduce((sum, frame) => sum + frame.length, 0);
        for (const frame of this.#sent) this.#socket.send(frame);
      } else if (this.#waiting) {
        try { sessionStorage.setItem(LOST, typed()); } catch { /* it is not said */ }
      }
      this.#waiting = false;
      clearTimeout(this.#word);
      this.#word = 0;
      unsay();
      if (!whole || missed) this.#afresh(whole ? DRAIN : 0);
    }

    // The session is free for the page that comes once this one has left it, which it does for a
    // server that answers: a page of the browser's own would say that there is no network, and no more.
    #afresh(pause) {
      this.#leaving = true;
      let waiting = true;
      const again = () => {
        if (!waiting) return;
        waiting = false;
        fetch('/', { method: 'HEAD', cache: 'no-store' }).then(() => location.reload(), () => {
          waiting = true;
          say('away');
          setTimeout(again, LEAVE);
        });
      };
      setTimeout(() => {
        this.#socket?.addEventListener('close', again);
        this.#socket?.close();
        setTimeout(again, this.#socket ? LEAVE : 0);
      }, pause);
    }
  };

  document.addEventListener('quittance-shown', () => {
    let lost = null;
    try {
      lost = sessionStorage.getItem(LOST);
      sessionStorage.removeItem(LOST);
    } catch { /* nothing was kept */ }
    if (!lost) return;
    say('lost', lost);
    const read = notice;
    setTimeout(() => { if (notice === read) unsay(); }, READ);
  }, { once: true });

  // -- a link ----------------------------------------------------------------------------------------

  // Another link to a simulation, in a window that shows one, only moves within the page for the
  // browser: it is opened as the first was, before the client takes it for a step back.
  addEventListener('popstate', (event) => {
    if (event.state || !location.pathname.endsWith('/simulateur')) return;
    if (!location.hash.startsWith('#s=')) return;
    event.stopImmediatePropagation();
    location.reload();
  }, { capture: true });
})();
