/*
 * Files in the chat: fetched when the visitor attaches the first one, or when the first entry with a file is to be shown.
 *
 * A file is offered under an id that is made here, and goes to the gateway chunk by chunk. After a cut it goes on from what
 * the gateway says it has; what was not finished when the page went is asked for again by its name and size, so that a
 * file that is chosen once more goes on where it was. Pictures are made small here, when they come into sight: whoever
 * scrolls past a photograph holds a thumbnail of it in memory, not the photograph.
 *
 * Text is text: names are set as text, and what a file says never becomes markup.
 */

/* What this file says to people. One table for each language, as in widget/src/words.rs; `#` stands for the file's name. */
const WORDS = {
  uploads: "Files on their way",
  sending: "Sending #",
  queued: "Waits for the files before it",
  checking: "Is being checked, and appears here when it is found clean",
  waiting: "Waiting for the connection",
  cancel: "Cancel",
  cancel_name: "Cancel #",
  dismiss: "Dismiss",
  dismiss_name: "Dismiss #",
  open: "Open #",
  download: "Download #",
  failed: "The file could not be sent.",
  unread: "The file cannot be read any more, or has changed meanwhile. Choose it again.",
  gone: "This file cannot be opened any more.",
};
const SMALL = 480;
/* Larger pictures are shown when somebody opens them. */
const SHOWN_UNASKED = 8e6;
const BYTES_MAX = 2 ** 32 - 1;
/* How long an answer may take, in ms: longer than a chunk takes on a bad line. After that the connection is taken for dead. */
const ANSWER = 120e3;

let known;
const $ = (id) => document.getElementById(id);
const say = (words, name) => words.replace("#", () => name);

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = "/assets/files.css";
document.head.append(style);

/** Waits so many ms; not so long if the network comes back or the file is given up. */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
  });

