"""Run the command `stepgrad`, as ``python -m engine``."""

import sys


def main() -> int:
    """Import the command and run it; see `engine.cli.app.main`."""
    try:
        from .cli.app import main as run  # here, so that an interrupt of the import is reported like any other

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("stepgrad: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
