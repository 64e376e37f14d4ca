"""The day that selects which of very many examples a run tries, so that in time all are tried.

`OTKLIK_TEST_DAY=739585 make test` repeats that day's examples; the header of every run names its day.
"""

import os
from datetime import UTC, datetime

# Set by the first process, so that all processes of a run past midnight agree.
DAY = int(os.environ.setdefault("OTKLIK_TEST_DAY", str(datetime.now(tz=UTC).toordinal())))
