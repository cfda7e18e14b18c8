"""Tocsin routes alerts to the person on call and takes the answer."""
