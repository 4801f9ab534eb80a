"""How much time a work counts: billable seconds, weighted by the hour, raised on site, with added time.

Counterpart: `engine.py`.  Steps 1 to 3 of the reading in clauses.md.
"""

from fractions import Fraction

from broker.i18n import N_
from broker.policies.hours import SupportHours
from broker.policies.schema import Policy, Window
from broker.rating.explanation import Step
from broker.rating.model import Basis, Work, without

PAID = (Basis.PLAN, Basis.TARIFF)
"""Where added time is added: free, covered and ordered work has none."""


class Counting:
    """Counts one work.  `minutes` and `steps` grow with each rule that is applied."""

    def __init__(self, policy: Policy, hours: SupportHours, work: Work) -> None:
        self._policy, self._hours, self._work = policy, hours, work
        self._spans = without(work.start, work.end, work.pauses)
        self.billable_seconds = sum(end - start for start, end in self._spans)
        self.minutes = Fraction(self.billable_seconds, 60)
        self.steps: list[Step] = []
        whole = Fraction(work.end - work.start, 60)
        if whole != self.minutes:
            self._step(None, N_("Time in which a side was disconnected is left out"), whole, self.minutes)
        else:
            self._step(None, N_("Connected time"), whole, whole)

    def weigh(self) -> None:
        """2: along the support hours; unserved time keeps the weight of the served time before it."""
        before, weighted = self.minutes, Fraction(0)
        overrun = 0
        last: Window | None = None
        heavy: Window | None = None
        for piece in self._hours.pieces(self._work.start, self._work.end):
            last = piece.window or last
            assert last is not None, "work begins in served hours"
            seconds = sum(max(0, min(end, piece.end) - max(start, piece.start)) for start, end in self._spans)
            weighted += seconds * last.weight
            if seconds and last.weight != 1:
                heavy = last
            if piece.window is None:
                overrun += seconds
        self.minutes = weighted / 60
        if heavy is not None:
            text = N_("An hour in extraordinary hours counts as {weight}")
            self._step(heavy.clause, text, before, self.minutes, weight=heavy.weight)
        if overrun:
            text = N_("Ran on after support hours, at the weight of the hours before: {overrun} min")
            self.steps.append(Step(self._policy.hours.clause, text, {"overrun": Fraction(overrun, 60)}))

    def on_site(self, *, from_plan: bool) -> None:
        """2, on site: at least so long, and an hour counts more when it is taken from a plan."""
        rule = self._policy.on_site
        if self._work.kind != "onsite":
            return
        least = rule.minimum_local_minutes if self._work.local else rule.minimum_elsewhere_minutes
        if self.minutes < least:
            before, self.minutes = self.minutes, Fraction(least)
            self._step(rule.clause, N_("On site: at least {least} min"), before, self.minutes, least=least)
        if from_plan and rule.factor_of_plan != 1:
            before, self.minutes = self.minutes, self.minutes * rule.factor_of_plan
            text = N_("On site: an hour counts as {factor} of the plan's")
            self._step(rule.clause, text, before, self.minutes, factor=rule.factor_of_plan)

    def add_time(self, basis: Basis) -> None:
        """3: urgent work, and the share for the report, which is of the result of step 2."""
        policy, weighted = self._policy, self.minutes
        if self._work.urgent:
            if policy.urgent is None:
                self.steps.append(Step(None, N_("Urgent: this provider adds nothing for it")))
            elif basis is Basis.PLAN:
                self.minutes += policy.urgent.minutes
                text = N_("Urgent: {added} min are added")
                self._step(policy.urgent.clause, text, weighted, self.minutes, added=policy.urgent.minutes)
            else:
                text = N_("Urgent: time is added only where a plan is used")
                self.steps.append(Step(policy.urgent.clause, text))
        if policy.report and basis in PAID:
            before, self.minutes = self.minutes, self.minutes + weighted * policy.report.percent / 100
            text = N_("{percent} % is added for the report")
            self._step(policy.report.clause, text, before, self.minutes, percent=policy.report.percent)

    def _step(self, clause: str | None, text: str, before: Fraction, after: Fraction, **values: object) -> None:
        self.steps.append(Step(clause, text, values, before, after))
