"use strict";

// The threads on which calls run that do not block: the package's own, as those of libuv are few and
// the whole program's. They start as calls have to wait, and end when there is nothing to do.

const path = require("node:path");
const { Worker, isMainThread } = require("node:worker_threads");
const { endProcess, file } = require("./library.js");
const { CANCEL, CANCELS, Words } = require("./words.js");

const AT_MOST = 64;
const STARTING_AT_ONCE = 2;
const IDLE_MS = 10_000;
/** The library ends a cancelled call within half a second. */
const ENDING_MS = 2000;

const threads = new Set();
/** The one that was busy last is the next; the others end some time. */
const idle = [];
const waiting = [];
let starting = 0;

/** A call on its way. `begin()` returns the message to the thread, or throws; `ask(callback, given)`
 * the answer to a callback; `tell(event)` is for its trace. */
class Job {
  #call;
  #settle;
  thread;
  /** Whether callbacks are not asked any more. */
  refused = false;

  constructor(call) {
    this.#call = call;
  }

  /** C's reply. */
  run() {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      waiting.push(this);
      next();
    });
  }

  begin() {
    return this.#call.begin();
  }

  ask(callback, given) {
    return this.#call.ask(callback, given);
  }

  tell(event) {
    this.#call.tell(event);
  }

  cancel() {
    this.#call.cancel();
  }

  /** Whether it was still waiting for a thread. */
  drop(error) {
    const at = waiting.indexOf(this);
    if (at < 0) return false;
    waiting.splice(at, 1);
    this.fail(error);
    return true;
  }

  /** A callback that has not answered yet need not any more. */
  refuse() {
    this.refused = true;
    this.thread?.refuse(this);
  }

  done(reply) {
    this.#settle.resolve(reply);
  }

  fail(error) {
    this.#settle.reject(error);
  }
}

class Thread {
  #worker;
  #job;
  #error;
  #timer;
  #words;
  #question;

  constructor() {
    const { worker, words } = startThread("worker.js");
    this.#words = words;
    this.#worker = worker;
    worker.on("message", (message) => this.#hear(message));
    worker.on("error", (error) => (this.#error = error));
    worker.on("exit", () => this.#ended());
  }

  #hear({ callback, number, given, event, reply, error }) {
    if (event) return this.#tell(number, event);
    if (callback) return void this.#ask(number, callback, given);
    if (!this.#job) starting -= 1;
    else if (error) this.#job.fail(error);
    else this.#job.done(reply);
    this.#rest();
  }

  async #ask(number, callback, given) {
    this.#question = number;
    this.#answer(number, await this.#job.ask(callback, given));
  }

  /** The thread waits only where there is a number. */
  #tell(number, event) {
    this.#job.tell(event);
    if (number === undefined) return;
    this.#question = number;
    this.#answer(number, 0);
  }

  #answer(number, value) {
    if (number !== this.#question) return;
    this.#question = undefined;
    this.#words.answer(number, value);
  }

  /** Ends the wait for a callback of that call. */
  refuse(job) {
    if (job === this.#job && this.#question) this.#answer(this.#question, CANCELS);
  }

  #rest() {
    this.#job = undefined;
    this.#worker.unref();
    idle.push(this);
    this.#timer = setTimeout(() => this.#end(), IDLE_MS).unref();
    next();
  }

  run(job, message) {
    clearTimeout(this.#timer);
    this.#job = job;
    job.thread = this;
    this.#words.busy = true;
    this.#worker.ref();
    this.#worker.postMessage(message);
  }

  /** For the end of the program. */
  cancel() {
    this.#job?.cancel();
  }

  #end() {
    idle.splice(idle.indexOf(this), 1);
    threads.delete(this);
    void this.#worker.terminate();
  }

  #ended() {
    if (!threads.delete(this)) return;
    const error = this.#error ?? new Error("a thread of qcos has ended");
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
    else if (this.#job) this.#job.fail(error);
    else {
      starting -= 1;
      waiting.shift()?.fail(error);
    }
    next();
  }
}

function next() {
  while (waiting.length > 0 && idle.length > 0) {
    const job = waiting.shift();
    try {
      const message = job.begin();
      idle.pop().run(job, message);
    } catch (error) {
      job.fail(error);
    }
  }
  while (waiting.length > starting && starting < STARTING_AT_ONCE && threads.size < AT_MOST) {
    try {
      threads.add(new Thread());
      starting += 1;
    } catch (error) {
      waiting.shift().fail(error);
    }
  }
}

/** The words of every thread, also of one that only asks. */
const all = new Set();
let listening = false;

/** A thread that runs a file of this folder. The program's own options are not for it. */
function startThread(program) {
  if (!listening) process.on("exit", onExit);
  listening = true;
  const shared = Words.allocate();
  const words = new Words(shared);
  words.busy = true;
  const options = { workerData: shared, execArgv: [], env: { QCOS_LIBRARY: file } };
  const worker = new Worker(path.join(__dirname, program), options);
  all.add(words);
  worker.once("exit", () => all.delete(words));
  return { worker, words };
}

/** Node ends threads wherever they are; in the midst of a call it would have to wait, or crash. */
function onExit(code) {
  for (const words of all) words.hold(CANCEL);
  for (const thread of threads) thread.cancel();
  const end = Date.now() + ENDING_MS;
  const ended = [...all].every((words) => words.waitUntilIdle(Math.max(0, end - Date.now())));
  if (!ended && isMainThread) endProcess(code);
}

module.exports = { Job, startThread };
