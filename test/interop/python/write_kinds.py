"""Makes of specs (JSON in) the table that Python Scythe's tasks and its fan make of them, and tells what pandas makes of that."""

import io
import json
import sys
from datetime import date, datetime
from typing import Literal

import pandas as pd
from frames import describe
from pydantic import BaseModel
from scythe.base import ExperimentInputSpec, ExperimentOutputSpec
from scythe.utils.results import transpose_dataframe_dict


class Wall(BaseModel):
    area: float
    name: str | None


class KindsInput(ExperimentInputSpec):
    number: float
    maybe_number: float | None
    integer: int
    maybe_integer: int | None
    text: str
    maybe_text: str | None
    choice: Literal["a", "b"]
    flag: bool
    maybe_flag: bool | None
    day: date
    time: datetime
    never: float | None
    items: list[float]
    wall: Wall


class KindsOutput(ExperimentOutputSpec):
    out_number: float
    out_maybe_number: float | None
    out_integer: int
    out_maybe_integer: int | None
    out_text: str
    out_maybe_text: str | None
    out_choice: Literal["a", "b"]
    out_flag: bool
    out_maybe_flag: bool | None
    out_day: date
    out_time: datetime
    out_never: float | None
    out_items: list[float]
    out_wall: Wall


def stored(frame):
    """As it comes back from the bucket."""
    file = io.BytesIO()
    frame.to_parquet(file)
    return pd.read_parquet(file)


def scalars(fields):
    ids = {"workflow_run_id": "task", "root_workflow_run_id": "root"}
    spec = KindsInput(**fields, **ids)
    output = KindsOutput(**{f"out_{name}": value for name, value in fields.items()})
    output._add_scalars(spec)
    return {"scalars": stored(output.dataframes["scalars"])}


gathered = transpose_dataframe_dict([scalars(fields) for fields in json.load(sys.stdin)])
json.dump(describe(stored(gathered["scalars"])), sys.stdout)
