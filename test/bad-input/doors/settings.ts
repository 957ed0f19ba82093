import { unknownVariables } from '../../../src/cli/unknown-variables.js'
import { engineKind } from '../../../src/settings/engine.js'
import { fetchSettings } from '../../../src/settings/fetch.js'
import { logSettings } from '../../../src/settings/log.js'
import { storagePatience } from '../../../src/settings/storage.js'
import { timeoutSettings } from '../../../src/settings/timeouts.js'
import { configuredStore } from '../../../src/store/configured.js'
import { ScytheWorkerConfig } from '../../../src/worker/config.js'
import type { Door } from '../door.js'

export const settingsDoor: Door<Readonly<Record<string, string>>> = {
  title: 'Settings in the environment',
  code: 'SETTINGS_INVALID',
  take(env) {
    const readers = [engineKind, fetchSettings, logSettings, configuredStore, storagePatience, timeoutSettings]
    for (const read of readers) read(env as never)
    new ScytheWorkerConfig({}, env)
    const [warning] = unknownVariables(env)
    if (warning) throw Object.assign(new Error(warning), { code: 'a warning' })
  },
  cases: [
    {
      what: 'an engine that does not exist',
      given: { SCYTHE_ENGINE: 'remote' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_ENGINE: expected local, embedded or hatchet, got "remote"',
    },
    {
      what: 'a backend that does not exist',
      given: { SCYTHE_STORAGE_BACKEND: 'gcs' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_BACKEND: expected folder or s3, got "gcs"',
    },
    {
      what: 'S3 without a bucket',
      given: { SCYTHE_STORAGE_BACKEND: 's3' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_BUCKET: expected the name of a bucket where the backend is s3, got nothing',
    },
    {
      what: 'a bucket that is an address',
      given: { SCYTHE_STORAGE_BUCKET: 's3://bucket/x' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_BUCKET: expected a bucket\'s name, without s3:// and slashes, got "s3://bucket/x"',
    },
    {
      what: 'a prefix that leaves the bucket',
      given: { SCYTHE_STORAGE_BUCKET: 'b', SCYTHE_STORAGE_BUCKET_PREFIX: 'a/../b' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_BUCKET_PREFIX: expected names joined by single slashes, such as scythe or studies/scythe, got "a/../b"',
    },
    {
      what: 'patience in words',
      given: { SCYTHE_STORAGE_PATIENCE: 'long' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_PATIENCE: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "long"',
    },
    {
      what: 'patience without a unit',
      given: { SCYTHE_STORAGE_PATIENCE: '30' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_PATIENCE: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "30"',
    },
    {
      what: 'patience of nothing',
      given: { SCYTHE_STORAGE_PATIENCE: '0s' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_STORAGE_PATIENCE: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "0s"',
    },
    {
      what: 'a time limit of a month',
      given: { SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION: '30d' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "30d"',
    },
    {
      what: 'a size in words',
      given: { SCYTHE_FETCH_MAX_SIZE: 'huge' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_FETCH_MAX_SIZE: expected a size such as "512MB" or "20GB", got "huge"',
    },
    {
      what: 'a size of nothing',
      given: { SCYTHE_FETCH_MAX_SIZE: '0' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_FETCH_MAX_SIZE: expected a size such as "512MB" or "20GB", got "0"',
    },
    {
      what: 'a negative time to fetch',
      given: { SCYTHE_FETCH_TIMEOUT: '-1s' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_FETCH_TIMEOUT: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "-1s"',
    },
    {
      what: 'a network that is not one',
      given: { SCYTHE_FETCH_ALLOW: '10.0.0.0/33' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_FETCH_ALLOW: expected loopback, private, link-local, metadata, addresses, networks such as 10.1.0.0/16, or hosts, separated by commas, got "10.0.0.0/33"',
    },
    {
      what: 'an address that may be fetched from, and is not one',
      given: { SCYTHE_FETCH_ALLOW: 'https://intranet/' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_FETCH_ALLOW: expected loopback, private, link-local, metadata, addresses, networks such as 10.1.0.0/16, or hosts, separated by commas, got "https://intranet/"',
    },
    {
      what: 'a worker with no slots',
      given: { SCYTHE_WORKER_SLOTS: '0' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_SLOTS: expected a whole number from 1 to 10000, got "0"',
    },
    {
      what: 'a worker with slots in words',
      given: { SCYTHE_WORKER_SLOTS: 'all' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_SLOTS: expected a whole number from 1 to 10000, got "all"',
    },
    {
      what: 'a worker with too many slots',
      given: { SCYTHE_WORKER_SLOTS: '10001' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_SLOTS: expected a whole number from 1 to 10000, got "10001"',
    },
    {
      what: 'a flag that is neither',
      given: { SCYTHE_WORKER_HAS_GPU: 'maybe' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_HAS_GPU: expected true or false (or 1/0, yes/no, on/off, t/f, y/n), got "maybe"',
    },
    {
      what: 'a worker that does nothing',
      given: { SCYTHE_WORKER_DOES_FAN: 'no', SCYTHE_WORKER_DOES_LEAF: 'no' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_DOES_FAN or SCYTHE_WORKER_DOES_LEAF: expected true, since the worker would have nothing to do otherwise, got "false"',
    },
    {
      what: 'a name with a space',
      given: { SCYTHE_WORKER_NAME: 'my worker' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_NAME: expected letters, digits, dots, hyphens and underscores, got "my worker"',
    },
    {
      what: 'a port that does not exist',
      given: { SCYTHE_WORKER_HEALTH_PORT: '70000' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_HEALTH_PORT: expected a port from 1 to 65535, or 0 for any that is free, got "70000"',
    },
    {
      what: 'a host that is an address',
      given: { SCYTHE_WORKER_HEALTH_HOST: 'http://0.0.0.0' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_HEALTH_HOST: expected an address of this machine such as 127.0.0.1, or 0.0.0.0 or :: for all of them, got "http://0.0.0.0"',
    },
    {
      what: 'a drain without a unit',
      given: { SCYTHE_WORKER_DRAIN: '25' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_DRAIN: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "25"',
    },
    {
      what: 'variables that have no such names',
      given: { SCYTHE_WORKER_PASS_ENV: 'AWS-KEY' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_PASS_ENV: expected names of variables, separated by commas, got "AWS-KEY"',
    },
    {
      what: 'a job of AWS Batch that is not a number',
      given: { AWS_BATCH_JOB_ARRAY_INDEX: 'first' },
      says: 'Settings in the environment are wrong:\n  AWS_BATCH_JOB_ARRAY_INDEX: expected a whole number from 0 to 999999, got "first"',
    },
    {
      what: 'a format of the log that does not exist',
      given: { SCYTHE_LOG_FORMAT: 'xml' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_LOG_FORMAT: expected text or json, got "xml"',
    },
    {
      what: 'a level of the log that does not exist',
      given: { SCYTHE_LOG_LEVEL: 'loud' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_LOG_LEVEL: expected debug, info, warn or error, got "loud"',
    },
    {
      what: 'two at once',
      given: { SCYTHE_WORKER_SLOTS: '-1', SCYTHE_WORKER_LIFETIME: 'ever' },
      says: 'Settings in the environment are wrong:\n  SCYTHE_WORKER_SLOTS: expected a whole number from 1 to 10000, got "-1"\n  SCYTHE_WORKER_LIFETIME: expected a time such as "90s", "30m" or "1h30m", up to 24 days, got "ever"',
    },
    {
      what: 'a misspelt variable',
      given: { SCYTHE_STORAGE_BUKET: 'b' },
      code: 'a warning',
      exit: 1,
      says: 'SCYTHE_STORAGE_BUKET is not a setting and has no effect. Did you mean SCYTHE_STORAGE_BUCKET?',
    },
    {
      what: 'a variable of a family, and no setting',
      given: { SCYTHE_WORKER_COLOUR: 'red' },
      code: 'a warning',
      exit: 1,
      says: 'SCYTHE_WORKER_COLOUR is not a setting and has no effect. Did you mean SCYTHE_WORKER_SLOTS?',
    },
  ],
}
