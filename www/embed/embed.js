/*
 * The script tag: draws the launcher, opens the chat frame, and carries an open conversation to the site's sister sites.
 *
 *   <script async src="https://chat.example/embed.js" data-widget="WIDGET"></script>
 *
 * Calls, also before this script has loaded, by way of
 *   window.throughline = window.throughline || function () { (throughline.q = throughline.q || []).push(arguments) };
 *
 *   throughline("open") · throughline("close") · throughline("toggle")
 *   throughline("on", event, listener): listens to ready, open, close, unread and conversation; gives a function that
 *     stops it. `unread` brings a number, `conversation` whether one is open.
 *   throughline("context", values): what rules and representatives are to know of the visitor and the page: names with
 *     texts, numbers or booleans. Values of before stay; those of the moment count in which a conversation starts.
 *   throughline("handover", origin): promises a one-time code for a site of the widget's list, or undefined. Who places
 *     it writes `~tl=CODE` at the end of the address's fragment.
 *
 * What must stay true:
 * - Nothing is stored before the visitor has started a conversation or arrived with one. Then: `throughline:WIDGET` in
 *   localStorage (a copy of the session, for browsers that forget what frames store) and, while the panel is open,
 *   `throughline:WIDGET:open` in sessionStorage.
 * - No inline style and no markup from strings, so that the page's policy needs nothing but our origin.
 * - The page is not moved, not blocked, and not listened to beyond clicks on links to the widget's own sites.
 */
