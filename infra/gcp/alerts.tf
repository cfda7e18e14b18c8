# What tells somebody that the pager itself is unwell: by Cloud Monitoring, which needs neither Tocsin nor Twilio. What
# to do about each stands in OPERATIONS.md under its title.

locals {
  # Each line of the signal is told, with what it means; where `over` says how many are none, only more than that within
  # `minutes`. Those with `of` look at what Google measures by itself, `on` one thing.
  alarms = {
    canary = {
      severity = "CRITICAL", title = "A test page did not get through"
      text     = "Pages may not reach anybody. The line says how far the canary came: routed, texted, answered. Look there first: `infra/tocsin ledger`, then Twilio's status page."
    }
    books = {
      severity = "CRITICAL", title = "The books do not balance"
      text     = "Something that was accepted has not been dealt with. `infra/tocsin ledger` names each document and what is wrong with it."
    }
    overdue = {
      over = 1, minutes = 5, severity = "CRITICAL", title = "Pages are overdue and stay so"
      text = "Something was due more than 150 seconds ago and is still not done after a sweep. `infra/tocsin incident list`; then the errors of notify and sweep."
    }
    not_accepted = {
      severity = "CRITICAL", title = "Alerts are refused"
      text     = "Neither Pub/Sub nor Firestore took an alert, and its sender was asked to repeat it. Look at both in this project, and at the rights of tocsin-ingest."
    }
    worst = {
      severity = "CRITICAL", title = "A critical line was written"
      text     = "The line says what it is."
    }
    not_heard = {
      severity = "ERROR", title = "Answers could not be taken"
      text     = "A text or a key of somebody on call met an error; Twilio repeats it, and the sweep reads texts again. Look at reply's errors."
    }
    quarantined = {
      severity = "ERROR", title = "A message could not be read"
      text     = "It lies in quarantine. `infra/tocsin replay quarantine` says what it would do; --go does it."
    }
    unknown = {
      over = 3, minutes = 15, severity = "ERROR", title = "Twilio does not answer sends"
      text = "Whether these pages went out is being looked for; without evidence they are sent again. Several at once are an outage: Twilio's status page, and `infra/tocsin incident list`."
    }
    set_aside = {
      severity = "ERROR", title = "Pub/Sub takes no alerts"
      text     = "They are kept in Firestore and routed by the sweep, up to a minute late. Look at the topic, and at the rights of tocsin-ingest."
    }
    caught = {
      severity = "ERROR", title = "An alert was routed to the catch-all"
      text     = "The configuration does not say whose it is, or could not be applied to it; the line says why. Nobody was forgotten, but the wrong people may be awake."
    }
    repaired = {
      over = 5, minutes = 15, severity = "WARNING", title = "The sweep repairs again and again"
      text = "Pages are a minute late: tasks or pushes do not arrive. Is the queue paused? Does tocsin-by-tasks still have its rights?"
    }
    refused = {
      over = 20, minutes = 15, severity = "WARNING", title = "Many webhooks are refused"
      text = "Signatures that are not Twilio's, links that are not ours, or wrong calendar keys. After a change of the auth token or of PUBLIC_URL it is you: answers are being lost."
    }
    wrong = {
      severity = "WARNING", title = "An error was written"
      text     = "The line says what it is, and what is done about it."
    }
    late = {
      over = 1, minutes = 5, severity = "CRITICAL", title = "A page waits unsent"
      text = "Two sweeps found a page that somebody should have had two minutes ago. Twilio, the queues or notify do not do their part."
    }
    left_alone = {
      severity = "CRITICAL", title = "Texts or calls are given a rest"
      text     = "Twilio has failed three times in a row on one channel. People are paged over the other one meanwhile, and one page at a time finds out whether it works again."
    }
    gap = {
      severity = "ERROR", title = "Nobody will be on call"
      text     = "The line names the schedule and the hours of the next two weeks. Until then, whatever comes in them goes to the next level or to the catch-all."
    }
    twice = {
      over = 2, minutes = 60, severity = "WARNING", title = "Pages are sent twice"
      text = "Twilio's answer was lost and its list did not show the page, so it went out again, marked as such. Several in an hour cost trust."
    }
    locked = {
      severity = "ERROR", title = "Somebody guesses reply codes"
      text     = "Ten wrong codes came from one phone within an hour: for a quarter of an hour its texts answer nothing. Calls and links do."
    }
    spent = {
      severity = "WARNING", title = "The budget for texts runs out"
      text     = "What repeats and what has low urgency is told less often, in digests. What is new and urgent goes out as ever."
    }
    credit = {
      severity = "ERROR", title = "The credit at Twilio runs out"
      text     = "Less is left than least_credit says. At nothing Twilio sends no text and makes no call, and answers to nobody: top it up, and switch on auto-recharge."
    }
    lying = {
      severity = "WARNING", title = "Messages lie in quarantine"
      text     = "Nobody was paged for them, and nobody has replayed them. `infra/tocsin replay quarantine` says what it would do."
    }
    first = {
      of   = "logging.googleapis.com/user/tocsin/accepted_to_call", on = "resource.type=\"cloud_run_revision\""
      over = 30, minutes = 10, severity = "ERROR", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", title = "First pages leave late"
      text = "One first page in a hundred was handed to Twilio more than half a minute after its alert was accepted."
    }
    dead = {
      of   = "pubsub.googleapis.com/subscription/num_undelivered_messages", on = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"tocsin-dead\""
      over = 0, minutes = 1, severity = "CRITICAL", aligner = "ALIGN_MAX", title = "There are dead letters"
      text = "Alerts could not be routed in 100 tries, about 48 minutes."
    }
    waiting = {
      of   = "pubsub.googleapis.com/subscription/oldest_unacked_message_age", on = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=monitoring.regex.full_match(\"tocsin-route(-urgent)?\")"
      over = 120, minutes = 1, severity = "CRITICAL", aligner = "ALIGN_MAX", title = "Alerts wait to be routed"
      text = "The oldest one has waited for more than two minutes. Look at route's errors and at Firestore."
    }
    failing = {
      of   = "run.googleapis.com/request_count", on = "resource.type=\"cloud_run_revision\" AND metric.labels.response_code_class=\"5xx\""
      over = 10, minutes = 5, severity = "ERROR", title = "Functions answer 5xx"
      text = "Everything is repeated by whoever asked, but late. The functions' logs say why."
    }
    tardy = {
      of   = "cloudtasks.googleapis.com/queue/task_attempt_delays", on = "resource.type=\"cloud_tasks_queue\""
      over = 60000, minutes = 5, severity = "ERROR", aligner = "ALIGN_PERCENTILE_99", reducer = "REDUCE_MAX", title = "Tasks run late"
      text = "One task in a hundred starts more than a minute after its time. Is the queue full, or held back by functions that fail?"
    }
  }

  channels = concat(values(google_monitoring_notification_channel.email)[*].id, var.alert_channels)

  others  = { silence = "Nothing has swept for five minutes", paused = "A queue was paused, purged or disabled" }
  titles  = concat([for one in local.alarms : one.title], values(local.others), [for name, one in local.doors : "${name} cannot be reached from outside"])
  runbook = { for title in local.titles : title => "What to do: ${var.runbook}#${lower(replace(replace(title, "/[^A-Za-z0-9 -]/", ""), " ", "-"))}" }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  display_name = "Tocsin: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  depends_on   = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "alarm" {
  for_each = local.alarms

  display_name          = "Tocsin: ${each.value.title}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = local.channels
  documentation {
    content = "${each.value.text}\n\n${local.runbook[each.value.title]}"
  }
  conditions {
    display_name = each.value.title
    # Google asks nothing for these, but a monthly price for each condition on a metric.
    dynamic "condition_matched_log" {
      for_each = can(each.value.over) ? [] : [google_logging_metric.signal[each.key].filter]
      content {
        filter = condition_matched_log.value
      }
    }
    dynamic "condition_threshold" {
      for_each = can(each.value.over) ? [each.value] : []
      iterator = counted
      content {
        filter = try(
          "metric.type=\"${counted.value.of}\" AND ${counted.value.on}",
          "metric.type=\"logging.googleapis.com/user/tocsin/${each.key}\" AND resource.type=\"cloud_run_revision\"",
        )
        comparison      = "COMPARISON_GT"
        threshold_value = counted.value.over
        duration        = "0s"
        aggregations {
          alignment_period     = "${counted.value.minutes * 60}s"
          per_series_aligner   = try(counted.value.aligner, "ALIGN_DELTA")
          cross_series_reducer = try(counted.value.reducer, "REDUCE_SUM")
        }
      }
    }
  }
  alert_strategy {
    auto_close = "1800s"
    dynamic "notification_rate_limit" {
      for_each = can(each.value.over) ? [] : ["300s"]
      content {
        period = notification_rate_limit.value
      }
    }
  }
  depends_on = [google_logging_metric.signal, google_logging_metric.length, google_project_service.api]
}

# The other alarms are rung by what somebody writes. This one is rung by silence: no sweep, for whatever reason.
resource "google_monitoring_alert_policy" "silence" {
  display_name          = "Tocsin: ${local.others.silence}"
  severity              = "CRITICAL"
  combiner              = "OR"
  notification_channels = local.channels
  documentation {
    content = "Timers and pages may still work, but nothing repairs them. Is the job tocsin-sweep paused or failing? Do the functions start?\n\n${local.runbook[local.others.silence]}"
  }
  conditions {
    display_name = "No line from the sweep"
    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.signal["swept"].name}\" AND resource.type=\"cloud_run_revision\""
      duration = "300s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
}

# A paused queue takes tasks and hands none out, without an error anywhere: only whoever paused it is on record.
resource "google_monitoring_alert_policy" "paused" {
  display_name          = "Tocsin: ${local.others.paused}"
  severity              = "CRITICAL"
  combiner              = "OR"
  notification_channels = local.channels
  documentation {
    content = "Until it is resumed, every page of that queue waits for the sweep, up to a minute.\n\n${local.runbook[local.others.paused]}"
  }
  conditions {
    display_name = "Somebody paused, purged or deleted a queue, or disabled Cloud Tasks"
    condition_matched_log {
      filter = join(" OR ", [
        "(resource.type=\"cloud_tasks_queue\" AND resource.labels.queue_id=(${join(" OR ", [for name in keys(local.queues) : "\"${name}\""])}) AND protoPayload.methodName=~\"(PauseQueue|PurgeQueue|DeleteQueue)$\")",
        "(protoPayload.serviceName=\"serviceusage.googleapis.com\" AND protoPayload.methodName=~\"DisableService$\" AND protoPayload.resourceName=~\"cloudtasks.googleapis.com$\")",
      ])
    }
  }
  alert_strategy {
    auto_close = "604800s" # nothing says when a queue runs again: it stays open until somebody has looked
    notification_rate_limit {
      period = "300s" # a policy that watches the log must say how often it tells
    }
  }
}

