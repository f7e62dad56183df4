// An HTTP server in front of a bucket: GET with ranges, HEAD, PUT and DELETE. Bytes go through as
// they come, and what a client no longer waits for is ended.
//
//     QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... node server.mjs BUCKET [PORT]

import { once } from "node:events";
import { createServer } from "node:http";
import { pipeline } from "node:stream/promises";
import qcos from "./index.js";

const [bucket, port = "8080"] = process.argv.slice(2);
if (!bucket) {
  console.error("usage: server.mjs BUCKET [PORT]");
  process.exit(2);
}

const { QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, QCOS_OPTIONS } = process.env;
const client = new qcos.Client(QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, JSON.parse(QCOS_OPTIONS || "{}"));

const METHODS = { GET: get, HEAD: get, PUT: put, DELETE: remove };

async function get(path, request, response, signal) {
  const { filesize, etag, sha, biz_attr } = await client.statFile(bucket, path, { signal });
  const headers = { ETag: etag ?? `"${sha}"`, "Content-Type": biz_attr || "application/octet-stream" };
  if (request.headers["if-none-match"] === headers.ETag) return response.writeHead(304, headers).end();
  if ((request.headers["if-match"] ?? headers.ETag) !== headers.ETag) return response.writeHead(412).end();
  const part = partOf(request.headers.range, filesize);
  if (part === null) return response.writeHead(416, { "Content-Range": `bytes */${filesize}` }).end();
  headers["Accept-Ranges"] = "bytes";
  headers["Content-Length"] = part?.length ?? filesize;
  if (part) headers["Content-Range"] = `bytes ${part.offset}-${part.offset + part.length - 1}/${filesize}`;
  if (request.method === "HEAD") return response.writeHead(200, headers).end();
  // Of the file that was looked at, where the API has conditions.
  const reading = client.createReadStream(bucket, path, { ...part, ...(etag && { if_match: etag }), signal });
  // An error that comes before the first byte still has a status of its own.
  await once(reading, "readable");
  response.writeHead(part ? 206 : 200, headers);
  await pipeline(reading, response);
}

async function put(path, request, response, signal) {
  const { "content-length": length, "content-type": type, "if-none-match": none } = request.headers;
  // Not the request itself: a failed upload would take the connection with it, and the answer.
  const body = request.iterator({ destroyOnReturn: false });
  await client.uploadStream(body, bucket, path, {
    ...(length && { length: Number(length) }),
    ...(type && { biz_attr: type, headers: { "Content-Type": type } }),
    overwrite: none !== "*",
    signal,
  });
  response.writeHead(201).end();
}

async function remove(path, _request, response, signal) {
  await client.deleteFile(bucket, path, { signal });
  response.writeHead(204).end();
}

/** What a Range header means: undefined for the whole file, null for what is not in it. */
function partOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (!first && !last) return undefined;
  if (first && last && Number(first) > Number(last)) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start > end ? null : { offset: start, length: end - start + 1 };
}

function statusOf(error) {
  if (error instanceof URIError || error.name === "QCOS_ERR_PARAMS") return 400;
  if ([-166, -197, -6101].includes(error.code)) return 404;
  if ([-177, -178, -4018, -412].includes(error.code)) return 412;
  return error.retryable ? 503 : 500;
}

const server = createServer(async (request, response) => {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    const path = decodeURIComponent(new URL(request.url, "http://server").pathname.slice(1));
    const method = METHODS[request.method];
    if (method) await method(path, request, response, gone.signal);
    else response.writeHead(405, { Allow: Object.keys(METHODS).join(", ") }).end();
  } catch (error) {
    if (gone.signal.aborted) return;
    const status = statusOf(error);
    if (status === 500) console.error(error);
    if (response.headersSent) return response.destroy();
    response.writeHead(status, { "Content-Type": "text/plain" }).end(`${error.message}\n`);
    request.resume();
  }
});

server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
