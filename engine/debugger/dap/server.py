"""Where the adapter meets an editor: the standard streams of the process, or a port of this machine."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO

from .adapter import Adapter, Load
from .protocol import Message, ProtocolError, read_message, write_message

COMMAND = (sys.executable, "-m", "engine", "dap")  # what runs one session
LOOPBACK = "127.0.0.1"


def serve(reader: BinaryIO, writer: BinaryIO, load: Load, end: Callable[[int], object] = os._exit) -> bool:
    """Talk to an editor until it disconnects; return whether one came.

    Args:
        reader, writer: the streams from and to the editor.
        load: makes the target of a launch.
        end: ends the process, where the editor leaves while the user's program runs.
    """

    def send(message: Message) -> None:
        try:
            write_message(writer, message)
        except (OSError, ValueError):  # the editor has left
            adapter.interrupt.set()

    adapter = Adapter(send, load)
    waiting: SimpleQueue[Message | ProtocolError | None] = SimpleQueue()

    def read() -> None:
        """Read messages while the main thread answers them, so that a run can be interrupted."""
        message: Message | ProtocolError | None
        while True:
            try:
                message = read_message(reader)
            except ProtocolError as error:
                message = error
            except (OSError, ValueError):  # the stream was closed
                message = None
            command = message.get("command") if isinstance(message, dict) else None
            if message is None or command in ("pause", "disconnect", "terminate"):
                adapter.interrupt.set()
                if command != "pause" and adapter.is_launching:
                    if isinstance(message, dict):
                        adapter.respond(int(message.get("seq") or 0), str(command))
                        adapter.tell("terminated")
                    end(0)
            waiting.put(message)
            if message is None:
                return

    threading.Thread(target=read, daemon=True).start()
    while (message := waiting.get()) is not None:
        if isinstance(message, ProtocolError):
            adapter.refuse(str(message))
        else:
            adapter.handle(message)
            if adapter.is_over and message.get("command") == "disconnect":
                break
    return adapter.is_initialized


def serve_streams(load: Load) -> bool:
    """Talk to an editor over the standard streams, which the user's program cannot disturb; return whether one came.

    What the program prints is shown in the editor's console; it reads an empty standard input.
    """
    sys.stdout.flush()
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)  # also of what writes to the descriptor itself
    try:
        has_come = serve(reader, writer, load)
    finally:
        os.dup2(reader.fileno(), 0)
        os.dup2(writer.fileno(), 1)
    if has_come:  # pragma: no cover - tried in a process of its own
        os._exit(0)  # threads, the reader's and those of the user's program, would keep the process alive
    reader.close()
    writer.close()
    return has_come


def serve_port(port: int, say: Callable[[str], object]) -> None:
    """Wait for editors at a port of this machine alone, and give each a session in a process of its own.

    Args:
        port: its number; 0 for any that is free.
        say: told where to connect.

    Raises:
        OSError: the port is taken.
    """
    with socket.create_server((LOOPBACK, port)) as server:
        say(f"waiting for editors at {LOOPBACK}:{server.getsockname()[1]}; Ctrl-C ends it")
        while True:
            connection, _ = server.accept()
            threading.Thread(target=pass_on, args=(connection,), daemon=True).start()


def pass_on(connection: socket.socket) -> None:
    """Run a session for an editor that has connected; the session ends with the connection, and with this process."""
    child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def inward() -> None:
        assert child.stdin is not None
        try:
            while data := connection.recv(2**16):
                child.stdin.write(data)
        except OSError:  # pragma: no cover - it depends on which end leaves first
            pass
        finally:
            child.stdin.close()

    with connection, child:
        assert child.stdout is not None
        threading.Thread(target=inward, daemon=True).start()
        try:
            with connection.makefile("wb", buffering=0) as outward:
                shutil.copyfileobj(child.stdout, outward)
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
