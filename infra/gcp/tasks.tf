# Timers: the queues that call notify and escalate when they are due, and the clock that calls sweep.

locals {
  # First pages of what is urgent have a queue of their own: a storm of what can wait, or of repeats, is not before them.
  # Each takes half of what notify and escalate can do at once, so that neither keeps the other from them.
  queues = {
    tocsin        = max(1, floor(var.queue.at_once / 2))
    tocsin-urgent = ceil(var.queue.at_once / 2)
  }
  # In the second region too, where they stand empty: the name of a queue that was deleted is blocked for days, so none
  # is deleted because the pager moves from one region to the other.
  queues_deployed = merge([
    for region in local.regions : { for name, at_once in local.queues : "${region}/${name}" => { name = name, region = region, at_once = at_once } }
  ]...)
}

resource "google_cloud_tasks_queue" "tocsin" {
  for_each = local.queues_deployed

  name     = each.value.name
  location = each.value.region

  rate_limits {
    max_dispatches_per_second = var.queue.per_second
    max_concurrent_dispatches = each.value.at_once
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
  for_each = toset([var.region])

  name             = "tocsin-sweep"
  description      = "Does what was due and did not happen"
  region           = each.key
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "300s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.function["${each.key}/sweep"].service_config[0].uri
    oidc_token {
      service_account_email = google_service_account.caller["scheduler"].email
      audience              = "${local.addresses[each.key]}/sweep"
    }
  }
  retry_config {
    retry_count = 0 # the next minute comes anyway
  }
}
