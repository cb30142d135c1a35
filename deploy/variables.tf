variable "region" {
  description = "Where the workers run."
  type        = string
}

variable "package" {
  description = "Path of the worker's package, as the target lambda_zip makes it."
  type        = string
  default     = "../build/release/laggard-worker.zip"
}

variable "function_name" {
  description = "For --function."
  type        = string
  default     = "laggard-worker"
}

variable "memory_mb" {
  description = "Of each worker; 1769 MB come with one whole vCPU."
  type        = number
  default     = 1769
}

variable "timeout_seconds" {
  description = "Workers are handed over before this; longer means fewer hand-overs."
  type        = number
  default     = 900

  validation {
    condition     = var.timeout_seconds >= 10 && var.timeout_seconds <= 900
    error_message = "Lambda allows 900 seconds at most; below 10 there is hardly time to work."
  }
}

variable "reserved_concurrency" {
  description = "Invocations at a time that are kept for the function, and its limit; -1 for none."
  type        = number
  default     = -1
}

variable "log_retention_days" {
  description = "How long what workers print is kept."
  type        = number
  default     = 14
}
