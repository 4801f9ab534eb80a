"""What may go wrong with customers."""

from broker.errors import Conflict
from broker.i18n import N_


class SeveralCustomers(Conflict):
    """A reference that is not one customer's alone: nobody is guessed at."""

    word = "several_customers"
    text = N_("Several customers are known by that. Ask for the contract number or the licence key.")


class CustomerErased(Conflict):
    """The customer's data were erased: only an id is left, and nothing new is written to it (E15)."""

    word = "customer_erased"
    text = N_("This customer's data have been erased. Make a new customer.")
