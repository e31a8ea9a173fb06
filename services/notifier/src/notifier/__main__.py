"""`python -m notifier`."""

import sys

from notifier.main import main

sys.exit(main())
