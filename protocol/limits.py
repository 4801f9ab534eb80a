"""Every size and time limit of the protocol, with its unit.  Nothing else in the project spells such a number."""

from typing import Final

VERSION: Final = "1"
"""The protocol version that this code speaks."""

# Sizes, in bytes
CONTROL_FRAME: Final = 64 * 1024
RECORD: Final = 65_535
"""A sealed record, tag included (Noise section 3)."""
AEAD_TAG: Final = 16
FRAME_HEADER: Final = 7
"""lane u8, number u32, length u16."""
FRAME_PAYLOAD: Final = RECORD - AEAD_TAG - FRAME_HEADER
OFFER: Final = 8 * 1024
TICKET: Final = 2 * 1024
PROBE_CHUNK: Final = 32 * 1024
PROBE_TOTAL: Final = 1_000_000
"""At most this much in each direction (pairing rule 9)."""
SHORT_TEXT: Final = 200
"""Characters of a name or title."""
LONG_TEXT: Final = 4_000
"""Characters of free text, such as a report."""
BILL_LINES: Final = 64
"""Lines of a bill's facts, and of its explanation."""
SCREEN_SIDE: Final = 16_384
"""Pixels of a desktop's width or height: what its messages can say."""
SCREEN_AREA: Final = 2 * 7680 * 4320
"""Pixels of a desktop, all its monitors together: what a console is willing to keep."""
VIDEO_PICTURE: Final = 4 * 1024 * 1024
"""A coded picture, all its pieces together."""

# Times, in seconds
HELLO: Final = 10.0
"""An unauthenticated connection is closed after this."""
CODE_SHOWN: Final = 600.0
CODE_VALID: Final = 660.0
"""A code replaced by the timer stays good for the customer who is still reading it out."""
PAIRING_RUN: Final = 15.0
CONSENT: Final = 60.0
RECEIPT_ACK: Final = 10.0
RESUME: Final = 60.0
HEARTBEAT: Final = 10.0
TICKET_LIFE: Final = 30.0
END_MESSAGE: Final = 0.2
DENIED_AFTER: Final = 0.5
"""Every denial leaves this long after its request (pairing step 7)."""
PROBE_WARM_UP: Final = 0.3
DISCONNECT_PROMISE: Final = 0.5
"""The promise to the customer: from click to last grab or injection (Q4)."""
INACTIVITY_DEFAULT: Final = 15 * 60.0

# Counts
TRIES: Final = 3
BURNS_BEFORE_WARNING: Final = 3
BURNS_PER_DAY: Final = 10
BANDWIDTH_FLOOR_KBIT: Final = 1024
"""Q10."""
