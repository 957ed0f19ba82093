output "bucket" {
  value = aws_s3_bucket.runs.id
}

output "repository" {
  value = aws_ecr_repository.image.repository_url
}

output "token_secret" {
  value = aws_secretsmanager_secret.token.arn
}

output "queues" {
  value = { for kind, queue in aws_batch_job_queue.spot : kind => queue.name }
}

output "job_definitions" {
  value = { for kind, job in aws_batch_job_definition.worker : kind => job.name }
}

output "log_group" {
  value = aws_cloudwatch_log_group.workers.name
}
