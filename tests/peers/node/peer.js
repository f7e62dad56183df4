// The official Node SDK, unchanged, against a COS service on this machine.
//
//     node peer.js exercise URL         every kind of call, checked here
//     node peer.js put URL KEY FILE     for the tests of what one client writes and another reads
//     node peer.js get URL KEY FILE
//     node peer.js enable-versions URL
//     node peer.js put-version URL KEY FILE      says its id
//     node peer.js get-version URL KEY ID FILE
//     node peer.js delete-version URL KEY ID
//     node peer.js versions URL KEY              says the ids, the newest first; a delete marker as "marker ID"
//     node peer.js set-tags URL KEY K V ...      none deletes them
//     node peer.js tags URL KEY                  says them as lines "K=V", in order
//     node peer.js archive URL KEY FILE          uploads to the archive, with the tag "of=node"
//     node peer.js restore URL KEY DAYS TIER
//     node peer.js restored URL KEY              says how far it is
//     node peer.js append URL KEY POSITION FILE  says the next position
'use strict';

const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const COS = require('cos-nodejs-sdk-v5');

const where = { Bucket: 'testbucket-10000001', Region: 'ap-guangzhou' };
const MIB = 1 << 20;
const NAMES = ['a b', 'a+b', '100%', 'a%20b', 's*r', 't~e', 'q\'u"o', '中文/名', 'd//e', '&<x>',
  'a\\b', '\\c\\'];

const [command, url, key, ...rest] = process.argv.slice(2);
const [file, to] = rest;

function client(secretKey = 'TESTSECRETKEYDONOTUSE0000000000') {
  const host = new URL(url).host;
  return new COS({
    SecretId: 'TESTSECRETID0000000000000000000000000',
    SecretKey: secretKey,
    Protocol: 'http:',
    Domain: host,
    ServiceDomain: host,
  });
}

const cos = client();
const call = (name, more) => cos[name]({ ...where, ...more });

async function refused(code, promise) {
  await assert.rejects(promise, (error) => {
    assert.strictEqual(error.code, code, JSON.stringify(error));
    return true;
  });
}

// By plain HTTP.
function fetched(method, address, content) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(pieces) }));
    });
    request.on('error', reject);
    request.end(content);
  });
}

async function objects() {
  for (const [number, name] of NAMES.entries()) {
    const content = crypto.randomBytes(3000 + number);
    const Key = 'names/' + name;
    const put = await call('putObject', {
      Key, Body: content, ContentType: 'text/plain', 'x-cos-meta-color': 'blue' });
    assert.strictEqual(put.ETag, `"${crypto.createHash('md5').update(content).digest('hex')}"`);
    assert.deepStrictEqual((await call('getObject', { Key })).Body, content);
    const part = await call('getObject', { Key, Range: 'bytes=10-19' });
    assert.deepStrictEqual(part.Body, content.subarray(10, 20));
    const head = await call('headObject', { Key });
    assert.strictEqual(head.headers['content-length'], String(content.length));
    assert.strictEqual(head.headers['x-cos-meta-color'], 'blue');
    const source = `${where.Bucket}.cos.${where.Region}.myqcloud.com/`;
    const encoded = Key.split('/').map(encodeURIComponent).join('/');
    await call('putObjectCopy', { Key: 'copies/' + name, CopySource: source + encoded });
    const copy = await call('getObject', { Key: 'copies/' + name });
    assert.deepStrictEqual(copy.Body, content);
    const get = cos.getObjectUrl({ ...where, Key, Sign: true, Expires: 60 });
    assert.deepStrictEqual((await fetched('GET', get)).body, content, get);
    const there = cos.getObjectUrl({ ...where, Key: 'put/' + name, Method: 'PUT', Sign: true });
    assert.strictEqual((await fetched('PUT', there, content)).status, 200, there);
    assert.deepStrictEqual((await call('getObject', { Key: 'put/' + name })).Body, content);
  }
  await refused('NoSuchKey', call('getObject', { Key: 'none' }));
  await call('putObjectAcl', { Key: 'names/a b', ACL: 'public-read' });
  const acl = await call('getObjectAcl', { Key: 'names/a b' });
  assert(acl.Grants.some((grant) => grant.Permission === 'READ'), JSON.stringify(acl));
}

async function lists() {
  for (const name of ['b/1', 'b/2', 'c d/3', '中/4', 'x', 'y+z']) {
    await call('putObject', { Key: 'list/' + name, Body: 'x' });
  }
  const keys = [];
  const prefixes = [];
  for (let Marker = ''; ;) {
    const page = await call('getBucket', { Prefix: 'list/', Delimiter: '/', Marker, MaxKeys: 2 });
    keys.push(...page.Contents.map((entry) => entry.Key));
    prefixes.push(...page.CommonPrefixes.map((entry) => entry.Prefix));
    if (page.IsTruncated === 'false') break;
    Marker = page.NextMarker;
  }
  assert.deepStrictEqual(keys, ['list/x', 'list/y+z']);
  assert.deepStrictEqual(prefixes, ['list/b/', 'list/c d/', 'list/中/']);
}

