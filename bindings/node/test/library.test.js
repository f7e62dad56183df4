"use strict";

// Finding the library, refusing a wrong one, calling it as its header says, and the process's end.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const v8 = require("node:v8");
const vm = require("node:vm");
const worker = require("node:worker_threads");
const { Client, libraryVersion } = require("../index.js");
const { DECLARATIONS, VERSION, parse } = require("../lib/abi.js");
const { BUCKET, MIB, PACKAGE, REPOSITORY, compiled, node, setUp } = require("./support.js");

/** For tests that make libraries with the system's C compiler. */
const POSIX = { skip: process.platform === "win32" };

const ours = VERSION.join(".");
const fake = (number) => `unsigned qcos_version_number(void) { return ${number}; }`;

function complaint(library) {
  const { status, stderr } = node('require("./index.js")', { QCOS_LIBRARY: library });
  assert.equal(status, 1, stderr);
  return stderr;
}

test("versions that do not fit are refused, and both are named", POSIX, (t) => {
  const { folder } = setUp(t);
  for (const [number, said] of [[2 << 8, "0.2.0"], [(1 << 16) | 256, "1.1.0"]]) {
    const text = complaint(compiled(folder, fake(number)));
    assert.ok(text.includes(`libqcos ${said} `) && text.includes(`qcos ${ours} for Node`), text);
  }
});

test("a library that lacks a function is refused", POSIX, (t) => {
  const { folder } = setUp(t);
  const text = complaint(compiled(folder, fake(1 << 8)));
  assert.match(text, /libqcos 0\.1\.0 .* is too old for qcos .*: it has no qcos_/);
});

test("another library and none are refused", POSIX, (t) => {
  const { folder } = setUp(t);
  assert.match(complaint(compiled(folder, "int x;")), /is not libqcos/);
  assert.match(complaint(path.join(folder, "none.so")), /Set QCOS_LIBRARY/);
});

test("a library for another processor is said to exist", POSIX, (t) => {
  const library = compiled(setUp(t).folder, fake(1 << 8));
  const content = fs.readFileSync(library);
  content.writeUInt16LE(0x16, 18); // e_machine: s390
  fs.writeFileSync(library, content);
  const said = `${library} exists: is it for another platform than linux on ${process.arch}?`;
  assert.ok(complaint(library).includes(said));
});

test("the header says the same", () => {
  const header = fs.readFileSync(path.join(REPOSITORY, "include", "qcos.h"), "utf8");
  const code = header.replace(/\/\*[^]*?\*\/|\/\/.*|#.*|\bQCOS_API\s/g, "");
  const declared = code.match(/^[\w ]+[ *]qcos_\w+\([^)]*\);/gm).map((text) => text.replace(/\s+/g, " "));
  const byName = (functions) => functions.sort((one, other) => (one.name < other.name ? -1 : 1));
  assert.deepEqual(byName(parse(DECLARATIONS)), byName(parse(declared.join("\n"))));
  assert.deepEqual(libraryVersion().split(".").slice(0, 2), VERSION.slice(0, 2).map(String));
});

test("replies are freed", () => {
  // A reply of 3 KiB each time.
  const fileid = `/1/bucket/${"x".repeat(2000)}`;
  const client = new Client("1", "id", "key");
  const calls = (count) => {
    for (let i = 0; i < count; i++) client.signOnceSync("bucket", fileid);
  };
  // V8 grows by itself; what it holds is not meant.
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc");
  const resident = () => collect() ?? process.memoryUsage.rss();
  calls(20_000);
  const before = resident();
  calls(20_000);
  const grown = resident() - before;
  assert.ok(grown < 24 * MIB, `${grown} bytes`);
  client.close();
});

test("types", () => {
  const tsc = path.join(PACKAGE, "node_modules", "typescript", "bin", "tsc");
  const options = "--noEmit --strict --target es2022 --lib esnext --module node16 --types node";
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options.split(" "), "test/consumer.ts"], {
    cwd: PACKAGE,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});

/** A program that uploads to a service that never answers, and does `then` when it is asked. */
const uploading = (file, then) => `
  const { Client } = require("./index.js");
  const service = require("node:net").createServer(() => { ${then} }).listen(0, "127.0.0.1", () => {
    const options = { endpoint: "http://127.0.0.1:" + service.address().port };
    new Client("1", "id", "key", options).upload(${JSON.stringify(file)}, "b", "x", { progress() {} });
  });`;

/** A program that exits while C waits for its callback, which is called in `call`. */
const asked = (call) => `
  const { Client } = require("./index.js");
  const { QCOS_APPID, QCOS_OPTIONS } = process.env;
  const client = new Client(QCOS_APPID, "unknown", "key", JSON.parse(QCOS_OPTIONS));
  const asked = () => {
    setImmediate(() => process.exit(4));
    return new Promise(() => {});
  };
  ${call};`;

test("a process can end while calls go on", (t) => {
  for (const call of [
    'client.uploadStream(asked, "bucket", "x")',
    'client.onExpiry(asked); client.headBucket("bucket")',
    'client.uploadStream(new (require("node:stream").Readable)({ read: asked }), "bucket", "x")',
  ]) {
    const { status, stderr } = node(asked(call));
    assert.deepEqual([status, stderr], [4, ""], call);
  }
  const file = setUp(t).file("file", 12 * MIB);
  assert.equal(node(uploading(file, "process.exit(3)")).status, 3);
  const crashed = node(uploading(file, 'throw new Error("of the program")'));
  assert.equal(crashed.status, 1);
  assert.match(crashed.stderr, /Error: of the program/);
});

test("a copy of a client is no client", () => {
  const client = new Client("1", "id", "key");
  const { port1, port2 } = new worker.MessageChannel();
  const clone = (copy) => {
    if (worker.markAsUncloneable) return assert.throws(() => copy(client), { name: "DataCloneError" });
    return assert.deepEqual(Reflect.ownKeys(copy(client)), []);
  };
  clone(structuredClone);
  clone((it) => {
    port1.postMessage(it);
    return worker.receiveMessageOnPort(port2).message;
  });
  port1.close();
  assert.equal(JSON.stringify({ client }), '{"client":{}}');
  assert.deepEqual({ ...client }, {});
  const call = (it) => Client.prototype.signOnceSync.call(it, "bucket", "/1/bucket/x");
  for (const copy of [{ ...client }, Object.assign({}, client), Object.create(client), new Proxy(client, {})]) {
    assert.throws(() => call(copy), TypeError);
  }
  call(client);
  client.close();
});
