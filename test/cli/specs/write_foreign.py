"""Reads a folder from stdin and writes tables there, as pandas, polars, DuckDB, pyarrow and openpyxl write them; prints the names of columns."""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(json.load(sys.stdin))
day = dt.date(2024, 2, 29)
at = dt.datetime(2024, 2, 29, 12, 30, 15, 250000)
zone = dt.timezone(dt.timedelta(hours=2))
clock = dt.time(7, 5, 9, 250000)
span = dt.timedelta(hours=26, minutes=30)

ARROW = {
    **{name: pa.array([1, None, 100], getattr(pa, name)()) for name in ("int8", "int16", "int32", "int64")},
    **{name: pa.array([1, None, 200], getattr(pa, name)()) for name in ("uint8", "uint16", "uint32", "uint64")},
    "int64_big": pa.array([2**53 + 1, None, -(2**63)]),
    "uint64_big": pa.array([2**64 - 1, None, 0], pa.uint64()),
    "float16": pa.array([0.5, None, -2], pa.float16()),
    "float32": pa.array([0.5, None, -2], pa.float32()),
    "float64": pa.array([0.1 + 0.2, None, -1e300]),
    "float64_nan": pa.array([float("nan"), None, 1.0]),
    "float64_inf": pa.array([float("inf"), None, 1.0]),
    "bool": pa.array([True, None, False]),
    "string": pa.array(["Köln", None, ""]),
    "large_string": pa.array(["Köln", None, ""], pa.large_string()),
    "string_view": pa.array(["Köln", None, ""], pa.string_view()),
    "dictionary": pa.array(["a", None, "b"]).dictionary_encode(),
    "date32": pa.array([day, None, day]),
    "timestamp_s": pa.array([at.replace(microsecond=0), None, at.replace(microsecond=0)], pa.timestamp("s")),
    "timestamp_ms": pa.array([at, None, at], pa.timestamp("ms")),
    "timestamp_us": pa.array([at, None, at], pa.timestamp("us")),
    "timestamp_ns": pa.array([at, None, at], pa.timestamp("ns")),
    "timestamp_zone": pa.array([at, None, at], pa.timestamp("us", "Europe/Berlin")),
    "time32": pa.array([clock, None, clock], pa.time32("ms")),
    "time64": pa.array([clock, None, clock], pa.time64("us")),
    "duration": pa.array([span, None, span], pa.duration("us")),
    "decimal128": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(10, 2)),
    "decimal256": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal256(40, 2)),
    "decimal_long": pa.array([Decimal("12345678901234567890.12"), None, Decimal("1.00")], pa.decimal128(30, 2)),
    "binary": pa.array(["Köln".encode(), None, b""]),
    "binary_bytes": pa.array([b"\xff\xfe", None, b"a"]),
    "fixed_binary": pa.array([b"abcd", None, b"efgh"], pa.binary(4)),
    "list": pa.array([[1.5, 2], None, []], pa.list_(pa.float64())),
    "fixed_list": pa.array([[1.5, 2], None, [3, 4]], pa.list_(pa.float64(), 2)),
    "list_nulls": pa.array([[1.5, None], None, [None]], pa.list_(pa.float64())),
    "list_list": pa.array([[[1], []], None, []], pa.list_(pa.list_(pa.int64()))),
    "struct": pa.array([{"u": 1.5}, None, {"u": 2.5}]),
    "list_struct": pa.array([[{"u": 1.5}, None], None, []]),
    "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    "null": pa.array([None, None, None]),
}
for name, column in ARROW.items():
    pq.write_table(pa.table({"value": column}), folder / f"pyarrow-{name}.parquet")

PANDAS = {
    "int": pd.Series([1, 2, 3]),
    "Int64": pd.Series([1, None, 3], dtype="Int64"),
    "int_with_nan": pd.Series([1, None, 3]),
    "float": pd.Series([0.5, None, -2.0]),
    "bool": pd.Series([True, False, True]),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "str": pd.Series(["Köln", None, ""]),
    "object": pd.Series(["Köln", None, ""], dtype=object),
    "category": pd.Series(["a", None, "b"], dtype="category"),
    "date": pd.Series([day, None, day]),
    "datetime": pd.Series([at, None, at]),
    "datetime_day": pd.Series([dt.datetime(2024, 2, 29), None, dt.datetime(2024, 2, 29)]),
    "datetime_zone": pd.Series([at.replace(tzinfo=zone), None, at.replace(tzinfo=zone)]),
    "time": pd.Series([clock, None, clock]),
    "timedelta": pd.Series([span, None, span]),
    "decimal": pd.Series([Decimal("1.50"), None, Decimal("-2.25")]),
    "bytes": pd.Series(["Köln".encode(), None, b""]),
    "list": pd.Series([[1.5, 2.0], None, []]),
    "dict": pd.Series([{"u": 1.5}, None, {"u": 2.5}]),
    "nothing": pd.Series([None, None, None]),
}
for name, column in PANDAS.items():
    frame = pd.DataFrame({"value": column, "n": [0, 1, 2]})
    frame.to_parquet(folder / f"pandas-{name}.parquet")
    frame.to_csv(folder / f"pandas-{name}.csv", index=False)
    if name != "bytes":
        frame.to_json(folder / f"pandas-{name}.jsonl", orient="records", lines=True, date_format="iso")
    if name != "datetime_zone":
        frame.to_excel(folder / f"pandas-{name}.xlsx", index=False)

