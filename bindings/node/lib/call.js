"use strict";

// One call of a function of C's, on this thread or on another.

const { AsyncResource } = require("node:async_hooks");
const { allocated, convert, inOrder, optionsOf } = require("./arguments.js");
const { kinds } = require("./callbacks.js");
const expiry = require("./expiry.js");
const { addressOf, functions } = require("./library.js");
const { dataOf, opened } = require("./reply.js");
const { Job } = require("./threads.js");
const { tell, traceOf, traced } = require("./trace.js");
const { CANCELS } = require("./words.js");

/** Not given by the user: made of other parameters, or of none. */
const MADE = ["client", "len", "user_data"];

/** Those on other threads. */
const running = new Set();

/** One call with its arguments, which were checked when it was made. */
class Call {
  #method;
  #function;
  #node;
  #values;
  #callbacks = {};
  #trace;
  #signal;
  #infos;
  #allocated;
  #thrown;
  #handle;
  #job;
  #over = false;
  #resource;

  constructor(method, name, node, given, first) {
    this.#method = method;
    this.#function = name;
    this.#node = node;
    this.#trace = traceOf(node);
    const { parameters } = functions[name];
    const asked = inOrder(parameters.map((it) => it.name).filter((it) => !MADE.includes(it)), first);
    const count = first.length ?? first;
    const { progress, page, signal, ...options } = optionsOf(method, given, count, asked);
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError(`${method}: signal must be an AbortSignal`);
    }
    this.#signal = signal;
    const values = {};
    asked.forEach((it, i) => (values[it] = i < count ? given[i] : options[it]));
    values.client = node.handle;
    for (const it of asked.slice(count)) delete options[it];
    if (asked.includes("options_json")) values.options_json = JSON.stringify(options);
    if (asked.includes("request_json")) values.request_json = JSON.stringify(options);
    if (asked.includes("data")) values.len = values.data?.length;
    if (asked.includes("body")) values.len = values.body?.length ?? 0;
    if (asked.includes("buffer")) this.#wanted(values);
    if (asked.includes("page") && page === undefined) this.#infos = [];
    values.progress = progress;
    values.page = page ?? ((infos) => void this.#infos.push(...infos));
    this.#values = parameters.map((it) => this.#converted(it, values[it.name]));
  }

