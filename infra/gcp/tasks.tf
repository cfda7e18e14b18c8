# Timers: the queue that calls notify and escalate when they are due, and the clock that calls sweep.

resource "google_cloud_tasks_queue" "tocsin" {
  name     = "tocsin"
  location = var.region

  rate_limits {
    max_dispatches_per_second = var.queue.per_second
    max_concurrent_dispatches = var.queue.at_once
  }
  # A task that is given up is gone: the sweep does what it should have done, since the documents say that it is due.
  retry_config {
    min_backoff   = "1s"
    max_backoff   = "30s"
    max_doublings = 5
    max_attempts  = 100
  }
  stackdriver_logging_config {
    sampling_ratio = 1
  }

  lifecycle {
    precondition {
      condition     = alltrue([for one in [local.sizes.notify, local.sizes.escalate] : var.queue.at_once <= one.max_instances * one.concurrency])
      error_message = "queue.at_once is more than notify and escalate can take: raise their max_instances in scaling as well."
    }
  }
  depends_on = [google_project_service.api]
}

resource "google_cloud_scheduler_job" "sweep" {
  name             = "tocsin-sweep"
  description      = "Does what was due and did not happen"
  region           = var.region
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "300s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.function["sweep"].service_config[0].uri
    oidc_token {
      service_account_email = google_service_account.caller["scheduler"].email
      audience              = "${local.addresses[var.region]}/sweep"
    }
  }
  retry_config {
    retry_count = 0 # the next minute comes anyway
  }
}
