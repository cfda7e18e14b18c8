"""What Twilio is told to do: speak and wait for a key, say a last word, or send a text back."""

from __future__ import annotations

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

_SECONDS_TO_PRESS = 8
_TIMES = 3


def script(message: str, keys: str, action: str) -> str:
    """Give what a call does: says the page three times, each time with room for a key, which is posted to `action`."""
    response = VoiceResponse()
    for _ in range(_TIMES):
        gather = response.gather(num_digits=1, timeout=_SECONDS_TO_PRESS, action=action, method="POST", input="dtmf")
        gather.say(message)
        gather.say(keys)
    response.say("Nobody pressed a key. Goodbye.")
    return str(response)


def said(words: str) -> str:
    """Give what ends a call: a last word."""
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


def texted(words: str) -> str:
    """Give what answers a text; no words, no message."""
    response = MessagingResponse()
    if words:
        response.message(words)
    return str(response)
