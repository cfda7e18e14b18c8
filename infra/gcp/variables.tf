# What differs from one deployment to the next. Only the first six have to be said.

variable "project" {
  description = "The id of the Google Cloud project. It should hold nothing else: functions have the names of Tocsin's verbs."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project's id has 6 to 30 lower case letters, digits and hyphens, and begins with a letter."
  }
}

variable "alert_emails" {
  description = "Who is told when the pager itself is unwell: by e-mail from Google, which needs neither Tocsin nor Twilio."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", one))])
    error_message = "Each of alert_emails is one e-mail address."
  }
  validation {
    condition     = length(var.alert_emails) + length(var.alert_channels) > 0
    error_message = "Name at least one of alert_emails or alert_channels: nobody would hear that the pager is unwell."
  }
}

variable "twilio_account_sid" {
  description = "The SID of the Twilio account, which begins with AC."
  type        = string
  validation {
    condition     = can(regex("^AC[0-9a-f]{32}$", var.twilio_account_sid))
    error_message = "An account's SID is AC and 32 digits and letters from a to f; one that begins with SK is a key's."
  }
}

variable "twilio_from_number" {
  description = "The number that pages come from and are answered to, as +15550100100."
  type        = string
  validation {
    condition     = can(regex("^\\+[1-9][0-9]{6,14}$", var.twilio_from_number))
    error_message = "A telephone number begins with + and the country, and holds digits only."
  }
}

variable "twilio_auth_token" {
  description = "The account's auth token, as TF_VAR_twilio_auth_token; needed only when its number in secret_versions rises."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
  validation {
    condition     = var.twilio_auth_token == null || can(regex("^[0-9a-f]{32}$", var.twilio_auth_token))
    error_message = "An auth token has 32 digits and letters from a to f."
  }
}

variable "secret_versions" {
  description = "The version of each secret; raise a number by one to write a new value, 0 is a secret that is not used."
  type = object({
    twilio_auth_token           = optional(number, 1)
    twilio_auth_token_secondary = optional(number, 0)
    heartbeat_url               = optional(number, 0)
    link_secret                 = optional(number, 0)
    link_secret_secondary       = optional(number, 0)
  })
  default = {}
  validation {
    condition     = alltrue([for one in values(var.secret_versions) : one >= 0 && floor(one) == one])
    error_message = "A version is a whole number, and 0 for a secret that is not used."
  }
  validation {
    condition     = var.secret_versions.twilio_auth_token > 0
    error_message = "Nothing works without the auth token: its version is 1 or higher."
  }
}

variable "twilio_auth_token_secondary" {
  description = "The token that Twilio will promote, or has just replaced: while both are known no webhook is refused."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
  validation {
    condition     = var.twilio_auth_token_secondary == null || can(regex("^[0-9a-f]{32}$", var.twilio_auth_token_secondary))
    error_message = "The secondary auth token has 32 digits and letters from a to f."
  }
}

variable "heartbeat_url" {
  description = "The URL of a dead man's switch outside this cloud, called after each clean sweep (TF_VAR_heartbeat_url)."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
  validation {
    condition     = var.heartbeat_url == null || can(regex("^https://[^ ]+$", var.heartbeat_url))
    error_message = "The heartbeat's URL begins with https://."
  }
}

variable "link_secret" {
  description = "What links in texts are signed with, 32 random characters; without it texts have none (TF_VAR_link_secret)."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
  validation {
    condition     = var.link_secret == null || can(regex("^.{32,}$", var.link_secret))
    error_message = "The secret of links has 32 characters at least."
  }
}

variable "link_secret_secondary" {
  description = "The one before it: for a day the links that it signed still hold, so that none breaks at an exchange."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
  validation {
    condition     = var.link_secret_secondary == null || can(regex("^.{32,}$", var.link_secret_secondary))
    error_message = "The secret of links before has 32 characters at least."
  }
}

variable "region" {
  description = "Where the functions, the queue and the clock are. It needs Cloud Run, Cloud Tasks and Cloud Scheduler."
  type        = string
  default     = "europe-west1"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region is named like europe-west1."
  }
}

variable "second_region" {
  description = "Where ingest and reply run a second time, when region is down; with a multi-region firestore_location, which they read."
  type        = string
  default     = null
  validation {
    condition     = var.second_region == null || can(regex("^[a-z]+-[a-z]+[0-9]+$", var.second_region))
    error_message = "A region is named like europe-west4."
  }
  validation {
    condition     = var.second_region != var.region
    error_message = "The second region must be another one than region."
  }
}

variable "firestore_location" {
  description = "Where the documents are: region unless said, or a multi-region such as eur3 or nam5. It can never change."
  type        = string
  default     = null
  validation {
    condition     = var.firestore_location == null || can(regex("^([a-z]+-[a-z]+[0-9]+|eur[0-9]+|nam[0-9]+)$", var.firestore_location))
    error_message = "The database's location is a region, or a multi-region such as eur3 or nam5."
  }
}

variable "domain" {
  description = "A domain name for the webhooks, such as pager.example.com, served by a load balancer that limits bodies."
  type        = string
  default     = null
  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain is given by its name alone, such as pager.example.com."
  }
}

