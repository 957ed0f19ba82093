"""Registers the job definition that stdin holds with an AWS Batch of our own, and prints what it then knows of it."""

import json
import sys

import boto3
from moto import mock_aws

with mock_aws():
    batch = boto3.client("batch", region_name="us-east-1")
    name = batch.register_job_definition(**json.load(sys.stdin))["jobDefinitionName"]
    (found,) = batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"]
    json.dump(found, sys.stdout)
