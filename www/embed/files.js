/*
 * Files in the chat: fetched when the visitor attaches the first one, or when the first entry with a file is to be shown.
 *
 * A file is offered under an id that is made here, and goes to the gateway chunk by chunk. After a cut it goes on from what
 * the gateway says it has; what was not finished when the page went is asked for again by its name and size, so that a
 * file that is chosen once more goes on where it was. Pictures are made small here: whoever scrolls past a photograph holds
 * a thumbnail of it in memory, not the photograph.
 *
 * Text is text: names are set as text, and what a file says never becomes markup.
 */
const WORDS = {
  sending: "Sending",
  checking: "Being checked",
  waiting: "Waiting for the connection",
  cancel: "Cancel",
  dismiss: "Dismiss",
  failed: "The file could not be sent.",
  gone: "This file cannot be opened any more.",
};
const CHUNK = 256 * 1024;
const SMALL = 480;
/* Larger pictures are shown when somebody opens them. */
const SHOWN_UNASKED = 8e6;

let known;
const $ = (id) => document.getElementById(id);

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = "/assets/files.css";
document.head.append(style);

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An id by birth (UUID version 7). */
const born = () => {
  const hex = Date.now().toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random.slice(15)}`;
};

/** Asks the gateway about a file. A refusal is thrown as what it says; without an answer it is tried again. */
const ask = async (method, file, rest, body, signal) => {
  for (let wait_ms = 500; ; wait_ms = Math.min(wait_ms * 2, 10_000)) {
    const [token, conversation] = known().split(" ");
    const json = body && !(body instanceof Blob);
    const headers = { authorization: "Bearer " + token, accept: "application/json" };
    if (json) headers["content-type"] = "application/json";
    let answer, said;
    try {
      const path = `/v1/conversations/${conversation}/files/${file}${rest}`;
      answer = await fetch(path, { method, headers, body: json ? JSON.stringify(body) : body, signal });
      said = await answer.json();
    } catch (error) {
      if (signal?.aborted) throw error;
    }
    if (answer?.ok && said !== undefined) return said;
    if (answer && answer.status < 500 && answer.status !== 429) throw said;
    await Promise.race([
      wait(said?.retry_after ?? wait_ms),
      new Promise((resolve) => addEventListener("online", resolve, { once: true })),
    ]);
    if (signal?.aborted) throw signal.reason;
  }
};

/** Under which name the id of a file that is not finished is kept. */
const nameOf = ({ name, size, lastModified }) =>
  `throughline:file:${known().split(" ")[1]}:${size}:${lastModified}:${name}`;

const stored = (use) => {
  try {
    return use(localStorage);
  } catch {}
};

/** The line of a file that is on its way. */
const line = (file, abort) => {
  const row = document.createElement("div");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const words = document.createElement("span");
  const button = document.createElement("button");
  row.className = "upload";
  name.textContent = file.name;
  name.dir = "auto";
  bar.max = file.size;
  bar.value = 0;
  bar.ariaLabel = `${WORDS.sending}: ${file.name}`;
  words.role = "status";
  button.type = "button";
  button.className = "quiet";
  button.textContent = WORDS.cancel;
  button.ariaLabel = `${WORDS.cancel}: ${file.name}`;
  button.onclick = abort;
  row.append(name, bar, words, button);
  let list = $("uploads");
  if (!list) {
    list = document.createElement("div");
    list.id = "uploads";
    $("composer").before(list);
  }
  list.append(row);
  return { row, bar, words, button };
};

const sendOne = async (file) => {
  const kept = nameOf(file);
  const id = stored((store) => store.getItem(kept)) || born();
  stored((store) => store.setItem(kept, id));
  const forget = () => stored((store) => store.removeItem(kept));
  const abort = new AbortController();
  const { signal } = abort;
  const { row, bar, words, button } = line(file, () => {
    abort.abort();
    forget();
    row.remove();
    $("text").focus();
    ask("DELETE", id, "").catch(() => {});
  });
  const offline = () => (words.textContent = WORDS.waiting);
  const online = () => (words.textContent = "");
  addEventListener("offline", offline);
  addEventListener("online", online);
  try {
    const offer = { name: file.name, media_type: file.type, bytes: file.size, visibility: "public" };
    let status = await ask("PUT", id, "", offer, signal);
    while (status.stage === "arriving") {
      bar.value = status.received;
      const chunk = file.slice(status.received, status.received + (status.chunk || CHUNK));
      status = await ask("PUT", id, `/bytes/${status.received}`, chunk, signal);
    }
    bar.value = file.size;
    for (let pause = 100; status.stage === "checking"; pause = Math.min(pause * 2, 3000)) {
      if (pause > 400) words.textContent = WORDS.checking;
      await wait(pause);
      status = await ask("GET", id, "", undefined, signal);
    }
    if (status.stage.refused) throw { message: WORDS.failed };
    row.remove();
  } catch (problem) {
    if (signal.aborted) return;
    bar.remove();
    row.classList.add("failed");
    row.role = "alert";
    words.textContent = problem?.message ?? WORDS.failed;
    button.textContent = WORDS.dismiss;
    button.ariaLabel = `${WORDS.dismiss}: ${file.name}`;
    button.onclick = () => row.remove();
  } finally {
    removeEventListener("offline", offline);
    removeEventListener("online", online);
  }
  forget();
};

/** Sends files one after the other. */
export const send = async (files, session) => {
  known = session;
  for (const file of files) await sendOne(file);
};

const link = async (file) => (await ask("POST", file, "/link")).address;

/** A picture that is no larger than it is shown. */
const thumbnail = async (address) => {
  const answer = await fetch(address);
  if (+answer.headers.get("content-length") > SHOWN_UNASKED) return;
  const picture = await createImageBitmap(await answer.blob());
  const scale = Math.min(1, SMALL / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, picture.width * scale);
  canvas.height = Math.max(1, picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob && URL.createObjectURL(blob))));
};

/** Makes a button in the log open its file, and shows the picture that it is. */
export const show = async (button, session) => {
  known = session;
  const { file, type } = button.dataset;
  button.classList.add("file");
  button.onclick = async () => {
    try {
      const opens = document.createElement("a");
      opens.href = await link(file);
      opens.target = "_blank";
      opens.rel = "noopener noreferrer";
      opens.click();
    } catch {
      button.append(" – " + WORDS.gone);
      button.disabled = true;
    }
  };
  if (!/^image\/(png|jpeg|gif|webp|bmp|avif)$/.test(type)) return;
  const source = await link(file).then(thumbnail).catch(() => {});
  if (!source || !button.isConnected) return;
  const picture = new Image();
  picture.alt = button.textContent;
  picture.src = source;
  const place = $("scroll");
  const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 48;
  await picture.decode().catch(() => {});
  button.replaceChildren(picture);
  if (atEnd) place.scrollTop = place.scrollHeight;
};
