"""`python -m plan_api` is `plan_api.main`."""

import sys

from plan_api.main import main

sys.exit(main())
