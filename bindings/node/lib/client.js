"use strict";

const { markAsUncloneable } = require("node:worker_threads");
const { convert } = require("./arguments.js");
const { Call, interrupt } = require("./call.js");
const expiry = require("./expiry.js");
const { functions } = require("./library.js");
const { paged, pushed, whole } = require("./lists.js");
const { dataOf, opened } = require("./reply.js");
const { ReadStream, WriteStream, isIterable, piped } = require("./streams.js");
const trace = require("./trace.js");

/** The methods, and which parameters are given one by one: the first so many, or these. Others are options. */
const METHODS = {
  signMore: 2,
  signOnce: 2,
  presign: 4,
  postPolicy: 1,
  createFolder: 2,
  updateFolder: 3,
  statFolder: 2,
  deleteFolder: 2,
  list: 2,
  prefixSearch: 3,
  listAll: 2,
  prefixSearchAll: 3,
  listVersions: 2,
  upload: 3,
  uploadBuffer: 3,
  uploadSlice: 3,
  uploadWith: 3,
  uploadBufferWith: 3,
  uploadStream: ["read", "bucket", "dstpath"],
  uploadTree: 3,
  download: 3,
  downloadWith: 3,
  downloadBuffer: 3,
  downloadStream: ["bucket", "path", "write"],
  downloadTree: 3,
  downloadUrl: 3,
  updateFile: 3,
  updateWith: 2,
  statFile: 2,
  statWith: 2,
  deleteFile: 2,
  deleteWith: 2,
  moveFile: 3,
  copyFile: 3,
  copyWith: 4,
  copyTree: 4,
  deleteFiles: 2,
  deleteTree: 2,
  setAcl: 3,
  getAcl: 2,
  setTags: 3,
  getTags: 2,
  restoreFile: 3,
  append: 4,
  createBucket: 1,
  headBucket: 1,
  setVersioning: 2,
  getVersioning: 1,
  diagnose: 1,
  deleteBucket: 1,
  listBuckets: 0,
  listUploads: 2,
  abortUpload: 3,
  request: 2,
};

/** `pages(ask, options, method)` of a method, whose options follow its parameters. */
const listed = (pages, method) => (call, _client, given) => {
  const count = METHODS[method];
  const [before, [options, ...more]] = [given.slice(0, count), given.slice(count)];
  return pages((each) => call([...before, each, ...more]), options, method);
};

/** What methods do beside their call, which a promise is the reply of. */
const WRAPPERS = {
  list: listed(paged, "list"),
  prefixSearch: listed(paged, "prefixSearch"),
  listAll: listed(pushed, "listAll"),
  prefixSearchAll: listed(pushed, "prefixSearchAll"),
  listVersions: listed(pushed, "listVersions"),
  listUploads: (call, _client, given) => whole(call(given)),
  uploadStream(call, client, given) {
    const [source, bucket, dstpath, options] = given;
    if (!isIterable(source)) return call(given);
    return piped(options, (rest) => [source, client.createWriteStream(bucket, dstpath, rest)], 1);
  },
  downloadStream(call, client, given) {
    const [bucket, path, target, options] = given;
    if (typeof target?.write !== "function") return call(given);
    return piped(options, (rest) => [client.createReadStream(bucket, path, rest), target], 0);
  },
};

/** A client's handle, the one `from` which it is derived, and what all share that share credentials. */
class Node {
  constructor(handle, from) {
    this.handle = handle;
    this.from = from;
    this.family = from?.family ?? { open: 0 };
    this.family.open += 1;
  }
}

class Client {
  #node;
  #closed = false;

  /** Nothing is sent. Options are those of qcos_client_open. */
  constructor(appid, secretId, secretKey, options = {}) {
    const { qcos_client_open } = functions;
    const given = [appid, secretId, secretKey, JSON.stringify(options)];
    this.#node = appid instanceof Node ? appid : new Node(opened("Client", qcos_client_open, given));
    // A copy has no handle, whatever makes it: this says so at once, where Node can.
    markAsUncloneable?.(this);
  }

  /** A client on the same account and connections, with limits of its own. */
  derive(options = {}) {
    const given = [this.#node.handle, JSON.stringify(options)];
    return new Client(new Node(opened("derive", functions.qcos_client_with, given), this.#node));
  }

  /** Of this client and of all that share them, from the next signature on; `expiresAt` is a Date. */
  setCredentials(secretId, secretKey, { securityToken, expiresAt } = {}) {
    const { c, parameters } = functions.qcos_client_set_credentials;
    const seconds = expiresAt === undefined ? 0 : Math.floor(expiresAt.getTime() / 1000);
    const given = [this.#node.handle, secretId, secretKey, securityToken, seconds];
    dataOf(c(...parameters.map((it, i) => convert("setCredentials", it, given[i]))));
  }

  /** Called when the credentials are about to end, or have, and may return a promise; null for none. */
  onExpiry(callback) {
    expiry.set(this.#node, callback);
  }

  /** Called with what each attempt at a request has come to; null for none. */
  onTrace(callback) {
    trace.set(this.#node, callback);
  }

  /** Ends every call of this client and of those derived from it, and each later one. */
  cancel() {
    functions.qcos_client_cancel.c(this.#node.handle);
    interrupt(this.#node);
  }

  close() {
    functions.qcos_client_close.c(this.#node.handle);
    if (this.#closed) return;
    this.#closed = true;
    const { family } = this.#node;
    family.open -= 1;
    if (family.open === 0) expiry.forget(family);
  }

  [Symbol.dispose]() {
    this.close();
  }

  async [Symbol.asyncDispose]() {
    this.close();
  }

  /** A Readable of a file or of some of it. */
  createReadStream(bucket, path, options) {
    return new ReadStream(this, bucket, path, options);
  }

  /** A Writable; when it has finished, the file is there. */
  createWriteStream(bucket, dstpath, options) {
    return new WriteStream(this, bucket, dstpath, options);
  }

  static {
    for (const [method, first] of Object.entries(METHODS)) {
      const name = `qcos_${method.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
      const prepare = (client, given) => new Call(method, name, client.#node, given, first);
      const inBackground = async (client, given) => prepare(client, given).inBackground();
      const wrapper = WRAPPERS[method] ?? ((call, _client, given) => call(given));
      define(method, function (...given) {
        return wrapper((values) => inBackground(this, values), this, given);
      });
      define(`${method}Sync`, function (...given) {
        return prepare(this, given).now();
      });
    }

    function define(name, value) {
      Object.defineProperty(value, "name", { value: name });
      Object.defineProperty(Client.prototype, name, { value, configurable: true, writable: true });
    }
  }
}

module.exports = { Client, METHODS };
