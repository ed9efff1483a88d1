"""The forms of arrests and custody as addresses of the drawer."""

from __future__ import annotations

FORMS = (
    "arrest", "arrest~a-1", "card~a-1", "offence~a-1", "offence~a-1~o-1", "describe~a-5", "role~a-1", "warned~a-1", "restraint~a-6",
    "rights~a-1", "sign~a-8", "readback~a-1", "grounds~a-1", "disposition~a-1", "step~a-1", "step~a-1~transport", "attach~a-1",
    "handover~a-1", "relieve", "station~a-1", "heads~van-1", "answerfor~a-3", "received~a-1", "caregiven~a-1", "guardian~a-5", "hold~a-1", "property~a-1", "bag~B-18",
    "free~a-1", "site", "sitecheck~centre", "siteclose~van-1", "wristbands", "bar", "readbar", "tellbar", "many",
    "handover", "offence", "demobilize", "left", "waive",
)  # fmt: skip
