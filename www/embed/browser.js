/*
 * What the widget needs of the browser, in few and small calls. The widget decides; this file only carries out, and says
 * what happened. Handles to elements, sockets and promises stay on this side: in WebAssembly each kind of call costs more
 * than all of its script.
 *
 * - `browser` is what the widget calls (widget/src/browser.rs has the other half). Elements are named by their id.
 * - `attach(tell)` connects the page's events: `tell(what, number, text, bytes)`, never from within a call of the widget.
 * - Text is text: nothing becomes markup, and styles are set through the object model, as a strict policy asks.
 */
// What happens, numbered as in widget/src/browser.rs; a test there compares the two.
const CODE = 0;
const INIT = 1;
const SHOWN = 2;
const HANDOVER = 3;
const CLOSE = 4;
const AGAIN = 5;
const RETRY = 6;
const EARLIER = 7;
const RETRY_DRAFT = 8;
const DISCARD_DRAFT = 9;
const END = 10;
const SEND = 11;
const INPUT = 12;
const SUBMIT = 13;
const LOOK = 14;
const WAKE = 15;
const SESSION_CHANGED = 16;
const SEEN_CHANGED = 17;
const TICK = 18;
const ANSWERED = 19;
const UNANSWERED = 20;
const OPENED = 21;
const CLOSED = 22;
const PONG = 23;
const FRAME = 24;
const OVERHEARD = 25;
const LOCK = 26;
const LOCK_LOST = 27;
const HELD = 28;
const DRAFTED = 29;

const $ = (id) => document.getElementById(id);
const prefix = "throughline:" + location.pathname.split("/").pop();

let given = {}, address = "";
let tell, tag, copy, socket, channel, timer, current, first, root, fromEnd, release;

/** Storage may be forbidden; that is no error. */
const stored = (use) => {
  try {
    return use(localStorage);
  } catch {}
};

/** Asks for a lock that all tabs share; `granted` gets it, or null, and holds it until its promise is kept. */
const lock = (name, options, granted, refused) => {
  const { locks } = navigator;
  if (locks) locks.request(name, options, granted).catch(refused);
  else setTimeout(refused);
};

const drop = () => {
  if (socket) {
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    socket = null;
  }
};

const place = () => $("scroll");

/* Each row costs every new one some of its time. So while the end is in sight, the older of many are put away. */
const MANY = 400;
const away = () => $("log").querySelector(":scope>[hidden]");
const fold = () => {
  const log = $("log");
  if (log.childElementCount > MANY) {
    const fold = away() ?? document.createElement("div");
    fold.hidden = true;
    fold.append(...[...log.childNodes].slice(0, -MANY / 2).filter((row) => row !== fold));
    log.prepend(fold);
  }
};
const earlier = () => {
  if (away()) {
    browser.hush();
    browser.mark_place();
    browser.find_place();
  } else if (!$("earlier").hidden) tell(EARLIER);
};

/* Files: what belongs to them is fetched with the first of them. It asks for the session when it needs one. */
const files = async (use, what) => {
  const module = await import("/assets/files.js");
  module[use](what, () => stored((store) => store.getItem(prefix + ":session")) ?? copy);
};
const give = (event, data) => {
  // What has words in it as well, as office programs copy it, is pasted as words.
  if (data.files.length && !data.getData?.("text") && !$("composer").hidden) {
    event.preventDefault();
    files("send", [...data.files]);
  }
};

/* Where the focus is to go when the frame has it, and until when. */
let wanted, until;
const arrive = () => {
  if (wanted && performance.now() < until) $(wanted).focus();
  wanted = "";
};

/**
 * What the page knows, in the coding of the protocol: context variables, and its address. What the gateway would refuse is
 * left out: a mistake of the page keeps nobody from a conversation.
 */
const known = () => {
  const bytes = [];
  const number = (n) => {
    for (; n > 127; n >>= 7) bytes.push((n & 127) | 128);
    bytes.push(n);
  };
  const text = (words) => {
    const encoded = new TextEncoder().encode(words);
    number(encoded.length);
    bytes.push(...encoded);
  };
  const fits = ([name, value]) =>
    /^[^\0-\x1f\x7f-\x9f]{1,100}$/.test(name) && name === name.trim() && value.length <= 4e3;
  const all = Object.entries(given);
  const taken = all.filter(fits).slice(0, 100);
  if (taken.length < all.length) console.warn("Throughline: some context variables are too many or too long.");
  number(taken.length);
  taken.flat().forEach(text);
  number(1);
  text(address);
  return new Uint8Array(bytes);
};

