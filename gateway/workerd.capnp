# Throughline on one machine: the gateway in plain workerd, its objects on local disk.
#
# The bindings have the names of wrangler.toml; a test says so. Folders and the address come from the command line,
# because workerd takes relative paths from where it was started:
#
#   workerd serve gateway/workerd.capnp \
#     --socket-addr http=127.0.0.1:8787 --directory-path data=<folder> --directory-path assets=<folder>
#
# The variables come from the environment: THROUGHLINE_CHAT_ORIGIN, THROUGHLINE_DESK_ORIGIN, THROUGHLINE_ORGANISATION
# (any name, for ever the same), THROUGHLINE_CONVERSATION_SHARDS (1 if it is not set, which is fastest on one machine),
# THROUGHLINE_CLIENT_ADDRESS_HEADER (the header in which a proxy in front says the visitor's address, if there is one),
# THROUGHLINE_SILENCE_SECONDS (how long a socket may be silent before whoever sits there counts as gone: 150, and 90 at the
# desk, if it is not set; heartbeats come every 20, and from pages that nobody sees every 60), and THROUGHLINE_OPEN_FILES (what `ulimit -n` says: the gateway turns sockets away with 503 and a time to try again before
# workerd runs out of file descriptors, which it may not survive. A socket takes two. Raise the limit before you start it).

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "gateway", worker = .gateway),
    (name = "data", disk = (writable = true)),
    (name = "assets", disk = (writable = false)),
    # What the gateway itself asks: the scanner of files, if the settings name one. It may be a neighbour in the same network.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "gateway")],
);

const gateway :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "build/index.js"),
    (name = "./index_bg.wasm", wasm = embed "build/index_bg.wasm"),
  ],
  compatibilityDate = "2026-10-01",
  # Compression costs 200 KB per idle socket and two thirds of the speed, for messages of a hundred bytes.
  compatibilityFlags = ["no_web_socket_compression"],
  # The key of a namespace is the name of its folder: data is found by it, so it never changes.
  durableObjectNamespaces = [
    (className = "Settings", uniqueKey = "settings", enableSql = true),
    (className = "Router", uniqueKey = "router", enableSql = true),
    (className = "Conversations", uniqueKey = "conversations", enableSql = true),
    (className = "Records", uniqueKey = "records", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "data"),
  bindings = [
    (name = "SETTINGS", durableObjectNamespace = "Settings"),
    (name = "ROUTER", durableObjectNamespace = "Router"),
    (name = "CONVERSATIONS", durableObjectNamespace = "Conversations"),
    (name = "RECORDS", durableObjectNamespace = "Records"),
    (name = "ASSETS", service = "assets"),
    (name = "CHAT_ORIGIN", fromEnvironment = "THROUGHLINE_CHAT_ORIGIN"),
    (name = "DESK_ORIGIN", fromEnvironment = "THROUGHLINE_DESK_ORIGIN"),
    (name = "ORGANISATION", fromEnvironment = "THROUGHLINE_ORGANISATION"),
    (name = "CLIENT_ADDRESS_HEADER", fromEnvironment = "THROUGHLINE_CLIENT_ADDRESS_HEADER"),
    (name = "CONVERSATION_SHARDS", fromEnvironment = "THROUGHLINE_CONVERSATION_SHARDS"),
    (name = "OPEN_FILES", fromEnvironment = "THROUGHLINE_OPEN_FILES"),
    (name = "SILENCE_SECONDS", fromEnvironment = "THROUGHLINE_SILENCE_SECONDS"),
  ],
);
