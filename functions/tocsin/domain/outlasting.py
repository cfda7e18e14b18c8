"""What a maintenance window suppressed and is not over when it ends: routed then, and the page says why only now."""

from datetime import datetime

from tocsin.domain.escalation import saying
from tocsin.domain.routing import Outcome, Routed
from tocsin.domain.values import replace


def outlasted(routed: Routed, suppressed: str, now: datetime) -> Routed:
    """Say of what a maintenance window had suppressed why it is routed only now, on its page as well.

    What was over before the window was stays suppressed.
    """
    if routed.outcome is Outcome.LATE:
        return replace(routed, outcome=Outcome.SUPPRESSED, reason=f"{suppressed}; it was over before that")
    routed = replace(routed, reason=f"{routed.reason}, after maintenance")
    if routed.outcome is not Outcome.OPENED or not routed.incident:
        return routed
    noted = routed.incident.noting(now, "maintenance is over", f"{suppressed}; nobody has said that this is over")
    return replace(routed, incident=saying("Maintenance is over", noted))
