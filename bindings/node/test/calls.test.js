"use strict";

// Every call of the client, and what it says to wrong arguments and after its end.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");
const test = require("node:test");
const { CANCEL, Client } = require("../index.js");
const { BUCKET, MIB, REPOSITORY, XML, client, failure, setUp } = require("./support.js");

test("versions of files", async (t) => {
  const it = setUp(t, { overwrite: true });
  if (!XML) {
    const options = { version_id: "null" };
    await failure("QCOS_ERR_PARAMS", () => it.client.statWith(BUCKET, "x", options));
    return failure("QCOS_ERR_PARAMS", () => it.client.deleteWith(BUCKET, "x", options));
  }
  const bucket = `v${it.remote.slice(0, 18)}`;
  await it.client.createBucket(bucket);
  assert.equal((await it.client.getVersioning(bucket)).status, "");
  await it.client.setVersioning(bucket, "Enabled");
  assert.equal(it.client.getVersioningSync(bucket).status, "Enabled");
  await failure("QCOS_ERR_PARAMS", () => it.client.setVersioning(bucket, "on"));
  const ids = [];
  for (const content of ["first", "second"]) {
    const uploaded = await it.client.uploadBuffer(Buffer.from(content), bucket, "f");
    ids.push((await it.client.statFile(bucket, "f")).version_id);
    assert.equal(uploaded.version_id, ids.at(-1));
  }
  const [version_id] = ids;
  const stat = await it.client.statWith(bucket, "f", { version_id });
  assert.deepEqual([stat.filesize, stat.version_id, stat.storage_class], [5, version_id, "STANDARD"]);
  assert.equal(it.client.statWithSync(bucket, "f", { version_id }).filesize, 5);
  assert.equal(String(await it.client.downloadBuffer(bucket, "f", 0, { size: 9, version_id })), "first");
  const got = path.join(it.folder, "got");
  await it.client.downloadWith(bucket, "f", got, { version_id });
  assert.equal(fs.readFileSync(got, "utf8"), "first");
  const chunks = await it.client.createReadStream(bucket, "f", { version_id }).toArray();
  assert.equal(String(Buffer.concat(chunks)), "first");

  const marked = await it.client.deleteWith(bucket, "f");
  assert.equal(marked.delete_marker, true);
  const hidden = await failure("SERVICE", () => it.client.statFile(bucket, "f"));
  assert.deepEqual([hidden.code, hidden.data.delete_marker], [-166, true]);
  const listed = [];
  for await (const version of it.client.listVersions(bucket, "", { recursive: true })) listed.push(version);
  const told = listed.map((it) => [it.name, it.version_id, it.is_latest, it.delete_marker, it.filesize]);
  assert.deepEqual(told, [
    ["f", marked.version_id, true, true, undefined],
    ["f", ids[1], false, undefined, 6],
    ["f", ids[0], false, undefined, 5],
  ]);
  assert.equal((await it.client.listVersions(bucket, "")).infos.length, 3);
  const gone = await it.client.deleteWith(bucket, "f", { version_id: marked.version_id });
  assert.deepEqual({ ...gone }, { ...marked });
  await it.client.deleteWith(bucket, "f", { version_id: ids[1] });
  await failure("SERVICE", () => it.client.statWith(bucket, "f", { version_id: ids[1] }));
  assert.equal((await it.client.statFile(bucket, "f")).version_id, version_id);
});

