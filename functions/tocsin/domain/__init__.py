"""The rules of the pager: values in, values out; no clock, no network, no randomness."""
