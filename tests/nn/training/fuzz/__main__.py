"""Run random trainings; see `trainings`."""

import sys

from engine.program.native import backend as native

from .trainings import main

native.MAX_STRAIGHT = native.MAX_STRAIGHT_FOR_ROWS = 0  # the interpreter is built already, code would be for each case
sys.exit(main())
