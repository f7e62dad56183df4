"use strict";

// Objects as Readable and Writable, and what happens to the other end when one of them fails.

const assert = require("node:assert/strict");
const { AsyncLocalStorage } = require("node:async_hooks");
const crypto = require("node:crypto");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { Readable, Transform, Writable } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const test = require("node:test");
const { setTimeout: pause } = require("node:timers/promises");
const { QcosError } = require("../index.js");
const { BUCKET, MIB, XML, absent, failure, faults, promptly, setUp } = require("./support.js");

const closed = (stream) => new Promise((close) => stream.on("close", close).on("error", () => {}));
const bytes = async (stream) => Buffer.concat(await stream.toArray());

test("a pipeline there and back", async (t) => {
  const it = setUp(t);
  for (const size of [0, 1, 70_001, 17 * MIB + 5]) {
    const [from, to] = [it.file("from", size), path.join(it.folder, "to")];
    const writing = it.client.createWriteStream(BUCKET, it.remote, { overwrite: true, length: size });
    await pipeline(fs.createReadStream(from), writing);
    assert.match(writing.reply.access_url, /^http/);
    const reading = it.client.createReadStream(BUCKET, it.remote);
    await pipeline(reading, fs.createWriteStream(to));
    assert.deepEqual([reading.reply.len, reading.reply.filesize], [size, size]);
    assert.ok(fs.readFileSync(from).equals(fs.readFileSync(to)));
  }
});

test("ranges and attributes", async (t) => {
  const it = setUp(t);
  const data = crypto.randomBytes(MIB + 1);
  const writing = it.client.createWriteStream(BUCKET, it.remote, { headers: { "Content-Type": "text/x" } });
  writing.write("");
  writing.write(data.subarray(0, 5));
  writing.end(data.subarray(5));
  await once(writing, "finish");
  assert.equal((await it.client.statFile(BUCKET, it.remote)).filesize, data.length);
  for (const [options, expected] of [
    [{ offset: 5, length: 7 }, data.subarray(5, 12)],
    [{ offset: MIB }, data.subarray(MIB)],
    [{ last: 9, highWaterMark: 1 }, data.subarray(-9)],
    [{ length: 0 }, Buffer.alloc(0)],
  ]) {
    assert.ok((await bytes(it.client.createReadStream(BUCKET, it.remote, options))).equals(expected));
  }
  const wrong = (options) => () => bytes(it.client.createReadStream(BUCKET, it.remote, options));
  await failure("QCOS_ERR_PARAMS", wrong({ no_option: 1 }));
  await failure("QCOS_ERR_PARAMS", wrong({ offset: data.length + 1 }));
  if (XML) assert.equal((await failure("SERVICE", wrong({ if_match: "x" }))).code, -412);
  await assert.rejects(async () => wrong({ signal: 5 })(), TypeError);
});

test("a download waits for a slow reader", async (t) => {
  const it = setUp(t, { parallel: 1 });
  const data = crypto.randomBytes(48 * MIB);
  await it.client.uploadBufferWith(data.subarray(0, 20 * MIB), BUCKET, it.remote);
  const reading = it.client.createReadStream(BUCKET, it.remote, { highWaterMark: MIB });
  reading.read(0);
  await once(reading, "readable");
  const held = reading.readableLength;
  // Nothing can be awaited that is not to come.
  await pause(300);
  assert.equal(reading.readableLength, held);
  assert.ok(held < 20 * MIB, `${held} bytes`);
  assert.ok((await bytes(reading)).equals(data.subarray(0, 20 * MIB)));
});

test("an upload holds its writer back", async (t) => {
  const it = setUp(t);
  const write = it.client.createWriteStream(BUCKET, it.remote, { highWaterMark: 1000 });
  assert.equal(write.write(Buffer.alloc(2000)), false);
  await once(write, "drain");
  write.end();
  await once(write, "close");
  assert.equal((await it.client.statFile(BUCKET, it.remote)).filesize, 2000);
});

