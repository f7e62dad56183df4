"use strict";

const { markAsUncloneable } = require("node:worker_threads");
const { Watch } = require("./callbacks.js");
const { convert } = require("./arguments.js");
const { QcosError } = require("./errors.js");
const { functions } = require("./library.js");
const { inTurn } = require("./threads.js");

/** The methods, and which parameters are given one by one: the first so many, or these. Others are options. */
const METHODS = {
  signMore: 2,
  signOnce: 2,
  createFolder: 2,
  updateFolder: 3,
  statFolder: 2,
  deleteFolder: 2,
  list: 2,
  prefixSearch: 3,
  listAll: 2,
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
  statFile: 2,
  deleteFile: 2,
  moveFile: 3,
  copyFile: 3,
  deleteFiles: 2,
  deleteTree: 2,
  setAcl: 3,
  getAcl: 2,
  createBucket: 1,
  headBucket: 1,
  diagnose: 1,
  deleteBucket: 1,
  listBuckets: 0,
  listUploads: 2,
  abortUpload: 3,
  request: 2,
};

/** Not given by the user: made of other parameters, or of none. */
const MADE = ["client", "len", "user_data"];

/** The handle of a client that is made by another one. */
class Derived {
  constructor(handle) {
    this.handle = handle;
  }
}

class Client {
  #handle;

  /** Nothing is sent. Options are those of qcos_client_open. */
  constructor(appid, secretId, secretKey, options = {}) {
    this.#handle =
      appid instanceof Derived
        ? appid.handle
        : opened("Client", functions.qcos_client_open, [appid, secretId, secretKey, JSON.stringify(options)]);
    // A copy has no handle, whatever makes it: this says so at once, where Node can.
    markAsUncloneable?.(this);
  }

  /** A client on the same account and connections, with limits of its own. */
  derive(options = {}) {
    const given = [this.#handle, JSON.stringify(options)];
    return new Client(new Derived(opened("derive", functions.qcos_client_with, given)));
  }

  /** Of this client and of all that share them, from the next signature on; `expiresAt` is a Date. */
  setCredentials(secretId, secretKey, { securityToken, expiresAt } = {}) {
    const { c, parameters } = functions.qcos_client_set_credentials;
    const seconds = expiresAt === undefined ? 0 : Math.floor(expiresAt.getTime() / 1000);
    const given = [this.#handle, secretId, secretKey, securityToken, seconds];
    dataOf(c(...parameters.map((it, i) => convert("setCredentials", it, given[i]))));
  }

  /** Ends every call of this client and of those derived from it, and each later one. */
  cancel() {
    functions.qcos_client_cancel.c(this.#handle);
  }

  close() {
    functions.qcos_client_close.c(this.#handle);
  }

  [Symbol.dispose]() {
    this.close();
  }

  async [Symbol.asyncDispose]() {
    this.close();
  }

  static {
    for (const [method, first] of Object.entries(METHODS)) {
      const c = functions[`qcos_${method.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`];
      const prepare = (client, given) => new Call(method, c, client.#handle, given, first);
      define(method, async function (...given) {
        return prepare(this, given).inBackground();
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

/** One call with its arguments, which were checked when it was made. */
class Call {
  #c;
  #values;
  #watch;
  #infos;
  #allocated;

  constructor(method, { c, parameters }, handle, given, first) {
    const asked = inOrder(parameters.map(({ name }) => name).filter((name) => !MADE.includes(name)), first);
    const count = first.length ?? first;
    const { progress, page, signal, ...options } = optionsOf(method, given, count, asked);
    const values = {};
    asked.forEach((name, i) => (values[name] = i < count ? given[i] : options[name]));
    values.client = handle;
    values.user_data = null;
    for (const name of asked.slice(count)) delete options[name];
    if (asked.includes("options_json")) values.options_json = JSON.stringify(options);
    if (asked.includes("request_json")) values.request_json = JSON.stringify(options);
    if (asked.includes("data")) values.len = values.data?.length;
    if (asked.includes("body")) values.len = values.body?.length ?? 0;
    if (asked.includes("buffer")) this.#wanted(method, values);
    if (asked.includes("page") && page === undefined) this.#infos = [];
    this.#watch = new Watch(signal);
    if (asked.includes("read")) values.read = this.#watch.read(values.read);
    if (asked.includes("write")) values.write = this.#watch.write(values.write);
    values.progress = values.page = this.#watch.report(asked.includes("page") ? this.#entries(page) : progress);
    this.#c = c;
    // Held until the call is back, and with them the memory that C works on.
    this.#values = parameters.map((it) => convert(method, it, values[it.name]));
  }

  /** The memory for a download: the caller's, or some of a size. */
  #wanted(method, values) {
    const { buffer, size } = values;
    if ((buffer === undefined) === (size === undefined)) {
      throw new TypeError(`${method} needs either a buffer or a size`);
    }
    if (buffer === undefined) values.buffer = this.#allocated = allocated(method, size);
    values.size = values.buffer?.length;
  }

  #entries(page = (infos) => void this.#infos.push(...infos)) {
    if (typeof page !== "function") return page;
    return (text) => page(JSON.parse(text).infos);
  }

  now() {
    this.#watch.begin();
    return this.#end(this.#c(...this.#values));
  }

  async inBackground() {
    this.#watch.begin();
    const reply = await inTurn((done) => {
      this.#watch.begin();
      this.#c.async(...this.#values, done);
    });
    return this.#end(reply);
  }

  #end(reply) {
    let data;
    let failure;
    try {
      data = dataOf(reply);
    } catch (error) {
      failure = error;
    }
    this.#watch.end(failure);
    if (this.#allocated) return this.#allocated.subarray(0, data.len);
    return this.#infos ? { ...data, infos: this.#infos } : data;
  }
}

/** The parameters as they are given, of which `first` are the first ones or how many those are. */
function inOrder(names, first) {
  if (typeof first === "number") return names;
  return [...first, ...names.filter((name) => !first.includes(name))];
}

/** What follows the parameters that are given one by one. */
function optionsOf(method, given, count, asked) {
  const options = given[count] ?? {};
  if (typeof options !== "object" || given.length > count + 1) {
    throw new TypeError(`${method} takes ${count} parameters and an object of options`);
  }
  const known = asked.slice(count);
  if (known.some((name) => name === "progress" || name === "page")) known.push("signal");
  // The library names those of options_json.
  const isJson = known.includes("options_json") || known.includes("request_json");
  const ours = isJson ? ["progress", "page", "signal"] : Object.keys(options);
  const unknown = ours.find((name) => name in options && !known.includes(name));
  if (unknown) throw new TypeError(`${method} has no option "${unknown}"`);
  return options;
}

function allocated(method, size) {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new TypeError(`${method}: size must be a number of bytes, not ${String(size)}`);
  }
  return Buffer.alloc(size);
}

/** The handle that a function of C's has given out. */
function opened(name, { c, parameters }, given) {
  const handle = [0];
  const values = parameters.map((it, i) => convert(name, it, [...given, handle][i]));
  dataOf(c(...values));
  return handle[0];
}

function dataOf(text) {
  const reply = JSON.parse(text);
  if (reply.code !== 0) throw new QcosError(reply);
  return reply.data;
}

module.exports = { Client, METHODS };
