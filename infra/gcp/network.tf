# With a domain: one load balancer in front of the public functions of both regions, which turns large bodies away.

locals {
  public   = [for name, one in local.functions : name if one.called_by == "anyone"]
  behind   = var.domain == null ? {} : { for name, one in local.deployed : name => one if contains(local.public, one.function) }
  balanced = var.domain == null ? [] : local.public
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.behind

  name                  = "tocsin-${each.value.function}"
  region                = each.value.region
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = google_cloudfunctions2_function.function[each.key].name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = toset(local.balanced)

  name                  = "tocsin-${each.key}"
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  security_policy       = google_compute_security_policy.body[0].id

  dynamic "backend" {
    for_each = { for name, one in local.behind : name => one if one.function == each.key }
    content {
      group = google_compute_region_network_endpoint_group.function[backend.key].id
    }
  }
  # Serverless backends have no health checks: a region whose functions answer 5xx is left out by its answers.
  dynamic "outlier_detection" {
    for_each = var.second_region == null ? [] : [1]
    content {
      consecutive_errors           = 5
      max_ejection_percent         = 50
      enforcing_consecutive_errors = 100
      interval {
        seconds = 1
      }
      base_ejection_time {
        seconds = 30
      }
    }
  }
  log_config {
    enable = false # an integration key stands in the path
  }
}

resource "google_compute_security_policy" "body" {
  #checkov:skip=CKV_GCP_73:Nothing behind it is Java, and a rule over bodies would refuse alerts that quote the attack
  count = length(google_compute_global_address.pager)

  name        = "tocsin-body"
  description = "The framework reads a whole body before the function sees any of it"
  type        = "CLOUD_ARMOR"

  rule {
    action      = "deny(403)"
    priority    = 1000
    description = "No body may be larger than ${var.body_limit} bytes"
    match {
      expr {
        expression = "has(request.headers['content-length']) && int(request.headers['content-length']) > ${var.body_limit}"
      }
    }
  }
  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Nothing else is refused: an alert storm looks like an attack"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_global_address" "pager" {
  count = var.domain == null ? 0 : 1

  name       = "tocsin"
  depends_on = [google_project_service.api]
}

resource "google_compute_managed_ssl_certificate" "pager" {
  count = length(google_compute_global_address.pager)

  name = "tocsin-${replace(var.domain, ".", "-")}"
  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true # the proxy uses the old one until there is another
  }
}

resource "google_compute_ssl_policy" "pager" {
  count = length(google_compute_global_address.pager)

  name            = "tocsin"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_url_map" "pager" {
  count = length(google_compute_global_address.pager)

  name            = "tocsin"
  default_service = google_compute_backend_service.function["ingest"].id # which answers 404 to what it does not know

  host_rule {
    hosts        = [var.domain]
    path_matcher = "functions"
  }
  path_matcher {
    name            = "functions"
    default_service = google_compute_backend_service.function["ingest"].id

    dynamic "path_rule" {
      for_each = local.balanced
      content {
        paths   = ["/${path_rule.value}", "/${path_rule.value}/*"]
        service = google_compute_backend_service.function[path_rule.value].id
      }
    }
  }
}

resource "google_compute_target_https_proxy" "pager" {
  count = length(google_compute_global_address.pager)

  name             = "tocsin"
  url_map          = google_compute_url_map.pager[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.pager[0].id]
  ssl_policy       = google_compute_ssl_policy.pager[0].id
}

# 443 only: what is posted to http:// carries a key in clear, and is better refused than redirected.
resource "google_compute_global_forwarding_rule" "pager" {
  count = length(google_compute_global_address.pager)

  name                  = "tocsin"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  target                = google_compute_target_https_proxy.pager[0].id
  ip_address            = google_compute_global_address.pager[0].id
  port_range            = "443"
}
