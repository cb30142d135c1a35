# Laggard's workers as an AWS Lambda function: see README.md.

terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = var.region
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# Workers need nothing of AWS but a place for their log.
data "aws_iam_policy_document" "log" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.worker.arn}:*"]
  }
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/aws/lambda/${var.function_name}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "worker" {
  name_prefix        = "laggard-worker-"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "log" {
  name   = "write-own-log"
  role   = aws_iam_role.worker.id
  policy = data.aws_iam_policy_document.log.json
}

resource "aws_lambda_function" "worker" {
  function_name                  = var.function_name
  description                    = "Laggard worker; dials out to its coordinator"
  runtime                        = "provided.al2023"
  architectures                  = ["x86_64"]
  handler                        = "bootstrap"
  role                           = aws_iam_role.worker.arn
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)

  depends_on = [aws_cloudwatch_log_group.worker, aws_iam_role_policy.log]
}

# An Event invocation is never repeated by the service: what is to be repeated is decided by the
# coordinator.
resource "aws_lambda_function_event_invoke_config" "worker" {
  function_name                = aws_lambda_function.worker.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

# To be attached to the user or role that runs the coordinator.
data "aws_iam_policy_document" "coordinator" {
  statement {
    actions = [
      "lambda:InvokeFunction",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionConcurrency",
    ]
    resources = [aws_lambda_function.worker.arn, "${aws_lambda_function.worker.arn}:*"]
  }

  # This action knows no resources.
  statement {
    actions   = ["lambda:GetAccountSettings"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "coordinator" {
  name_prefix = "laggard-coordinator-"
  description = "Invoke Laggard's workers and look at their function"
  policy      = data.aws_iam_policy_document.coordinator.json
}

output "function" {
  description = "For --function."
  value       = aws_lambda_function.worker.function_name
}

output "coordinator_policy_arn" {
  description = "To be attached to whoever runs the coordinator."
  value       = aws_iam_policy.coordinator.arn
}
