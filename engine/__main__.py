"""Run the command `stepgrad`, as ``python -m engine``."""

import sys

from . import __version__


def main() -> int:
    """Import the command and run it; see `engine.cli.app.main`."""
    try:
        if sys.argv[1:] == ["--version"] and _prints_version():
            return 0
        from .cli.app import main as run  # here, so that an interrupt of the import is reported like any other

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("stepgrad: interrupted\n")
        return 130


def _prints_version() -> bool:
    """Print the version, which needs none of the command's modules; return False if that cannot be written."""
    try:
        sys.stdout.write(f"stepgrad {__version__}\n")
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):  # it is closed, or missing
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
