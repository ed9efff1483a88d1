"""Sites as the model plan lets them open: looked at first, with everything on the list there."""

from __future__ import annotations

from command.domain.commands_custody import CheckFacility, OpenSite
from command.domain.envelope import Actor
from command.policy.sites import checklist
from tests.support.given import OPS, Step, by, model_stack


def looks(site: OpenSite, *, lacks: tuple[str, ...] = ()) -> CheckFacility:
    """A look at all that the model plan asks of such a site; `lacks` is not there."""
    there = tuple(item for item in checklist(model_stack(), site.kind) if item not in lacks)
    return CheckFacility(site.site, f"look-{site.site}", there, lacks, kind=site.kind)


def opens(site: OpenSite, actor: Actor = OPS) -> tuple[Step, Step]:
    """The site, looked at and open."""
    return by(actor, looks(site)), by(actor, site)
