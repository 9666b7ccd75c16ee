// The floor that the gateway is measured against: one object per conversation, written by hand, that inserts one row for
// every message and echoes it. No identity, no log to catch up with, no routing: nothing that could be left out is there.
// Without the row it shows what the runtime's sockets can do by themselves.
import { DurableObject } from "cloudflare:workers";

const BYTES = new Uint8Array(100).fill(97);
const TOGETHER = 16;
const MANY = `INSERT INTO cost (bytes) VALUES ${Array(TOGETHER).fill("(?)").join(", ")}`;
const JOINED = new Uint8Array(BYTES.length * TOGETHER).fill(97);
const memory = new WebAssembly.Memory({ initial: 1 });
const inside = () => new Uint8Array(memory.buffer, 0, BYTES.length);
const decoder = new TextDecoder();
const encoder = new TextEncoder();

// What a turn is made of. Between JavaScript and wasm as the glue of wasm-bindgen does it.
const PARTS = {
  row: (sql) => sql.exec("INSERT INTO cost (bytes) VALUES (?)", BYTES),
  rows: (sql) => sql.exec(MANY, ...Array(TOGETHER).fill(BYTES)),
  joined: (sql) => sql.exec("INSERT INTO cost (bytes) VALUES (?)", JOINED),
  copy: () => inside().set(inside().slice()),
  text: () => encoder.encodeInto(decoder.decode(inside()), inside()),
};

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
    if (request.headers.get("upgrade") === null) {
      return this.cost(new URL(request.url).searchParams);
    }
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    const headers = { "sec-websocket-protocol": request.headers.get("sec-websocket-protocol") };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  // Does one of the things that a turn is made of many times.
  cost(asked) {
    const work = PARTS[asked.get("what")];
    this.sql.exec("CREATE TABLE IF NOT EXISTS cost (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    for (let times = Number(asked.get("times")); times > 0; times -= 1) {
      work(this.sql);
    }
    return new Response("done");
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
