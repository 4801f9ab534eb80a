"""`make bench`: the figures that README states, measured on the whole product on this computer."""
