"""Reads runs as users of Python Scythe do: JSON in, `[{bucket, prefix, name}]`, and what it found out."""

import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import scythe
import yaml
from frames import describe
from pydantic import Field
from scythe.base import ExperimentInputSpec, ExperimentOutputSpec
from scythe.experiments import BaseExperiment, ExperimentRunManifest, InputArtifactLocations
from scythe.registry import ExperimentRegistry
from scythe.scatter_gather import RecursionMap, ScatterGatherInput
from scythe.settings import ScytheStorageSettings
from scythe.utils.filesys import FileReference
from scythe.utils.s3 import s3_client


class PointInput(ExperimentInputSpec):
    x: float = Field(ge=0)
    n: int
    mode: Literal["sum", "product"] = "sum"
    flag: bool = False
    note: str | None = None


class PointOutput(ExperimentOutputSpec):
    value: float
    label: str


class ProfileInput(ExperimentInputSpec):
    base: float = Field(ge=0)
    steps: int = 3
    weights: list[float] = Field(default_factory=list)
    table: FileReference


class ProfileOutput(ExperimentOutputSpec):
    total: float
    report: FileReference


@ExperimentRegistry.Register()
def combine_point(input_spec: PointInput) -> PointOutput:
    raise NotImplementedError


@ExperimentRegistry.Register()
def make_profile(input_spec: ProfileInput) -> ProfileOutput:
    raise NotImplementedError


def read(bucket, prefix, name):
    settings = ScytheStorageSettings(BUCKET=bucket, BUCKET_PREFIX=prefix)
    # any runnable will do: which one it was is in the manifest
    experiment = BaseExperiment(runnable=combine_point, run_name=name, storage_settings=settings)
    latest = experiment.latest_version()
    run = experiment.latest_run
    results = experiment.latest_results
    manifest = ExperimentRunManifest(**load(bucket, run.manifest_filekey))
    uris = {table: f"s3://{bucket}/{key}" for table, key in results.items()}
    frames = ExperimentOutputSpec.model_validate({"dataframes": uris}).dataframes
    return {
        "version": version("scythe-engine"),
        "versions": sorted(str(version.version) for version in experiment.list_versions()),
        "latest_version": str(latest.version),
        "next_versions": [
            str(experiment.resolve_next_version(strategy)) for strategy in ("bumpmajor", "bumpminor", "bumppatch", "keep")
        ],
        "runs": sorted(found.experiment_id for found in latest.list_runs()),
        "latest_run": run.experiment_id,
        "results": results,
        "results_for_version": experiment.latest_results_for_version(latest.version),
        "manifest": manifest.model_dump(mode="json"),
        "io_spec": load(bucket, run.io_spec_filekey),
        "input_artifacts": input_artifacts(bucket, run.input_artifacts_filekey),
        "specs": specs(settings, run, manifest),
        "frames": {table: describe(frame) for table, frame in frames.items()},
    }


def specs(settings, run, manifest):
    """As its fan reads them, but for the files that it then keeps beside its package for ever."""
    fan = ScatterGatherInput(
        experiment_id=run.experiment_id,
        task_name=manifest.experiment_name,
        specs_uri=manifest.specs_uri,
        recursion_map=RecursionMap(factor=10, max_depth=0),
        storage_settings=settings,
    )
    try:
        return [spec.model_dump(mode="json") for spec in fan.specs]
    finally:
        shutil.rmtree(Path(scythe.__file__).parent.parent / "cache" / run.experiment_id, ignore_errors=True)


def input_artifacts(bucket, key):
    try:
        data = load(bucket, key)
    except s3_client.exceptions.NoSuchKey:
        return None
    files = InputArtifactLocations(**data).files
    return {field: sorted(str(uri) for uri in uris) for field, uris in files.items()}


def load(bucket, key):
    return yaml.safe_load(s3_client.get_object(Bucket=bucket, Key=key)["Body"].read())


json.dump([read(**place) for place in json.load(sys.stdin)], sys.stdout)
