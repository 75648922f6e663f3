"""JSON that someone may have edited or cut short, read with errors that say where."""

import json
from collections import Counter
from typing import Any


def parse_json(content: bytes) -> Any:
    """Return what JSON in UTF-8 says.

    Raises:
        ValueError: it is not JSON, or a name occurs twice in an object.
        RecursionError: it is nested too deeply.

    >>> parse_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    try:
        return json.loads(content.decode(), object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{place}: {error.msg}; the file is damaged or cut short") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the name {name!r:.40} occurs twice")
    return found
