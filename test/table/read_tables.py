"""Reads Parquet files with pyarrow and with pandas, and tells exactly what it found."""

import json
import math
import struct
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def exact(scalar):
    """A value so that JSON loses nothing: numbers as text, doubles by their bits."""
    if not scalar.is_valid:
        return None
    kind = scalar.type
    if pa.types.is_list(kind):
        return [exact(item) for item in scalar.values]
    if pa.types.is_struct(kind):
        return {field.name: exact(scalar[i]) for i, field in enumerate(kind)}
    if pa.types.is_timestamp(kind):
        return {str(kind): str(scalar.value)}
    if pa.types.is_date32(kind):
        return {"days": str(scalar.value)}
    value = scalar.as_py()
    if pa.types.is_int64(kind):
        return {"int64": str(value)}
    if pa.types.is_float64(kind):
        return {"double": "nan" if math.isnan(value) else struct.pack(">d", value).hex()}
    return value


def read(path):
    file = pq.ParquetFile(path, page_checksum_verification=True)
    table = file.read()
    frame = pd.read_parquet(path)
    index = frame.index
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    return {
        "columns": {name: [exact(value) for value in table.column(name)] for name in table.column_names},
        "statistics": [statistics(file.metadata.row_group(i)) for i in range(file.metadata.num_row_groups)],
        "pandas": {
            "rows": len(frame),
            "index": list(index.names),
            "index_dtypes": [str(level.dtype) for level in levels],
            "range": isinstance(index, pd.RangeIndex),
            "dtypes": {name: str(dtype) for name, dtype in frame.dtypes.items()},
        },
    }


def statistics(group):
    found = {}
    for i in range(group.num_columns):
        column = group.column(i)
        if column.statistics and column.statistics.has_min_max:
            limits = [str(column.statistics.min), str(column.statistics.max), column.statistics.null_count]
            found[column.path_in_schema] = limits
    return found


json.dump([read(path) for path in json.load(sys.stdin)], sys.stdout)
