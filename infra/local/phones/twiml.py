"""Reads TwiML: the verbs of a call that a pager needs, and the messages of an answer to a text."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

MOST = 4000
MOST_LOOPS = 10
LONGEST = 600
XML = {"text/xml", "application/xml", "text/html"}


class Unreadable(Exception):
    """The document is not TwiML, or asks for something these phones cannot do; `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        """Keep Twilio's code beside the sentence."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Say:
    """Speak."""

    text: str


@dataclass(frozen=True)
class Pause:
    """Be silent, for seconds."""

    length: float


@dataclass(frozen=True)
class Gather:
    """Speak the prompts and wait `timeout` seconds for keys; `digits` of them, or one of `finish`, end it."""

    prompts: tuple[Say | Pause, ...]
    action: str
    timeout: float
    digits: int | None
    finish: str
    post_nothing: bool


@dataclass(frozen=True)
class Redirect:
    """Go on with the TwiML of another URL."""

    url: str


@dataclass(frozen=True)
class Hangup:
    """End the call."""


Verb = Say | Pause | Gather | Redirect | Hangup


def voice(body: str, content_type: str, base: str) -> list[Verb]:
    """Read what a call does next; relative URLs are joined to `base`. Raises Unreadable."""
    if content_type == "text/plain":
        return [Say(body)]
    document = root(body, content_type)
    try:
        return [verb for element in document for verb in verbs(element, base)]
    except ValueError as error:
        raise Unreadable(12200, f"An attribute cannot be read: {error}") from error


def messages(body: str, content_type: str) -> list[str]:
    """Read the texts that answer a text; an empty body is none, plain text is one. Raises Unreadable."""
    if not body.strip():
        return []
    if content_type == "text/plain":
        return [body]
    return [words(element) for element in root(body, content_type) if element.tag == "Message"]


def root(body: str, content_type: str) -> ET.Element:
    """Parse the document and give its Response."""
    if content_type not in XML:
        raise Unreadable(12300, f"TwiML cannot be of the content type {content_type or '(none)'}")
    if "<!DOCTYPE" in body:
        raise Unreadable(12100, "TwiML has no DOCTYPE")
    try:
        element = ET.fromstring(body)  # noqa: S314 -- it comes from the pager itself, and entities were refused above
    except ET.ParseError as error:
        raise Unreadable(12100, f"The document cannot be parsed as XML: {error}") from error
    if element.tag != "Response":
        raise Unreadable(12100, f"TwiML starts with <Response>, not <{element.tag}>")
    return element


def verbs(element: ET.Element, base: str) -> Iterator[Verb]:
    """Read one element; a loop is unrolled."""
    attributes = element.attrib
    if element.tag == "Say":
        yield from [Say(words(element))] * min(max(1, int(attributes.get("loop", "1"))), MOST_LOOPS)
    elif element.tag == "Pause":
        yield Pause(seconds(attributes.get("length", "1")))
    elif element.tag == "Gather":
        yield gather(element, base)
    elif element.tag == "Redirect":
        yield Redirect(join(base, words(element)))
    elif element.tag == "Hangup":
        yield Hangup()
    else:
        raise Unreadable(12200, f"These phones do not know <{element.tag}>")


def gather(element: ET.Element, base: str) -> Gather:
    """Read a Gather with Twilio's defaults: five seconds, `#` ends it, an empty answer is not posted."""
    get = element.attrib.get
    prompts = [verb for child in element for verb in verbs(child, base) if isinstance(verb, Say | Pause)]
    return Gather(
        prompts=tuple(prompts),
        action=join(base, get("action", "")),
        timeout=seconds(get("timeout", "5")),
        digits=int(get("numDigits", "0")) or None,
        finish=get("finishOnKey", "#"),
        post_nothing=get("actionOnEmptyResult") == "true",
    )


def seconds(text: str) -> int:
    """Read a length of time, ten minutes at most; raises ValueError."""
    return min(max(0, int(text)), LONGEST)


def join(base: str, url: str) -> str:
    """Make a URL absolute; inline TwiML has no base, so a relative one leads nowhere."""
    joined = urljoin(base, url)
    if not joined.startswith(("http://", "https://")):
        raise Unreadable(
            11100, f"{url or 'An empty action'} is not an absolute URL, and inline TwiML has none of its own"
        )
    return joined


def words(element: ET.Element) -> str:
    """Give the text of an element and its children, with single spaces between lines of markup."""
    lines = "".join(element.itertext()).strip().splitlines()
    return "\n".join(line.strip() for line in lines)
