# The floor of the gateway's benchmark, with the gateway's runtime settings.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "raw", worker = .raw), (name = "data", disk = (writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "raw")],
);

const raw :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [(className = "Raw", uniqueKey = "raw", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [
    (name = "RAW", durableObjectNamespace = "Raw"),
    (name = "INSERTS", fromEnvironment = "RAW_INSERTS"),
  ],
);
