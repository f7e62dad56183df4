// Runs every call of the classic Node SDK (qcloud_cos 1.0.6, as published) against the emulator.
// usage: node sdk.js http://HOST:PORT
'use strict';

const assert = require('assert');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const sdk = require('qcloud_cos');

const BUCKET = 'testbucket';
const MIB = 1 << 20;
const endpoint = process.argv[2];

sdk.conf.setAppInfo(
  '10000001', 'TESTSECRETID0000000000000000000000000', 'TESTSECRETKEYDONOTUSE0000000000', 60);
sdk.conf.API_COS_END_POINT = endpoint + '/files/v1/';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'qcos-node-'));

// Calls that the script makes, so that it can tell which of the SDK's it left out.
const called = new Set();

function call(name, ...args) {
  called.add(name);
  return new Promise((resolve) => sdk.cos[name](...args, resolve));
}

async function ok(name, ...args) {
  const reply = await call(name, ...args);
  assert.strictEqual(reply.code, 0, `${name}: ${JSON.stringify(reply)}`);
  assert.strictEqual(reply.message, 'SUCCESS');
  return reply.data;
}

async function refused(code, name, ...args) {
  const reply = await call(name, ...args);
  assert.strictEqual(reply.code, code, `${name}: ${JSON.stringify(reply)}`);
}

// Bytes that look random and differ by seed.
function localFile(name, length, seed) {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return { file, bytes };
}

function download(url) {
  return new Promise((resolve, reject) => {
    http.get(url, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(pieces),
      }));
    }).on('error', reject);
  });
}

async function assertStored(url, bytes) {
  const reply = await download(url);
  assert.strictEqual(reply.status, 200);
  assert.ok(reply.body.equals(bytes), 'the download differs');
  return reply;
}

async function folders() {
  const made = await ok('createFolder', BUCKET, '/图 片/', 'note');
  assert.strictEqual(made.resource_path, '/10000001/testbucket/图 片/');
  assert.match(made.ctime, /^\d+$/);
  await refused(-178, 'createFolder', BUCKET, '/图 片/', 'note');

  let stat = await ok('statFolder', BUCKET, '/图 片/');
  assert.strictEqual(stat.name, '图 片');
  assert.strictEqual(stat.biz_attr, 'note');
  await ok('updateFolder', BUCKET, '/图 片/', 'changed');
  stat = await ok('statFolder', BUCKET, '/图 片/');
  assert.strictEqual(stat.biz_attr, 'changed');

  const root = await ok('statFolder', BUCKET, '/');
  assert.strictEqual(root.bucket_type, 0);
  assert.ok(!('name' in root));
}

async function files() {
  const { file, bytes } = localFile('a b.bin', 300000, 1);
  const made = await ok('upload', file, BUCKET, '/图 片/a b~(1).bin', 'attribute', 1);
  assert.strictEqual(made.resource_path, '/10000001/testbucket/图 片/a b~(1).bin');
  assert.ok(made.url.startsWith(endpoint + '/files/v1/10000001/testbucket/'));
  await assertStored(made.access_url, bytes);
  await refused(-4018, 'upload', file, BUCKET, '/图 片/a b~(1).bin', 'attribute', 1);

  const other = localFile('other.bin', 300001, 2);
  await refused(-177, 'upload', other.file, BUCKET, '/图 片/a b~(1).bin', '', 1);
  const replaced = await ok('upload', other.file, BUCKET, '/图 片/a b~(1).bin', 'new', 0);
  await assertStored(replaced.access_url, other.bytes);

  let stat = await ok('statFile', BUCKET, '/图 片/a b~(1).bin');
  assert.deepStrictEqual(
    [stat.name, stat.biz_attr, stat.filesize, stat.filelen], ['a b~(1).bin', 'new', 300001, 300001]);
  assert.match(stat.sha, /^[0-9A-F]{40}$/);
  assert.strictEqual(stat.access_url, made.access_url);

  await ok('updateFile', BUCKET, '/图 片/a b~(1).bin', 'mine', 'eWPrivateRPublic',
    { 'Content-Type': 'image/x-test', 'x-cos-meta-colour': 'blue' });
  stat = await ok('statFile', BUCKET, '/图 片/a b~(1).bin');
  assert.strictEqual(stat.biz_attr, 'mine');
  assert.strictEqual(stat.authority, 'eWPrivateRPublic');
  assert.strictEqual(stat.custom_headers['Content-Type'], 'image/x-test');
  const reply = await assertStored(stat.access_url, other.bytes);
  assert.strictEqual(reply.headers['content-type'], 'image/x-test');
  assert.strictEqual(reply.headers['x-cos-meta-colour'], 'blue');

  // From the source's folder, and from the root.
  await ok('moveFile', BUCKET, '/图 片/a b~(1).bin', 'deep/moved.bin', 0);
  await refused(-166, 'statFile', BUCKET, '/图 片/a b~(1).bin');
  await ok('moveFile', BUCKET, '/图 片/deep/moved.bin', '/moved.bin', 0);
  await assertStored((await ok('statFile', BUCKET, '/moved.bin')).access_url, other.bytes);
  await ok('upload', file, BUCKET, '/in the way', '', 1);
  await refused(-177, 'moveFile', BUCKET, '/moved.bin', '/in the way', 0);
  await ok('moveFile', BUCKET, '/moved.bin', '/in the way', 1);

  await ok('deleteFile', BUCKET, '/in the way');
  await refused(-166, 'deleteFile', BUCKET, '/in the way');
}

