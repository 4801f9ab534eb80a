"""Pictures into sealed messages: one encoder per method behind `base.Encoder`."""