test("updates and encryption", async (t) => {
  const it = setUp(t);
  const at = `${it.remote}/updated`;
  const sse = XML ? { sse: "cos" } : {};
  await it.client.uploadBufferWith(Buffer.from("hello"), BUCKET, at, { meta: { colour: "蓝" }, ...sse });
  if (!XML) {
    await it.client.updateWith(BUCKET, at, { biz_attr: "b", acl: "private" });
    assert.equal((await it.client.statFile(BUCKET, at)).biz_attr, "b");
    return failure("QCOS_ERR_PARAMS", () => it.client.statWith(BUCKET, at, { sse: "cos" }));
  }
  const changes = { biz_attr: "b", meta: { colour: null, shape: "圆" } };
  assert.equal((await it.client.updateWith(BUCKET, at, changes)).changed, true);
  assert.equal((await it.client.updateWith(BUCKET, at, changes)).changed, false);
  const stat = await it.client.statWith(BUCKET, at, { sse: "cos" });
  assert.deepEqual([stat.biz_attr, { ...stat.meta }, stat.sse], ["b", { shape: "圆" }, "cos"]);
  await failure("QCOS_ERR_INTEGRITY", () => it.client.statWith(BUCKET, at, { sse: { kms: "" } }));
  await failure("QCOS_ERR_PARAMS", () => it.client.statWith(BUCKET, at, { sse: { c: "short" } }));
  await it.client.copyWith(BUCKET, at, BUCKET, `${at} copied`, { sse: { kms: "key" } });
  const copy = await it.client.statFile(BUCKET, `${at} copied`);
  assert.deepEqual([{ ...copy.meta }, { ...copy.sse }], [{ shape: "圆" }, { kms: "key" }]);
  // Its endpoint is http.
  const src_sse = { c: "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=" };
  await failure("QCOS_ERR_PARAMS", () =>
    it.client.copyWith(BUCKET, at, BUCKET, `${at} again`, { src_sse }),
  );
});

test("tags, archives and appends", async (t) => {
  const it = setUp(t);
  const [path, log] = [it.remote, `${it.remote}.log`];
  const tags = { "a b": "1/2", 名: "" };
  if (!XML) {
    await failure("QCOS_ERR_PARAMS", () => it.client.setTags(BUCKET, path, tags));
    await failure("QCOS_ERR_PARAMS", () => it.client.getTags(BUCKET, path));
    await failure("QCOS_ERR_PARAMS", () => it.client.restoreFile(BUCKET, path, 1));
    return failure("QCOS_ERR_PARAMS", () => it.client.append(Buffer.from("x"), BUCKET, log, 0));
  }
  const options = { storage_class: "ARCHIVE", tags: { with: "it" } };
  await it.client.uploadBufferWith(Buffer.from("x"), BUCKET, path, options);
  assert.deepEqual((await it.client.getTags(BUCKET, path)).tags, options.tags);
  await it.client.setTags(BUCKET, path, tags);
  assert.deepEqual(it.client.getTagsSync(BUCKET, path).tags, tags);
  await it.client.setTags(BUCKET, path, {});
  assert.deepEqual((await it.client.getTags(BUCKET, path)).tags, {});
  assert.throws(() => it.client.setTagsSync(BUCKET, path, "a=b"), TypeError);
  await failure("QCOS_ERR_PARAMS", () => it.client.setTags(BUCKET, path, { "a!": "" }));

  assert.equal((await it.client.restoreFile(BUCKET, path, 2, { tier: "Bulk" })).state, "started");
  assert.equal((await it.client.restoreFile(BUCKET, path, 2)).state, "in_progress");
  assert.equal((await it.client.statFile(BUCKET, path)).restore, 'ongoing-request="true"');

  const begun = await it.client.append(Buffer.from("hello"), BUCKET, log, 0, { biz_attr: "mine" });
  const { position } = await it.client.append(Buffer.from(" world"), BUCKET, log, begun.position);
  assert.equal(position, 11);
  assert.equal(it.client.appendSync(new Uint8Array(0), BUCKET, log, 11n).position, 11);
  const refused = await failure("SERVICE", () => it.client.append(Buffer.from("x"), BUCKET, log, 5));
  assert.equal(refused.code, -409);
  const stat = await it.client.statFile(BUCKET, log);
  assert.deepEqual([stat.filesize, stat.biz_attr, stat.type], [11, "mine", "appendable"]);
});

