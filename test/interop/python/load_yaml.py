"""YAML texts as Python has them."""

import json
import sys

import yaml

json.dump([yaml.safe_load(text) for text in json.load(sys.stdin)], sys.stdout, default=repr)
