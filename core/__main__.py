"""The command line, ``python -m core``: a twin of every page."""

import sys

from core.commands.app import main

if __name__ == "__main__":
    sys.exit(main())
