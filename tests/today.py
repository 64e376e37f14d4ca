"""Which of very many examples a run tries changes from day to day, so that in time all are tried.

`OTKLIK_TEST_DAY=739585 make test` tries those of that day again; the head of every run tells its day.
"""

import os
from datetime import UTC, datetime

# Set by the first process, so that a run over midnight stays in its day everywhere.
DAY = int(os.environ.setdefault("OTKLIK_TEST_DAY", str(datetime.now(tz=UTC).toordinal())))
