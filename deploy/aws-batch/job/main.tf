# The job definition of a worker, in the words of AWS Batch's RegisterJobDefinition. Nothing here needs AWS: so it is tested
# without.

terraform {
  required_version = ">= 1.5"
}

variable "name" {
  type = string
}

variable "image" {
  type = string
}

variable "vcpus" {
  type = number
}

variable "memory" {
  description = "In MiB, some less than the instance has."
  type        = number
}

variable "gpus" {
  type = number
}

variable "environment" {
  description = "Beside what is set here."
  type        = map(string)
}

variable "token_secret" {
  description = "The ARN of the secret whose value is the engine's token."
  type        = string
}

variable "task_role" {
  description = "The ARN of the role of the worker itself."
  type        = string
}

variable "execution_role" {
  description = "The ARN of the role that starts the worker."
  type        = string
}

variable "log_group" {
  type = string
}

variable "region" {
  type = string
}

variable "idle_exit" {
  type = string
}

locals {
  environment = merge(var.environment, {
    AWS_REGION = var.region
    # A container may use what the others on its machine leave over: so the CPUs it sees are not its own.
    SCYTHE_WORKER_SLOTS     = tostring(var.vcpus)
    SCYTHE_WORKER_HAS_GPU   = tostring(var.gpus > 0)
    SCYTHE_WORKER_IDLE_EXIT = var.idle_exit
    # Workers share their machine's network: any port that is free, for the machine alone.
    SCYTHE_WORKER_HEALTH_HOST = "127.0.0.1"
    SCYTHE_WORKER_HEALTH_PORT = "0"
    # An hour before the time limit below, so that what runs can end.
    SCYTHE_WORKER_LIFETIME = "23h"
  })

  resources = merge(
    { VCPU = var.vcpus, MEMORY = var.memory },
    var.gpus > 0 ? { GPU = var.gpus } : {},
  )
}

output "definition" {
  value = {
    jobDefinitionName    = var.name
    type                 = "container"
    platformCapabilities = ["EC2"]
    propagateTags        = true
    containerProperties = {
      image                = var.image
      resourceRequirements = [for type, amount in local.resources : { type = type, value = tostring(amount) }]
      environment          = [for name, value in local.environment : { name = name, value = value }]
      secrets              = [{ name = "HATCHET_CLIENT_TOKEN", valueFrom = var.token_secret }]
      jobRoleArn           = var.task_role
      executionRoleArn     = var.execution_role
      # Programs that experiments start and leave behind are taken care of.
      linuxParameters = { initProcessEnabled = true }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = var.log_group
          awslogs-region        = var.region
          awslogs-stream-prefix = var.name
        }
      }
    }
    # Again where the machine was taken away, or the engine could not be reached (exit code 1). Wrong settings (2) stay wrong.
    retryStrategy = {
      attempts = 10
      evaluateOnExit = [
        { onStatusReason = "Host EC2*", action = "retry" },
        { onExitCode = "1", action = "retry" },
        { onReason = "*", action = "exit" },
      ]
    }
    timeout = { attemptDurationSeconds = 24 * 3600 }
  }
}