test("files", async (t) => {
  const it = setUp(t);
  const at = (name) => `${it.remote}/${name}`;
  for (const data of [Buffer.from("hello"), new Uint8Array([1, 2, 3, 4, 5])]) {
    await it.client.uploadBuffer(data, BUCKET, at("名 1"), { biz_attr: "text" });
    const stat = await it.client.statFile(BUCKET, at("名 1"));
    assert.deepEqual([stat.filesize, stat.biz_attr], [5, "text"]);
    await it.client.deleteFile(BUCKET, at("名 1"));
  }
  await it.client.uploadBuffer(Buffer.alloc(0), BUCKET, at("empty"));
  await it.client.updateFile(BUCKET, at("empty"), "other");
  it.client.moveFileSync(BUCKET, at("empty"), at("moved"));
  await it.client.uploadBuffer(Buffer.from("x"), BUCKET, at("there"));
  await failure("SERVICE", () => it.client.moveFile(BUCKET, at("moved"), at("there")));
  await it.client.moveFile(BUCKET, at("moved"), at("there"), { overwrite: true });
  await it.client.setAcl(BUCKET, at("there"), "public-read");
  assert.equal((await it.client.getAcl(BUCKET, at("there"))).acl, "public-read");
  assert.match((await it.client.downloadUrl(BUCKET, at("there"), 60)).url, /^http/);
  const file = it.file("with", 100);
  const headers = { "Cache-Control": "no-cache" };
  await it.client.uploadWith(file, BUCKET, at("with"), { biz_attr: "b", headers });
  await it.client.uploadWith(file, BUCKET, at("with"), { overwrite: true });
  const there = await failure("SERVICE", () => it.client.uploadSync(file, BUCKET, at("with")));
  assert.ok([-4018, -177].includes(there.code));
  // Longer than koffi's own memory for the strings of a call.
  const names = Array.from({ length: 5000 }, (_, number) => at(`none ${"x".repeat(100)} ${number}`));
  const done = await it.client.deleteFiles(BUCKET, XML ? [...names, at("with")] : [at("with")]);
  assert.equal(done.deleted, XML ? 5001 : 1);
  const gone = await failure("SERVICE", () => it.client.statFile(BUCKET, at("with")));
  assert.ok([-166, -197].includes(gone.code));
  assert.deepEqual([gone.kind, gone.retryable, gone.httpcode], ["service", false, gone.reply.httpcode]);
  if (XML) assert.ok(gone.request_id);
});

test("folders and lists", async (t) => {
  const it = setUp(t);
  const { remote } = it;
  await it.client.createFolder(BUCKET, remote, { biz_attr: "mine" });
  await it.client.updateFolder(BUCKET, remote, "yours");
  assert.equal((await it.client.statFolder(BUCKET, remote)).biz_attr, "yours");
  const names = ["a1", "a2", "b1"];
  for (const name of names) await it.client.uploadBuffer(Buffer.from("x"), BUCKET, `${remote}/${name}`);
  const page = await it.client.list(BUCKET, remote, { num: 2 });
  assert.ok(page.has_more);
  const rest = await it.client.list(BUCKET, remote, { context: page.context });
  assert.deepEqual([...page.infos, ...rest.infos].map(({ name }) => name), names);
  const found = it.client.prefixSearchSync(BUCKET, remote, "a", { pattern: "eListFileOnly" });
  assert.equal(found.infos.length, 2);
  const seen = [];
  const counted = await it.client.listAll(BUCKET, remote, { page: (infos) => seen.push(...infos) });
  assert.deepEqual(counted, { count: 3 });
  assert.deepEqual(seen.map(({ name }) => name), names);
  const all = await it.client.listAll(BUCKET, remote, { recursive: true });
  assert.deepEqual(all.infos.map(({ name }) => name), names);
  await failure("QCOS_ERR_CANCELLED", () => it.client.listAll(BUCKET, remote, { page: () => CANCEL }));
  const page2 = (infos) => infos.missing.name;
  assert.throws(() => it.client.listAllSync(BUCKET, remote, { page: page2 }), TypeError);
  await failure("SERVICE", () => it.client.deleteFolder(BUCKET, remote));
  assert.ok((await it.client.deleteTree(BUCKET, remote)).deleted >= 3);
  await it.client.createFolder(BUCKET, remote);
  await it.client.deleteFolder(BUCKET, remote);
});