export const browser = {
  /* The document. */

  write(id, words) {
    const element = $(id);
    const other = element.textContent !== words;
    if (other) element.textContent = words;
    return other;
  },
  show: (id, shown) => void ($(id).hidden = !shown),
  put: (id, name, value) => $(id).setAttribute(name, value),
  style: (name, value) => document.documentElement.style.setProperty(name, value),
  title: (words) => void (document.title = words),
  value: (id) => $(id).value,
  fill: (id, value) => void ($(id).value = value),
  checked: (id) => $(id).checked,
  focus: (id) => $(id).focus(),
  /**
   * Puts the focus there if the visitor is in this frame. A frame that runs in another process than its page hears a moment
   * after the page that it has the focus; later than that, the visitor has come for something else.
   */
  take(id) {
    wanted = id;
    until = performance.now() + 500;
    if (document.hasFocus()) arrive();
  },
  visible: () => !document.hidden,

  /* Building: inside the element with this id, at its start or its end. */

  build(id, start) {
    current = root = $(id);
    first = start ? root.firstChild : null;
  },
  enter(tag, name) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    current.insertBefore(element, current === root ? first : null);
    current = element;
  },
  set(name, value) {
    current.setAttribute(name, value);
    if (name === "data-file") files("show", current);
  },
  words: (words) => current.append(words),
  leave: () => void (current = current.parentNode),

  /* The place in the conversation. */

  at_end: () => place().scrollHeight - place().scrollTop - place().clientHeight < 48,
  to_end() {
    fold();
    place().scrollTop = place().scrollHeight;
  },
  /** What comes now comes before the first row, so all of them are to be there. */
  mark_place() {
    fromEnd = place().scrollHeight - place().scrollTop;
    away()?.replaceWith(...away().childNodes);
  },
  find_place: () => void (place().scrollTop = place().scrollHeight - fromEnd),
  /** What changes now has been said before: screen readers do not say it again. */
  hush() {
    $("log").ariaLive = "off";
    setTimeout(() => ($("log").ariaLive = "polite"), 500);
  },

  /* Time and chance. */

  now: () => Date.now(),
  /** Runs on evenly, also when somebody sets the clock. */
  passed: () => performance.now(),
  ring(wait) {
    clearTimeout(timer);
    if (wait >= 0) timer = setTimeout(() => tell(TICK), wait);
  },
  random: (bytes) => void crypto.getRandomValues(bytes),
  /** The time of day, with the day if it is not today's, as people write it here. */
  time: (at, withDay) =>
    new Date(at).toLocaleString([], {
      hour: "numeric",
      minute: "2-digit",
      ...(withDay && { day: "numeric", month: "short" }),
    }),

  /* What is kept. */

  load: (name) => stored((store) => store.getItem(prefix + name)) ?? undefined,
  keep: (name, value) => stored((store) => store.setItem(prefix + name, value)),
  forget: (name) => stored((store) => store.removeItem(prefix + name)),
  /** All that is kept under keys that begin with `name`, by key: its rest, the value, and a null character. */
  kept: (name) =>
    stored((store) =>
      Object.entries(store)
        .sort()
        .filter(([key]) => key.startsWith(prefix + name))
        .map(([key, value]) => key.slice((prefix + name).length) + value + "\0")
        .join(""),
    ) ?? "",

  /* The gateway. */

  request(number, method, path, token, body) {
    const type = "application/vnd.throughline.v1";
    const headers = { accept: type };
    if (token) headers.authorization = "Bearer " + token;
    if (body.length) headers["content-type"] = type;
    // The body lies in the widget's memory, which may move.
    fetch(path, { method, headers, body: body.length ? body.slice() : null, signal: AbortSignal.timeout(15e3) })
      .then(async (answer) => tell(ANSWERED, number, answer.ok ? "ok" : "", new Uint8Array(await answer.arrayBuffer())))
      .catch(() => tell(UNANSWERED, number));
  },
  connect(path) {
    drop();
    const mine = (socket = new WebSocket(location.origin.replace("http", "ws") + path, "throughline.v1.bin"));
    mine.binaryType = "arraybuffer";
    mine.onopen = () => tell(OPENED);
    mine.onclose = () => tell(CLOSED);
    mine.onmessage = ({ data }) =>
      data === "pong" ? tell(PONG) : tell(FRAME, 0, "", new Uint8Array(data));
  },
  disconnect: drop,
  // What a closing socket does not take is sent again after the next welcome.
  send: (bytes) => socket?.readyState === 1 && socket.send(bytes.slice()),
  ping: () => socket?.readyState === 1 && socket.send("ping"),

  /* The other tabs. */

  tune(conversation) {
    channel?.close();
    channel = undefined;
    if (conversation) {
      channel = new BroadcastChannel(prefix + ":" + conversation);
      channel.onmessage = ({ data: [word, frame] }) => tell(OVERHEARD, word, "", frame);
    }
  },
  post: (word, frame) => channel?.postMessage([word, frame.slice()]),
  /** Asks to lead the tabs: if nobody does (0), when nobody does any more (1), instead of who does (2). */
  lead(how) {
    const granted = (held) => {
      tell(LOCK, held ? 1 : 0);
      return held && new Promise(() => {});
    };
    lock(prefix, { ifAvailable: how === 0, steal: how === 2 }, granted, () => tell(LOCK_LOST));
  },
  /** Lets one tab at a time start a conversation. Without locks the gateway's own idempotency is left. */
  hold() {
    const held = () => tell(HELD, 0, "", known());
    const granted = () =>
      new Promise((resolve) => {
        release = resolve;
        held();
      });
    lock(prefix + ":start", {}, granted, held);
  },
  let_go: () => release?.(),

  /* The page. */

  say(name, value, more) {
    if (name === "open") copy = more;
    tag.postMessage([name, value, more]);
  },
};