test("errors pass through a pipeline", async (t) => {
  const it = setUp(t);
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const sink = nowhere();
  const missing = await failure("SERVICE", () =>
    pipeline(it.client.createReadStream(BUCKET, `${it.remote}/none`), sink),
  );
  assert.ok([-166, -197, -6101].includes(missing.code), missing.message);
  assert.ok(sink.destroyed);
  const mine = new Error("of mine");
  async function* failing() {
    yield crypto.randomBytes(MIB);
    throw mine;
  }
  const broken = pipeline(failing, it.client.createWriteStream(BUCKET, it.remote));
  await assert.rejects(broken, (error) => error === mine);
  await absent(it);
  await it.client.uploadBuffer(Buffer.from("x"), BUCKET, it.remote);
  const source = Readable.from([Buffer.from("y")]);
  const there = await failure("SERVICE", () => pipeline(source, it.client.createWriteStream(BUCKET, it.remote)));
  assert.equal(there.code, -177);
  const announced = { length: 2, overwrite: true };
  const short = () => pipeline([Buffer.from("y")], it.client.createWriteStream(BUCKET, it.remote, announced));
  await failure("QCOS_ERR_PARAMS", short);
  const throws = new Transform({ transform: (_chunk, _encoding, done) => done(mine) });
  const reading = it.client.createReadStream(BUCKET, it.remote);
  await assert.rejects(pipeline(reading, throws, nowhere()), (error) => error === mine);
  assert.ok(reading.destroyed);
});

test("destroy ends the call, and leaves no object", async (t) => {
  const it = setUp(t);
  const own = await faults(t);
  await it.client.uploadBufferWith(crypto.randomBytes(20 * MIB), BUCKET, `${it.remote}/there`);
  const reading = it.client.createReadStream(BUCKET, `${it.remote}/there`);
  await once(reading, "data");
  await promptly(async () => closed(reading.destroy()));
  // Bytes were given, and more are waited for.
  const writing = it.client.createWriteStream(BUCKET, it.remote);
  await new Promise((written) => writing.write(crypto.randomBytes(9 * MIB), written));
  await promptly(async () => closed(writing.destroy()));
  await absent(it);
  for await (const upload of XML ? it.client.listUploads(BUCKET, "") : []) assert.notEqual(upload.path, it.remote);
  // All bytes are there, and the service does not answer.
  await own.set([{ match: { path: `/${it.remote}` }, fault: { stall: "request" } }]);
  const stalled = it.client.createWriteStream(BUCKET, it.remote);
  stalled.end(Buffer.alloc(1000));
  await own.seen(1, `/${it.remote}`);
  const mine = new Error("of mine");
  await promptly(async () => closed(stalled.destroy(mine)));
  assert.equal(stalled.errored, mine);
  await own.set([]);
  await absent(it);
  // Before they begin.
  for (const stream of [
    it.client.createReadStream(BUCKET, it.remote),
    it.client.createWriteStream(BUCKET, it.remote),
  ]) {
    await closed(stream.destroy());
  }
  await absent(it);
});

test("a signal ends streams", async (t) => {
  const it = setUp(t);
  await it.client.uploadBufferWith(crypto.randomBytes(20 * MIB), BUCKET, `${it.remote}/there`);
  for (const make of [
    (signal) => it.client.createReadStream(BUCKET, `${it.remote}/there`, { signal }),
    (signal) => it.client.createWriteStream(BUCKET, it.remote, { signal }),
  ]) {
    const control = new AbortController();
    const stream = make(control.signal);
    if (stream instanceof Readable) await once(stream, "data");
    else await new Promise((written) => stream.write("x", written));
    const ended = closed(stream);
    control.abort(new Error("enough"));
    await promptly(() => ended);
    assert.deepEqual([stream.errored.name, stream.errored.cause.message], ["AbortError", "enough"]);
  }
  await absent(it);
});

