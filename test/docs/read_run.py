"""Tells the columns and types of the tables of a project's only run of houses, apart from and within pandas' index."""

import json
import sys
from glob import glob

import pyarrow.parquet as pq

[run] = glob(f"{json.load(sys.stdin)}/.scythe/scythe_experiment_heat_house/*/*")


def read(path):
    schema = pq.read_schema(path)
    # The index of rows that are only numbered is an object, not a name.
    index = [name for name in schema.pandas_metadata["index_columns"] if isinstance(name, str)]
    columns = [[field.name, str(field.type)] for field in schema]
    return {
        "own": [column for column in columns if column[0] not in index],
        "index": [column for column in columns if column[0] in index],
    }


tables = ["scalars", "errors", "result_file_refs", "monthly"]
paths = {"specs": f"{run}/specs.pq", **{table: f"{run}/final/{table}.pq" for table in tables}}
print(json.dumps({table: read(path) for table, path in paths.items()}))
