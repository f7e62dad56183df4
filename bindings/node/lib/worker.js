"use strict";

// A thread that makes one call after the other, and asks the thread that started it for callbacks.

const { parentPort, workerData } = require("node:worker_threads");
const { functions } = require("./library.js");
const { Words } = require("./words.js");

const words = new Words(workerData);

function made({ name, values, callbacks }) {
  for (const [index, callback] of callbacks) {
    // The last is user_data.
    values[index] = (...given) =>
      words.ask((number) => parentPort.postMessage({ callback, number, given: given.slice(0, -1) }));
  }
  try {
    return { reply: functions[name].c(...values) };
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
