-- 0013: the failure details of a report are one row.
-- Oldest program: 13
--
-- One row per failure detail cost PostgreSQL 14 to 18 us a mail (2.5 details in three of
-- four reports; COPY), most of it the index entry: their key repeats that of the report.
-- In one row per report they cost 8, and two thirds of the disk. What reads them asks for
-- all of a report, or of a domain's days, and never for one. The view failure_detail shows
-- them as before.
--
-- The old table goes at once, and not a release later: there has been no release.
--
-- Locks: ACCESS EXCLUSIVE on failure_detail while its rows are copied, 7 to 10 s a million.
-- Down:  INSERT INTO a failure_detail as in 0001 SELECT * FROM the view of that name.

-- What the CHECKs of a table would be; a CHECK cannot look into an array.
CREATE DOMAIN session_count AS bigint
    CONSTRAINT session_count_range CHECK
        (VALUE IS NOT NULL AND VALUE BETWEEN 0 AND 1000000000000);  -- kMaxSessions
CREATE DOMAIN result_type_code AS smallint
    CONSTRAINT result_type_code_known CHECK
        (VALUE IS NOT NULL AND (VALUE BETWEEN 0 AND 11 OR VALUE = 100));
CREATE DOMAIN policy_type_code AS smallint
    CONSTRAINT policy_type_code_known CHECK (VALUE IS NOT NULL AND VALUE BETWEEN 0 AND 3);
CREATE DOMAIN said_text AS text COLLATE "C"
    CONSTRAINT said_text_not_null CHECK (VALUE IS NOT NULL);

CREATE TYPE reported_failure AS (
    failed_sessions  session_count,
    policy_ix        smallint,
    policy_type      policy_type_code,  -- of its policy result, for fleet queries
    result_type      result_type_code,
    result_type_text said_text,         -- as sent, where result_type is 0
    sending_mta_ip   inet,
    receiving_ip     inet,
    receiving_mx     said_text,         -- these four '' where not said
    helo             said_text,
    reason           said_text,
    information      said_text
);

LOCK TABLE failure_detail IN ACCESS EXCLUSIVE MODE;

CREATE TABLE report_failure (
    report_key    uuid    NOT NULL,
    day           date    NOT NULL,
    vouched       boolean NOT NULL,
    policy_domain text COLLATE "C"   NOT NULL,
    reporter      text COLLATE "C"   NOT NULL,
    details       reported_failure[] NOT NULL,  -- in the report's order

    CONSTRAINT report_failure_pk         PRIMARY KEY
        (policy_domain, day, report_key, reporter, vouched),
    CONSTRAINT report_failure_lower_case CHECK (policy_domain = lower(policy_domain)),
    CONSTRAINT report_failure_details    CHECK (cardinality(details) > 0)
) PARTITION BY RANGE (day);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        PERFORM create_distributed_table('report_failure', 'policy_domain',
                                         colocate_with => 'report');
    END IF;
END $$;

-- The months that there are; more are made as before (store/schema/partitions.h).
DO $$
DECLARE
    month record;
BEGIN
    FOR month IN
        SELECT replace(old.relname, 'failure_detail', 'report_failure') AS name,
               pg_get_expr(old.relpartbound, old.oid) AS bounds
        FROM pg_inherits JOIN pg_class AS old ON old.oid = inhrelid
        WHERE inhparent = 'failure_detail'::regclass
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF report_failure %s',
                       month.name, month.bounds);
    END LOOP;
END $$;

INSERT INTO report_failure (policy_domain, day, report_key, reporter, vouched, details)
SELECT policy_domain, day, report_key, reporter, vouched,
       array_agg(ROW (failed_sessions, policy_ix, policy_type, result_type,
                      result_type_text, sending_mta_ip, receiving_ip, receiving_mx, helo,
                      reason, information)::reported_failure
                 ORDER BY policy_ix, detail_ix)
FROM failure_detail
GROUP BY policy_domain, day, report_key, reporter, vouched;

-- Made again by sql/views, of the view that takes the table's place.
DROP VIEW IF EXISTS grafana_failure;
DROP TABLE failure_detail;

-- A row per failure detail. What is asked of the columns of the key is looked up in it.
CREATE VIEW failure_detail AS
SELECT policy_domain, day, report_key, reporter, vouched,
       detail.policy_ix,
       (detail.ordinality - 1)::integer          AS detail_ix,  -- in the report
       detail.policy_type::smallint              AS policy_type,
       detail.result_type::smallint              AS result_type,
       detail.result_type_text::text COLLATE "C" AS result_type_text,
       detail.failed_sessions::bigint            AS failed_sessions,
       detail.sending_mta_ip,
       detail.receiving_ip,
       detail.receiving_mx::text COLLATE "C"     AS receiving_mx,
       detail.helo::text COLLATE "C"             AS helo,
       detail.reason::text COLLATE "C"           AS reason,
       detail.information::text COLLATE "C"      AS information
FROM report_failure
CROSS JOIN LATERAL unnest(details) WITH ORDINALITY AS detail;