((window, document) => {
  const api = window.throughline;
  const warn = (words) => console.warn("Throughline: " + words);
  if (api?.widget) return warn("the script tag is on this page more than once. Only the first one counts.");
  const script = document.currentScript ?? document.querySelector("script[data-widget][src*='/embed.js']");
  const widget = script?.dataset.widget;
  if (!widget) return warn("the script tag needs the attribute data-widget.");

  const { origin } = new URL(script.src);
  const key = "throughline:" + widget;
  const listeners = {};
  const context = {};
  let frame, port, sites, opened, unread = 0, shown = false, talking = false;

  const emit = (name, detail) => listeners[name]?.forEach((listener) => listener(detail));
  const say = (...message) => port?.postMessage(message);
  /** Reads or, with a value, writes or removes what the browser keeps; a browser that keeps nothing is no error. */
  const keep = (store, name, value) => {
    try {
      if (value === undefined) return window[store].getItem(name);
      if (value === null) window[store].removeItem(name);
      else window[store].setItem(name, value);
    } catch {}
  };

  /* ---- Arrival: a hand-over code leaves the address before anything else happens. ---- */

  const mark = /#?~tl(o?)=([\w.-]+)$/;
  let [found, wasOpen, code] = mark.exec(location.hash) ?? [];
  if (found) {
    const url = new URL(location.href);
    url.hash = url.hash.replace(mark, "");
    history.replaceState(history.state, "", url);
    // Go where the fragment that was asked for points.
    if (url.hash) location.replace(url);
  }

  /* ---- The frame, and the port between it and this script. ---- */

  const load = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.src = origin + "/frame/" + widget;
    frame.title = button.title;
    root.append(frame);
  };

  const heard = {
    ready() {
      if (!sites) return say("launcher");
      // The focus that a frame gets before its page is there does not reach the page.
      if (root.activeElement === frame) {
        frame.blur();
        frame.focus();
      }
      say("init", keep("localStorage", key), code && code + " " + document.referrer, shown, context, location.href);
      code = undefined;
    },
    unread(count) {
      unread = count;
      draw();
      emit("unread", count);
    },
    open(open, mirror) {
      keep("localStorage", key, mirror ?? null);
      if (talking !== open) emit("conversation", (talking = open));
      if (open && shown) keep("sessionStorage", key + ":open", "1");
    },
    code(number, value) {
      asked[number]?.(value);
      delete asked[number];
    },
    close: () => show(false, true),
    launcher(view) {
      frame.title = view.title;
      launch(view);
      heard.ready();
    },
  };

  window.addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow || event.data !== "throughline") return;
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data: [name, ...values] }) => heard[name]?.(...values);
    event.source.postMessage("throughline", origin, [channel.port2]);
  });

  /* ---- The launcher and the panel. ---- */

  const host = document.createElement("throughline-chat");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const icon = (path) => {
    const make = (name, attribute, value) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      element.setAttribute(attribute, value);
      return element;
    };
    const svg = make("svg", "viewBox", "0 0 24 24");
    svg.ariaHidden = true;
    svg.append(make("path", "d", path));
    return svg;
  };

  const draw = () => {
    const count = unread > 99 ? "99+" : unread;
    badge.textContent = count;
    badge.hidden = shown || !unread;
    button.ariaLabel = button.title + (badge.hidden ? "" : ", " + count + " unread");
    button.ariaExpanded = shown;
    host.toggleAttribute("open", shown);
  };

  const stay = () => host.isConnected || document.documentElement.append(host);

  /** Shows or hides the panel. `moved`: by the visitor, whose focus goes along. */
  const show = (open, moved) => {
    if (open === shown || !sites) return;
    const inside = document.activeElement === host;
    shown = open;
    if (open) load();
    draw();
    if (open && moved) frame.focus();
    if (!open && moved && inside) button.focus();
    if (talking || !open) keep("sessionStorage", key + ":open", open ? "1" : null);
    say("shown", open, location.href);
    emit(open ? "open" : "close");
  };

  const launch = ({ title, accent, corner, sites: listed, hidden }) => {
    // Closed, but whoever has talked here may have a conversation that goes on.
    if (hidden && !keep("localStorage", key)) return;
    sites = listed;
    if (!/^#[\da-f]{6}$/i.test(accent)) accent = "#2457d6";
    const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(accent.slice(at, at + 2), 16) / 255) ** 2.2);
    const ink = (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) ** 2 > 0.0525 ? "#000" : "#fff";
    const side = corner === "bottom_start" ? "start" : "end";
    sheet.replaceSync(`
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;inset-block-end:20px!important;inset-inline-${side}:20px!important;display:block!important}
button{all:unset;position:relative;box-sizing:border-box;display:grid;place-items:center;inline-size:56px;block-size:56px;border:1px solid transparent;border-radius:50%;background:${accent};color:${ink};cursor:pointer;box-shadow:0 2px 6px #0f172a29,0 8px 24px #0f172a29;transition:transform .12s}
button:hover{transform:translateY(-2px)}
button:focus-visible{outline:2px solid ${accent};outline-offset:3px;box-shadow:0 0 0 3px #fff}
svg{grid-area:1/1;inline-size:26px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round;transition:opacity .12s,transform .18s}
:host([open]) svg:first-child,:host(:not([open])) svg:nth-child(2){opacity:0;transform:scale(.6)}
span{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;box-sizing:border-box;min-inline-size:22px;padding:0 6px;border:2px solid #fff;border-radius:12px;background:#c9303e;color:#fff;font:600 12px/18px system-ui,sans-serif;text-align:center}
[hidden]{display:none}
iframe{position:fixed;inset-block-end:88px;inset-inline-${side}:20px;inline-size:min(400px,100vw - 40px);block-size:min(640px,100dvh - 108px);border:0;border-radius:16px;background:Canvas;box-shadow:0 4px 12px #0f172a1f,0 16px 48px #0f172a33;transition:opacity .16s,transform .16s}
:host(:not([open])) iframe{visibility:hidden;opacity:0;transform:translateY(8px);transition:opacity .16s,transform .16s,visibility .16s}
@media(max-width:479px){iframe{inset:var(--top,0) 0 auto;inline-size:100vw;block-size:var(--height,100dvh);border-radius:0}:host([open]) button{visibility:hidden}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
@media(forced-colors:active){button,iframe{border:1px solid ButtonText}}
@media print{:host{display:none!important}}`);
    root.adoptedStyleSheets = [sheet];
    button.type = "button";
    button.title = title;
    button.ariaHasPopup = "dialog";
    button.append(icon("M21 11.5a8.4 8.4 0 0 1-12.3 7.4L3 21l2-5.3A8.4 8.4 0 1 1 21 11.5Z"), icon("m6 9 6 6 6-6"), badge);
    button.onpointerenter = button.onfocus = load;
    button.onclick = () => show(!shown, true);
    // A handler that gives false would keep Enter and Space from the button.
    button.onkeydown = ({ key }) => void (key === "Escape" && show(false, true));
    root.append(button);
    draw();

    host.hidden = false;
    stay();
    // Some frameworks replace the body, some all that they did not put there themselves.
    new MutationObserver(stay).observe(document.documentElement, { childList: true });

    // On a phone the keyboard makes the visible part of the page smaller.
    const { visualViewport: view } = window;
    const fit = () => {
      const { style } = sheet.cssRules[0];
      style.setProperty("--height", view.height + "px");
      style.setProperty("--top", view.offsetTop + "px");
    };
    view?.addEventListener("resize", fit);
    view?.addEventListener("scroll", fit);

    if (code || keep("localStorage", key)) load();
    emit("ready");
    early.forEach((call) => run(...call));
    if (window.innerWidth >= 480 && (wasOpen || keep("sessionStorage", key + ":open"))) show(true);
  };

  /* ---- Links to the widget's other sites take the conversation along. ---- */

  const asked = {};
  let last = 0, kept;

  /** Asks the frame for a code; answers within a moment or not at all. */
  const request = (target) =>
    new Promise((resolve) => {
      if (!talking || !sites.includes(target)) return resolve();
      asked[++last] = resolve;
      setTimeout(resolve, 1500);
      say("handover", last, target);
    });

  /** The code for this link, asked for at the first sign that the visitor will follow it. */
  const prepare = (target) => {
    if (kept?.target !== target || performance.now() - kept.at > 5e4) {
      const mine = (kept = { target, at: performance.now() });
      mine.answer = request(target).then((code) => (mine.code = code));
    }
    return kept;
  };

  /** Gives a link a code. A code only holds on the way from this site, so the browser has to say that it comes from here. */
  const lend = (link, code) => {
    if (!code) return;
    link.hash += (shown ? "~tlo=" : "~tl=") + code;
    link.referrerPolicy = "strict-origin";
    link.relList.replace("noreferrer", "noopener");
  };

  const follow = async (event) => {
    const link = event.composedPath().find((node) => node.localName === "a" && node.href);
    const target = link?.origin;
    if (!talking || target === location.origin || !sites.includes(target) || event.defaultPrevented) return;
    const { type } = event;
    const prepared = prepare(target);
    if (type === "pointerdown" || type === "keydown") return;
    const { code } = prepared;
    const plain = type === "click" && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (code) {
      // For the moment in which the browser reads it, the link has the code; the page never sees it.
      const { rel } = link;
      const href = link.getAttribute("href");
      lend(link, code);
      setTimeout(() => {
        link.setAttribute("href", href);
        link.rel = rel;
      });
    } else if (plain && !link.download) {
      event.preventDefault();
      const copy = link.cloneNode();
      lend(copy, await prepared.answer);
      copy.click();
    }
    // A code is good for one arrival; what comes next needs another.
    kept = undefined;
  };
  for (const type of ["pointerdown", "keydown", "click", "auxclick", "contextmenu"]) window.addEventListener(type, follow);

  /* ---- The start. ---- */

  const commands = {
    open: () => show(true, true),
    close: () => show(false, true),
    toggle: () => show(!shown, true),
    handover: request,
    context(values) {
      for (const name in values) context[name] = String(values[name]);
      say("context", context);
    },
    on(name, listener) {
      (listeners[name] ??= new Set()).add(listener);
      return () => listeners[name].delete(listener);
    },
  };
  const early = [...(api?.q ?? [])];
  const run = (name, ...values) =>
    Object.hasOwn(commands, name) ? commands[name](...values) : warn("there is no command " + name + ".");
  window.throughline = (...call) => (sites || call[0] === "on" ? run(...call) : void early.push(call));
  window.throughline.widget = widget;

  fetch(origin + "/v1/widgets/" + widget + "/launcher", { credentials: "omit" })
    .then(async (response) => {
      const answer = await response.json();
      if (response.ok) launch(answer);
      else warn(answer.message);
    })
    .catch(() => {
      // The page's policy may forbid connections but frames not: the frame can ask as well.
      host.hidden = true;
      stay();
      load();
    });
})(window, document);
