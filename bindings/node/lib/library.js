"use strict";

// Finds the shared library, and refuses one that this package was not written for.

const fs = require("node:fs");
const path = require("node:path");
const koffi = require("koffi");
const { DECLARATIONS, VERSION, parse } = require("./abi.js");

/** What the library is called beside this package, and by the system. */
const [BESIDE, SONAME] = {
  darwin: ["libqcos.dylib", "libqcos.0.dylib"],
  win32: ["qcos.dll", "qcos.dll"],
}[process.platform] ?? ["libqcos.so", "libqcos.so.0"];

/** That of a package for this platform; of those with another C library, npm has installed none. */
function packaged() {
  const platform = `@qcos/${process.platform}-${process.arch}`;
  for (const name of [`${platform}-gnu`, `${platform}-musl`, platform]) {
    try {
      return require.resolve(`${name}/${BESIDE}`);
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

function load() {
  const beside = path.join(__dirname, "..", BESIDE);
  const file = process.env.QCOS_LIBRARY || (fs.existsSync(beside) ? beside : (packaged() ?? SONAME));
  try {
    return { file, library: koffi.load(file) };
  } catch (error) {
    // The system may call a library for another processor one that does not exist.
    const advice = fs.existsSync(file)
      ? `${file} exists: is it for another platform than ${process.platform} on ${process.arch}?`
      : `Set QCOS_LIBRARY to its path, or put it at ${beside}`;
    throw new Error(`libqcos cannot be loaded: ${error.message}. ${advice}`, { cause: error });
  }
}

/** What two versions that fit each other have in common: the major one, before 1.0 the minor. */
const compatible = ([major, minor]) => (major > 0 ? `${major}` : `${major}.${minor}`);

function check({ file, library }) {
  const wanted = `qcos ${VERSION.join(".")} for Node`;
  let number;
  try {
    number = library.func("uint32_t qcos_version_number(void)")();
  } catch (error) {
    throw new Error(`${file} is not libqcos; ${wanted} needs it`, { cause: error });
  }
  const loaded = [number >>> 16, (number >>> 8) & 255, number & 255];
  const said = `libqcos ${loaded.join(".")} (${file})`;
  if (compatible(loaded) !== compatible(VERSION)) {
    throw new Error(`${said} is another version than ${wanted} is made for`);
  }
  return { file, library, tooOld: (name) => `${said} is too old for ${wanted}: it has no ${name}` };
}

const credentials = koffi.pointer(
  koffi.proto("int32_t qcos_credentials_fn(uint64_t client, void *user_data)"),
);

/** The address by which C calls a function on this thread; for as long as the thread lives. */
const credentialsCallback = (callback) => koffi.register(callback, credentials);

const trace = koffi.pointer(koffi.proto("int32_t qcos_trace_fn(const char *event, void *user_data)"));

/** The address by which C calls a function on this thread, until its release. */
function traceCallback(callback) {
  const address = koffi.register(callback, trace);
  return { address, release: () => koffi.unregister(address) };
}

/** By name: `c`, what koffi makes of it, and the parameters. */
function declare({ library, tooOld }) {
  const found = (name, result, parameters) => {
    try {
      return library.func(name, result, parameters);
    } catch (error) {
      throw new Error(tooOld(name), { cause: error });
    }
  };
  const free = found("qcos_string_free", "void", ["void *"]);
  const progress = koffi.proto("int32_t qcos_progress_fn(uint64_t done, uint64_t total, void *user_data)");
  const page = koffi.proto("int32_t qcos_page_fn(const char *page, void *user_data)");
  const read = koffi.proto("int64_t qcos_read_fn(void *buffer, size_t size, void *user_data)");
  const write = koffi.proto("int32_t qcos_write_fn(const void *data, size_t len, void *user_data)");
  const item = koffi.proto("int32_t qcos_item_fn(const char *item, void *user_data)");
  const special = {
    // Becomes a JS string, and is freed.
    "char *": koffi.disposable("str", free),
    qcos_client: "uint64_t",
    "qcos_client *": koffi.out(koffi.pointer("uint64_t")),
    qcos_progress_fn: koffi.pointer(progress),
    qcos_page_fn: koffi.pointer(page),
    qcos_read_fn: koffi.pointer(read),
    qcos_write_fn: koffi.pointer(write),
    qcos_item_fn: koffi.pointer(item),
    qcos_credentials_fn: credentials,
    qcos_trace_fn: trace,
  };
  const declared = parse(DECLARATIONS).map(({ name, result, parameters }) => {
    if (name === "qcos_string_free") return [name, { c: free, parameters }];
    const types = parameters.map(({ type }) => special[type] ?? type);
    return [name, { c: found(name, special[result] ?? result, types), parameters }];
  });
  return Object.fromEntries(declared);
}

const loaded = check(load());
const functions = declare(loaded);

/** What the library needs is found by it, but for Windows, where a library has its own functions alone. */
const libc = process.platform === "win32" ? koffi.load("msvcrt.dll") : loaded.library;

/** Ends the process without waiting for its threads. */
const endProcess = libc.func("_exit", "void", ["int"]);

/** Between a Uint8Array and an address. */
const copyMemory = libc.func("memcpy", "void *", ["void *", "void *", "size_t"]);

/** Where the memory of a Uint8Array is, for another thread. */
const addressOf = (data) => koffi.address(data);

module.exports = {
  addressOf,
  copyMemory,
  credentialsCallback,
  endProcess,
  file: loaded.file,
  functions,
  traceCallback,
};
