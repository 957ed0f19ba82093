"""python worker.py: a worker of Python Scythe, set up by SCYTHE_WORKER_..., with the experiments beside it."""

import logging
import sys

from scythe.worker import ScytheWorkerConfig

sys.dont_write_bytecode = True  # beside the sources, that is
import experiments  # noqa: E402, F401  (importing registers them)

if __name__ == "__main__":
    # told to quit, it would complain of its own exit
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    ScytheWorkerConfig().start()
