# The functions: one table, which says what functions/main.py says, and one resource for all of its rows.

locals {
  # called_by: anyone, pubsub, tasks or scheduler. clients: what main.py hands it, which decides its rights in iam.tf.
  # seconds: after how long a request is given up. A row that only reads documents says
  # so; with denials it may add some as well, and change none.
  functions = {
    ingest = {
      called_by     = "anyone"
      clients       = ["intake", "light", "light_denials", "sns"]
      concurrency   = 80
      max_instances = 20
      seconds       = 30
    }
    route = {
      called_by     = "pubsub"
      clients       = ["caller", "denials", "store", "tasks"]
      concurrency   = 16
      max_instances = 10
      seconds       = 60
    }
    notify = {
      called_by     = "tasks"
      clients       = ["caller", "denials", "store", "tasks", "twilio"]
      concurrency   = 8
      max_instances = 10
      seconds       = 60
    }
    escalate = {
      called_by     = "tasks"
      clients       = ["caller", "denials", "store", "tasks"]
      concurrency   = 8
      max_instances = 10
      seconds       = 60
    }
    reply = {
      called_by     = "anyone"
      clients       = ["denials", "settings", "store", "tasks"]
      concurrency   = 16
      max_instances = 10
      seconds       = 30
    }
    sweep = {
      called_by     = "scheduler"
      clients       = ["caller", "denials", "store", "tasks", "topic", "twilio", "watcher"]
      concurrency   = 1
      max_instances = 2 # a slow one and the next
      seconds       = 300
    }
    calendar = {
      called_by     = "anyone"
      clients       = ["current", "denials", "store"]
      only_reads    = true
      concurrency   = 8
      max_instances = 3
      seconds       = 30
    }
  }

  # The same with what var.scaling says otherwise.
  sizes = {
    for name, one in local.functions : name => {
      concurrency   = try(coalesce(var.scaling[name].concurrency), one.concurrency)
      max_instances = try(coalesce(var.scaling[name].max_instances), one.max_instances)
      min_instances = try(coalesce(var.scaling[name].min_instances), 0)
      cpu           = try(coalesce(var.scaling[name].cpu), "1")
      memory        = try(coalesce(var.scaling[name].memory), "512Mi")
    }
  }

  # What stands in a region has the region in its key: moving the pager makes it anew beside what is there already, and
  # nothing has to wait for the end of what stands in a region that is away.
  regions = compact([var.region, var.second_region])
  again   = var.second_region == null ? [] : ["ingest", "reply"]
  deployed = merge(
    { for name in keys(local.functions) : "${var.region}/${name}" => { function = name, region = var.region } },
    { for name in local.again : "${var.second_region}/${name}" => { function = name, region = var.second_region } },
  )

  # One address for all functions of a region: the function's name is the first part of the path.
  addresses  = { for region in local.regions : region => "https://${region}-${var.project}.cloudfunctions.net" }
  public_url = { for region, address in local.addresses : region => var.domain == null ? address : "https://${var.domain}" }

  ingress = {
    anyone    = var.domain == null ? "ALLOW_ALL" : "ALLOW_INTERNAL_AND_GCLB"
    pubsub    = "ALLOW_INTERNAL_ONLY"
    scheduler = "ALLOW_INTERNAL_ONLY"
    # A task's URL is on the shared address, from which Cloud Run does not count Cloud Tasks as internal. Who is let in
    # is decided by the token all the same: only the tasks' own account may invoke these.
    tasks = "ALLOW_ALL"
  }

  source = "${path.module}/../.."
  # What .gcloudignore lets through, which a test holds this to.
  files = setunion(fileset(local.source, "functions/**/*.py"), ["requirements.txt"])
}

data "archive_file" "source" {
  type        = "zip"
  output_path = "${path.root}/.terraform/source.zip"

  dynamic "source" {
    for_each = local.files
    content {
      filename = source.value
      content  = file("${local.source}/${source.value}")
    }
  }
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62:It holds the source of what runs, and Cloud Audit Logs name whoever changes it
  for_each = toset(local.regions)

  name                        = "${var.project}-tocsin-${each.key}"
  location                    = each.key
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # it holds nothing that is not in the repository

  versioning {
    enabled = true
  }
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
    }
  }

  depends_on = [google_project_service.api]
}

