"""The queries that measure, one for each aggregate; {t} is the table of contributions.

Each takes its questions as arrays and answers all of them at once. The numbers of sides are those
of `ports.Side`. Ties are broken by (time, source, id), compared byte by byte as Python does.
"""
# ruff: noqa: S608 - put together from constants of this module; no input is in them

_ORDER = 'c.stated {d}, f.source COLLATE "C" {d}, f.event_id COLLATE "C" {d}'

STATEMENTS = """
    SELECT c.side, c.item, c.period, c.amount, c.whole, c.counted, c.place, c.effective, c.until,
           c.stated, c.recorded, f.source, f.event_id
    FROM {t} c JOIN fact f ON f.seq = c.fact
    WHERE c.measure = ANY(CAST(:plans AS int[])) AND c.item = ANY(CAST(:keys AS text[]))
      AND c.side IN (15, 16, 17, 18)
"""

ADOPTED = """
    SELECT DISTINCT ON (c.measure, c.item) c.measure, c.item, c.fact
    FROM {t} c JOIN fact f ON f.seq = c.fact
    WHERE c.measure = ANY(CAST(:plans AS int[])) AND c.side = 3 AND c.until <= :as_of
    ORDER BY c.measure, c.item, c.place, """ + _ORDER.format(d="ASC")

# The first adoption of a year decides what an item is; later revisions only add items.
LISTED = (
    """
    WITH first AS (
        SELECT DISTINCT ON (c.measure, c.period, c.item) c.period, c.item, c.fact
        FROM {t} c JOIN fact f ON f.seq = c.fact
        WHERE c.measure = ANY(CAST(:plans AS int[])) AND c.side = 2 AND c.until <= :as_of
        ORDER BY c.measure, c.period, c.item, c.place, """
    + _ORDER.format(d="ASC")
    + """
    )
    SELECT p.measure, p.period, p.item, p.title, p.title_fr, p.effective, p.amount, p.fact
    FROM {t} p JOIN first USING (period, item, fact)
    WHERE p.measure = ANY(CAST(:measures AS int[])) AND p.side = 2
    ORDER BY p.measure, p.period, p.item
"""
)

FATES = """
    SELECT c.item, c.side, c.effective, c.amount, c.listed, c.stated, f.source, f.event_id, c.fact
    FROM {t} c JOIN fact f ON f.seq = c.fact
    WHERE c.measure = ANY(CAST(:plans AS int[])) AND c.item = ANY(CAST(:items AS text[]))
      AND c.side IN (1, 4, 5, 6)
"""

_QUESTION = """
    SELECT * FROM unnest(CAST(:no AS int[]), CAST(:measure AS int[]), CAST(:released AS int[]),
                         CAST(:start_on AS date[]), CAST(:until_on AS date[]),
                         CAST(:end_on AS date[]), CAST(:mature_on AS date[]))
        AS q(no, measure, released, start_on, until_on, end_on, mature_on)
"""

# An item counts at its earliest standing release, whichever measures that one passes.
COUNTED = (
    "WITH q AS MATERIALIZED ("
    + _QUESTION
    + """)
    SELECT q.no, c.item, c.effective, c.listed, c.recorded, c.fact
    FROM q JOIN {t} c ON c.measure = q.measure AND c.side = 1
                     AND c.effective BETWEEN q.start_on AND q.until_on
    WHERE NOT EXISTS (
        SELECT FROM {t} e
        WHERE e.measure = q.released AND e.side = 1 AND e.item = c.item
          AND (e.effective < c.effective OR (
               e.effective = c.effective AND e.fact <> c.fact AND (e.stated < c.stated OR (
               e.stated = c.stated AND
               (SELECT a.source || chr(1) || a.event_id FROM fact a WHERE a.seq = e.fact)
                   COLLATE "C" <
               (SELECT b.source || chr(1) || b.event_id FROM fact b WHERE b.seq = c.fact)))))
    )
"""
)
COUNT = (
    "SELECT no, count(*), count(*) FILTER (WHERE NOT listed), max(recorded),"
    " count(*) FILTER (WHERE effective > :recent_on) FROM (" + COUNTED + ") AS counted GROUP BY no"
)

# A pair counts in the period of its first time ever; a thing, once.
PAIRS = (
    "WITH q AS MATERIALIZED ("
    + _QUESTION
    + """), pair AS (
        SELECT measure, item, member, min(effective) AS first_on
        FROM {t} WHERE measure = ANY(CAST(:measure AS int[])) AND side = 1
        GROUP BY measure, item, member
    )
    SELECT q.no, p.item, p.member, p.first_on
    FROM q JOIN pair p ON p.measure = q.measure AND p.first_on BETWEEN q.start_on AND q.until_on
"""
)
DISTINCT = (
    "SELECT no, count(DISTINCT item),"
    " count(DISTINCT item) FILTER (WHERE first_on <= :recent_on) FROM ("
    + PAIRS
    + ") AS paired GROUP BY no"
)
FACTS = (
    "WITH q AS MATERIALIZED ("
    + _QUESTION
    + """)
    SELECT q.no, count(*), max(c.recorded)
    FROM q JOIN {t} c ON c.measure = q.measure AND c.side = 1
                     AND c.effective BETWEEN q.start_on AND q.until_on
    GROUP BY q.no
"""
)

