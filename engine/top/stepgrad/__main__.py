"""``python -m stepgrad``: the command, where the program ``stepgrad`` is not on the path."""

import sys

from engine.__main__ import main

if __name__ == "__main__":  # pragma: no cover - tested in a fresh process
    sys.exit(main())
