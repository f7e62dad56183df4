// What a program in TypeScript may say, and what its compiler must refuse. Compiled, never run.

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CANCEL, Client, QcosError, TraceEvent, libraryVersion } from "../index.js";

async function good(): Promise<void> {
  const version: string = libraryVersion();
  await using client = new Client("1250000000", "id", version, { region: "ap-x" });
  using other: Client = new Client("1", "id", "key");
  const control = new AbortController();
  const uploaded = await client.upload("file", "bucket", "path", {
    biz_attr: "text",
    progress: (done: number, total: number) => (done > total / 2 ? CANCEL : undefined),
    signal: control.signal,
  });
  const url: string = uploaded.access_url;
  const size: number | undefined = client.statFileSync("bucket", url).filesize;
  for (const info of (await other.list("bucket", "", { num: 100, order: 1 })).infos) {
    const name: string = info.name;
    await client.uploadSlice(new URL("file:///x"), "bucket", name, { slice_size: 1n << 20n });
  }
  const count: number = client.listAllSync("bucket", "", { page: (infos) => infos[0]?.name }).count;
  try {
    await client.uploadBuffer(new Uint8Array(size ?? count), "bucket", "path");
    const part: Buffer = await client.downloadBuffer("bucket", "path", 5n, { size: 5, if_match: "etag" });
    const length: number = client.downloadBufferSync("bucket", "path", 0, { buffer: part }).len;
    await client.uploadBufferWith(part, "bucket", "path", { on_failure: "keep" });
    client.uploadStreamSync((buffer) => part.copy(buffer), "bucket", "path", { length });
    await client.downloadStream("bucket", "path", (chunk) => void chunk.length, { last: 5 });
    await client.downloadWith("bucket", "path", "file", { overwrite: false });
  } catch (error) {
    if (error instanceof QcosError && error.retryable) throw new Error(error.data.session);
  }
}

async function streamed(client: Client, signal: AbortSignal): Promise<void> {
  const writing = client.createWriteStream("bucket", "path", { length: 5, signal, highWaterMark: 5 });
  await pipeline(createReadStream("file"), writing);
  const url: string | undefined = writing.reply?.access_url;
  const reading = client.createReadStream("bucket", url ?? "path", { last: 5, if_match: "etag" });
  await client.downloadStream("bucket", "path", process.stdout);
  const { len } = await client.downloadStream("bucket", "path", async (chunk) => chunk.length);
  await client.uploadStream(reading, "bucket", "path", { length: len });
  await client.uploadStream(["text"], "bucket", "path");
  await client.uploadStream(async (buffer) => buffer.write("x"), "bucket", "path");
  for await (const { name, filesize = 0 } of client.list("bucket", "path", { num: 5 })) name.at(filesize);
  for await (const { name } of client.prefixSearch("bucket", "path", "a")) name.length;
  for await (const info of client.listAll("bucket", "path", { recursive: true })) info.etag?.length;
  for await (const info of client.prefixSearchAll("bucket", "path", "a/b", { recursive: true })) info.etag?.length;
  const found: number = client.prefixSearchAllSync("bucket", "path", "a", { page: (infos) => infos.length }).count;
  if (found !== (await client.prefixSearchAll("bucket", "path", "a")).infos?.length) return;
  for await (const { path, session } of client.listUploads("bucket", "")) {
    await client.abortUpload("bucket", path, session, { signal });
  }
  for await (const { version_id, is_latest, delete_marker } of client.listVersions("bucket", "path")) {
    if (is_latest && delete_marker) await client.deleteWith("bucket", "path", { version_id });
  }
  if ((await client.getVersioning("bucket")).status === "") client.setVersioningSync("bucket", "Enabled");
  const { xml, status } = await client.request("bucket", "", { method: "GET", query: { tagging: "" } });
  const put: string = (await client.presign("PUT", "bucket", "path", 60, { headers: { a: "b" } })).url;
  const { fields } = client.postPolicySync("bucket", { key: "path", expires_s: put.length });
  fields.key?.length;
  const tagging = xml?.Tagging;
  if (status === 200 && typeof tagging === "object" && !Array.isArray(tagging)) tagging.TagSet;
  client.onExpiry(async () => client.setCredentials("id", "key", { expiresAt: new Date() }));
  client.onExpiry(null);
  const slow = ({ whole_ms, tls_ms = 0, error }: TraceEvent): boolean => error !== undefined || whole_ms - tls_ms > 5;
  client.onTrace((event) => (slow(event) ? CANCEL : event.request_id?.length));
  client.onTrace(null);
  const { ok, steps } = await client.diagnose("bucket", { signal });
  const advice: string | undefined = steps.find(({ status }) => status === "failed")?.advice;
  if (!ok) throw new Error(advice ?? client.diagnoseSync("bucket").steps[0]?.message);
  new Client("1", null, null, { region: "ap-x", credentials: "cvm" });
  const unknown: unknown = (await client.statFile("bucket", "path", { signal })).later;
  if (unknown) throw unknown;
}

async function refused(client: Client): Promise<void> {
  // @ts-expect-error: no such option
  await client.upload("file", "bucket", "path", { biz_atr: "text" });
  // @ts-expect-error: no bytes
  await client.uploadBuffer("text", "bucket", "path");
  // @ts-expect-error: a promise, not the reply
  client.statFile("bucket", "path").filesize;
  // @ts-expect-error: no such access right
  client.setAclSync("bucket", "path", "public");
  // @ts-expect-error: no such option of a client
  new Client("1", "id", "key", { apis: "xml" });
  // @ts-expect-error: how much is missing
  await client.downloadBuffer("bucket", "path", 0, {});
  // @ts-expect-error: a promise is no number of bytes where the call blocks
  client.uploadStreamSync(async () => 5, "bucket", "path");
  // @ts-expect-error: text alone is no stream
  await client.uploadStream("text", "bucket", "path");
  // @ts-expect-error: a size is a number
  (await client.statFile("bucket", "path")).filesize?.length;
  // @ts-expect-error: a time is a number
  client.onTrace(({ head_ms }) => head_ms?.length);
  // @ts-expect-error: nobody knows what this is
  (await client.deleteFile("bucket", "path")).something.more;
  // @ts-expect-error: the prefix is missing
  await client.prefixSearchAll("bucket", "path", { recursive: true });
  // @ts-expect-error: the path is missing
  await client.deleteFile("bucket");
}

export { good, refused, streamed };
