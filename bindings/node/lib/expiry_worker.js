"use strict";

// The thread that C calls when credentials end, from whichever thread it does: it asks the thread
// that has the user's callback.

const { parentPort, workerData } = require("node:worker_threads");
const { credentialsCallback } = require("./library.js");
const { Words } = require("./words.js");

const words = new Words(workerData);

function onExpiry(client, id) {
  return words.ask((number) => parentPort.postMessage({ number, client, id: Number(id) }));
}

words.value = credentialsCallback(onExpiry);
// Keeps the thread there.
parentPort.on("message", () => {});
words.busy = false;