# From outside, as a monitoring tool and as Twilio come: names, certificates and rights included. An empty question is
# refused by the function itself, in words that nothing in front of it knows.
locals {
  doors = {
    ingest = { path = "/ingest/", status = 404, says = "refused" }
    reply  = { path = "/reply/sms", status = 415, says = "Twilio's webhooks are forms" }
  }
}

resource "google_monitoring_uptime_check_config" "door" {
  for_each = local.doors

  display_name = "Tocsin: ${each.key}"
  period       = "60s"
  timeout      = "10s"
  # Three is the least there are; each one more is a call a minute to each function.
  selected_regions = ["ASIA_PACIFIC", "EUROPE", "USA_VIRGINIA"]
  http_check {
    path         = each.value.path
    port         = 443
    use_ssl      = true
    validate_ssl = true
    accepted_response_status_codes {
      status_value = each.value.status
    }
  }
  content_matchers {
    content = each.value.says
  }
  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = trimprefix(local.public_url[var.region], "https://") }
  }
  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "door" {
  for_each = local.doors

  display_name          = "Tocsin: ${each.key} cannot be reached from outside"
  severity              = "CRITICAL"
  combiner              = "OR"
  notification_channels = local.channels
  documentation {
    content = "Two of three places in the world have got no answer for two minutes. Look at the domain and its certificate, at the right of allUsers to invoke ${each.key}, and whether it starts.\n\n${local.runbook["${each.key} cannot be reached from outside"]}"
  }
  conditions {
    display_name = "No answer at ${each.value.path}"
    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.door[each.key].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }
  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_dashboard" "tocsin" {
  dashboard_json = file("${path.module}/dashboard.json")
  depends_on     = [google_logging_metric.signal]
}
