"""Writes Parquet files with pyarrow, with the checksum of every page."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

table = pa.table({"n": list(range(1000)), "word": [f"word {i % 7}" for i in range(1000)]})
for name, options in json.load(sys.stdin).items():
    pq.write_table(table, name, write_page_checksum=True, **options)
json.dump(None, sys.stdout)
