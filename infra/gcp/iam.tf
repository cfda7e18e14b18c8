# Who may do what: each function by its clients and nothing more, each caller what it calls.

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "tocsin-${each.key}"
  display_name = "Tocsin's ${each.key}"
  depends_on   = [google_project_service.api]
}

# As whom Pub/Sub, Cloud Tasks and Cloud Scheduler call.
resource "google_service_account" "caller" {
  for_each = toset(["pubsub", "tasks", "scheduler"])

  account_id   = "tocsin-by-${each.key}"
  display_name = "Calls Tocsin's functions for ${each.key}"
  depends_on   = [google_project_service.api]
}

resource "google_service_account" "build" {
  account_id   = "tocsin-build"
  display_name = "Builds Tocsin's functions"
  depends_on   = [google_project_service.api]
}

locals {
  reading = [for name, one in local.functions : name if length(setintersection(one.clients, ["current", "intake", "light", "store"])) > 0]
  writing = [for name, one in local.functions : name if length(setintersection(one.clients, ["intake", "store"])) > 0 && !try(one.only_reads, false)]
  publish = [for name, one in local.functions : name if length(setintersection(one.clients, ["intake", "topic"])) > 0]
  adding  = [for name, one in local.functions : name if try(one.only_reads, false) && contains(one.clients, "denials")]
  enqueue = [for name, one in local.functions : name if contains(one.clients, "tasks")]

  looked_at = ["cloudscheduler.viewer", "cloudtasks.viewer", "pubsub.viewer", "secretmanager.viewer"]

  documents_only = "resource.name == \"projects/${var.project}/databases/(default)\""
}

resource "google_project_iam_member" "documents" {
  for_each = toset(local.reading)

  project = var.project
  role    = contains(local.writing, each.key) ? "roles/datastore.user" : "roles/datastore.viewer"
  member  = google_service_account.function[each.key].member
  condition {
    title      = "tocsin"
    expression = local.documents_only
  }
}

# Whoever only reads documents writes down whom it refused: it adds a document, and can neither change nor remove one.
resource "google_project_iam_custom_role" "adding" {
  role_id     = "tocsin.adds"
  title       = "Adds documents"
  permissions = ["datastore.entities.create"]
}

resource "google_project_iam_member" "adding" {
  for_each = toset(local.adding)

  project = var.project
  role    = "projects/${var.project}/roles/${google_project_iam_custom_role.adding.role_id}"
  member  = google_service_account.function[each.key].member
  condition {
    title      = "tocsin"
    expression = local.documents_only
  }
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = toset(local.publish)

  topic  = google_pubsub_topic.events.name
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.key].member
}

resource "google_cloud_tasks_queue_iam_member" "enqueuer" {
  for_each = { for one in setproduct(local.enqueue, keys(local.queues_deployed)) : "${one[1]}/${one[0]}" => { queue = one[1], function = one[0] } }

  name     = google_cloud_tasks_queue.tocsin[each.value.queue].name
  location = google_cloud_tasks_queue.tocsin[each.value.queue].location
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.function[each.value.function].member
}

# A task names the account whose token it will carry; whoever names it must be allowed to.
resource "google_service_account_iam_member" "names_caller" {
  for_each = toset(local.enqueue)

  service_account_id = google_service_account.caller["tasks"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.function[each.key].member
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = { for one in local.secret_readers : "${one.function}-${one.secret}" => one }

  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}

# Twilio, monitoring tools and calendar programs have no Google account: a signature, a key, a secret URL is theirs.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.deployed

  name     = google_cloudfunctions2_function.function[each.key].name
  location = each.value.region
  role     = "roles/run.invoker"
  member = (
    local.functions[each.value.function].called_by == "anyone"
    ? "allUsers"
    : google_service_account.caller[local.functions[each.value.function].called_by].member
  )
}

resource "google_project_iam_member" "build" {
  for_each = toset(["roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer"])

  project = var.project
  role    = each.key
  member  = google_service_account.build.member
}

# Operators: what infra/tocsin does from a laptop.

resource "google_project_iam_member" "operator" {
  for_each = var.operators

  project = var.project
  role    = "roles/datastore.user"
  member  = each.key
  condition {
    title      = "tocsin"
    expression = local.documents_only
  }
}

# What `infra/tocsin doctor` looks at: whether queues, subscriptions, the clock and the secrets are there and run.
resource "google_project_iam_member" "looks" {
  for_each = { for one in setproduct(var.operators, local.looked_at) : "${one[0]}-${one[1]}" => { operator = one[0], role = one[1] } }

  project = var.project
  role    = "roles/${each.value.role}"
  member  = each.value.operator
}

resource "google_pubsub_topic_iam_member" "operator" {
  for_each = var.operators

  topic  = google_pubsub_topic.events.name
  role   = "roles/pubsub.publisher"
  member = each.key
}

resource "google_cloud_tasks_queue_iam_member" "operator" {
  for_each = { for one in setproduct(var.operators, keys(local.queues_deployed)) : "${one[1]}/${one[0]}" => { queue = one[1], operator = one[0] } }

  name     = google_cloud_tasks_queue.tocsin[each.value.queue].name
  location = google_cloud_tasks_queue.tocsin[each.value.queue].location
  role     = "roles/cloudtasks.enqueuer"
  member   = each.value.operator
}

resource "google_service_account_iam_member" "operator" {
  for_each = var.operators

  service_account_id = google_service_account.caller["tasks"].name
  role               = "roles/iam.serviceAccountUser"
  member             = each.key
}

resource "google_secret_manager_secret_iam_member" "operator" {
  for_each = var.operators

  secret_id = google_secret_manager_secret.secret["twilio_auth_token"].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.key
}