/** An id by birth (UUID version 7). */
const born = () => {
  const hex = Date.now().toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random.slice(15)}`;
};

/** Asks the gateway about a file. A refusal is thrown as what it says; without an answer it is tried again. */
const ask = async (method, file, rest, { body, type, signal, waiting } = {}) => {
  for (let ms = 500; ; ms = Math.min(ms * 2, 10_000)) {
    const [token, conversation] = known().split(" ");
    const headers = { authorization: "Bearer " + token, accept: "application/json" };
    if (type) headers["content-type"] = type;
    let answer, said;
    const attempt = new AbortController();
    const end = () => attempt.abort();
    const timer = setTimeout(end, ANSWER);
    signal?.addEventListener("abort", end);
    try {
      const address = `/v1/conversations/${conversation}/files/${file}${rest}`;
      answer = await fetch(address, { method, headers, body, signal: attempt.signal });
      said = await answer.json();
    } catch {
      // No answer, or one of something between here and the gateway.
    }
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    signal?.throwIfAborted();
    if (answer?.ok && said !== undefined) return said;
    if (answer && answer.status < 500 && answer.status !== 429) throw said ?? {};
    waiting?.();
    await pause(said?.retry_after ?? ms, signal);
    signal?.throwIfAborted();
  }
};

const stored = (use) => {
  try {
    return use(localStorage);
  } catch {}
};

/** Under which name the id of a file that is not finished is kept. What was not finished in a conversation of before is forgotten. */
const nameOf = ({ name, size, lastModified }) => {
  const of = `throughline:file:${known().split(" ")[1]}:`;
  stored((store) => {
    for (const key of Object.keys(store)) {
      if (key.startsWith("throughline:file:") && !key.startsWith(of)) store.removeItem(key);
    }
  });
  return `${of}${size}:${lastModified}:${name}`;
};

const element = (tag, of, rest) => {
  const made = Object.assign(document.createElement(tag), rest);
  of.append(made);
  return made;
};

const atEnd = () => {
  const { scrollHeight, scrollTop, clientHeight } = $("scroll");
  return scrollHeight - scrollTop - clientHeight < 48;
};
const toEnd = () => ($("scroll").scrollTop = $("scroll").scrollHeight);

/** The line of a file that is on its way. It takes room from the conversation, whose end stays in sight. */
const line = (file, abort) => {
  const follow = atEnd();
  let list = $("uploads");
  if (!list) {
    list = Object.assign(document.createElement("ul"), { id: "uploads", ariaLabel: WORDS.uploads });
    $("ended").before(list);
  }
  const row = element("li", list, { className: "upload" });
  element("span", row, { textContent: file.name, dir: "auto" });
  const bar = element("progress", row, { max: file.size || 1, value: 0, ariaLabel: say(WORDS.sending, file.name) });
  const button = element("button", row, {
    type: "button",
    className: "quiet",
    textContent: WORDS.cancel,
    ariaLabel: say(WORDS.cancel_name, file.name),
    onclick: abort,
  });
  const words = element("span", row, { textContent: WORDS.queued });
  if (follow) toEnd();
  const off = () => {
    row.remove();
    if (!list.firstChild) list.remove();
  };
  return { row, bar, words, button, off };
};

/** Sends the bytes that the gateway lacks. */
const carry = async (file, id, { signal, bar, words }) => {
  const waiting = () => (words.textContent = WORDS.waiting);
  const json = "application/json";
  const bytes = Math.min(file.size, BYTES_MAX);
  const body = JSON.stringify({ name: file.name, media_type: file.type, bytes, visibility: "public" });
  const offer = () => ask("PUT", id, "", { body, type: json, signal, waiting });
  let status = await offer();
  while (status.stage === "arriving") {
    const start = (bar.value = status.received);
    words.textContent = "";
    // Read before it is sent: what fails on this side is no matter of the network.
    const chunk = await file
      .slice(start, start + status.chunk)
      .arrayBuffer()
      .catch(() => Promise.reject({ message: WORDS.unread }));
    try {
      status = await ask("PUT", id, `/bytes/${start}`, { body: chunk, signal, waiting });
    } catch (problem) {
      if (problem.code === "unknown_file" && !start) {
        // Nothing came of it for minutes, and the gateway has forgotten the offer.
        status = await offer();
        continue;
      }
      if (problem.code !== "file_out_of_step") throw problem;
      // It has been sent from another tab as well: the gateway says how it is.
      status = await ask("GET", id, "", { signal, waiting });
      if (status.received === start && status.stage === "arriving") throw { message: WORDS.unread };
    }
  }
  bar.value = bar.max;
  words.textContent = "";
  return status;
};

/** Waits for what the gateway makes of a file that is whole. */
const settle = async (status, id, { signal, words }) => {
  for (let ms = 100; status.stage === "checking"; ms = Math.min(ms * 2, 3000)) {
    if (ms > 200) words.textContent = WORDS.checking;
    await pause(ms, signal);
    signal.throwIfAborted();
    status = await ask("GET", id, "", { signal });
  }
  if (status.stage.refused) throw { message: status.why };
};

/* One file is on its way at a time; while the gateway looks at it, the next one goes. */
let turn = Promise.resolve();

const sendOne = async (file, id, kept, shown) => {
  const { signal, row, bar, words, button, off } = shown;
  try {
    const before = turn;
    let next;
    turn = new Promise((resolve) => (next = resolve));
    await before;
    let status;
    try {
      signal.throwIfAborted();
      status = await carry(file, id, shown);
    } finally {
      next();
    }
    await settle(status, id, shown);
    off();
  } catch (problem) {
    if (signal.aborted) return;
    const follow = atEnd();
    bar.remove();
    row.classList.add("failed");
    words.role = "alert";
    words.textContent = problem?.message ?? WORDS.failed;
    if (follow) toEnd();
    button.textContent = WORDS.dismiss;
    button.ariaLabel = say(WORDS.dismiss_name, file.name);
    button.onclick = () => {
      off();
      $("text").focus();
    };
  }
  stored((store) => store.removeItem(kept));
};

/* Those that are on their way, and what is done when one is there. */
const underway = new Map();

/** Sends files one after the other. */
export const send = (files, session) => {
  known = session;
  for (const file of files) {
    const kept = nameOf(file);
    const id = stored((store) => store.getItem(kept)) || born();
    // Chosen once more, it goes on where it is.
    if (underway.has(id)) continue;
    stored((store) => store.setItem(kept, id));
    const abort = new AbortController();
    const shown = line(file, () => {
      abort.abort();
      stored((store) => store.removeItem(kept));
      shown.off();
      $("text").focus();
      ask("DELETE", id, "").catch(() => {});
    });
    underway.set(id, () => {
      underway.delete(id);
      stored((store) => store.removeItem(kept));
      shown.off();
    });
    sendOne(file, id, kept, { ...shown, signal: abort.signal }).finally(() => underway.delete(id));
  }
};

const link = async (file) => (await ask("POST", file, "/link")).address;

/** A picture that is no larger than it is shown. */
const thumbnail = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok || +answer.headers.get("content-length") > SHOWN_UNASKED) return;
  const picture = await createImageBitmap(await answer.blob());
  const scale = Math.min(1, SMALL / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, picture.width * scale);
  canvas.height = Math.max(1, picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob && URL.createObjectURL(blob))));
};

const draw = async (button) => {
  const source = await link(button.dataset.file).then(thumbnail).catch(() => {});
  if (!source) return;
  const picture = new Image();
  picture.alt = "";
  picture.src = source;
  const decoded = await picture.decode().then(() => true, () => false);
  // What is decoded is kept by the picture.
  URL.revokeObjectURL(source);
  if (!decoded || !button.isConnected) return;
  const place = $("scroll");
  const before = place.scrollHeight;
  const follow = atEnd();
  const above = button.getBoundingClientRect().bottom < place.getBoundingClientRect().top;
  button.prepend(picture);
  if (follow) toEnd();
  else if (above) place.scrollTop += place.scrollHeight - before;
};

/* Pictures are made small when they come into sight, or nearly. */
const sight = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting) {
        sight.unobserve(target);
        draw(target);
      }
    }
  },
  { rootMargin: "200px" },
);

/** Makes a button in the log open its file, and shows the picture that it is. */
export const show = (button, session) => {
  known = session;
  const { file, type } = button.dataset;
  const picture = /^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(type);
  const name = button.textContent;
  // It has arrived: its line goes before the gateway is asked again.
  underway.get(file)?.();
  button.classList.add("file");
  button.ariaLabel = say(picture ? WORDS.open : WORDS.download, name);
  button.onclick = async () => {
    try {
      const opens = document.createElement("a");
      opens.href = await link(file);
      opens.target = "_blank";
      opens.rel = "noopener noreferrer";
      opens.click();
    } catch {
      if (!button.disabled) element("span", button.parentNode, { className: "gone", role: "alert", textContent: WORDS.gone });
      button.disabled = true;
    }
  };
  if (picture) sight.observe(button);
};
