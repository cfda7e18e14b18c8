# Everything that Tocsin needs of Google Cloud, in a project of its own. README.md leads from an empty one to a first page.

terraform {
  required_version = ">= 1.11" # the first with arguments that are written and never kept: secrets stay out of the state
  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0" # checked against 8.7.0
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

data "google_project" "this" {
  project_id = var.project
  depends_on = [google_project_service.api]
}

resource "google_project_service" "api" {
  for_each = toset(concat([
    "artifactregistry",
    "cloudbuild",
    "cloudfunctions",
    "cloudresourcemanager",
    "cloudscheduler",
    "cloudtasks",
    "firestore",
    "iam",
    "logging",
    "monitoring",
    "pubsub",
    "run",
    "secretmanager",
  ], var.domain == null ? [] : ["compute"]))

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false # something else in the project may need it
}