test("prefixes lead into folders", async (t) => {
  const it = setUp(t);
  const { client, remote } = it;
  for (const name of ["2025/a", "2026/a", "2026/ab/c", "2026/ab/d/e", "2026/b"]) {
    await client.uploadBuffer(Buffer.from("x"), BUCKET, `${remote}/${name}`);
  }
  const names = (infos) => infos.map(({ name }) => name).sort();
  const files = (infos) => names(infos.filter(({ filesize }) => filesize !== undefined));
  assert.deepEqual(names((await client.prefixSearch(BUCKET, remote, "2026/a")).infos), ["2026/a", "2026/ab"]);
  const seen = [];
  const page = (infos) => void seen.push(...infos);
  assert.deepEqual(await client.prefixSearchAll(BUCKET, remote, "2026/a", { page }), { count: 2 });
  assert.deepEqual(names(seen), ["2026/a", "2026/ab"]);
  const { count, infos } = client.prefixSearchAllSync(BUCKET, remote, "202");
  assert.deepEqual([count, names(infos)], [2, ["2025", "2026"]]);
  const below = await client.prefixSearchAll(BUCKET, remote, "2026/a", { recursive: true });
  assert.equal(below.count, below.infos.length);
  assert.deepEqual(files(below.infos), ["2026/a", "2026/ab/c", "2026/ab/d/e"]);
  const cancelling = { page: () => CANCEL };
  await failure("QCOS_ERR_CANCELLED", () => client.prefixSearchAll(BUCKET, remote, "2026/a", cancelling));
  for (const wrong of ["", "/a", undefined]) {
    const said = await failure("QCOS_ERR_PARAMS", () => client.prefixSearchAll(BUCKET, remote, wrong));
    assert.match(said.message, /^prefix/);
  }
});

test("trees", async (t) => {
  const it = setUp(t);
  const [tree, got, seen] = [path.join(it.folder, "tree"), path.join(it.folder, "got"), []];
  fs.mkdirSync(path.join(tree, "sub"), { recursive: true });
  fs.writeFileSync(path.join(tree, "one"), "1");
  fs.writeFileSync(path.join(tree, "sub", "two"), "22");
  const progress = (...bytes) => seen.push(bytes);
  const sent = await it.client.uploadTree(tree, BUCKET, it.remote, { overwrite: true, progress });
  assert.deepEqual([sent.uploaded, sent.failed, seen.at(-1)], [2, [], [3, 3]]);
  const back = await it.client.downloadTree(BUCKET, it.remote, got, { overwrite: false });
  assert.equal(back.downloaded, 2);
  assert.equal(fs.readFileSync(path.join(got, "sub", "two"), "utf8"), "22");
  fs.unlinkSync(path.join(tree, "sub", "two"));
  const options = { exclude: ["*.o"], delete: true, dry_run: true };
  const planned = await it.client.uploadTree(tree, BUCKET, it.remote, options);
  assert.deepEqual(planned.plan, [{ path: "sub/two", action: "delete" }]);
});

test("what one API has", async (t) => {
  const it = setUp(t);
  const [source, copy] = [`${it.remote}/source`, `${it.remote}/copy`];
  const fresh = `fresh${it.remote.slice(0, 8)}`;
  const expired = Math.floor(Date.now() / 1000) + 100;
  await it.client.uploadBuffer(Buffer.from("x"), BUCKET, source);
  await it.client.headBucket(BUCKET);
  const { ok, steps } = await it.client.diagnose(BUCKET);
  assert.deepEqual([ok, steps[0].step, steps[0].status, steps.length], [true, "dns", "ok", 13]);
  const sign = [
    () => it.client.signMore(BUCKET, expired),
    () => it.client.signMore(BUCKET, BigInt(expired)),
    () => it.client.signOnce(BUCKET, `/${process.env.QCOS_APPID}/${BUCKET}/x`),
  ];
  const xml = [
    () => it.client.copyFile(BUCKET, source, copy),
    () => it.client.createBucket(fresh, { acl: "private" }),
    () => it.client.listBuckets(),
    () => it.client.deleteBucket(fresh),
    () => it.client.listUploads(BUCKET, it.remote),
  ];
  for (const call of XML ? xml : sign) await call();
  for (const call of XML ? sign : xml) await failure("QCOS_ERR_PARAMS", call);
  const abort = () => it.client.abortUpload(BUCKET, copy, "none");
  await failure(XML ? "SERVICE" : "QCOS_ERR_PARAMS", abort);
});

