"""The command line, ``python -m core``: all that the pages do, without a browser."""

import sys

from core.commands.app import main

if __name__ == "__main__":
    sys.exit(main())
