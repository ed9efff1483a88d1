"""A made-up table with the dirt of real ones, and beside each line what becomes of it.

The columns are those of Charlottesville's table; people, streets and charges are invented. Dirt seen in that table:
several charges an arrest, rows of one arrest that spell its street differently or leave it out, the same charge twice
under two numbers, codes for race that are file extensions, blank charges and streets, missing numbers in the sequence.
The rest is what spreadsheets and joined exports do to tables everywhere.
"""

from __future__ import annotations

HEADER = (
    b"charge_row,arrest_group,person_id,arrest_datetime_utc_as_published,arrest_datetime_local,"
    b"statute,statute_description,street,race,sex"
)


def _row(number: str, arrest: str, at: str = "2017-08-12T11:51:00-0400", rest: str = "") -> bytes:
    return f"{number},{arrest},7,,{at},{rest or '18.2-407,Unlawful assembly,W MARKET ST,White,Male'}".encode()


LINES: tuple[tuple[bytes, str], ...] = (
    (_row("1", "1"), "taken"),
    (_row("2", "1", rest='18.2-57(A),"Assault, simple",W MARKT ST,White,Male'), "taken"),  # the street otherwise spelt
    (_row("4", "1", rest='18.2-57(A),"Assault, simple",,White,Male'), "taken"),  # the same charge again, and no street
    (_row("5", "2", rest=",,,nwt,doc"), "taken"),  # neither statute nor street
    (_row("6", "3", rest="18.2-250,Drugs: Possess,E HGH ST,jpg,"), "taken"),
    (b'7,4,7,,2017-08-12T12:00:00-0400,18.2-119,"Trespass\nafter notice",5TH ST NW,Black,Female', "taken"),  # over two lines
    (b"", "blank"),
    (HEADER, "header again"),  # two files put together
    (_row("1", "1"), "repeated"),
    (_row("2", "1", rest="18.2-95,Larceny,W MARKET ST,White,Male"), "conflict"),
    (_row("", "5"), "unreadable"),  # no number
    (_row("8", ""), "unreadable"),  # of no arrest
    (_row("1.01E+05", "6"), "unreadable"),  # what a spreadsheet leaves of a long number
    (_row("9", "7", "42959.49375"), "unreadable"),  # a date as a spreadsheet counts it
    (_row("10", "8", "12/08/2017 noon"), "unreadable"),
    (_row("11", "9", "0217-08-12T11:51:00-0400"), "unreadable"),
    (_row("12", "10", "2117-08-12T11:51:00-0400"), "unreadable"),  # has not happened
    (_row("13", "11", ""), "unreadable"),
    (_row("14", "12", "2017-11-05T01:30:00"), "taken"),  # an hour that came twice
    (_row("15", "13", "2017-03-12T02:30:00"), "taken"),  # an hour that never came
    (_row("16", "14", "2014-01-01T00:00:00-0500"), "taken"),  # earlier than the rows above it
    (_row("17", "15", rest="18.2-407,Unlawful assembly,W MARKET ST"), "unreadable"),  # cells are missing
    (_row("18", "16", rest="18.2-407,Unlawful, assembly,W MARKET ST,White,Male"), "unreadable"),  # a comma unquoted
    (b"19,17,7,,2017-08-12T12:00:00-0400,18.2-119,Trespass,CAF\xc9 ALLEY,White,Male", "unreadable"),  # Windows' own bytes
    (b"20,18,7,,2017-08-12T12:00:00-0400,18.2-119,Tres\0pass,E HIGH ST,White,Male", "unreadable"),
    (_row("21", "19", rest='18.2-119,"Trespass,E HIGH ST,White,Male'), "unreadable"),  # a quote that never closes
    (_row("22", "20", rest="18.2-119,Tres\x1b[31mpass,E HIGH ST,White,Male"), "unreadable"),
    (_row("23", "21", rest=f"18.2-119,Trespass,{'E' * 16_001},White,Male"), "unreadable"),
    (_row("24", "22", rest="18.2-119,Trespass,=HYPERLINK(\"x\"),Żółć,'"), "taken"),  # text is text
    (_row("0025", "0023"), "taken"),
    (_row("25", "23"), "taken"),  # perhaps the same with its zeros lost: nobody can tell, so nothing is joined
    (b" 26 , 24 ,7,, 2017-08-12T11:51:00-0400 , 18.2-407 ,Unlawful assembly , W MARKET ST,White,Male", "taken"),
    (_row("a b/c", "x y"), "taken"),  # no fit ids: derived ones
    (b"Total,26", "unreadable"),
)  # fmt: skip

TAKEN = sum(1 for _, outcome in LINES if outcome == "taken")
ARRESTS = 12


def table() -> bytes:
    """The file: a byte order mark, lines that end as Windows ends them, no end of line after the last."""
    return b"\xef\xbb\xbf" + b"\r\n".join((HEADER, *(line for line, _ in LINES)))


def expected() -> dict[str, list[int]]:
    """Outcome → the lines on which such rows begin. A quoted line break counts as a line of the file."""
    found: dict[str, list[int]] = {}
    number = 2
    for line, outcome in LINES:
        found.setdefault(outcome, []).append(number)
        number += 1 + line.count(b"\n")
    return found
