"use strict";

// Uploads in slices with progress, cancel and resume; downloads; what callbacks may do.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const test = require("node:test");
const { pathToFileURL } = require("node:url");
const { CANCEL } = require("../index.js");
const { BUCKET, MIB, OPTIONS, client, failure, setUp } = require("./support.js");

const slice_size = MIB;

async function compare({ client, folder, remote }, file) {
  const got = path.join(folder, "got");
  await client.download(BUCKET, remote, got);
  assert.ok(fs.readFileSync(got).equals(fs.readFileSync(file)));
}

for (const sync of [false, true]) {
  const how = sync ? "sync" : "async";
  const upload = (it, file, options) => {
    const given = [file, BUCKET, it.remote, { slice_size, ...options }];
    return sync ? it.client.uploadSliceSync(...given) : it.client.uploadSlice(...given);
  };

  test(`${how}: slices with progress`, async (t) => {
    // One slice after the other, each is told of.
    const it = setUp(t, { parallel: 1 });
    const [file, seen] = [it.file("file", 6 * MIB + 5), []];
    const reply = await upload(it, file, { progress: (...bytes) => seen.push(bytes) });
    assert.match(reply.access_url, /^http/);
    assert.equal(seen[0][0], 0);
    assert.deepEqual(seen.at(-1), [6 * MIB + 5, 6 * MIB + 5]);
    assert.ok(seen.length >= 8);
    assert.ok(seen.every(([done], i) => i === 0 || done >= seen[i - 1][0]));
    await compare(it, file);
  });

  test(`${how}: cancel and resume`, async (t) => {
    // Where slices go side by side, the first may be the last to arrive.
    const it = setUp(t, { parallel: 1 });
    const [file, seen] = [it.file("file", 12 * MIB), []];
    const progress = (done) => (done >= 4 * MIB ? CANCEL : undefined);
    const error = await failure("QCOS_ERR_CANCELLED", () => upload(it, file, { progress }));
    assert.deepEqual([error.code, error.kind, error.httpcode, error.retryable], [-5, "cancelled", 0, false]);
    assert.ok(error.data.offset >= MIB);
    await upload(it, file, { session: error.data.session, progress: (done) => seen.push(done) });
    // Before it come calls with 0, if hashing takes long.
    assert.ok(seen.find((done) => done > 0) >= MIB);
    await compare(it, file);
  });

  test(`${how}: an exception cancels and is thrown, with the session`, async (t) => {
    const it = setUp(t);
    const file = it.file("file", 12 * MIB);
    const mine = new Error("of mine");
    let calls = 0;
    const progress = (done) => {
      if (done < MIB) return;
      calls += 1;
      throw mine;
    };
    await assert.rejects(async () => upload(it, file, { progress }), (error) => error === mine);
    assert.equal(calls, 1);
    assert.equal(mine.cause.name, "QCOS_ERR_CANCELLED");
    await upload(it, file, { session: mine.cause.data.session });
    await compare(it, file);
  });

  test(`${how}: a signal cancels`, async (t) => {
    const it = setUp(t);
    const [file, control] = [it.file("file", 12 * MIB), new AbortController()];
    const progress = (done) => void (done >= MIB && control.abort());
    const { signal } = control;
    await assert.rejects(async () => upload(it, file, { progress, signal }), (error) => {
      assert.equal(error.name, "AbortError");
      return error.cause.data.session !== undefined;
    });
    // Aborted before it begins: nothing is called.
    const never = () => assert.fail("was called");
    await assert.rejects(async () => upload(it, file, { progress: never, signal }), { name: "AbortError" });
  });
}

