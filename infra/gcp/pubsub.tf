# Accepted alerts, on their way from ingest to route.

resource "google_pubsub_topic" "events" {
  #checkov:skip=CKV_GCP_83:Encrypted with keys of Google; a key of our own that is revoked or away would stop every page
  name                       = "tocsin-events"
  message_retention_duration = "86400s" # a day's alerts can be routed again: `gcloud pubsub subscriptions seek`
  depends_on                 = [google_project_service.api]
}

locals {
  # What an integration says first of a severity in ten seconds is urgent, and marked so by ingest: it waits for no storm.
  # The filter of a subscription cannot be changed; a new filter makes a new subscription, which holds nothing.
  subscriptions = {
    tocsin-route        = "NOT attributes:urgent"
    tocsin-route-urgent = "attributes:urgent"
  }
}

resource "google_pubsub_subscription" "route" {
  for_each = local.subscriptions

  name                       = each.key
  topic                      = google_pubsub_topic.events.id
  filter                     = each.value
  ack_deadline_seconds       = 60 # also how long a push may take
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = "" # never: a quiet month is no reason to delete it
  }
  push_config {
    push_endpoint = google_cloudfunctions2_function.function["${var.region}/route"].service_config[0].uri
    oidc_token {
      service_account_email = google_service_account.caller["pubsub"].email
      audience              = "${local.addresses[var.region]}/route"
    }
  }
  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "30s"
  }
  # The most there are, which is about 48 minutes: route answers 503 while Firestore is away, and such alerts are not dead.
  # One that can never be routed it quarantines by itself.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = 100
  }
}

moved {
  from = google_pubsub_subscription.route
  to   = google_pubsub_subscription.route["tocsin-route"]
}

moved {
  from = google_pubsub_subscription_iam_member.dead
  to   = google_pubsub_subscription_iam_member.dead["tocsin-route"]
}

resource "google_pubsub_topic" "dead" {
  #checkov:skip=CKV_GCP_83:Encrypted with keys of Google; a key of our own that is revoked or away would stop every page
  name       = "tocsin-dead"
  depends_on = [google_project_service.api]
}

# Without a subscription of its own a topic keeps nothing.
resource "google_pubsub_subscription" "dead" {
  name                       = "tocsin-dead"
  topic                      = google_pubsub_topic.dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s" # 31 days, the longest there is

  expiration_policy {
    ttl = ""
  }
}

locals {
  pubsub_itself = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# Pub/Sub moves a dead letter as itself: it takes it from the one and publishes it to the other.
resource "google_pubsub_topic_iam_member" "dead" {
  topic  = google_pubsub_topic.dead.name
  role   = "roles/pubsub.publisher"
  member = local.pubsub_itself
}

resource "google_pubsub_subscription_iam_member" "dead" {
  for_each = google_pubsub_subscription.route

  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_itself
}