async function multipart() {
  const parts = [crypto.randomBytes(MIB), crypto.randomBytes(MIB), crypto.randomBytes(100)];
  const Key = 'parts/a+b';
  const { UploadId } = await call('multipartInit', { Key });
  const send = (from, PartNumber) => from.multipartUpload({
    ...where, Key, UploadId, PartNumber, Body: parts[PartNumber - 1] });
  await send(cos, 1);
  await send(cos, 3);
  // Another client goes on.
  const other = client();
  const uploads = await other.multipartList({ ...where, Prefix: 'parts/' });
  assert.deepStrictEqual(uploads.Upload.map((upload) => upload.UploadId), [UploadId]);
  const list = () => other.multipartListPart({ ...where, Key, UploadId });
  assert.deepStrictEqual((await list()).Part.map((part) => part.PartNumber), ['1', '3']);
  await send(other, 2);
  const done = (await list()).Part.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
  await other.multipartComplete({ ...where, Key, UploadId, Parts: done });
  assert.deepStrictEqual((await call('getObject', { Key })).Body, Buffer.concat(parts));
  await refused('NoSuchUpload', list());
  const gone = await call('multipartInit', { Key: 'parts/gone' });
  await call('multipartAbort', { Key: 'parts/gone', UploadId: gone.UploadId });

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'qcos-node-'));
  const content = crypto.randomBytes(5 * MIB + 3);
  fs.writeFileSync(path.join(folder, 'sent'), content);
  await call('sliceUploadFile', {
    Key: 'parts/file', FilePath: path.join(folder, 'sent'), ChunkSize: MIB });
  assert.deepStrictEqual((await call('getObject', { Key: 'parts/file' })).Body, content);
  fs.rmSync(folder, { recursive: true });
}

async function deletes() {
  await call('deleteObject', { Key: 'names/a b' });
  await refused('NoSuchKey', call('getObject', { Key: 'names/a b' }));
  const keys = [...NAMES.map((name) => 'names/' + name), 'none'];
  const reply = await call('deleteMultipleObject', { Objects: keys.map((Key) => ({ Key })) });
  assert.deepStrictEqual(reply.Deleted.map((entry) => entry.Key).sort(), keys.sort());
  assert.deepStrictEqual((await call('getBucket', { Prefix: 'names/' })).Contents, []);
}

async function exercise() {
  await objects();
  await lists();
  await multipart();
  await deletes();
  // No calls on buckets: with a Domain the SDK names none.
  const wrong = client('wrong').putObject({ ...where, Key: 'f', Body: 'x' });
  await refused('SignatureDoesNotMatch', wrong);
  console.log('everything done');
}

const commands = {
  exercise,
  put: () => call('putObject', { Key: key, Body: fs.readFileSync(file) }),
  'set-tags': () => {
    const tags = [];
    for (let i = 0; i < rest.length; i += 2) tags.push({ Key: rest[i], Value: rest[i + 1] });
    if (tags.length === 0) return call('deleteObjectTagging', { Key: key });
    return call('putObjectTagging', { Key: key, Tags: tags });
  },
  tags: async () => {
    const { Tags } = await call('getObjectTagging', { Key: key });
    // An empty value is an empty object or nothing here.
    const line = ({ Key, Value }) => `${Key}=${typeof Value === 'string' ? Value : ''}`;
    console.log(Tags.map(line).sort().join('\n'));
  },
  archive: () => call('putObject', {
    Key: key, Body: fs.readFileSync(file), StorageClass: 'ARCHIVE', Headers: { 'x-cos-tagging': 'of=node' } }),
  restore: () => call('restoreObject', {
    Key: key, RestoreRequest: { Days: Number(rest[0]), CASJobParameters: { Tier: rest[1] } } }),
  restored: async () => console.log((await call('headObject', { Key: key })).headers['x-cos-restore'] || ''),
  append: async () => {
    const reply = await call('appendObject', { Key: key, Position: Number(rest[0]), Body: fs.readFileSync(rest[1]) });
    const { headers } = await call('headObject', { Key: key });
    assert.strictEqual(headers['x-cos-object-type'], 'appendable');
    console.log(reply.headers['x-cos-next-append-position']);
  },
  get: async () => fs.writeFileSync(file, (await call('getObject', { Key: key })).Body),
  async 'enable-versions'() {
    await call('putBucketVersioning', { VersioningConfiguration: { Status: 'Enabled' } });
    const { VersioningConfiguration } = await call('getBucketVersioning');
    assert.strictEqual(VersioningConfiguration.Status, 'Enabled');
  },
  async 'put-version'() {
    const { headers } = await call('putObject', { Key: key, Body: fs.readFileSync(file) });
    console.log(headers['x-cos-version-id']);
  },
  async 'get-version'() {
    const head = await call('headObject', { Key: key, VersionId: file });
    assert.strictEqual(head.headers['x-cos-version-id'], file);
    fs.writeFileSync(to, (await call('getObject', { Key: key, VersionId: file })).Body);
  },
  async 'delete-version'() {
    const { headers } = await call('deleteObject', { Key: key, VersionId: file });
    assert.strictEqual(headers['x-cos-version-id'], file);
  },
  async versions() {
    const page = await call('listObjectVersions', { Prefix: key });
    assert.strictEqual(page.IsTruncated, 'false');
    const found = [
      ...page.Versions.map(({ VersionId }) => [VersionId, '']),
      ...page.DeleteMarkers.map(({ VersionId }) => [VersionId, 'marker ']),
    ];
    // Ids fall with time.
    for (const [id, kind] of found.sort()) console.log(kind + id);
  },
};

commands[command]().catch((error) => {
  console.error(error);
  process.exit(1);
});
