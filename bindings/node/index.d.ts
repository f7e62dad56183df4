/// <reference types="node" />

import { Readable, ReadableOptions, Writable, WritableOptions } from "node:stream";

// Parameters, options and replies are called what qcos.h calls them; it is the manual of each call.
// Sizes and offsets are bytes, below 2^53.

/** A callback that returns this cancels its call; whatever else it returns does not matter. */
export const CANCEL: unique symbol;

/** The version of the library that is loaded, such as "0.1.0". */
export function libraryVersion(): string;

/** A local file or folder: a path, a file: URL, or bytes as the system takes them. */
export type Path = string | Uint8Array | URL;

/** The reply of a call that brings nothing but its success. */
export interface Data {
  /** What newer libraries and services tell. Keys are only ever added. */
  [key: string]: unknown;
}

export interface Created extends Data {
  ctime?: string;
  resource_path?: string;
}

export interface Uploaded extends Data {
  access_url: string;
  resource_path?: string;
  url?: string;
  /** What was compared: "crc64", "sha1", "md5" or "length". */
  verified?: string;
  /** In a bucket that has versions, where the service tells it. */
  version_id?: string;
}

export interface Copied extends Uploaded {
  filesize: number;
  crc64?: string;
  /** In a bucket that has versions. */
  version_id?: string;
}

export interface Downloaded extends Data {
  filesize: number;
  /** In the JSON API. */
  sha?: string;
  /** In the XML API. */
  crc64?: string;
  verified?: string;
  /** Of what has arrived, in a bucket that has versions. */
  version_id?: string;
}

/** A file has a `filesize`, a folder none, nor has a delete marker. Times are strings of Unix seconds. */
export interface Info extends Data {
  name: string;
  filesize?: number;
  /** Less than `filesize`: it is still being uploaded. */
  filelen?: number;
  mtime?: string;
  ctime?: string;
  access_url?: string;
  biz_attr?: string;
  /** In the JSON API. */
  sha?: string;
  /** In the XML API, as `etag`. */
  crc64?: string;
  etag?: string;
  /** In the XML API, as all below, of a stat: by names in lower case. */
  headers?: Record<string, string>;
  /** By names without "x-cos-meta-". */
  meta?: Record<string, string>;
  storage_class?: string;
  /** In a bucket that has versions. */
  version_id?: string;
  /** In a list of versions: whether it is the newest. */
  is_latest?: boolean;
  /** Hides the versions before it. */
  delete_marker?: true;
  type?: string;
  restore?: string;
  /** Of an encrypted file; `c_md5` is that of a key of its owner's own. */
  sse?: "cos" | { cos: string } | { kms: string } | { c_md5: string };
  /** Why all calls leave this entry alone. */
  unusable?: string;
}

export interface FolderInfo extends Data {
  name?: string;
  biz_attr?: string;
  ctime?: string;
  mtime?: string;
}

export interface Listed extends Data {
  infos: Info[];
  has_more: boolean;
  context: string;
  dircount?: number;
  filecount?: number;
}

export interface ListedAll extends Data {
  count: number;
  /** Without `page`. */
  infos?: Info[];
  /** Folders that could not be looked into. */
  failed?: Failed[];
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
  service_code?: string;
  /** With `offset`, of an upload in slices that can be resumed. */
  session?: string;
  offset?: number;
}

/** What has become of a folder's files. */
export interface Tree extends Data {
  /** Those that were there already. */
  same: number;
  failed: Failed[];
  skipped: string[];
  skipped_more?: number;
  failed_more?: number;
  unverified?: number;
  deleted?: number;
  /** Of a dry run. */
  plan?: Array<{ path: string; action: "upload" | "download" | "copy" | "move" | "delete" }>;
  plan_more?: number;
}

export interface Deleted extends Data {
  deleted: number;
  failed?: Failed[];
}

/** In a bucket that has versions; else empty. */
export interface DeletedVersion extends Data {
  /** Of the version that is gone, or of the delete marker that was made. */
  version_id?: string;
  /** Whether it is a delete marker. */
  delete_marker?: true;
}