test("requests in the service's own words", async (t) => {
  const it = setUp(t);
  const ask = (method, body) => it.client.request(BUCKET, "", { method, query: { tagging: "" }, body });
  if (!XML) return failure("QCOS_ERR_PARAMS", () => ask("GET"));
  const tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
  await ask("PUT", Buffer.from(tags));
  const got = await ask("GET");
  assert.deepEqual([got.status, got.body, got.xml.Tagging.TagSet.Tag.Key], [200, tags, "k"]);
  await ask("DELETE");
});

test("others send what is signed", async (t) => {
  const it = setUp(t);
  const path = `${it.remote}/put`;
  const headers = { "content-type": "text/x" };
  const presign = () => it.client.presign("PUT", BUCKET, path, 60, { headers });
  const form = () => it.client.postPolicy(BUCKET, { key_prefix: `${it.remote}/`, max: 5, expires_s: 60 });
  if (!XML) {
    await failure("QCOS_ERR_PARAMS", presign);
    return failure("QCOS_ERR_PARAMS", form);
  }
  const put = await presign();
  assert.deepEqual(put.headers, headers);
  const send = async (headers) => (await fetch(put.url, { method: "PUT", headers, body: "hello" })).status;
  assert.deepEqual([await send({}), await send(put.headers)], [403, 200]);
  const { url, fields } = await form();
  const post = async (content) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("file", new Blob([content]), "名");
    return (await fetch(url, { method: "POST", body })).status;
  };
  assert.deepEqual([await post("four"), await post("sixsix")], [204, 400]);
  assert.equal((await it.client.statFile(BUCKET, `${it.remote}/名`)).filesize, 4);
  await failure("QCOS_ERR_PARAMS", () => it.client.postPolicy(BUCKET, { key: "a" }));
});

test("credentials change", async (t) => {
  const it = setUp(t);
  it.client.setCredentials("unknown", "key");
  await failure("SERVICE", () => it.client.statFolder(BUCKET, ""));
  const ended = () => it.client.setCredentials("unknown", "key", { expiresAt: new Date(1000) });
  assert.throws(ended, /expires_at/);
});

test("every function has its methods and their types", () => {
  const exports = fs.readFileSync(path.join(REPOSITORY, "tests", "exports.txt"), "utf8").trim().split("\n");
  assert.ok(exports.length > 30);
  const types = fs.readFileSync(path.join(__dirname, "..", "index.d.ts"), "utf8");
  // What opening, closing, objects and koffi do here.
  const elsewhere = /^qcos_(client_open|client_with|client_cancel|client_close|string_free|client_set_credentials|client_on_expiry|client_trace|reply_code|reply_get|reply_each|version|version_number)$/;
  for (const name of exports.filter((name) => !elsewhere.test(name))) {
    const method = name.slice("qcos_".length).replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    assert.equal(typeof Client.prototype[method], "function", method);
    assert.equal(typeof Client.prototype[`${method}Sync`], "function", method);
    assert.ok(types.includes(`  ${method}(`), method);
  }
});

test("after close", async (t) => {
  const it = setUp(t);
  const closed = client();
  closed.close();
  closed.close();
  const said = await failure("QCOS_ERR_HANDLE", () => closed.statFile(BUCKET, "x"));
  assert.match(said.message, /is not an open client/);
  const progress = () => assert.fail("was called");
  await failure("QCOS_ERR_HANDLE", () => closed.uploadSync(it.file("f", MIB), BUCKET, "x", { progress }));
  const [disposed, later] = [client(), client()];
  disposed[Symbol.dispose]();
  await later[Symbol.asyncDispose]();
  for (const gone of [disposed, later]) await failure("QCOS_ERR_HANDLE", () => gone.headBucket(BUCKET));
});

