"""Reads Parquet files and tells the type of each column for pyarrow and the dtype for pandas."""

import json
import sys

import pandas as pd
import pyarrow.parquet as pq


def read(path):
    frame = pd.read_parquet(path)
    index = list(frame.index.names)
    frame = frame.reset_index() if index != [None] else frame
    return {
        "index": index,
        "columns": {field.name: str(field.type) for field in pq.read_schema(path)},
        "dtypes": {name: str(dtype) for name, dtype in frame.dtypes.items()},
    }


print(json.dumps([read(path) for path in json.load(sys.stdin)]))