/** Connects what happens in this frame and on the page to the widget. */
export const attach = (port, widget) => {
  tag = port;
  tell = widget;
  port.onmessage = ({ data: [name, value, more, shown, context, page] }) => {
    if (name === "context") given = value;
    if (name === "init") {
      given = context ?? given;
      address = page ?? address;
      // The code, and the address from which the visitor came: of it the site is all that anybody needs.
      if (more) tell(CODE, 0, more.replace(/ \w+:.*/, (from) => " " + new URL(from).origin));
      tell(INIT, +shown, (copy = value ?? undefined));
    }
    if (name === "shown") {
      address = more ?? address;
      tell(SHOWN, +value);
    }
    if (name === "handover") tell(HANDOVER, value, more);
    if (name === "launcher") {
      fetch(location.pathname.replace("frame", "v1/widgets") + "/launcher")
        .then((answer) => answer.json())
        .then((view) => view.sites && port.postMessage(["launcher", view]));
    }
  };

  const click = (id, what) => ($(id).onclick = () => tell(what));
  click("close", CLOSE);
  click("again", AGAIN);
  click("retry", RETRY);
  $("earlier").onclick = earlier;
  $("drafts").onclick = ({ target: { dataset } }) => {
    if (dataset.retry) tell(RETRY_DRAFT, 0, dataset.retry);
    if (dataset.discard) tell(DISCARD_DRAFT, 0, dataset.discard);
  };
  place().onscroll = () => place().scrollTop < 48 && earlier();

  const confirm = $("confirm");
  $("end").onclick = () => {
    confirm.returnValue = "";
    confirm.showModal();
  };
  confirm.onclose = () => confirm.returnValue && tell(END);

  const send = (event) => {
    event.preventDefault();
    tell(SEND);
  };
  $("composer").onsubmit = send;
  $("attach").onclick = () => $("file").click();
  $("file").onchange = (event) => {
    give(event, event.target);
    $("file").value = "";
  };
  $("text").onpaste = (event) => give(event, event.clipboardData);
  document.ondragover = (event) => event.preventDefault();
  document.ondrop = (event) => {
    event.preventDefault();
    give(event, event.dataTransfer);
  };
  $("text").oninput = () => tell(INPUT);
  // Enter that ends a composition (Japanese, Chinese, Korean) belongs to the composition.
  $("text").onkeydown = (event) => {
    // A handler that gives false would keep every other key from the field.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  $("answers").onsubmit = (event) => {
    event.preventDefault();
    tell(SUBMIT);
  };

  document.onkeydown = ({ key, ctrlKey }) => {
    // In a question Escape answers the question.
    if (key === "Escape" && !confirm.open) tell(CLOSE);
    if (key === "/" && ctrlKey) $("text").focus();
  };
  window.onfocus = arrive;
  document.onvisibilitychange = () => tell(LOOK);
  window.ononline = window.onpageshow = () => tell(WAKE);
  window.onstorage = ({ key, newValue }) => {
    if (!key?.startsWith(prefix)) return;
    const name = key.slice(prefix.length);
    if (name === ":session" && newValue) tell(SESSION_CHANGED, 0, newValue);
    if (name === ":seen" && newValue) tell(SEEN_CHANGED, +newValue);
    if (name.startsWith(":draft:")) {
      // A tab that lives has sent it by then, and taken it away; one that crashed has not.
      if (newValue) setTimeout(tell, 3e3, DRAFTED);
      else tell(DISCARD_DRAFT, 0, name.slice(7));
    }
  };
  tag.postMessage(["ready"]);
};
