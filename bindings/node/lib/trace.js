"use strict";

// What a client tells of its requests. C calls back on the thread of the call, and only one thread can
// run a function of JS: so each call has one of its own, set on a handle that no other call uses.

const { AsyncLocalStorage } = require("node:async_hooks");
const { check, goesOn } = require("./callbacks.js");
const { functions, traceCallback } = require("./library.js");
const { dataOf } = require("./reply.js");

/** Set in a callback, and in whatever it sets off: what it tells of would call it again and again. */
const telling = new AsyncLocalStorage();

/** Sets what is told of the requests of a client and of those derived from it; null for nothing. */
function set(node, callback) {
  if (callback !== null) check(callback, "onTrace: callback");
  // Whether it is open.
  dataOf(functions.qcos_client_trace.c(node.handle, null, null));
  node.trace = callback;
}

/** What is told of a call that is made now, if anything is: the nearest client's. */
function traceOf(node) {
  if (telling.getStore()) return undefined;
  for (let at = node; at; at = at.from) if (at.trace) return at.trace;
  return undefined;
}

/** Gives an event to the user's callback, and returns C's number for its answer. */
function tell(callback, event) {
  return goesOn(telling.run(true, callback, JSON.parse(event)));
}

/** Makes a call on a handle of its own, whose events go to `onEvent`. */
function traced(handle, onEvent, call) {
  const { address, release } = traceCallback(onEvent);
  try {
    dataOf(functions.qcos_client_trace.c(handle, address, null));
    return call();
  } finally {
    release();
  }
}

module.exports = { set, tell, traceOf, traced };
