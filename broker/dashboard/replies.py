"""Figures as answers of the API and as lines of an export.  Pure."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from broker.dashboard import schemas
from broker.dashboard.repository import Count, Revenue
from broker.dashboard.service import Balance, Figures
from broker.invoices import amounts
from broker.policies.schema import Bilingual, Policy
from broker.rating import money


def dashboard(figures: Figures, top: int) -> schemas.DashboardReply:
    """With the first `top` customers, the others as one."""
    listed, others = figures.customers[:top], figures.customers[top:]
    spans = figures.period.days()
    return schemas.DashboardReply(
        first=figures.period.first,
        last=figures.period.last,
        from_utc=figures.period.start,
        to_utc=figures.period.end,
        time_zone=figures.period.zone.key,
        total=schemas.CountReply(**_count(figures.total)),
        days=tuple(
            schemas.DayReply(day=span.day, from_utc=span.start, to_utc=span.end, **_count(count))
            for span, (_, count) in zip(spans, figures.days, strict=True)
        ),
        operators=tuple(
            schemas.OperatorReply(operator_id=one.id or "", name=one.name, **_count(one.count))
            for one in figures.operators
        ),
        customers=tuple(
            schemas.CustomerReply(customer_id=one.id, name=one.name, **_count(one.count)) for one in listed
        ),
        rest=schemas.RestReply(customers=len(others), **_count(sum((one.count for one in others), Count())))
        if others
        else None,
        services=tuple(schemas.ServiceReply(service=name, **_count(count)) for name, count in figures.services),
        answers=schemas.AnswersReply(
            within=figures.answers.get("within", 0),
            missed=figures.answers.get("missed", 0),
            waiting=figures.answers.get("waiting", 0),
            none=figures.answers.get("none", 0),
        ),
        revenue=tuple(_revenue(one, figures.policy) for one in figures.revenue),
        revenue_totals=tuple(_totals(figures.revenue)),
        balances=tuple(map(_balance, figures.balances)),
    )


def rows(reply: schemas.DashboardReply) -> Iterator[schemas.FigureRow]:
    """What is seen, line by line: the totals of each figure are the sums of its lines."""
    row = schemas.FigureRow
    yield row(figure="total", of=f"{reply.first}/{reply.last}", **_counted(reply.total))
    for day in reply.days:
        yield row(figure="day", of=str(day.day), **_counted(day))
    for operator in reply.operators:
        yield row(figure="operator", of=operator.operator_id, name=operator.name, **_counted(operator))
    for customer in reply.customers:
        yield row(figure="customer", of=customer.customer_id or "", name=customer.name, **_counted(customer))
    if reply.rest is not None:
        yield row(figure="customer", of="rest", **_counted(reply.rest))
    for service in reply.services:
        yield row(figure="service", of=service.service, name=service.service, **_counted(service))
    for word, tickets in reply.answers.model_dump().items():
        yield row(figure="first_answer", of=word, tickets=tickets)
    for one in reply.revenue:
        of = "/".join(word for word in (one.basis, one.plan, one.ordered) if word)
        yield row(
            figure="revenue", of=of, works=one.works, billable_seconds=one.billable_seconds,
            from_balance_minutes=one.from_balance_minutes, charged_minutes=one.charged_minutes,
            currency=one.currency, net=one.net,
        )  # fmt: skip
    for total in reply.revenue_totals:
        yield row(figure="revenue_total", of="", works=total.works, currency=total.currency, net=total.net)
    for balance in reply.balances:
        yield row(
            figure="balance", of=balance.number, name=balance.customer, left_minutes=balance.left_minutes,
            week_minutes=balance.week_minutes, forecast=balance.what, on=balance.on,
            lapsing_minutes=balance.lapsing_minutes,
        )  # fmt: skip


def _count(count: Count) -> dict[str, int]:
    return {"sessions": count.sessions, "unconnected": count.unconnected, "connected_s": count.connected_s}


def _counted(reply: schemas.CountReply) -> dict[str, Any]:
    return {"sessions": reply.sessions, "unconnected": reply.unconnected, "connected_s": reply.connected_s}


def _revenue(one: Revenue, policy: Policy | None) -> schemas.RevenueReply:
    return schemas.RevenueReply(
        currency=one.currency, basis=one.basis, plan=one.plan, ordered=one.ordered, title=_title(one, policy),
        works=one.works, billable_seconds=one.billable_seconds, from_balance_minutes=one.from_balance_minutes,
        charged_minutes=one.charged_minutes, net=amounts.text(one.net_minor, one.currency),
    )  # fmt: skip


def _title(one: Revenue, policy: Policy | None) -> Bilingual | None:
    """As the policy in force calls it; it may not know any more what was sold once."""
    if policy is None:
        return None
    if one.plan is not None:
        return policy.plans[one.plan].title if one.plan in policy.plans else None
    services = policy.orders.services if policy.orders else {}
    return services[one.ordered].title if one.ordered in services else None


def _totals(revenue: tuple[Revenue, ...]) -> Iterator[schemas.RevenueTotal]:
    for currency in dict.fromkeys(one.currency for one in revenue):
        own = [one for one in revenue if one.currency == currency]
        net = amounts.text(sum(one.net_minor for one in own), currency)
        yield schemas.RevenueTotal(currency=currency, works=sum(one.works for one in own), net=net)


def _balance(one: Balance) -> schemas.BalanceReply:
    return schemas.BalanceReply(
        contract_id=one.contract.id, number=one.contract.number, customer_id=one.contract.customer_id,
        customer=one.customer, plan=one.contract.plan, monthly=one.monthly, left_minutes=one.left,
        used_minutes=one.used, days=one.days, week_minutes=_tenths(one.per_week), what=one.forecast.what,
        on=one.forecast.on, lapsing_minutes=one.forecast.lapsing_minutes,
    )  # fmt: skip


def _tenths(minutes: Fraction) -> str:
    return money.text(money.rounded(max(Fraction(), minutes), 1), 1)
