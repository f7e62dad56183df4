/// <reference types="node" />

// Parameters, options and replies are called what qcos.h calls them; it is the manual of each call.
// Sizes and offsets are bytes, below 2^53.

/** A callback that returns this cancels its call; whatever else it returns does not matter. */
export const CANCEL: unique symbol;

/** The version of the library that is loaded, such as "0.1.0". */
export function libraryVersion(): string;

/** A local file or folder: a path, a file: URL, or bytes as the system takes them. */
export type Path = string | Uint8Array | URL;

/** What a call brings. Keys are only ever added. */
export interface Data {
  [key: string]: any;
}

export interface Uploaded extends Data {
  access_url: string;
}

export interface Downloaded extends Data {
  filesize: number;
  /** In the JSON API. */
  sha?: string;
  /** In the XML API. */
  crc64?: string;
}

/** A file has a `filesize`, a folder none. Times are strings of Unix seconds. */
export interface Info extends Data {
  name: string;
  filesize?: number;
  filelen?: number;
  mtime?: string;
}

export interface Listed extends Data {
  infos: Info[];
  has_more: boolean;
  context: string;
}

/** Of Client.diagnose; an advice is "" where there is nothing to do. */
export interface DiagnosisStep extends Data {
  step: string;
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  message_zh: string;
  advice: string;
  advice_zh: string;
  /** What is known of it, as of qcos.h. */
  detail: Data;
}

export interface Failed extends Data {
  code: number;
  message: string;
  path: string;
}

/** The library or the service has refused or failed. */
export class QcosError extends Error {
  /** The qcos_code, such as "QCOS_ERR_NETWORK", or "SERVICE". */
  name: string;
  /** A qcos_code below 0 when the library has failed; else the service's own. */
  code: number;
  /** "timeout", "parameter", "cancelled", "service" and others of qcos.h. */
  kind: string;
  /** HTTP status, 0 when there was no HTTP reply. */
  httpcode: number;
  /** What the call brought all the same, such as `session` and `offset`. */
  data: Data;
  /** The same call may succeed later. */
  retryable: boolean;
  /** Requests that the failing step made. */
  attempts: number;
  /** The service's number for the request. */
  request_id?: string;
  reply: Data;
}

export interface Watched {
  /** Called with bytes done and bytes in all. Cancels by returning CANCEL or by an exception. */
  progress?: (done: number, total: number) => unknown;
  /** Cancels the call, which fails with the signal's reason. */
  signal?: AbortSignal;
}

export interface Attribute {
  biz_attr?: string;
}

export interface Paging {
  /** Entries a page; default 20. */
  num?: number;
  pattern?: "eListBoth" | "eListDirOnly" | "eListFileOnly";
  /** 0 forward (default), 1 backward. */
  order?: 0 | 1;
  /** `context` of the page before. */
  context?: string;
}

export interface AllPages {
  recursive?: boolean;
  /** Called with each page of up to 1000 entries; without it they are in `infos` of the reply. */
  page?: (infos: Info[]) => unknown;
  signal?: AbortSignal;
}

export interface Slices extends Watched, Attribute {
  /** Bytes; default the client's. */
  slice_size?: number | bigint;
  /** `data.session` of the QcosError of an upload of the same file that was broken off. */
  session?: string;
}

export interface UploadOptions extends Watched, Attribute {
  overwrite?: boolean;
  acl?: "private" | "public-read" | "default";
  headers?: Record<string, string>;
  storage_class?: string;
  /** Of an upload in slices that fails or is cancelled; default "keep" for files, else "abort". */
  on_failure?: "keep" | "abort";
}

export interface StreamOptions extends UploadOptions {
  /** Bytes in all, if that is known. */
  length?: number;
}

/** Fills the buffer from its front, and returns how many bytes those are; 0 at the end. The buffer is
 * for this call only. */
export type Read = (buffer: Buffer) => number | typeof CANCEL;

