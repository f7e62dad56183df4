"use strict";

// Signals that end calls, calls side by side, and lists that are gone through.

const assert = require("node:assert/strict");
const path = require("node:path");
const test = require("node:test");
const { setImmediate: turn } = require("node:timers/promises");
const { Worker } = require("node:worker_threads");
const { CANCEL } = require("../index.js");
const { BUCKET, PACKAGE, XML, failure, node, promptly, setUp, silence } = require("./support.js");

/** Every call that waits for the service, with its parameters. */
function all({ file, folder }) {
  const [local, body] = [file("local", 5), Buffer.from("x")];
  const both = {
    createFolder: ["x"],
    updateFolder: ["x", "b"],
    statFolder: ["x"],
    deleteFolder: ["x"],
    list: ["x"],
    prefixSearch: ["x", "p"],
    listAll: ["x"],
    prefixSearchAll: ["x", "p"],
    upload: [local],
    uploadBuffer: [body],
    uploadSlice: [local],
    uploadWith: [local],
    uploadBufferWith: [body],
    uploadStream: [() => 0],
    uploadTree: [folder],
    download: ["x", path.join(folder, "1")],
    downloadWith: ["x", path.join(folder, "2")],
    downloadBuffer: ["x", 0],
    downloadStream: ["x", () => {}],
    downloadTree: ["x", path.join(folder, "3")],
    updateFile: ["x", "b"],
    updateWith: ["x"],
    statFile: ["x"],
    statWith: ["x"],
    deleteWith: ["x"],
    deleteFile: ["x"],
    moveFile: ["x", "y"],
    deleteFiles: [["x"]],
    deleteTree: ["x"],
    setAcl: ["x", "private"],
    getAcl: ["x"],
    headBucket: [],
    diagnose: [],
  };
  const xml = {
    copyFile: ["x", "y"],
    copyWith: ["x", BUCKET, "y"],
    copyTree: ["x", BUCKET, "y"],
    createBucket: [],
    deleteBucket: [],
    listBuckets: [],
    listUploads: ["x"],
    setVersioning: ["Enabled"],
    getVersioning: [],
    listVersions: ["x"],
    abortUpload: ["x", "session"],
    request: ["x"],
    setTags: ["x", { k: "v" }],
    getTags: ["x"],
    restoreFile: ["x", 1],
    append: [body],
  };
  return Object.entries(XML ? { ...both, ...xml } : both).map(([method, given]) => {
    if (method === "listBuckets") return [method, []];
    if (method === "append") return [method, [given[0], BUCKET, "x", 0]];
    if (method.startsWith("upload")) return [method, [given[0], BUCKET, "x"]];
    return [method, [BUCKET, ...given]];
  });
}

test("a signal ends every call, with its reason", async (t) => {
  const { endpoint, crowd } = await silence(t);
  const it = setUp(t, { endpoint });
  const calls = all(it);
  const options = { downloadBuffer: { size: 5 }, request: { method: "GET" }, updateWith: { biz_attr: "c" } };
  const control = new AbortController();
  const reason = new Error("enough");
  const ended = calls.map(([method, given]) => {
    const call = it.client[method](...given, { ...options[method], signal: control.signal });
    return assert.rejects(call, (error) => error === reason, method);
  });
  await crowd(calls.length);
  control.abort(reason);
  await promptly(() => Promise.all(ended));
  // What is aborted already does not begin; without a reason of its own the error is an AbortError.
  for (const [method, given] of calls) {
    const signal = AbortSignal.abort();
    const call = it.client[method](...given, { ...options[method], signal });
    await assert.rejects(call, { name: "AbortError" }, method);
  }
  assert.throws(() => it.client.statFileSync(BUCKET, "x", { signal: AbortSignal.abort() }), { name: "AbortError" });
  // Time limits are signals, too.
  const late = it.client.statFile(BUCKET, "x", { signal: AbortSignal.timeout(50) });
  await promptly(() => assert.rejects(late, { name: "TimeoutError" }));
});

test("a signal ends one call alone, and one that waits for its turn", async (t) => {
  const { endpoint, crowd } = await silence(t);
  const it = setUp(t, { endpoint });
  const [one, others] = [new AbortController(), new AbortController()];
  const stat = ({ signal }) => it.client.statFile(BUCKET, "x", { signal });
  const ended = Array.from({ length: 64 }, () => assert.rejects(stat(others), { name: "AbortError" }));
  await crowd(64);
  const queued = stat(one);
  await turn();
  one.abort();
  await promptly(() => assert.rejects(queued, { name: "AbortError" }));
  others.abort();
  await promptly(() => Promise.all(ended));
});

test("fifty calls run at once, whatever libuv has", () => {
  const { status, stdout, stderr } = node(
    `
    const { once } = require("node:events");
    const { Client } = require("./index.js");
    const server = require("node:net").createServer((socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1", async () => {
      const client = new Client("1", "id", "key", { endpoint: "http://127.0.0.1:" + server.address().port });
      const control = new AbortController();
      const { signal } = control;
      const calls = Array.from({ length: 50 }, () => client.statFile("bucket", "x", { signal }));
      const settled = Promise.allSettled(calls);
      for (let connected = 0; connected < 50; connected++) await once(server, "connection");
      control.abort();
      console.log((await settled).filter(({ reason }) => reason.name === "AbortError").length);
      server.close();
    });`,
    { UV_THREADPOOL_SIZE: "1", NODE_OPTIONS: "--throw-deprecation" },
  );
  assert.deepEqual([status, stdout, stderr], [0, "50\n", ""]);
});

