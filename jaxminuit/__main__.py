"""`python -m jaxminuit`."""

import sys

from jaxminuit.cli import main

sys.exit(main())
