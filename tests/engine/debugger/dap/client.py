"""A client of the adapter, for tests: it sends requests, and keeps what comes back."""

import itertools
import json
import os
from functools import cache
from pathlib import Path

from engine.cli.target import load
from engine.debugger.dap.adapter import Adapter

SCHEMA = os.environ.get("STEPGRAD_DAP_SCHEMA", "")  # debugAdapterProtocol.json, where it is at hand


class Refused(Exception):  # noqa: N818
    """An answer that is an error."""


class Client:
    """An editor with an adapter in the same process."""

    def __init__(self):
        self.received, self.numbers = [], itertools.count(1)
        self.adapter = Adapter(self.receive, load)

    def receive(self, message):
        message = json.loads(json.dumps(message, allow_nan=False))
        check({**message, "request_seq": max(message["request_seq"], 1)} if "request_seq" in message else message)
        assert message["seq"] == len(self.received) + 1
        self.received.append(message)

    def ask(self, command, /, **arguments):
        """Send a request, and return the body of its answer."""
        number, begin = next(self.numbers), len(self.received)
        message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        check(message)
        self.adapter.handle(message)
        (answer,) = (each for each in self.received[begin:] if each["type"] == "response")
        assert (answer["request_seq"], answer["command"]) == (number, command)
        self.events = [each for each in self.received[begin:] if each["type"] == "event"]
        if not answer["success"]:
            assert not answer["message"].startswith("an internal error"), answer["message"]
            raise Refused(answer["message"])
        return answer.get("body")

    def start(self, **launch):
        """Launch, and return the event at the first stop."""
        self.ask("initialize", adapterID="stepgrad", supportsInvalidatedEvent=True)
        self.ask("launch", **launch)
        assert self.events[-1]["event"] == "initialized"
        return self.configured()

    def configured(self):
        self.ask("configurationDone")
        return self.events[-1]

    def move(self, command, **arguments):
        """Move, and return what the event says."""
        self.ask(command, threadId=1, **arguments)
        assert self.events[-1]["event"] == "stopped"
        return self.events[-1]["body"]

    @property
    def frames(self):
        return self.ask("stackTrace", threadId=1)["stackFrames"]

    @property
    def here(self):
        """The line of the program that comes next."""
        return self.text[self.frames[0]["line"] - 1]

    @property
    def text(self):
        return self.ask("source", sourceReference=self.frames[0]["source"]["sourceReference"])["content"].split("\n")

    def line(self, text):
        return self.text.index(text) + 1

    def scope(self, name, frame=1):
        scopes = self.ask("scopes", frameId=frame)["scopes"]
        return self.open(next(each["variablesReference"] for each in scopes if each["name"] == name))

    def open(self, reference):
        return {each["name"]: each for each in self.ask("variables", variablesReference=reference)["variables"]}

    def values(self, name, frame=1):
        return {key: each["value"] for key, each in self.scope(name, frame).items()}

    def say(self, line):
        return self.ask("evaluate", expression=line, context="repl")["result"]


@cache
def validators():
    import jsonschema

    schema = json.loads(Path(SCHEMA).read_text())
    return {
        name: jsonschema.Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": schema["definitions"]})
        for name in schema["definitions"]
    }


def kind_of(message):
    """Return the schema's definition for a message; None for one of our own."""
    if message["type"] == "response" and not message["success"]:
        return "ErrorResponse"
    name = message["event"] if message["type"] == "event" else message["command"]
    kind = f"{name[0].upper()}{name[1:]}{message['type'].capitalize()}"
    return None if "/" in name else kind


def check(message):
    """Hold a message against the protocol's schema, if it is at hand."""
    if SCHEMA and (kind := kind_of(message)):
        validators()[kind].validate(message)
