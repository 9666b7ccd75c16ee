// The routing core under load: each request does one stretch of work, for the time of which the caller looks at the clock.
import { initSync, open, leave, come, replace, serve, configure } from "./routing-bench.js";
import module from "./routing-bench.wasm";

initSync({ module });

export default {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name) => Number(searchParams.get(name));
    switch (pathname) {
      case "/open":
        open(number("representatives"), number("waiting"), searchParams.get("skills") === "true");
        return new Response("0");
      case "/leave":
        leave();
        return new Response("0");
      case "/come":
        return new Response(String(come()));
      case "/replace":
        replace(number("rounds"));
        return new Response("0");
      case "/serve":
        serve(number("rounds"));
        return new Response("0");
      case "/configure":
        configure();
        return new Response("0");
      default:
        return new Response("0");
    }
  },
};
