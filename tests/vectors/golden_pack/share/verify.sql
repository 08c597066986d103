-- Recomputes a draw from its pack in one statement of DuckDB's SQL, after the draw and before replacements:
--
--     cd share && duckdb < verify.sql
--
-- One row a check, with ok true or false. It needs nothing but the pack: sha256(), whole numbers and sorted text.
-- The log, the register and the proof of the randomness are checked by cst1_verify.py.
--
-- PostgreSQL 11 or later: load the four CSV files into tables of text and the three JSON files into one row each, and write
--     sha256(x)                             as  encode(sha256(convert_to(x, 'UTF8')), 'hex')
--     string_agg(leaf, '' ORDER BY leaf)    as  string_agg(leaf, '' ORDER BY leaf COLLATE "C")
--     ORDER BY ticket, ORDER BY stratum     as  ORDER BY ticket COLLATE "C", ORDER BY stratum COLLATE "C"
--     j ->> '$.a.b'                         as  j::json #>> '{a,b}'
--     generate_subscripts(a, 1), unnest(a)  as  unnest(a) WITH ORDINALITY; an array of json as json_array_elements_text

WITH plan AS (SELECT content AS text FROM read_text('plan.json')),
commitment AS (SELECT content AS j FROM read_text('commitment.json')),
randomness AS (SELECT content ->> '$.text' AS text FROM read_text('randomness.json')),
team AS (
    SELECT practitioner, team FROM read_csv('teams.csv', header = true, all_varchar = true, delim = ',', quote = '')
),
ledger AS (  -- the frame and the exclusions, which have the same formula
    SELECT 'frame' AS part, practitioner, stratum, "case", weight
    FROM read_csv('frame.csv', header = true, all_varchar = true, delim = ',', quote = '')
    UNION ALL
    SELECT 'exclusions', practitioner, stratum, "case", weight
    FROM read_csv('exclusions.csv', header = true, all_varchar = true, delim = ',', quote = '')
),
manifest AS (
    SELECT * FROM read_csv('manifest.csv', header = true, all_varchar = true, delim = ',', quote = '')
),

-- Digests: each row a leaf, each practitioner's stratum a group, all groups a frame.
leaves AS (
    SELECT part, practitioner, stratum,
           sha256('cst1/leaf|' || practitioner || sha256(stratum) || "case" || sha256(weight)) AS leaf
    FROM ledger
),
groups AS (
    SELECT part, count(*) AS n,
           sha256('cst1/group|' || practitioner || sha256(stratum) || count(*) || '|'
                  || string_agg(leaf, '' ORDER BY leaf)) AS digest
    FROM leaves GROUP BY part, practitioner, stratum
),
digests AS (  -- an ordered join over no rows is NULL, hence coalesce
    SELECT sha256('cst1/frame|' || coalesce(sum(n) FILTER (WHERE part = 'frame'), 0)::BIGINT || '|'
               || coalesce(string_agg(digest, '' ORDER BY digest) FILTER (WHERE part = 'frame'), '')) AS frame,
           sha256('cst1/frame|' || coalesce(sum(n) FILTER (WHERE part = 'exclusions'), 0)::BIGINT || '|'
               || coalesce(string_agg(digest, '' ORDER BY digest) FILTER (WHERE part = 'exclusions'), '')) AS exclusions
    FROM groups
),
strata_counted AS (  -- as the commitment writes it
    SELECT '{' || coalesce(string_agg('"' || stratum || '":' || n, ',' ORDER BY stratum), '') || '}' AS text
    FROM (SELECT stratum, count(*) AS n FROM ledger WHERE part = 'frame' GROUP BY stratum) AS counted
),
commits AS (
    SELECT sha256('cst1/commit|' || sha256(j ->> '$.draw_id') || digests.frame || digests.exclusions
               || sha256(plan.text) || sha256(j ->> '$.randomness_ref')) AS commit
    FROM commitment, plan, digests
),
seeds AS (SELECT sha256('cst1/seed|' || commit || sha256(randomness.text)) AS seed FROM commits, randomness),
tickets AS (
    SELECT practitioner, stratum, "case", weight, sha256('cst1/ticket|' || seed || "case") AS ticket
    FROM ledger, seeds WHERE part = 'frame'
),

