"""The rating engine: (policy, contract and balance, work) → charges, each with its explanation.

Pure and exact: rationals until a charge is rounded, then decimals (clauses.md, “How rating reads them”; the numbers
in the comments are its steps).  `charge_work` and `charge_event` rate one thing from a customer's standing and give
the standing after it; `rate` folds a whole case in order of start.  What one provider does differently stands in its
policy; must never name a provider.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from broker.i18n import N_
from broker.policies.hours import SupportHours
from broker.policies.schema import Policy
from broker.rating import basis as bases
from broker.rating.basis import Ground
from broker.rating.counting import Counting
from broker.rating.errors import CaseRefused, NotServed, OutOfHours
from broker.rating.explanation import Step
from broker.rating.model import Basis, Bill, Case, Charge, Contract, Event, Standing, Work, monday
from broker.rating.money import rounded


class Engine:
    """Rates by one version of one policy; keeps its calendar."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.hours = SupportHours.of(policy)

    def rate(self, case: Case) -> Bill:
        """Every charge of a case.  Raises `CaseRefused` for an unknown plan, `NotServed` for what is not served."""
        contract = case.contract
        if contract is not None and contract.plan not in self.policy.plans:
            known = ", ".join(self.policy.plans) or "none"
            raise CaseRefused("contract.plan", f"“{contract.plan}” is no plan of {self.policy.name} (known: {known})")
        standing = Standing(contract.balance_minutes if contract else None)
        charges: dict[tuple[int, int], Charge] = {}
        order = [(work.start, 0, at) for at, work in enumerate(case.work)]
        order += [(event.at, 1, at) for at, event in enumerate(case.events)]
        for _, is_event, at in sorted(order):
            if is_event:
                charge, standing = self.charge_event(contract, standing, case.events[at], at)
            else:
                charge, standing = self.charge_work(contract, standing, case.work[at], at)
            charges[is_event, at] = charge
        return self._bill(
            tuple(charges[0, at] for at in range(len(case.work))),
            tuple(charges[1, at] for at in range(len(case.events))),
            standing.balance_minutes,
        )

    def charge_work(
        self, contract: Contract | None, standing: Standing, work: Work, index: int = 0
    ) -> tuple[Charge, Standing]:
        """The charge of one work, and where the customer stands after it.  Raises `NotServed`."""
        counting = Counting(self.policy, self.hours, work)
        if not counting.billable_seconds:
            nothing = Step(None, N_("Both sides were never connected: nothing to charge"))
            return self._free(Basis.FREE, 0, Fraction(0), (*counting.steps, nothing)), standing
        day = self.hours.local(work.start).date()
        ground = bases.find(self.policy, contract, standing, work, day, counting.billable_seconds, index)
        if self.hours.window_at(work.start) is None:
            raise self._closed(work.start, index)
        counting.weigh()
        counting.on_site(from_plan=ground.basis is Basis.PLAN)
        counting.add_time(ground.basis)
        steps = (*ground.steps, *counting.steps)
        counted, seconds = counting.minutes, counting.billable_seconds
        match ground.basis:
            case Basis.FREE | Basis.COVERED:
                return self._free(ground.basis, seconds, counted, steps), standing
            case Basis.ALLOWANCE:
                week = monday(day)
                used = {**standing.free_used, week: standing.free_used.get(week, 0) + 1}
                return self._free(ground.basis, seconds, counted, steps), replace(standing, free_used=used)
            case Basis.ORDER:
                return self._ordered(work, standing, ground, seconds, counted, steps)
            case Basis.TARIFF:
                tariff = self.policy.tariff_on(day)
                minutes, step = _steps_up(counted, tariff.minimum_minutes, tariff.increment_minutes, tariff.clause)
                net, priced = self._priced(minutes, tariff.hourly, tariff.clause)
                steps = (*steps, *step, priced)
                return Charge(ground.basis, seconds, counted, minutes, 0, minutes, net, steps), standing
            case Basis.PLAN:
                assert contract is not None
                plan = self.policy.plans[contract.plan]
                clause = plan.counting_clause or plan.clause
                minutes, step = _steps_up(counted, plan.minimum_minutes, plan.increment_minutes, clause)
                return self._from_balance(contract, standing, day, seconds, counted, minutes, (*steps, *step))

    def charge_event(
        self, contract: Contract | None, standing: Standing, event: Event, index: int = 0
    ) -> tuple[Charge, Standing]:
        """The charge of a missed or late cancelled appointment (I11, I12).  Raises `NotServed`."""
        rules = self.policy.appointments
        rule = (rules.no_show if event.kind == "no_show" else rules.late_cancel) if rules else None
        if rule is None:
            nothing = Step(None, N_("This provider charges nothing for missed or late cancelled appointments"))
            return self._free(Basis.FREE, 0, Fraction(0), (nothing,)), standing
        day = self.hours.local(event.at).date()
        if contract is None or bases.why_not_in_force(contract, standing, day):
            text = N_("There is no contract in force from which the missed appointment could be taken")
            raise NotServed("event", index, rule.clause, text)
        minutes = Fraction(rule.minutes)
        what = N_("The customer was not there") if event.kind == "no_show" else N_("Cancelled too late")
        first = Step(rule.clause, what, before=Fraction(0), after=minutes)
        if standing.balance_minutes is None:
            covered = Step(None, N_("Covered by the contract: nothing is taken or charged"))
            return self._free(Basis.COVERED, 0, minutes, (first, covered)), standing
        return self._from_balance(contract, standing, day, 0, minutes, rule.minutes, (first,))

    def _from_balance(
        self,
        contract: Contract,
        standing: Standing,
        day: date,
        seconds: int,
        counted: Fraction,
        minutes: int,
        steps: tuple[Step, ...],
    ) -> tuple[Charge, Standing]:
        """5: taken from the balance; what it lacks is charged by the minute, with no second minimum or increment."""
        balance = standing.balance_minutes or 0
        taken = min(balance, minutes)
        excess = minutes - taken
        plan = self.policy.plans[contract.plan]
        steps += (
            Step(
                plan.clause,
                N_("Taken from the balance: {taken} min"),
                {"taken": taken},
                Fraction(balance),
                Fraction(balance - taken),
            ),
        )
        net = rounded(Fraction(0), self.policy.minor_digits)
        if excess and self.policy.tariffs:
            tariff, hourly = self.policy.tariff_on(day), contract.excess_hourly
            text = N_("Past the balance: {excess} min, charged by the minute")
            steps += (Step(tariff.clause, text, {"excess": excess}),)
            net, priced = self._priced(excess, tariff.hourly if hourly is None else hourly, tariff.clause)
            steps += (priced,)
        charge = Charge(Basis.PLAN, seconds, counted, minutes, taken, excess, net, steps)
        return charge, replace(standing, balance_minutes=balance - taken)

    def _ordered(
        self, work: Work, standing: Standing, ground: Ground, seconds: int, counted: Fraction, steps: tuple[Step, ...]
    ) -> tuple[Charge, Standing]:
        """6: the order's price on its first work, nothing on later ones; it does not depend on time."""
        assert ground.service is not None
        assert work.service is not None
        price = ground.service.price
        digits = self.policy.minor_digits
        title = {"title": ground.service.title}
        if work.service in standing.orders:
            done = Step(ground.service.clause, N_("The order for “{title}” is charged already"), title)
            return self._free(Basis.ORDER, seconds, counted, (*steps, done)), standing
        net = rounded(Fraction(price.net) if price else Fraction(0), digits)
        fixed = Step(
            ground.service.clause,
            N_("Fixed price of “{title}”, whatever time it takes"),
            title,
            rounded(Fraction(0), digits),
            net,
            self.policy.currency,
        )
        charge = Charge(Basis.ORDER, seconds, counted, -(-counted // 1), 0, 0, net, (*steps, fixed))
        return charge, replace(standing, orders=standing.orders | {work.service})

    def _free(self, basis: Basis, seconds: int, counted: Fraction, steps: tuple[Step, ...]) -> Charge:
        """4: whole minutes up, nothing taken, nothing charged."""
        nothing = rounded(Fraction(0), self.policy.minor_digits)
        return Charge(basis, seconds, counted, -(-counted // 1), 0, 0, nothing, steps)

    def _priced(self, minutes: int, hourly: Decimal, clause: str | None) -> tuple[Decimal, Step]:
        """7: minutes at an hourly price, rounded once."""
        digits, currency = self.policy.minor_digits, self.policy.currency
        net = rounded(Fraction(minutes) * Fraction(hourly) / 60, digits)
        values = {"minutes": minutes, "hourly": str(hourly), "currency": currency}
        text = N_("{minutes} min at {hourly} {currency} an hour")
        return net, Step(clause, text, values, rounded(Fraction(0), digits), net, currency)

    def _bill(self, work: tuple[Charge, ...], events: tuple[Charge, ...], balance: int | None) -> Bill:
        digits = self.policy.minor_digits
        net = sum((charge.net for charge in (*work, *events)), rounded(Fraction(0), digits))
        tax = tax_of(self.policy, net)
        return Bill(self.policy.currency, work, events, balance, net, tax, net + tax)

    def _closed(self, instant: int, index: int) -> OutOfHours:
        opening = self.hours.next_opening(instant)
        clause = self.policy.hours.clause or "-"
        begun = f"{self.hours.local(instant):%Y-%m-%d %H:%M}"
        if opening is None:
            return OutOfHours("work", index, clause, N_("It begins out of support hours, at {begun}"), begun=begun)
        text = N_("It begins out of support hours, at {begun}; they begin again at {opening} ({zone})")
        again = f"{self.hours.local(opening):%Y-%m-%d %H:%M}"
        return OutOfHours("work", index, clause, text, begun=begun, opening=again, zone=self.policy.time_zone)


def tax_of(policy: Policy, net: Decimal) -> Decimal:
    """The tax on a sum of net prices, rounded once (rating 7)."""
    return rounded(Fraction(net) * policy.tax.percent / 100, policy.minor_digits)


def _steps_up(counted: Fraction, minimum: int, increment: int, clause: str | None) -> tuple[int, tuple[Step, ...]]:
    """4: the minimum, then up to the increment."""
    steps: tuple[Step, ...] = ()
    least = max(counted, Fraction(minimum))
    if least != counted:
        steps += (Step(clause, N_("At least {minimum} min"), {"minimum": minimum}, counted, least),)
    minutes = -(-least // increment) * increment
    if minutes != least:
        text = N_("A started fraction of {increment} min counts whole")
        steps += (Step(clause, text, {"increment": increment}, least, Fraction(minutes)),)
    return minutes, steps