/** Takes the next bytes, which are its own then; not for later, as with a promise. */
export type Write = (chunk: Buffer) => unknown;

/** XML API. */
export interface Conditions {
  if_match?: string;
  if_none_match?: string;
  /** Unix seconds. */
  if_modified_since?: number;
  /** Unix seconds. */
  if_unmodified_since?: number;
}

export interface DownloadOptions extends Watched, Conditions {
  /** false: a local file that is there already is an error. */
  overwrite?: boolean;
}

export interface RangeOptions extends Conditions {
  offset?: number;
  length?: number;
  /** The last so many bytes instead. */
  last?: number;
}

/** Into new memory: up to so many bytes. */
export interface Sized extends Conditions {
  size: number;
}

/** Into memory that is there, from its front. */
export interface Filled extends Conditions {
  buffer: Uint8Array;
}

/** What has arrived in memory. */
export interface Received extends Data {
  len: number;
  /** Of the whole file. */
  filesize: number;
  etag?: string;
}

/** Options of qcos_client_open. */
export interface ClientOptions {
  /** Default "xml" with a region, "json" without. */
  api?: "json" | "xml";
  region?: string;
  endpoint?: string;
  addressing?: "host" | "path" | "domain";
  security_token?: string;
  download_endpoint?: string;
  sign_expires_s?: number;
  connect_timeout_ms?: number;
  io_timeout_ms?: number;
  timeout_ms?: number;
  retries?: number;
  slice_size?: number;
  parallel?: number;
  checkpoint_dir?: string;
  overwrite?: boolean;
  tls_ca?: string;
  proxy?: string;
  user_agent?: string;
}

/** Of a derived client; what is left out is as the other has it. */
export type DerivedOptions = Pick<
  ClientOptions,
  | "timeout_ms"
  | "io_timeout_ms"
  | "connect_timeout_ms"
  | "retries"
  | "parallel"
  | "slice_size"
  | "overwrite"
  | "checkpoint_dir"
  | "sign_expires_s"
>;

