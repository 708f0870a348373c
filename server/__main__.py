"""`python -m server` is `tongke`."""

import sys

from server.cli.main import main

sys.exit(main())
