# What nobody may read but the functions that need it; the values are written and never kept in the state.

locals {
  secret_values = {
    twilio_auth_token           = var.twilio_auth_token
    twilio_auth_token_secondary = var.twilio_auth_token_secondary
    heartbeat_url               = var.heartbeat_url
    link_secret                 = var.link_secret
    link_secret_secondary       = var.link_secret_secondary
  }
  # Which variable of its environment a function finds each one in, and which client makes use of it.
  secrets = {
    twilio_auth_token           = { variable = "TWILIO_AUTH_TOKEN", clients = ["settings", "twilio"] }
    twilio_auth_token_secondary = { variable = "TWILIO_AUTH_TOKEN_SECONDARY", clients = ["settings"] }
    heartbeat_url               = { variable = "TOCSIN_HEARTBEAT_URL", clients = ["watcher"] }
    link_secret                 = { variable = "TOCSIN_LINK_SECRET", clients = ["settings", "twilio"] }
    link_secret_secondary       = { variable = "TOCSIN_LINK_SECRET_SECONDARY", clients = ["settings"] }
  }
  secrets_used = { for name, one in local.secrets : name => one if var.secret_versions[name] > 0 }
  secret_readers = flatten([
    for secret, one in local.secrets_used : [
      for function, row in local.functions : { secret = secret, function = function, variable = one.variable }
      if length(setintersection(one.clients, row.clients)) > 0
    ]
  ])
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secrets_used

  secret_id = "tocsin-${replace(each.key, "_", "-")}"
  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_version" "secret" {
  for_each = local.secrets_used

  secret                 = google_secret_manager_secret.secret[each.key].id
  secret_data_wo         = local.secret_values[each.key]
  secret_data_wo_version = var.secret_versions[each.key]
  deletion_policy        = "DISABLE" # the revision that runs still names the old one

  lifecycle {
    create_before_destroy = true
  }
}
