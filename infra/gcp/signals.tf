# What the functions write, counted and measured by Cloud Logging: what alerts.tf rings for and dashboard.json shows.

locals {
  # What functions write (tocsin/log.py), by the beginning of the message; `where` narrows it by the line's fields. A line
  # without further fields is kept as text, any other as JSON: both are looked at. A test holds these to the code.
  signals = {
    accepted     = { says = "accepted " }
    caught       = { says = "routed to the catch-all, " }
    credit       = { says = "the credit at Twilio: ", where = "jsonPayload.left<${var.least_credit}" }
    canary       = { says = "the canary of " }
    books        = { says = "the books " }
    gap          = { says = "a gap ahead: " }
    given_up     = { says = "given up: " }
    locked       = { says = "answers by text are locked: " }
    late         = { says = "swept", where = "jsonPayload.unsent>120" }
    lying        = { says = "in quarantine: " }
    left         = { says = "left for the next sweep: " }
    left_alone   = { says = "left alone: " }
    not_accepted = { says = "not accepted: " }
    not_heard    = { says = "Twilio is asked to come again: " }
    overdue      = { says = "swept", where = "jsonPayload.overdue>0" }
    quarantined  = { says = "quarantined: " }
    refused      = { says = "refused: " }
    repaired     = { says = "swept", where = "(jsonPayload.spilled>0 OR jsonPayload.notifications>0 OR jsonPayload.timers>0 OR jsonPayload.replies>0)" }
    sent         = { says = "send: " }
    spent        = { says = "the budget of " }
    set_aside    = { says = "kept aside for the sweep: " }
    swept        = { says = "swept" }
    twice        = { says = "send: ", where = "jsonPayload.tries>1" }
    unknown      = { says = "look for evidence: " }
    worst        = { says = "", where = "severity>=CRITICAL" }
    wrong        = { says = "", where = "severity=ERROR" }
  }

  # How long something took or how much it was, by the field of such a line that says it.
  lengths = {
    accepted_to_call = { says = "send: ", value = "since_accepted", unit = "s" }
    answered         = { says = "answered: ", value = "after", unit = "s" }
    canary_way       = { says = "a canary has come back", value = "seconds", unit = "s" }
    credit_left      = { says = "the credit at Twilio: ", value = "left", unit = "1" }
    in_quarantine    = { says = "in quarantine: ", value = "depth", unit = "1" }
    pages            = { says = "swept", value = "notifications", unit = "1" }
    replies          = { says = "swept", value = "replies", unit = "1" }
    spilled          = { says = "swept", value = "spilled", unit = "1" }
    timers           = { says = "swept", value = "timers", unit = "1" }
    unsent           = { says = "swept", value = "unsent", unit = "s" }
    waited           = { says = "send: ", value = "waited", unit = "s" }
  }

  ours = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for name in keys(local.functions) : "\"${name}\""])})"
}

resource "google_logging_metric" "signal" {
  for_each = local.signals

  name        = "tocsin/${each.key}"
  description = each.value.says == "" ? "Lines of Tocsin's functions with ${each.value.where}" : "Lines of Tocsin's functions that begin with: ${each.value.says}"
  filter = join(" AND ", compact([
    local.ours,
    each.value.says == "" ? "" : "(jsonPayload.message=~\"^${each.value.says}\" OR textPayload=~\"^${each.value.says}\")",
    try(each.value.where, ""),
  ]))
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "length" {
  for_each = local.lengths

  name            = "tocsin/${each.key}"
  description     = "The ${each.value.value} of lines of Tocsin's functions that begin with: ${each.value.says}"
  filter          = "${local.ours} AND jsonPayload.message=~\"^${each.value.says}\" AND jsonPayload.${each.value.value}>=0"
  value_extractor = "EXTRACT(jsonPayload.${each.value.value})"
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 20
      growth_factor      = 2
      scale              = 0.1 # up to twenty-nine hours
    }
  }
  depends_on = [google_project_service.api]
}
