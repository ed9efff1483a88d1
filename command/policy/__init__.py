"""The plan as data, and what it answers. Pure: no clock, no files, no other room.

The door, and nothing behind it is for other rooms:

- `judge.judge(stack, facts, request, now) -> Decision`: may this be done, now? Asked before
  anything that can still be prevented. Never raises; what it cannot judge it does not permit.
- `findings.finding(stack, facts, claim) -> Finding`: how does this report of force stand, by what
  was in force at `claim.at`? Never a reason to refuse the report.
- `findings.permits(stack, facts, sector, now)`: what is in force in a sector, for screens.
- `duties.started / ended / due / template`: what an event starts, ends, and by when.
- `load.read_pack(bytes, name) -> Pack`, `stack.Stack.of(packs) -> Stack`: most general pack first.

What goes in: `request.Request` (its docstring lists the fields that each action reads),
`request.ForceClaim`, and `facts.Facts`, which the fold answers as of any moment
(`facts.NothingKnown` is the base for what it does not keep). What comes out:
`decision.Decision` and `decision.Finding`, which travel unchanged onto every screen.
"""
