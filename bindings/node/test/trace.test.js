"use strict";

// What a client tells of its requests, compared with what the service has seen.

const assert = require("node:assert/strict");
const { AsyncLocalStorage } = require("node:async_hooks");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const test = require("node:test");
const { Worker } = require("node:worker_threads");
const { CANCEL } = require("../index.js");
const { BUCKET, MIB, OPTIONS, XML, client, failure, node, setUp, silence } = require("./support.js");

/** The requests that the service has answered about paths with this text. */
async function seen(text) {
  const { requests } = await (await fetch(new URL("/_emulator/requests", OPTIONS.endpoint))).json();
  return requests.filter((it) => it.path.includes(text));
}

const sorted = (requests) => requests.map(({ method, status }) => `${method} ${status}`).sort();

/** The events of a client, as they come. */
function toldBy(client) {
  const events = [];
  client.onTrace((event) => void events.push(event));
  return events;
}

/** A service that is overloaded, and counts the requests. */
async function overloaded(test) {
  const server = http.createServer((request, answer) => {
    service.requests += 1;
    request.resume().on("end", () => answer.writeHead(503).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  const service = { requests: 0, endpoint: `http://127.0.0.1:${server.address().port}` };
  return service;
}

test("every request is told once, before the call is over", async (t) => {
  const it = setUp(t, { parallel: 3 });
  const { remote } = it;
  const events = toldBy(it.client);
  const file = it.file("f", 5 * MIB);
  let before = 0;
  const more = () => {
    assert.ok(events.length > before, "nothing was told");
    before = events.length;
  };
  await it.client.uploadSlice(file, BUCKET, `${remote}/f`, { slice_size: MIB });
  more();
  await it.client.uploadStream([Buffer.from("some"), Buffer.from("text")], BUCKET, `${remote}/s`);
  more();
  for await (const chunk of it.client.createReadStream(BUCKET, `${remote}/s`)) assert.equal(String(chunk), "sometext");
  more();
  await failure("SERVICE", () => it.client.statFile(BUCKET, `${remote}/none`));
  more();
  it.client.downloadSync(BUCKET, `${remote}/f`, path.join(it.folder, "g"));
  more();
  await failure("SERVICE", async () => it.client.statFileSync(BUCKET, `${remote}/none`));
  more();
  assert.deepEqual(sorted(events.filter((event) => event.path.includes(remote))), sorted(await seen(remote)));
  for (const event of events) {
    assert.deepEqual([event.attempt, event.host], [1, new URL(OPTIONS.endpoint).host], JSON.stringify(event));
    assert.equal(event.code === 0, event.error === undefined);
    assert.ok(event.whole_ms >= event.head_ms && Math.abs(event.time_ms - Date.now()) < 600_000);
    assert.equal(typeof event.request_id, XML ? "string" : "undefined");
  }
  const sent = events.reduce((sum, event) => sum + event.sent, 0);
  assert.ok(sent > 5 * MIB && events.some(({ received }) => received >= MIB));
  it.client.onTrace(null);
  await it.client.headBucket(BUCKET);
  it.client.headBucketSync(BUCKET);
  assert.equal(events.length, before);
});

test("more events than may wait at once are all told", async (t) => {
  const it = setUp(t, { parallel: 8 });
  const [tree, count] = [path.join(it.folder, "tree"), 1200];
  fs.mkdirSync(tree);
  for (let number = 0; number < count; number++) fs.writeFileSync(path.join(tree, String(number)), "");
  const events = toldBy(it.client);
  assert.equal((await it.client.uploadTree(tree, BUCKET, it.remote)).uploaded, count);
  const about = events.filter((event) => event.path.includes(it.remote));
  assert.ok(events.length > count);
  assert.deepEqual(sorted(about), sorted(await seen(it.remote)));
});

test("attempts are told with their failures, in their order", async (t) => {
  const { endpoint } = await overloaded(t);
  const { client } = setUp(t, { endpoint, retries: 2 });
  const inBackground = toldBy(client);
  await failure("QCOS_ERR_NETWORK", () => client.statFile(BUCKET, "x"));
  for (const events of [inBackground, await toldInWorker(t, { endpoint, retries: 2 })]) {
    assert.deepEqual(events.map(({ attempt, status }) => [attempt, status]), [[1, 503], [2, 503], [3, 503]]);
    assert.ok(events.every(({ code, error }) => code < 0 && error.length > 0));
    assert.deepEqual(events.map(({ retry_in_ms }) => retry_in_ms > 0), [true, true, false]);
  }
});

/** The events of a call that blocks, which this thread must not: it has the service. */
async function toldInWorker(test, options) {
  const program = `
    const { client } = require(${JSON.stringify(path.join(__dirname, "support.js"))});
    const own = client(${JSON.stringify(options)});
    const events = [];
    own.onTrace((event) => events.push(event));
    try {
      own.statFileSync("${BUCKET}", "x");
    } catch {
      require("node:worker_threads").parentPort.postMessage(events);
    }`;
  const worker = new Worker(program, { eval: true });
  test.after(() => worker.terminate());
  return (await once(worker, "message"))[0];
}

test("a derived client has a callback of its own or the other's", async (t) => {
  const it = setUp(t);
  const [first, all] = [it.client.derive(), toldBy(it.client)];
  const second = first.derive();
  for (const derived of [first, second]) t.after(() => derived.close());
  await second.headBucket(BUCKET);
  assert.equal(all.length, 1);
  const own = toldBy(first);
  await second.headBucket(BUCKET);
  second.headBucketSync(BUCKET);
  await it.client.headBucket(BUCKET);
  assert.deepEqual([all.length, own.length], [2, 2]);
  first.onTrace(null);
  second.headBucketSync(BUCKET);
  assert.deepEqual([all.length, own.length], [3, 2]);
  // A call keeps the callback that it was made with.
  const kept = it.client.headBucket(BUCKET);
  it.client.onTrace(() => assert.fail("was called"));
  await kept;
  assert.equal(all.length, 4);
  for (const wrong of ["text", undefined, {}]) assert.throws(() => it.client.onTrace(wrong), TypeError);
  const closed = client();
  closed.close();
  await failure("QCOS_ERR_HANDLE", () => closed.onTrace(() => {}));
});

test("calls that the callback makes are not told", async (t) => {
  const it = setUp(t);
  const derived = it.client.derive();
  t.after(() => derived.close());
  const made = [];
  let told = 0;
  it.client.onTrace(() => {
    told += 1;
    it.client.headBucketSync(BUCKET);
    const later = async () => {
      await it.client.headBucket(BUCKET);
      await derived.headBucket(BUCKET);
    };
    made.push(later());
  });
  await it.client.headBucket(BUCKET);
  it.client.headBucketSync(BUCKET);
  await Promise.all(made);
  assert.deepEqual([told, made.length], [2, 2]);
  // It runs where the call was made.
  const storage = new AsyncLocalStorage();
  const stored = [];
  it.client.onTrace(() => void stored.push(storage.getStore()));
  await storage.run("mine", () => it.client.headBucket(BUCKET));
  storage.run("mine too", () => it.client.headBucketSync(BUCKET));
  assert.deepEqual(stored, ["mine", "mine too"]);
});

test("it can cancel, and what it throws is what the call fails with", async (t) => {
  const service = await overloaded(t);
  const it = setUp(t);
  const busy = setUp(t, { endpoint: service.endpoint, retries: 5 }).client;
  busy.onTrace(() => CANCEL);
  await failure("QCOS_ERR_CANCELLED", () => busy.statFile(BUCKET, "x"));
  assert.ok(service.requests < 6);
  const mine = new Error("of mine");
  const fails = (said) => {
    throw said;
  };
  let told = 0;
  busy.onTrace(() => (told += 1) && fails(mine));
  await assert.rejects(busy.statFile(BUCKET, "x"), (error) => error === mine);
  assert.deepEqual([mine.cause.name, told], ["QCOS_ERR_CANCELLED", 1]);
  // What is over is over, but what was thrown is not lost.
  it.client.onTrace(() => CANCEL);
  await it.client.headBucket(BUCKET);
  it.client.headBucketSync(BUCKET);
  it.client.onTrace(() => fails(mine));
  await assert.rejects(it.client.headBucket(BUCKET), (error) => error === mine);
  assert.throws(() => it.client.headBucketSync(BUCKET), (error) => error === mine);
});

test("a call that its signal ends tells of its attempt first", async (t) => {
  const { endpoint, crowd } = await silence(t);
  const { client } = setUp(t, { endpoint });
  const events = toldBy(client);
  const control = new AbortController();
  const waiting = client.statFile(BUCKET, "x", { signal: control.signal });
  await crowd(1);
  control.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual(events.map(({ status, attempt }) => [status, attempt]), [[0, 1]]);
  assert.ok(events[0].error);
});

test("a promise that the callback returns is the program's", async (t) => {
  const { client } = setUp(t);
  client.onTrace(() => new Promise(() => {}));
  await client.headBucket(BUCKET);
  client.onTrace(async () => CANCEL);
  client.headBucketSync(BUCKET);
  const program = (callback) => `
    const { client } = require("./test/support.js");
    const own = client();
    own.onTrace(${callback});
    own.headBucket("${BUCKET}").then(() => setTimeout(console.log, 0, "good"));`;
  const rejected = node(program("async () => { throw new Error('of mine'); }"));
  assert.deepEqual([rejected.status, rejected.stdout], [1, ""]);
  assert.match(rejected.stderr, /Error: of mine/);
  const ended = node(program("() => process.exit(4)"));
  assert.deepEqual([ended.status, ended.stdout, ended.stderr], [4, "", ""]);
});
