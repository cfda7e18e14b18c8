"""One module per way to reach somebody; the file's name is the channel's name in the configuration.

A channel is two functions. `send(incident, notification, twilio, again)` gives the provider's id or raises
`Undeliverable`, `Unavailable` or `Uncertain`; `again` says that the person may have it already.
`find(notification, twilio, known, rivals)` gives the id of a send whose answer was lost, or None; `known` are the ids
of other notifications, `rivals` counts those to this number whose answer was lost as well.
"""