# The name carries the content: what is unchanged is not deployed again, and what is changed always is.
resource "google_storage_bucket_object" "source" {
  for_each = google_storage_bucket.source

  name   = "source-${data.archive_file.source.output_sha256}.zip"
  bucket = each.value.name
  source = data.archive_file.source.output_path
}

resource "google_cloudfunctions2_function" "function" {
  #checkov:skip=CKV_GCP_124:Decided function by function in local.ingress, each with its reason
  for_each = local.deployed

  name        = each.value.function
  location    = each.value.region
  description = "Tocsin's ${each.value.function}, called by ${local.functions[each.value.function].called_by}"

  build_config {
    runtime         = var.runtime
    entry_point     = each.value.function
    service_account = google_service_account.build.id
    environment_variables = {
      GOOGLE_FUNCTION_SOURCE = "functions/main.py"
    }
    source {
      storage_source {
        bucket = google_storage_bucket.source[each.value.region].name
        object = google_storage_bucket_object.source[each.value.region].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.value.function].email
    ingress_settings                 = local.ingress[local.functions[each.value.function].called_by]
    timeout_seconds                  = local.functions[each.value.function].seconds
    available_cpu                    = local.sizes[each.value.function].cpu
    available_memory                 = local.sizes[each.value.function].memory
    max_instance_count               = local.sizes[each.value.function].max_instances
    min_instance_count               = local.sizes[each.value.function].min_instances
    max_instance_request_concurrency = local.sizes[each.value.function].concurrency
    all_traffic_on_latest_revision   = true

    environment_variables = {
      GOOGLE_CLOUD_PROJECT = var.project
      TOCSIN_LOCATION      = var.region # the queue's, wherever the function runs
      TOCSIN_TOPIC         = google_pubsub_topic.events.name
      TOCSIN_QUEUE         = google_cloud_tasks_queue.tocsin["${var.region}/tocsin"].name
      TOCSIN_URGENT_QUEUE  = google_cloud_tasks_queue.tocsin["${var.region}/tocsin-urgent"].name
      TOCSIN_TASKS_ACCOUNT = google_service_account.caller["tasks"].email
      FUNCTIONS_URL        = local.addresses[var.region]
      PUBLIC_URL           = local.public_url[each.value.region]
      TWILIO_ACCOUNT_SID   = var.twilio_account_sid
      TWILIO_FROM_NUMBER   = var.twilio_from_number
      TWILIO_API_URL       = var.twilio_api_url
      # The framework starts four threads for each CPU it sees, however many requests it is sent at once.
      THREADS = local.sizes[each.value.function].concurrency
      # Whose token is believed, with the audience FUNCTIONS_URL/function: whom IAM lets in is not all, since the
      # project's owners may invoke anything. Cloud Run has checked the token's signature, and taken it away, by then.
      TOCSIN_CALLER            = try(google_service_account.caller[local.functions[each.value.function].called_by].email, "")
      TOCSIN_CALLER_CHECKED_BY = "cloud-run"
    }

    dynamic "secret_environment_variables" {
      for_each = { for one in local.secret_readers : one.secret => one if one.function == each.value.function }
      content {
        key        = upper(secret_environment_variables.value.variable)
        project_id = var.project
        secret     = google_secret_manager_secret.secret[secret_environment_variables.key].secret_id
        version    = google_secret_manager_secret_version.secret[secret_environment_variables.key].version
      }
    }
  }

  # A function that starts before its rights are there fails its first requests.
  depends_on = [
    google_project_iam_member.build,
    google_project_iam_member.documents,
    google_pubsub_topic_iam_member.publisher,
    google_cloud_tasks_queue_iam_member.enqueuer,
    google_service_account_iam_member.names_caller,
    google_secret_manager_secret_iam_member.reader,
    google_firestore_database.documents,
  ]
}
