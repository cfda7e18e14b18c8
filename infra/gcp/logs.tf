# What is kept of who did what, and for how long; and what must not be kept.

# Cloud Run notes the URL of each request, and in these an integration's or a calendar's key stands.

resource "google_logging_project_exclusion" "keys" {
  name        = "tocsin-keys"
  description = "Requests to ingest and calendar carry a key in their path, some to reply a link; what the functions write names none"
  filter      = "logName=\"projects/${var.project}/logs/run.googleapis.com%2Frequests\" AND (resource.labels.service_name=(\"ingest\" OR \"calendar\") OR httpRequest.requestUrl:\"/page/\")"
  depends_on  = [google_project_service.api]
}

# Who reads documents and secrets past infra/tocsin: in the console, with gcloud, with an account that was stolen. What the
# functions themselves do is a hundred times as much, and stands in the audit of infra/tocsin as far as it says anything.
resource "google_project_iam_audit_config" "read" {
  for_each = var.access_logs == "none" ? toset([]) : toset(["datastore.googleapis.com", "secretmanager.googleapis.com"])

  project = var.project
  service = each.key
  dynamic "audit_log_config" {
    for_each = toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])
    content {
      log_type         = audit_log_config.value
      exempted_members = var.access_logs == "everybody" ? [] : [for one in google_service_account.function : one.member]
    }
  }
}

# What an auditor asks for, where nobody can take it away again, the project's owners included: each head of the audit's
# chain, against which `infra/tocsin audit verify --head` holds the documents, and Google's own audit logs.
resource "google_logging_project_bucket_config" "audit" {
  count = var.audit_days > 0 ? 1 : 0

  project        = var.project
  location       = "global" # no region takes it along
  bucket_id      = "tocsin-audit"
  description    = "Heads of Tocsin's audit and Google's audit logs, for ${var.audit_days} days"
  retention_days = var.audit_days
  locked         = true
  depends_on     = [google_project_service.api]
}

resource "google_logging_project_sink" "audit" {
  count = length(google_logging_project_bucket_config.audit)

  name        = "tocsin-audit"
  description = "To the bucket that nobody can shorten"
  destination = "logging.googleapis.com/${google_logging_project_bucket_config.audit[0].id}"
  filter      = "(${local.ours} AND jsonPayload.message=~\"^audit sealed up to entry \") OR logName:\"cloudaudit.googleapis.com\""
  # In its own project a sink writes as Cloud Logging itself, and needs no right.
  unique_writer_identity = true
}
