"""Run random trainings; see `trainings`."""

import sys

from .trainings import main

sys.exit(main())
