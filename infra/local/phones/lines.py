"""Carries calls through their lives: dialled, ringing, picked up, spoken in, ended."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from infra.local.phones import twiml
from infra.local.phones.calls import Call, Spoken, check, resource, webhook_form
from infra.local.phones.conversation import Act, Conversation, End, Fetch, Listen, Speak
from infra.local.phones.exchange import Exchange
from infra.local.phones.faults import Kind, On
from infra.local.phones.webhooks import Post, Purpose, Webhook
from infra.local.phones.wire import Answer, rfc2822

DIALLING = 0.1
LONGEST_RING = 600
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
REORDERED = {"initiated": 8.0, "ringing": 6.0, "answered": 4.0}
SORRY = "We are sorry, an application error has occurred. Goodbye."


@dataclass
class Lines:
    """All calls, by SID, oldest first."""

    exchange: Exchange
    calls: dict[str, Call] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)

    def create(self, form: dict[str, str], events: list[str], now: datetime) -> Answer:
        """Make a call as the REST call asks; raises Refused."""
        check(form, self.exchange.account.number)
        to, faults = form["To"], self.exchange.faults
        if lost := faults.refuse(to, On.CALL):
            return lost
        callback = form.get("StatusCallback", "")
        call = Call(
            f"CA{self.exchange.ids()}", form["From"], to, "queued", now, now,
            timeout=min(int(form.get("Timeout", "60")), LONGEST_RING),
            callback=callback,
            events=tuple(events) or ("completed",),
            url=form.get("Url", ""),
            twiml=form.get("Twiml", ""),
            detection="MachineDetection" in form,
            reordered=bool(callback and faults.take(Kind.CALLBACKS_REORDERED, to, On.CALL)),
        )  # fmt: skip
        self.calls[call.sid] = call
        self.exchange.agenda.add(now + timedelta(seconds=DIALLING), call.sid, "dial")
        return faults.lose(Answer(201, resource(call, self.exchange.account.sid)), to, On.CALL)

    def advance(self, sid: str, what: str, turn: int, at: datetime) -> None:
        """Do what was planned, unless the call has gone another way since."""
        call, conversation = self.calls[sid], self.conversations.get(sid)
        if what == "dial" and call.status == "queued":
            self._dial(call, at)
        elif what == "unanswered" and call.status == "ringing":
            self._end(call, "no-answer", at)
        elif what == "voicemail" and call.status == "ringing":
            self._connect(call, "machine_start", at)
        elif conversation and conversation.turn == turn and what in {"proceed", "silence"}:
            self._act(sid, conversation.proceed() if what == "proceed" else conversation.silence(), at)

    def pick_up(self, sid: str, now: datetime) -> None:
        """Answer a ringing call; any other is left as it is."""
        if self.calls[sid].status == "ringing":
            self._connect(self.calls[sid], "human", now)

    def press(self, sid: str, digit: str, now: datetime) -> None:
        """Press a key; when nobody listens for keys it is only heard."""
        call, conversation = self.calls[sid], self.conversations.get(sid)
        if conversation is None:
            return
        self.calls[sid] = replace(call, pressed=call.pressed + digit)
        act = conversation.press(digit)
        if act:
            self._act(sid, act, now)

    def hang_up(self, sid: str, now: datetime) -> None:
        """End a call that was picked up, or decline one that rings: the line is busy."""
        call = self.calls[sid]
        if call.live:
            self._end(call, "completed" if call.status == "in-progress" else "busy", now)

    def answered(self, hook: Webhook, status: int | None, body: str, content_type: str, now: datetime) -> None:
        """Go on with the TwiML that came; without any, the caller hears that there was an error, and it is over."""
        conversation = self.conversations.get(hook.about)
        if conversation is None:
            return
        if status is None or not 200 <= status < 300:  # noqa: PLR2004 -- HTTP success
            self._give_up(hook.about, now)
            return
        conversation.base = hook.url
        self._run(hook.about, body, content_type, now)

    def fail_live(self, now: datetime) -> None:
        """End whatever was going on as failed: a restart is a cut line."""
        for call in [each for each in self.calls.values() if each.live]:
            self._end(call, "failed", now)

    def _dial(self, call: Call, at: datetime) -> None:
        """Ring, or meet the line as it was ordered to be."""
        faults = self.exchange.faults
        call = self._tell(replace(call, updated_at=at), "initiated", at)
        for kind in (Kind.BUSY, Kind.FAILED):
            if faults.take(kind, call.to, On.CALL):
                self._end(call, kind, at)
                return
        call = self._move(call, "ringing", at)
        machine = faults.take(Kind.VOICEMAIL, call.to, On.CALL)
        if machine:
            self.exchange.agenda.add(at + timedelta(seconds=machine.seconds), call.sid, "voicemail")
        self.exchange.agenda.add(at + timedelta(seconds=call.timeout), call.sid, "unanswered")

    def _connect(self, call: Call, who: str, at: datetime) -> None:
        """Somebody or something has picked up: the TwiML begins."""
        call = replace(call, started_at=at, answered_by=who if call.detection else None)
        self._move(call, "in-progress", at)
        self.conversations[call.sid] = Conversation(call.url)
        if call.url:
            self._act(call.sid, Fetch(call.url), at)
        else:
            self._run(call.sid, call.twiml, "text/xml", at)

    def _run(self, sid: str, document: str, content_type: str, now: datetime) -> None:
        conversation = self.conversations[sid]
        try:
            verbs = twiml.voice(document, content_type, conversation.base)
        except twiml.Unreadable as error:
            self.exchange.note(now, error.code, str(error))
            self._give_up(sid, now)
            return
        self._act(sid, conversation.run(verbs), now)

    def _give_up(self, sid: str, now: datetime) -> None:
        self._act(sid, self.conversations[sid].run([twiml.Say(SORRY)]), now)

    def _act(self, sid: str, act: Act, now: datetime) -> None:
        """Carry out one act of a conversation and plan what follows."""
        call, turn = self.calls[sid], self.conversations[sid].turn
        if isinstance(act, End):
            self._end(call, "completed", now)
        elif isinstance(act, Fetch):
            form = [
                *webhook_form(call, self.exchange.account.sid),
                *([("Digits", act.digits)] if act.digits is not None else []),
            ]
            self.exchange.post(Post(Purpose.CALL, sid, act.url, form), now, now)
        elif isinstance(act, Listen):
            self.exchange.agenda.add(now + timedelta(seconds=act.seconds), sid, "silence", turn)
        elif isinstance(act, Speak):
            heard = (Spoken(now, act.text),) if act.text else ()
            self.calls[sid] = replace(call, spoken=(*call.spoken, *heard))
            self.exchange.agenda.add(now + timedelta(seconds=act.seconds), sid, "proceed", turn)

    def _end(self, call: Call, status: str, at: datetime) -> None:
        self.conversations.pop(call.sid, None)
        self._move(replace(call, ended_at=at), status, at)

    def _move(self, call: Call, status: str, at: datetime) -> Call:
        return self._tell(replace(call, status=status, updated_at=at), EVENTS.get(status, "completed"), at)

    def _tell(self, call: Call, event: str, at: datetime) -> Call:
        """Post the event if it was asked for, and keep the call as it is now."""
        told = event in call.events
        if told:
            form = [
                *webhook_form(call, self.exchange.account.sid, event),
                ("SequenceNumber", str(call.sequence)),
                ("Timestamp", rfc2822(at) or ""),
            ]
            late = REORDERED.get(event, 0) if call.reordered else 0
            post = Post(Purpose.STATUS, call.sid, call.callback, form)
            self.exchange.tell(On.CALL, call.to, post, at, late=late)
        call = replace(call, sequence=call.sequence + told)
        self.calls[call.sid] = call
        return call
