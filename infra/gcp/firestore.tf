# The documents: the database, what is indexed and what is not, how long it can be turned back.

resource "google_firestore_database" "documents" {
  name                              = "(default)"
  location_id                       = coalesce(var.firestore_location, var.region)
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.delete_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.delete_protection ? "ABANDON" : "DELETE"

  lifecycle {
    ignore_changes = [location_id] # the documents stay where they are, wherever the functions move
  }
  depends_on = [google_project_service.api]
}

# Point-in-time recovery reaches back a week; a mistake that is found later is in a weekly copy.
resource "google_firestore_backup_schedule" "weekly" {
  database  = google_firestore_database.documents.name
  retention = "8467200s" # 14 weeks, the longest there is
  weekly_recurrence {
    day = "SUNDAY"
  }
}

locals {
  # One index for each question that names a field's value and sorts or compares another one. The stories' store refuses
  # a question that needs one which is not here, and a test refuses one here that no question needs.
  indexes = {
    codes_by_until           = { collection = "codes", equal = "number", then = "until", order = "ASCENDING" }
    codes_by_until_last      = { collection = "codes", equal = "number", then = "until", order = "DESCENDING" }
    events_by_accepted       = { collection = "events", equal = "incident", then = "accepted_at", order = "ASCENDING" }
    events_by_accepted_last  = { collection = "events", equal = "incident", then = "accepted_at", order = "DESCENDING" }
    incidents_by_opened_last = { collection = "incidents", equal = "status", then = "opened_at", order = "DESCENDING" }
    notifications_by_claimed = { collection = "notifications", equal = "number", then = "claimed_at", order = "ASCENDING" }
  }

  # Firestore indexes every field unless told otherwise, and every leaf of a map: a document may have 40,000 entries, and
  # an index whose values only rise takes 500 writes a second. Nobody asks for what is in these.
  unindexed = {
    audit         = ["about", "after", "before", "by", "channel", "count", "hash", "kind", "login", "organisation", "prev", "prev_expires_at", "schema_version", "user", "what"]
    breakers      = ["schema_version"]
    canary        = ["schema_version"]
    circles       = ["order", "schema_version"]
    codes         = ["schema_version", "steps"]
    config        = ["body", "overrides", "renewed", "schema_version"]
    counts        = ["schema_version", "triggers"]
    events        = ["event", "path", "reason", "repeats", "routed_at", "schema_version"]
    groups        = ["openings", "schema_version"]
    heartbeats    = ["schema_version"]
    inbound       = ["answer", "schema_version"]
    incidents     = ["affected", "asked", "details", "firing", "levels", "link", "merged", "out_of_reach", "outbox", "retention", "schema_version", "takers", "timeline", "title", "triggered_at"]
    notices       = ["schema_version", "words"]
    notifications = ["because", "begun_at", "carried", "digest", "due", "history", "schema_version", "then"]
    open          = ["openings", "schema_version"]
    phones        = ["paged", "schema_version", "turn", "verification", "wrong"]
    quarantine    = ["data", "schema_version", "why"]
    spending      = ["schema_version"]
    spill         = ["body", "schema_version"]
    sweeps        = ["schema_version"]
    verifications = ["schema_version"]
    versions      = ["body", "schema_version"]
  }
  exemptions = merge([
    for collection, fields in local.unindexed : { for field in fields : "${collection}.${field}" => { collection = collection, field = field } }
  ]...)

  # A code whose time is over may stand for something else; the code compares, and this only clears away.
  expiring = { codes = "until" }

  # What is over is kept for the configuration's `retention`, 400 days unless it says otherwise, and never under 30:
  # a marker must outlive whatever may deliver its event again (Pub/Sub for 7 days, what was put aside for as long as
  # somebody may replay it). What is open has no time, and stays. Nobody asks for these times, so they have no index.
  # Kept for ever, because there are as many as people, phones, versions and months: phones, circles, config, versions, spending.
  kept = ["audit", "counts", "events", "groups", "inbound", "incidents", "notices", "notifications", "open", "quarantine", "spill"]
}

resource "google_firestore_index" "index" {
  for_each = local.indexes

  database   = google_firestore_database.documents.name
  collection = each.value.collection
  fields {
    field_path = each.value.equal
    order      = "ASCENDING"
  }
  fields {
    field_path = each.value.then
    order      = each.value.order
  }
}

resource "google_firestore_field" "unindexed" {
  for_each = local.exemptions

  database   = google_firestore_database.documents.name
  collection = each.value.collection
  field      = each.value.field
  index_config {}
}

resource "google_firestore_field" "expiring" {
  for_each = local.expiring

  database   = google_firestore_database.documents.name
  collection = each.key
  field      = each.value
  ttl_config {}
}

resource "google_firestore_field" "kept" {
  for_each = toset(local.kept)

  database   = google_firestore_database.documents.name
  collection = each.key
  field      = "expires_at"
  ttl_config {}
  index_config {}
}
