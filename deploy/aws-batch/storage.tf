resource "aws_s3_bucket" "runs" {
  bucket_prefix = "${var.name}-"
  force_destroy = var.delete_results
}

resource "aws_s3_bucket_public_access_block" "runs" {
  bucket                  = aws_s3_bucket.runs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Uploads that a lost worker did not end cost money until they are thrown away.
resource "aws_s3_bucket_lifecycle_configuration" "runs" {
  bucket = aws_s3_bucket.runs.id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

resource "aws_ecr_repository" "image" {
  name         = var.name
  force_delete = true
}

resource "aws_cloudwatch_log_group" "workers" {
  name              = "/${var.name}/workers"
  retention_in_days = 30
}

# Its value is put in by hand, so that Terraform's state does not hold it.
resource "aws_secretsmanager_secret" "token" {
  name_prefix             = "${var.name}-hatchet-token-"
  description             = "HATCHET_CLIENT_TOKEN of Scythe's workers"
  recovery_window_in_days = 0
}
