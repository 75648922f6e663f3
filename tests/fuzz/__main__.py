"""A million wrong inputs: ``python -m tests.fuzz``; see `harness`."""

import sys

from .harness import main

sys.exit(main())
