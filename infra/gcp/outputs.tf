# What to paste where.

output "webhooks" {
  description = "Where monitoring tools post; KEY is the key of an integration in the configuration."
  value = {
    alertmanager = "${local.public_url[var.region]}/ingest/alertmanager/KEY"
    pagerduty_v2 = "${local.public_url[var.region]}/ingest/v2/enqueue"
    any_json     = "${local.public_url[var.region]}/ingest/generic/KEY"
    heartbeat    = "${local.public_url[var.region]}/ingest/heartbeat/KEY"
  }
}

locals {
  # Behind a domain one address leads to both regions.
  second_url = var.second_region == null || var.domain != null ? null : local.addresses[var.second_region]
}

output "webhooks_again" {
  description = "The same in the second region, for tools that take two URLs; with a domain one URL reaches both."
  value       = local.second_url == null ? null : "${local.second_url}/ingest"
}

output "twilio" {
  description = "What the number's settings at Twilio want to know; the fragment makes Twilio repeat what failed."
  value = {
    a_message_comes_in    = "${local.public_url[var.region]}/reply/sms#rc=3&rp=5xx,ct,rt"
    primary_handler_fails = "${coalesce(local.second_url, local.public_url[var.region])}/reply/sms#rc=3&rp=5xx,ct,rt"
  }
}

output "environment" {
  description = "What infra/tocsin needs to reach this pager: eval \"$(terraform output -raw environment)\"."
  value = join("\n", [
    for name, value in {
      GOOGLE_CLOUD_PROJECT = var.project
      TOCSIN_LOCATION      = var.region
      TOCSIN_TOPIC         = google_pubsub_topic.events.name
      TOCSIN_QUEUE         = google_cloud_tasks_queue.tocsin["${var.region}/tocsin"].name
      TOCSIN_URGENT_QUEUE  = google_cloud_tasks_queue.tocsin["${var.region}/tocsin-urgent"].name
      TOCSIN_TASKS_ACCOUNT = google_service_account.caller["tasks"].email
      FUNCTIONS_URL        = local.addresses[var.region]
      PUBLIC_URL           = local.public_url[var.region]
      TOCSIN_SECOND_URL    = local.second_url == null ? "" : local.second_url
      TWILIO_ACCOUNT_SID   = var.twilio_account_sid
      TWILIO_FROM_NUMBER   = var.twilio_from_number
      TWILIO_API_URL       = var.twilio_api_url
    } : "export ${name}='${value}'"
  ])
}

output "address" {
  description = "The IP address that the domain's A record has to name."
  value       = one(google_compute_global_address.pager[*].address)
}

output "dead_letters" {
  description = "The subscription that holds what could not be delivered for three quarters of an hour."
  value       = google_pubsub_subscription.dead.name
}
