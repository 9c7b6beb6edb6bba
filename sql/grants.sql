-- Who may do what, table by table. Run at the end of every `migrate`, as the owner, in
-- its transaction: what is not listed here is taken away, so the list cannot drift.
--
--   tlsrptd_owner    owns everything; migrates, makes and drops partitions
--   tlsrptd_ingest   stores what comes in; keeps the list of domains; never changes
--                    testimony, only deletes and inserts it again (`reprocess`)
--   tlsrptd_api      reads; it takes work, and writes how a domain stands (api/fleet),
--                    which is made of what it reads. No report, no setting
--   tlsrptd_admin    what an administrator turns: domains, their settings and waivers,
--                    tokens, nodes; no report. The API takes this role for one authorised
--                    request
--   tlsrptd_grafana  reads the views that are named for it, and no table
--
-- Partitions are reached through their parent and need no grant of their own.

GRANT USAGE ON SCHEMA tlsrptd
    TO tlsrptd_ingest, tlsrptd_api, tlsrptd_admin, tlsrptd_grafana;
REVOKE ALL ON ALL TABLES IN SCHEMA tlsrptd
    FROM PUBLIC, tlsrptd_ingest, tlsrptd_api, tlsrptd_admin, tlsrptd_grafana;

GRANT SELECT, INSERT, UPDATE         ON receipt            TO tlsrptd_ingest;
GRANT SELECT, INSERT                 ON receipt_raw        TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE         ON imported_body      TO tlsrptd_ingest;
GRANT SELECT, INSERT, DELETE         ON report             TO tlsrptd_ingest;
GRANT SELECT, INSERT, DELETE         ON policy_result      TO tlsrptd_ingest;
GRANT SELECT, INSERT, DELETE         ON report_failure     TO tlsrptd_ingest;
GRANT SELECT                         ON failure_detail     TO tlsrptd_ingest;
GRANT SELECT, INSERT                 ON policy_text        TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON domain_day         TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON domain_day_failure TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON domain             TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON mx_host            TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON reporter           TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE         ON mute               TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON node               TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE         ON node_counter       TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON work               TO tlsrptd_ingest;
GRANT SELECT, INSERT, UPDATE         ON quarantine_drop    TO tlsrptd_ingest;
GRANT SELECT, INSERT                 ON observation        TO tlsrptd_ingest;
GRANT SELECT                         ON schema_version     TO tlsrptd_ingest;

GRANT SELECT                         ON receipt            TO tlsrptd_api;
GRANT SELECT                         ON receipt_raw        TO tlsrptd_api;
GRANT SELECT                         ON imported_body      TO tlsrptd_api;
GRANT SELECT                         ON report             TO tlsrptd_api;
GRANT SELECT                         ON policy_result      TO tlsrptd_api;
GRANT SELECT                         ON report_failure     TO tlsrptd_api;
GRANT SELECT                         ON failure_detail     TO tlsrptd_api;
GRANT SELECT                         ON policy_text        TO tlsrptd_api;
GRANT SELECT                         ON domain_day         TO tlsrptd_api;
GRANT SELECT                         ON domain_day_failure TO tlsrptd_api;
GRANT SELECT                         ON domain             TO tlsrptd_api;
GRANT SELECT                         ON mx_host            TO tlsrptd_api;
GRANT SELECT                         ON reporter           TO tlsrptd_api;
GRANT SELECT                         ON mute               TO tlsrptd_api;
GRANT SELECT                         ON node               TO tlsrptd_api;
GRANT SELECT                         ON node_counter       TO tlsrptd_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON work               TO tlsrptd_api;
GRANT SELECT                         ON quarantine_drop    TO tlsrptd_api;
GRANT SELECT                         ON observation        TO tlsrptd_api;
GRANT SELECT                         ON waiver             TO tlsrptd_api;
GRANT SELECT                         ON domain_setting     TO tlsrptd_api;
GRANT SELECT                         ON schema_version     TO tlsrptd_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON domain_status      TO tlsrptd_api;
GRANT SELECT, INSERT                 ON state_change       TO tlsrptd_api;
GRANT SELECT                         ON token              TO tlsrptd_api;

GRANT SELECT, INSERT, UPDATE, DELETE ON domain             TO tlsrptd_admin;
GRANT SELECT                         ON mx_host            TO tlsrptd_admin;
GRANT SELECT, INSERT, UPDATE, DELETE ON work               TO tlsrptd_admin;
GRANT SELECT, INSERT, DELETE         ON token              TO tlsrptd_admin;
-- Who accepted what, and when, is never changed; a waiver is withdrawn.
GRANT SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by) ON waiver TO tlsrptd_admin;
GRANT SELECT, INSERT                 ON domain_setting     TO tlsrptd_admin;
GRANT SELECT, DELETE                 ON node               TO tlsrptd_admin;

-- Every file of sql/views/ is part of the contract with Grafana, and is there to be read.
-- (failure_detail is not: it is for our own statements, and has addresses.)
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT viewname FROM pg_views
                WHERE schemaname = 'tlsrptd' AND viewname LIKE 'grafana\_%' LOOP
        EXECUTE format('GRANT SELECT ON %I TO tlsrptd_api, tlsrptd_grafana', name);
    END LOOP;
END $$;
