// The official Node SDK, unchanged, with keys of SSE-C and metadata beyond ASCII, against a COS service on this machine.
//
//     node encryption.js put URL CERTIFICATE KEY OBJECT FILE    in one request, or above 1 MiB in parts
//     node encryption.js get URL CERTIFICATE KEY OBJECT FILE
//     node encryption.js meta URL CERTIFICATE KEY OBJECT        prints the value of x-cos-meta-colour as it came
//
// KEY is in Base64; NODE_EXTRA_CA_CERTS names the certificate.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const COS = require('cos-nodejs-sdk-v5');

const [command, url, , key, name, file] = process.argv.slice(2);
const host = new URL(url).host;
const cos = new COS({
  SecretId: 'TESTSECRETID0000000000000000000000000',
  SecretKey: 'TESTSECRETKEYDONOTUSE0000000000',
  Protocol: 'https:',
  Domain: host,
  ServiceDomain: host,
});
const md5 = crypto.createHash('md5').update(Buffer.from(key, 'base64')).digest('base64');
const place = {
  Bucket: 'testbucket-10000001',
  Region: 'ap-guangzhou',
  Key: name,
  SSECustomerAlgorithm: 'AES256',
  SSECustomerKey: key,
  SSECustomerKeyMD5: md5,
};
const meta = { 'x-cos-meta-colour': encodeURIComponent('蓝 100%'), 'x-cos-meta-raw': 'a%20b' };

async function put() {
  const content = fs.readFileSync(file);
  const part = 1 << 20;
  if (content.length <= part) {
    return cos.putObject({ ...place, Headers: meta, Body: content });
  }
  const { UploadId } = await cos.multipartInit({ ...place, Headers: meta });
  const Parts = [];
  for (let at = 0, PartNumber = 1; at < content.length; at += part, PartNumber += 1) {
    const Body = content.subarray(at, at + part);
    const { ETag } = await cos.multipartUpload({ ...place, UploadId, PartNumber, Body });
    Parts.push({ PartNumber, ETag });
  }
  const { Bucket, Region, Key } = place;
  return cos.multipartComplete({ Bucket, Region, Key, UploadId, Parts });
}

async function main() {
  if (command === 'put') return put();
  if (command === 'get') return fs.writeFileSync(file, (await cos.getObject(place)).Body);
  return console.log((await cos.headObject(place)).headers['x-cos-meta-colour']);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
