"""What may go wrong with orders."""

from http import HTTPStatus

from broker.errors import Conflict, Refused, Unacceptable
from broker.i18n import N_


class NoSuchService(Unacceptable):
    """The policy in force sells nothing of that name (T6)."""

    word = "no_such_service"
    text = N_("There is no such service to order.")


class NotInRegion(Unacceptable):
    """The service is for customers of one region only (T7)."""

    word = "not_in_region"
    text = N_("This service is only for customers in {region} ({clause}).")


class NothingToDeliver(Conflict):
    """The service is done when it was carried out: no days for a report follow (E18)."""

    word = "nothing_to_deliver"
    text = N_("This service is done when it was carried out: nothing is delivered and tried.")


class OutsideHours(Unacceptable):
    """Work is agreed for support hours only (T3)."""

    word = "outside_hours"
    text = N_("That time is in the past or outside support hours.")


class PriceUnclear(Unacceptable):
    """A price that the policy fixes was given, or one that it leaves to a quote was not."""

    word = "price_unclear"
    text = N_("Give a net price for a service that is quoted, and none for any other.")


class NoSuchAmount(Unacceptable):
    """An amount in another currency, finer than its minor unit, or of nothing."""

    word = "no_such_amount"
    text = N_("The amount must be above zero, in {currency} and no finer than its smallest coin.")


class ReferenceTaken(Conflict):
    """The payer's reference was already counted for something else."""

    word = "reference_taken"
    text = N_("A payment with this reference was already taken, for another order or of another amount.")


class SignatureRefused(Refused):
    """A webhook that the organisation's secret has not signed just now; never says what was wrong."""

    status = HTTPStatus.UNAUTHORIZED
    close_code = 4401
    word = "signature_refused"
    text = N_("The signature does not hold, or it is too old.")
