"""States and troubles of launches in plain words (English gettext ids)."""

from __future__ import annotations

from app.locales import N_

STATES = {
    "draft": N_("Drafted"),
    "validated": N_("Checked"),
    "estimated": N_("Waits for approval"),
    "approved": N_("Approved"),
    "submitting": N_("Is being handed over"),
    "queued": N_("Waits for a machine"),
    "running": N_("Runs"),
    "cancelling": N_("Is being stopped"),
    "succeeded": N_("Finished"),
    "failed": N_("Failed"),
    "cancelled": N_("Stopped"),
    "torn_down": N_("Everything removed"),
    "refused": N_("Refused, nothing was created"),
    "withdrawn": N_("Withdrawn, nothing was created"),
}
NEXT = {
    "estimated": N_("Look at it and approve it, or withdraw it."),
    "approved": N_("It is started within seconds."),
    "submitting": N_("The platform is asked to create it."),
    "queued": N_("It starts as soon as the platform has a machine."),
    "running": N_("It is followed until it ends or the time cap is reached."),
    "cancelling": N_("The platform is asked until it has stopped."),
    "succeeded": N_("Fetch the results before everything is removed."),
    "failed": N_("What still stands is being removed."),
    "cancelled": N_("What still stands is being removed."),
    "torn_down": N_("Nothing more; nothing costs money any more."),
    "refused": N_("Mend the reason and start a new one."),
    "withdrawn": N_("Nothing more."),
}
TROUBLES = {
    "busy": N_("The platform is busy or cannot be reached. It is asked again by itself."),
    "lost": N_("An answer of the platform was lost. It is looked for by name before anything is sent again."),
    "unauthorised": N_(
        "The platform does not accept the credentials. Sign in again, or check what your account trusts."
    ),
    "refused": N_("The platform refused the request."),
    "over_quota": N_("The quota of your account is too small. Ask the platform for more, or take a smaller machine."),
    "gone": N_("It no longer exists on the platform: somebody else has removed it."),
    "absent": N_("The platform does not know what was asked for."),
    "time cap": N_("The time cap was reached: it is stopped."),
    "cancel": N_("You asked for it to stop."),
    "remove": N_("You asked for it to stop and for everything to be removed."),
    "error": N_("A mistake in this program. It is tried again by itself; tell the operator if it stays."),
}
MODES = {
    "federated": N_("This installation signs in for minutes; your account trusts it (recommended)"),
    "ambient": N_("With the identity of the machine that this installation runs on"),
    "token": N_("Paste credentials for this one launch"),
}


def trouble_says(code: str) -> str:
    """A trouble as it is stored, in words; empty for none and for a platform's own word."""
    return next((says for kind, says in TROUBLES.items() if code == kind or code.startswith(f"{kind} ")), "")


def trouble_code(code: str) -> str:
    """The platform's own short code within a stored trouble."""
    kind = next((kind for kind in TROUBLES if code.startswith(f"{kind} ")), "")
    return code.removeprefix(kind).strip() if kind else ""
