"use strict";

// Credentials that a callback renews. C calls it on the thread of any call, and goes on when it has new
// ones: a thread that does nothing else asks this one and waits, as the callback may take its time.

const { CANCEL } = require("./callbacks.js");
const { functions } = require("./library.js");
const { dataOf } = require("./reply.js");
const { startThread } = require("./threads.js");
const { CANCELS, GO_ON } = require("./words.js");

const START_MS = 10_000;

let thread;
let ids = 0;
/** By the number that C hands back. */
const callbacks = new Map();
/** By the handle of the call that needed new credentials. */
const failures = new Map();
/** Handles of calls that do not wait any longer. */
const cancelled = new Set();
let question;
let holds = 0;

function start() {
  const { worker, words } = startThread("expiry_worker.js");
  worker.on("message", (asked) => void answer(asked));
  worker.unref();
  // Until C can be told whom to call.
  if (!words.waitUntilIdle(START_MS)) throw new Error("the thread for onExpiry does not start");
  return { words, address: words.value };
}

async function answer(asked) {
  question = asked;
  let value = 0;
  try {
    if (cancelled.has(asked.client)) value = CANCELS;
    else if ((await callbacks.get(asked.id)?.()) === CANCEL) value = CANCELS;
  } catch (error) {
    if (question === asked) failures.set(asked.client, { error });
    value = CANCELS;
  }
  if (question === asked) say(value);
}

function say(value) {
  const { number } = question;
  question = undefined;
  thread.words.answer(number, value);
}

/** Sets what renews the credentials of a client and of all that share them; null for nothing. */
function set(node, callback) {
  if (callback !== null && typeof callback !== "function") {
    throw new TypeError("onExpiry: callback must be a function or null");
  }
  const { family, handle } = node;
  if (callback) thread ??= start();
  family.expiry ??= ++ids;
  const address = callback ? thread.address : null;
  dataOf(functions.qcos_client_on_expiry.c(handle, address, BigInt(family.expiry)));
  if (callback) callbacks.set(family.expiry, callback);
  else callbacks.delete(family.expiry);
}

/** When all clients that share the credentials are closed. */
function forget({ expiry }) {
  callbacks.delete(expiry);
}

/** While this thread is in a call that blocks it, it can renew nothing, and nobody may wait for that. */
function hold() {
  if (!thread) return () => {};
  if (holds++ === 0) thread.words.hold(GO_ON);
  return () => {
    if (--holds === 0) thread.words.release();
  };
}

/** A call that was cancelled does not wait any longer. */
function refuse(handle) {
  if (!thread) return;
  cancelled.add(handle);
  if (question?.client === handle) say(CANCELS);
}

/** At the end of a call: what the callback has thrown in it. */
function end(handle) {
  const failure = failures.get(handle);
  failures.delete(handle);
  cancelled.delete(handle);
  return failure;
}

module.exports = { end, forget, hold, refuse, set };
