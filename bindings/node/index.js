"use strict";

// Tencent Cloud Object Storage (COS) by libqcos: see README.md; qcos.h is the manual of each call.

const { Client } = require("./lib/client.js");
const { CANCEL } = require("./lib/callbacks.js");
const { QcosError } = require("./lib/errors.js");
const { functions } = require("./lib/library.js");
const { ReadStream, WriteStream } = require("./lib/streams.js");

/** The version of the library that is loaded, such as "0.1.0". */
const libraryVersion = () => functions.qcos_version.c();

module.exports = { CANCEL, Client, QcosError, ReadStream, WriteStream, libraryVersion };
