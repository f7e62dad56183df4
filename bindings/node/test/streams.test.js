"use strict";

// Uploads and downloads without local files: memory, and functions that read and write.

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const { CANCEL } = require("../index.js");
const { BUCKET, MIB, XML, absent, failure, setUp } = require("./support.js");

/** Reads these bytes, `most` at a time. */
function reading(data, most = Infinity) {
  let at = 0;
  return (buffer) => {
    const count = data.copy(buffer, 0, at, Math.min(at + most, data.length));
    at += count;
    return count;
  };
}

for (const suffix of ["", "Sync"]) {
  const how = suffix || "Async";
  /** A call of that form with the test's bucket and path. */
  const calls = ({ client, remote }) => ({
    upload: (read, options) => client[`uploadStream${suffix}`](read, BUCKET, remote, options),
    download: (write, options) => client[`downloadStream${suffix}`](BUCKET, remote, write, options),
    part: (offset, options) => client[`downloadBuffer${suffix}`](BUCKET, remote, offset, options),
    put: (data, options) => client[`uploadBufferWith${suffix}`](data, BUCKET, remote, options),
    get: (file, options) => client[`downloadWith${suffix}`](BUCKET, remote, file, options),
  });

  test(`${how}: a stream there and back`, async (t) => {
    const { upload, download } = calls(setUp(t));
    for (const [size, most] of [[0, 1], [100_001, 999], [17 * MIB + 5, Infinity]]) {
      const [data, seen, chunks] = [crypto.randomBytes(size), [], []];
      const progress = (...bytes) => seen.push(bytes);
      const sent = await upload(reading(data, most), { overwrite: true, biz_attr: "b", progress });
      assert.match(sent.access_url, /^http/);
      assert.ok(seen.some(([done, total]) => done === size && total === size));
      const got = await download((chunk) => chunks.push(chunk));
      assert.deepEqual([got.len, got.filesize], [size, size]);
      assert.ok(Buffer.concat(chunks).equals(data));
      if (size === 0) continue;
      const last = [];
      await download((chunk) => last.push(chunk), { last: 7 });
      assert.ok(Buffer.concat(last).equals(data.subarray(-7)));
    }
  });

  test(`${how}: what a function throws or answers ends the call`, async (t) => {
    const it = setUp(t);
    const { upload, download, put } = calls(it);
    const mine = new Error("of mine");
    const thrower = () => {
      throw mine;
    };
    let asked = 0;
    const later = () => (asked++ ? thrower() : 5);
    await assert.rejects(async () => upload(later), (error) => error === mine);
    assert.equal(mine.cause.name, "QCOS_ERR_CANCELLED");
    for (const [answer, error] of [
      [-1, RangeError],
      [2 ** 40, RangeError],
      [1.5, TypeError],
      ["5", TypeError],
      [undefined, TypeError],
      [Promise.resolve(suffix ? 5 : "5"), TypeError],
    ]) {
      await assert.rejects(async () => upload(() => answer), error);
    }
    await failure("QCOS_ERR_CANCELLED", () => upload(() => CANCEL));
    await failure("QCOS_ERR_CANCELLED", () => upload(() => 5, { progress: () => CANCEL }));
    const control = new AbortController();
    const { signal } = control;
    await assert.rejects(async () => upload(() => control.abort() ?? 5, { signal }), { name: "AbortError" });
    await absent(it);
    await put(Buffer.from("hello"));
    await assert.rejects(async () => download(thrower), (error) => error === mine);
    const rejected = suffix ? { name: "TypeError" } : { message: "of mine" };
    await assert.rejects(async () => download(async () => suffix || thrower()), rejected);
    await failure("QCOS_ERR_CANCELLED", () => download(() => CANCEL));
  });

  test(`${how}: parts in memory`, async (t) => {
    const { part, put } = calls(setUp(t));
    const [data, seen] = [crypto.randomBytes(9 * MIB + 1), []];
    await put(data, { progress: (...bytes) => seen.push(bytes) });
    assert.deepEqual(seen.at(-1), [data.length, data.length]);
    assert.ok((await part(0, { size: 10 * MIB })).equals(data));
    assert.ok((await part(5n, { size: 7 })).equals(data.subarray(5, 12)));
    assert.equal((await part(data.length, { size: 7 })).length, 0);
    assert.equal((await part(1, { size: 0 })).length, 0);
    // So small that V8 may have it in memory that it moves.
    const memory = new Uint8Array(8);
    const got = await part(data.length - 3, { buffer: memory.subarray(1) });
    assert.deepEqual([got.len, got.filesize], [3, data.length]);
    assert.deepEqual(Buffer.from(memory), Buffer.of(0, ...data.subarray(-3), 0, 0, 0, 0));
    await failure("QCOS_ERR_PARAMS", () => part(data.length + 1, { size: 1 }));
    await failure("QCOS_ERR_PARAMS", () => part(0, { size: 1, no_option: 1 }));
    const already = await failure("SERVICE", () => put(Buffer.from("x"), { overwrite: false }));
    assert.equal(already.code, -177);
  });

  test(`${how}: conditions`, async (t) => {
    const it = setUp(t);
    const { part, put, get } = calls(it);
    const got = path.join(it.folder, "got");
    await put(Buffer.from("hello"));
    await get(got, { progress() {} });
    assert.equal(fs.readFileSync(got, "utf8"), "hello");
    const there = await failure("QCOS_ERR_LOCAL_FILE", () => get(got, { overwrite: false }));
    assert.equal(there.kind, "exists");
    if (!XML) return failure("QCOS_ERR_PARAMS", () => get(got, { if_match: "x" }));
    const { etag } = await part(0, { buffer: new Uint8Array(1) });
    assert.equal(String(await part(1, { size: 2, if_match: etag })), "el");
    assert.equal((await failure("SERVICE", () => part(1, { size: 2, if_match: "x" }))).code, -412);
    assert.equal((await failure("SERVICE", () => get(got, { if_none_match: etag }))).code, -304);
  });

  test(`${how}: wrong arguments`, async (t) => {
    const { upload, download, part, put } = calls(setUp(t));
    for (const call of [
      () => upload("text"),
      () => upload(),
      () => upload(() => 0, { page() {} }),
      () => download(5),
      () => download(() => {}, { signal: {} }),
      () => download(() => {}, { progress() {} }),
      () => part(0),
      () => part(0, { size: 5, buffer: Buffer.alloc(5) }),
      () => part(0, { size: -1 }),
      () => part(0, { size: "5" }),
      () => part(0, { buffer: "text" }),
      () => part(1.5, { size: 1 }),
      () => put("text"),
    ]) {
      await assert.rejects(async () => call(), TypeError, String(call));
    }
  });
}

