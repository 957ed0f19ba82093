data "aws_vpc" "default" {
  count   = length(var.subnet_ids) == 0 ? 1 : 0
  default = true
}

data "aws_subnets" "default" {
  count = length(var.subnet_ids) == 0 ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }
}

locals {
  subnets = length(var.subnet_ids) == 0 ? data.aws_subnets.default[0].ids : var.subnet_ids
}

data "aws_subnet" "first" {
  id = local.subnets[0]
}

# Workers call; nobody calls them.
resource "aws_security_group" "machines" {
  name_prefix = "${var.name}-"
  description = "Machines of Scythe's workers: out only"
  vpc_id      = data.aws_subnet.first.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.machines.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_batch_compute_environment" "spot" {
  for_each = var.worker

  name_prefix = "${var.name}-${each.key}-"
  type        = "MANAGED"

  compute_resources {
    type                = "SPOT"
    allocation_strategy = "SPOT_PRICE_CAPACITY_OPTIMIZED"
    min_vcpus           = 0
    max_vcpus           = var.max_vcpus[each.key]
    instance_type       = var.instance_types[each.key]
    instance_role       = aws_iam_instance_profile.instance.arn
    subnets             = local.subnets
    security_group_ids  = [aws_security_group.machines.id]

    ec2_configuration {
      image_type = each.value.gpus > 0 ? "ECS_AL2023_NVIDIA" : "ECS_AL2023"
    }
  }

  # Else machines could not be shut down when all is destroyed.
  depends_on = [aws_iam_role_policy_attachment.instance]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_batch_job_queue" "spot" {
  for_each = var.worker

  name     = "${var.name}-${each.key}"
  state    = "ENABLED"
  priority = 1

  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.spot[each.key].arn
  }
}

module "job" {
  source   = "./job"
  for_each = var.worker

  name           = "${var.name}-${each.key}"
  image          = "${aws_ecr_repository.image.repository_url}:${var.image_tag}"
  vcpus          = each.value.vcpus
  memory         = each.value.memory
  gpus           = each.value.gpus
  token_secret   = aws_secretsmanager_secret.token.arn
  task_role      = aws_iam_role.task.arn
  execution_role = aws_iam_role.execution.arn
  log_group      = aws_cloudwatch_log_group.workers.name
  region         = var.region
  idle_exit      = var.idle_exit

  environment = merge(var.worker_environment, {
    SCYTHE_STORAGE_BUCKET        = aws_s3_bucket.runs.id
    SCYTHE_STORAGE_BUCKET_PREFIX = var.prefix
  })
}

resource "aws_batch_job_definition" "worker" {
  for_each = { for kind, job in module.job : kind => job.definition }

  name                  = each.value.jobDefinitionName
  type                  = each.value.type
  platform_capabilities = each.value.platformCapabilities
  propagate_tags        = each.value.propagateTags
  container_properties  = jsonencode(each.value.containerProperties)

  retry_strategy {
    attempts = each.value.retryStrategy.attempts

    dynamic "evaluate_on_exit" {
      for_each = each.value.retryStrategy.evaluateOnExit

      content {
        on_status_reason = try(evaluate_on_exit.value.onStatusReason, null)
        on_reason        = try(evaluate_on_exit.value.onReason, null)
        on_exit_code     = try(evaluate_on_exit.value.onExitCode, null)
        action           = evaluate_on_exit.value.action
      }
    }
  }

  timeout {
    attempt_duration_seconds = each.value.timeout.attemptDurationSeconds
  }
}
