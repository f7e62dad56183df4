"use strict";

// What the tests share: the account and the service of the environment, files, other processes.

const assert = require("node:assert/strict");
const { execFileSync, spawnSync } = require("node:child_process");
const crypto = require("node:crypto");
const { once } = require("node:events");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { Client, QcosError } = require("../index.js");

const BUCKET = "nodetests";

const { QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, QCOS_OPTIONS, QCOS_REPOSITORY } = process.env;
const OPTIONS = JSON.parse(QCOS_OPTIONS || "{}");
const PACKAGE = path.join(__dirname, "..");
const REPOSITORY = QCOS_REPOSITORY ?? path.join(PACKAGE, "..", "..");

function client(options) {
  return new Client(QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, { ...OPTIONS, ...options });
}

/** A folder on either side and a client, all of the test's own. */
function setUp(test, options) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "qcos-"));
  const own = client(options);
  test.after(() => {
    own.close();
    fs.rmSync(folder, { recursive: true });
  });
  // New content each time: what the service has already, the JSON API does not want again.
  const file = (name, size) => {
    fs.writeFileSync(path.join(folder, name), crypto.randomBytes(size));
    return path.join(folder, name);
  };
  return { client: own, folder, remote: crypto.randomUUID(), file };
}

/** The error of this name that a call fails with. */
async function failure(name, call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof QcosError, error);
    assert.equal(error.name, name, error.message);
    return error;
  }
  return assert.fail(`${name} was expected`);
}

/** There is no such file. */
async function absent({ client, remote }) {
  const gone = await failure("SERVICE", () => client.statFile(BUCKET, remote));
  assert.ok([-166, -197].includes(gone.code));
}

/** What the emulator does to requests of this test: emulator/README.md. */
async function faults(test) {
  const at = (name) => new URL(`/_emulator/${name}`, OPTIONS.endpoint);
  const set = async (rules) => {
    const { status } = await fetch(at("faults"), { method: "POST", body: JSON.stringify(rules) });
    assert.equal(status, 200);
  };
  /** Requests about a path that are not answered yet, once there are so many. */
  const seen = async (count, path) => {
    for (;;) {
      const { requests } = await (await fetch(at("requests"))).json();
      const open = requests.filter((it) => it.path.startsWith(path) && it.status === null);
      if (open.length >= count) return open;
      await pause(20);
    }
  };
  test.after(() => set([]));
  return { set, seen };
}

/** A service that takes connections and never answers; `crowd(n)` waits until there are so many, and
 * `alone()` until there are none. */
async function silence(test) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket.resume());
    socket.on("error", () => {}).on("close", () => {
      sockets.delete(socket);
      server.emit("crowd");
    });
    server.emit("crowd");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const crowd = async (count) => {
    while (sockets.size < count) await once(server, "crowd");
  };
  const alone = async () => {
    while (sockets.size > 0) await once(server, "crowd");
  };
  return { endpoint: `http://127.0.0.1:${server.address().port}`, crowd, alone };
}

/** Within the half second that a cancelled call may take, and what a busy machine adds. */
async function promptly(act) {
  const begin = performance.now();
  const result = await act();
  const took = performance.now() - begin;
  assert.ok(took < 3000, `took ${took} ms`);
  return result;
}

/** A shared library of this C code. */
function compiled(folder, code) {
  const [source, library] = ["fake.c", "libqcos.so"].map((name) => path.join(folder, name));
  fs.writeFileSync(source, code);
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, source]);
  return library;
}

/** How a program with this package ends. One that hangs ends with a signal. */
function node(code, environment) {
  const env = { ...process.env, ...environment };
  delete env.NODE_TEST_CONTEXT;
  return spawnSync(process.execPath, ["-e", code], { cwd: PACKAGE, env, encoding: "utf8", timeout: 60_000 });
}

module.exports = {
  BUCKET,
  MIB: 1 << 20,
  OPTIONS,
  PACKAGE,
  REPOSITORY,
  XML: "region" in OPTIONS,
  absent,
  client,
  compiled,
  failure,
  faults,
  node,
  promptly,
  setUp,
  silence,
};
