"""The debugger for editors: an adapter that speaks the Debug Adapter Protocol, over the same session as the terminal.

The protocol: https://microsoft.github.io/debug-adapter-protocol/specification. It is implemented here, since no
maintained library does: debugpy is an adapter for Python programs, not a library, and other packages on PyPI are
clients. What is needed of it is small: messages in JSON, each behind a header with its length.
"""
