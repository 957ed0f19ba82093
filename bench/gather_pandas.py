"""python gather_pandas.py <folder> <ours>: makes one table of a folder's parts as Python Scythe does, and tells whether it is ours."""

import json
import sys
import time
from pathlib import Path

import pandas as pd

folder, ours = Path(sys.argv[1]), sys.argv[2]
start = time.perf_counter()
frame = pd.concat([pd.read_parquet(part) for part in sorted(folder.glob("*.pq"))])
frame.to_parquet(folder.with_suffix(".pandas"))
seconds = time.perf_counter() - start
pd.testing.assert_frame_equal(pd.read_parquet(ours), frame)
print(json.dumps({"seconds": seconds, "rows": len(frame)}))
