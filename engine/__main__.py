"""Run the command `stepgrad`, as ``python -m engine``."""

import sys

from .cli.app import main

if __name__ == "__main__":
    sys.exit(main())
