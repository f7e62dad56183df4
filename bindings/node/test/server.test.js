"use strict";

// server.mjs as its users see it.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const crypto = require("node:crypto");
const { once } = require("node:events");
const http = require("node:http");
const path = require("node:path");
const { createInterface } = require("node:readline");
const test = require("node:test");
const { BUCKET, MIB, OPTIONS, PACKAGE, promptly, setUp, silence } = require("./support.js");

/** The URL of a file there, `change` being options of the client's. */
async function serving(test, remote, change) {
  const QCOS_OPTIONS = JSON.stringify({ ...OPTIONS, ...change });
  const env = { ...process.env, QCOS_OPTIONS };
  const server = spawn(process.execPath, [path.join(PACKAGE, "server.mjs"), BUCKET, "0"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  test.after(() => server.kill());
  const [address] = await once(createInterface(server.stdout), "line");
  return `${address}/${encodeURIComponent(remote)}`;
}

test("a file comes, goes, and is read in parts", async (t) => {
  const it = setUp(t);
  const url = await serving(t, `${it.remote} 名`);
  const data = crypto.randomBytes(17 * MIB + 5);
  const ask = async (method, headers = {}, body = undefined) => {
    const answer = await fetch(url, { method, headers, body, ...(body && { duplex: "half" }) });
    return { answer, status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const status = async (...given) => (await ask(...given)).status;
  assert.equal(await status("GET"), 404);
  assert.equal(await status("HEAD"), 404);
  assert.equal(await status("DELETE"), 404);
  assert.equal(await status("PUT", { "Content-Type": "video/x" }, data), 201);
  assert.equal(await status("PUT", { "If-None-Match": "*" }, crypto.randomBytes(MIB)), 412);
  // Of a length that is not told.
  const stream = new Blob([data]).stream();
  assert.equal(await status("PUT", { "Content-Type": "video/x" }, stream), 201);
  const whole = await ask("GET");
  assert.equal(whole.status, 200);
  assert.ok(whole.bytes.equals(data));
  assert.equal(whole.answer.headers.get("content-type"), "video/x");
  const etag = whole.answer.headers.get("etag");
  assert.match(etag, /^".+"$/);
  for (const [range, start, end] of [
    ["0-0", 0, 1],
    ["5-104", 5, 105],
    [`${data.length - 3}-`, data.length - 3, data.length],
    [`7-${2 * data.length}`, 7, data.length],
    ["-9", data.length - 9, data.length],
  ]) {
    const { answer, bytes } = await ask("GET", { Range: `bytes=${range}` });
    assert.equal(answer.status, 206);
    assert.equal(answer.headers.get("content-range"), `bytes ${start}-${end - 1}/${data.length}`);
    assert.ok(bytes.equals(data.subarray(start, end)), range);
  }
  assert.equal(await status("GET", { Range: `bytes=${data.length}-` }), 416);
  assert.equal(await status("GET", { "If-Match": '"other"' }), 412);
  assert.equal(await status("GET", { "If-Match": etag, Range: "bytes=0-4" }), 206);
  assert.equal(await status("GET", { "If-None-Match": etag }), 304);
  const { answer } = await ask("HEAD");
  assert.equal(answer.headers.get("content-length"), String(data.length));
  assert.equal(await status("PATCH"), 405);
  assert.equal((await fetch(`${url}%`)).status, 400);
  assert.equal((await fetch(`${url}/`, { method: "PUT", body: "x" })).status, 400);
  assert.equal(await status("DELETE"), 204);
  assert.equal(await status("GET"), 404);
});

test("a client that goes away ends its call, and leaves no file", async (t) => {
  const it = setUp(t);
  const { endpoint, crowd, alone } = await silence(t);
  const stalled = await serving(t, it.remote, { endpoint });
  for (const options of [{}, { method: "PUT", body: Buffer.alloc(1000) }]) {
    const control = new AbortController();
    const asking = assert.rejects(fetch(stalled, { ...options, signal: control.signal }), { name: "AbortError" });
    await crowd(1);
    control.abort();
    await asking;
    await promptly(alone);
  }
  const url = await serving(t, it.remote);
  const request = http.request(url, { method: "PUT", headers: { "Content-Length": 9 * MIB } });
  request.on("error", () => {});
  await new Promise((written) => request.write(Buffer.alloc(8 * MIB), written));
  request.destroy();
  // The next upload to that place would find it.
  const answer = await fetch(url, { method: "PUT", headers: { "If-None-Match": "*" }, body: "whole" });
  assert.equal(answer.status, 201);
  assert.equal(await (await fetch(url)).text(), "whole");
});
