"""Tells of Parquet files what pandas makes of them."""

import json
import sys
from datetime import date

import pandas as pd


def describe(frame):
    index = frame.index
    named = any(name is not None for name in index.names)
    rows = frame.reset_index() if named else frame
    return {
        "index": list(index.names),
        "index_dtypes": [str(index.get_level_values(i).dtype) for i in range(index.nlevels)],
        "columns": list(frame.columns),
        "dtypes": [str(dtype) for dtype in frame.dtypes],
        "rows": [{name: plain(value) for name, value in row.items()} for row in rows.to_dict("records")],
    }


def plain(value):
    if isinstance(value, (dict, list)):
        return value
    if isinstance(value, pd.Timestamp):
        return {"timestamp": value.isoformat(timespec="milliseconds")}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if hasattr(value, "tolist"):
        return value.tolist()
    return None if pd.isna(value) else value


if __name__ == "__main__":
    json.dump([describe(pd.read_parquet(path)) for path in json.load(sys.stdin)], sys.stdout)
