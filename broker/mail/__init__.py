"""Letters to customers: written together with what causes them, kept until a mail server has taken them."""
