"use strict";

// C's replies.

const { convert } = require("./arguments.js");
const { QcosError } = require("./errors.js");

function dataOf(text) {
  const reply = JSON.parse(text);
  if (reply.code !== 0) throw new QcosError(reply);
  return reply.data;
}

/** The handle that a function of C's has given out. */
function opened(name, { c, parameters }, given) {
  const handle = [0];
  const values = parameters.map((it, i) => convert(name, it, [...given, handle][i]));
  dataOf(c(...values));
  return handle[0];
}

module.exports = { dataOf, opened };