  /** The memory for a download: the caller's, or some of a size. */
  #wanted(values) {
    const { buffer, size } = values;
    if ((buffer === undefined) === (size === undefined)) {
      throw new TypeError(`${this.#method} needs either a buffer or a size`);
    }
    if (buffer === undefined) values.buffer = this.#allocated = allocated(this.#method, size);
    values.size = values.buffer?.length;
  }

  #converted(parameter, value) {
    const { name } = parameter;
    if (name === "user_data") return null;
    if (!(name in kinds)) return convert(this.#method, parameter, value);
    // A signal is looked at when there is progress, where the call blocks.
    if (name === "progress" && value === undefined) {
      if (this.#signal === undefined) return null;
      value = () => {};
    }
    return (this.#callbacks[name] = kinds[name](value));
  }

  now() {
    this.#signal?.throwIfAborted();
    const values = this.#values.map((value) => this.#whichCalls(value));
    const release = expiry.hold();
    try {
      return this.#end(this.#trace ? this.#traced(values) : functions[this.#function].c(...values));
    } finally {
      release();
    }
  }

  /** As in the background, on a handle of its own. */
  #traced([, ...values]) {
    const handle = this.#derived();
    try {
      return traced(handle, (event) => this.#told(event), () => functions[this.#function].c(handle, ...values));
    } finally {
      functions.qcos_client_close.c(handle);
    }
  }

  #derived() {
    return opened(this.#method, functions.qcos_client_with, [this.#node.handle, null]);
  }

  #told(event) {
    if (this.#thrown) return CANCELS;
    try {
      return tell(this.#trace, event);
    } catch (error) {
      this.#thrown = { error };
      return CANCELS;
    }
  }

  /** The function that C calls on this thread, of a callback. */
  #whichCalls(value) {
    const name = this.#nameOf(value);
    if (name === undefined) return value;
    return (...given) => {
      if (this.#thrown) return CANCELS;
      try {
        // The last is user_data.
        const values = given.slice(0, -1);
        const answer = value.answer(value.ask(...values), ...values);
        return this.#signal?.aborted ? CANCELS : answer;
      } catch (error) {
        this.#thrown = { error };
        return CANCELS;
      }
    };
  }

  #nameOf(value) {
    return Object.keys(this.#callbacks).find((name) => this.#callbacks[name] === value);
  }

  async inBackground() {
    this.#signal?.throwIfAborted();
    this.#resource = new AsyncResource("qcos");
    const job = (this.#job = new Job(this));
    const unwatch = watch(this.#signal, () => job.drop(this.#signal.reason) || this.cancel());
    let reply;
    try {
      reply = await job.run();
    } finally {
      this.#over = true;
      unwatch();
      running.delete(this);
      if (this.#handle) functions.qcos_client_close.c(this.#handle);
      const failed = expiry.end(this.#handle);
      this.#thrown ??= failed;
    }
    return this.#end(reply);
  }

  /** The message to the thread. The call gets a handle of its own, by which it alone can be cancelled. */
  begin() {
    this.#handle = this.#derived();
    running.add(this);
    const callbacks = [];
    const values = this.#values.map((value, i) => {
      if (i === 0) return this.#handle;
      const callback = this.#nameOf(value);
      if (callback !== undefined) callbacks.push([i, callback]);
      if (callback !== undefined) return null;
      // Of memory the address: the values are held until the call is back.
      return this.#isMemory(i) && value !== null ? addressOf(value) : value;
    });
    return { name: this.#function, values, callbacks, isTraced: this.#trace !== undefined };
  }

  #isMemory(i) {
    return functions[this.#function].parameters[i].type.endsWith("void *");
  }

  ask(name, given) {
    return this.#resource.runInAsyncScope(() => this.#ask(this.#callbacks[name], given));
  }

  async #ask(callback, given) {
    if (this.#thrown || this.#job.refused) return CANCELS;
    try {
      const said = await callback.ask(...given);
      // C's memory is gone then.
      return this.#over || this.#job.refused ? CANCELS : callback.answer(said, ...given);
    } catch (error) {
      // Of what was not waited for any longer, the reason for that is what counts.
      if (!this.#job.refused) this.#thrown ??= { error };
      return CANCELS;
    }
  }

  /** What has become of an attempt at a request, which C has not waited with. */
  tell(event) {
    if (this.#resource.runInAsyncScope(() => this.#told(event)) === CANCELS) this.cancel();
  }

  cancel() {
    functions.qcos_client_cancel.c(this.#handle);
    this.interrupt();
  }

  /** Ends the wait for a callback, which a cancelled client does not. */
  interrupt() {
    this.#job.refuse();
    expiry.refuse(this.#handle);
  }

  get node() {
    return this.#node;
  }

  #end(reply) {
    let data;
    let failure;
    try {
      data = dataOf(reply);
    } catch (error) {
      failure = error;
    }
    if (this.#thrown) throw because(this.#thrown.error, failure);
    if (failure?.name === "QCOS_ERR_CANCELLED" && this.#signal?.aborted) {
      throw because(this.#signal.reason, failure);
    }
    if (failure) throw failure;
    if (this.#allocated) return this.#allocated.subarray(0, data.len);
    return this.#infos ? { ...data, infos: this.#infos } : data;
  }
}

/** One listener a signal, which many calls may have: of many listeners Node warns. */
const listeners = new WeakMap();

function watch(signal, onAbort) {
  if (!signal) return () => {};
  const all = listeners.get(signal) ?? new Set();
  listeners.set(signal, all);
  if (all.size === 0) signal.addEventListener("abort", onAborted);
  all.add(onAbort);
  return () => {
    all.delete(onAbort);
    if (all.size === 0) signal.removeEventListener("abort", onAborted);
  };
}

function onAborted({ target }) {
  for (const onAbort of listeners.get(target)) onAbort();
}

/** Of a client and of those that are derived from it. */
function interrupt(node) {
  for (const call of running) {
    for (let at = call.node; at; at = at.from) if (at === node) call.interrupt();
  }
}

/** With the QcosError, which has the session to go on with, as its cause if it has none. */
function because(error, failure) {
  if (failure && error instanceof Error && error.cause === undefined && Object.isExtensible(error)) {
    Object.defineProperty(error, "cause", { value: failure, configurable: true, writable: true });
  }
  return error;
}

module.exports = { Call, because, interrupt };