/** The calls, each as `name(...)` with a promise and as `nameSync(...)`, which blocks. */
export interface Calls {
  signMore(bucket: string, expired: number): Promise<{ sign: string }>;
  signOnce(bucket: string, fileid: string): Promise<{ sign: string }>;
  createFolder(bucket: string, path: string, options?: Attribute): Promise<Data>;
  updateFolder(bucket: string, path: string, biz_attr: string): Promise<Data>;
  statFolder(bucket: string, path: string): Promise<Data>;
  deleteFolder(bucket: string, path: string): Promise<Data>;
  list(bucket: string, path: string, options?: Paging): Promise<Listed>;
  prefixSearch(bucket: string, path: string, prefix: string, options?: Paging): Promise<Listed>;
  listAll(bucket: string, path: string, options?: AllPages): Promise<{ count: number; infos?: Info[] }>;
  upload(filepath: Path, bucket: string, dstpath: string, options?: Attribute & Watched): Promise<Uploaded>;
  uploadBuffer(data: Uint8Array, bucket: string, dstpath: string, options?: Attribute): Promise<Uploaded>;
  uploadSlice(filepath: Path, bucket: string, dstpath: string, options?: Slices): Promise<Uploaded>;
  uploadWith(filepath: Path, bucket: string, dstpath: string, options?: UploadOptions): Promise<Uploaded>;
  uploadBufferWith(
    data: Uint8Array,
    bucket: string,
    dstpath: string,
    options?: UploadOptions,
  ): Promise<Uploaded>;
  uploadStream(read: Read, bucket: string, dstpath: string, options?: StreamOptions): Promise<Uploaded>;
  uploadTree(dirpath: Path, bucket: string, dstpath: string, options?: UploadOptions): Promise<Data>;
  download(bucket: string, path: string, filepath: Path, options?: Watched): Promise<Downloaded>;
  downloadWith(bucket: string, path: string, filepath: Path, options?: DownloadOptions): Promise<Downloaded>;
  downloadBuffer(bucket: string, path: string, offset: number | bigint, options: Sized): Promise<Buffer>;
  downloadBuffer(bucket: string, path: string, offset: number | bigint, options: Filled): Promise<Received>;
  downloadStream(bucket: string, path: string, write: Write, options?: RangeOptions): Promise<Received>;
  downloadTree(
    bucket: string,
    path: string,
    dirpath: Path,
    options?: Watched & { overwrite?: boolean },
  ): Promise<Data>;
  downloadUrl(bucket: string, path: string, expires_s: number): Promise<{ url: string }>;
  updateFile(bucket: string, path: string, biz_attr: string): Promise<Data>;
  statFile(bucket: string, path: string): Promise<Info>;
  deleteFile(bucket: string, path: string): Promise<Data>;
  moveFile(bucket: string, path: string, dst_path: string, options?: { overwrite?: boolean }): Promise<Data>;
  copyFile(bucket: string, path: string, dst_path: string, options?: { overwrite?: boolean }): Promise<Data>;
  deleteFiles(bucket: string, paths: string[]): Promise<{ deleted: number; failed: Failed[] }>;
  deleteTree(bucket: string, path: string): Promise<{ deleted: number; failed: Failed[] }>;
  setAcl(bucket: string, path: string, acl: "private" | "public-read" | "default"): Promise<Data>;
  getAcl(bucket: string, path: string): Promise<{ acl: string }>;
  createBucket(
    bucket: string,
    options?: { acl?: "private" | "public-read" | "public-read-write" },
  ): Promise<Data>;
  /** What is wrong between this program and the service, step by step. */
  diagnose(bucket: string): Promise<{ ok: boolean; steps: DiagnosisStep[] }>;
  headBucket(bucket: string): Promise<{ region?: string }>;
  deleteBucket(bucket: string): Promise<Data>;
  listBuckets(): Promise<{ infos: Info[] }>;
  listUploads(bucket: string, path: string): Promise<{ infos: Data[] }>;
  abortUpload(bucket: string, path: string, session: string): Promise<Data>;
  /** One request in the service's own words, for what has no method; the path is "" for the bucket itself. */
  request(
    bucket: string | null,
    path: string | null,
    request: {
      method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
      query?: Record<string, string>;
      headers?: Record<string, string>;
      host?: "bucket" | "service" | "ci";
      idempotent?: boolean;
      body?: Uint8Array;
    },
  ): Promise<{
    status: number;
    headers: Record<string, string>;
    body?: string;
    body_base64?: string;
    xml?: unknown;
  }>;
}

export type Sync<T> = {
  [Name in keyof T as `${Name & string}Sync`]: T[Name] extends (...given: infer Given) => Promise<infer Result>
    ? (...given: Given) => Result
    : never;
};

export interface Client extends Calls, Omit<Sync<Calls>, "downloadBufferSync"> {
  downloadBufferSync(bucket: string, path: string, offset: number | bigint, options: Sized): Buffer;
  downloadBufferSync(bucket: string, path: string, offset: number | bigint, options: Filled): Received;
}

/** An account at a service. A call fails with QcosError, also after close(); with TypeError or
 * RangeError when an argument cannot be passed. */
export class Client {
  /** Nothing is sent. */
  constructor(appid: string, secretId: string, secretKey: string, options?: ClientOptions);
  /** A client on the same account and connections, with limits of its own. */
  derive(options?: DerivedOptions): Client;
  /** For this client and all that share with it, from the next signature on. */
  setCredentials(
    secretId: string,
    secretKey: string,
    options?: { securityToken?: string; expiresAt?: Date },
  ): void;
  /** Ends every call of this client and of those derived from it, and each later one: within half a
   * second they fail with QCOS_ERR_CANCELLED. */
  cancel(): void;
  /** Calls that have begun go on to their end. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}