test("a failed upload of a stream is dropped, or kept when it is to be", async (t) => {
  const it = setUp(t);
  const data = Buffer.alloc(20 * MIB);
  if (!XML) {
    await it.client.uploadStream(reading(data), BUCKET, it.remote);
    const longer = reading(Buffer.alloc(data.length + 1));
    await failure("QCOS_ERR_PARAMS", () => it.client.uploadStream(longer, BUCKET, it.remote, { overwrite: true }));
    return;
  }
  for (const [options, kept] of [[{}, 0], [{ on_failure: "keep" }, 1]]) {
    const read = reading(data);
    const stopping = (buffer) => read(buffer) || CANCEL;
    const name = `${it.remote}/x`;
    const error = await failure("QCOS_ERR_CANCELLED", () =>
      it.client.uploadStream(stopping, BUCKET, name, options),
    );
    assert.equal(error.data.session !== undefined, kept === 1);
    assert.equal((await it.client.listUploads(BUCKET, it.remote)).infos.length, kept);
  }
});

test("many downloads into memory at once, while garbage is collected", async (t) => {
  const it = setUp(t);
  const data = crypto.randomBytes(3 * MIB);
  await it.client.uploadBufferWith(data, BUCKET, it.remote);
  const parts = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const part = await it.client.downloadBuffer(BUCKET, it.remote, i * 1000, { size: 100_000 });
      Buffer.alloc(MIB);
      return part;
    }),
  );
  for (const [i, part] of parts.entries()) {
    assert.ok(part.equals(data.subarray(i * 1000, i * 1000 + 100_000)));
  }
});
