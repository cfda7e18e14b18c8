# What is not kept: Cloud Run notes the URL of each request, and in these an integration's or a calendar's key stands.

resource "google_logging_project_exclusion" "keys" {
  name        = "tocsin-keys"
  description = "Requests to ingest and calendar carry a key in their path, some to reply a link; what the functions write names none"
  filter      = "logName=\"projects/${var.project}/logs/run.googleapis.com%2Frequests\" AND (resource.labels.service_name=(\"ingest\" OR \"calendar\") OR httpRequest.requestUrl:\"/page/\")"
  depends_on  = [google_project_service.api]
}
