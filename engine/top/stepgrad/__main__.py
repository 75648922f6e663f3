"""``python -m stepgrad``: the command, where the program ``stepgrad`` is not on the path."""

import sys

from engine.__main__ import main

sys.exit(main())
