"use strict";
// The extension: it starts the adapter, and shows the step page of the session, which follows it.

const vscode = require("vscode");

const NAME = /(?<![\w."'])[A-Za-z_]\w*(?:\[\d+\])*/g; // of a variable of the program
const MAX_LINES = 200; // that get inline values
const MIN_SCALE = 0.75; // of the drawing

let python = ""; // that was started last
let panel = null; // of the step page
let version = 0; // of the numbers that the page shows
let picture = null; // the panel of the moment's drawing

// Return the Python that has stepgrad: the configuration's, else the one chosen in the Python extension.
async function pythonOf(configuration) {
  if (configuration.python) return configuration.python;
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (extension) {
    const api = await extension.activate();
    const chosen = api?.environments?.getActiveEnvironmentPath?.();
    const found = chosen && (await api.environments.resolveEnvironment(chosen));
    if (found?.executable?.uri) return found.executable.uri.fsPath;
  }
  return process.platform === "win32" ? "python" : "python3";
}

const adapters = {
  async createDebugAdapterDescriptor({ configuration }) {
    if (configuration.port) return new vscode.DebugAdapterServer(configuration.port, "127.0.0.1");
    python = await pythonOf(configuration);
    return new vscode.DebugAdapterExecutable(python, ["-m", "engine", "dap"]);
  },
};

const configurations = {
  resolveDebugConfiguration(folder, configuration) {
    if (configuration.type) return configuration;
    const name = "Step through backpropagation"; // F5 without a launch.json
    return { type: "stepgrad", request: "launch", name, program: "${file}" };
  },
};

// --- the step page -----------------------------------------------------------------------------------

async function showPage() {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== "stepgrad") return;
  if (!panel) {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    panel = vscode.window.createWebviewPanel("stepgrad", "stepgrad", place, { enableScripts: true, localResourceRoots: [] });
    panel.onDidDispose(() => { panel = null; version = 0; });
  }
  await followInPage(session);
}

// Show the drawing of the moment, with the numbers that there are and the step just taken.
async function showDrawing() {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== "stepgrad") return;
  if (!picture) {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    picture = vscode.window.createWebviewPanel("stepgrad.drawing", "stepgrad: drawing", place, { localResourceRoots: [] });
    picture.onDidDispose(() => { picture = null; });
  }
  await followInDrawing(session);
}

async function followInDrawing(session) {
  if (!picture) return;
  try {
    // a panel beside the editor is narrow: from top to bottom, and never so small that it cannot be read
    const { svg } = await session.customRequest("stepgrad/drawing", { direction: "TB" });
    const least = MIN_SCALE * Number(/ width="([\d.]+)pt"/.exec(svg)?.[1] ?? 0);
    // no script runs here; labels are text in the drawing
    picture.webview.html = `<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" `
      + `content="default-src 'none'; style-src 'unsafe-inline'"><style>body { margin: 0; background: #fff; } `
      + `svg { max-width: 100%; min-width: ${least}pt; height: auto; }</style></head><body>${svg}</body></html>`;
  } catch (error) {
    vscode.window.showWarningMessage(`stepgrad: ${error.message}`);
  }
}

// Let the page and the drawing show where the session stands.
async function follow(session) {
  await Promise.all([followInPage(session), followInDrawing(session)]);
}

// The page is made again when numbers were changed.
async function followInPage(session) {
  if (!panel) return;
  try {
    const at = await session.customRequest("stepgrad/position");
    if (at.version === version) {
      panel.webview.postMessage({ steps: at.position });
      return;
    }
    const page = await session.customRequest("stepgrad/page");
    version = page.version;
    // the page's own policy allows its own script and style, and nothing else
    panel.webview.html = page.html.replace("<body", `<body data-steps="${Number(page.position)}"`);
  } catch (error) {
    vscode.window.showWarningMessage(`stepgrad: ${error.message}`);
  }
}

const trackers = {
  createDebugAdapterTracker(session) {
    let isHeard = false;
    const ended = () => {
      if (isHeard || session.configuration?.port) return;
      isHeard = true; // said once
      vscode.window.showErrorMessage(`stepgrad does not start in ${python}: is it installed there? Choose the Python that `
        + `has it in the Python extension, or name it as "python" in launch.json.`);
    };
    return {
      onError: ended,
      onExit: ended,
      onDidSendMessage(message) {
        isHeard = true;
        if (message.type === "event" && ["stopped", "invalidated"].includes(message.event)) follow(session);
      },
      onWillStopSession() { version = 0; },
    };
  },
};

// --- numbers beside the lines of the program -------------------------------------------------------------

const inlineValues = {
  provideInlineValues(document, range, context) {
    if (vscode.debug.activeDebugSession?.type !== "stepgrad") return [];
    const last = context.stoppedLocation.end.line;
    const found = [];
    for (let line = Math.max(range.start.line, last - MAX_LINES); line <= Math.min(last, range.end.line); line++) {
      const text = document.lineAt(line).text.replace(/#.*/, "");
      for (const match of text.matchAll(NAME)) {
        const place = new vscode.Range(line, match.index, line, match.index + match[0].length);
        found.push(new vscode.InlineValueEvaluatableExpression(place, match[0]));
      }
    }
    return found;
  },
};

// --- commands ----------------------------------------------------------------------------------------------

function debug(more) {
  const folder = vscode.workspace.workspaceFolders?.[0];
  return vscode.debug.startDebugging(folder, { type: "stepgrad", request: "launch", name: "Backpropagation", ...more });
}

async function debugExpression() {
  const prompt = "An expression, and a number for each name";
  const typed = await vscode.window.showInputBox({ prompt, value: "tanh(a*b + c); a=2 b=-3 c=5" });
  if (!typed) return;
  const parts = typed.split(";");
  const given = [...parts.pop().matchAll(/(\w+)\s*=\s*([-+.\deE]+)/g)].map(([, name, number]) => [name, Number(number)]);
  await debug({ expression: parts.join(";"), numbers: Object.fromEntries(given) });
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("stepgrad", adapters),
    vscode.debug.registerDebugConfigurationProvider("stepgrad", configurations),
    vscode.debug.registerDebugAdapterTrackerFactory("stepgrad", trackers),
    vscode.languages.registerInlineValuesProvider({ language: "python" }, inlineValues),
    vscode.commands.registerCommand("stepgrad.debugFile", (uri) => debug({ program: uri?.fsPath ?? "${file}" })),
    vscode.commands.registerCommand("stepgrad.debugExpression", debugExpression),
    vscode.commands.registerCommand("stepgrad.showPage", showPage),
    vscode.commands.registerCommand("stepgrad.showDrawing", showDrawing),
  );
};
