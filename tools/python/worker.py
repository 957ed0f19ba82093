"""python worker.py <file>: a worker of Python Scythe, set up by SCYTHE_WORKER_..., with the experiments of a file."""

import importlib
import logging
import sys
from pathlib import Path

from scythe.worker import ScytheWorkerConfig

sys.dont_write_bytecode = True  # beside the sources, that is
experiments = Path(sys.argv[1])
sys.path.insert(0, str(experiments.parent))
importlib.import_module(experiments.stem)  # registers them

if __name__ == "__main__":
    # told to quit, it would complain of its own exit
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    ScytheWorkerConfig().start()
