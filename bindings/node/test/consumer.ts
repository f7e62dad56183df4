// What a program in TypeScript may say, and what its compiler must refuse. Compiled, never run.

import { CANCEL, Client, QcosError, libraryVersion } from "../index.js";

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
  // @ts-expect-error: a promise is no number of bytes
  await client.uploadStream(async () => 5, "bucket", "path");
  // @ts-expect-error: the path is missing
  await client.deleteFile("bucket");
}

export { good, refused };
