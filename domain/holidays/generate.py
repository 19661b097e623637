#!/usr/bin/env python3
"""Writes the holiday data of one version from the package `holidays` (see requirements.txt).

    pip install -r requirements.txt
    python3 generate.py            # writes VERSION.txt
    python3 generate.py --check    # fails when VERSION.txt is not what would be written

The output depends on this file and the pinned package only, so a difference is a change of one of
them. For a new version: change the pin or the tables, raise VERSION here and the name of the file
in domain/build.rs, `git mv` the old file to the new name, run, and read the difference.

What counts as a holiday: the days of the category "public", days off in lieu of a holiday on a
weekend included. Days that fall on a weekend are kept, because not every office rests on Saturday
and Sunday. Bank-only, school, religious, optional and half days are left out: offices are open.
"""

import difflib
import re
import sys
import warnings
from pathlib import Path

import holidays

VERSION = "2026.2"
YEARS = range(2024, 2037)

# ISO 3166-1 codes and English names. Left out: countries for which the package has no data in
# most of these years (Sri Lanka, Nepal) or that suspended their holidays (Ukraine).
COUNTRIES = {
    "AD": "Andorra", "AE": "United Arab Emirates", "AL": "Albania", "AM": "Armenia",
    "AR": "Argentina", "AT": "Austria", "AU": "Australia", "AZ": "Azerbaijan",
    "BA": "Bosnia and Herzegovina", "BB": "Barbados", "BD": "Bangladesh", "BE": "Belgium",
    "BG": "Bulgaria", "BH": "Bahrain", "BO": "Bolivia", "BR": "Brazil", "BS": "Bahamas",
    "BW": "Botswana", "CA": "Canada", "CH": "Switzerland", "CI": "Ivory Coast", "CL": "Chile",
    "CN": "China", "CO": "Colombia", "CR": "Costa Rica", "CY": "Cyprus", "CZ": "Czechia",
    "DE": "Germany", "DK": "Denmark", "DO": "Dominican Republic", "DZ": "Algeria",
    "EC": "Ecuador", "EE": "Estonia", "EG": "Egypt", "ES": "Spain", "ET": "Ethiopia",
    "FI": "Finland", "FJ": "Fiji", "FR": "France", "GB": "United Kingdom", "GE": "Georgia",
    "GG": "Guernsey", "GH": "Ghana", "GI": "Gibraltar", "GR": "Greece", "GT": "Guatemala",
    "HK": "Hong Kong", "HN": "Honduras", "HR": "Croatia", "HU": "Hungary", "ID": "Indonesia",
    "IE": "Ireland", "IL": "Israel", "IM": "Isle of Man", "IN": "India", "IQ": "Iraq",
    "IS": "Iceland", "IT": "Italy", "JE": "Jersey", "JM": "Jamaica", "JO": "Jordan",
    "JP": "Japan", "KE": "Kenya", "KH": "Cambodia", "KR": "South Korea", "KW": "Kuwait",
    "KZ": "Kazakhstan", "LB": "Lebanon", "LI": "Liechtenstein", "LT": "Lithuania",
    "LU": "Luxembourg", "LV": "Latvia", "MA": "Morocco", "MC": "Monaco", "MD": "Moldova",
    "ME": "Montenegro", "MK": "North Macedonia", "MN": "Mongolia", "MO": "Macao", "MT": "Malta",
    "MU": "Mauritius", "MX": "Mexico", "MY": "Malaysia", "NA": "Namibia", "NG": "Nigeria",
    "NI": "Nicaragua", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "OM": "Oman",
    "PA": "Panama", "PE": "Peru", "PG": "Papua New Guinea", "PH": "Philippines",
    "PK": "Pakistan", "PL": "Poland", "PT": "Portugal", "PY": "Paraguay", "QA": "Qatar",
    "RO": "Romania", "RS": "Serbia", "RW": "Rwanda", "SA": "Saudi Arabia", "SE": "Sweden",
    "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia", "SM": "San Marino", "SN": "Senegal",
    "SV": "El Salvador", "TH": "Thailand", "TN": "Tunisia", "TR": "Turkey",
    "TT": "Trinidad and Tobago", "TW": "Taiwan", "TZ": "Tanzania", "UG": "Uganda",
    "US": "United States", "UY": "Uruguay", "UZ": "Uzbekistan", "VN": "Vietnam", "XK": "Kosovo",
    "ZA": "South Africa", "ZM": "Zambia",
}

