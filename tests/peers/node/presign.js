// URLs whose queries the official Node SDK signs, as the test presign.rs asks for them.
//
//     node presign.js '["SECRET_ID", "SECRET_KEY", "BUCKET"]' \
//         '[{"method", "key", "query", "headers", "token", "time"}]'
//
// Prints a JSON array of them.
'use strict';

const COS = require('cos-nodejs-sdk-v5');

const [SecretId, SecretKey, Bucket] = JSON.parse(process.argv[2]);
const urls = JSON.parse(process.argv[3]).map(({ method, key, query, headers, token, time }) => {
  const parameters = { ...query, ...(token ? { 'x-cos-security-token': token } : {}) };
  const signature = COS.getAuthorization({
    SecretId,
    SecretKey,
    Bucket,
    Region: 'ap-guangzhou',
    Method: method,
    Key: key,
    Query: { ...parameters },
    Headers: headers ?? {},
    KeyTime: time.join(';'),
  });
  const pairs = signature.split('&').map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return `https://host/?${new URLSearchParams([...Object.entries(parameters), ...pairs])}`;
});
console.log(JSON.stringify(urls));
