"""What a request is, and the table of all requests that are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from .protocol import Arguments, Body

if TYPE_CHECKING:
    from .adapter import Adapter

Answer = Callable[["Adapter", Arguments], Body | None]
A = TypeVar("A", bound=Answer)


class Request(NamedTuple):
    """A request that the adapter answers."""

    answer: Answer
    needs: str  # the state that it needs: "", "initialized" or "launched"


REQUESTS: dict[str, Request] = {}


def request(*names: str, needs: str = "launched") -> Callable[[A], A]:
    """Register a function as the answer to requests of these names."""

    def register(answer: A) -> A:
        for name in names:
            REQUESTS[name] = Request(answer, needs)
        return answer

    return register