# Countries whose subdivisions (ISO 3166-2) have calendars of their own.
SUBDIVIDED = {
    "AD", "AR", "AT", "AU", "BA", "BO", "BR", "CA", "CH", "CL", "DE", "ES", "FI", "FR", "GB",
    "IN", "IT", "MY", "NZ", "PT", "US",
}

# The last year with every day, where it is not the last of YEARS: the package knows the dates of
# Diwali and other Hindu holidays of these calendars no further.
LAST_YEAR = {"FJ": 2035, "IN": 2035, "MU": 2035, "US-CA": 2035}

# Ids that are not in ISO 3166-2 and stay valid because records name them.
ALSO = {"US-FED": ("US", "federal")}

HEADER = f"""\
# Business calendars: the public holidays on which offices close.
# Written by generate.py from the PyPI package holidays {holidays.__version__} (MIT); not edited.
#
# calendar <id> <first year>-<last year> <name>
# <year> <days as mmdd>
#
# A calendar CC-SUB begins with the days of CC; +mmdd adds a day, -mmdd takes one away. Dates that
# follow the moon or a later decree are estimates of the package.

version {VERSION}
"""


def days_of(country, subdivision, year):
    """The public holidays of one year, as mmdd. A year beyond the package's data is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = holidays.country_holidays(country, subdiv=subdivision, years=year)
    days = {day for day in found if day.year == year}
    if not days:
        raise SystemExit(f"{country}-{subdivision} has no holidays in {year}")
    return {day.strftime("%m%d") for day in days}


def calendar(id, country, subdivision, name):
    """The lines of one calendar: all days of a country, of a subdivision what differs."""
    last = LAST_YEAR.get(id, LAST_YEAR.get(country, YEARS[-1]))
    yield f"\ncalendar {id} {YEARS[0]}-{last} {name}"
    for year in range(YEARS[0], last + 1):
        days = days_of(country, subdivision, year)
        if id != country:
            nation = days_of(country, None, year)
            days = {f"+{day}" for day in days - nation} | {f"-{day}" for day in nation - days}
        if days:
            yield " ".join([str(year), *sorted(days, key=lambda day: (day[-4:], day))])


def name_of(subdivision, aliases):
    """The first name that the package has for a subdivision and that is not another code."""
    names = (name for name, code in aliases.items() if code == subdivision)
    return next(name for name in names if not re.fullmatch(r"[A-Z]{1,4}", name))


def calendars():
    """Every calendar as (id, country, subdivision, name), in ascending order of the id."""
    found = [("NONE", None, None, "Weekends only")]
    found += [(id, country, None, name) for id, (country, name) in ALSO.items()]
    for country, name in COUNTRIES.items():
        found.append((country, country, None, name))
        if country in SUBDIVIDED:
            source = getattr(holidays, country)
            for code in source.subdivisions:
                if re.fullmatch(r"[A-Z0-9]{1,3}", code):
                    alias = name_of(code, source.subdivisions_aliases)
                    found.append((f"{country}-{code}", country, code, alias))
    return sorted(found)


def text():
    """The whole data file."""
    lines = [HEADER.rstrip("\n")]
    for id, country, subdivision, name in calendars():
        if country is None:
            lines.append(f"\ncalendar {id} {YEARS[0]}-{YEARS[-1]} {name}")
        else:
            lines.extend(calendar(id, country, subdivision, name))
    return "\n".join(lines) + "\n"


def main():
    path = Path(__file__).parent / f"{VERSION}.txt"
    made = text()
    if sys.argv[1:] == ["--check"]:
        kept = path.read_text(encoding="utf-8")
        difference = difflib.unified_diff(
            kept.splitlines(True), made.splitlines(True), "checked in", "generated"
        )
        sys.stdout.writelines(difference)
        sys.exit(kept != made)
    path.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
