"""`python -m kpi_engine` is `kpi_engine.main`."""

import sys

from kpi_engine.main import main

sys.exit(main())
