variable "region" {
  description = "Where all of it is made."
  type        = string
  default     = "us-east-1"
}

variable "name" {
  description = "Begins the names of all that is made."
  type        = string
  default     = "scythe"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,24}$", var.name))
    error_message = "Expected small letters, digits and hyphens, 25 at most, a letter first."
  }
}

variable "image_tag" {
  description = "Of the image in the repository that is made here."
  type        = string
  default     = "latest"
}

variable "prefix" {
  description = "Runs lie below it in the bucket."
  type        = string
  default     = "scythe"
}

variable "worker_environment" {
  description = "More of the workers' environment, as HATCHET_CLIENT_HOST_PORT where the token does not name the engine's address."
  type        = map(string)
  default     = {}
}

variable "subnet_ids" {
  description = "Where machines are started; they have to reach the engine and AWS. Default: those of the default VPC."
  type        = list(string)
  default     = []
}

variable "max_vcpus" {
  description = "CPUs at a time: what this may cost."
  type        = object({ cpu = number, gpu = number })
  default     = { cpu = 64, gpu = 16 }
}

variable "instance_types" {
  description = "The more there are to choose from, the fewer spot machines are taken away."
  type        = object({ cpu = list(string), gpu = list(string) })
  default = {
    cpu = ["c6i", "c6a", "c7i", "c7a", "m6i", "m6a", "m7i", "m7a"]
    gpu = ["g4dn", "g5", "g6"]
  }
}

variable "worker" {
  description = "What one worker has. Memory is in MiB, some less than the machines have."
  type = map(object({
    vcpus  = number
    memory = number
    gpus   = number
  }))
  default = {
    cpu = { vcpus = 2, memory = 3500, gpus = 0 }
    gpu = { vcpus = 4, memory = 14000, gpus = 1 }
  }

  validation {
    condition     = toset(keys(var.worker)) == toset(["cpu", "gpu"])
    error_message = "Expected cpu and gpu."
  }
}

variable "idle_exit" {
  description = "Workers leave after so long without work: this ends an array."
  type        = string
  default     = "10m"
}

variable "delete_results" {
  description = "Whether terraform destroy deletes the bucket with what is in it."
  type        = bool
  default     = false
}
