"use strict";

// Calls that do not block run on the threads of libuv, as files and name lookups of the program do.

const { endProcess } = require("./library.js");

/** One stays for the rest of the program. */
const AT_ONCE = Math.max(1, (Number(process.env.UV_THREADPOOL_SIZE) || 4) - 1);

let running = 0;
let fatal;
const waiting = [];

/** Runs `start(done)`, in which `done(error, result)` is called once, when its turn has come. */
async function inTurn(start) {
  if (running < AT_ONCE) enter();
  else await new Promise((turn) => waiting.push(turn));
  try {
    return await new Promise((resolve, reject) => {
      start((error, result) => (error ? reject(error) : resolve(result)));
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else leave();
  }
}

function enter() {
  if (running++ > 0) return;
  process.on("exit", onExit);
  process.on("uncaughtExceptionMonitor", onFatal);
}

function leave() {
  if (--running > 0) return;
  process.off("exit", onExit);
  process.off("uncaughtExceptionMonitor", onFatal);
}

function onFatal(error) {
  if (process.listenerCount("uncaughtException") === 0) fatal = { error };
}

/** Node would wait for the calls, and they for a callback that no longer comes. */
function onExit(code) {
  // Node shows it only after this.
  if (fatal) console.error("Uncaught", fatal.error);
  endProcess(code);
}

module.exports = { inTurn };