export interface Bucket extends Data {
  name: string;
  region?: string;
  ctime?: string;
}

export interface UnfinishedUpload extends Data {
  path: string;
  session: string;
  ctime?: string;
  unusable?: string;
}

export interface Acl extends Data {
  acl: string;
  grants?: { grantee: string; permission: string }[];
}

/** An answer to `request`. */
export interface Answer extends Data {
  status: number;
  /** By names in lower case. */
  headers: Record<string, string>;
  body?: string;
  /** What is not UTF-8. */
  body_base64?: string;
  xml?: Record<string, XmlValue>;
}

/** An element's text, or its elements by name; an array where a name is there more than once. */
export type XmlValue = string | { [name: string]: XmlValue } | XmlValue[];

/** What a failed call brings all the same. */
export interface FailureData extends Data {
  /** With `offset`, of an upload in slices that can be resumed. */
  session?: string;
  offset?: number;
  failed?: Failed[];
  /** A delete marker is there instead. */
  delete_marker?: true;
}

/** The reply of a failed call as the library gave it. */
export interface Reply {
  code: number;
  message: string;
  httpcode: number;
  data: FailureData;
  request_id?: string;
  error?: {
    name: string;
    kind: string;
    retryable: boolean;
    attempts: number;
    service_code?: string;
    trace_id?: string;
    request_id?: string;
  };
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
  data: FailureData;
  /** The same call may succeed later. */
  retryable: boolean;
  /** Requests that the failing step made. */
  attempts: number;
  /** The service's number for the request. */
  request_id?: string;
  reply: Reply;
}

/** What one attempt at a request has come to. Times are milliseconds with three decimals, and left out
 * where there was no such step, as on a kept connection. */
export interface TraceEvent extends Data {
  /** When the attempt began, in Unix milliseconds. */
  time_ms: number;
  /** 1 for the first; more when the request is sent again. */
  attempt: number;
  method: string;
  host: string;
  /** Encoded, as it is sent. */
  path: string;
  query: string;
  /** HTTP status, 0 when there was no answer. */
  status: number;
  /** The service's number for the request. */
  request_id?: string;
  /** 0, or the code that a reply would have. */
  code: number;
  /** The message then. */
  error?: string;
  /** The pause before the next attempt, if there is one. */
  retry_in_ms?: number;
  /** Bytes of the bodies. */
  sent: number;
  received: number;
  dns_ms?: number;
  connect_ms?: number;
  /** Through a proxy. */
  tunnel_ms?: number;
  tls_ms?: number;
  /** Until the head of the answer was complete. */
  head_ms?: number;
  /** Until the attempt ended. */
  whole_ms: number;
}

/** Of every call. */
export interface Cancellable {
  /** Cancels the call, which then fails with the signal's reason. */
  signal?: AbortSignal;
}

export interface Watched extends Cancellable {
  /** Called with bytes done and bytes in all. Cancels by returning CANCEL or by an exception. */
  progress?: (done: number, total: number) => unknown;
}

export interface Attribute extends Cancellable {
  biz_attr?: string;
}

export interface Paging extends Cancellable {
  /** Entries a page; default 20, and 199 where the list is gone through. */
  num?: number;
  pattern?: "eListBoth" | "eListDirOnly" | "eListFileOnly";
  /** 0 forward (default), 1 backward. */
  order?: 0 | 1;
  /** `context` of the page before. */
  context?: string;
}

export interface AllPages extends Cancellable {
  recursive?: boolean;
  /** Called with each page of up to 1000 entries; without it they are in `infos` of the reply. */
  page?: (infos: Info[]) => unknown;
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
  /** By names without "x-cos-meta-"; any text. */
  meta?: Record<string, string>;
  storage_class?: string;
  /** XML API. */
  sse?: Encryption;
  /** Of an upload in slices that fails or is cancelled; default "keep" for files, else "abort". */
  on_failure?: "keep" | "abort";
}