# Open from receipt until, by topic, the first completed mission, the withdrawal, or the end of
# the year of the refusal, whichever is first; what comes later answers nothing.
REQUESTS = (
    "WITH q AS MATERIALIZED ("
    + _QUESTION
    + """), ended AS (
        SELECT measure, item, min(effective) FILTER (WHERE side = 10) AS withdrawn_on,
               min(until) FILTER (WHERE side = 9) AS refused_until
        FROM {t}
        WHERE measure = ANY(CAST(:measure AS int[])) AND side IN (9, 10) AND effective <= :as_of
        GROUP BY measure, item
    ), asked AS (
        SELECT r.measure, r.item, r.counted, r.member, r.effective AS received_on, r.recorded,
               r.fact, e.withdrawn_on, e.refused_until
        FROM {t} r LEFT JOIN ended e ON e.measure = r.measure AND e.item = r.item
        WHERE r.measure = ANY(CAST(:measure AS int[])) AND r.side = 7 AND r.effective <= :as_of
    ), answered AS (
        SELECT a.measure, a.item, a.counted, a.fact, min(m.effective) AS completed_on,
               max(m.recorded) AS recorded
        FROM asked a
        JOIN {t} m ON m.measure = a.measure AND m.item = a.item AND m.side = 8
                  AND m.counted = a.counted AND m.member = a.member
        WHERE m.effective BETWEEN a.received_on AND :as_of
          AND (a.withdrawn_on IS NULL OR m.effective <= a.withdrawn_on)
          AND (a.refused_until IS NULL OR m.effective <= a.refused_until)
        GROUP BY a.measure, a.item, a.counted, a.fact
    ), request AS (
        SELECT a.measure, a.item, a.counted, a.member, a.received_on, a.fact, n.completed_on,
               GREATEST(a.recorded, n.recorded) AS recorded,
               COALESCE(n.completed_on, a.refused_until) AS closed_on,
               CASE WHEN n.completed_on IS NULL
                     AND (a.refused_until IS NULL OR a.withdrawn_on <= a.refused_until)
                    THEN a.withdrawn_on END AS left_on
        FROM asked a LEFT JOIN answered n
          ON n.measure = a.measure AND n.item = a.item AND n.counted = a.counted
         AND n.fact = a.fact
    )
    SELECT q.no, r.item, r.counted, r.member, r.received_on, r.recorded, r.fact, r.completed_on,
           COALESCE(r.completed_on BETWEEN q.start_on AND q.until_on, false) AS served,
           r.received_on <= q.mature_on AS mature
    FROM q JOIN request r ON r.measure = q.measure
    WHERE r.received_on <= q.until_on
      AND (r.closed_on IS NULL OR r.closed_on >= q.start_on)
      AND (r.left_on IS NULL OR r.left_on > q.end_on)
"""
)
INTERVAL = (
    """
    SELECT no, count(DISTINCT member), count(DISTINCT member) FILTER (WHERE served),
           count(DISTINCT member) FILTER (WHERE served OR mature), max(recorded)
    FROM ("""
    + REQUESTS
    + ") AS open GROUP BY no"
)

# One invitation an event, the latest; withdrawn by the organizer leaves, but is no silence.
INVITATIONS = (
    "WITH q AS MATERIALIZED ("
    + _QUESTION
    + """), invited AS (
        SELECT DISTINCT ON (c.measure, c.item) c.measure, c.item, c.effective, c.listed,
               c.recorded, c.fact, c.title
        FROM {t} c JOIN fact f ON f.seq = c.fact
        WHERE c.measure = ANY(CAST(:measure AS int[])) AND c.side = 11
        ORDER BY c.measure, c.item, """
    + _ORDER.format(d="DESC")
    + """
    ), said AS (
        SELECT measure, item, bool_or(side = 12) AS attended, bool_or(side = 13) AS called_off,
               max(recorded) AS recorded
        FROM {t} WHERE measure = ANY(CAST(:measure AS int[])) AND side IN (12, 13)
        GROUP BY measure, item
    )
    SELECT q.no, i.item, i.effective, i.fact, i.title, COALESCE(s.attended, false) AS attended,
           COALESCE(s.called_off, false) AS called_off, GREATEST(i.recorded, s.recorded) AS recorded
    FROM q JOIN invited i ON i.measure = q.measure AND i.listed
                         AND i.effective BETWEEN q.start_on AND q.until_on
           LEFT JOIN said s ON s.measure = i.measure AND s.item = i.item
"""
)
ATTENDED = (
    "SELECT no, count(*), count(*) FILTER (WHERE NOT called_off),"
    " count(*) FILTER (WHERE attended AND NOT called_off), max(recorded) FROM ("
    + INVITATIONS
    + ") AS invitations GROUP BY no"
)

AMOUNTS = (
    "WITH q AS MATERIALIZED ("
    + _QUESTION
    + """), latest AS (
        SELECT DISTINCT ON (c.measure, c.item) c.measure, c.item, c.period, c.amount, c.whole,
               c.effective, c.recorded, c.fact
        FROM {t} c JOIN fact f ON f.seq = c.fact
        WHERE c.measure = ANY(CAST(:measure AS int[])) AND c.side = 14 AND c.effective <= :as_of
        ORDER BY c.measure, c.item, c.place DESC NULLS LAST, """
    + _ORDER.format(d="DESC")
    + """
    )
    SELECT q.no, l.item, l.period, l.amount, l.whole, l.effective, l.recorded, l.fact
    FROM q JOIN latest l ON l.measure = q.measure
                        AND l.effective BETWEEN q.start_on AND q.until_on
"""
)
SUM = (
    "SELECT no, period, count(*), sum(amount), sum(whole), max(recorded) FROM ("
    + AMOUNTS
    + ") AS amounts GROUP BY no, period"
)