test("a thread of the program has its own, and can end in the midst of a call", async (t) => {
  const { endpoint, crowd } = await silence(t);
  const program = `
    const { Client } = require(${JSON.stringify(PACKAGE)});
    const client = new Client("1", "id", "key", ${JSON.stringify({ endpoint })});
    void client.statFile("bucket", "x");
    void client.uploadStream(() => new Promise(() => {}), "bucket", "x");
    require("node:worker_threads").parentPort.once("message", () => process.exit(5));`;
  const worker = new Worker(program, { eval: true });
  await crowd(1);
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  worker.postMessage("end");
  assert.equal(await promptly(() => ended), 5);
});

test("lists are gone through page by page", async (t) => {
  const it = setUp(t);
  const { client, remote } = it;
  const names = Array.from({ length: 7 }, (_, number) => `n${number}`);
  for (const name of names) await client.uploadBuffer(Buffer.from("x"), BUCKET, `${remote}/d/${name}`);
  await client.uploadBuffer(Buffer.from("x"), BUCKET, `${remote}/other`);
  const through = async (list, most = Infinity) => {
    const seen = [];
    for await (const { name } of list) {
      seen.push(name);
      if (seen.length === most) break;
    }
    return seen;
  };
  const folder = `${remote}/d`;
  for (const num of [undefined, 1, 3, 7]) {
    assert.deepEqual(await through(client.list(BUCKET, folder, { num })), names);
  }
  assert.deepEqual(await through(client.list(BUCKET, folder, { num: 2, order: 1 })), [...names].reverse());
  assert.deepEqual(await through(client.prefixSearch(BUCKET, folder, "n", { num: 2 })), names);
  assert.deepEqual(await through(client.prefixSearch(BUCKET, folder, "none")), []);
  assert.deepEqual(await through(client.listAll(BUCKET, folder)), names);
  assert.deepEqual(await through(client.prefixSearchAll(BUCKET, folder, "n")), names);
  const prefixed = names.map((name) => `d/${name}`);
  assert.deepEqual(await through(client.prefixSearchAll(BUCKET, remote, "d/n")), prefixed);
  assert.deepEqual(await through(client.prefixSearchAll(BUCKET, remote, "d/", { recursive: true })), prefixed);
  const below = await through(client.listAll(BUCKET, remote, { recursive: true }));
  assert.ok(names.every((name) => below.includes(`d/${name}`)) && below.includes("other"), below);
  // A page can be awaited as well, and has then the size that the service's default is.
  const page = client.list(BUCKET, folder, { num: 2 });
  assert.deepEqual((await page).infos.map(({ name }) => name), names.slice(0, 2));
  assert.deepEqual(await through(page), names);
  // No page is asked for that is not needed.
  const control = new AbortController();
  const { signal } = control;
  assert.deepEqual(await through(client.list(BUCKET, folder, { num: 2, signal }), 2), names.slice(0, 2));
  assert.deepEqual(await through(client.listAll(BUCKET, folder, { signal }), 2), names.slice(0, 2));
  assert.deepEqual(await through(client.prefixSearchAll(BUCKET, folder, "n", { signal }), 2), names.slice(0, 2));
  const entries = client.list(BUCKET, folder, { num: 2, signal })[Symbol.asyncIterator]();
  await entries.next();
  await entries.next();
  control.abort();
  await assert.rejects(entries.next(), { name: "AbortError" });
  await assert.rejects(through(client.listAll(BUCKET, folder, { signal })), { name: "AbortError" });
  await assert.rejects(through(client.prefixSearchAll(BUCKET, folder, "n", { signal })), { name: "AbortError" });
  await assert.rejects(through(client.list(BUCKET, folder, { nmu: 5 })), { message: 'list has no option "nmu"' });
  const twice = (method) => ({ name: "TypeError", message: new RegExp(`^${method}: page cannot be given`) });
  await assert.rejects(through(client.listAll(BUCKET, folder, { page() {} })), twice("listAll"));
  await assert.rejects(through(client.prefixSearchAll(BUCKET, folder, "n", { page() {} })), twice("prefixSearchAll"));
  await failure("QCOS_ERR_PARAMS", () => through(client.list(BUCKET, folder, { num: 2000 })));
  if (!XML) return failure("QCOS_ERR_PARAMS", () => through(client.listUploads(BUCKET, remote)));
  for (const name of ["u1", "u2"]) {
    let pieces = 20;
    const read = (buffer) => (pieces-- > 0 ? buffer.length : CANCEL);
    const stopped = client.uploadStream(read, BUCKET, `${remote}/${name}`, { on_failure: "keep" });
    await failure("QCOS_ERR_CANCELLED", () => stopped);
  }
  for await (const { path: at, session } of client.listUploads(BUCKET, remote)) {
    await client.abortUpload(BUCKET, at, session);
    names.push(at);
  }
  assert.deepEqual(names.slice(7), [`${remote}/u1`, `${remote}/u2`]);
});