/** How the service encrypts a file; `c` is a key of 32 bytes in Base64, for https only. */
export type Encryption = "cos" | { kms: string; context?: string } | { c: string };

/** What is named is replaced; null removes. */
export interface UpdateOptions extends Cancellable {
  biz_attr?: string;
  acl?: "private" | "public-read" | "default";
  headers?: Record<string, string | null>;
  meta?: Record<string, string | null>;
  storage_class?: string;
  /** The key of a file that is encrypted with one of its owner's own. */
  sse?: { c: string };
}

export interface Updated extends Data {
  /** Whether anything was written. XML API. */
  changed?: boolean;
}

export interface TreeOptions {
  /** Patterns of the files that take part; default all. */
  include?: string[];
  exclude?: string[];
  compare?: "content" | "size";
  /** Nothing is changed; `plan` tells what would be. */
  dry_run?: boolean;
  /** What the target has and the source does not is deleted, once all else has succeeded. */
  delete?: boolean;
  /** XML API. */
  times?: boolean;
  modes?: boolean;
}

export interface StreamOptions extends UploadOptions {
  /** Bytes in all, if that is known. */
  length?: number;
}

/** Fills the buffer from its front, and returns how many bytes those are; 0 at the end. The buffer is
 * for this call only. */
export type Read = (buffer: Buffer) => number | typeof CANCEL | Promise<number | typeof CANCEL>;

/** Bytes, or text as UTF-8, from a stream or anything else that can be iterated. */
export type Source =
  | NodeJS.ReadableStream
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array>
  | Iterable<string> & object;

/** Takes the next bytes, which are its own then. The call waits for a promise. */
export type Write = (chunk: Buffer) => unknown;

/** XML API. */
export interface Conditions extends Cancellable {
  /** Which version of the file is meant; without it the newest. */
  version_id?: string;
  if_match?: string;
  if_none_match?: string;
  /** Unix seconds. */
  if_modified_since?: number;
  /** Unix seconds. */
  if_unmodified_since?: number;
  /** How the file is encrypted, with the key where it is the caller's own. */
  sse?: Encryption;
}

/** XML API. */
export interface DeleteOptions extends Cancellable {
  /** The version or delete marker that is deleted for good. */
  version_id?: string;
}

export interface DownloadOptions extends Watched, Conditions {
  /** false: a local file that is there already is an error. */
  overwrite?: boolean;
}

export interface CopyOptions extends Cancellable {
  overwrite?: boolean;
}

/** What is left out, the copy has of its source. XML API. */
export interface CopyWithOptions extends Watched {
  src_region?: string;
  src_appid?: string;
  version_id?: string;
  overwrite?: boolean;
  /** The source is deleted once its copy is proven. */
  move?: boolean;
  headers?: Record<string, string>;
  tags?: Record<string, string>;
  meta?: Record<string, string>;
  storage_class?: string;
  sse?: Encryption;
  /** The key of a source that is encrypted with one of its owner's own. */
  src_sse?: { c: string };
  acl?: "private" | "public-read" | "default";
}

export type CopyTreeOptions = Omit<CopyWithOptions, "version_id"> &
  Pick<TreeOptions, "include" | "exclude" | "compare" | "dry_run">;

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
  version_id?: string;
}

