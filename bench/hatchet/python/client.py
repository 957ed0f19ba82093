"""python client.py <noop | nap> <warm-up specs> <specs>: one line of JSON with the seconds from allocating specs to the result."""

import asyncio
import io
import json
import shutil
import sys
import time
from pathlib import Path

import pandas as pd
import scythe
from scythe.experiments import BaseExperiment
from scythe.utils.s3 import s3_client

sys.dont_write_bytecode = True  # beside the sources, that is
from experiments import NapInput, NoopInput, python_nap, python_noop  # noqa: E402

# a run whose worker or engine is gone would be waited for for ever
LIMIT_SECONDS = 600


def noop_spec(n):
    return NoopInput(experiment_id="", sort_index=n, x=n / 2, n=n, mode="odd" if n % 2 else "even")


def nap_spec(n):
    return NapInput(experiment_id="", sort_index=n, n=n)


async def measure(runnable, make_spec, count):
    experiment = BaseExperiment(runnable=runnable)
    specs = [make_spec(n) for n in range(count)]
    started = time.perf_counter()
    run, ref = experiment.allocate(specs)
    allocated = time.perf_counter()
    # aio_result() is told when the run ends; result() asks once a second
    output = await ref.aio_result()
    seconds = time.perf_counter() - started
    found = sorted(read_table(str(output.uris["scalars"]))["k"])
    forget(run.experiment_id)
    return {
        "specs": count,
        "complete": found == list(range(count)),
        "seconds": seconds,
        "allocate": allocated - started,
        "rate": len(found) / seconds,
    }


def read_table(uri):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return pd.read_parquet(io.BytesIO(s3_client.get_object(Bucket=bucket, Key=key)["Body"].read()))


def forget(experiment_id):
    """The files of a run that Python Scythe keeps beside its own package for ever."""
    shutil.rmtree(Path(scythe.__file__).parent.parent / "cache" / experiment_id, ignore_errors=True)


async def main(kind, warm_up, count):
    experiment = {"noop": (python_noop, noop_spec), "nap": (python_nap, nap_spec)}[kind]
    await measure(*experiment, warm_up)
    print(json.dumps(await measure(*experiment, count)))


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), LIMIT_SECONDS))