test("wrong arguments", async (t) => {
  const it = setUp(t);
  const stat = (value) => () => it.client.statFileSync(BUCKET, value);
  // koffi would take the number for an address.
  for (const wrong of [5, 5n, {}, [], Buffer.from("x")]) {
    assert.throws(stat(wrong), { name: "TypeError", message: /statFile: path must be a string/ });
  }
  for (const wrong of ["nul\0", "\ud800"]) assert.throws(stat(wrong), TypeError);
  const list = (num) => () => it.client.listSync(BUCKET, "", { num });
  for (const wrong of [2 ** 31, -(2 ** 40), 2n ** 70n]) {
    assert.throws(list(wrong), { name: "RangeError", message: /list: num is .*, must be/ });
  }
  for (const wrong of [1.5, NaN, "5", 2 ** 60]) assert.throws(list(wrong), TypeError);
  for (const call of [
    () => it.client.uploadBuffer("text", BUCKET, "x"),
    () => it.client.uploadBuffer(5, BUCKET, "x"),
    () => it.client.upload(5, BUCKET, "x"),
    () => it.client.upload("a\0b", BUCKET, "x"),
    () => it.client.upload(Buffer.from("a\0b"), BUCKET, "x"),
    () => it.client.upload("f", BUCKET, "x", { progress: 5 }),
    () => it.client.upload("f", BUCKET, "x", { signal: {} }),
    () => it.client.upload("f", BUCKET, "x", "biz_attr"),
    () => it.client.statFile(BUCKET, "x", {}, {}),
    () => it.client.listAll(BUCKET, "x", { page: 5 }),
    () => it.client.prefixSearchAll(BUCKET, "x", "p", { page: 5 }),
    () => it.client.prefixSearchAll(BUCKET, "x", 5),
    () => it.client.deleteFiles(BUCKET, "abc"),
  ]) {
    await assert.rejects(call, TypeError);
  }
  await assert.rejects(it.client.list(BUCKET, "", { nmu: 5 }), { message: 'list has no option "nmu"' });
  await assert.rejects(it.client.statFile(BUCKET, "x", { signal: null }), /signal must be an AbortSignal/);
  await assert.rejects(it.client.statFile(BUCKET, "x", { progress() {} }), /has no option "progress"/);
  const missing = await failure("QCOS_ERR_PARAMS", () => it.client.statFile());
  assert.match(missing.message, /bucket/);
  const unknown = await failure("QCOS_ERR_PARAMS", () => new Client("1", "a", "b", { no_option: 1 }));
  assert.match(unknown.message, /no_option/);
  const file = it.file("f", 1);
  const options = { no_option: 1 };
  await failure("QCOS_ERR_PARAMS", () => it.client.uploadWith(file, BUCKET, "x", options));
  await failure("QCOS_ERR_LOCAL_FILE", () => it.client.upload(`${file}none`, BUCKET, "x"));
});

test("a cancelled client", async (t) => {
  const silent = net.createServer(() => {}).listen(0, "127.0.0.1");
  t.after(() => silent.close());
  await once(silent, "listening");
  const it = setUp(t, { endpoint: `http://127.0.0.1:${silent.address().port}` });
  const hasty = it.client.derive({ timeout_ms: 300 });
  await failure("QCOS_ERR_NETWORK", () => hasty.statFile(BUCKET, "x"));
  hasty.close();
  const waiting = failure("QCOS_ERR_CANCELLED", () => it.client.statFile(BUCKET, "x"));
  setTimeout(() => it.client.cancel(), 200);
  await waiting;
  const later = it.client.derive();
  await failure("QCOS_ERR_CANCELLED", () => later.statFile(BUCKET, "x"));
  later.close();
  const shared = await failure("QCOS_ERR_PARAMS", () => it.client.derive({ region: "ap-x" }));
  assert.match(shared.message, /region/);
});
