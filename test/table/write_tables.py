"""Writes Parquet files as pandas and pyarrow do, for our reader: one a case, named after it, into the folder on stdin."""

import datetime
import decimal
import json
import os
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

folder = json.load(sys.stdin)


def path(name):
    return os.path.join(folder, f"{name}.pq")


frame = pd.DataFrame({"x": [0.5, 1.5, 2.5], "n": [1, 2, 3], "name": ["a", "b", None]})
frame.to_parquet(path("range-index"))
frame.set_index(["name", "n"]).to_parquet(path("two-index-columns"))
frame[frame.x > 1].to_parquet(path("filtered"))
for codec in ["snappy", "gzip", "brotli", "zstd", "lz4"]:
    frame.to_parquet(path(codec), compression=codec)
    pq.write_table(pa.Table.from_pandas(frame), path(f"{codec}-2"), compression=codec, data_page_version="2.0")

lengths = {"column_encoding": {"n": "DELTA_BINARY_PACKED", "name": "DELTA_LENGTH_BYTE_ARRAY", "x": "BYTE_STREAM_SPLIT"}}
pq.write_table(pa.Table.from_pandas(frame), path("deltas"), use_dictionary=False, compression="zstd", **lengths)
nulls = pa.table({"n": pa.array([None, None], pa.int64())})
pq.write_table(nulls, path("empty-pages"), compression="zstd", data_page_version="2.0")
fixed = pa.table({"code": pa.array([b"ab1", b"cd2"], pa.binary(3))})
pq.write_table(fixed, path("fixed"))
pq.write_table(pa.table({"code": pa.array([b"abc", b"\x00\xff\x00"], pa.binary(3))}), path("fixed-bytes"))
rows = 250_003
many = pa.table({"n": pa.array(range(rows)), "zero": pa.array([0] * rows)})
pq.write_table(many, path("one-group"), compression="zstd", row_group_size=rows)

day = datetime.date(2024, 2, 29)
time = datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)
types = {
    "int8": pa.array([-1, None], pa.int8()),
    "uint32": pa.array([2**32 - 1, None], pa.uint32()),
    "int64": pa.array([2**53 - 1, None], pa.int64()),
    "beyond": pa.array([2**63 - 1, None], pa.int64()),
    "float32": pa.array([0.5, None], pa.float32()),
    "decimal": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)),
    "text": pa.array(["é", None]),
    "category": pa.array(["c", None]).dictionary_encode(),
    "bool": pa.array([True, None]),
    "date": pa.array([day, None]),
    "nanoseconds": pa.array([time, None], pa.timestamp("ns")),
    "microseconds": pa.array([time, None], pa.timestamp("us", "UTC")),
    "milliseconds": pa.array([time, None], pa.timestamp("ms")),
    "nothing": pa.array([None, None], pa.null()),
    "list": pa.array([[1, None], None], pa.list_(pa.int32())),
    "lists": pa.array([[["a"], [], None], None], pa.list_(pa.list_(pa.string()))),
    "struct": pa.array([{"a": 1, "b": {"day": day}}, None]),
    "structs": pa.array([[{"a": 1.5}, None], None]),
    "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
}
pq.write_table(pa.table(types), path("types"))

PARTS = {
    "pandas": {},
    "small": {"compression": "gzip"},
    "groups": {"row_group_size": 300, "data_page_version": "2.0"},
    "plain": {"compression": "none", "use_dictionary": False},
    "empty": {},
}


def part(name, rows):
    """The same rows as `partRows` in the tests."""
    every = range(len(name), len(name) + rows)

    def unless(by, value):
        return [None if i % by == 0 else value(i) for i in every]

    return pa.table(
        {
            "sort_index": pa.array(every, pa.int64()),
            "run": pa.array([f"runs/{name}" for _ in every], pa.string()),
            "note": pa.array(unless(3, lambda i: f"note {i}"), pa.string()),
            "x": pa.array(unless(5, lambda i: i / 8), pa.float64()),
            "flag": pa.array(unless(7, lambda i: i % 2 == 0), pa.bool_()),
            "day": pa.array(unless(4, lambda i: datetime.date(2024, 1, 1 + i % 31)), pa.date32()),
            "meta": pa.array(unless(6, lambda i: json.dumps({"i": [i]})), pa.string()),
            "tags": pa.array(unless(9, lambda i: [f"t{j}" for j in range(i % 4)]), pa.list_(pa.string())),
        }
    )


ROWS = {"pandas": 700, "small": 20, "groups": 1000, "plain": 800, "empty": 0}
for name, options in PARTS.items():
    pq.write_table(part(name, ROWS[name]), path(f"part-{name}"), **options)

json.dump({"rows": ROWS}, sys.stdout)