test("uploadStream takes what can be iterated, downloadStream a Writable", async (t) => {
  const it = setUp(t);
  const data = crypto.randomBytes(MIB);
  async function* pieces() {
    yield data.subarray(0, 1000);
    await null;
    yield data.subarray(1000);
  }
  for (const source of [Readable.from(pieces()), pieces(), [data], ["text"], new Blob([data]).stream()]) {
    const got = [];
    const sink = new Writable({ write: (chunk, _encoding, done) => done(void got.push(chunk)) });
    const seen = [];
    const progress = (done) => void seen.push(done);
    const sent = await it.client.uploadStream(source, BUCKET, it.remote, { overwrite: true, progress });
    assert.match(sent.access_url, /^http/);
    const expected = Array.isArray(source) ? Buffer.from(source[0]) : data;
    assert.ok(seen.includes(expected.length));
    const { len, filesize } = await it.client.downloadStream(BUCKET, it.remote, sink, { offset: 1 });
    assert.deepEqual([len, filesize], [expected.length - 1, expected.length]);
    assert.ok(Buffer.concat(got).equals(expected.subarray(1)));
    assert.ok(sink.writableFinished);
  }
  const mine = new Error("of mine");
  const full = new Writable({ write: (_chunk, _encoding, done) => done(mine) });
  await assert.rejects(it.client.downloadStream(BUCKET, it.remote, full), (error) => error === mine);
  const signal = AbortSignal.abort(mine);
  const never = new Readable({ read() {} });
  await assert.rejects(it.client.uploadStream(never, BUCKET, it.remote, { signal }), (error) => error === mine);
  assert.ok(never.destroyed);
  await assert.rejects(it.client.uploadStream(Buffer.from("x"), BUCKET, it.remote), TypeError);
  const already = it.client.uploadStream(["other"], BUCKET, it.remote);
  await assert.rejects(already, (error) => error instanceof QcosError && error.code === -177);
});

test("functions may take their time", async (t) => {
  const it = setUp(t);
  const data = [Buffer.from("hel"), Buffer.from("lo")];
  const read = async (buffer) => {
    await pause(1);
    return data.shift()?.copy(buffer) ?? 0;
  };
  await it.client.uploadStream(read, BUCKET, it.remote);
  let [got, busy] = ["", false];
  await it.client.downloadStream(BUCKET, it.remote, async (chunk) => {
    assert.ok(!busy);
    busy = true;
    await pause(1);
    busy = false;
    got += chunk;
  });
  assert.equal(got, "hello");
  // Callbacks see what the program has stored for whoever made the call.
  const storage = new AsyncLocalStorage();
  const stored = [];
  const write = () => void stored.push(storage.getStore());
  await storage.run("mine", () => it.client.downloadStream(BUCKET, it.remote, write));
  assert.deepEqual(stored, ["mine"]);
  // One that never answers.
  const control = new AbortController();
  const never = () => {
    control.abort();
    return new Promise(() => {});
  };
  const { signal } = control;
  const waiting = it.client.uploadStream(never, BUCKET, it.remote, { signal, overwrite: true });
  await promptly(() => assert.rejects(waiting, { name: "AbortError" }));
  // One that notices by itself, with an error of its own.
  const other = new AbortController();
  const pausing = () => {
    setTimeout(() => other.abort(new Error("enough")), 1);
    return pause(60_000, 0, { signal: other.signal });
  };
  const ended = it.client.uploadStream(pausing, BUCKET, it.remote, { signal: other.signal, overwrite: true });
  await promptly(() => assert.rejects(ended, { message: "enough" }));
  const derived = it.client.derive();
  const cancels = () => {
    derived.cancel();
    return new Promise(() => {});
  };
  await promptly(() => failure("QCOS_ERR_CANCELLED", () => derived.downloadStream(BUCKET, it.remote, cancels)));
  derived.close();
});