-- How many each practitioner's strata give. What a stratum lacks is carried to the next, so the deficit after a stratum is
-- its running sum of (quota - size), less the lowest that this sum has been, or zero.
strata AS (
    SELECT unnest(plan.text ->> '$.order[*]') AS stratum,
           generate_subscripts(plan.text ->> '$.order[*]', 1) AS place,
           plan.text AS plan_text
    FROM plan
),
sizes AS (
    SELECT p.practitioner, s.stratum, s.place, (s.plan_text -> '$.quota' ->> s.stratum)::BIGINT AS quota,
           count(t."case") AS size
    FROM (SELECT DISTINCT practitioner FROM tickets) AS p
    CROSS JOIN strata AS s
    LEFT JOIN tickets AS t ON t.practitioner = p.practitioner AND t.stratum = s.stratum
    GROUP BY ALL
),
sums AS (
    SELECT *, sum(quota - size) OVER (PARTITION BY practitioner ORDER BY place) AS running FROM sizes
),
deficits AS (
    SELECT *, running - least(0, min(running) OVER (PARTITION BY practitioner ORDER BY place)) AS deficit FROM sums
),
wanted AS (
    SELECT practitioner, stratum,
           quota + coalesce(lag(deficit) OVER (PARTITION BY practitioner ORDER BY place), 0) AS n
    FROM deficits
),

-- Each row's group: its practitioner's stratum, or the pool of its team where the practitioner gives none of the stream's
-- stratum.
grouped AS (
    SELECT t.*, plan.text AS plan_text, coalesce(w.n, 0) AS n,
           CASE WHEN t.stratum = (plan.text ->> '$.stream.stratum') AND coalesce(w.n, 0) = 0
                THEN team.team ELSE '' END AS stream
    FROM tickets AS t
    CROSS JOIN plan
    LEFT JOIN wanted AS w ON w.practitioner = t.practitioner AND w.stratum = t.stratum
    LEFT JOIN team ON team.practitioner = t.practitioner
),
ranked AS (
    SELECT practitioner, stratum, "case", weight, ticket, stream,
           (plan_text ->> '$.reserve')::BIGINT AS reserve,
           CASE WHEN stream = '' THEN n ELSE (plan_text ->> '$.stream.n')::BIGINT END AS wanted,
           row_number() OVER same_group AS rank,
           count(*) OVER (PARTITION BY stream, CASE WHEN stream = '' THEN practitioner || stratum END) AS size
    FROM grouped
    WINDOW same_group AS (
        PARTITION BY stream, CASE WHEN stream = '' THEN practitioner || stratum END ORDER BY ticket
    )
),
expected AS (
    SELECT *, least(wanted, size)::BIGINT || '/' || size AS probability,
           CASE WHEN rank <= wanted THEN 'selected'
                WHEN wanted > 0 AND rank <= wanted + reserve THEN 'reserve'
                ELSE 'not_selected' END AS status
    FROM ranked
),
compared AS (
    SELECT count(*) AS found,
           count(*) FILTER (WHERE e."case" = m."case" AND e.ticket = m.ticket AND e.weight = m.weight) AS tickets,
           count(*) FILTER (WHERE e.rank::VARCHAR = m.rank AND e.stream = coalesce(m.stream, '')) AS ranks,
           count(*) FILTER (WHERE e.probability = m.probability) AS probabilities,
           count(*) FILTER (WHERE e.status = m.status) AS selection
    FROM expected AS e
    FULL JOIN manifest AS m
        ON m.practitioner = e.practitioner AND m.stratum = e.stratum AND m."case" = e."case"
)

SELECT "check", ok FROM (
    SELECT 1 AS place, 'frame' AS "check", digests.frame = (j ->> '$.frame')
        AND (SELECT count(*) = count(DISTINCT "case") FROM ledger WHERE part = 'frame')
        AND (SELECT count(*)::VARCHAR FROM ledger WHERE part = 'frame') = (j ->> '$.size')
        AND strata_counted.text = (j ->> '$.strata') AS ok FROM digests, commitment, strata_counted
    UNION ALL
    SELECT 2, 'exclusions', digests.exclusions = (j ->> '$.exclusions')
        AND (SELECT count(*) = count(DISTINCT "case") FROM ledger)
        AND (SELECT count(*)::VARCHAR FROM ledger WHERE part = 'exclusions') = (j ->> '$.exclusions_size')
        FROM digests, commitment
    UNION ALL
    SELECT 3, 'commit', commits.commit = (j ->> '$.commit') AND (plan.text ->> '$.period') = (j ->> '$.period')
        AND (plan.text ->> '$.as_of') = (j ->> '$.as_of')
        AND (plan.text ->> '$.randomness_ref') = (j ->> '$.randomness_ref') FROM commits, commitment, plan
    UNION ALL
    SELECT 4, 'tickets', tickets = found AND found = (SELECT count(*) FROM expected) FROM compared
    UNION ALL
    SELECT 5, 'ranks', ranks = found FROM compared
    UNION ALL
    SELECT 6, 'probabilities', probabilities = found FROM compared
    UNION ALL
    SELECT 7, 'selection', selection = found FROM compared
) AS checks
ORDER BY place;
