"""The extension for VS Code: a zip with manifests that agree, and with all that they name."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

import engine
from engine.cli.app import main
from engine.debugger.dap import launch, view  # noqa: F401 - they fill the table of requests
from engine.debugger.dap.extension import pack_extension
from engine.debugger.dap.request import REQUESTS

NODE = shutil.which("node")
SCHEMA = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"


@pytest.fixture(scope="module")
def parts():
    archive = ZipFile(BytesIO(pack_extension()))
    assert archive.testzip() is None
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_manifests_agree(parts):
    package = json.loads(parts["extension/package.json"])
    manifest = ElementTree.fromstring(parts["extension.vsixmanifest"])
    identity = manifest.find(f"{SCHEMA}Metadata/{SCHEMA}Identity")
    assert (identity.get("Id"), identity.get("Version")) == ("stepgrad", engine.__version__)
    assert (package["name"], package["version"], package["publisher"]) == (
        "stepgrad", engine.__version__, identity.get("Publisher"),
    )  # fmt: skip
    for asset in manifest.iter(f"{SCHEMA}Asset"):
        assert asset.get("Path") in parts
    assert f"extension/{package['main'].removeprefix('./')}" in parts
    kinds = {each.get("Extension").lstrip(".") for each in ElementTree.fromstring(parts["[Content_Types].xml"])}
    assert {name.rpartition(".")[2] for name in parts if name != "[Content_Types].xml"} <= kinds
    assert pack_extension() == pack_extension()


def test_every_command_and_every_setting_is_there(parts):
    package, script = json.loads(parts["extension/package.json"]), parts["extension/extension.js"]
    contributes = package["contributes"]
    for command in contributes["commands"]:
        assert f'registerCommand("{command["command"]}"' in script
    asked = set(re.findall(r'customRequest\("([^"]+)"', script))
    assert asked <= set(REQUESTS)
    (debugger,) = contributes["debuggers"]
    properties = debugger["configurationAttributes"]["launch"]["properties"]
    source = Path(launch.__file__).read_text()
    for name in set(properties) - {"python", "port"}:
        assert f'"{name}"' in source
    for snippet in debugger["configurationSnippets"]:
        assert set(snippet["body"]) <= {*properties, "type", "request", "name"}


@pytest.mark.skipif(not NODE, reason="needs node")
def test_the_script_starts_the_adapter_and_follows_it(parts, tmp_path):
    """With a stand-in for VS Code's API that records what is registered."""
    (tmp_path / "extension.js").write_text(parts["extension/extension.js"])
    (tmp_path / "node_modules" / "vscode").mkdir(parents=True)
    (tmp_path / "node_modules" / "vscode" / "index.js").write_text("""
const kept = {}, keep = (name) => (...things) => { kept[things.length > 1 ? things[0] : name] ??= {};
  Object.assign(kept[things.length > 1 ? things[0] : name], { [name]: things.at(-1) }); return {}; };
const panel = { webview: { html: "", posted: [], postMessage(m) { this.posted.push(m); } }, onDidDispose() {} };
module.exports = { kept, panel, ViewColumn: {}, extensions: { getExtension: () => undefined },
  DebugAdapterExecutable: class { constructor(...a) { this.a = a; } },
  DebugAdapterServer: class { constructor(...a) { this.a = a; } },
  debug: { activeDebugSession: null, registerDebugAdapterDescriptorFactory: keep("factory"),
    registerDebugConfigurationProvider: keep("configuration"), registerDebugAdapterTrackerFactory: keep("tracker") },
  languages: { registerInlineValuesProvider: keep("inline") }, commands: { registerCommand: keep("command") },
  window: { createWebviewPanel: () => panel, showWarningMessage: console.log, showErrorMessage: console.log },
  workspace: {} };
""")
    (tmp_path / "test.js").write_text("""
const vscode = require("vscode"), { kept, panel } = vscode;
(async () => {
  require("./extension.js").activate({ subscriptions: [] });
  const { factory, configuration, tracker } = kept.stepgrad;
  console.log(JSON.stringify((await factory.createDebugAdapterDescriptor({ configuration: { python: "py" } })).a));
  console.log(JSON.stringify((await factory.createDebugAdapterDescriptor({ configuration: { port: 5 } })).a));
  console.log(JSON.stringify((await factory.createDebugAdapterDescriptor({ configuration: {} })).a));
  console.log(JSON.stringify(configuration.resolveDebugConfiguration(undefined, {}).program));
  const silent = tracker.createDebugAdapterTracker({ configuration: {} });
  silent.onError();
  silent.onExit(1);
  tracker.createDebugAdapterTracker({ configuration: { port: 5 } }).onExit(1);
  let version = 1, position = 3;
  const session = { type: "stepgrad", customRequest: async (name) => name.endsWith("page")
    ? { html: "<html><body>", position, version }
    : name.endsWith("drawing") ? { svg: `<svg width="40pt">${position}` } : { position, version } };
  vscode.debug.activeDebugSession = session;
  await kept["stepgrad.showPage"].command();
  console.log(panel.webview.html);
  position = 4;
  tracker.createDebugAdapterTracker(session).onDidSendMessage({ type: "event", event: "stopped" });
  await new Promise((done) => setTimeout(done, 20));
  console.log(JSON.stringify(panel.webview.posted));
  await kept["stepgrad.showDrawing"].command();
  console.log(panel.webview.html.split("<body>")[1], panel.webview.html.includes("min-width: 30pt"));
  position = 5;
  tracker.createDebugAdapterTracker(session).onDidSendMessage({ type: "event", event: "stopped" });
  await new Promise((done) => setTimeout(done, 20));
  console.log(panel.webview.html.split("<body>")[1]);
})();
""")
    ran = subprocess.run([NODE, "test.js"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        '["py",["-m","engine","dap"]]',
        '[5,"127.0.0.1"]',
        '["python3",["-m","engine","dap"]]',
        '"${file}"',
        (
            "stepgrad does not start in python3: is it installed there? Choose the Python that has it "
            'in the Python extension, or name it as "python" in launch.json.'
        ),
        '<html><body data-steps="3">',
        '[{"steps":4}]',
        '<svg width="40pt">4</body></html> true',
        '<svg width="40pt">5</body></html>',
    ]


def test_the_command_says_how_to_install_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["editor", "vscode"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("stepgrad.vsix\n", "install it with: code --install-extension stepgrad.vsix\n")
    assert (tmp_path / "stepgrad.vsix").read_bytes() == pack_extension()
    with pytest.raises(SystemExit):
        main(["editor", "emacs"])
    assert main(["editor", "vscode", "-o", str(tmp_path / "no" / "x.vsix")]) == 1
