"""The protocol's messages: read, written, and their arguments checked."""

import json
import re
from collections.abc import Mapping
from typing import Any, BinaryIO, NoReturn, TypeVar

from ...errors import StepgradError

MAX_HEADER = 8192  # bytes of a line of a header
MAX_BODY = 16 * 2**20  # bytes of a message
PIECE = 2**16
KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
T = TypeVar("T")
Message = dict[str, Any]
Body = dict[str, Any]  # of an answer or an event


class ProtocolError(StepgradError, ValueError):
    """A message that is not one of the protocol, or that comes at the wrong time; the next one can be read."""


def read_message(stream: BinaryIO) -> Message | None:
    """Return the next message of a stream; None at its end.

    Raises:
        ProtocolError: the next bytes are not a message; they have been read.

    >>> from io import BytesIO
    >>> read_message(BytesIO(b'Content-Length: 10' + bytes([13, 10, 13, 10]) + b'{"seq": 1}'))
    {'seq': 1}
    """
    length, is_begun = "", False
    while line := stream.readline(MAX_HEADER):
        found = re.fullmatch(rb"content-length\s*:\s*([0-9]+)\s*", line, re.IGNORECASE)
        if found:
            length = found[1].decode()
        elif line.strip():
            is_begun = True
        elif length:
            return _read_body(stream, length)
        elif is_begun:
            raise ProtocolError("a message must begin with a header Content-Length: and the count of its bytes")
    return None


def _read_body(stream: BinaryIO, length: str) -> Message | None:
    size = int(length) if len(length) <= 18 else 10**18
    if size > MAX_BODY:
        while size and (piece := stream.read(min(size, PIECE))):
            size -= len(piece)
        raise ProtocolError(f"a message must have at most {MAX_BODY:,} bytes, not {length[:20]}")
    body = stream.read(size)
    if len(body) < size:
        return None
    try:
        message = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a message must be JSON: {str(error)[:100]}") from None
    if not isinstance(message, dict):
        raise ProtocolError(f"a message must be an object, not {str(message)[:40]}")
    return message


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def write_message(stream: BinaryIO, message: Message) -> None:
    """Write a message to a stream."""
    body = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stream.flush()


class Arguments:
    """The arguments of a request, or an object inside them, each checked when it is read.

    >>> Arguments({"line": "3"}).get("line", int)
    Traceback (most recent call last):
    engine.debugger.dap.protocol.ProtocolError: line must be a whole number, not '3'
    """

    def __init__(self, given: object) -> None:
        if given is not None and not isinstance(given, dict):
            raise ProtocolError(f"arguments must be an object, not {given!r:.40}")
        self.given: Mapping[str, Any] = given or {}

    def get(self, name: str, kind: type[T], default: T | None = None) -> T:
        """Return an argument.

        Raises:
            ProtocolError: it is of another kind, or missing without a default.
        """
        found = self.given.get(name)
        if found is None:
            if default is None:
                raise ProtocolError(f"the argument {name} is missing; it must be {KINDS[kind]}")
            return default
        if type(found) is not kind:
            raise ProtocolError(f"{name} must be {KINDS[kind]}, not {found!r:.40}")
        return found

    def has(self, name: str) -> bool:
        """Return whether an argument is given."""
        return self.given.get(name) is not None

    def inside(self, name: str) -> "Arguments":
        """Return an object among the arguments; empty if it is missing."""
        return Arguments(self.get(name, dict, {}))

    def objects(self, name: str) -> list["Arguments"]:
        """Return a list of objects among the arguments; empty if it is missing."""
        return [Arguments(each if each is not None else 0) for each in self.get(name, list, [])]
