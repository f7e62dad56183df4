// The official Node SDK, unchanged, with all that an object has, against a COS service on this machine.
//
//     node objects.js put URL CERTIFICATE OPTIONS KEY FILE      in one request, or above 1 MiB in parts
//     node objects.js get URL CERTIFICATE OPTIONS KEY FILE
//     node objects.js head URL CERTIFICATE OPTIONS KEY          prints the headers as JSON
//     node objects.js copy URL CERTIFICATE OPTIONS KEY SOURCE   prints the id of the copy's version, if there is one
//     node objects.js presign URL CERTIFICATE OPTIONS KEY       prints the URL of a PUT with the headers
//
// OPTIONS and SOURCE are those of ../python/objects.py; NODE_EXTRA_CA_CERTS names the certificate.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const COS = require('cos-nodejs-sdk-v5');

const [command, url, , text, name, last] = process.argv.slice(2);
const options = JSON.parse(text);
const { host, protocol } = new URL(url);
const cos = new COS({
  SecretId: 'TESTSECRETID0000000000000000000000000',
  SecretKey: 'TESTSECRETKEYDONOTUSE0000000000',
  Protocol: protocol,
  Domain: host,
  ServiceDomain: host,
});
const place = { Bucket: 'testbucket-10000001', Region: 'ap-guangzhou', Key: name };
const version = options.version_id ? { VersionId: options.version_id } : {};
const md5 = (key) => crypto.createHash('md5').update(Buffer.from(key, 'base64')).digest('base64');

// What a request says of a key of the caller's own.
function keyOf(sse) {
  if (!sse || !sse.c) return {};
  return { SSECustomerAlgorithm: 'AES256', SSECustomerKey: sse.c, SSECustomerKeyMD5: md5(sse.c) };
}

function encryption(sse) {
  if (sse === 'cos') return { ServerSideEncryption: 'AES256' };
  if (!sse || sse.kms === undefined) return keyOf(sse);
  const said = { ServerSideEncryption: 'cos/kms' };
  if (sse.kms) said.SSEKMSKeyId = sse.kms;
  if (sse.context) said.SSEContext = sse.context;
  return said;
}

// It has no parameters for these.
function keyOfSource(sse) {
  if (!sse) return {};
  const prefix = 'x-cos-copy-source-server-side-encryption-customer-';
  return { [`${prefix}algorithm`]: 'AES256', [`${prefix}key`]: sse.c, [`${prefix}key-MD5`]: md5(sse.c) };
}

const own = keyOf(options.sse);
const headers = { ...options.headers };
if (options.tags !== undefined) headers['x-cos-tagging'] = options.tags;
const written = { ...place, ...encryption(options.sse) };
if (options.storage_class) written.StorageClass = options.storage_class;

async function inParts(pieces, send) {
  const { UploadId } = await cos.multipartInit({ ...written, Headers: { ...headers } });
  const Parts = [];
  for (const [at, piece] of pieces.entries()) {
    const PartNumber = at + 1;
    const { ETag } = await send({ ...place, ...own, UploadId, PartNumber }, piece);
    Parts.push({ PartNumber, ETag });
  }
  return cos.multipartComplete({ ...place, UploadId, Parts });
}

async function put() {
  const content = fs.readFileSync(last);
  const part = 1 << 20;
  if (content.length <= part) return cos.putObject({ ...written, Headers: headers, Body: content });
  const pieces = [];
  for (let at = 0; at < content.length; at += part) pieces.push(content.subarray(at, at + part));
  return inParts(pieces, (where, Body) => cos.multipartUpload({ ...where, Body }));
}

async function copy() {
  const [bucket, ...key] = last.split('/');
  const encoded = key.map(encodeURIComponent).join('/');
  const id = options.version_id ? `?versionId=${options.version_id}` : '';
  const CopySource = `${bucket}.cos.ap-guangzhou.myqcloud.com/${encoded}${id}`;
  const theirs = keyOfSource(options.src_sse);
  if (!options.parts) {
    const MetadataDirective = options.headers ? 'Replaced' : 'Copy';
    if (options.tags !== undefined) headers['x-cos-tagging-directive'] = 'Replaced';
    return cos.putObjectCopy({ ...written, MetadataDirective, CopySource, Headers: { ...headers, ...theirs } });
  }
  const spans = [`bytes=0-${(1 << 20) - 1}`, `bytes=${1 << 20}-${options.parts - 1}`];
  return inParts(spans, (where, CopySourceRange) =>
    cos.uploadPartCopy({ ...where, CopySource, CopySourceRange, Headers: { ...theirs } }));
}

const commands = {
  put,
  get: async () => fs.writeFileSync(last, (await cos.getObject({ ...place, ...own, ...version })).Body),
  head: async () => console.log(JSON.stringify((await cos.headObject({ ...place, ...own, ...version })).headers)),
  copy: async () => console.log((await copy()).VersionId || ''),
  presign: async () => console.log(cos.getObjectUrl({
    ...place, Method: 'PUT', Sign: true, Expires: 600, Headers: headers })),
};

commands[command]().catch((error) => {
  console.error(error);
  process.exit(1);
});
