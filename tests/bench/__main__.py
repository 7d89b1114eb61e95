"""`python -m tests.bench chunk`, the same as `python tests/bench/run.py chunk`."""

import sys

from tests.bench.run import main

sys.exit(main(sys.argv[1:]))
