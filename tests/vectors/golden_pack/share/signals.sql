WITH open_case AS (
  SELECT c.case_id AS case_id, c.opened AS opened, c.team_id AS team_id, c.sex AS sex, c.age_band AS age_band, c.ethnicity AS ethnicity,
         CASE WHEN c.died_on <= CAST('2026-10-31' AS DATE) THEN 1 ELSE 0 END AS died
  FROM cases AS c
  WHERE c.opened <= CAST('2026-10-31' AS DATE) AND (c.closed IS NULL OR c.closed > CAST('2026-10-31' AS DATE))
),
holding AS (
  SELECT a.case_id AS case_id, a.practitioner_id AS practitioner_id, a.started AS started
  FROM allocations AS a
  WHERE a.started <= CAST('2026-10-31' AS DATE) AND (a.ended IS NULL OR a.ended >= CAST('2026-10-31' AS DATE)) AND a.role IN ('care_coordinator', 'key_worker', 'allocated_worker', 'lead_professional')
),
latest AS (
  SELECT h.case_id AS case_id, MAX(h.started) AS started FROM holding AS h GROUP BY h.case_id
),
held AS (
  SELECT h.case_id AS case_id, MIN(h.practitioner_id) AS practitioner_id,
         CASE WHEN MIN(h.practitioner_id) = MAX(h.practitioner_id) THEN 1 ELSE 2 END AS holders  -- 2: two or more
  FROM holding AS h JOIN latest AS l ON l.case_id = h.case_id AND l.started = h.started
  GROUP BY h.case_id
),
leaver AS (
  SELECT DISTINCT p.practitioner_id AS practitioner_id FROM practitioners AS p WHERE p.left_on < CAST('2026-10-31' AS DATE)
),
fresh AS (
  SELECT p.case_id AS case_id, s.position AS position
  FROM plans AS p JOIN signal AS s ON s.kind = p.kind
  WHERE s.basis = 'plan_stale' AND (p.ended IS NULL OR p.ended > s.to_date)
    AND ((p.created > s.from_date AND p.created <= s.to_date)
      OR (p.updated > s.from_date AND p.updated <= s.to_date))
),
hit AS (
  SELECT e.case_id AS case_id, s.position AS position, s.minimum AS minimum, s.major AS major,
         s.place0 AS place0, s.place1 AS place1, COUNT(*) AS n
  FROM events AS e
  JOIN signal AS s ON s.kind = e.kind AND e.happened_on > s.from_date AND e.happened_on <= s.to_date
  WHERE s.basis = 'event' AND e.happened_on > CAST('2026-05-04' AS DATE) AND e.happened_on <= CAST('2026-10-31' AS DATE)
  GROUP BY e.case_id, s.position, s.minimum, s.major, s.place0, s.place1
  UNION ALL
  SELECT a.case_id, s.position, s.minimum, s.major, s.place0, s.place1, COUNT(DISTINCT a.practitioner_id)
  FROM allocations AS a
  JOIN signal AS s ON a.started > s.from_date AND a.started <= s.to_date
  WHERE s.basis = 'practitioner_change' AND a.role IN ('care_coordinator', 'key_worker', 'allocated_worker', 'lead_professional')
    AND EXISTS (SELECT 1 FROM allocations AS b
                WHERE b.case_id = a.case_id AND b.started < a.started
                  AND b.practitioner_id <> a.practitioner_id AND b.role IN ('care_coordinator', 'key_worker', 'allocated_worker', 'lead_professional'))
  GROUP BY a.case_id, s.position, s.minimum, s.major, s.place0, s.place1
  UNION ALL
  SELECT o.case_id, s.position, s.minimum, s.major, s.place0, s.place1, 1
  FROM open_case AS o CROSS JOIN signal AS s
  WHERE s.basis = 'plan_stale'
    AND o.opened <= s.opened_by
    AND NOT EXISTS (SELECT 1 FROM fresh AS f WHERE f.case_id = o.case_id AND f.position = s.position)
  UNION ALL
  SELECT p.case_id, s.position, s.minimum, s.major, s.place0, s.place1, COUNT(*)
  FROM plans AS p JOIN signal AS s ON s.kind = p.kind
  WHERE s.basis = 'review_overdue' AND p.review_due < s.to_date AND (p.ended IS NULL OR p.ended > s.to_date)
  GROUP BY p.case_id, s.position, s.minimum, s.major, s.place0, s.place1
),
counted AS (
  SELECT h.case_id AS case_id, h.major AS major, h.place0 AS place0, h.place1 AS place1,
         CASE WHEN h.n > 15 THEN 15 ELSE h.n END AS n
  FROM hit AS h WHERE h.n >= h.minimum
),
signalled AS (
  SELECT c.case_id AS case_id, COUNT(*) AS signals, CAST(SUM(c.major) AS BIGINT) AS majors,
         CAST(SUM(c.n * c.place0) AS BIGINT) AS word0, CAST(SUM(c.n * c.place1) AS BIGINT) AS word1
  FROM counted AS c GROUP BY c.case_id
)
SELECT o.case_id AS case_id,
       CASE WHEN d.holders = 1 THEN d.practitioner_id END AS practitioner_id,
       CAST(COALESCE(d.holders, 0) AS INTEGER) AS holders,
       CASE WHEN v.practitioner_id IS NULL THEN 0 ELSE 1 END AS practitioner_left,
       o.died AS died, o.team_id AS team_id, o.sex AS sex, o.age_band AS age_band, o.ethnicity AS ethnicity,
       CAST(COALESCE(g.signals, 0) AS INTEGER) AS signals, CAST(COALESCE(g.majors, 0) AS INTEGER) AS majors,
       CAST(COALESCE(g.word0, 0) AS BIGINT) AS word0, CAST(COALESCE(g.word1, 0) AS BIGINT) AS word1
FROM open_case AS o
LEFT JOIN held AS d ON d.case_id = o.case_id
LEFT JOIN leaver AS v ON v.practitioner_id = d.practitioner_id
LEFT JOIN signalled AS g ON g.case_id = o.case_id
