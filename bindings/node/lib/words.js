"use strict";

// The memory that a thread of this package shares with the thread that started it, which it asks and
// waits for.

/** Where each word stands: 32 bits each, then one of 64. */
const STATE = 0;
const ANSWERED = 1;
const HELD = 2;
const VALUE_AT = 16;
const BYTES = 24;

const IDLE = 0;
const BUSY = 1;

/** Values of HELD: how everything is answered until the release. */
const GO_ON = 1;
const CANCEL = 2;

/** Ends the call, whichever callback answers it. */
const CANCELS = -1;

class Words {
  #words;
  #value;
  #asked = 0;
  #holds = 0;

  constructor(shared) {
    this.#words = new Int32Array(shared, 0, VALUE_AT / 4);
    this.#value = new BigInt64Array(shared, VALUE_AT, 1);
  }

  static allocate() {
    return new SharedArrayBuffer(BYTES);
  }

  set busy(busy) {
    Atomics.store(this.#words, STATE, busy ? BUSY : IDLE);
    if (!busy) Atomics.notify(this.#words, STATE);
  }

  /** Whether the thread gets idle in time. */
  waitUntilIdle(milliseconds) {
    return Atomics.wait(this.#words, STATE, BUSY, milliseconds) !== "timed-out";
  }

  /** What the thread has to tell before it first asks. */
  get value() {
    return this.#value[0];
  }

  set value(value) {
    this.#value[0] = value;
  }

  /** Asks the other thread by `post(number)`, and waits for its answer. */
  ask(post) {
    const number = (this.#asked = (this.#asked % 0x7fffffff) + 1);
    if (!this.#held()) post(number);
    for (;;) {
      const answered = Atomics.load(this.#words, ANSWERED);
      if (answered === number) return Number(this.value);
      const held = this.#held();
      if (held) return held === GO_ON ? 0 : CANCELS;
      Atomics.wait(this.#words, ANSWERED, answered);
    }
  }

  #held() {
    return Atomics.load(this.#words, HELD);
  }

  /** The answer to the question of that number: the last one that has come. */
  answer(number, value) {
    this.value = BigInt(value);
    Atomics.store(this.#words, ANSWERED, number);
    Atomics.notify(this.#words, ANSWERED);
  }

  hold(how) {
    Atomics.store(this.#words, HELD, how);
    // No question's number, and not what it was, or one who is about to wait would not notice.
    this.#holds = (this.#holds % 0x7fffffff) + 1;
    Atomics.store(this.#words, ANSWERED, -this.#holds);
    Atomics.notify(this.#words, ANSWERED);
  }

  release() {
    Atomics.store(this.#words, HELD, 0);
  }
}

module.exports = { CANCEL, CANCELS, GO_ON, Words };
