// What a program of somebody else's looks like. Its argument: the client's options.
const qcos = require("qcos");

const account = ["10000001", "TESTSECRETID0000000000000000000000000", "TESTSECRETKEYDONOTUSE0000000000"];
const client = new qcos.Client(...account, JSON.parse(process.argv[2]));
client.uploadBuffer(Buffer.from("hello"), "bucket", "greeting").then(() => {
  console.log(qcos.libraryVersion(), 0);
  client.close();
});
