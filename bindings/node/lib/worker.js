"use strict";

// A thread that makes one call after the other, and asks the thread that started it for callbacks.

const { parentPort, workerData } = require("node:worker_threads");
const { functions } = require("./library.js");
const { traced } = require("./trace.js");
const { Words } = require("./words.js");

/** The most events that the other thread has not heard of yet. */
const EVENTS = 1000;

const words = new Words(workerData);
let untold = 0;

/** Posts what nobody has to answer, and waits now and then, so that a busy thread is not flooded. */
function onEvent(event) {
  untold = (untold + 1) % EVENTS;
  if (untold === 0) return words.ask((number) => parentPort.postMessage({ event, number }));
  parentPort.postMessage({ event });
  return 0;
}

function made({ name, values, callbacks, isTraced }) {
  for (const [index, callback] of callbacks) {
    // The last is user_data.
    values[index] = (...given) =>
      words.ask((number) => parentPort.postMessage({ callback, number, given: given.slice(0, -1) }));
  }
  try {
    const call = () => functions[name].c(...values);
    return { reply: isTraced ? traced(values[0], onEvent, call) : call() };
  } catch (error) {
    return { error };
  }
}

parentPort.on("message", (call) => {
  const done = made(call);
  words.busy = false;
  parentPort.postMessage(done);
});
words.busy = false;
parentPort.postMessage({});