POLARS = pl.DataFrame(
    {
        "Int128": pl.Series([1, None, 2**100], dtype=pl.Int128),
        "UInt64": pl.Series([1, None, 200], dtype=pl.UInt64),
        "Float32": pl.Series([0.5, None, -2], dtype=pl.Float32),
        "Boolean": [True, None, False],
        "String": ["Köln", None, ""],
        "Categorical": pl.Series(["a", None, "b"], dtype=pl.Categorical),
        "Enum": pl.Series(["a", None, "b"], dtype=pl.Enum(["a", "b"])),
        "Date": [day, None, day],
        "Datetime": [at, None, at],
        "Datetime_zone": pl.Series([at, None, at]).dt.replace_time_zone("Europe/Berlin"),
        "Time": [clock, None, clock],
        "Duration": [span, None, span],
        "Decimal": pl.Series([Decimal("1.50"), None, Decimal("-2.25")], dtype=pl.Decimal(10, 2)),
        "Binary": ["Köln".encode(), None, b""],
        "List": [[1.5, 2.0], None, []],
        "Array": pl.Series([[1.5, 2.0], None, [3.0, 4.0]], dtype=pl.Array(pl.Float64, 2)),
        "Struct": [{"u": 1.5}, None, {"u": 2.5}],
        "Null": [None, None, None],
    },
    strict=False,
)
for name in POLARS.columns:
    frame = POLARS.select(pl.col(name).alias("value"), n=pl.Series([0, 1, 2]))
    frame.write_parquet(folder / f"polars-{name}.parquet")
    if name != "Binary":
        frame.write_ndjson(folder / f"polars-{name}.jsonl")
    if name not in ("List", "Array", "Struct", "Binary", "Duration"):
        frame.write_csv(folder / f"polars-{name}.csv")

DUCKDB = {
    "TINYINT": "1",
    "HUGEINT": "170141183460469231731687303715884105727::HUGEINT",
    "UBIGINT": "1::UBIGINT",
    "FLOAT": "0.5::FLOAT",
    "DECIMAL": "1.50::DECIMAL(10, 2)",
    "BOOLEAN": "true",
    "VARCHAR": "'Köln'",
    "ENUM": "'a'::ENUM ('a', 'b')",
    "DATE": "DATE '2024-02-29'",
    "TIMESTAMP": "TIMESTAMP '2024-02-29 12:30:15.25'",
    "TIMESTAMPTZ": "TIMESTAMPTZ '2024-02-29 12:30:15.25+02'",
    "TIMESTAMP_NS": "'2024-02-29 12:30:15.25'::TIMESTAMP_NS",
    "TIME": "TIME '07:05:09.25'",
    "INTERVAL": "INTERVAL '26 hours 30 minutes'",
    "UUID": "'00112233-4455-6677-8899-aabbccddeeff'::UUID",
    "BLOB": "'abc'::BLOB",
    "JSON": """'{"u": 1.5}'::VARCHAR""",
    "LIST": "[1.5::DOUBLE, 2]",
    "STRUCT": "{'u': 1.5::DOUBLE}",
    "MAP": "MAP {'a': 1}",
}
database = duckdb.connect()
database.execute("SET TimeZone = 'UTC'")
for name, value in DUCKDB.items():
    rows = f"(SELECT {value} AS value, 0 AS n UNION ALL SELECT NULL, 1 ORDER BY n)"
    database.execute(f"COPY {rows} TO '{folder}/duckdb-{name}.parquet'")
    database.execute(f"COPY {rows} TO '{folder}/duckdb-{name}.csv' (HEADER)")
    database.execute(f"COPY {rows} TO '{folder}/duckdb-{name}.jsonl' (FORMAT json)")

OPENPYXL = {
    "int": 1,
    "int_big": 2**53 + 1,
    "float": 0.5,
    "bool": True,
    "str": "Köln",
    "date": day,
    "datetime": at,
    "time": clock,
    "timedelta": span,
    "decimal": Decimal("1.50"),
    "formula": "=1+1",
    "error": "#N/A",
}
for epoch in ("1900", "1904", "iso"):
    for name, value in OPENPYXL.items():
        book = openpyxl.Workbook()
        if epoch == "1904":
            book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.iso_dates = epoch == "iso"
        book.active.title = "Tabelle1"
        for row in (["value", "n"], [value, 0], [None, 1]):
            book.active.append(row)
        book.save(folder / f"openpyxl{epoch}-{name}.xlsx")

print(json.dumps(sorted(path.name for path in folder.iterdir())))
