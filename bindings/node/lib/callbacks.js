"use strict";

// The callbacks of a call, between C's numbers and addresses and what functions of JS take and return.
// An exception must not get to C, which would go on: it cancels the call, which then throws it.

const { copyMemory } = require("./library.js");
const { CANCELS } = require("./words.js");

const CANCEL = Symbol("qcos.CANCEL");

/** The most that a callback reads at once. */
const PIECE_BYTES = 1 << 20;

/** `ask` takes what C gives; `answer` makes C's number of what it returned, and has those values, too. */
class Callback {
  constructor(ask, answer) {
    this.ask = ask;
    this.answer = answer;
  }
}

function check(callback, name) {
  if (typeof callback !== "function") throw new TypeError(`${name} must be a function`);
}

const goesOn = (said) => (said === CANCEL ? CANCELS : 0);

function progress(callback) {
  check(callback, "progress");
  return new Callback(callback, goesOn);
}

function page(callback) {
  check(callback, "page");
  return new Callback((text) => callback(JSON.parse(text).infos), goesOn);
}

/** Fills C's memory with what `callback(buffer)` puts into a buffer. */
function read(callback) {
  if (callback instanceof Callback) return callback;
  check(callback, "read");
  // Not C's memory itself, which is gone when a buffer of it may still be there.
  const piece = Buffer.alloc(PIECE_BYTES);
  const most = (size) => Math.min(Number(size), PIECE_BYTES);
  return new Callback(
    (_address, size) => callback(piece.subarray(0, most(size))),
    (count, address, size) => {
      if (count === CANCEL) return CANCELS;
      if (!Number.isInteger(count)) {
        throw new TypeError(`read must return a number of bytes, not ${kindOf(count)}`);
      }
      if (count < 0 || count > most(size)) {
        throw new RangeError(`read returned ${count} for ${most(size)} bytes`);
      }
      if (count > 0) copyMemory(address, piece, count);
      return count;
    },
  );
}

/** Gives C's memory to `callback(chunk)`: a copy, as it may keep it. */
function write(callback) {
  check(callback, "write");
  return new Callback((address, size) => {
    const chunk = Buffer.allocUnsafeSlow(Number(size));
    copyMemory(chunk, address, chunk.length);
    return callback(chunk);
  }, (said) => {
    // Nobody would wait for it, or hear of its failure.
    if (typeof said?.then === "function") throw new TypeError("write must not return a promise in a ...Sync call");
    return goesOn(said);
  });
}

function kindOf(value) {
  return typeof value?.then === "function" ? "a promise" : String(value);
}

module.exports = { CANCEL, Callback, check, goesOn, kinds: { page, progress, read, write } };
