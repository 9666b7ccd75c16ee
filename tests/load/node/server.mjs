// What a developer would otherwise write: one Node process, sockets by `ws`, an embedded SQLite that has each message on disk
// before anybody is told. Both clients of a conversation hear every message. No identity, no catching up, no repeats noticed.
import Database from "better-sqlite3";
import { WebSocketServer } from "ws";

const [, , port, file] = process.argv;
const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE message (sequence INTEGER PRIMARY KEY, conversation TEXT NOT NULL, text TEXT NOT NULL)");
const insert = database.prepare("INSERT INTO message (conversation, text) VALUES (?, ?)");

const conversations = new Map();
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(port),
  perMessageDeflate: false,
  handleProtocols: (offered) => offered.values().next().value ?? false,
});
server.on("connection", (socket, request) => {
  const name = request.url;
  const sockets = conversations.get(name) ?? new Set();
  conversations.set(name, sockets.add(socket));
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", (bytes) => {
    const text = bytes.toString();
    insert.run(name, text);
    for (const other of sockets) {
      other.send(text);
    }
  });
});
