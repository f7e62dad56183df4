// Uploads a file (in slices above 8 MiB), looks at it, lists its folder, downloads it, and deletes
// it again.
//
//     QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... node quickstart.mjs FILE BUCKET
//
// QCOS_OPTIONS is JSON, such as {"region":"ap-guangzhou"}; qcos.h lists them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import qcos from "./index.js";

const [file, bucket] = process.argv.slice(2);
if (!bucket) {
  console.error("usage: quickstart.mjs FILE BUCKET");
  process.exit(2);
}

const show = (call, data) => console.log(call.padEnd(8), JSON.stringify(data));

// Called while the upload goes on; returning qcos.CANCEL would cancel it.
function progress(done, total) {
  const share = total ? (100 * done) / total : 100;
  process.stderr.write(`\r${share.toFixed(0).padStart(3)} %${done === total ? "\n" : ""}`);
}

const { QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, QCOS_OPTIONS } = process.env;
const path = "quickstart/file";
const folder = await mkdtemp(join(tmpdir(), "qcos-"));
let client;
try {
  client = new qcos.Client(QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY, JSON.parse(QCOS_OPTIONS || "{}"));
  const options = { biz_attr: "from quickstart.mjs", progress };
  show("upload", await client.upload(file, bucket, path, options));
  show("stat", await client.statFile(bucket, path));
  show("list", await client.list(bucket, "quickstart"));
  show("download", await client.download(bucket, path, join(folder, "file")));
  show("delete", await client.deleteFile(bucket, path));
} catch (error) {
  if (!(error instanceof qcos.QcosError)) throw error;
  console.error(`${error.name} (${error.code}): ${error.message}`);
  process.exitCode = 1;
} finally {
  client?.close();
  await rm(folder, { recursive: true });
}
