// A session of Microsoft's client for tests of adapters, @vscode/debugadapter-testsupport; arguments: Python, program.
const { spawn } = require("child_process");
const { DebugClient } = require("@vscode/debugadapter-testsupport");

const [python, program] = process.argv.slice(2);

async function main() {
  const client = new DebugClient(python, "", "stepgrad");
  client.defaultTimeout = 10000;
  const child = spawn(python, ["-m", "engine", "dap"], { stdio: ["pipe", "pipe", "inherit"] });
  client.connect(child.stdout, child.stdin);
  const say = (...things) => console.log(...things);

  const [, , stopped] = await Promise.all([
    client.launch({ program }), client.configurationSequence(), client.assertStoppedLocation("entry", { line: 2 }),
  ]);
  say("entry", stopped.body.stackFrames[0].name);
  await client.setBreakpointsRequest({ source: { path: program }, breakpoints: [{ line: 6 }] });
  await Promise.all([client.continueRequest({ threadId: 1 }), client.assertStoppedLocation("breakpoint", { line: 5 })]);
  await Promise.all([client.nextRequest({ threadId: 1 }), client.assertStoppedLocation("step", { line: 6 })]);
  await Promise.all([client.stepBackRequest({ threadId: 1 }), client.assertStoppedLocation("breakpoint", { line: 5 })]);
  await Promise.all([client.continueRequest({ threadId: 1 }), client.assertStoppedLocation("breakpoint", { line: 16 })]);
  const frames = (await client.stackTraceRequest({ threadId: 1 })).body.stackFrames;
  say("frames", frames.map((frame) => frame.name).join(" | "));
  const scopes = (await client.scopesRequest({ frameId: frames[0].id })).body.scopes;
  const values = scopes.find((scope) => scope.name === "Values").variablesReference;
  const rows = (await client.variablesRequest({ variablesReference: values })).body.variables;
  say("values", rows.map((row) => `${row.name}=${row.value}`).join(" "));
  say("set", (await client.setVariableRequest({ variablesReference: values, name: "a", value: "0.5" })).body.value);
  say("watch", (await client.evaluateRequest({ expression: "a.data * 2" })).body.result);
  await Promise.all([
    client.reverseContinueRequest({ threadId: 1 }), client.assertStoppedLocation("breakpoint", { line: 5 }),
  ]);
  const closed = new Promise((resolve) => child.on("exit", resolve));
  await client.disconnectRequest();
  say("status", await closed);
}

main().catch((error) => {
  console.log("error", error.message);
  process.exit(1);
});