async function lists() {
  const { file } = localFile('small', 10, 3);
  for (const name of ['ab1', 'ab2', 'ac 片', 'b']) {
    await ok('upload', file, BUCKET, '/list/' + name, '', 1);
  }
  await ok('createFolder', BUCKET, '/list/abdir', '');

  const names = [];
  let context = '';
  let page;
  do {
    page = await ok('list', BUCKET, '/list', 2, 'eListBoth', 0, context);
    assert.deepStrictEqual([page.dircount, page.filecount], [1, 4]);
    names.push(...page.infos.map((item) => item.name));
    context = page.context;
  } while (page.has_more);
  assert.deepStrictEqual(names, ['abdir', 'ab1', 'ab2', 'ac 片', 'b']);

  page = await ok('list', BUCKET, '/list', 10, 'eListFileOnly', 1, '');
  assert.deepStrictEqual(page.infos.map((item) => item.name), ['b', 'ac 片', 'ab2', 'ab1']);
  page = await ok('list', BUCKET, '/list', 10, 'ListDirOnly', 0, '');
  assert.deepStrictEqual(page.infos.map((item) => item.name), ['abdir']);
  assert.ok(!('sha' in page.infos[0]));

  page = await ok('prefixSearch', BUCKET, '/list', 'ab', 10, 'eListBoth', 0, '');
  assert.deepStrictEqual(page.infos.map((item) => item.name), ['abdir', 'ab1', 'ab2']);
  // The SDK leaves the encoding of a prefix to its caller.
  const prefix = encodeURIComponent('ac 片');
  page = await ok('prefixSearch', BUCKET, '/list', prefix, 10, 'eListBoth', 0, '');
  assert.deepStrictEqual(page.infos.map((item) => item.name), ['ac 片']);
}

async function slices() {
  // Above 20 MiB the SDK's upload goes by slices on its own.
  const big = localFile('big.bin', 20 * MIB + 12345, 4);
  let made = await ok('upload', big.file, BUCKET, '/slices/大 文件.bin', 'big', 1);
  await assertStored(made.access_url, big.bytes);
  const stat = await ok('statFile', BUCKET, '/slices/大 文件.bin');
  assert.deepStrictEqual([stat.filesize, stat.filelen], [big.bytes.length, big.bytes.length]);
  assert.strictEqual(stat.biz_attr, 'big');

  const middle = localFile('middle.bin', 3 * 524288 + 1, 5);
  made = await ok(
    'upload_slice', middle.file, BUCKET, '/slices/middle', 'attribute', 524288, null, 1);
  await assertStored(made.access_url, middle.bytes);
  await refused(-4018,
    'upload_slice', middle.file, BUCKET, '/slices/middle', 'attribute', 524288, null, 1);
  await refused(-177,
    'upload_slice', big.file, BUCKET, '/slices/middle', 'attribute', 524288, null, 1);
  // The content is here: not a slice is sent.
  made = await ok('upload_slice', middle.file, BUCKET, '/slices/again', '', 524288, null, 1);
  await assertStored(made.access_url, middle.bytes);
}

async function remove() {
  await refused(-173, 'deleteFolder', BUCKET, '/list/');
  for (const name of ['ab1', 'ab2', 'ac 片', 'b']) {
    await ok('deleteFile', BUCKET, '/list/' + name);
  }
  await ok('deleteFolder', BUCKET, '/list/abdir');
  await ok('deleteFolder', BUCKET, '/list/');
  await refused(-166, 'statFolder', BUCKET, '/list/');
}

async function main() {
  try {
    await folders();
    await files();
    await lists();
    await slices();
    await remove();
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  assert.deepStrictEqual([...called].sort(), Object.keys(sdk.cos).sort(), 'a call was left out');
  console.log(`${called.size} calls of the SDK done`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