/** A client whose bytes pass through this process; `passed(bytes, socket)` hears of each. */
async function through(t, passed) {
  const { hostname, port } = new URL(OPTIONS.endpoint);
  const sockets = [];
  const proxy = net.createServer((socket) => {
    const service = net.connect(port, hostname);
    sockets.push(socket, service);
    socket.on("data", (bytes) => passed(bytes.length, socket));
    socket.pipe(service).pipe(socket);
    for (const end of [socket, service]) end.on("error", () => socket.destroy() && service.destroy());
  });
  await new Promise((listens) => proxy.listen(0, "127.0.0.1", listens));
  const own = client({ endpoint: `http://127.0.0.1:${proxy.address().port}` });
  t.after(() => {
    own.close();
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return own;
}

test("a signal alone cancels, also while nothing moves", async (t) => {
  const it = setUp(t);
  const [file, control] = [it.file("file", 24 * MIB), new AbortController()];
  let passed = 0;
  const stalled = await through(t, (bytes, socket) => {
    passed += bytes;
    if (passed < 2 * MIB) return;
    socket.unpipe().pause();
    control.abort(new Error("enough"));
  });
  const { signal } = control;
  const uploading = stalled.uploadSlice(file, BUCKET, it.remote, { slice_size, signal });
  await assert.rejects(uploading, { message: "enough" });
});

test("what a callback returns does not matter", async (t) => {
  const it = setUp(t);
  const file = it.file("file", 2 * MIB);
  for (const answer of [true, false, 1, "stop", Promise.resolve()]) {
    await it.client.uploadWith(file, BUCKET, it.remote, { overwrite: true, progress: () => answer });
  }
});

test("an exception at the end is thrown too", async (t) => {
  const it = setUp(t);
  const file = it.file("file", MIB);
  const progress = (done, total) => {
    if (done === total) throw new RangeError("late");
  };
  await assert.rejects(it.client.upload(file, BUCKET, it.remote, { progress }), RangeError);
  await compare(it, file);
});

test("a callback may call the client, and close it", async (t) => {
  const it = setUp(t);
  const file = it.file("file", 3 * MIB);
  const progress = () => {
    it.client.headBucketSync(BUCKET);
    it.client.close();
  };
  await failure("QCOS_ERR_HANDLE", () => it.client.upload(file, BUCKET, it.remote, { progress }));
  await failure("QCOS_ERR_HANDLE", () => it.client.statFile(BUCKET, "x"));
});

test("downloads tell their progress, and leave nothing when they are cancelled", async (t) => {
  const it = setUp(t);
  const [file, got, seen] = [it.file("file", 3 * MIB), path.join(it.folder, "got"), []];
  await it.client.upload(pathToFileURL(file), BUCKET, it.remote);
  await failure("QCOS_ERR_CANCELLED", () =>
    it.client.download(BUCKET, it.remote, got, { progress: () => CANCEL }),
  );
  assert.ok(!fs.existsSync(got));
  const progress = (...bytes) => seen.push(bytes);
  const reply = await it.client.download(BUCKET, it.remote, Buffer.from(got), { progress });
  assert.equal(reply.filesize, 3 * MIB);
  assert.deepEqual(seen.at(-1), [3 * MIB, 3 * MIB]);
  assert.ok(fs.readFileSync(got).equals(fs.readFileSync(file)));
});

test("the event loop stays alive: all bytes of an upload pass through it", async (t) => {
  const it = setUp(t);
  const file = it.file("file", 24 * MIB);
  let passed = 0;
  let passedFirst;
  const own = await through(t, (bytes) => (passed += bytes));
  const progress = (done) => void (done > 0 && (passedFirst ??= passed));
  await own.uploadSlice(file, BUCKET, it.remote, { slice_size, progress });
  assert.ok(passed > 24 * MIB);
  assert.ok(passedFirst < 24 * MIB, "progress came while the upload went on");
  await compare(it, file);
});

test("many calls at once take turns", async (t) => {
  const it = setUp(t);
  const names = Array.from({ length: 600 }, (_, number) => `${it.remote}/${number}`);
  await it.client.uploadBuffer(Buffer.from("x"), BUCKET, names[0]);
  const answers = await Promise.allSettled(names.map((name) => it.client.statFile(BUCKET, name)));
  assert.equal(answers[0].value.filesize, 1);
  assert.ok(answers.slice(1).every(({ reason }) => reason.name === "SERVICE"), answers[1].reason);
});