variable "body_limit" {
  description = "The largest body in bytes that the load balancer lets through; 4 MiB is what Alertmanager's source reads."
  type        = number
  default     = 4194304
  validation {
    condition     = var.body_limit >= 4194304 && var.body_limit <= 33554432
    error_message = "The limit lies between 4 MiB, which a source reads, and the 32 MiB that a function is given at most."
  }
}

variable "scaling" {
  description = "Other sizes than those in functions.tf, by function, such as { ingest = { min_instances = 1 } }."
  type = map(object({
    min_instances = optional(number)
    max_instances = optional(number)
    concurrency   = optional(number)
    cpu           = optional(string)
    memory        = optional(string)
  }))
  default = {}
  validation {
    condition     = alltrue([for name in keys(var.scaling) : contains(keys(local.functions), name)])
    error_message = "scaling names a function that there is not: they are ${join(", ", keys(local.functions))}."
  }
  validation {
    condition     = alltrue([for one in values(var.scaling) : coalesce(one.min_instances, 0) <= coalesce(one.max_instances, 1000)])
    error_message = "A function cannot have more instances at least than at most."
  }
  validation {
    condition     = alltrue([for one in values(var.scaling) : coalesce(one.min_instances, 0) >= 0 && coalesce(one.max_instances, 1) >= 1 && coalesce(one.max_instances, 1) <= 1000])
    error_message = "A function has between 1 and 1,000 instances at most, and none or more at least."
  }
  validation {
    condition     = alltrue([for one in values(var.scaling) : coalesce(one.concurrency, 1) >= 1 && coalesce(one.concurrency, 1) <= 1000])
    error_message = "An instance takes between 1 and 1,000 requests at a time."
  }
  validation {
    condition     = alltrue([for one in values(var.scaling) : can(regex("^[0-9]+([.][0-9]+)?$", coalesce(one.cpu, "1"))) && can(regex("^[0-9]+(Mi|Gi)$", coalesce(one.memory, "512Mi")))])
    error_message = "Processors are a number such as 1 or 0.583, memory is written as 512Mi or 1Gi."
  }
}

variable "queue" {
  description = "How fast tasks are handed out: dispatches a second and queue (500 at most), and how many at once of both, which notify must take."
  type = object({
    per_second = optional(number, 100)
    at_once    = optional(number, 80)
  })
  default = {}
  validation {
    condition     = var.queue.per_second >= 1 && var.queue.per_second <= 500 && var.queue.at_once >= 1
    error_message = "A queue hands out between 1 and 500 tasks a second, and at least one at a time."
  }
}

variable "twilio_api_url" {
  description = "Another host of Twilio's REST API, for an account in Ireland or Australia; empty is https://api.twilio.com."
  type        = string
  default     = ""
  validation {
    condition     = var.twilio_api_url == "" || startswith(var.twilio_api_url, "https://")
    error_message = "The URL begins with https://."
  }
}

variable "operators" {
  description = "Who may use infra/tocsin on this project, as user:ann@example.com or group:sre@example.com."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@.+$", one))])
    error_message = "Each operator is user:, group: or serviceAccount: and an e-mail address."
  }
}

variable "alert_channels" {
  description = "Further notification channels of Cloud Monitoring, as projects/P/notificationChannels/N: a text, a chat."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.alert_channels : can(regex("^projects/[^/]+/notificationChannels/[^/]+$", one))])
    error_message = "Each of alert_channels is projects/P/notificationChannels/N."
  }
}

variable "least_credit" {
  description = "Below how much money left at Twilio, in the account's currency, somebody is told: two bad nights' worth."
  type        = number
  default     = 20
  validation {
    condition     = var.least_credit >= 0
    error_message = "The least credit is an amount of money, 0 or more."
  }
}

variable "access_logs" {
  description = "Whose reading and writing of documents and secrets Google's audit logs hold: of people (anybody but the functions), of everybody, or none."
  type        = string
  default     = "people" # some lines a day; the functions' own are 1.5 GB a month and more
  validation {
    condition     = contains(["none", "people", "everybody"], var.access_logs)
    error_message = "access_logs is none, people or everybody."
  }
}

variable "audit_days" {
  description = "For how many days audit logs are kept where nobody can delete them; 0 for not at all. It can never be made less, nor the bucket be deleted before."
  type        = number
  default     = 0
  validation {
    condition     = var.audit_days == 0 || (var.audit_days >= 30 && var.audit_days <= 3650 && floor(var.audit_days) == var.audit_days)
    error_message = "Audit logs are kept for 30 to 3650 days, or 0 for no bucket of their own."
  }
}

variable "runbook" {
  description = "Where whoever is told finds OPERATIONS.md: its URL at your Git host, or the path that is the default."
  type        = string
  default     = "infra/gcp/OPERATIONS.md"
  validation {
    condition     = can(regex("OPERATIONS[.]md$", var.runbook))
    error_message = "The runbook is the URL or the path of OPERATIONS.md."
  }
}

variable "runtime" {
  description = "The Python that functions run on."
  type        = string
  default     = "python311" # what every test runs on
  validation {
    condition     = can(regex("^python3(1[1-9])$", var.runtime))
    error_message = "Tocsin needs Python 3.11 or newer: python311, python312, ..."
  }
}

variable "delete_protection" {
  description = "Whether the database refuses to be deleted; set it to false and apply before a terraform destroy."
  type        = bool
  default     = true
}
