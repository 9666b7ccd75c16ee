# The routing core under load. `cargo xtask bench routing` puts this beside the module that it has built.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "routing", worker = .routing)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "routing")],
);

const routing :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "routing-bench.js", esModule = embed "routing_bench.js"),
    (name = "routing-bench.wasm", wasm = embed "routing_bench_bg.wasm"),
  ],
  compatibilityDate = "2026-10-01",
);
