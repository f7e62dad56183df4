"use strict";

// Credentials from elsewhere, and such as are renewed.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const http = require("node:http");
const test = require("node:test");
const { setTimeout: pause } = require("node:timers/promises");
const { CANCEL, Client } = require("../index.js");
const { BUCKET, OPTIONS, XML, client, failure, node, promptly, setUp } = require("./support.js");

const { QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY } = process.env;
const OLD = ["AKIDOLD0000000000000000000000000000", "old"];

test.before(async () => {
  const first = client();
  await first.uploadBuffer(Buffer.from("x"), BUCKET, `credentials-${Math.random()}`);
  first.close();
});

/** A client with credentials that the service does not know. */
function stale(test) {
  const client = new Client(QCOS_APPID, ...OLD, { ...OPTIONS, retries: 0 });
  test.after(() => client.close());
  return client;
}

test("credentials of the environment", () => {
  const code = `
    const { Client } = require("./index.js");
    const options = ${JSON.stringify({ ...OPTIONS, credentials: "env" })};
    const client = new Client(process.env.QCOS_APPID, null, null, options);
    client.headBucketSync("${BUCKET}");
    client.headBucket("${BUCKET}").then(() => console.log("good"));`;
  const own = { TENCENTCLOUD_SECRET_ID: QCOS_SECRET_ID, TENCENTCLOUD_SECRET_KEY: QCOS_SECRET_KEY };
  const { stdout, stderr } = node(code, own);
  assert.deepEqual([stdout, stderr], ["good\n", ""]);
  assert.match(node(code, { ...own, TENCENTCLOUD_SECRET_ID: "" }).stderr, /QCOS_ERR_PARAMS.*TENCENTCLOUD_SECRET_ID/);
});

test("credentials of an instance's role", async (t) => {
  const asked = [];
  const role = { TmpSecretId: QCOS_SECRET_ID, TmpSecretKey: QCOS_SECRET_KEY, Token: "token", Code: "Success" };
  const metadata = http.createServer(({ url }, answer) => {
    asked.push(url);
    const ExpiredTime = Math.floor(Date.now() / 1000) + 7200;
    answer.end(url.endsWith("/") ? "role" : JSON.stringify({ ...role, ExpiredTime }));
  });
  metadata.listen(0, "127.0.0.1");
  await once(metadata, "listening");
  t.after(() => metadata.close());
  const metadata_endpoint = `http://127.0.0.1:${metadata.address().port}`;
  const open = () => setUp(t, { credentials: "cvm", metadata_endpoint });
  const options = { ...OPTIONS, credentials: "cvm", metadata_endpoint };
  if (!XML) return failure("QCOS_ERR_PARAMS", () => new Client(QCOS_APPID, null, null, options));
  await failure("QCOS_ERR_PARAMS", open);
  const client = new Client(QCOS_APPID, null, null, options);
  t.after(() => client.close());
  await client.headBucket(BUCKET);
  assert.ok(asked.at(-1).endsWith("/meta-data/cam/security-credentials/role"), asked);
});

test("a callback renews credentials, and takes its time", async (t) => {
  const client = stale(t);
  let called = 0;
  client.onExpiry(async () => {
    called += 1;
    await pause(20);
    client.setCredentials(QCOS_SECRET_ID, QCOS_SECRET_KEY);
  });
  const derived = client.derive();
  const calls = Array.from({ length: 9 }, (_, i) => (i % 2 ? client : derived).headBucket(BUCKET));
  await Promise.all(calls);
  assert.equal(called, 1);
  derived.close();
  // In the midst of a transfer, too, and by a function that returns at once.
  const other = stale(t);
  other.onExpiry(() => void other.setCredentials(QCOS_SECRET_ID, QCOS_SECRET_KEY));
  const remote = `${BUCKET}-${Math.random()}`;
  await other.uploadStream([Buffer.from("hello")], BUCKET, remote);
  assert.equal(String(await other.downloadBuffer(BUCKET, remote, 0, { size: 9 })), "hello");
});

test("what the callback throws or returns ends the call that needs it", async (t) => {
  const mine = new Error("of mine");
  const failing = stale(t);
  failing.onExpiry(async () => {
    throw mine;
  });
  await assert.rejects(failing.headBucket(BUCKET), (error) => error === mine);
  assert.equal(mine.cause.name, "QCOS_ERR_CANCELLED");
  const cancelling = stale(t);
  cancelling.onExpiry(() => CANCEL);
  await failure("QCOS_ERR_CANCELLED", () => cancelling.headBucket(BUCKET));
  const empty = stale(t);
  let called = 0;
  empty.onExpiry(() => void (called += 1));
  await failure("SERVICE", () => empty.headBucket(BUCKET));
  assert.equal(called, 1);
  const removed = stale(t);
  removed.onExpiry(() => assert.fail("was called"));
  removed.onExpiry(null);
  await failure("SERVICE", () => removed.headBucket(BUCKET));
  assert.throws(() => removed.onExpiry("text"), TypeError);
  removed.close();
  await failure("QCOS_ERR_HANDLE", () => removed.onExpiry(() => {}));
});

test("a call does not wait for a callback that never ends when it is cancelled", async (t) => {
  const client = stale(t);
  let asked;
  const asking = new Promise((resolve) => (asked = resolve));
  client.onExpiry(() => {
    asked();
    return new Promise(() => {});
  });
  const control = new AbortController();
  const waiting = client.headBucket(BUCKET, { signal: control.signal });
  await asking;
  control.abort();
  await promptly(() => assert.rejects(waiting, { name: "AbortError" }));
  const other = stale(t);
  other.onExpiry(() => {
    other.cancel();
    return new Promise(() => {});
  });
  await promptly(() => failure("QCOS_ERR_CANCELLED", () => other.headBucket(BUCKET)));
});

test("a call that blocks does not wait for the callback, which it would block", async (t) => {
  const client = stale(t);
  let called = 0;
  client.onExpiry(() => void (called += 1));
  await failure("SERVICE", () => client.headBucketSync(BUCKET));
  assert.equal(called, 0);
  const other = stale(t);
  let asked;
  const asking = new Promise((resolve) => (asked = resolve));
  other.onExpiry(async () => {
    asked();
    await pause(50);
    other.setCredentials(QCOS_SECRET_ID, QCOS_SECRET_KEY);
  });
  const waiting = other.headBucket(BUCKET).then(() => "good", ({ name }) => name);
  await asking;
  await promptly(() => failure("SERVICE", () => other.headBucketSync(BUCKET)));
  assert.equal(await waiting, "SERVICE");
  await pause(100);
  await other.headBucket(BUCKET);
});