/** Options of qcos_client_open. */
export interface ClientOptions {
  /** Default "xml" with a region, "json" without. */
  api?: "json" | "xml";
  region?: string;
  endpoint?: string;
  addressing?: "host" | "path" | "domain";
  security_token?: string;
  /** Where secret id and key come from that are null: "env", "cvm", or "cvm:ROLE". */
  credentials?: string;
  metadata_endpoint?: string;
  download_endpoint?: string;
  sign_expires_s?: number;
  connect_timeout_ms?: number;
  io_timeout_ms?: number;
  timeout_ms?: number;
  retries?: number;
  slice_size?: number;
  parallel?: number | "auto";
  checkpoint_dir?: string;
  overwrite?: boolean;
  tls_ca?: string;
  proxy?: string;
  user_agent?: string;
  network?: "public" | "internal" | "accelerate";
  failover?: boolean;
  /** Addresses of hosts that are not looked up. */
  resolve?: Record<string, string>;
  /** Bits a second of each request with an object's content. */
  traffic_limit?: number;
  /** Over all connections, each way. */
  max_bytes_per_s?: number;
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
  | "failover"
  | "traffic_limit"
>;

/** The calls, each as `name(...)` with a promise and as `nameSync(...)`, which blocks. */
export interface Calls {
  signMore(bucket: string, expired: number | bigint, options?: Cancellable): Promise<{ sign: string }>;
  signOnce(bucket: string, fileid: string, options?: Cancellable): Promise<{ sign: string }>;
  /** One request that somebody else sends, good for so many seconds. XML API. */
  presign(
    method: Request["method"],
    bucket: string,
    path: string,
    expires_s: number,
    options?: PresignOptions,
  ): Promise<PresignedRequest>;
  /** A form with which a browser uploads; its file comes last, as "file". XML API. */
  postPolicy(bucket: string, options: FormOptions): Promise<PresignedForm>;
  createFolder(bucket: string, path: string, options?: Attribute): Promise<Created>;
  updateFolder(bucket: string, path: string, biz_attr: string, options?: Cancellable): Promise<Data>;
  statFolder(bucket: string, path: string, options?: Cancellable): Promise<FolderInfo>;
  deleteFolder(bucket: string, path: string, options?: Cancellable): Promise<DeletedVersion>;
  /** A promise of one page, and an iterable of the entries of all pages from there on. */
  list(bucket: string, path: string, options?: Paging): Promise<Listed> & AsyncIterable<Info>;
  /** With "/" in it the prefix leads into a folder below: "2026/a" finds "2026/abc". */
  prefixSearch(
    bucket: string,
    path: string,
    prefix: string,
    options?: Paging,
  ): Promise<Listed> & AsyncIterable<Info>;
  listAll(bucket: string, path: string, options?: AllPages): Promise<ListedAll> & AsyncIterable<Info>;
  /** What begins with the prefix; with `recursive` also what is below the found folders. */
  prefixSearchAll(
    bucket: string,
    path: string,
    prefix: string,
    options?: AllPages,
  ): Promise<ListedAll> & AsyncIterable<Info>;
  /** All versions and delete markers, of one file from the newest to the oldest. XML API. */
  listVersions(bucket: string, path: string, options?: AllPages): Promise<ListedAll> & AsyncIterable<Info>;
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
  uploadStream(
    source: Read | Source,
    bucket: string,
    dstpath: string,
    options?: StreamOptions,
  ): Promise<Uploaded>;
  uploadTree(
    dirpath: Path,
    bucket: string,
    dstpath: string,
    options?: Omit<UploadOptions, "on_failure"> & TreeOptions,
  ): Promise<Tree & { uploaded: number }>;
  download(bucket: string, path: string, filepath: Path, options?: Watched): Promise<Downloaded>;
  downloadWith(bucket: string, path: string, filepath: Path, options?: DownloadOptions): Promise<Downloaded>;
  downloadBuffer(bucket: string, path: string, offset: number | bigint, options: Sized): Promise<Buffer>;
  downloadBuffer(bucket: string, path: string, offset: number | bigint, options: Filled): Promise<Received>;
  /** A Writable is ended when all has been written, and destroyed when the call fails. */
  downloadStream(
    bucket: string,
    path: string,
    target: Write | NodeJS.WritableStream,
    options?: RangeOptions,
  ): Promise<Received>;
  downloadTree(
    bucket: string,
    path: string,
    dirpath: Path,
    options?: Watched & TreeOptions & { overwrite?: boolean; sse?: Encryption },
  ): Promise<Tree & { downloaded: number }>;
  downloadUrl(bucket: string, path: string, expires_s: number, options?: Cancellable): Promise<{ url: string }>;
  updateFile(bucket: string, path: string, biz_attr: string, options?: Cancellable): Promise<Data>;
  statFile(bucket: string, path: string, options?: Cancellable): Promise<Info>;
  statWith(bucket: string, path: string, options?: Conditions): Promise<Info>;
  updateWith(bucket: string, path: string, options: UpdateOptions): Promise<Updated>;
  deleteFile(bucket: string, path: string, options?: Cancellable): Promise<DeletedVersion>;
  deleteWith(bucket: string, path: string, options?: DeleteOptions): Promise<DeletedVersion>;
  moveFile(bucket: string, path: string, dst_path: string, options?: CopyOptions): Promise<Data>;
  copyFile(bucket: string, path: string, dst_path: string, options?: CopyOptions): Promise<Data>;
  copyWith(
    bucket: string,
    path: string,
    dst_bucket: string,
    dst_path: string,
    options?: CopyWithOptions,
  ): Promise<Copied>;
  copyTree(
    bucket: string,
    path: string,
    dst_bucket: string,
    dst_path: string,
    options?: CopyTreeOptions,
  ): Promise<Tree & { copied?: number; moved?: number }>;
  deleteFiles(bucket: string, paths: string[], options?: Cancellable): Promise<Deleted>;
  deleteTree(bucket: string, path: string, options?: Cancellable): Promise<Deleted>;
  setAcl(
    bucket: string,
    path: string,
    acl: "private" | "public-read" | "default",
    options?: Cancellable,
  ): Promise<Data>;
  getAcl(bucket: string, path: string, options?: Cancellable): Promise<Acl>;
  /** All of them; {} deletes them. */
  setTags(bucket: string, path: string, tags: Record<string, string>, options?: Cancellable): Promise<Data>;
  getTags(bucket: string, path: string, options?: Cancellable): Promise<{ tags: Record<string, string> }>;
  /** A copy of an archived file, to be downloaded for some days; a stat's `restore` tells how far it is. */
  restoreFile(
    bucket: string,
    path: string,
    days: number,
    options?: Cancellable & { tier?: "Standard" | "Expedited" | "Bulk" },
  ): Promise<{ state: "started" | "in_progress" | "restored" }>;
  /** Exactly once, where the file ends; options are for position 0, which begins it. */
  append(
    data: Uint8Array,
    bucket: string,
    path: string,
    position: number | bigint,
    options?: Pick<UploadOptions, "biz_attr" | "acl" | "headers" | "storage_class"> & Cancellable,
  ): Promise<{ position: number }>;
  createBucket(
    bucket: string,
    options?: Cancellable & { acl?: "private" | "public-read" | "public-read-write" },
  ): Promise<Data>;
  /** What is wrong between this program and the service, step by step. */
  diagnose(bucket: string, options?: Cancellable): Promise<{ ok: boolean; steps: DiagnosisStep[] }>;
  headBucket(bucket: string, options?: Cancellable): Promise<{ region?: string }>;
  setVersioning(bucket: string, status: "Enabled" | "Suspended", options?: Cancellable): Promise<Data>;
  /** "" where the bucket never had versions. XML API. */
  getVersioning(bucket: string, options?: Cancellable): Promise<{ status: "Enabled" | "Suspended" | "" }>;
  deleteBucket(bucket: string, options?: Cancellable): Promise<Data>;
  listBuckets(options?: Cancellable): Promise<{ infos: Bucket[] }>;
  /** A promise of all of them, which the service tells at once, and an iterable. */
  listUploads(
    bucket: string,
    path: string,
    options?: Cancellable,
  ): Promise<{ infos: UnfinishedUpload[] }> & AsyncIterable<UnfinishedUpload>;
  abortUpload(bucket: string, path: string, session: string, options?: Cancellable): Promise<Data>;
  /** One request in the service's own words, for what has no method; the path is "" for the bucket itself. */
  request(bucket: string | null, path: string | null, request: Request): Promise<Answer>;
}

export interface Request extends Cancellable {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  query?: Record<string, string>;
  headers?: Record<string, string>;
  host?: "bucket" | "service" | "ci";
  idempotent?: boolean;
  body?: Uint8Array;
}

export interface PresignOptions extends Cancellable {
  /** To be sent just so. */
  headers?: Record<string, string>;
  query?: Record<string, string>;
  version_id?: string;
}

/** Who knows it has access. */
export interface PresignedRequest extends Data {
  url: string;
  /** To be sent just so. */
  headers: Record<string, string>;
}

/** What a form may upload; one of `key` and `key_prefix` must be given. */
export interface FormOptions extends Cancellable {
  key?: string;
  key_prefix?: string;
  /** Bytes. */
  min?: number;
  max?: number;
  /** Seconds from now. */
  expires_s: number;
  content_type?: string;
  acl?: "private" | "public-read" | "default";
  success_status?: 200 | 201 | 204;
}

/** Who knows it can upload. */
export interface PresignedForm extends Data {
  url: string;
  fields: Record<string, string>;
}

export type Sync<T> = {
  [Name in keyof T as `${Name & string}Sync`]: T[Name] extends (...given: infer Given) => Promise<infer Result>
    ? (...given: Given) => Result
    : never;
};

type Special = "downloadBufferSync" | "downloadStreamSync" | "uploadStreamSync";

export interface Client extends Calls, Omit<Sync<Calls>, Special> {
  downloadBufferSync(bucket: string, path: string, offset: number | bigint, options: Sized): Buffer;
  downloadBufferSync(bucket: string, path: string, offset: number | bigint, options: Filled): Received;
  downloadStreamSync(bucket: string, path: string, write: Write, options?: RangeOptions): Received;
  uploadStreamSync(
    read: (buffer: Buffer) => number | typeof CANCEL,
    bucket: string,
    dstpath: string,
    options?: StreamOptions,
  ): Uploaded;
}

/** A file's bytes, in order. The download waits while they are not read, and ends with the stream. */
export class ReadStream extends Readable {
  private constructor();
  /** At the end. */
  reply?: Received;
}

/** What is written becomes a file when the stream finishes, and nothing when it is destroyed before. */
export class WriteStream extends Writable {
  private constructor();
  /** When it has finished. */
  reply?: Uploaded;
}

/** An account at a service. A call fails with QcosError, also after close(); with TypeError or
 * RangeError when an argument cannot be passed. */
export class Client {
  /** Nothing is sent. Secret id and key are null with the option `credentials`. */
  constructor(appid: string, secretId: string | null, secretKey: string | null, options?: ClientOptions);
  /** A client on the same account and connections, with limits of its own. */
  derive(options?: DerivedOptions): Client;
  /** For this client and all that share with it, from the next signature on. */
  setCredentials(
    secretId: string,
    secretKey: string,
    options?: { securityToken?: string; expiresAt?: Date },
  ): void;
  /** Sets what is called when the credentials of this client and of all that share them are about to end,
   * or have: it calls setCredentials. The call that needs them waits for its promise, and fails with what
   * it throws. null: nothing any more. */
  onExpiry(callback: (() => unknown) | null): void;
  /** Sets what is called with every attempt at a request, of this client and of those derived from it that
   * have none of their own, for calls that are made from then on; in the order of the events, and before the
   * call is over. CANCEL cancels the call; an exception, too, and is what the call fails with. No promise is
   * waited for. null: nothing any more. */
  onTrace(callback: ((event: TraceEvent) => unknown) | null): void;
  createReadStream(
    bucket: string,
    path: string,
    options?: RangeOptions & Pick<ReadableOptions, "highWaterMark">,
  ): ReadStream;
  createWriteStream(
    bucket: string,
    dstpath: string,
    options?: StreamOptions & Pick<WritableOptions, "highWaterMark">,
  ): WriteStream;
  /** Ends every call of this client and of those derived from it, and each later one: within half a
   * second they fail with QCOS_ERR_CANCELLED. */
  cancel(): void;
  /** Calls that have begun go on to their end. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}
