/*
 * What the widget needs of the browser, in few and small calls. The widget decides; this file only carries out, and says
 * what happened. Handles to elements, sockets and promises stay on this side: in WebAssembly each kind of call costs more
 * than all of its script.
 *
 * - `browser` is what the widget calls (widget/src/browser.rs has the other half). Elements are named by their id.
 * - `attach(tell)` connects the page's events: `tell(what, number, text, bytes)`, never from within a call of the widget.
 * - Text is text: nothing becomes markup, and styles are set through the object model, as a strict policy asks.
 */
import { What } from "glue";

const $ = (id) => document.getElementById(id);
const prefix = "throughline:" + location.pathname.split("/").pop();

let tell, tag, socket, channel, timer, current, first, root, fromEnd, release;

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

export const browser = {
  /* The document. */

  write(id, words) {
    const element = $(id);
    if (element.textContent !== words) element.textContent = words;
  },
  show: (id, shown) => void ($(id).hidden = !shown),
  put: (id, name, value) => $(id).setAttribute(name, value),
  style: (name, value) => document.documentElement.style.setProperty(name, value),
  title: (words) => void (document.title = words),
  value: (id) => $(id).value,
  fill: (id, value) => void ($(id).value = value),
  checked: (id) => $(id).checked,
  focus: (id) => $(id).focus(),
  focused: () => document.hasFocus(),
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
  set: (name, value) => current.setAttribute(name, value),
  words: (words) => current.append(words),
  leave: () => void (current = current.parentNode),

  /* The place in the conversation. */

  at_end: () => place().scrollHeight - place().scrollTop - place().clientHeight < 48,
  to_end: () => void (place().scrollTop = place().scrollHeight),
  mark_place: () => void (fromEnd = place().scrollHeight - place().scrollTop),
  find_place: () => void (place().scrollTop = place().scrollHeight - fromEnd),
  /** What changes now has been said before: screen readers do not say it again. */
  hush() {
    $("log").ariaLive = "off";
    setTimeout(() => ($("log").ariaLive = "polite"), 500);
  },

  /* Time and chance. */

  now: () => Date.now(),
  ring(wait) {
    clearTimeout(timer);
    if (wait >= 0) timer = setTimeout(() => tell(What.Tick), wait);
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
  /** What follows `name` in the keys that begin with it, joined. */
  kept: (name) =>
    stored((store) =>
      Object.keys(store)
        .filter((key) => key.startsWith(prefix + name))
        .map((key) => key.slice((prefix + name).length))
        .join(""),
    ) ?? "",

  /* The gateway. */

  request(number, method, path, token, body) {
    const type = "application/vnd.throughline.v1";
    const headers = { accept: type };
    if (token) headers.authorization = "Bearer " + token;
    if (body) headers["content-type"] = type;
    // The body lies in the widget's memory, which may move.
    fetch(path, { method, headers, body: body && body.slice(), signal: AbortSignal.timeout(15e3) })
      .then(async (answer) => tell(What.Answered, number, answer.ok ? "ok" : "", new Uint8Array(await answer.arrayBuffer())))
      .catch(() => tell(What.Unanswered, number));
  },
  connect(path) {
    drop();
    const mine = (socket = new WebSocket(location.origin.replace("http", "ws") + path, "throughline.v1.bin"));
    mine.binaryType = "arraybuffer";
    mine.onopen = () => tell(What.Opened);
    mine.onclose = () => tell(What.Closed);
    mine.onmessage = ({ data }) =>
      data === "pong" ? tell(What.Pong) : tell(What.Frame, 0, "", new Uint8Array(data));
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
      channel.onmessage = ({ data: [word, frame] }) => tell(What.Overheard, word, "", frame);
    }
  },
  post: (word, frame) => channel?.postMessage([word, frame && frame.slice()]),
  /** Asks to lead the tabs: if nobody does (0), when nobody does any more (1), instead of who does (2). */
  lead(how) {
    const granted = (held) => {
      tell(What.Lock, held ? 1 : 0);
      return held && new Promise(() => {});
    };
    lock(prefix, { ifAvailable: how === 0, steal: how === 2 }, granted, () => tell(What.LockLost));
  },
  /** Lets one tab at a time start a conversation. Without locks the gateway's own idempotency is left. */
  hold() {
    const granted = () =>
      new Promise((resolve) => {
        release = resolve;
        tell(What.Held);
      });
    lock(prefix + ":start", {}, granted, () => tell(What.Held));
  },
  let_go: () => release?.(),

  /* The page. */

  say: (name, value, more) => tag.postMessage([name, value, more]),
};

/** Connects what happens in this frame and on the page to the widget. */
export const attach = (port, widget) => {
  tag = port;
  tell = widget;
  port.onmessage = ({ data: [name, value, more, shown] }) => {
    if (name === "init") {
      if (more) tell(What.Code, 0, more);
      tell(What.Init, +shown, value ?? undefined);
    }
    if (name === "shown") tell(What.Shown, +value);
    if (name === "handover") tell(What.Handover, value, more);
  };

  const click = (id, what) => ($(id).onclick = () => tell(what));
  click("close", What.Close);
  click("again", What.Again);
  click("retry", What.Retry);
  click("earlier", What.Earlier);
  $("drafts").onclick = ({ target: { dataset } }) => {
    if (dataset.retry) tell(What.RetryDraft, 0, dataset.retry);
    if (dataset.discard) tell(What.DiscardDraft, 0, dataset.discard);
  };
  place().onscroll = () => place().scrollTop < 48 && !$("earlier").hidden && tell(What.Earlier);

  const confirm = $("confirm");
  $("end").onclick = () => {
    confirm.returnValue = "";
    confirm.showModal();
  };
  confirm.onclose = () => confirm.returnValue && tell(What.End);

  const send = (event) => {
    event.preventDefault();
    tell(What.Send);
  };
  $("composer").onsubmit = send;
  $("text").oninput = () => tell(What.Input);
  // Enter that ends a composition (Japanese, Chinese, Korean) belongs to the composition.
  $("text").onkeydown = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && send(event);
  $("answers").onsubmit = (event) => {
    event.preventDefault();
    tell(What.Submit);
  };

  document.onkeydown = ({ key, ctrlKey }) => {
    // In a question Escape answers the question.
    if (key === "Escape" && !confirm.open) tell(What.Close);
    if (key === "/" && ctrlKey) $("text").focus();
  };
  document.onvisibilitychange = () => tell(What.Look);
  window.ononline = window.onpageshow = () => tell(What.Wake);
  window.onstorage = ({ key, newValue }) => {
    if (!key?.startsWith(prefix)) return;
    const name = key.slice(prefix.length);
    if (name === ":session" && newValue) tell(What.SessionChanged, 0, newValue);
    if (name === ":seen" && newValue) tell(What.SeenChanged, +newValue);
    if (name.startsWith(":draft:") && !newValue) tell(What.DiscardDraft, 0, name.slice(7));
  };
  tag.postMessage(["ready"]);
};
