"""The states of a launch, and which may follow which."""

from __future__ import annotations

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "draft": ("validated",),
    "validated": ("estimated",),
    "estimated": ("approved", "withdrawn"),
    "approved": ("submitting", "refused", "withdrawn"),
    "submitting": ("queued", "running", "succeeded", "failed", "cancelled", "cancelling", "refused", "withdrawn"),
    "queued": ("running", "succeeded", "failed", "cancelling", "cancelled"),
    "running": ("succeeded", "failed", "cancelling", "cancelled"),
    "cancelling": ("cancelled", "succeeded", "failed"),
    "succeeded": ("torn_down",),
    "failed": ("torn_down",),
    "cancelled": ("torn_down",),
    "torn_down": (),
    "refused": (),  # the platform, or our own limits, said no: nothing was created
    "withdrawn": (),  # stopped before anything was created
}
FINAL = tuple(state for state, following in TRANSITIONS.items() if not following)
ENDED = ("succeeded", "failed", "cancelled")
# What the runner works on. Before approval nothing happens by itself.
ACTIVE = ("approved", "submitting", "queued", "running", "cancelling", *ENDED)


def may_follow(before: str, after: str) -> bool:
    """Whether a launch may go from one state to the other."""
    return after in TRANSITIONS[before]
