"""The experiments of ../experiments.js, for Python Scythe."""

import time

from scythe.base import ExperimentInputSpec, ExperimentOutputSpec
from scythe.registry import ExperimentRegistry


class NoopInput(ExperimentInputSpec):
    x: float
    n: int
    mode: str


class NoopOutput(ExperimentOutputSpec):
    y: float
    k: int
    label: str


@ExperimentRegistry.Register()
def python_noop(input_spec: NoopInput) -> NoopOutput:
    """Three columns in, three out, and nothing done."""
    return NoopOutput(y=input_spec.x, k=input_spec.n, label=input_spec.mode)


class NapInput(ExperimentInputSpec):
    n: int


class NapOutput(ExperimentOutputSpec):
    k: int


@ExperimentRegistry.Register()
def python_nap(input_spec: NapInput) -> NapOutput:
    """Sleeps for 2 s."""
    time.sleep(2)
    return NapOutput(k=input_spec.n)
