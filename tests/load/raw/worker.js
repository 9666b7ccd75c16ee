// The floor that the gateway is measured against: one object per conversation, written by hand, that inserts one row for
// every message and echoes it. No identity, no log to catch up with, no routing: nothing that could be left out is there.
// Without the row it shows what the runtime's sockets can do by themselves.
import { DurableObject } from "cloudflare:workers";

export class Raw extends DurableObject {
  constructor(state, env) {
    super(state, env);
    this.inserts = env.INSERTS === "true";
    this.sql = state.storage.sql;
    if (this.inserts) {
      this.sql.exec("CREATE TABLE IF NOT EXISTS message (sequence INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    }
  }

  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    const headers = { "sec-websocket-protocol": request.headers.get("sec-websocket-protocol") };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  webSocketMessage(socket, text) {
    if (this.inserts) {
      this.sql.exec("INSERT INTO message (text) VALUES (?)", text);
    }
    socket.send(text);
  }
}

export default {
  fetch(request, env) {
    return env.RAW.get(env.RAW.idFromName(new URL(request.url).pathname)).fetch(request);
  },
};
