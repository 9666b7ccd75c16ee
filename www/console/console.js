// The entry of the console: starts the wasm whose address the build wrote into the preload link of the page.
import start from "glue";

start({ module_or_path: document.getElementById("wasm").href });
