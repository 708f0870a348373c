"""`python -m server` is `tongke`."""

import sys

from server.cli import main

sys.exit(main())
