"use strict";

// How a JS value becomes each kind of parameter. koffi takes a number for an address and cuts what
// is too large, so nothing goes to it unchecked.

const { fileURLToPath } = require("node:url");

const RANGES = {
  int32_t: [-(2n ** 31n), 2n ** 31n - 1n],
  int64_t: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64_t: [0n, 2n ** 64n - 1n],
};

function text(value) {
  if (value === null || value === undefined) return null;
  if (typeof value !== "string") throw new TypeError(`must be a string, not ${typeof value}`);
  if (value.includes("\0")) throw new TypeError("has a NUL character");
  if (/\p{Surrogate}/u.test(value)) throw new TypeError("is not well-formed Unicode");
  return value;
}

/** Local paths may be bytes that are not UTF-8. */
function path(value) {
  if (value instanceof URL) return text(fileURLToPath(value));
  if (!(value instanceof Uint8Array)) return text(value);
  if (value.includes(0)) throw new TypeError("has a NUL character");
  return Buffer.concat([value, Buffer.of(0)]);
}

function integer(type, value = 0) {
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
    throw new TypeError(`must be an integer up to 2^53, or a BigInt, not ${String(value)}`);
  }
  const [low, high] = RANGES[type];
  if (value < low || value > high) throw new RangeError(`is ${value}, must be ${low} to ${high}`);
  return value;
}

function data(value) {
  if (!(value instanceof Uint8Array)) throw new TypeError("must be a Buffer or Uint8Array");
  return value;
}

function paths(value) {
  if (!Array.isArray(value)) throw new TypeError("must be an array of strings");
  return JSON.stringify(value);
}

function tags(value) {
  if (typeof value !== "object" || value === null) throw new TypeError("must be an object of strings");
  return JSON.stringify(value);
}

const body = (value) => (value === undefined ? null : data(value));

const BY_NAME = { filepath: path, dirpath: path, data, body, buffer: data, paths_json: paths, tags_json: tags };

/** What is given to C for a parameter, from what was given for it here. */
function convert(name, { type, name: parameter }, value) {
  try {
    if (BY_NAME[parameter]) return BY_NAME[parameter](value);
    if (type === "const char *") return text(value);
    return type in RANGES ? integer(type, value) : value;
  } catch (error) {
    error.message = `${name}: ${parameter} ${error.message}`;
    throw error;
  }
}

/** The parameters as they are given, of which `first` are the first ones or how many those are. */
function inOrder(names, first) {
  if (typeof first === "number") return names;
  return [...first, ...names.filter((name) => !first.includes(name))];
}

/** What follows the parameters that are given one by one. */
function optionsOf(method, given, count, asked) {
  const options = given[count] ?? {};
  if (typeof options !== "object" || given.length > count + 1) {
    throw new TypeError(`${method} takes ${count} parameters and an object of options`);
  }
  const known = [...asked.slice(count), "signal"];
  // The library names those of options_json.
  const isJson = known.includes("options_json") || known.includes("request_json");
  const ours = isJson ? ["progress", "page", "signal"] : Object.keys(options);
  const unknown = ours.find((name) => name in options && !known.includes(name));
  if (unknown) throw new TypeError(`${method} has no option "${unknown}"`);
  return options;
}

function allocated(method, size) {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new TypeError(`${method}: size must be a number of bytes, not ${String(size)}`);
  }
  return Buffer.alloc(size);
}

module.exports = { allocated, convert, inOrder, optionsOf };
