"use strict";

const { markAsUncloneable } = require("node:worker_threads");
const { Watch } = require("./callbacks.js");
const { convert } = require("./arguments.js");
const { QcosError } = require("./errors.js");
const { functions } = require("./library.js");
const { inTurn } = require("./threads.js");

/** The methods, and how many of their parameters are given one by one; the others are options. */
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
  uploadTree: 3,
  download: 3,
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
  deleteBucket: 1,
  listBuckets: 0,
  listUploads: 2,
  abortUpload: 3,
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
    for (const [method, count] of Object.entries(METHODS)) {
      const c = functions[`qcos_${method.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`];
      const prepare = (client, given) => new Call(method, c, client.#handle, given, count);
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

  constructor(method, { c, parameters }, handle, given, count) {
    const asked = parameters.filter(({ name }) => !MADE.includes(name)).map(({ name }) => name);
    const { progress, page, signal, ...options } = optionsOf(method, given, count, asked);
    const values = { ...Object.fromEntries(asked.map((name, i) => [name, given[i]])) };
    for (const name of asked.slice(count)) values[name] = options[name];
    values.client = handle;
    values.user_data = null;
    if (asked.includes("options_json")) values.options_json = JSON.stringify(options);
    if (asked.includes("data")) values.len = values.data?.length;
    if (asked.includes("page") && page === undefined) this.#infos = [];
    this.#watch = new Watch(asked.includes("page") ? this.#entries(page) : progress, signal);
    values.progress = values.page = this.#watch.function;
    this.#c = c;
    this.#values = parameters.map((it) => convert(method, it, values[it.name]));
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
    return this.#infos ? { ...data, infos: this.#infos } : data;
  }
}

/** What follows the parameters that are given one by one. */
function optionsOf(method, given, count, asked) {
  const options = given[count] ?? {};
  if (typeof options !== "object" || given.length > count + 1) {
    throw new TypeError(`${method} takes ${count} parameters and an object of options`);
  }
  const known = asked.slice(count);
  if (known.some((name) => name === "progress" || name === "page")) known.push("signal");
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  // The library names those of options_json.
  if (unknown && !known.includes("options_json")) {
    throw new TypeError(`${method} has no option "${unknown}"`);
  }
  return options;
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
